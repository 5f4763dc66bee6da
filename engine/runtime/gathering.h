#pragma once
// Gathering: what a workflow that events start (`schedule.on`) makes of each event, and which it has so far. Of the engine's
// thread; no I/O.
//
// Events are put into sets. A set is what one run will be started with: of `one` and of `any` a single event; of `all` one for
// each filter; of `any` with `until` those up to its end. An event goes into the oldest set that wants it, else it begins one,
// so none that passes a filter is lost. Events whose correlations differ are in different sets. A set bears the position of its
// first event.

#include "engine/log/bus_rows.h"
#include "engine/machine/event_filter.h"
#include "engine/machine/machine.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace cairn {

/// Values that correlations have extracted, by name: each as the hash of what is compared.
using Correlated = std::map<std::string, std::string, std::less<>>;

/// An event in a set that is not complete, as the log keeps it.
struct GatheredEvent {
  BusPosition position{};
  BusPosition set{};  ///< of the first event of its set
  Timestamp at;       ///< when it was published
  std::string filter;
  bool until = false;       ///< it counts towards the end, and is no part of the input
  std::uint64_t bytes = 0;  ///< about so many
  Correlated correlated;
};

class Gathering {
 public:
  /// `metadata`: $runtime.metadata. The program has `on`. A problem when what a correlation expects cannot be had.
  static Fallible<Gathering> of(std::shared_ptr<const Machine> machine, const Value& metadata, Timestamp now);

  /// The types of the events that it can want; nothing: any.
  [[nodiscard]] std::optional<std::set<std::string>> types() const;

  /// What is to be done with an event: nothing when no filter takes it. It is not in its set yet. Expressions that fail on an
  /// event do not match it.
  [[nodiscard]] std::optional<GatheredEvent> place_of(const BusEvent& event, Timestamp now) const;

  /// Whether the set of `event` is complete with it, as far as filters say.
  [[nodiscard]] bool completes(const GatheredEvent& event) const;
  /// `until` is a condition, which decides instead.
  [[nodiscard]] bool has_condition() const;
  /// Of the events of a set, as they are read, `event` included.
  [[nodiscard]] Fallible<bool> condition_holds(const Array& so_far, Timestamp now) const;

  /// Puts an event into its set; those of a log in the order of their positions.
  void add(const GatheredEvent& event);
  /// The events of the set that are input, in order.
  [[nodiscard]] std::vector<BusPosition> inputs_of(BusPosition set) const;
  [[nodiscard]] std::vector<BusPosition> events_of(BusPosition set) const;
  [[nodiscard]] std::uint64_t bytes_of(BusPosition set) const;
  /// The set is over. All its events.
  std::vector<BusPosition> remove(BusPosition set);
  /// Nothing: there are no sets.
  [[nodiscard]] std::optional<BusPosition> oldest() const;
  [[nodiscard]] std::size_t sets() const { return sets_.size(); }

  [[nodiscard]] Value read(const Value& event) const;

 private:
  using FilterIds = std::set<FilterId>;
  struct Set {
    Correlated correlated;
    FilterIds wants;         ///< filters that take an event for it
    MatchedFilters matched;  ///< of `all`, and of `until`
    std::vector<BusPosition> inputs;
    std::vector<BusPosition> ending;
    std::uint64_t bytes = 0;
  };

  Gathering(std::shared_ptr<const Machine> machine, const Value& metadata);
  [[nodiscard]] const EventStrategy& strategy() const { return machine_->program().on->to; }
  [[nodiscard]] std::string group_of(const Correlated& correlated) const;
  [[nodiscard]] std::optional<BusPosition> set_for(FilterId filter, const Correlated& correlated) const;
  [[nodiscard]] FilterIds wanted_by(const Set& set) const;
  void want(BusPosition position, Set& set);
  [[nodiscard]] TaskVariables variables() const { return {*machine_, nothing_, nullptr, k_no_event, Timestamp{}}; }

  std::shared_ptr<const Machine> machine_;
  RunState nothing_;  ///< of no run: what variables look at
  Expectations known_;
  std::vector<std::string> shared_;  ///< correlations that all filters have: sets are found by them
  std::map<BusPosition, Set> sets_;
  /// Who wants what: by the shared correlations and the filter.
  std::map<std::pair<std::string, FilterId>, std::set<BusPosition>> waiting_;
};

/// What a run is started with by events that are at hand.
struct FirstSet {
  Value input;
  std::vector<std::size_t> events;  ///< of those given, the ones that make the set, those of `until` included
};
/// The first set that is complete when `events` come in this order; nothing: none is. A problem when an expectation cannot be
/// had, or `until` fails.
Fallible<std::optional<FirstSet>> first_set_of(const std::shared_ptr<const Program>& program, const Value& metadata,
                                               const std::vector<Value>& events, Timestamp now);

/// The strategy as people read it: "all of order.placed, order.paid".
std::string describe_events(const Program& program);

}  // namespace cairn
