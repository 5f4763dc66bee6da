// Schedules of an engine with a log in memory and a clock in the test's hand: each slot starts one run, once.

#include "engine/runtime/schedules.h"

#include "tests/engine/runtime/service_harness.h"

#include <gtest/gtest.h>

#include <optional>

namespace cairn::tests {
namespace {

/// 2026-11-21T10:00:00Z.
constexpr std::int64_t k_ten = 1'795'255'200'000;
constexpr std::int64_t k_minute = 60'000;
constexpr const char* k_call_task = "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n";

DefinitionText scheduled(const std::string& schedule, const std::string& metadata = "",
                         const std::string& version = "1.0.0", const std::string& tasks = "do: [{a: {set: {x: 1}}}]\n",
                         const std::string& name = "tick") {
  const std::string text = "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '" + version +
                           "', metadata: {cairn: {" + metadata + "}}}\n" +
                           (schedule.empty() ? "" : "schedule: {" + schedule + "}\n") + tasks;
  auto loaded = load_definition(text);
  EXPECT_TRUE(loaded.ok()) << text;
  return {text, loaded.program};
}

/// A process: an engine over a log that outlives it.
class Process {
 public:
  Process(MemoryLog& log, HandClock& clock, Outside& outside)
      : engine(io, log, make_direct_committer(log), outside.connectors(), clock, random_) {}

  void host(const std::vector<DefinitionText>& workflows) {
    EXPECT_TRUE(engine.know(workflows));
    const auto hosted = engine.schedules().host(workflows, json("{}"));
    EXPECT_TRUE(hosted) << hosted.error().to_string();
    turn();
  }
  void turn() {
    engine.schedules().turn();
    io.restart();
    io.poll();
  }

  boost::asio::io_context io;
  SeededRandom random_;
  Engine engine;
};

class SchedulesTest : public testing::Test {
 protected:
  SchedulesTest() {
    clock.time = k_ten;
    begin();
  }

  /// Another process in the place of this one, which ends as if it was killed.
  void begin() {
    process.reset();
    process.emplace(log, clock, outside);
  }
  void pass(std::int64_t ms) {
    clock.time += ms;
    process->turn();
  }
  /// The slots that have runs, as times of the day.
  [[nodiscard]] std::vector<std::string> slots() const {
    std::vector<std::string> found;
    for (const auto& [run, summary] : log.summaries) {
      const auto& key = summary.key;
      found.push_back(key.substr(key.find('T') + 1, 8));
    }
    std::ranges::sort(found);
    return found;
  }
  [[nodiscard]] ScheduleLine line(std::size_t index = 0) {
    const auto lines = process->engine.schedules().list();
    EXPECT_TRUE(lines);
    return lines.value().at(index);
  }
  Result<void> pause(bool paused) {
    std::optional<Result<void>> told;
    process->engine.schedules().pause("tick", paused, [&told](const Result<void>& done) { told = done; });
    process->turn();
    EXPECT_TRUE(told);
    return *told;
  }
  std::vector<BackfilledSlot> backfill(std::int64_t from, std::int64_t to, bool dry_run = false) {
    std::optional<Result<std::vector<BackfilledSlot>>> told;
    process->engine.schedules().backfill("test/tick", Timestamp{from}, Timestamp{to}, dry_run, json("{}"),
                                         [&told](const auto& slots) { told = slots; });
    process->turn();
    EXPECT_TRUE(told && *told);
    return told && *told ? told->value() : std::vector<BackfilledSlot>{};
  }

  MemoryLog log;
  HandClock clock;
  Outside outside;
  std::optional<Process> process;
};

using Slots = std::vector<std::string>;

TEST_F(SchedulesTest, EachSlotStartsOneRunWithTheSlotAsInput) {
  process->host({scheduled("every: PT1M")});
  EXPECT_EQ(slots(), Slots{}) << "none before the first slot";
  pass(k_minute);
  pass(0);
  pass(k_minute / 2);
  pass(k_minute / 2);
  EXPECT_EQ(slots(), (Slots{"10:01:00", "10:02:00"}));
  const auto state = fold_run(log, log.summaries.begin()->first);
  ASSERT_TRUE(state);
  EXPECT_EQ(to_json(state.value().input),
            R"({"schedule":{"slot":"2026-11-21T10:01:00.000Z","local":"2026-11-21T10:01:00+00:00"}})");
  EXPECT_EQ(line().state.last_run, log.summaries.rbegin()->first);
  EXPECT_EQ(line().next, Timestamp{k_ten + 3 * k_minute});
}

TEST_F(SchedulesTest, AProcessThatIsKilledAfterASlotDoesNotStartItAgain) {
  const auto workflow = scheduled("cron: '* * * * *'", "catchup: all");
  process->host({workflow});
  pass(k_minute);
  begin();
  process->host({workflow});
  pass(0);
  EXPECT_EQ(slots(), (Slots{"10:01:00"}));
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:01:00", "10:02:00"}));
}

TEST_F(SchedulesTest, TheRowOfASlotIsInTheBatchOfItsRun) {
  process->host({scheduled("every: PT1M")});
  pass(k_minute);
  const auto& row = log.schedules.at({"test", "tick"});
  EXPECT_EQ(row.state.get("handled"), Value::integer(k_ten + k_minute));
  EXPECT_EQ(row.state.get("run"), Value::string(log.summaries.begin()->first.to_string()));
}

TEST_F(SchedulesTest, MissedSlotsAreMadeUpForAsTheScheduleSays) {
  const std::map<std::string, Slots> expected{
      {"", {"10:05:00"}},
      {"catchup: last", {"10:05:00"}},
      {"catchup: none", {}},
      {"catchup: all", {"10:01:00", "10:02:00", "10:03:00", "10:04:00", "10:05:00"}},
  };
  for (const auto& [catchup, made_up] : expected) {
    log = MemoryLog();
    clock.time = k_ten;
    begin();
    const auto workflow = scheduled("every: PT1M", catchup);
    process->host({workflow});
    begin();
    clock.time += 5 * k_minute + 10'000;
    process->host({workflow});
    EXPECT_EQ(slots(), made_up) << catchup;
    pass(k_minute);
    EXPECT_EQ(slots().back(), "10:06:00") << catchup;
    EXPECT_EQ(slots().size(), made_up.size() + 1) << catchup;
  }
}

TEST_F(SchedulesTest, OfManyMissedSlotsTheLastThousandAreMadeUpFor) {
  const auto workflow = scheduled("every: PT1S", "catchup: all");
  process->host({workflow});
  begin();
  clock.time += 50'000'000;
  process->host({workflow});
  EXPECT_EQ(log.summaries.size(), k_most_caught_up);
  EXPECT_EQ(slots().back(), "23:53:20");
}

TEST_F(SchedulesTest, WhileItIsHostedALittleLatenessLosesNothing) {
  process->host({scheduled("every: PT1S", "catchup: none")});
  pass(7'000);
  EXPECT_EQ(log.summaries.size(), 7U);
}

TEST_F(SchedulesTest, AClockThatJumpsBackRepeatsNothingAndLosesNothing) {
  process->host({scheduled("every: PT1M", "catchup: all")});
  pass(3 * k_minute);
  pass(-2 * k_minute);
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:01:00", "10:02:00", "10:03:00"}));
  pass(2 * k_minute);
  EXPECT_EQ(slots(), (Slots{"10:01:00", "10:02:00", "10:03:00", "10:04:00"}));
}

TEST_F(SchedulesTest, AfterStartsAtOnceAndThenWhenItsRunHasEnded) {
  const auto workflow = scheduled("after: PT1M", "", "1.0.0", k_call_task);
  process->host({workflow});
  ASSERT_EQ(outside.calls.size(), 1U);
  pass(10 * k_minute);
  EXPECT_EQ(log.summaries.size(), 1U) << "while it goes on, nothing is due";
  outside.calls.at(0)->observer.done(Value::string("done"));
  process->turn();
  pass(k_minute - 1);
  EXPECT_EQ(log.summaries.size(), 1U);
  pass(1);
  EXPECT_EQ(log.summaries.size(), 2U);
}

TEST_F(SchedulesTest, AfterGoesOnInAnotherProcessBehindTheRunThatWentOn) {
  const auto workflow = scheduled("after: PT1M", "", "1.0.0", "do: [{a: {wait: PT10S}}]\n");
  process->host({workflow});
  ASSERT_EQ(log.summaries.size(), 1U);
  begin();
  process->host({workflow});
  EXPECT_EQ(log.summaries.size(), 1U) << "its run has not ended";
  process->engine.recover(json("{}"), {});
  ASSERT_TRUE(process->engine.command(log.summaries.begin()->first, OperatorCommand::Kind::cancel, "test"));
  pass(k_minute);
  EXPECT_EQ(log.summaries.size(), 2U) << "one that was cancelled has ended, too";
}

TEST_F(SchedulesTest, APauseOutlivesTheProcessAndItsSlotsAreLeftOut) {
  const auto workflow = scheduled("every: PT1M", "catchup: all");
  process->host({workflow});
  ASSERT_TRUE(pause(true));
  EXPECT_EQ(pause(true).error().code, ErrorCode::conflict);
  pass(2 * k_minute);
  begin();
  process->host({workflow});
  pass(k_minute);
  EXPECT_EQ(slots(), Slots{});
  EXPECT_FALSE(line().next);
  ASSERT_TRUE(pause(false));
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:04:00"}));
}

TEST_F(SchedulesTest, APauseAtTheMomentOfASlotIsKept) {
  const auto workflow = scheduled("every: PT1M");
  process->host({workflow});
  clock.time += k_minute;
  process->engine.schedules().turn();  // the start is under way
  bool told = false;
  process->engine.schedules().pause("tick", true, [&told](const Result<void>& done) { told = done.has_value(); });
  EXPECT_FALSE(told) << "not before the start is durable";
  process->turn();
  EXPECT_TRUE(told);
  EXPECT_NE(log.schedules.at({"test", "tick"}).state.find("paused"), nullptr);
  EXPECT_EQ(log.schedules.at({"test", "tick"}).state.get("handled"), Value::integer(k_ten + k_minute));
}

TEST_F(SchedulesTest, OfSeveralVersionsTheHighestCounts) {
  process->host({scheduled("every: PT1M", "", "1.10.0"), scheduled("every: PT1S", "", "1.9.0")});
  EXPECT_EQ(process->engine.schedules().hosted(), 1U);
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:01:00"}));
  process->host({scheduled("every: PT1S", "", "1.9.0"), scheduled("", "", "2.0.0")});
  EXPECT_EQ(process->engine.schedules().hosted(), 0U);
  EXPECT_TRUE(line().state.gone_at);
}

TEST_F(SchedulesTest, OneThatIsGoneAndComesBackBeginsThen) {
  const auto workflow = scheduled("every: PT1M", "catchup: all");
  process->host({workflow});
  process->host({});
  pass(3 * k_minute);
  EXPECT_EQ(slots(), Slots{});
  process->host({workflow});
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:04:00"}));
}

TEST_F(SchedulesTest, AScheduleThatIsChangedBeginsThen) {
  process->host({scheduled("every: PT1M", "catchup: all")});
  begin();
  clock.time += 5 * k_minute;
  process->host({scheduled("cron: '* * * * *'", "catchup: all", "1.0.1")});
  EXPECT_EQ(slots(), Slots{});
  pass(k_minute);
  EXPECT_EQ(slots(), (Slots{"10:06:00"}));
}

TEST_F(SchedulesTest, WhatASingletonRefusesIsToldAndNotTriedAgain) {
  process->host({scheduled("every: PT1M", "singleton: {}", "1.0.0", k_call_task)});
  pass(k_minute);
  pass(k_minute);
  EXPECT_EQ(log.summaries.size(), 1U);
  EXPECT_NE(line().state.refused.find("singleton"), std::string::npos);
  EXPECT_TRUE(line().overdue.empty());
  EXPECT_EQ(log.schedules.at({"test", "tick"}).state.get("handled"), Value::integer(k_ten + 2 * k_minute));
}

TEST_F(SchedulesTest, ABackfillStartsThePastSlotsThatHaveNoRun) {
  process->host({scheduled("every: PT1M")});
  pass(k_minute);
  const auto listed = backfill(k_ten - 2 * k_minute, clock.time, true);
  ASSERT_EQ(listed.size(), 4U);
  EXPECT_TRUE(listed.back().existing);
  EXPECT_EQ(log.summaries.size(), 1U);
  backfill(k_ten - 2 * k_minute, clock.time);
  EXPECT_EQ(slots(), (Slots{"09:58:00", "09:59:00", "10:00:00", "10:01:00"}));
  for (const auto& slot : backfill(k_ten - 2 * k_minute, clock.time)) EXPECT_TRUE(slot.existing);
  EXPECT_EQ(log.summaries.size(), 4U);
}

TEST_F(SchedulesTest, ATriggerStartsARunBesideTheSlots) {
  process->host({scheduled("every: PT1M")});
  std::optional<Result<Started>> told;
  process->engine.schedules().trigger("tick", json("{}"), [&told](const Result<Started>& started) { told = started; });
  process->turn();
  ASSERT_TRUE(told && *told);
  EXPECT_EQ(log.summaries.size(), 1U);
  pass(k_minute);
  EXPECT_EQ(log.summaries.size(), 2U);
}

TEST_F(SchedulesTest, NamesThatMeanNoneOrSeveralAreRefused) {
  process->host({scheduled("every: PT1M")});
  std::optional<Result<void>> told;
  process->engine.schedules().pause("tack", true, [&told](const Result<void>& done) { told = done; });
  EXPECT_EQ(told->error().code, ErrorCode::not_found);
}

TEST_F(SchedulesTest, WithoutAHostWhatPassedIsOverdue) {
  process->host({scheduled("every: PT1M", "catchup: all")});
  begin();
  clock.time += 3 * k_minute;
  EXPECT_FALSE(line().hosted);
  EXPECT_EQ(line().overdue.size(), 3U);
  EXPECT_EQ(line().next, Timestamp{k_ten + 4 * k_minute});
}

TEST_F(SchedulesTest, WhatNobodyWillMakeUpForIsNotOverdue) {
  process->host({scheduled("every: PT1M", "catchup: none")});
  begin();
  clock.time += 3 * k_minute;
  EXPECT_TRUE(line().overdue.empty());
  EXPECT_FALSE(line().more_overdue);
  EXPECT_EQ(line().next, Timestamp{k_ten + 4 * k_minute});
}

TEST_F(SchedulesTest, OneThatIsGoneIsNeitherPausedNorTriggered) {
  process->host({scheduled("every: PT1M")});
  process->host({});
  EXPECT_EQ(pause(true).error().code, ErrorCode::conflict);
  EXPECT_FALSE(line().state.paused_at);
  std::optional<Result<Started>> told;
  process->engine.schedules().trigger("tick", json("{}"), [&told](const Result<Started>& started) { told = started; });
  process->turn();
  ASSERT_TRUE(told && !*told);
  EXPECT_NE(told->error().message.find("not hosted any more"), std::string::npos);
  EXPECT_EQ(slots(), Slots{});
}

TEST_F(SchedulesTest, WhatEndsSoonStartsNothing) {
  process->host({scheduled("every: PT1M")});
  process->engine.drain();
  pass(k_minute);
  EXPECT_EQ(slots(), Slots{});
  EXPECT_TRUE(process->engine.drained());
}

}  // namespace
}  // namespace cairn::tests
