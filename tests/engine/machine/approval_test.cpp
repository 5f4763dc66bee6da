// call: human.approve in the machine: what is asked, reminders, escalation, deadlines, answers.

#include "engine/machine/approval.h"

#include "tests/engine/machine/driver.h"

#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

constexpr const char* k_plain = "do: [{ask: {call: human.approve, with: {title: Pay, assignees: [ann, bob]}}}]\n";

class Approvals : public Driver {
 public:
  using Driver::Driver;
  /// The only approval that is open.
  EventSeq asked() const {
    for (const auto& [id, frame] : state().frames) {
      if (is_open(frame)) return id;
    }
    ADD_FAILURE() << "nobody is asked";
    return k_no_event;
  }
  Decision decide(bool approved, const Value& answer = {}, const std::string& by = "ann") {
    return give(AnswerApproval{asked(), approved, answer, by});
  }
  /// Types of the events that tell of approvals, without what they have in common.
  std::vector<std::string> told() const {
    std::vector<std::string> types;
    for (const auto& emitted : all<EventEmitted>()) {
      const std::string type = emitted.event.get("type").as_string();
      if (type.starts_with(k_approval_events)) types.push_back(type.substr(k_approval_events.size()));
    }
    return types;
  }
  Value last_told() const { return all<EventEmitted>().back().event.get("data"); }
};

using Told = std::vector<std::string>;

TEST(Approval, AnAnswerIsTheTasksOutputWithWhoAndWhen) {
  Approvals run(k_plain);
  run.start();
  EXPECT_EQ(status_of(run.state()), RunStatus::waiting);
  run.pass(60'000);
  run.decide(true, json(R"({"amount":7})"));
  EXPECT_EQ(run.output(), R"({"approved":true,"answer":{"amount":7},"by":"ann","at":"2027-01-15T08:01:00.000Z"})");
  EXPECT_EQ(run.told(), (Told{"requested", "answered"}));
  EXPECT_EQ(to_json(run.last_told().get("by")), R"("ann")");
  EXPECT_EQ(run.last_told().find("answer"), nullptr) << "what was filled in stays with the run";
}

TEST(Approval, ARejectionIsNoFault) {
  Approvals run(k_plain);
  run.start();
  run.decide(false, {}, "");
  EXPECT_EQ(run.state().output.get("approved"), Value::boolean(false));
  EXPECT_TRUE(run.state().output.get("by").is_null());
}

TEST(Approval, WithoutAnyTermsAnybodyIsAskedWithTheTasksNameForATitle) {
  Approvals run("do: [{ship it: {call: human.approve}}]\n");
  run.start();
  EXPECT_EQ(to_json(run.last_told().get("title")), R"("ship it")");
  EXPECT_EQ(to_json(run.last_told().get("to")), "[]");
}

TEST(Approval, TheSecondAnswerIsRefusedAndChangesNothing) {
  Approvals run(
      "do:\n  - both:\n      fork:\n        branches:\n          - ask: {call: human.approve}\n"
      "          - other: {wait: PT1H}\n");
  run.start();
  const EventSeq asked = run.asked();
  run.decide(true);
  const auto again = run.give(AnswerApproval{asked, false, {}, "bob"});
  ASSERT_EQ(again.events.size(), 1U);
  EXPECT_NE(std::get<CommandRefused>(again.events.front()).reason.find("nothing to answer any more"),
            std::string::npos);
  run.fire_next_timer();
  EXPECT_EQ(run.state().output.as_array().front().get("approved"), Value::boolean(true));
}

TEST(Approval, AnAnswerMustMatchTheFormAndTheErrorNamesThePath) {
  Approvals run(
      "do: [{ask: {call: human.approve, with: {form: {type: object, required: [amount], properties: {amount: "
      "{type: integer}}}}}}]\n");
  run.start();
  const AnswerApproval wrong{run.asked(), true, json(R"({"amount":"much"})"), ""};
  const auto refusal = refusal_of(run.machine(), run.state(), wrong, run.now());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, ErrorCode::invalid_input);
  EXPECT_NE(refusal->message.find("/amount: "), std::string::npos) << refusal->message;
  EXPECT_TRUE(refusal_of(run.machine(), run.state(), {run.asked(), true, {}, ""}, run.now())) << "nothing is no object";
  EXPECT_FALSE(refusal_of(run.machine(), run.state(), {run.asked(), false, {}, ""}, run.now()))
      << "a rejection fills in nothing";
  run.decide(true, json(R"({"amount":5})"));
  EXPECT_TRUE(run.state().ended());
}

TEST(Approval, ADeadlineIsATimeoutThatCatchHandles) {
  Approvals run(
      "do:\n  - guard:\n      try: [{ask: {call: human.approve, with: {deadline: PT1H}}}]\n"
      "      catch: {errors: {with: {type: https://serverlessworkflow.io/spec/1.0.0/errors/timeout}}, as: late, do: "
      "[{tell: {set: '${ $late.title }'}}]}\n");
  run.start();
  run.fire_next_timer();
  EXPECT_EQ(run.output(), R"("Approval deadline passed")");
  EXPECT_EQ(run.told(), (Told{"requested", "expired"}));
}

TEST(Approval, ADeadlineMayAnswerByItself) {
  for (const bool approve : {true, false}) {
    Approvals run(std::string("do: [{ask: {call: human.approve, with: {deadline: {days: 2}, onDeadline: ") +
                  (approve ? "approve" : "reject") + "}}}]\n");
    run.start();
    run.fire_next_timer();
    EXPECT_EQ(run.state().output.get("approved"), Value::boolean(approve));
    EXPECT_TRUE(run.state().output.get("by").is_null()) << "nobody did";
  }
}

TEST(Approval, AtItsDeadlineItIsTooLateThoughTheTimerHasNotFired) {
  Approvals run("do: [{ask: {call: human.approve, with: {deadline: '2027-01-15T09:00:00Z'}}}]\n");
  run.start();
  const AnswerApproval answer{run.asked(), true, {}, ""};
  run.pass(3'599'999);
  EXPECT_FALSE(refusal_of(run.machine(), run.state(), answer, run.now()));
  run.pass(1);
  const auto refusal = refusal_of(run.machine(), run.state(), answer, run.now());
  ASSERT_TRUE(refusal);
  EXPECT_NE(refusal->message.find("the deadline was 2027-01-15T09:00:00.000Z"), std::string::npos);
}

TEST(Approval, RemindersGoOnUntilTheAnswer) {
  Approvals run("do: [{ask: {call: human.approve, with: {assignees: ann, reminder: {after: PT2H, every: PT1H}}}}]\n");
  run.start();
  const auto begun = run.now().ms;
  run.fire_next_timer();
  EXPECT_EQ(run.now().ms - begun, 7'200'000);
  run.fire_next_timer();
  EXPECT_EQ(run.now().ms - begun, 10'800'000);
  EXPECT_EQ(to_json(run.last_told().get("reminder")), "2");
  EXPECT_EQ(to_json(run.last_told().get("to")), R"(["ann"])");
  run.decide(true);
  EXPECT_TRUE(run.state().timers.empty());
  EXPECT_EQ(run.told(), (Told{"requested", "reminded", "reminded", "answered"}));
}

TEST(Approval, EscalationAsksOthersAsWell) {
  Approvals run(
      "do: [{ask: {call: human.approve, with: {assignees: [ann], reminder: P2D, escalation: {after: P1D, "
      "assignees: [boss]}}}}]\n");
  run.start();
  run.fire_next_timer();
  EXPECT_EQ(to_json(run.last_told().get("to")), R"(["boss"])");
  EXPECT_EQ(to_json(run.last_told().get("assignees")), R"(["ann","boss"])");
  run.fire_next_timer();
  EXPECT_EQ(to_json(run.last_told().get("to")), R"(["ann","boss"])") << "both are reminded";
  EXPECT_EQ(run.told(), (Told{"requested", "escalated", "reminded"}));
}

TEST(Approval, ASuspendedRunTakesItsAnswerAndGoesOnWithItLater) {
  Approvals run("do: [{ask: {call: human.approve, with: {deadline: PT1H}}}]\n");
  run.start();
  run.give(OperatorCommand{OperatorCommand::Kind::suspend, ""});
  run.pass(7'200'000);  // its clock stands still
  const EventSeq asked = run.asked();
  run.decide(true);
  EXPECT_FALSE(run.state().ended());
  const auto again = refusal_of(run.machine(), run.state(), {asked, false, {}, ""}, run.now());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->message, "it is answered already");
  run.settle(run.give(OperatorCommand{OperatorCommand::Kind::proceed, ""}));
  EXPECT_EQ(run.state().output.get("approved"), Value::boolean(true));
}

TEST(Approval, TermsMayBeExpressionsAndMalformedOnesFaultTheTask) {
  const std::string terms =
      "do: [{ask: {call: human.approve, with: {title: 'Order ${ .order }', assignees: '${ .who }', deadline: '${ .by "
      "}'}}}]\n";
  Approvals run(terms);
  run.start(json(R"({"order":7,"who":["ann","ann","bob"],"by":"PT5M"})"));
  EXPECT_EQ(to_json(run.last_told().get("title")), R"("Order 7")");
  EXPECT_EQ(to_json(run.last_told().get("to")), R"(["ann","bob"])");
  for (const char* input :
       {R"({"who":[1],"by":"PT5M"})", R"({"who":[""],"by":"PT5M"})", R"({"who":"ann","by":"soon"})"}) {
    Approvals broken(terms);
    broken.start(json(input));
    ASSERT_TRUE(broken.state().problem) << input;
    EXPECT_EQ(broken.state().problem->title, "Malformed approval");
    EXPECT_TRUE(broken.told().empty());
  }
}

TEST(Approval, OfMoreThanAHundredPeopleNoneIsAsked) {
  Array names;
  for (std::size_t i = 0; i <= k_assignees; ++i) names.push_back(Value::string("p" + std::to_string(i)));
  const auto with = [](Array all) { return Value::object({{"who", Value::array(std::move(all))}}); };
  Approvals many("do: [{ask: {call: human.approve, with: {assignees: '${ .who }'}}}]\n");
  many.start(with(names));
  EXPECT_TRUE(many.state().problem);
  names.pop_back();
  Approvals most("do: [{ask: {call: human.approve, with: {assignees: '${ .who }'}}}]\n");
  most.start(with(names));
  EXPECT_FALSE(most.state().problem);
}

TEST(Approval, AFunctionOfThatNameTakesItsPlace) {
  Approvals run("use: {functions: {human.approve: {set: {mine: true}}}}\ndo: [{ask: {call: human.approve}}]\n");
  run.start();
  EXPECT_EQ(run.output(), R"({"mine":true})");
}

TEST(Approval, EachAttemptAsksAnewAndTheOldOneIsOver) {
  Approvals run(
      "do:\n  - guard:\n      try: [{ask: {call: human.approve, with: {deadline: PT1H}}}]\n"
      "      catch: {retry: {limit: {attempt: {count: 1}}}}\n");
  run.start();
  const EventSeq first = run.asked();
  run.settle(run.fire_next_timer());
  EXPECT_NE(run.asked(), first);
  EXPECT_TRUE(refusal_of(run.machine(), run.state(), {first, true, {}, ""}, run.now()));
  run.decide(true);
  EXPECT_EQ(run.state().output.get("approved"), Value::boolean(true));
}

}  // namespace
}  // namespace cairn::tests
