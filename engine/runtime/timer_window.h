#pragma once
// TimerWindow: which timers fire, and when. All that run are in the log's index; of those, the next ones are in memory.

#include "engine/log/event_log.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <vector>

namespace cairn {

/// Of the engine's thread. Holds what it is given, until it is told to follow the log: then it holds the near future only,
/// and what comes later is read from the index when its time is near. Times are the wall clock's, which may jump: nothing
/// is lost or fires twice by that, since what has fired is no longer there and what is due fires whenever that is seen.
class TimerWindow {
 public:
  explicit TimerWindow(const EventLog& log) : log_(log) {}

  /// From now on every timer of the log fires here, those that ran before included.
  void follow_log();

  /// A timer that the log's index holds. Again: harmless.
  void add(const DueTimer& timer);
  /// One that the index does not hold any more.
  void remove(const DueTimer& timer) { near_.erase(timer); }
  void clear();

  /// Takes out those that are due, the earliest first, at most `limit`. A part of the index that cannot be read fires
  /// when it can; the error says so.
  Result<std::vector<DueTimer>> take_due(Timestamp now, std::size_t limit);
  /// When to ask for them again.
  [[nodiscard]] std::optional<Timestamp> next() const;
  /// Whether this timer will be taken out one day, as far as memory and index can tell.
  [[nodiscard]] Result<bool> holds(const DueTimer& timer) const;

 private:
  void read_ahead(Timestamp now, Result<void>& outcome);

  static constexpr DueTimer k_last{Timestamp{std::numeric_limits<std::int64_t>::max()}, RunId{}, EventSeq{}};

  const EventLog& log_;
  std::set<DueTimer> near_;
  DueTimer horizon_ = k_last;        ///< every timer up to here is in near_
  std::optional<Timestamp> beyond_;  ///< none beyond the horizon is due before
};

}  // namespace cairn
