// Published events and the runs that listen for them.

#include "tests/engine/runtime/commit_harness.h"

#include <gmock/gmock.h>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* k_listen = "do:\n  - l: {listen: {to: {one: {with: {type: t}}}}}\n";
constexpr const char* k_listen_by_order =
    "do:\n  - l:\n      listen:\n        to:\n          one:\n            with: {type: t}\n"
    "            correlate: {order: {from: '${ .data.order }', expect: '${ .order }'}}\n";
constexpr const char* k_call_then_listen =
    "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
    "  - l: {listen: {to: {one: {with: {type: t}}}}}\n";
constexpr const char* k_count_for_ever =
    "do:\n  - l:\n      listen: {to: {any: [{with: {type: t}}], until: '${ (. | length) == 3 }'}}\n";
constexpr const char* k_emit = "do:\n  - e: {emit: {event: {with: {type: t, source: /emitter, data: {n: 7}}}}}\n";

Value event(const std::string& id, const std::string& data = "{}", const std::string& type = "t") {
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(id)},
                        {"source", Value::string("/test")},
                        {"type", Value::string(type)},
                        {"data", json(data)}});
}

class BusTest : public CommitTest {
 protected:
  using Places = std::vector<Result<std::vector<PublishedEvent>>>;
  std::shared_ptr<Places> publish(std::vector<Value> events) {
    auto places = std::make_shared<Places>();
    engine->publish(std::move(events), [places](const auto& answer) { places->push_back(answer); });
    turn();
    return places;
  }
  RunId run(const std::string& tasks, const std::string& input = "{}") {
    return start(tasks, {}, json(input))->at(0).value().run;
  }
  RunStatus status(const RunId& id) { return log.summaries.at(id).status; }
  std::string output(const RunId& id) { return to_json(fold_run(log, id).value().output); }
  /// As after a kill: what is in the log is all there is.
  void reopen() {
    engine.reset();
    open();
    engine->recover(json("{}"), [](const Recovery&) {});
    turn();
  }
  std::size_t consumed(const RunId& id) {
    std::size_t count = 0;
    for (const auto& record : log.records.at(id)) {
      for (const auto& one : record.events) count += std::holds_alternative<EventConsumed>(one) ? 1 : 0;
    }
    return count;
  }
};

TEST_F(BusTest, AnEventReachesTheRunThatListens) {
  const RunId listens = run(k_listen);
  EXPECT_EQ(status(listens), RunStatus::waiting);
  EXPECT_EQ(log.listeners.size(), 2U) << "the harness starts one of each definition before";
  publish({event("1", R"({"n": 1})")});
  EXPECT_EQ(status(listens), RunStatus::completed);
  EXPECT_EQ(output(listens), R"([{"n":1}])");
  EXPECT_THAT(log.listeners, IsEmpty());
}

TEST_F(BusTest, ARunThatOnlyListensLeavesMemory) {
  run(k_listen);
  publish({event("1", "{}", "other")});
  EXPECT_EQ(engine->hosted(), 2U);
  reopen();
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(BusTest, AnEventThatComesBeforeTheTaskIsReachedIsNotLost) {
  const RunId early = run(k_call_then_listen);
  publish({event("1", R"({"n": 1})"), event("2", R"({"n": 2})")});
  EXPECT_EQ(status(early), RunStatus::running);
  outside.calls.back()->observer.done(Value{});
  turn();
  EXPECT_EQ(status(early), RunStatus::completed);
  EXPECT_EQ(output(early), R"([{"n":1}])");
}

TEST_F(BusTest, AnEventFromBeforeTheRunIsNoneOfItsBusiness) {
  run(k_pure);
  publish({event("1")});
  EXPECT_EQ(status(run(k_listen)), RunStatus::waiting);
}

TEST_F(BusTest, AnEventThatComesEarlyReachesTheRunAlsoAfterAStop) {
  const RunId early = run(k_call_then_listen);
  publish({event("1", R"({"n": 1})")});
  outside.calls.clear();
  reopen();
  for (const auto& call : outside.calls) call->observer.done(Value{});
  turn();
  EXPECT_EQ(output(early), R"([{"n":1}])");
}

TEST_F(BusTest, EveryListenerGetsTheEvent) {
  const RunId one = run(k_listen);
  const RunId two = run(k_listen);
  publish({event("1", R"({"n": 1})")});
  EXPECT_EQ(output(one), R"([{"n":1}])");
  EXPECT_EQ(output(two), R"([{"n":1}])");
}

TEST_F(BusTest, CorrelationLeadsToTheRunThatExpectsTheEvent) {
  const RunId first = run(k_listen_by_order, R"({"order": 1})");
  const RunId second = run(k_listen_by_order, R"({"order": 2})");
  publish({event("1", R"({"order": 2})")});
  EXPECT_EQ(status(first), RunStatus::waiting);
  EXPECT_EQ(output(second), R"([{"order":2}])");
  publish({event("2", R"({"order": 1})")});
  EXPECT_EQ(output(first), R"([{"order":1}])");
}

TEST_F(BusTest, TheSameSourceAndIdArePublishedOnce) {
  const RunId counts = run(k_count_for_ever);
  const auto first = publish({event("1"), event("2"), event("1")});
  ASSERT_TRUE(first->at(0).has_value());
  EXPECT_FALSE(first->at(0).value()[1].existing);
  EXPECT_TRUE(first->at(0).value()[2].existing);
  EXPECT_EQ(number_of(first->at(0).value()[2].position), 1U);
  const auto again = publish({event("2")});
  EXPECT_TRUE(again->at(0).value()[0].existing);
  EXPECT_EQ(consumed(counts), 2U);
  EXPECT_EQ(log.published.size(), 2U);
}

TEST_F(BusTest, WhatARunEmitsReachesOthersAndIsInItsOwnBatch) {
  const RunId listens = run(k_listen);
  const RunId emits = run(k_emit);
  EXPECT_EQ(output(listens), R"([{"n":7}])");
  ASSERT_EQ(log.published.size(), 2U) << "the harness runs it once before";
  EXPECT_EQ(log.published.back().emitter, emits);
}

TEST_F(BusTest, NothingIsSaidOfAnEventBeforeItIsDurable) {
  const RunId listens = run(k_listen);
  hold();
  const auto places = publish({event("1")});
  EXPECT_THAT(*places, IsEmpty());
  EXPECT_EQ(status(listens), RunStatus::waiting);
  disk.held = false;
  sync_one();
  ASSERT_EQ(places->size(), 1U);
  EXPECT_EQ(number_of(places->at(0).value()[0].position), 1U);
  EXPECT_EQ(status(listens), RunStatus::completed);
}

TEST_F(BusTest, ADeliveryThatACrashCutOffIsMadeAgainAndOneThatWasRecordedIsNot) {
  const RunId counts = run(k_count_for_ever);
  publish({event("1"), event("2")});
  ASSERT_EQ(consumed(counts), 2U);
  log.bus_ends.matched = BusPosition{0};
  log.published.push_back({BusPosition{3}, clock.now(), {}, event("3", R"({"n": 3})")});
  log.bus_ends.head = BusPosition{3};
  reopen();
  EXPECT_EQ(consumed(counts), 3U);
  EXPECT_EQ(output(counts), R"([{},{},{"n":3}])");
  EXPECT_EQ(log.bus_ends.matched, BusPosition{3});
}

TEST_F(BusTest, WhatIsNoCloudEventIsRefusedAndNothingOfItsBatchIsPublished) {
  const auto places = publish({event("1"), event("2").without("source")});
  ASSERT_FALSE(places->at(0).has_value());
  EXPECT_EQ(places->at(0).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(places->at(0).error().where, "event 2");
  EXPECT_THAT(log.published, IsEmpty());
}

TEST_F(BusTest, MoreThanCanWaitIsRefused) {
  hold();
  std::vector<Value> many;
  for (std::size_t i = 0; i < Engine::k_events_waiting; ++i) many.push_back(event(std::to_string(i)));
  const auto accepted = publish(std::move(many));
  EXPECT_THAT(*accepted, IsEmpty());
  const auto refused = publish({event("one more")});
  ASSERT_EQ(refused->size(), 1U);
  EXPECT_EQ(refused->at(0).error().code, ErrorCode::overloaded);
  disk.held = false;
  sync_one();
  EXPECT_EQ(accepted->size(), 1U);
  EXPECT_TRUE(publish({event("one more")})->at(0).has_value());
}

TEST_F(BusTest, AnEventForManyListenersReachesAllOfThem) {
  std::vector<RunId> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(run(k_listen));
  publish({event("1")});
  for (const auto& one : all) EXPECT_EQ(status(one), RunStatus::completed);
}

TEST_F(BusTest, WhoObservesTheBusIsToldOfWhatIsNew) {
  int told = 0;
  auto observation = engine->observe_bus([&told] { ++told; });
  publish({event("1")});
  EXPECT_EQ(told, 1);
  observation.reset();
  publish({event("2")});
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace cairn::tests
