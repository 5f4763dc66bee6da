// Taking on all that a log holds.

#include "engine/runtime/hosting.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace cairn {
namespace {

/// Runs loaded before others have their turn.
constexpr std::size_t k_slice = 2'048;

}  // namespace

void Engine::Impl::recover_some() {
  if (stopped) return;
  std::vector<RunId> slice;
  const auto listed = log.each_active_run(recovered, [&](const RunId& run) {
    slice.push_back(run);
    return slice.size() < k_slice;
  });
  if (!listed) spdlog::error("the runs to go on with cannot all be listed: {}", listed.error().to_string());
  for (const auto& run : slice) {
    recovered = run;
    if (auto woken = recover(run); woken) {
      ++recovery->resumed;
      continue;
    } else {
      ++recovery->refused_count;
      spdlog::warn("run {} cannot go on: {}", run.to_string(), woken.error().to_string());
      if (recovery->refused.size() < Recovery::k_listed) recovery->refused.push_back({run, woken.error()});
    }
  }
  recovery->done = slice.size() < k_slice;
  start_queued();
  wait_for_next_timer();
  schedule_pump();
  if (on_recovery) on_recovery(*recovery);
  if (recovery->done) return;
  boost::asio::post(io, [alive = self] {
    if (*alive != nullptr) (*alive)->recover_some();
  });
}

Result<void> Engine::Impl::recover(const RunId& run) {
  const auto there = runs.find(run);  // it began since, or something came for it
  if (there == runs.end() || !there->second.working) {
    CAIRN_TRY(wake(run, recovery_secrets));
  }
  for (const auto children = runs.at(run).state.children; const auto& [child, pending] : children) {
    if (runs.contains(child)) continue;
    CAIRN_TRY(const auto summary, log.summary(child));
    if (summary && !summary->ended_at) continue;
    std::vector<RunId> begun;
    CAIRN_TRY(resume_child(run, child, recovery_secrets, begun));
  }
  settle(run);
  return success();
}

}  // namespace cairn
