// why and doctor: each open run has a reason, and a wake-up that will come; one that has none is named.

#include "engine/runtime/reasons.h"
#include "tests/engine/runtime/service_harness.h"

#include <gmock/gmock.h>

namespace cairn::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const char* const k_wait = "do:\n  - pause: {wait: {seconds: 5}}\n";

class WhyTest : public ServiceTest {
 protected:
  std::vector<Value> reasons(const std::string& run = "last") {
    const Value answer = ask(R"({"op": "why", "run": ")" + run + "\"}")->only();
    const Value all = answer.get("reasons");
    return {all.as_array().begin(), all.as_array().end()};
  }
  static std::string line(const Value& reason) {
    const auto part = [&reason](const char* name) { return to_json(reason.get(name)); };
    return part("kind") + " " + part("task") + " " + part("due") + " " + part("wakes");
  }
  Value doctor() {
    const auto answers = ask(R"({"op": "doctor"})");
    while (!answers->over) turn();
    return answers->messages.back().get("doctor");
  }
};

TEST_F(WhyTest, ATimerHasItsTime) {
  start(k_wait);
  const auto all = reasons();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(line(all[0]), R"("timer" "/do/0/pause" ")" + to_iso8601({clock.time + 5'000}) + "\" true");
  EXPECT_EQ(all[0].get("since"), Value::string(to_iso8601(clock.now())));
}

TEST_F(WhyTest, AnOperatorStopsTheClock) {
  start(k_wait);
  clock.time += 2'000;
  ask(R"({"op": "command", "run": "last", "command": "suspend"})");
  const auto all = reasons();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(line(all[0]), R"("operator" "" null true)");
  EXPECT_EQ(line(all[1]), R"("timer" "/do/0/pause" null true)");
  EXPECT_EQ(all[1].get("release"), Value::string("it continues, and then for 3 s"));
}

TEST_F(WhyTest, AnEffectIsAtWorkAndEndsWithItsTimeoutAtTheLatest) {
  start("timeout: {after: {seconds: 30}}\n" + std::string(k_call));
  const auto all = reasons();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(line(all[0]), R"("effect" "/do/0/call" ")" + to_iso8601({clock.time + 30'000}) + "\" true");
  EXPECT_EQ(all[0].get("what"), Value::string("the answer of http"));
}

TEST_F(WhyTest, AnEndedRunWaitsForNothing) {
  start("do:\n  - a: {set: {x: 1}}\n");
  EXPECT_THAT(reasons(), IsEmpty());
  EXPECT_EQ(doctor().get("open"), Value::integer(0));
}

TEST_F(WhyTest, TheDoctorCountsReasonsAndFindsNothingWhereAllIsWell) {
  for (int i = 0; i < 100; ++i) start(k_wait);
  start(k_call);
  const Value findings = doctor();
  EXPECT_EQ(findings.get("open"), Value::integer(101));
  EXPECT_EQ(to_json(findings.get("reasons")), R"({"timer":100,"effect":1})");
  EXPECT_THAT(findings.get("stuck").as_array(), IsEmpty());
}

TEST_F(WhyTest, ARunThatCannotBeReadHidesNoOther) {
  const std::string broken = start(k_wait);
  start(k_wait);
  log.records.erase(RunId::parse(broken).value());
  const Value findings = doctor();
  EXPECT_EQ(to_json(findings.get("reasons")), R"({"timer":1,"nothing":1})");
  ASSERT_EQ(findings.get("stuck").as_array().size(), 1U);
  EXPECT_EQ(findings.get("stuck").as_array()[0].get("run"), Value::string(broken));
}

TEST_F(WhyTest, ADoctorThatIsSentAwaySaysNothing) {
  for (int i = 0; i < 100; ++i) start(k_wait);
  service.handle(json(R"({"op": "doctor"})"), [](const Value&, bool) { FAIL(); }).reset();
  turn();
}

// ---- what must not happen, made by hand
// ------------------------------------------------------------------------------

RunState waiting_state() {
  RunState state;
  state.id = RunId::make(1'800'000'000'000, PartitionId{0}, 1);
  state.last = EventSeq{3};
  Frame frame;
  frame.id = EventSeq{2};
  frame.task = "/do/0/pause";
  state.frames.emplace(frame.id, frame);
  return state;
}

std::vector<std::pair<std::string_view, bool>> kinds_of(const RunState& state,
                                                        const std::optional<WorkUnderWay>& work) {
  const MemoryLog log;
  std::vector<std::pair<std::string_view, bool>> found;
  const auto reasons = reasons_of(log, state, work);
  for (const auto& reason : reasons.value()) found.emplace_back(name_of(reason.kind), reason.wakes);
  return found;
}

TEST(Reasons, NameWhatNothingWillWake) {
  const WorkUnderWay idle;
  RunState state = waiting_state();
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("nothing", false)));

  state.timers[EventSeq{3}] = {EventSeq{2}, TimerStarted::Purpose::wait, Timestamp{1}};
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("timer", false)));
  EXPECT_THAT(kinds_of(state, WorkUnderWay{.armed = {EventSeq{3}}}), ElementsAre(std::pair("timer", true)));
  EXPECT_THAT(kinds_of(state, WorkUnderWay{.deciding = true}), ElementsAre(std::pair("steps", true)));
  const WorkUnderWay held_up{.deciding = true, .trouble = make_error(ErrorCode::disk_full, "no room", "", "make some")};
  const auto reasons = reasons_of(MemoryLog(), state, held_up).value();
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_THAT(reasons[0].what, ::testing::HasSubstr("no room"));
  EXPECT_EQ(reasons[0].release, "make some");
  EXPECT_THAT(kinds_of(state, {}), ElementsAre(std::pair("owner", true), std::pair("timer", true)));
  state.suspended_at = Timestamp{2};
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("operator", true), std::pair("timer", true)));

  state = waiting_state();
  PendingEffect effect;
  effect.frame = EventSeq{2};
  state.effects[EventSeq{3}] = effect;
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("effect", false)));
  EXPECT_THAT(kinds_of(state, WorkUnderWay{.queued = {EventSeq{3}}}), ElementsAre(std::pair("slot", true)));
  EXPECT_THAT(kinds_of(state, WorkUnderWay{.running = {EventSeq{3}}}), ElementsAre(std::pair("effect", true)));

  state = waiting_state();
  state.children[RunId::make(1, PartitionId{0}, 2)] = {EventSeq{2}, "/do/0/pause"};
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("child", false)));
  EXPECT_THAT(kinds_of(state, WorkUnderWay{.children = {state.children.begin()->first}}),
              ElementsAre(std::pair("child", true)));

  state = waiting_state();
  Listening listening;
  listening.subscriptions = {{"/f/0", "com.example.a", {}}, {"/f/1", "", {}}};
  state.frames.at(EventSeq{2}).listening = listening;
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("event", true)));
  EXPECT_THAT(reasons_of(MemoryLog(), state, idle).value().at(0).what,
              ::testing::HasSubstr("com.example.a or any event"));

  state = waiting_state();
  state.parked.push_back(Value::integer(1));
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("steps", false)));
  state.suspended_at = Timestamp{2};
  EXPECT_THAT(kinds_of(state, idle), ElementsAre(std::pair("operator", true), std::pair("steps", true)));
  EXPECT_EQ(reasons_of(MemoryLog(), state, idle).value().at(1).release, "it continues") << "and not by itself";
}

}  // namespace
}  // namespace cairn::tests
