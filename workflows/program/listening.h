#pragma once
// What a program listens for: filters of events, and the strategies that put them together. Compiled from `listen` and
// `schedule.on`; engine/machine/event_filter.h matches events with it.

#include "workflows/expressions/expression.h"
#include "workflows/program/template.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Index of a filter in Program::event_filters.
enum class FilterId : std::uint32_t {};
constexpr std::size_t index_of(FilterId id) { return static_cast<std::size_t>(id); }

/// `read`: what of an event becomes data of the run.
enum class EventRead : std::uint8_t {
  data,      ///< its data
  envelope,  ///< all of it
  raw,       ///< the bytes of its data, in base 64
};
std::string_view name_of(EventRead read);

/// An attribute (or `data`) that an event must have. Expressions are evaluated on what the event has in their place: one that
/// gives a boolean says whether it will do, any other value must be equal. Objects match when each of their members does.
struct EventAttribute {
  std::string name;
  TemplateId expected{};
  std::optional<ExpressionId> pattern;  ///< a text that is a regular expression: what tests the attribute
};

struct Correlation {
  std::string name;
  ExpressionId from{};               ///< evaluated on the whole event
  std::optional<TemplateId> expect;  ///< evaluated on the task's input when it begins to listen
};

struct EventFilter {
  std::string pointer;  ///< JSON pointer of the filter; of the list, for the filter that an empty `any` stands for
  std::string type;     ///< the type of all events that pass; empty: not known
  std::vector<EventAttribute> attributes;  ///< none: every event passes
  std::vector<Correlation> correlations;
  bool keyed = false;  ///< there are correlations, and what they extract depends on the event alone
};

/// How many of a list of filters.
enum class Quantity : std::uint8_t { one, any, all };
std::string_view name_of(Quantity quantity);

struct EventSet {
  Quantity quantity = Quantity::one;
  std::vector<FilterId> filters;  ///< empty only for an `all` without filters, which waits for nothing
};

/// `to` of a listen task, `on` of a schedule.
struct EventStrategy {
  EventSet events;
  /// Only for `any`. A condition on the events so far, or the events that end it; without either the first event does.
  std::optional<ExpressionId> until;
  std::optional<EventSet> until_events;
  bool forever = false;  ///< `until` is false whatever comes: nothing ends it from within
};

}  // namespace cairn
