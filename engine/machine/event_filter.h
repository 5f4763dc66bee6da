#pragma once
// Matching of events with what a program listens for. Pure; used by the machine for the runs that listen, and by the host
// to find who may want an event and to start runs by events.

#include "engine/machine/evaluate.h"
#include "workflows/program/program.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// nullptr: the program has no such filter.
const EventFilter* find_event_filter(const Program& program, std::string_view pointer);

/// Under which key those who listen with this filter, and know what they expect (Subscription::key), want `event`. Nothing:
/// the event is for none of them.
std::optional<std::string> correlation_key(const Program& program, std::string_view filter_pointer, const Value& event);

/// Canonical JSON of values that correlations extract or expect. Numbers, booleans and texts go by what is written, so that
/// 42 is "42"; the order of an object's members does not matter.
std::string key_of_values(const Array& values);

/// What correlations expect: by name, or by `EventFilter::pointer/correlate/NAME` where filters expect different values of
/// one name.
using Expectations = std::map<std::string, Value, std::less<>>;

/// The values of each `expect`, evaluated on `dot`. A problem when one fails or gives null.
Fallible<Expectations> expectations(const Program& program, const EventStrategy& strategy, Evaluator& evaluator,
                                    const Value& dot, const Variables& variables);

/// All filters of a strategy, with their keys as far as they are known.
std::vector<Subscription> subscriptions_of(const Program& program, const EventStrategy& strategy,
                                           const Expectations& known);

/// How an event fits a strategy.
struct EventMatch {
  FilterId filter{};
  bool until = false;    ///< it counts towards the end, and is no output
  Expectations settled;  ///< values of correlations without an expectation, which this event is the first to have
};

using MatchedFilters = std::set<std::string, std::less<>>;  ///< EventFilter::pointer of each

/// The filter that takes `event`: those of `until` are asked first, then in the order they are written; of `all`, one that is
/// among `matched` takes no more. Nothing: none takes it. An expression that fails on an event does not match it.
std::optional<EventMatch> match_event(const Program& program, const EventStrategy& strategy, const Value& event,
                                      const MatchedFilters& matched, const Expectations& known, Evaluator& evaluator,
                                      const Variables& variables);

/// A filter that an event passes, whoever waits for it.
struct EventFit {
  FilterId filter{};
  bool until = false;    ///< a filter of `until`
  Expectations settled;  ///< as EventMatch::settled
};

/// All filters that take `event` when nothing but `known` is settled: those of `until` first, then as they are written.
std::vector<EventFit> fits_of(const Program& program, const EventStrategy& strategy, const Value& event,
                              const Expectations& known, Evaluator& evaluator, const Variables& variables);

/// Whether `matched` is all that `set` waits for.
bool is_satisfied(const Program& program, const EventSet& set, const MatchedFilters& matched);

}  // namespace cairn
