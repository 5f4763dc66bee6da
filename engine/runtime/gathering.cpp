#include "engine/runtime/gathering.h"

#include "workflows/core/sha256.h"
#include "workflows/program/cloud_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// Types that are named one by one, where people read them.
constexpr std::size_t k_named = 4;

std::string describe(const Program& program, const EventSet& set) {
  std::string text = std::string(name_of(set.quantity)) + (set.quantity == Quantity::one ? " " : " of ");
  for (std::size_t i = 0; i < set.filters.size(); ++i) {
    if (i > 0) text += ", ";
    if (i == k_named) return text + fmt::format("{} more", set.filters.size() - i);
    const EventFilter& filter = program.filter(set.filters[i]);
    text += !filter.type.empty() ? filter.type : filter.attributes.empty() ? "any event" : "events of any type";
  }
  return text;
}

template <class Do>
void each_filter(const EventStrategy& strategy, Do&& what) {
  for (const FilterId id : strategy.events.filters) what(id);
  if (!strategy.until_events) return;
  for (const FilterId id : strategy.until_events->filters) what(id);
}

Correlated hashed(const Expectations& values) {
  Correlated hashes;
  for (const auto& [name, value] : values) hashes.emplace(name, sha256(key_of_values({value})).hex());
  return hashes;
}

/// Whether they differ in nothing that both have.
bool agree(const Correlated& a, const Correlated& b) {
  return std::ranges::all_of(a, [&](const auto& one) {
    const auto other = b.find(one.first);
    return other == b.end() || other->second == one.second;
  });
}

}  // namespace

std::string describe_events(const Program& program) {
  const EventStrategy& strategy = program.on->to;
  std::string text = describe(program, strategy.events);
  if (strategy.until) text += " until " + program.sources[index_of(*strategy.until)].text;
  if (strategy.until_events) text += " until " + describe(program, *strategy.until_events);
  return text;
}

Gathering::Gathering(std::shared_ptr<const Machine> machine, const Value& metadata) : machine_(std::move(machine)) {
  nothing_.metadata = metadata;
  std::optional<std::set<std::string>> shared;
  each_filter(strategy(), [&](FilterId id) {
    std::set<std::string> names;
    for (const auto& one : machine_->program().filter(id).correlations) {
      if (!one.expect && (!shared || shared->contains(one.name))) names.insert(one.name);
    }
    shared = std::move(names);
  });
  if (shared) shared_.assign(shared->begin(), shared->end());
}

Fallible<Gathering> Gathering::of(std::shared_ptr<const Machine> machine, const Value& metadata, Timestamp now) {
  Gathering made(std::move(machine), metadata);
  const Program& program = made.machine_->program();
  Evaluator evaluator(program, now);
  auto known = expectations(program, made.strategy(), evaluator, Value::null(), made.variables());
  if (!known) return std::move(known).error();
  made.known_ = std::move(known).value();
  return made;
}

std::optional<std::set<std::string>> Gathering::types() const {
  std::set<std::string> types;
  bool any = false;
  each_filter(strategy(), [&](FilterId id) {
    const EventFilter& filter = machine_->program().filter(id);
    any |= filter.type.empty();
    types.insert(filter.type);
  });
  if (any) return std::nullopt;
  return types;
}

std::string Gathering::group_of(const Correlated& correlated) const {
  std::string group;
  for (const auto& name : shared_) {
    const auto found = correlated.find(name);
    if (found != correlated.end()) group += found->second;
    group += '/';
  }
  return group;
}

std::optional<BusPosition> Gathering::set_for(FilterId filter, const Correlated& correlated) const {
  const auto waiting = waiting_.find({group_of(correlated), filter});
  if (waiting == waiting_.end()) return std::nullopt;
  for (const BusPosition set : waiting->second) {
    if (agree(correlated, sets_.at(set).correlated)) return set;
  }
  return std::nullopt;
}

std::optional<GatheredEvent> Gathering::place_of(const BusEvent& event, Timestamp now) const {
  if (strategy().forever) return std::nullopt;  // no event ends it, so none starts a run
  const Program& program = machine_->program();
  Evaluator evaluator(program, now);
  const auto fits = fits_of(program, strategy(), event.event, known_, evaluator, variables());
  std::optional<GatheredEvent> best;
  for (const auto& fit : fits) {
    GatheredEvent one{event.position,     event.position,
                      event.at,           program.filter(fit.filter).pointer,
                      fit.until,          event.event.approximate_bytes(),
                      hashed(fit.settled)};
    const auto found = set_for(fit.filter, one.correlated);
    if (found) one.set = *found;
    if (fit.until) {
      if (found) return one;  // what ends a set comes first; without one there is nothing to end
      continue;
    }
    if (!best || one.set < best->set) best = std::move(one);
  }
  return best;
}

bool Gathering::has_condition() const { return strategy().until && !strategy().forever; }

bool Gathering::completes(const GatheredEvent& event) const {
  const EventStrategy& to = strategy();
  if (to.events.quantity != Quantity::all && !to.until_events) return !to.until;
  const auto set = sets_.find(event.set);
  MatchedFilters matched = set == sets_.end() ? MatchedFilters{} : set->second.matched;
  if (event.until || to.events.quantity == Quantity::all) matched.insert(event.filter);
  return is_satisfied(machine_->program(), to.until_events ? *to.until_events : to.events, matched);
}

Fallible<bool> Gathering::condition_holds(const Array& so_far, Timestamp now) const {
  Evaluator evaluator(machine_->program(), now);
  return evaluator.condition(*strategy().until, Value::array(so_far), variables());
}

Gathering::FilterIds Gathering::wanted_by(const Set& set) const {
  FilterIds wanted;
  const auto add = [&](const EventSet& of) {
    for (const FilterId id : of.filters) {
      const bool had = set.matched.contains(machine_->program().filter(id).pointer);
      if (of.quantity != Quantity::all || !had) wanted.insert(id);
    }
  };
  add(strategy().events);
  if (strategy().until_events) add(*strategy().until_events);
  return wanted;
}

void Gathering::want(BusPosition position, Set& set) {
  const std::string group = group_of(set.correlated);
  FilterIds wanted = wanted_by(set);
  for (const FilterId id : set.wants) {
    if (wanted.contains(id)) continue;
    const auto waiting = waiting_.find({group, id});
    waiting->second.erase(position);
    if (waiting->second.empty()) waiting_.erase(waiting);
  }
  for (const FilterId id : wanted) {
    if (!set.wants.contains(id)) waiting_[{group, id}].insert(position);
  }
  set.wants = std::move(wanted);
}

void Gathering::add(const GatheredEvent& event) {
  Set& set = sets_[event.set];
  for (const auto& [name, hash] : event.correlated) set.correlated.try_emplace(name, hash);
  if (event.until || strategy().events.quantity == Quantity::all) set.matched.insert(event.filter);
  (event.until ? set.ending : set.inputs).push_back(event.position);
  set.bytes += event.bytes;
  want(event.set, set);
}

std::vector<BusPosition> Gathering::inputs_of(BusPosition set) const {
  const auto found = sets_.find(set);
  return found == sets_.end() ? std::vector<BusPosition>{} : found->second.inputs;
}

std::vector<BusPosition> Gathering::events_of(BusPosition set) const {
  const auto found = sets_.find(set);
  if (found == sets_.end()) return {};
  std::vector<BusPosition> events = found->second.inputs;
  events.insert(events.end(), found->second.ending.begin(), found->second.ending.end());
  return events;
}

std::uint64_t Gathering::bytes_of(BusPosition set) const {
  const auto found = sets_.find(set);
  return found == sets_.end() ? 0 : found->second.bytes;
}

std::vector<BusPosition> Gathering::remove(BusPosition set) {
  const auto found = sets_.find(set);
  if (found == sets_.end()) return {};
  const std::string group = group_of(found->second.correlated);
  for (const FilterId id : found->second.wants) {
    const auto waiting = waiting_.find({group, id});
    waiting->second.erase(set);
    if (waiting->second.empty()) waiting_.erase(waiting);
  }
  std::vector<BusPosition> events = events_of(set);
  sets_.erase(found);
  return events;
}

std::optional<BusPosition> Gathering::oldest() const {
  if (sets_.empty()) return std::nullopt;
  return sets_.begin()->first;
}

Fallible<std::optional<FirstSet>> first_set_of(const std::shared_ptr<const Program>& program, const Value& metadata,
                                               const std::vector<Value>& events, Timestamp now) {
  auto made = Gathering::of(std::make_shared<Machine>(program), metadata, now);
  if (!made) return std::move(made).error();
  Gathering& gathering = made.value();
  const auto index_of = [](BusPosition position) { return static_cast<std::size_t>(number_of(position)) - 1; };
  for (std::size_t i = 0; i < events.size(); ++i) {
    const BusEvent event{BusPosition{i + 1}, now, RunId{}, events[i]};
    const auto place = gathering.place_of(event, now);
    if (!place) continue;
    auto inputs = gathering.inputs_of(place->set);
    if (!place->until) inputs.push_back(event.position);
    Array input;
    for (const auto position : inputs) input.push_back(gathering.read(events[index_of(position)]));
    bool complete = gathering.completes(*place);
    if (gathering.has_condition()) {
      auto holds = gathering.condition_holds(input, now);
      if (!holds) return std::move(holds).error();
      complete = holds.value();
    }
    if (!complete) {
      gathering.add(*place);
      continue;
    }
    FirstSet first{Value::array(std::move(input)), {i}};
    for (const auto position : gathering.events_of(place->set)) first.events.push_back(index_of(position));
    return std::optional(std::move(first));
  }
  return std::optional<FirstSet>();
}

Value Gathering::read(const Value& event) const { return read_event(event, machine_->program().on->read); }

}  // namespace cairn
