// Sinks: in order, at least once, whatever receiver, process and clock do.

#include "engine/runtime/sinks.h"

#include "tests/engine/runtime/waiting_harness.h"
#include "workflows/cloudevents/formats.h"

#include <gmock/gmock.h>

#include <deque>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A receiver that answers when the test says so, or at once.
struct Receiver {
  struct Call {
    std::vector<Value> events;
    EventSender::Done done;
  };
  std::deque<Call> calls;          ///< under way
  std::vector<std::string> taken;  ///< ids
  std::size_t most = 1;

  void accept() {
    Call call = next();
    for (const auto& event : call.events) taken.emplace_back(cloud_event_text(event, "id"));
    call.done({});
  }
  void fail(std::optional<std::int64_t> asked_ms = {}) {
    next().done({SendResult::Kind::retry, 0, "it answered 503", asked_ms});
  }
  void refuse() { next().done({SendResult::Kind::refused, 0, "it answered 400", {}}); }
  Call next() {
    Call call = std::move(calls.front());
    calls.pop_front();
    return call;
  }
};

class FakeSender final : public EventSender {
 public:
  explicit FakeSender(Receiver& receiver) : receiver_(receiver) {}
  std::unique_ptr<Sending> send(std::vector<Value> events, Done done) override {
    receiver_.calls.push_back({std::move(events), std::move(done)});
    return std::make_unique<Sending>();
  }
  [[nodiscard]] std::size_t most() const override { return receiver_.most; }
  [[nodiscard]] std::string destination() const override { return "https://x.test/hook"; }

 private:
  Receiver& receiver_;
};

Value event(const std::string& id, const std::string& type = "t") {
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(id)},
                        {"source", Value::string("/test")},
                        {"type", Value::string(type)}});
}

class SinksTest : public WaitingTest {
 protected:
  SinkOptions sink(const std::string& name, std::set<SinkFeed> feeds, Receiver& to) {
    SinkOptions options;
    options.name = name;
    options.feeds = std::move(feeds);
    options.sender = std::make_shared<FakeSender>(to);
    return options;
  }
  SinkOptions events_sink() { return sink("hook", {SinkFeed::events}, receiver); }
  void host(SinkOptions options) {
    std::vector<SinkOptions> all;
    all.push_back(std::move(options));
    ASSERT_TRUE(engine->sinks().host(std::move(all)));
    turn();
  }
  void publish(const std::vector<std::string>& ids) {
    std::vector<Value> events;
    for (const auto& id : ids) events.push_back(event(id));
    ASSERT_TRUE(engine->publish(std::move(events)));
    turn();
  }
  void accept_all() {
    while (!receiver.calls.empty()) {
      receiver.accept();
      turn();
    }
  }
  void pass(std::int64_t ms) { go_to(clock.time + ms); }
  SinkLine line(std::size_t at = 0) { return engine->sinks().list().value().at(0).lines.at(at); }
  std::string recorded(const std::string& feed = "events") {
    return log.sinks.at("hook").get(feed).get("position").as_string();
  }

  Receiver receiver;
};

TEST_F(SinksTest, EventsAreSentInOrderOneAfterTheOther) {
  host(events_sink());
  publish({"1", "2", "3"});
  ASSERT_EQ(receiver.calls.size(), 1U);
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2", "3"));
  EXPECT_EQ(line().cursor.delivered, 3U);
  EXPECT_EQ(line().behind, 0U);
}

TEST_F(SinksTest, ANewSinkBeginsNowOrWithTheOldest) {
  publish({"1", "2"});
  host(events_sink());
  EXPECT_THAT(receiver.calls, IsEmpty());
  publish({"3"});
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("3"));
  Receiver other;
  auto from_beginning = sink("all", {SinkFeed::events}, other);
  from_beginning.from_beginning = true;
  host(std::move(from_beginning));
  ASSERT_EQ(other.calls.size(), 1U);
  EXPECT_EQ(cloud_event_text(other.calls.front().events[0], "id"), "1");
}

TEST_F(SinksTest, NothingIsSentBeforeTheLogKnowsWhereTheSinkBegins) {
  hold();
  host(events_sink());
  ASSERT_TRUE(log.sinks.empty());
  engine->publish({event("1")}, [](const auto&) {});
  turn();
  EXPECT_THAT(receiver.calls, IsEmpty());
  sync_one();
  EXPECT_EQ(recorded(), "0");
  sync_one();
  EXPECT_EQ(receiver.calls.size(), 1U);
}

TEST_F(SinksTest, LifecycleEventsAndPublishedOnesHaveLanesOfTheirOwn) {
  host(sink("hook", {SinkFeed::lifecycle, SinkFeed::events}, receiver));
  begin("do:\n  - e: {emit: {event: {with: {type: t, source: /emitter, id: '7'}}}}\n");
  EXPECT_EQ(receiver.calls.size(), 2U);
  accept_all();
  EXPECT_EQ(receiver.taken.size(), 6U);
  EXPECT_THAT(receiver.taken, ::testing::Contains("7"));
  pass(k_cursor_every_ms);
  EXPECT_EQ(recorded("lifecycle"), std::to_string(number_of(log.order.back().last())));
  EXPECT_EQ(recorded("events"), "1");
}

TEST_F(SinksTest, WhatFailsIsSentAgainAndNothingOvertakesIt) {
  host(events_sink());
  publish({"1", "2"});
  for (int attempt = 1; attempt <= 8; ++attempt) {
    receiver.fail();
    turn();
    EXPECT_THAT(receiver.calls, IsEmpty()) << "it is not sent again at once";
    const auto failing = line();
    EXPECT_EQ(failing.failures, static_cast<std::uint32_t>(attempt));
    EXPECT_EQ(failing.error, "it answered 503");
    ASSERT_TRUE(failing.retry_at);
    const auto pause = std::min<std::int64_t>(k_longest_pause_ms, k_first_pause_ms << (attempt - 1));
    EXPECT_GE(failing.retry_at->ms, clock.time + pause / 2);
    EXPECT_LE(failing.retry_at->ms, clock.time + pause);
    go_to(failing.retry_at->ms);
    ASSERT_EQ(receiver.calls.size(), 1U);
    EXPECT_EQ(cloud_event_text(receiver.calls.front().events[0], "id"), "1");
  }
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2"));
  EXPECT_EQ(line().failures, 0U);
  EXPECT_EQ(line().error, "");
}

TEST_F(SinksTest, AReceiverThatAsksForTimeGetsItWithinReason) {
  host(events_sink());
  publish({"1"});
  receiver.fail(120'000);
  turn();
  EXPECT_EQ(line().retry_at->ms, clock.time + 120'000);
  pass(120'000);
  receiver.fail(std::int64_t{86'400} * 1'000 * 365);
  turn();
  EXPECT_EQ(line().retry_at->ms, clock.time + k_longest_asked_ms);
}

TEST_F(SinksTest, AClockThatIsPutBackHoldsNothingUp) {
  host(events_sink());
  publish({"1"});
  receiver.fail();
  turn();
  clock.time -= std::int64_t{86'400} * 1'000 * 30;
  publish({"2"});
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2"));
}

TEST_F(SinksTest, WhatIsRefusedIsTriedThreeTimesThenSkippedAndRecorded) {
  host(events_sink());
  publish({"bad", "good"});
  for (int i = 0; i < k_refusals; ++i) {
    ASSERT_EQ(receiver.calls.size(), 1U);
    receiver.refuse();
    turn();
    if (line().retry_at) go_to(line().retry_at->ms);
  }
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("good"));
  EXPECT_EQ(line().cursor.skipped, 1U);
  pass(k_cursor_every_ms);
  const Value last = log.sinks.at("hook").get("events").get("lastSkipped");
  EXPECT_EQ(last.get("id"), Value::string("bad"));
  EXPECT_EQ(last.get("why"), Value::string("it answered 400"));
}

TEST_F(SinksTest, ASinkThatHoldsWhatIsRefusedWaitsForAnOperator) {
  auto options = events_sink();
  options.holds_refused = true;
  host(std::move(options));
  publish({"bad", "good"});
  for (int i = 0; i < 3 * k_refusals; ++i) {
    receiver.refuse();
    turn();
    EXPECT_TRUE(line().held);
    go_to(line().retry_at->ms);
    ASSERT_EQ(receiver.calls.size(), 1U);
  }
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("bad", "good"));
  EXPECT_FALSE(line().held);
}

TEST_F(SinksTest, TheOneOfABatchThatIsRefusedIsFound) {
  receiver.most = 10;
  host(events_sink());
  publish({"1", "2", "bad", "4"});
  ASSERT_EQ(receiver.calls.front().events.size(), 4U);
  receiver.refuse();
  turn();
  for (const auto* id : {"1", "2"}) {
    ASSERT_EQ(receiver.calls.front().events.size(), 1U);
    EXPECT_EQ(cloud_event_text(receiver.calls.front().events[0], "id"), id);
    receiver.accept();
    turn();
  }
  for (int i = 0; i < k_refusals; ++i) {
    receiver.refuse();
    turn();
    if (line().retry_at) go_to(line().retry_at->ms);
  }
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2", "4"));
}

TEST_F(SinksTest, OfABatchThatIsTakenInPartTheRestIsSentAgain) {
  receiver.most = 10;
  host(events_sink());
  publish({"1", "2", "3"});
  receiver.next().done({SendResult::Kind::retry, 2, "the connection ended", {}});
  turn();
  EXPECT_EQ(line().cursor.position, "2");
  go_to(line().retry_at->ms);
  ASSERT_EQ(receiver.calls.size(), 1U);
  EXPECT_EQ(receiver.calls.front().events.size(), 1U);
  EXPECT_EQ(cloud_event_text(receiver.calls.front().events[0], "id"), "3");
}

TEST_F(SinksTest, ASinkThatHangsStopsNoOther) {
  Receiver dead;
  std::vector<SinkOptions> both;
  both.push_back(events_sink());
  both.push_back(sink("dead", {SinkFeed::events}, dead));
  ASSERT_TRUE(engine->sinks().host(std::move(both)));
  turn();
  publish({"1", "2"});
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2"));
  EXPECT_EQ(dead.calls.size(), 1U);
  EXPECT_EQ(engine->sinks().list().value().at(0).name, "dead");
  EXPECT_EQ(line().behind, 2U);
}

TEST_F(SinksTest, PositionsAreWrittenOnceASecondNotOnceAnEvent) {
  host(events_sink());
  const std::size_t before = log.sink_writes;
  for (int i = 0; i < 50; ++i) publish({std::to_string(i)});
  accept_all();
  EXPECT_LE(log.sink_writes, before + 1);
  pass(k_cursor_every_ms);
  EXPECT_LE(log.sink_writes, before + 2);
  EXPECT_EQ(recorded(), "50");
}

TEST_F(SinksTest, AfterACrashWhatWasNotWrittenComesAgainWithTheSameIds) {
  host(events_sink());
  publish({"1", "2", "3"});
  receiver.accept();
  turn();
  pass(k_cursor_every_ms);
  EXPECT_EQ(recorded(), "1");
  receiver.accept();
  turn();
  receiver.calls.clear();
  reopen();
  host(events_sink());
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2", "2", "3"));
}

TEST_F(SinksTest, InTheEndPositionsAreWrittenAndNothingIsSentAnyMore) {
  host(events_sink());
  publish({"1", "2"});
  engine->sinks().halt();
  turn();
  EXPECT_FALSE(engine->sinks().drained()) << "one is on its way";
  receiver.accept();
  turn();
  EXPECT_TRUE(engine->sinks().drained());
  EXPECT_EQ(recorded(), "1");
  EXPECT_THAT(receiver.calls, IsEmpty());
}

TEST_F(SinksTest, InTheEndAReceiverThatDoesNotAnswerIsGivenUp) {
  host(events_sink());
  publish({"1"});
  engine->sinks().halt();
  turn();
  EXPECT_FALSE(engine->sinks().drained());
  pass(k_last_answer_ms);
  EXPECT_TRUE(engine->sinks().drained());
  EXPECT_EQ(recorded(), "0");
}

TEST_F(SinksTest, ASinkThatIsTakenOutIsToldAsGoneAndGoesOnWhereItStood) {
  host(events_sink());
  publish({"1"});
  accept_all();
  pass(k_cursor_every_ms);
  reopen();
  ASSERT_TRUE(engine->sinks().host({}));
  turn();
  EXPECT_TRUE(engine->sinks().list().value().at(0).gone_at);
  publish({"2"});
  reopen();
  host(events_sink());
  EXPECT_FALSE(engine->sinks().list().value().at(0).gone_at);
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("1", "2"));
}

TEST_F(SinksTest, ASinkThatIsGoneForAMonthIsForgotten) {
  host(events_sink());
  reopen();
  ASSERT_TRUE(engine->sinks().host({}));
  turn();
  clock.time += std::int64_t{31} * 86'400'000;
  reopen();
  ASSERT_TRUE(engine->sinks().host({}));
  turn();
  EXPECT_THAT(log.sinks, IsEmpty());
}

TEST_F(SinksTest, TwoOfOneNameAreRefusedAndChangeNothing) {
  host(events_sink());
  std::vector<SinkOptions> both;
  both.push_back(events_sink());
  both.push_back(events_sink());
  EXPECT_EQ(engine->sinks().host(std::move(both)).error().code, ErrorCode::invalid_configuration);
  publish({"1"});
  EXPECT_EQ(receiver.calls.size(), 1U);
}

TEST_F(SinksTest, WhatRetentionHasRemovedBeforeItWasDeliveredIsCountedAsMissed) {
  host(events_sink());
  publish({"1"});
  receiver.fail();
  turn();
  publish({"2", "3", "4"});
  reopen();
  log.published.erase(log.published.begin(), log.published.begin() + 3);
  host(events_sink());
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("4"));
  EXPECT_EQ(line().cursor.missed, 3U);
}

TEST_F(SinksTest, FiltersChooseAndPositionsPassOverTheRest) {
  auto options = events_sink();
  options.filter.types = {"order.*"};
  host(std::move(options));
  ASSERT_TRUE(engine->publish({event("1"), event("2", "order.placed"), event("3"), event("4")}));
  turn();
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("2"));
  pass(k_cursor_every_ms);
  EXPECT_EQ(recorded(), "4");
}

TEST_F(SinksTest, AWorkflowsEventsAreThoseThatItsRunsHaveEmitted) {
  auto options = events_sink();
  options.filter.workflows = {"test/committed"};
  host(std::move(options));
  publish({"from outside"});
  begin("do:\n  - e: {emit: {event: {with: {type: t, source: /emitter, id: mine}}}}\n");
  accept_all();
  EXPECT_THAT(receiver.taken, ElementsAre("mine"));
}

}  // namespace
}  // namespace cairn::tests
