// metadata.cairn.debounce: of a burst of starts, the last one counts.

#include "engine/machine/status.h"
#include "tests/engine/runtime/waiting_harness.h"

#include <gmock/gmock.h>

namespace cairn::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t k_period = 5'000;

class DebounceTest : public WaitingTest {
 protected:
  static DefinitionText debounced(const std::string& more = {}) {
    DefinitionText text;
    text.text =
        "document: {dsl: '1.0.3', namespace: test, name: burst, version: '1.0.0', metadata: {cairn: {debounce: "
        "{period: PT5S, key: '${ .customer }'}}}}\n" +
        more + "do:\n  - a: {wait: PT1S}\n  - b: {set: {customer: '${ .customer }'}}\n";
    auto loaded = load_definition(text.text);
    EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text.text, "burst");
    text.program = loaded.program;
    return text;
  }
  RunId start(const std::string& customer) {
    return begin(debounced(), Value::object({{"customer", Value::string(customer)}}));
  }
};

TEST_F(DebounceTest, ARunWaitsForItsPeriodBeforeItsFirstTask) {
  const std::int64_t begun = clock.time;
  const RunId run = start("a");
  EXPECT_EQ(status_of(state(run)), RunStatus::pending);
  go_to(begun + k_period - 1);
  EXPECT_THAT(state(run).frames, IsEmpty());
  go_to(begun + k_period);
  EXPECT_EQ(state(run).frames.size(), 1U);
  EXPECT_EQ(status_of(state(run)), RunStatus::waiting);
  go_to(begun + k_period + 1'000);
  EXPECT_EQ(to_json(state(run).output), R"({"customer":"a"})");
}

TEST_F(DebounceTest, OfABurstTheLastOneRuns) {
  const std::int64_t begun = clock.time;
  const RunId first = start("a");
  clock.time = begun + k_period - 1;
  const RunId second = start("a");
  EXPECT_EQ(state(first).ending, Ending::cancelled);
  EXPECT_THAT(state(first).cancel_reason, HasSubstr(second.to_string()));
  go_to(begun + k_period);
  EXPECT_EQ(status_of(state(second)), RunStatus::pending) << "the wait begins anew";
  go_to(begun + 2 * k_period - 1);
  EXPECT_EQ(state(second).frames.size(), 1U);
}

TEST_F(DebounceTest, StartsThatComeTogetherLeaveOne) {
  std::vector<RunId> runs;
  for (int i = 0; i < 3; ++i) {
    StartOptions options;
    options.workflow = debounced();
    options.input = json(R"({"customer": "a"})");
    engine->start(std::move(options), [&runs](const Result<Started>& answer) { runs.push_back(answer.value().run); });
  }
  turn();
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(state(runs[0]).ending, Ending::cancelled);
  EXPECT_EQ(state(runs[1]).ending, Ending::cancelled);
  EXPECT_EQ(status_of(state(runs[2])), RunStatus::pending);
}

TEST_F(DebounceTest, KeysAreApart) {
  const RunId first = start("a");
  const RunId second = start("b");
  EXPECT_FALSE(state(first).ended());
  EXPECT_FALSE(state(second).ended());
}

TEST_F(DebounceTest, ARunWhoseTasksHaveBegunGoesOn) {
  const std::int64_t begun = clock.time;
  const RunId first = start("a");
  go_to(begun + k_period);
  const RunId second = start("a");
  EXPECT_FALSE(state(first).ended());
  EXPECT_EQ(status_of(state(second)), RunStatus::pending);
}

TEST_F(DebounceTest, ATimerThatIsDueLosesAgainstAStartThatCameBefore) {
  const RunId first = start("a");
  clock.time += 10 * k_period;
  start("a");
  ring();
  EXPECT_EQ(state(first).ending, Ending::cancelled);
}

TEST_F(DebounceTest, AfterARestartTheBurstGoesOn) {
  const std::int64_t begun = clock.time;
  const RunId first = start("a");
  reopen();
  recover();
  const RunId second = start("a");
  EXPECT_EQ(state(first).ending, Ending::cancelled);
  go_to(begun + k_period);
  EXPECT_EQ(state(second).frames.size(), 1U);
}

TEST_F(DebounceTest, TheWorkflowsTimeoutBeginsWithItsTasks) {
  const std::int64_t begun = clock.time;
  const RunId run = begin(debounced("timeout: {after: {seconds: 3}}\n"), json(R"({"customer": "a"})"));
  go_to(begun + k_period);
  go_to(begun + k_period + 1'000);
  EXPECT_EQ(state(run).ending, Ending::completed);
}

TEST_F(DebounceTest, ASuspendedRunDoesNotBegin) {
  const std::int64_t begun = clock.time;
  const RunId run = start("a");
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::suspend, "").has_value());
  go_to(begun + 9 * k_period);
  EXPECT_THAT(state(run).frames, IsEmpty());
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::proceed, "").has_value());
  go_to(begun + 14 * k_period);
  EXPECT_EQ(state(run).frames.size(), 1U);
}

}  // namespace
}  // namespace cairn::tests
