#include "engine/machine/event_filter.h"

#include "workflows/program/cloud_event.h"
#include "workflows/value/json.h"
#include "workflows/value/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cairn {
namespace {

class NoVariables final : public Variables {
 public:
  [[nodiscard]] Value variable(std::string_view) const override { return {}; }
};

bool is_scalar(const Value& value) { return value.is_string() || value.is_number() || value.is_bool(); }

/// A number as everybody writes it: 1.0 is 1, and 0.10 is 0.1.
std::string written(const Value& scalar) {
  if (scalar.is_string()) return scalar.as_string();
  if (!scalar.is_number() || scalar.is_integer()) return to_json(scalar);
  constexpr double exact = 9007199254740992;  // 2^53
  const double nearest = scalar.as_double();
  if (!std::isfinite(nearest)) return to_json(scalar);
  const Value shortest = std::abs(nearest) < exact && std::trunc(nearest) == nearest
                             ? Value::integer(static_cast<std::int64_t>(nearest))
                             : Value::number(nearest);
  return to_json(compare_numbers(scalar, shortest) == 0 ? shortest : scalar);
}

Value canonical(const Value& value) {
  if (is_scalar(value)) return Value::string(written(value));
  if (value.is_array()) {
    Array items;
    for (const auto& item : value.as_array()) items.push_back(canonical(item));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    for (const auto& [name, member] : value.as_object()) members.push_back({name, canonical(member)});
    std::ranges::sort(members, {}, &Member::name);
    return Value::object(std::move(members));
  }
  return value;
}

/// What correlations look at: the event with its data in reach, however it was sent.
Value with_data(const Value& event) {
  if (event.find("data") != nullptr || event.find("data_base64") == nullptr) return event;
  return event.with("data", data_of(event));
}

/// Whether what is there has all that is wanted: objects may have more members.
bool holds(const Value& wanted, const Value& actual) {
  if (wanted.is_object() && actual.is_object()) {
    return std::ranges::all_of(wanted.as_object(), [&](const Member& member) {
      const Value* found = actual.find(member.name);
      return found != nullptr && holds(member.value, *found);
    });
  }
  if (wanted.is_array() && actual.is_array()) {
    return std::ranges::equal(wanted.as_array(), actual.as_array(), holds);
  }
  return wanted == actual;
}

/// One event before the filters of one program.
class Matcher {
 public:
  Matcher(const Program& program, const Value& event, Evaluator& evaluator, const Variables& variables)
      : program_(program), event_(event), evaluator_(evaluator), variables_(variables) {}

  bool passes(const EventFilter& filter) {
    if (!filter.type.empty()) {  // the quick way out for most
      const Value* type = event_.find("type");
      if (type == nullptr || !type->is_string() || type->as_string() != filter.type) return false;
    }
    return std::ranges::all_of(filter.attributes, [&](const EventAttribute& one) { return has(one); });
  }

  /// Whether the event has the values that are expected; adds those that were expected nowhere to `settled`.
  bool correlates(const EventFilter& filter, const Expectations& known, Expectations& settled) {
    for (const Correlation& one : filter.correlations) {
      if (!whole_) whole_ = with_data(event_);
      auto value = evaluator_.expression(one.from, *whole_, variables_);
      if (!value || value.value().is_null()) return false;
      const Value* expected = expectation(filter, one, known);
      if (expected == nullptr) {
        settled.insert_or_assign(one.name, std::move(value).value());
      } else if (key_of_values({*expected}) != key_of_values({value.value()})) {
        return false;
      }
    }
    return true;
  }

  static std::string own_name(const EventFilter& filter, const Correlation& correlation) {
    return filter.pointer + "/correlate/" + correlation.name;
  }

  static const Value* expectation(const EventFilter& filter, const Correlation& correlation,
                                  const Expectations& known) {
    auto found = known.find(own_name(filter, correlation));
    if (found == known.end()) found = known.find(correlation.name);
    return found == known.end() ? nullptr : &found->second;
  }

 private:
  bool has(const EventAttribute& attribute) {
    if (attribute.name == "data") {
      if (event_.find("data") == nullptr && event_.find("data_base64") == nullptr) return false;
      const Value data = data_of(event_);
      return tests(attribute.pattern, data) || agrees(attribute.expected, data);
    }
    const Value* actual = event_.find(attribute.name);
    if (actual == nullptr || actual->is_null()) return false;
    if (tests(attribute.pattern, *actual)) return true;
    // Over HTTP every attribute is text.
    const auto* constant = std::get_if<Template::Constant>(&form_of(attribute.expected));
    if (constant != nullptr && is_scalar(constant->value) && is_scalar(*actual)) {
      return written(constant->value) == written(*actual);
    }
    return agrees(attribute.expected, *actual);
  }

  bool tests(const std::optional<ExpressionId>& pattern, const Value& actual) {
    if (!pattern || !is_scalar(actual)) return false;
    const auto found = evaluator_.expression(*pattern, Value::string(written(actual)), variables_);
    return found && found.value().truthy();
  }

  [[nodiscard]] const decltype(Template::form)& form_of(TemplateId id) const {
    return program_.templates[index_of(id)].form;
  }

  bool agrees(TemplateId expected, const Value& actual) {
    const auto& form = form_of(expected);
    if (const auto* constant = std::get_if<Template::Constant>(&form)) return holds(constant->value, actual);
    if (const auto* object = std::get_if<Template::ObjectOf>(&form)) {
      return actual.is_object() && std::ranges::all_of(object->members, [&](const auto& member) {
               const Value* found = actual.find(member.first);
               return found != nullptr && agrees(member.second, *found);
             });
    }
    if (const auto* array = std::get_if<Template::ArrayOf>(&form)) {
      return actual.is_array() && std::ranges::equal(array->items, actual.as_array(),
                                                     [&](TemplateId a, const Value& b) { return agrees(a, b); });
    }
    const auto given = evaluator_.fill(expected, actual, variables_);
    if (!given) return false;
    if (std::holds_alternative<Template::Expression>(form) && given.value().is_bool()) return given.value().as_bool();
    if (is_scalar(given.value()) && is_scalar(actual)) return written(given.value()) == written(actual);
    return holds(given.value(), actual);
  }

  const Program& program_;
  const Value& event_;
  std::optional<Value> whole_;
  Evaluator& evaluator_;
  const Variables& variables_;
};

template <class Do>
void each_filter(const Program& program, const EventStrategy& strategy, Do&& what) {
  for (const FilterId id : strategy.events.filters) what(program.filter(id));
  if (!strategy.until_events) return;
  for (const FilterId id : strategy.until_events->filters) what(program.filter(id));
}

}  // namespace

const EventFilter* find_event_filter(const Program& program, std::string_view pointer) {
  const auto found = std::ranges::find(program.event_filters, pointer, &EventFilter::pointer);
  return found == program.event_filters.end() ? nullptr : &*found;
}

std::string key_of_values(const Array& values) { return to_json(canonical(Value::array(values))); }

std::optional<std::string> correlation_key(const Program& program, std::string_view filter_pointer,
                                           const Value& event) {
  const EventFilter* filter = find_event_filter(program, filter_pointer);
  if (filter == nullptr || !filter->keyed) return std::nullopt;
  Evaluator evaluator(program, Timestamp{});
  const Value whole = with_data(event);
  Array values;
  for (const Correlation& one : filter->correlations) {
    auto value = evaluator.expression(one.from, whole, NoVariables());
    if (!value || value.value().is_null()) return std::nullopt;
    values.push_back(std::move(value).value());
  }
  return key_of_values(values);
}

Fallible<Expectations> expectations(const Program& program, const EventStrategy& strategy, Evaluator& evaluator,
                                    const Value& dot, const Variables& variables) {
  Expectations known;
  std::optional<Problem> problem;
  each_filter(program, strategy, [&](const EventFilter& filter) {
    for (const Correlation& one : filter.correlations) {
      if (!one.expect || problem) continue;
      auto value = evaluator.fill(*one.expect, dot, variables);
      if (!value) {
        problem = std::move(value.error());
      } else if (value.value().is_null()) {
        problem = make_problem(StandardError::expression, "Nothing to correlate with",
                               fmt::format("{}/correlate/{}/expect gives null", filter.pointer, one.name));
      } else {
        const auto [shared, is_new] = known.try_emplace(one.name, value.value());
        if (!is_new && key_of_values({shared->second}) != key_of_values({value.value()})) {
          known.insert_or_assign(Matcher::own_name(filter, one), std::move(value).value());
        }
      }
    }
  });
  if (problem) return std::move(*problem);
  return known;
}

std::vector<Subscription> subscriptions_of(const Program& program, const EventStrategy& strategy,
                                           const Expectations& known) {
  std::vector<Subscription> all;
  each_filter(program, strategy, [&](const EventFilter& filter) {
    Subscription one{filter.pointer, filter.type, {}};
    Array values;
    for (const Correlation& correlation : filter.correlations) {
      if (const Value* expected = Matcher::expectation(filter, correlation, known)) values.push_back(*expected);
    }
    if (filter.keyed && values.size() == filter.correlations.size()) one.key = key_of_values(values);
    all.push_back(std::move(one));
  });
  return all;
}

std::optional<EventMatch> match_event(const Program& program, const EventStrategy& strategy, const Value& event,
                                      const MatchedFilters& matched, const Expectations& known, Evaluator& evaluator,
                                      const Variables& variables) {
  if (event.depth() > k_event_depth) return std::nullopt;
  Matcher matcher(program, event, evaluator, variables);
  const auto taker = [&](const EventSet& set, bool until) -> std::optional<EventMatch> {
    for (const FilterId id : set.filters) {
      const EventFilter& filter = program.filter(id);
      if (set.quantity == Quantity::all && matched.contains(filter.pointer)) continue;
      EventMatch match{id, until, {}};
      if (matcher.passes(filter) && matcher.correlates(filter, known, match.settled)) return match;
    }
    return std::nullopt;
  };
  if (strategy.until_events) {
    if (auto found = taker(*strategy.until_events, true)) return found;
  }
  return taker(strategy.events, false);
}

std::vector<EventFit> fits_of(const Program& program, const EventStrategy& strategy, const Value& event,
                              const Expectations& known, Evaluator& evaluator, const Variables& variables) {
  std::vector<EventFit> fits;
  if (event.depth() > k_event_depth) return fits;
  Matcher matcher(program, event, evaluator, variables);
  const auto look = [&](const EventSet& set, bool until) {
    for (const FilterId id : set.filters) {
      EventFit fit{id, until, {}};
      const EventFilter& filter = program.filter(id);
      if (matcher.passes(filter) && matcher.correlates(filter, known, fit.settled)) fits.push_back(std::move(fit));
    }
  };
  if (strategy.until_events) look(*strategy.until_events, true);
  look(strategy.events, false);
  return fits;
}

bool is_satisfied(const Program& program, const EventSet& set, const MatchedFilters& matched) {
  const auto has_matched = [&](FilterId id) { return matched.contains(program.filter(id).pointer); };
  return set.quantity == Quantity::all ? std::ranges::all_of(set.filters, has_matched)
                                       : std::ranges::any_of(set.filters, has_matched);
}

}  // namespace cairn
