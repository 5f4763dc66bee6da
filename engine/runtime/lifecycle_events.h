#pragma once
// Lifecycle events: what the standard says about workflows and tasks, told from a run's recorded events (dsl-reference.md "Lifecycle
// Events"). Nothing of it is stored. Pure.
//
// One recorded event means none, one or several lifecycle events, its parts, counted from 1; which ones is a matter of the record
// alone, so ids are the same whenever they are told. Data holds what the standard names and nothing else: no inputs and outputs. Values that are
// confidential are not in the log, and so not here.

#include "engine/log/feed.h"
#include "engine/machine/event.h"
#include "engine/machine/state.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A place in the feed of lifecycle events: behind part `part` of a recorded event. As text "4711.2"; "4711" is behind all its parts.
struct LifecyclePosition {
  static constexpr std::uint32_t k_all = std::numeric_limits<std::uint32_t>::max();
  FeedPosition event{};
  std::uint32_t part = k_all;
  friend auto operator<=>(const LifecyclePosition&, const LifecyclePosition&) = default;
};
std::string to_string(const LifecyclePosition& position);
std::optional<LifecyclePosition> parse_lifecycle_position(std::string_view text);

struct LifecycleEvent {
  LifecyclePosition at;
  RunId run;
  std::string_view type;  ///< lives for ever
  Value event;            ///< a CloudEvent 1.0: source "/NAMESPACE/NAME/VERSION", subject the run, id "RUN/EVENT.PART"
};

/// The types in the order of the standard's tables.
const std::vector<std::string_view>& lifecycle_types();
/// The optional ones, which repeat what others say: told to who asks for them by name.
bool is_status_change(std::string_view type);

/// Follows one run, from any of its events on.
class LifecycleTeller {
 public:
  /// Before the run's first event.
  explicit LifecycleTeller(const RunId& run) : run_(run) {}
  /// Behind `state.last`.
  explicit LifecycleTeller(const RunState& state);

  using Tell = std::function<void(LifecycleEvent)>;
  /// `number` is that of the event in its run, and follows the one before.
  void tell(EventSeq number, FeedPosition position, Timestamp at, const Event& event, const Tell& tell);

  [[nodiscard]] EventSeq last() const { return last_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  struct Telling;
  struct Task {
    std::string reference;
    std::map<std::string, Value, std::less<>> correlations;  ///< of a listen task, as far as they are settled
  };
  [[nodiscard]] std::string qualified_name() const;

  RunId run_;
  WorkflowIdentity workflow_;
  std::map<EventSeq, Task> tasks_;  ///< open ones, by frame
  EventSeq last_{};
  bool ended_ = false;
};

}  // namespace cairn
