// Workflows that events start: each event, or each set of events, starts one run, once.

#include "engine/runtime/schedules.h"
#include "tests/engine/runtime/commit_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

DefinitionText started_by(const std::string& on, const std::string& version = "1.0.0", const std::string& more = "",
                          const std::string& name = "react",
                          const std::string& tasks = "do: [{a: {set: '${ . }'}}]\n") {
  const std::string text = "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '" + version +
                           "', metadata: {cairn: {" + more + "}}}\nschedule: {" + on + "}\n" + tasks;
  auto loaded = load_definition(text);
  EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text, name);
  return {text, loaded.program};
}

constexpr const char* k_one = "on: {one: {with: {type: a}}}";
constexpr const char* k_all = "on: {all: [{with: {type: a}}, {with: {type: b}}]}";
constexpr const char* k_all_by_order =
    "on: {all: [{with: {type: a}, correlate: {order: {from: .data.order}}},"
    " {with: {type: b}, correlate: {order: {from: .data.id}}}]}";

Value event(const std::string& type, const std::string& data, const std::string& id = "") {
  static int next = 0;
  return Value::object({{"specversion", Value::string("1.0")},
                        {"id", Value::string(id.empty() ? "e" + std::to_string(++next) : id)},
                        {"source", Value::string("/test")},
                        {"type", Value::string(type)},
                        {"data", json(data)}});
}

class EventSchedulesTest : public testing::Test {
 protected:
  EventSchedulesTest() { begin(); }

  /// Another process in the place of this one, which ends as if it was killed: what is not on the disk is gone.
  void begin() {
    if (engine) {
      disk.given.clear();
      engine.reset();
      io.restart();
      io.poll();
    }
    disk.held = false;
    engine.emplace(io, log, std::make_unique<HeldCommitter>(disk), outside.connectors(), clock, random);
  }
  void host(const std::vector<DefinitionText>& workflows) {
    EXPECT_TRUE(engine->know(workflows));
    const auto hosted = engine->schedules().host(workflows, json("{}"));
    EXPECT_TRUE(hosted) << hosted.error().to_string();
    turn();
  }
  void turn() {
    engine->schedules().turn();
    io.restart();
    io.poll();
  }
  void send(const std::string& type, const std::string& data) { send(event(type, data)); }
  void send(Value one) {
    engine->publish({std::move(one)}, [](const auto& places) { EXPECT_TRUE(places); });
    turn();
  }
  void pause(bool paused) {
    engine->schedules().pause("react", paused, [](const Result<void>& done) { EXPECT_TRUE(done); });
    turn();
  }
  ScheduleLine line() { return engine->schedules().list().value().at(0); }
  /// Inputs of the runs, in the order of the events that started them.
  std::vector<std::string> inputs() {
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (const auto& [run, summary] : log.summaries) {
      EXPECT_TRUE(summary.key.starts_with("event:")) << summary.key;
      found.emplace_back(std::stoull(summary.key.substr(6)), to_json(fold_run(log, run).value().input));
    }
    std::ranges::sort(found);
    std::vector<std::string> texts;
    for (auto& [position, text] : found) texts.push_back(std::move(text));
    return texts;
  }

  boost::asio::io_context io;
  MemoryLog log;
  HeldDisk disk{log, {}, false, {}, {}};
  HandClock clock;
  SeededRandom random;
  Outside outside;
  std::optional<Engine> engine;
};

TEST_F(EventSchedulesTest, EachEventThatPassesStartsARunWithItsDataInAnArray) {
  host({started_by(k_one)});
  send("a", R"({"n":1})");
  send("b", R"({"n":2})");
  send("a", R"({"n":3})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"n":1}])", R"([{"n":3}])"));
  EXPECT_EQ(line().state.on, "one a");
  EXPECT_EQ(line().behind, 0U);
}

TEST_F(EventSchedulesTest, ReadSaysWhatOfAnEventIsInput) {
  host({started_by("on: {one: {with: {type: a}}}, read: envelope")});
  send(event("a", R"({"n":1})", "x1"));
  EXPECT_THAT(inputs(), ElementsAre(R"([{"specversion":"1.0","id":"x1","source":"/test","type":"a","data":{"n":1}}])"));
  EXPECT_EQ(started_by("on: {one: {with: {type: a}}}, read: raw").program->on->read, EventRead::raw);
}

TEST_F(EventSchedulesTest, AnyStartsARunByWhicheverComes) {
  host({started_by("on: {any: [{with: {type: a}}, {with: {type: b, data: '${ .n > 1 }'}}]}")});
  send("b", R"({"n":1})");
  send("b", R"({"n":2})");
  send("a", R"({"n":0})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"n":2}])", R"([{"n":0}])"));
}

TEST_F(EventSchedulesTest, AllWaitsForOneOfEachAndLosesNone) {
  host({started_by(k_all)});
  send("a", "1");
  send("a", "2");
  EXPECT_EQ(line().gathered, 2U);
  EXPECT_EQ(line().sets, 2U);
  send("b", "3");
  EXPECT_THAT(inputs(), ElementsAre("[1,3]"));
  send("b", "4");
  send("b", "5");
  EXPECT_THAT(inputs(), ElementsAre("[1,3]", "[2,4]"));
  EXPECT_EQ(line().gathered, 1U);
}

TEST_F(EventSchedulesTest, SetsAreApartByWhatEventsCorrelateBy) {
  host({started_by(k_all_by_order)});
  send("a", R"({"order":1})");
  send("a", R"({"order":2})");
  send("b", R"({"id":"2"})");
  send("b", R"({})");
  send("b", R"({"id":3})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"order":2},{"id":"2"}])"));
  send("b", R"({"id":1})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"order":2},{"id":"2"}])", R"([{"order":1},{"id":1}])"));
  EXPECT_EQ(line().sets, 1U);
}

TEST_F(EventSchedulesTest, AnExpectedValueLeavesOtherEventsOut) {
  host({started_by("on: {one: {with: {type: a}, correlate: {room: {from: .data.room, expect: '7'}}}}")});
  send("a", R"({"room":8})");
  send("a", R"({"room":7})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"room":7}])"));
}

TEST_F(EventSchedulesTest, UntilGathersEventsUpToItsEnd) {
  host({started_by("on: {any: [{with: {type: a}}], until: '${ (map(.n) | add) >= 10 }'}")});
  for (const auto* data : {R"({"n":4})", R"({"n":5})", R"({"n":1})", R"({"n":3})"}) send("a", data);
  EXPECT_THAT(inputs(), ElementsAre(R"([{"n":4},{"n":5},{"n":1}])"));
  EXPECT_EQ(line().gathered, 1U);
}

TEST_F(EventSchedulesTest, EventsOfUntilEndASetAndAreNoPartOfIt) {
  host({started_by("on: {any: [{with: {type: a}}], until: {one: {with: {type: end}}}}")});
  send("end", "0");
  send("a", "1");
  send("a", "2");
  send("end", "3");
  EXPECT_THAT(inputs(), ElementsAre("[1,2]"));
  EXPECT_EQ(line().gathered, 0U);
  EXPECT_THAT(log.gathered, IsEmpty());
}

TEST_F(EventSchedulesTest, AnUntilThatFailsGivesTheSetUpAndNothingElse) {
  host({started_by("on: {any: [{with: {type: a}}], until: '${ .[0].list | length > (.[0] | error) }'}"),
        started_by(k_one, "1.0.0", "", "other")});
  send("a", "1");
  EXPECT_THAT(inputs(), ElementsAre("[1]")) << "the other's";
  EXPECT_EQ(engine->schedules().list().value().at(1).state.given_up, 1U);
}

TEST_F(EventSchedulesTest, HostileEventsMatchNothingAndStopNobody) {
  host({started_by("on: {one: {with: {type: a, data: '${ .list[0].x + 1 > 0 }'}}}")});
  send("a", "17");
  send("a", R"({"list":"text"})");
  send("a", R"({"list":[{"x":{}}]})");
  send("a", R"({"list":[{"x":1}]})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"list":[{"x":1}]}])"));
}

TEST_F(EventSchedulesTest, ANewOneBeginsWithTheEventsFromNowOn) {
  send("a", "1");
  host({started_by(k_one)});
  EXPECT_THAT(inputs(), IsEmpty());
  send("a", "2");
  EXPECT_THAT(inputs(), ElementsAre("[2]"));
}

TEST_F(EventSchedulesTest, WhatCameWhileNobodyHostedItIsMadeUpFor) {
  const auto workflow = started_by(k_one);
  host({workflow});
  send("a", "1");
  begin();
  send("a", "2");
  send("a", "3");
  begin();
  host({workflow});
  EXPECT_THAT(inputs(), ElementsAre("[1]", "[2]", "[3]"));
}

TEST_F(EventSchedulesTest, ARunStartedByAnEventMayListenToThoseBehindIt) {
  const auto workflow =
      started_by(k_one, "1.0.0", "", "react", "do: [{l: {listen: {to: {one: {with: {type: answer}}}}}}]\n");
  host({workflow});
  begin();
  send("answer", "0");
  send("a", "1");
  send("answer", "2");
  begin();
  host({workflow});
  ASSERT_EQ(log.summaries.size(), 1U);
  EXPECT_EQ(to_json(fold_run(log, log.summaries.begin()->first).value().output), "[2]");
}

TEST_F(EventSchedulesTest, GatheredEventsOutliveTheProcess) {
  const auto workflow = started_by(k_all_by_order);
  host({workflow});
  send("a", R"({"order":1})");
  send("a", R"({"order":2})");
  begin();
  host({workflow});
  EXPECT_EQ(line().gathered, 2U);
  send("b", R"({"id":2})");
  begin();
  host({workflow});
  send("b", R"({"id":1})");
  EXPECT_THAT(inputs(), ElementsAre(R"([{"order":2},{"id":2}])", R"([{"order":1},{"id":1}])"));
  EXPECT_THAT(log.gathered, IsEmpty());
}

/// Kills the process when so many batches have become durable, for each number there is.
TEST_F(EventSchedulesTest, AKillAtAnyBatchNeitherLosesNorDoublesAnEvent) {
  const auto workflows = {started_by(k_all), started_by(k_one, "1.0.0", "", "single")};
  for (std::size_t cut = 0; cut < 24; ++cut) {
    log = MemoryLog{};
    begin();
    host(workflows);
    disk.held = true;
    std::size_t synced = 0;
    const auto go_on = [&] {
      while (!disk.given.empty() && synced < cut) {
        disk.sync_one();
        ++synced;
        turn();
      }
    };
    std::vector<std::pair<std::string, std::string>> unsure;
    for (const auto& [type, data] : std::vector<std::pair<std::string, std::string>>{
             {"a", "1"}, {"b", "2"}, {"a", "3"}, {"a", "4"}, {"b", "5"}, {"b", "6"}}) {
      engine->publish({event(type, data, "k" + data)}, [](const auto&) {});
      turn();
      go_on();
    }
    begin();
    host(workflows);
    // Whoever was not told that an event was published sends it again.
    for (const auto& [type, data] : std::vector<std::pair<std::string, std::string>>{
             {"a", "1"}, {"b", "2"}, {"a", "3"}, {"a", "4"}, {"b", "5"}, {"b", "6"}}) {
      send(event(type, data, "k" + data));
    }
    std::vector<std::string> by_all;
    std::vector<std::string> by_one;
    for (const auto& [run, summary] : log.summaries) {
      (summary.workflow.name == "single" ? by_one : by_all).push_back(to_json(fold_run(log, run).value().input));
    }
    EXPECT_THAT(by_all, testing::UnorderedElementsAre("[1,2]", "[3,5]", "[4,6]")) << "after " << cut;
    EXPECT_THAT(by_one, testing::UnorderedElementsAre("[1]", "[3]", "[4]")) << "after " << cut;
    EXPECT_THAT(log.gathered, IsEmpty()) << "after " << cut;
  }
}

TEST_F(EventSchedulesTest, ARunIsInTheBatchOfTheRowThatSaysSo) {
  host({started_by(k_all)});
  send("a", "1");
  EXPECT_EQ(log.gathered.size(), 1U);
  disk.held = true;
  engine->publish({event("b", "2")}, [](const auto&) {});
  turn();
  disk.sync_one();
  turn();
  ASSERT_EQ(disk.given.size(), 1U);
  const AppendBatch& batch = disk.given.front().batch;
  EXPECT_EQ(batch.records.size(), 1U);
  ASSERT_EQ(batch.schedules.size(), 2U);
  EXPECT_EQ(batch.schedules[0].state.get("event"), Value::integer(2));
  EXPECT_EQ(batch.schedules[0].state.get("run").as_string(), batch.records[0].run.to_string());
  EXPECT_EQ(batch.schedules[1].event, BusPosition{1});
  EXPECT_TRUE(batch.schedules[1].state.is_null());
}

TEST_F(EventSchedulesTest, TheSameFilterInANewVersionGoesOnAndAnotherBeginsAnew) {
  host({started_by(k_all)});
  send("a", "1");
  host({started_by(k_all), started_by(k_all, "1.1.0")});
  EXPECT_EQ(line().gathered, 1U);
  send("b", "2");
  EXPECT_THAT(inputs(), ElementsAre("[1,2]"));
  EXPECT_EQ(log.summaries.begin()->second.workflow.version, "1.1.0");
  send("a", "3");
  host({started_by("on: {all: [{with: {type: a}}, {with: {type: c}}]}", "1.2.0")});
  EXPECT_EQ(line().gathered, 0U);
  EXPECT_THAT(log.gathered, IsEmpty());
  send("c", "4");
  EXPECT_EQ(inputs().size(), 1U);
}

TEST_F(EventSchedulesTest, WhatComesInAPauseOrWhileItIsGoneStartsNothing) {
  const auto workflow = started_by(k_one);
  host({workflow});
  pause(true);
  send("a", "1");
  begin();
  host({workflow});
  send("a", "2");
  pause(false);
  send("a", "3");
  host({});
  send("a", "4");
  host({workflow});
  send("a", "5");
  EXPECT_THAT(inputs(), ElementsAre("[3]", "[5]"));
}

TEST_F(EventSchedulesTest, AnEventWaitsUntilItsRunCanBeStarted) {
  host({started_by(k_one)});
  disk.held = true;
  engine->publish({event("a", "1")}, [](const auto&) {});
  turn();
  disk.trouble = make_error(ErrorCode::disk_full, "the disk is full");
  disk.sync_all();
  turn();
  EXPECT_THAT(inputs(), IsEmpty());
  EXPECT_EQ(line().behind, 1U);
  disk.trouble.reset();
  disk.held = false;
  turn();
  EXPECT_THAT(inputs(), IsEmpty()) << "it is tried again in a second";
  clock.time += 1'000;
  turn();
  EXPECT_THAT(inputs(), ElementsAre("[1]"));
}

TEST_F(EventSchedulesTest, ASingletonThatIsOpenRefusesTheEvent) {
  host({started_by(k_one, "1.0.0", "singleton: {mode: refuse}", "react", "do: [{w: {wait: PT1H}}]\n")});
  send("a", "1");
  send("a", "2");
  EXPECT_THAT(inputs(), ElementsAre("[1]"));
  EXPECT_THAT(line().state.refused, testing::HasSubstr("singleton"));
}

TEST_F(EventSchedulesTest, ASetWhoseEventIsNotKeptAnyMoreIsGivenUp) {
  const auto workflow = started_by(k_all);
  host({workflow});
  send("a", "1");
  begin();
  log.published.erase(log.published.begin());
  log.bus_ends.first = BusPosition{2};
  begin();
  host({workflow});
  EXPECT_EQ(line().gathered, 1U);
  send("b", "2");
  send("a", "3");
  EXPECT_THAT(inputs(), ElementsAre("[2,3]"));
  EXPECT_EQ(line().state.given_up, 1U);
}

TEST_F(EventSchedulesTest, TooManySetsGiveUpTheOldest) {
  const auto workflow = started_by(k_all);
  host({workflow});
  begin();
  for (std::uint64_t i = 1; i <= k_most_sets; ++i) {  // as many as there may be
    const BusPosition position{i};
    const GatheredEvent waiting{position, position, Timestamp{}, "/schedule/on/all/0", false, 100, {}};
    log.gathered[{"test", "react", position}] = {"test", "react", to_value(waiting), position};
    log.published.push_back({position, Timestamp{}, RunId{}, event("a", std::to_string(i))});
  }
  log.bus_ends.head = log.bus_ends.matched = BusPosition{k_most_sets};
  Value& row = log.schedules.at({"test", "react"}).state;
  row = row.with("event", Value::unsigned_integer(k_most_sets));
  begin();
  host({workflow});
  EXPECT_EQ(line().sets, k_most_sets);
  send("a", "0");
  EXPECT_EQ(line().sets, k_most_sets);
  EXPECT_EQ(line().state.given_up, 1U);
  EXPECT_EQ(log.gathered.size(), k_most_sets);
  send("b", "1");
  EXPECT_THAT(inputs(), ElementsAre("[2,1]"));
}

TEST_F(EventSchedulesTest, AnExpectationThatCannotBeHadIsToldAndStopsNobodyElse) {
  host({started_by("on: {one: {with: {type: a}, correlate: {r: {from: .data, expect: '${ null }'}}}}"),
        started_by(k_one, "1.0.0", "", "other")});
  send("a", "1");
  EXPECT_THAT(inputs(), ElementsAre("[1]"));
  EXPECT_THAT(engine->schedules().list().value().at(1).trouble, testing::HasSubstr("expect gives null"));
}

TEST_F(EventSchedulesTest, ATriggeredRunOfEventsAloneHasNone) {
  host({started_by(k_one)});
  std::optional<Result<Started>> told;
  engine->schedules().trigger("react", json("{}"), [&told](const auto& started) { told = started; });
  turn();
  ASSERT_TRUE(told && *told);
  EXPECT_EQ(to_json(fold_run(log, told->value().run).value().input), "[]");
}

}  // namespace
}  // namespace cairn::tests
