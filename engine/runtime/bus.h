#pragma once
// Bus: what was published, as of everything decided. Gives events their positions; knows those that are not durable yet, and
// keeps the newest in memory, since somebody is about to ask for them.
//
// Of the engine's thread. Positions are given in the order of deciding, which is the order of the log's batches.

#include "engine/log/event_log.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace cairn {

class Bus {
 public:
  explicit Bus(const EventLog& log);

  /// Why nothing can be published.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  [[nodiscard]] BusPosition first() const { return ends_.first; }
  [[nodiscard]] BusPosition head() const { return ends_.head; }
  [[nodiscard]] BusPosition durable() const { return durable_; }
  /// BusEnds::matched when this began.
  [[nodiscard]] BusPosition matched() const { return ends_.matched; }

  struct Published {
    BusPosition position{};
    bool existing = false;  ///< an event with its source and id is there already, at this position
  };
  /// `event` is a CloudEvent. What is new is added to `out`, to be appended. Not in trouble().
  Published publish(Value event, const RunId& emitter, Timestamp now, std::vector<BusEvent>& out);
  /// The log has it up to here.
  void became_durable(BusPosition position);
  /// The log keeps nothing before this any more.
  void forget_before(BusPosition first);

  /// not_found: it has been removed.
  [[nodiscard]] Result<BusEvent> at(BusPosition position) const;
  /// The first event above `after` and up to `through` whose type is `type` ("": any).
  Result<std::optional<BusEvent>> next(BusPosition after, BusPosition through, std::string_view type);

 private:
  using Mark = std::uint32_t;  ///< of a type: events of other types have others, mostly
  static Mark mark_of(std::string_view type);
  /// Makes marks_ reach back to what is above `after`.
  Result<void> look_back(BusPosition after);
  void trim();

  const EventLog& log_;
  BusEnds ends_;
  BusPosition durable_{};
  std::deque<BusEvent> recent_;  ///< up to the head
  std::size_t recent_bytes_ = 0;
  std::unordered_map<std::string, BusPosition> ids_;  ///< of those that are not durable: source and id
  std::deque<Mark> marks_;                            ///< of the events up to the head
  std::optional<Error> trouble_;
};

}  // namespace cairn
