// At most one run of a singleton with a key is open: what another start comes to.

#include "tests/engine/runtime/service_harness.h"

#include <gmock/gmock.h>

namespace cairn::tests {
namespace {

using ::testing::HasSubstr;

class SingletonTest : public ServiceTest {
 protected:
  static std::string text_of(const std::string& singleton, const std::string& tasks = k_call) {
    return "document: {dsl: '1.0.3', namespace: test, name: only, version: '1.0.0', metadata: {cairn: {singleton: " +
           singleton + "}}}\n" + tasks;
  }
  static Value request(const std::string& text, const std::string& input, const std::string& key = {}) {
    return Value::object({{"op", Value::string("start")},
                          {"definition", Value::string(text)},
                          {"input", json(input)},
                          {"key", Value::string(key)}});
  }
  std::shared_ptr<Answers> begin(const std::string& singleton, const std::string& input = "{}",
                                 const std::string& key = {}) {
    return ask(request(text_of(singleton), input, key));
  }
  std::string run_of(const std::shared_ptr<Answers>& answers) {
    const Value run = answers->only().get("run");
    EXPECT_TRUE(run.is_string()) << to_json(answers->messages.at(0));
    return run.is_string() ? run.as_string() : "";
  }
  RunState state_of(const std::string& run) { return fold_run(log, RunId::parse(run).value()).value(); }

  static constexpr const char* k_by_customer = "{key: '${ .customer }'}";
};

TEST_F(SingletonTest, AnotherStartIsRefusedAndToldWhichRunIsOpen) {
  const std::string open = run_of(begin("{}"));
  const auto refused = begin("{}", R"({"other": 1})");
  EXPECT_EQ(refused->error_code(), "conflict");
  EXPECT_THAT(to_json(refused->only()), HasSubstr(open));
  answer(0, json("{}"));
  EXPECT_NE(run_of(begin("{}")), open);
}

TEST_F(SingletonTest, KeysAreApart) {
  run_of(begin(k_by_customer, R"({"customer": "a"})"));
  run_of(begin(k_by_customer, R"({"customer": "b"})"));
  EXPECT_EQ(begin(k_by_customer, R"({"customer": "a"})")->error_code(), "conflict");
}

TEST_F(SingletonTest, AnotherStartIsAnsweredWithTheOpenRun) {
  const std::string open = run_of(begin("{mode: existing}"));
  const auto second = begin("{mode: existing}", R"({"other": 1})");
  EXPECT_EQ(run_of(second), open);
  EXPECT_EQ(second->only().get("existing"), Value::boolean(true));
  EXPECT_EQ(outside.calls.size(), 1U);
}

TEST_F(SingletonTest, AnotherStartCancelsTheOpenRunFirst) {
  const std::string first = run_of(begin("{mode: cancel}"));
  const std::string second = run_of(begin("{mode: cancel}"));
  EXPECT_EQ(state_of(first).ending, Ending::cancelled);
  EXPECT_EQ(state_of(first).cancel_reason, "run " + second + " of this singleton took its place");
  EXPECT_FALSE(state_of(second).ended());
  const std::string third = run_of(begin("{mode: cancel}"));
  EXPECT_EQ(state_of(second).ending, Ending::cancelled);
  EXPECT_FALSE(state_of(third).ended());
}

TEST_F(SingletonTest, StartsThatComeTogetherLeaveOne) {
  std::vector<std::unique_ptr<Exchange>> exchanges;
  std::vector<Value> answers;
  for (int i = 0; i < 3; ++i) {
    exchanges.push_back(service.handle(request(text_of("{mode: cancel}"), "{}"),
                                       [&answers](const Value& message, bool) { answers.push_back(message); }));
  }
  turn();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(state_of(answers[0].get("run").as_string()).ending, Ending::cancelled);
  EXPECT_EQ(state_of(answers[1].get("run").as_string()).ending, Ending::cancelled);
  EXPECT_FALSE(state_of(answers[2].get("run").as_string()).ended());
}

TEST_F(SingletonTest, ARunThatEndsAtOnceIsInNobodysWay) {
  const std::string text = text_of("{}", "do: []\n");
  const std::string first = run_of(ask(request(text, "{}")));
  EXPECT_NE(run_of(ask(request(text, "{}"))), first);
}

TEST_F(SingletonTest, TheSameStartKeyIsTheSameStartAndNoOther) {
  const std::string open = run_of(begin("{}", "{}", "once"));
  EXPECT_EQ(run_of(begin("{}", "{}", "once")), open);
  EXPECT_EQ(begin("{}", "{}", "twice")->error_code(), "conflict");
}

TEST_F(SingletonTest, ItIsKnownAfterARestart) {
  const std::string open = run_of(begin(k_by_customer, R"({"customer": "a"})"));
  boost::asio::io_context other_io;
  Outside other;
  Engine again(other_io, log, make_direct_committer(log), other.connectors(), clock, random);
  const auto start_again = [&](const std::string& singleton, const std::string& customer) {
    StartOptions options;
    options.workflow.text = text_of(singleton);
    options.workflow.program = load_definition(options.workflow.text).program;
    options.input = Value::object({{"customer", Value::string(customer)}});
    return again.start(std::move(options));
  };
  EXPECT_EQ(start_again(k_by_customer, "a").error().code, ErrorCode::conflict);
  EXPECT_TRUE(start_again(k_by_customer, "b").has_value());
  EXPECT_TRUE(start_again("{key: '${ .customer }', mode: cancel}", "a").has_value());
  EXPECT_EQ(state_of(open).ending, Ending::cancelled);
}

TEST_F(SingletonTest, AChildOfOneThatIsOpenIsNotStarted) {
  run_of(begin("{}"));
  const std::string parent = start(
      "do:\n  - t: {try: [a: {run: {workflow: {namespace: test, name: only, version: '1.0.0'}}}], catch: {as: e, do: "
      "[b: "
      "{set: {detail: '${ $e.detail }'}}]}}\n",
      "parent");
  EXPECT_THAT(to_json(state_of(parent).output), HasSubstr("test/only:1.0.0 is a singleton, and run"));
}

TEST_F(SingletonTest, OneThatWaitsAndHasLeftMemoryIsOpenToo) {
  const std::string tasks = "do:\n  - pause: {wait: {hours: 1}}\n";
  const std::string first = run_of(ask(request(text_of("{}", tasks), "{}")));
  EXPECT_EQ(ask(request(text_of("{}", tasks), "{}"))->error_code(), "conflict");
  EXPECT_EQ(run_of(ask(request(text_of("{mode: existing}", tasks), "{}"))), first);
  const std::string second = run_of(ask(request(text_of("{mode: cancel}", tasks), "{}")));
  EXPECT_EQ(state_of(first).ending, Ending::cancelled);
  EXPECT_FALSE(state_of(second).ended());
}

TEST_F(SingletonTest, AnOperatorsCancelFreesThePlace) {
  const std::string open = run_of(begin("{}"));
  ask(R"({"op": "command", "run": ")" + open + R"(", "command": "cancel"})");
  EXPECT_NE(run_of(begin("{}")), open);
}

}  // namespace
}  // namespace cairn::tests
