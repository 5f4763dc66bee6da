#include "engine/machine/status.h"

#include "engine/machine/state.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {
namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 7> k_names{{
    {RunStatus::pending, "pending"},
    {RunStatus::running, "running"},
    {RunStatus::waiting, "waiting"},
    {RunStatus::suspended, "suspended"},
    {RunStatus::cancelled, "cancelled"},
    {RunStatus::faulted, "faulted"},
    {RunStatus::completed, "completed"},
}};

bool only_waits(const RunState& state) {
  if (!state.effects.empty() || !state.children.empty() || !state.parked.empty()) return false;
  for (const auto& [id, frame] : state.frames) {
    if (frame.listening && !frame.listening->closed) return true;
    if (frame.approval && !frame.approval->closed) return true;
  }
  for (const auto& [id, timer] : state.timers) {
    if (timer.purpose == TimerStarted::Purpose::wait || timer.purpose == TimerStarted::Purpose::retry) return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(RunStatus status) { return k_names[static_cast<std::size_t>(status)].second; }

std::optional<RunStatus> parse_run_status(std::string_view text) {
  for (const auto& [status, name] : k_names) {
    if (name == text) return status;
  }
  return std::nullopt;
}

const std::map<EventSeq, PendingTimer>& running_timers(const RunState& state) {
  static const std::map<EventSeq, PendingTimer> k_none;
  return state.suspended_at ? k_none : state.timers;
}

bool is_delayed(const RunState& state) {
  return std::ranges::any_of(
      state.timers, [](const auto& timer) { return timer.second.purpose == TimerStarted::Purpose::start_delay; });
}

bool is_active(const RunState& state) {
  return !state.suspended_at && (!state.effects.empty() || !state.parked.empty());
}

RunStatus status_of(const RunState& state) {
  switch (state.ending) {
    case Ending::completed: return RunStatus::completed;
    case Ending::faulted: return RunStatus::faulted;
    case Ending::cancelled: return RunStatus::cancelled;
    case Ending::none: break;
  }
  if (!state.started()) return RunStatus::pending;
  if (state.suspended_at) return RunStatus::suspended;
  if (is_delayed(state)) return RunStatus::pending;
  return only_waits(state) ? RunStatus::waiting : RunStatus::running;
}

}  // namespace cairn
