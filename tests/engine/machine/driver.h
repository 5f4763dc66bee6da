#pragma once
// A run without a host: feeds a machine by hand, with a clock of its own, and checks after every step what must always
// hold.

#include "engine/machine/apply.h"
#include "engine/machine/machine.h"
#include "engine/machine/status.h"
#include "workflows/definition/bundle.h"
#include "workflows/definition/load.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::tests {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? value.value() : Value{};
}

class Driver {
 public:
  /// `tasks`: the YAML below `document:` (do, use, input …). `resources`: what they take from outside.
  explicit Driver(const std::string& tasks, const Resources& resources = {}) {
    text_ = "document: {dsl: '1.0.3', namespace: test, name: driven, version: '1.0.0'}\n" + tasks;
    text_ = write_bundle({text_, resources});
    auto loaded = load_definition(text_);
    EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text_, "test");
    if (loaded.ok()) machine_ = std::make_shared<const Machine>(loaded.program);
  }

  Decision start(const Value& input = Value::object(std::vector<Member>{})) {
    StartRun begin;
    begin.run = RunId::make(now_.ms, PartitionId{3}, 77);
    begin.input = input;
    return give(begin);
  }

  /// One step; keeps the events and checks the laws.
  Decision give(decltype(Stimulus::what) what) {
    Stimulus stimulus{std::move(what), now_, ++entropy_};
    const RunState before = state_;
    Decision decision = machine_->advance(state_, stimulus);

    // Deciding again gives the same.
    const Decision again = machine_->decide(before, stimulus);
    EXPECT_EQ(again.events.size(), decision.events.size());
    RunState folded = before;
    for (std::size_t i = 0; i < decision.events.size(); ++i) {
      apply(folded, decision.events[i], now_);
      if (i < again.events.size()) {
        EXPECT_EQ(to_json(to_value(again.events[i])), to_json(to_value(decision.events[i])));
      }
      // Every prefix survives a snapshot.
      folded.id = state_.id;
      auto back = state_from_value(to_value(folded));
      EXPECT_TRUE(back.has_value());
      if (back) {
        EXPECT_EQ(to_json(to_value(back.value())), to_json(to_value(folded)));
      }
    }
    folded.id = state_.id;
    EXPECT_EQ(to_json(to_value(folded)), to_json(to_value(state_))) << "state is the fold of its events";
    events_.insert(events_.end(), decision.events.begin(), decision.events.end());
    return decision;
  }

  /// Goes on after yields until the machine is quiescent.
  void settle(Decision decision) {
    while (decision.yielded && !state_.suspended_at) decision = give(GoOn{});
  }

  /// Publishes an event: it arrives at every listen task that is open, as the host brings it. Returns the number of tasks
  /// that consumed it.
  std::size_t publish(const Value& event) {
    ++published_;
    return deliver(published_, event);
  }
  std::size_t publish(std::string_view type, std::string_view data = "null") {
    return publish(Value::object({{"specversion", Value::string("1.0")},
                                  {"id", Value::string(std::to_string(published_ + 1))},
                                  {"source", Value::string("https://example.com/test")},
                                  {"type", Value::string(std::string(type))},
                                  {"data", json(data)}}));
  }
  std::size_t deliver(std::uint64_t position, const Value& event) {
    std::vector<EventSeq> open;
    for (const auto& [id, frame] : state_.frames) {
      if (frame.listening) open.push_back(id);
    }
    std::size_t consumed = 0;
    for (const EventSeq id : open) {
      const auto decision = give(EventArrived{id, position, event});
      if (!decision.events.empty() && std::holds_alternative<EventConsumed>(decision.events.front())) ++consumed;
      settle(decision);
    }
    return consumed;
  }
  /// The only listen task that is open.
  const Frame& listener() const {
    const Frame* found = nullptr;
    for (const auto& [id, frame] : state_.frames) {
      if (frame.listening) found = &frame;
    }
    EXPECT_NE(found, nullptr) << "a task listens";
    return *found;
  }

  /// Fires the timer that is due first and moves the clock there.
  Decision fire_next_timer() {
    EventSeq next = k_no_event;
    for (const auto& [id, timer] : state_.timers) {
      if (next == k_no_event || timer.due < state_.timers.at(next).due) next = id;
    }
    EXPECT_NE(next, k_no_event) << "a timer is pending";
    if (next == k_no_event) return {};
    now_ = state_.timers.at(next).due;
    return give(TimerDue{next});
  }

  Decision answer(EventSeq effect, Value result) { return give(EffectFinished{effect, std::move(result)}); }
  Decision refuse(EventSeq effect, std::int64_t status) {
    Problem problem = make_problem(StandardError::communication, "refused", "by the test");
    problem.status = status;
    return give(EffectFinished{effect, std::move(problem)});
  }
  /// The only effect that is pending.
  EventSeq pending() {
    EXPECT_EQ(state_.effects.size(), 1U);
    return state_.effects.empty() ? k_no_event : state_.effects.begin()->first;
  }

  template <class E>
  std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& event : events_) {
      if (const auto* one = std::get_if<E>(&event)) found.push_back(*one);
    }
    return found;
  }

  const RunState& state() const { return state_; }
  const Machine& machine() const { return *machine_; }
  std::string output() const { return to_json(state_.output); }
  Timestamp now() const { return now_; }
  void pass(std::int64_t ms) { now_.ms += ms; }

 private:
  std::string text_;
  std::shared_ptr<const Machine> machine_;
  RunState state_;
  std::vector<Event> events_;
  Timestamp now_{1'800'000'000'000};
  std::uint64_t entropy_ = 0;
  std::uint64_t published_ = 0;
};

}  // namespace cairn::tests
