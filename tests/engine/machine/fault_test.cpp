// What a fault leads to: the handler that the definition names, and the cause by which faults are told together.

#include "engine/machine/fault.h"

#include "tests/engine/machine/driver.h"

namespace cairn::tests {
namespace {

constexpr const char* k_handled =
    "do:\n"
    "  - keep: {set: {kept: true}, export: {as: '${ {seen: .kept} }'}}\n"
    "  - fail: {raise: {error: {type: 'https://x.test/odd', status: 418, title: Odd}}}\n";

std::string handled(const std::string& more = "") {
  return "document: {dsl: '1.0.3', namespace: test, name: faulty, version: '1.0.0', metadata: {cairn: {onFault: "
         "{workflow: "
         "{name: tell}}}}}\n" +
         more + k_handled;
}

struct Faulted {
  Decision decision;
  RunState state;
};

Faulted fault(std::optional<ParentLink> parent = {}) {
  auto loaded = load_definition(handled());
  EXPECT_TRUE(loaded.ok());
  const Machine machine(loaded.program);
  Faulted out;
  StartRun start;
  start.run = RunId::make(1'000, PartitionId{3}, 77);
  start.input = json(R"({"order": 7})");
  start.key = "k";
  start.parent = parent;
  out.decision = machine.advance(out.state, Stimulus{start, Timestamp{5'000}, 9});
  return out;
}

TEST(FaultHandler, IsStartedInTheStepThatFaultsTheRun) {
  const auto [decision, state] = fault();
  ASSERT_EQ(decision.children.size(), 1U);
  const ChildRequest& request = decision.children.front();
  EXPECT_EQ(request.workflow, (WorkflowIdentity{"test", "tell", "latest"})) << "in the definition's own namespace";
  EXPECT_EQ(request.frame, k_no_event);
  EXPECT_TRUE(request.after_fault);
  EXPECT_EQ(request.child.partition(), PartitionId{3});
  EXPECT_EQ(state.fault_handler, request.child);
  EXPECT_EQ(state.ending, Ending::faulted);
  ASSERT_GE(decision.events.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<RunFaulted>(decision.events[decision.events.size() - 2]));
  EXPECT_TRUE(std::holds_alternative<ChildStarted>(decision.events.back()));
  const Value input = request.input;
  EXPECT_EQ(input.get("problem").get("title"), Value::string("Odd"));
  EXPECT_EQ(input.get("problem").get("instance"), Value::string("/do/1/fail"));
  EXPECT_EQ(input.get("run").get("id"), Value::string(state.id.to_string()));
  EXPECT_EQ(input.get("run").get("key"), Value::string("k"));
  EXPECT_EQ(input.get("run").get("input"), json(R"({"order": 7})"));
  EXPECT_EQ(input.get("run").get("faultedAt"), Value::string("1970-01-01T00:00:05.000Z"));
  EXPECT_EQ(input.get("data"), json(R"({"order": 7})"));
  EXPECT_EQ(input.get("context"), json(R"({"seen": true})"));
}

TEST(FaultHandler, IsNotStartedByWhatAHandlerStarted) {
  const ParentLink handler{RunId::make(1, PartitionId{0}, 1), k_no_event, 1, false, true};
  EXPECT_TRUE(fault(handler).decision.children.empty());
  const ParentLink below{RunId::make(1, PartitionId{0}, 1), EventSeq{4}, 2, true, true};
  EXPECT_TRUE(fault(below).decision.children.empty());
  const ParentLink ordinary{RunId::make(1, PartitionId{0}, 1), EventSeq{4}, 1, true, false};
  EXPECT_EQ(fault(ordinary).decision.children.size(), 1U);
}

TEST(FaultHandler, TheStateWithItSurvivesASnapshot) {
  const auto [decision, state] = fault(ParentLink{RunId::make(1, PartitionId{0}, 1), EventSeq{4}, 1, true, false});
  const auto back = state_from_value(to_value(state));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back.value().fault_handler, state.fault_handler);
  EXPECT_EQ(to_json(to_value(back.value())), to_json(to_value(state)));
}

TEST(FaultHandler, GetsNoValueThatNestsTooDeepToBeHandedOn) {
  RunState state;
  state.input = Value::integer(1);
  for (int level = 0; level < 499; ++level) state.input = Value::array({state.input});
  EXPECT_TRUE(fault_input(state, {}).get("run").get("input").is_null());
  state.input = Value::array({Value::integer(1)});
  EXPECT_FALSE(fault_input(state, {}).get("run").get("input").is_null());
}

TEST(FaultCause, IsTheSameWhateverTheDetailTheVersionAndTheNumbersInTheTitle) {
  const Problem one{"https://x.test/odd", 418, "Order 17 is odd", "of ada", "/do/0/a"};
  const Problem two{"https://x.test/odd", 418, "Order 8812 is odd", "of bob", "/do/0/a"};
  const auto cause = fault_cause({"n", "w", "1.0.0"}, one);
  EXPECT_EQ(cause, fault_cause({"n", "w", "2.0.0"}, two));
  EXPECT_EQ(cause_name(cause).size(), 12U);
}

TEST(FaultCause, DiffersByWorkflowTaskTypeStatusAndTitle) {
  const Problem problem{"https://x.test/odd", 418, "Odd", "", "/do/0/a"};
  const auto cause = fault_cause({"n", "w", "1.0.0"}, problem);
  EXPECT_NE(cause, fault_cause({"n", "v", "1.0.0"}, problem));
  EXPECT_NE(cause, fault_cause({"m", "w", "1.0.0"}, problem));
  for (const auto& change : std::vector<std::function<void(Problem&)>>{
           [](Problem& p) { p.type += "er"; }, [](Problem& p) { ++p.status; }, [](Problem& p) { p.title = "Even"; },
           [](Problem& p) { p.instance = "/do/1/b"; }}) {
    Problem other = problem;
    change(other);
    EXPECT_NE(cause, fault_cause({"n", "w", "1.0.0"}, other));
  }
}

TEST(FaultCause, LeavesOutOfATitleWhatChangesFromRunToRun) {
  EXPECT_EQ(constant_part("Order 17 is odd"), "Order # is odd");
  EXPECT_EQ(constant_part("no 'ada', no \"bob\""), "no #, no #");
  EXPECT_EQ(constant_part("it isn't"), "it isn't");
  EXPECT_EQ(constant_part("run 019a9f3c-6a1e-7003-9c5d-0a1b2c3d4e5f ended"), "run # ended");
  EXPECT_EQ(constant_part("Grüße 3 mal"), "Grüße # mal");
  EXPECT_EQ(constant_part(""), "");
}

}  // namespace
}  // namespace cairn::tests
