#pragma once
// LifecycleFeed: the lifecycle events of all runs in one durable order, from any position on.
//
// The order is that of the log (engine/log/feed.h): the same for every reader, in every process, before and after a crash. A position
// is behind one lifecycle event; whoever goes on from it misses none and gets none twice. A reader pulls, page by page, from the log: it
// costs what it asks for and nothing when it does not ask, whether it is slow or gone is nobody's concern, and the engine is not part of it. Who wants
// to know when there is more asks Engine::observe_feed(), whose cost is one call a batch, and none when nobody does.
//
// Runs that retention has removed leave a gap, which is told as such. Thread safety: one thread at a time; any thread.

#include "engine/log/event_log.h"
#include "engine/runtime/lifecycle_events.h"

#include <deque>
#include <optional>
#include <unordered_map>
#include <variant>

namespace cairn {

/// What a subscriber wants; an empty list: whatever. Runs and workflows that are not wanted cost one look at the order.
struct LifecycleFilter {
  std::optional<RunId> run;
  std::vector<std::string> workflows;  ///< "NAMESPACE/NAME" or "NAME", of any version
  std::vector<std::string> types;      ///< whole, or beginnings that end in "*". Those of is_status_change: whole only
  std::vector<std::string> sources;    ///< the same of sources

  [[nodiscard]] bool wants_workflow(const WorkflowIdentity& workflow) const;
  [[nodiscard]] bool wants_type(std::string_view type) const;
  [[nodiscard]] bool wants_source(std::string_view source) const;
};
/// Whether one of `patterns` is `text`, or its beginning up to a "*" at the end.
bool matches_any(const std::vector<std::string>& patterns, std::string_view text);

/// Recorded events that are not there any more: retention has removed their runs.
struct LifecycleGap {
  FeedPosition from{};
  FeedPosition through{};
};

class LifecycleFeed {
 public:
  /// Borrows `log`.
  LifecycleFeed(const EventLog& log, LifecycleFilter filter, LifecyclePosition after)
      : log_(log), filter_(std::move(filter)), position_(after) {}

  using Item = std::variant<LifecycleEvent, LifecycleGap>;
  /// What comes next. Nothing: that is all for now, or `budget` records have been looked at in vain (then it is 0). On an error (corrupt: a record
  /// cannot be read) the position stays.
  Result<std::optional<Item>> next(std::size_t& budget);

  /// Everything wanted up to here has been given.
  [[nodiscard]] const LifecyclePosition& position() const { return position_; }

 private:
  struct IdHash {
    std::size_t operator()(const RunId& id) const;
  };

  Result<void> look_ahead();
  /// Puts what the record means into ready_. False: it has been removed.
  Result<bool> take(const FeedRecord& record);
  Result<LifecycleTeller*> teller_of(const FeedRecord& record);
  Result<bool> wants_run(const RunId& run);
  Result<std::optional<Item>> end_gap();

  const EventLog& log_;
  LifecycleFilter filter_;
  LifecyclePosition position_;
  std::deque<FeedRecord> ahead_;
  std::deque<LifecycleEvent> ready_;
  std::optional<LifecyclePosition> behind_ready_;               ///< the position when ready_ has been given
  std::optional<LifecycleGap> gap_;                             ///< that is not told yet
  std::unordered_map<RunId, LifecycleTeller, IdHash> tellers_;  ///< of open runs; a cache
  std::unordered_map<RunId, bool, IdHash> wanted_;              ///< the same, when workflows are asked for
};

}  // namespace cairn
