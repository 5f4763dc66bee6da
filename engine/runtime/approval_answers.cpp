// What the engine does about approvals: links in the events that tell of them, their rows in the index, and answers.

#include "engine/machine/approval.h"
#include "engine/runtime/approvals.h"
#include "engine/runtime/hosting.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace cairn {

/// An event about an open approval gets its links here, on its way to the bus: a run's history never has them.
Value Engine::Impl::with_approval_links(const RunState& state, const EventEmitted& emitted) const {
  const Frame* frame = state.find_frame(emitted.frame);
  if (frame == nullptr || !is_open(*frame)) return emitted.event;
  const Value data = emitted.event.get("data");
  const Value* to = data.is_object() ? data.find("to") : nullptr;
  if (to == nullptr) return emitted.event;
  const auto key = log.approval_key();
  if (!key) {
    spdlog::error("run {}: an event about an approval is published without links: {}", state.id.to_string(),
                  key.error().to_string());
    return emitted.event;
  }
  return emitted.event.with("data", data.with("links", links_view(approval_links(key.value(), state, *frame), *to)));
}

void Engine::Impl::begin_asking(HostedRun& hosted, Step& step, EventSeq frame) {
  const Frame* asking = hosted.state.find_frame(frame);
  if (asking == nullptr) return;  // it has ended within the same step
  ListenStarted row;
  row.frame = frame;
  row.subscriptions = {approval_subscription(*asking)};
  begin_listening(hosted, step, row);
}

Result<void> Engine::answer(const RunId& run, const AnswerApproval& answer) {
  Impl& engine = *impl_;
  CAIRN_TRY(engine.make_ready_for(run));
  CAIRN_TRY(HostedRun * hosted, engine.present(run));
  if (auto refusal = refusal_of(*hosted->machine, hosted->state, answer, engine.clock.now())) {
    engine.settle(run);
    CAIRN_TRY(engine.flush());  // what it goes by may not be durable yet
    return *std::move(refusal);
  }
  return engine.carry_out(run, answer);
}

}  // namespace cairn
