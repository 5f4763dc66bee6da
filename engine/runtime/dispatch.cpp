#include "engine/effects/redaction.h"
#include "engine/machine/evaluate.h"
#include "engine/runtime/effect_limits.h"
#include "engine/runtime/hosting.h"
#include "engine/runtime/schedules.h"
#include "engine/runtime/secrets.h"
#include "engine/runtime/sinks.h"
#include "workflows/core/limits.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <utility>

namespace cairn {
namespace {

/// Timers fire while the inbox is shorter: starts alone cannot fill it.
constexpr std::size_t k_inbox_for_timers = limits::k_starts_waiting + 4'096;

/// What an effect sends back is searched for the secrets it was given.
struct RedactedEffect {
  explicit RedactedEffect(Redactor the_redactor) : redactor(std::move(the_redactor)) {}
  Redactor redactor;
  std::map<std::string, RedactedStream> streams;
};

}  // namespace

void Engine::Impl::dispatch_pending(const RunId& run, HostedRun& hosted) {
  for (const auto& [id, effect] : hosted.state.effects) {
    if (id <= hosted.durable) enqueue(run, hosted, id);  // not before the log knows of it
  }
}

void Engine::Impl::enqueue(const RunId& run, HostedRun& hosted, EventSeq id) {
  // A suspended run starts nothing; what was scheduled before goes out when it continues.
  if (hosted.held || !hosted.working || !hosted.state.effects.contains(id)) return;
  if (hosted.running.contains(id) || !hosted.queued.insert(id).second) return;
  const PendingEffect& effect = hosted.state.effects.at(id);
  const EffectTerms terms = terms_of(*hosted.machine, hosted.state, effect);
  hosted.tickets[id] = admission.enqueue(
      {run, id, hosted.state.workflow.workflow_namespace, effect.connector, terms.priority, terms.limits}, clock.now());
}

void Engine::Impl::leave_admission(HostedRun& hosted, EventSeq effect) {
  const auto it = hosted.tickets.find(effect);
  if (it == hosted.tickets.end()) return;
  admission.release(it->second);
  hosted.tickets.erase(it);
}

void Engine::Impl::withdraw_waiting(HostedRun& hosted) {
  for (auto it = hosted.tickets.begin(); it != hosted.tickets.end();) {
    if (hosted.running.contains(it->first)) {
      ++it;
      continue;
    }
    hosted.queued.erase(it->first);
    admission.release(it->second);
    it = hosted.tickets.erase(it);
  }
}

void Engine::Impl::start_queued() {
  if (stopped || draining || admission.waiting() == 0) return;
  const Timestamp now = clock.now();
  while (const auto next = admission.next(now)) {
    HostedRun& hosted = runs.at(next->run);
    hosted.queued.erase(next->effect);
    // What has been decided meanwhile, and is not durable yet, may have ended the effect or suspended the run.
    if (!hosted.state.effects.contains(next->effect) || hosted.state.suspended_at) {
      leave_admission(hosted, next->effect);
      continue;
    }
    start_effect(next->run, hosted, next->effect);
  }
}

void Engine::Impl::start_effect(const RunId& run, HostedRun& hosted, EventSeq id) {
  const PendingEffect& effect = hosted.state.effects.at(id);
  const auto fail = [&](Problem problem) {
    leave_admission(hosted, id);
    hosted.queued.insert(id);
    push(run, EffectFinished{id, std::move(problem)});
    schedule_pump();
  };
  const auto connector = connectors.find(effect.connector);
  if (connector == connectors.end()) {
    fail(make_problem(StandardError::configuration, "No such connector",
                      "this process has no connector '" + effect.connector + "'"));
    return;
  }
  // Only what the definition declares reaches its effects, and only those that read it.
  Value secrets = Value::object(std::vector<Member>{});
  if (effect.confidential) {
    auto found = gather_secrets(hosted.machine->program().secrets, hosted.secrets, secret_source.get());
    if (!found) {
      fail(make_problem(StandardError::authorization, "Secret not available", found.error().to_string()));
      return;
    }
    secrets = std::move(found.value());
  }
  auto redacted = std::make_shared<RedactedEffect>(Redactor(texts_of(secrets), k_confidential_mark));
  auto arguments = hosted.machine->request(effect, secrets, clock.now());
  if (!arguments) {
    // An expression that fails says what it failed on.
    fail(std::get<Problem>(redacted->redactor.outcome(arguments.error())));
    return;
  }
  const std::uint64_t ticket = next_ticket++;
  EffectRequest request{effect.connector, std::move(arguments.value()),
                        run.to_string() + "-" + std::to_string(number_of(effect.key)), run.to_string(), effect.task};
  request.confidential = texts_of(secrets);
  if (hosted.machine->reads_authorization(effect)) {
    request.with_authorization = [machine = hosted.machine, pending = effect, secrets,
                                  now = clock.now()](const Value& authorization) -> EffectOutcome {
      auto again = machine->request(pending, secrets, now, authorization);
      if (!again) return again.error();
      return std::move(again.value());
    };
  }
  EffectObserver observer;
  observer.done = [alive = self, &executor = io, run, id, ticket, redacted, task = effect.task](EffectOutcome outcome) {
    // Connectors may answer from any thread; everything of ours happens on one.
    boost::asio::post(executor, [alive, run, id, ticket, redacted, task, outcome = std::move(outcome)]() mutable {
      if (*alive == nullptr) return;
      for (auto& [stream, text] : redacted->streams) (*alive)->tell_output(run, task, stream, text.finish());
      (*alive)->effect_done(run, id, ticket, redacted->redactor.outcome(std::move(outcome)));
    });
  };
  observer.progress = [alive = self, &executor = io, run, redacted, task = effect.task](std::string_view stream,
                                                                                        std::string_view text) {
    boost::asio::post(executor, [alive, run, redacted, task, stream = std::string(stream), text = std::string(text)] {
      if (*alive == nullptr) return;
      auto& shown = redacted->streams.try_emplace(stream, redacted->redactor).first->second;
      (*alive)->tell_output(run, task, stream, shown.append(text));
    });
  };
  auto& running = hosted.running[id];
  running.ticket = ticket;
  running.effect = connector->second->start(std::move(request), std::move(observer));
}

void Engine::Impl::tell_output(const RunId& run, const std::string& task, const std::string& stream,
                               const std::string& text) const {
  if (text.empty()) return;
  for (const auto& one : observers_of(run)) {
    if (one->observer.on_output && !one->detached) one->observer.on_output(task, stream, text);
  }
}

void Engine::Impl::effect_done(const RunId& run, EventSeq id, std::uint64_t ticket, EffectOutcome outcome) {
  const auto it = runs.find(run);
  if (it == runs.end()) return;
  const auto running = it->second.running.find(id);
  if (running == it->second.running.end() || running->second.ticket != ticket) return;
  it->second.running.erase(running);
  leave_admission(it->second, id);
  // Until the result is recorded the effect must not start again.
  it->second.queued.insert(id);
  push(run, EffectFinished{id, std::move(outcome)});
  schedule_pump();
  start_queued();
}

void Engine::Impl::fire_timers() {
  // What waits for the disk waits here too: the index holds the timers as long as that takes.
  if (inbox.size() >= k_inbox_for_timers) return;
  auto due = timers.take_due(clock.now(), k_inbox_for_timers - inbox.size());
  if (!due) {
    const std::string trouble = due.error().to_string();
    if (trouble != std::exchange(timer_trouble, trouble)) spdlog::error("some timers cannot be read: {}", trouble);
    return;
  }
  for (const auto& timer : due.value()) push(timer.run, TimerDue{timer.timer});
  schedule_pump();
}

void Engine::Impl::wait_for_next_timer() {
  // With a full inbox, it is looked at again when that has been worked on.
  std::optional<Timestamp> due;
  if (!stopped && inbox.size() < k_inbox_for_timers) due = timers.next();
  if (!stopped) {
    if (const auto slot = schedules->next()) due = std::min(due.value_or(*slot), *slot);
    if (const auto turn = sinks->next()) due = std::min(due.value_or(*turn), *turn);
  }
  if (!stopped && !draining && admission.waiting() > 0) {
    if (const auto opens = admission.opens_at(clock.now())) due = std::min(due.value_or(*opens), *opens);
  }
  if (due == alarm_due) return;  // setting it again would put off one that is about to ring
  alarm_due = due;
  if (!due) {
    alarm->cancel();
    return;
  }
  alarm->set(*due, [this] {
    alarm_due.reset();
    schedules->turn();
    sinks->turn();
    fire_timers();
    start_queued();
    wait_for_next_timer();
  });
}

}  // namespace cairn
