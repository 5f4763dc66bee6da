// Deciding a run again from its recorded stimuli, and finding where the two histories part.

#include "engine/runtime/brief.h"
#include "engine/runtime/history.h"
#include "workflows/source/pointer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// The first place where two values differ, as a JSON pointer, with what stands there on each side.
struct Difference {
  std::string pointer;
  std::string recorded;
  std::string decided;
};

std::string brief_or_nothing(const Value* value) { return value == nullptr ? "nothing" : brief_json(*value); }

Difference difference(const Value* recorded, const Value* decided, std::string pointer) {
  if (recorded != nullptr && decided != nullptr && recorded->is_object() && decided->is_object()) {
    for (const auto& [name, value] : recorded->as_object()) {
      const Value* other = decided->find(name);
      if (other != nullptr && *other == value) continue;
      append_pointer_segment(pointer, name);
      return difference(&value, other, std::move(pointer));
    }
    for (const auto& [name, value] : decided->as_object()) {
      if (recorded->find(name) != nullptr) continue;
      append_pointer_segment(pointer, name);
      return difference(nullptr, &value, std::move(pointer));
    }
  }
  if (recorded != nullptr && decided != nullptr && recorded->is_array() && decided->is_array()) {
    const Array& a = recorded->as_array();
    const Array& b = decided->as_array();
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      const Value* left = i < a.size() ? &a[i] : nullptr;
      const Value* right = i < b.size() ? &b[i] : nullptr;
      if (left != nullptr && right != nullptr && *left == *right) continue;
      return difference(left, right, pointer + "/" + std::to_string(i));
    }
  }
  return {std::move(pointer), brief_or_nothing(recorded), brief_or_nothing(decided)};
}

std::string describe(const Value& recorded, const Value& decided) {
  const Difference found = difference(&recorded, &decided, "");
  return fmt::format("{}: recorded {}, decided {}", found.pointer.empty() ? "/" : found.pointer, found.recorded,
                     found.decided);
}

/// Compares the events of one step. Nothing: equal.
std::optional<Divergence> compare(const Record& record, const std::vector<Event>& decided) {
  EventSeq number = record.first;
  for (std::size_t i = 0; i < std::max(record.events.size(), decided.size()); ++i, number = next_of(number)) {
    if (i >= decided.size()) {
      return Divergence{number,
                        fmt::format("{} is recorded, and nothing more is decided here", name_of(record.events[i]))};
    }
    if (i >= record.events.size()) {
      return Divergence{number,
                        fmt::format("{} is decided, and nothing more is recorded for this step", name_of(decided[i]))};
    }
    if (name_of(record.events[i]) != name_of(decided[i])) {
      return Divergence{number,
                        fmt::format("{} is recorded, {} is decided", name_of(record.events[i]), name_of(decided[i]))};
    }
    const Value recorded_value = to_value(record.events[i]);
    const Value decided_value = to_value(decided[i]);
    if (!(recorded_value == decided_value)) {
      return Divergence{
          number, fmt::format("{} differs at {}", name_of(record.events[i]), describe(recorded_value, decided_value))};
    }
  }
  return std::nullopt;
}

/// Whether the step can be put to the machine at all, which asserts what the log should guarantee.
std::optional<Divergence> out_of_place(const RunState& state, const RunId& run, const Record& record) {
  if (record.first != next_of(state.last)) {
    return Divergence{record.first, fmt::format("the events before it end at {}", number_of(state.last))};
  }
  const auto* start = std::get_if<StartRun>(&record.stimulus.what);
  if ((start != nullptr) == state.started()) {
    return Divergence{record.first,
                      start != nullptr ? "the run starts a second time" : "the run does not begin with its start"};
  }
  if (start != nullptr && start->run != run) {
    return Divergence{record.first, "the start belongs to run " + start->run.to_string()};
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<Divergence>> verify_run(const EventLog& log, const RunId& run) {
  CAIRN_TRY(const auto folded, fold_run(log, run));
  CAIRN_TRY(const auto machine, load_machine(log, folded.definition));
  std::optional<Divergence> divergence;
  RunState decided;
  CAIRN_TRY(log.read(run, EventSeq{1}, [&](const Record& record) {
    divergence = out_of_place(decided, run, record);
    if (!divergence) divergence = compare(record, machine->advance(decided, record.stimulus).events);
    return !divergence;
  }));
  if (divergence) return divergence;
  const Value folded_value = to_value(folded);
  const Value decided_value = to_value(decided);
  if (!(folded_value == decided_value)) {
    return Divergence{folded.last,
                      "the events agree and the states after them do not: " + describe(folded_value, decided_value)};
  }
  return std::optional<Divergence>{};
}

}  // namespace cairn
