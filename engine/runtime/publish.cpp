// Events that are published, and the tasks that listen for them.

#include "engine/machine/event_filter.h"
#include "engine/runtime/hosting.h"
#include "engine/runtime/listeners.h"
#include "engine/runtime/schedules.h"
#include "workflows/cloudevents/formats.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// Events of outsiders in one batch.
constexpr std::size_t k_published_a_batch = 1'024;
/// Published events that are removed in one batch.
constexpr std::uint64_t k_removed_a_batch = 1'024;

/// Ends an observation of the bus when it goes.
class BusObservation final : public Observation {
 public:
  BusObservation(std::shared_ptr<Engine::Impl*> engine, std::shared_ptr<std::function<void()>> told)
      : engine_(std::move(engine)), told_(std::move(told)) {}
  BusObservation(const BusObservation&) = delete;
  BusObservation& operator=(const BusObservation&) = delete;
  ~BusObservation() override {
    *told_ = nullptr;
    if (*engine_ != nullptr) std::erase((*engine_)->bus_observers, told_);
  }

 private:
  std::shared_ptr<Engine::Impl*> engine_;
  std::shared_ptr<std::function<void()>> told_;
};

}  // namespace

// ---- from outside ----------------------------------------------------------------------------------------------------

void Engine::Impl::publish(std::vector<Value> events, PublishAnswer answer) {
  if (stopped) return answer(*stopped);
  if (bus.trouble()) return answer(*bus.trouble());
  if (auto trouble = committer->trouble()) return answer(std::move(*trouble));
  if (events.size() > k_events_waiting) {
    return answer(make_error(ErrorCode::limit_exceeded,
                             std::to_string(events.size()) + " events are too many for one array: it holds at most " +
                                 std::to_string(k_events_waiting),
                             {}, "Send them in several arrays"));
  }
  if (publishing_count + events.size() > k_events_waiting) {
    return answer(make_error(ErrorCode::overloaded,
                             std::to_string(publishing_count) +
                                 " events wait to become durable; with these it would be " + "more than " +
                                 std::to_string(k_events_waiting),
                             {}, "Try again in a second, with fewer at once"));
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto checked = checked_cloud_event(events[i], events.size() == 1 ? "event" : "event " + std::to_string(i + 1));
    if (!checked) return answer(checked.error());
    events[i] = std::move(checked).value();
  }
  publishing_count += events.size();
  publishing.push_back({std::move(events), std::move(answer)});
  schedule_pump();
}

void Engine::Impl::publish_waiting(BusPart& part) {
  struct Answered {
    PublishAnswer answer;
    std::vector<PublishedEvent> places;
  };
  std::vector<Answered> answered;
  std::size_t taken = 0;
  while (!publishing.empty() && taken < k_published_a_batch) {
    Publishing next = std::move(publishing.front());
    publishing.pop_front();
    taken += next.events.size();
    Answered one{std::move(next.answer), {}};
    for (auto& event : next.events) {
      one.places.push_back(bus.publish(std::move(event), RunId{}, clock.now(), part.published));
    }
    answered.push_back(std::move(one));
  }
  if (answered.empty()) return;
  // A duplicate is answered when the batch is durable too: then what it repeats is.
  part.then = [this, taken, answered = std::move(answered)](const std::optional<Error>& error) {
    publishing_count -= taken;
    for (const auto& one : answered) {
      one.answer(error ? Result<std::vector<PublishedEvent>>(*error) : Result<std::vector<PublishedEvent>>(one.places));
    }
  };
}

void Engine::Impl::tell_bus_observers() {
  if (schedules != nullptr) schedules->more_events();
  for (const auto all = bus_observers; const auto& told : all) {
    const auto call = *told;  // it may end its own observation
    if (call) call();
  }
}

// ---- of runs ---------------------------------------------------------------------------------------------------------

void Engine::Impl::follow_events(HostedRun& hosted, Step& step) {
  const RunState& state = hosted.state;
  for (const auto& event : step.record.events) {
    if (const auto* emitted = std::get_if<EventEmitted>(&event)) {
      bus.publish(with_approval_links(state, *emitted), step.run, step.record.stimulus.now, published);
    } else if (const auto* started = std::get_if<ListenStarted>(&event)) {
      begin_listening(hosted, step, *started);
    } else if (const auto* asked = std::get_if<ApprovalRequested>(&event)) {
      begin_asking(hosted, step, asked->frame);
    }
  }
  std::erase_if(hosted.listeners, [&](const Listener& listener) {
    if (is_listening(state, listener.frame)) return false;
    step.unlistens.push_back(listener);
    return true;
  });
}

void Engine::Impl::begin_listening(HostedRun& hosted, Step& step, const ListenStarted& started) {
  if (!is_listening(hosted.state, started.frame)) return;  // it has ended within the same step
  CatchUp catch_up{step.run, started.frame, BusPosition{started.after.value_or(0)}, bus.head(), {}};
  for (const auto& subscription : started.subscriptions) {
    NewListener row = listener_of(hosted.state, started.frame, subscription);
    row.from = bus.head();
    matcher.add(row.shape);
    hosted.listeners.push_back(row.listener);
    step.listens.push_back(row);
    catch_up.wants.push_back(std::move(row));
  }
  if (started.after && catch_up.at < catch_up.through) catch_ups.push_back(std::move(catch_up));
}

void Engine::Impl::catch_up(bool brief, std::deque<Step>& steps) {
  CatchUp& front = catch_ups.front();
  const auto hosted = runs.find(front.run);
  if (hosted == runs.end() || !is_listening(hosted->second.state, front.frame)) return catch_ups.pop_front();
  auto wanted = next_wanted(front);
  if (!wanted) {
    spdlog::error("run {} may miss an event that was published before it listened: {}", front.run.to_string(),
                  wanted.error().to_string());
    return catch_ups.pop_front();
  }
  if (!wanted.value()) return catch_ups.pop_front();
  BusEvent& event = *wanted.value();
  front.at = event.position;
  decide({front.run, EventArrived{front.frame, number_of(event.position), std::move(event.event)}}, brief, steps);
}

Result<std::optional<BusEvent>> Engine::Impl::next_wanted(const CatchUp& catch_up) {
  const Program& program = runs.at(catch_up.run).machine->program();
  std::optional<BusEvent> first;
  for (const auto& want : catch_up.wants) {
    BusPosition at = catch_up.at;
    const BusPosition through = first ? BusPosition{number_of(first->position) - 1} : catch_up.through;
    while (at < through) {
      CAIRN_TRY(auto event, bus.next(at, through, want.shape.type));
      if (!event) break;
      at = event->position;
      if (want.shape.keyed) {
        const auto key = correlation_key(program, want.shape.filter, event->event);
        if (!key || hash_of_key(*key) != want.listener.key) continue;
      }
      first = std::move(event);
      break;
    }
  }
  return first;
}

std::optional<Engine::Impl::Item> Engine::Impl::next_arrival() {
  auto arrival = matcher.next();
  if (!arrival) return std::nullopt;
  if (arrival->run.is_nil()) {
    matched = arrival->position;
    return std::nullopt;
  }
  return Item{arrival->run, EventArrived{arrival->frame, number_of(arrival->position), std::move(arrival->event)}};
}

// ---- retention -------------------------------------------------------------------------------------------------------

void Engine::Impl::sweep_bus() {
  if (stopped || sweeping_bus || committer->trouble() || bus.trouble()) return;
  const auto and_then = [this](AppendBatch batch, std::function<void()> next) {
    sweeping_bus = true;
    submit(std::move(batch), [this, next = std::move(next)](const std::optional<Error>& error) {
      sweeping_bus = false;
      if (!error) next();
    });
  };
  if (matched > matched_written) {  // what is to go must be known to be matched
    AppendBatch batch;
    batch.matched = matched_written = matched;
    return and_then(std::move(batch), [this] { sweep_bus(); });
  }
  const std::uint64_t first = number_of(bus.first());
  const std::uint64_t done = number_of(std::min(matched_written, schedules->events_done()));
  const std::uint64_t last = std::min(done, first + k_removed_a_batch - 1);
  const std::uint64_t kept = number_of(bus.head()) + 1 - first;
  std::uint64_t through = kept > keep_events.count ? std::min(last, first - 1 + kept - keep_events.count) : first - 1;
  const std::int64_t oldest = clock.now().ms - keep_events.age_ms;
  const auto read = log.each_bus_event(BusPosition{through}, [&](const BusEvent& event) {
    if (number_of(event.position) > last || event.at.ms >= oldest) return false;
    through = number_of(event.position);
    return true;
  });
  if (!read) spdlog::warn("retention of events: {}", read.error().to_string());
  if (through < first) return;
  AppendBatch batch;
  batch.unpublish = BusPosition{through};
  and_then(std::move(batch), [this, through, full = through == last] {
    bus.forget_before(BusPosition{through + 1});
    if (full) sweep_bus();
  });
}

// ---- the engine's door -----------------------------------------------------------------------------------------------

void Engine::publish(std::vector<Value> events, PublishAnswer answer) {
  impl_->publish(std::move(events), std::move(answer));
}

Result<std::vector<PublishedEvent>> Engine::publish(std::vector<Value> events) {
  std::optional<Result<std::vector<PublishedEvent>>> answered;
  impl_->publish(std::move(events), [&answered](const auto& answer) { answered = answer; });
  while (!answered) static_cast<void>(impl_->flush());  // when it fails, that is the answer
  return *std::move(answered);
}

std::unique_ptr<Observation> Engine::observe_bus(std::function<void()> told) {
  auto shared = std::make_shared<std::function<void()>>(std::move(told));
  impl_->bus_observers.push_back(shared);
  return std::make_unique<BusObservation>(impl_->self, std::move(shared));
}

bool Engine::events_matched() const { return !impl_->matcher.has_more(); }

void Engine::keep_events(const EventRetention& retention) { impl_->keep_events = retention; }

}  // namespace cairn
