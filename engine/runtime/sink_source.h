#pragma once
// SinkSource: the events of one kind that a sink wants, in order, from any position on.

#include "engine/runtime/lifecycle_feed.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// What is there to be sent.
enum class SinkFeed : std::uint8_t {
  lifecycle,  ///< lifecycle events of all runs
  events,     ///< what is published on the bus
};
std::string_view name_of(SinkFeed feed);

class SinkSource {
 public:
  virtual ~SinkSource() = default;

  struct Item {
    std::string position;  ///< behind it
    Value event;           ///< null: nothing to be sent, some are missing
    std::uint64_t missed =
        0;  ///< recorded or published events that retention has removed before they could be looked at
  };
  /// As LifecycleFeed::next.
  virtual Result<std::optional<Item>> next(std::size_t& budget) = 0;
  /// Behind everything that was given, and what was not wanted.
  [[nodiscard]] virtual std::string position() const = 0;
  /// How many recorded or published events lie between `position` and the newest.
  [[nodiscard]] virtual std::uint64_t behind(const std::string& position) const = 0;
};

/// From `after` on; corrupt when that is no position. `log` is borrowed.
Result<std::unique_ptr<SinkSource>> make_sink_source(SinkFeed feed, const EventLog& log, LifecycleFilter filter,
                                                     const std::string& after);
/// The position behind everything that is durable, or before it.
Result<std::string> newest_position(SinkFeed feed, const EventLog& log);
std::string first_position(SinkFeed feed);
/// Of a position alone, without a source.
std::uint64_t behind(SinkFeed feed, const EventLog& log, const std::string& position);

}  // namespace cairn
