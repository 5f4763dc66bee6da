// Extensions and functions from outside, step by step: every prefix of the history survives a snapshot.
#include "tests/engine/machine/driver.h"

namespace cairn::tests {
namespace {

TEST(Extensions, KeepTheirPlaceOverStepsBeforeAndAfterATask) {
  Driver run(
      "use: {extensions: [{slow: {extend: set, before: [{w: {wait: PT1S}}], after: [{v: {wait: PT1S}}]}}]}\n"
      "do: [{a: {set: {n: 1}, output: {as: '. + {m: 2}'}, export: {as: .n}, then: c}}, {b: {raise: {error: {type: "
      "'https://x.y/z', status: 400}}}}, {c: {wait: PT1S}}]\n");
  run.settle(run.start());
  EXPECT_EQ(run.state().frames.size(), 3U) << "the task, its stage, the stage's task";
  run.settle(run.fire_next_timer());
  const auto after = run.all<AfterStarted>();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(to_json(after[0].raw_output), R"({"n":1})");
  EXPECT_EQ(after[0].then, "/do/2/c");
  EXPECT_EQ(to_json(run.state().context), "1");
  run.settle(run.fire_next_timer());
  run.settle(run.fire_next_timer());
  EXPECT_EQ(run.output(), R"({"n":1,"m":2})");
}

TEST(Extensions, OfATaskThatTimesOutGoWithIt) {
  Driver run(
      "use: {extensions: [{slow: {extend: set, after: [{v: {wait: PT10S}}]}}]}\n"
      "do: [{a: {set: {n: 1}, timeout: {after: PT1S}}}]\n");
  run.settle(run.start());
  run.settle(run.fire_next_timer());
  EXPECT_EQ(run.state().ending, Ending::faulted);
  EXPECT_EQ(run.state().problem->status, 408);
}

TEST(OutsideFunctions, RunAsIfTheyWereTheDefinitionsOwn) {
  Driver run(
      "use: {catalogs: {c: {endpoint: cat}}}\ndo: [{a: {call: 'f:1.0.0@c', with: {n: 1}}}]\n",
      {{"cat/functions/f/1.0.0/function.yaml", "do: [{x: {call: 'g:2.0.0'}}, {y: {call: ../2.0.0/more.yaml}}]"},
       {"cat/functions/g/2.0.0/function.yaml", "set: {n: '${ .n + 1 }'}"},
       {"cat/functions/f/2.0.0/more.yaml", "{input: {schema: {resource: {endpoint: s.json}}}, set: '${ .n * 10 }'}"},
       {"cat/functions/f/2.0.0/s.json", R"({"required": ["n"]})"}});
  run.settle(run.start());
  EXPECT_EQ(run.output(), "20");
  EXPECT_EQ(run.all<TaskStarted>().back().task, "/use/functions/cat~1functions~1f~12.0.0~1more.yaml");
}

struct Returned {
  const char* what;
  const char* completed;
  const char* faulted;  ///< nullptr: it is the task's fault
};

TEST(ChildWorkflows, ReturnWhatTheTaskAsksFor) {
  const std::vector<Returned> rows = {{"stdout", R"({"n":7})", nullptr},
                                      {"stderr", "null", nullptr},
                                      {"none", "null", nullptr},
                                      {"code", "0", "1"},
                                      {"all", R"({"code":0,"stdout":{"n":7},"stderr":null})", "stderr"}};
  for (const Returned& row : rows) {
    const std::string text =
        std::string("do: [{a: {run: {workflow: {namespace: test, name: child}, return: ") + row.what + "}}}]\n";
    Driver good(text);
    const Decision begun = good.start();
    ASSERT_EQ(begun.children.size(), 1U);
    good.settle(good.give(ChildFinished{begun.children[0].child, json(R"({"n": 7})")}));
    EXPECT_EQ(good.output(), row.completed) << row.what;
    Driver bad(text);
    const Decision other = bad.start();
    bad.settle(bad.give(ChildFinished{other.children[0].child, make_problem(StandardError::runtime, "odd", "")}));
    EXPECT_EQ(bad.state().ending, row.faulted == nullptr ? Ending::faulted : Ending::completed) << row.what;
    if (row.faulted != nullptr) EXPECT_NE(bad.output().find(row.faulted), std::string::npos) << bad.output();
  }
}

}  // namespace
}  // namespace cairn::tests
