// Approvals through the service: tokens, what is listed, answers that count once, and what others hear of it.

#include "engine/runtime/approval_token.h"
#include "tests/engine/runtime/service_harness.h"

#include <gtest/gtest.h>

namespace cairn::tests {
namespace {

const Hash256 k_key = sha256("key");

TEST(ApprovalToken, SaysWhatItWasMadeFor) {
  const RunId run = RunId::make(1'800'000'000'000, PartitionId{3}, 7);
  for (const ApprovalTicket& ticket : {ApprovalTicket{run, EventSeq{2}, 0}, ApprovalTicket{run, EventSeq{1}, 99},
                                       ApprovalTicket{run, EventSeq{0xFFFFFFFFFFFFFFFF}, ApprovalTicket::k_anybody}}) {
    const std::string token = make_approval_token(k_key, ticket);
    EXPECT_EQ(read_approval_token(k_key, token).value(), ticket);
    EXPECT_NE(token.front(), '-');
  }
}

TEST(ApprovalToken, NoOtherTextIsTakenForOne) {
  const RunId run = RunId::make(1'800'000'000'000, PartitionId{3}, 7);
  const std::string token = make_approval_token(k_key, {run, EventSeq{2}, 1});
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'B' ? 'C' : 'B';
    EXPECT_FALSE(read_approval_token(k_key, changed)) << i;
    EXPECT_FALSE(read_approval_token(k_key, token.substr(0, i))) << i;
  }
  EXPECT_FALSE(read_approval_token(sha256("another"), token));
  EXPECT_FALSE(read_approval_token(k_key, token + "AAAA"));
  EXPECT_FALSE(read_approval_token(k_key, std::string(100'000, 'A')));
  EXPECT_FALSE(read_approval_token(k_key, std::string("\0\xFF", 2)));
}

class ApprovalsTest : public ServiceTest {
 protected:
  static constexpr const char* k_ask =
      "do: [{ask: {call: human.approve, with: {title: Pay, assignees: [ann, bob], form: {type: object, properties: {n: "
      "{type: integer}}}}}}]\n";

  Value open(const std::string& more = "") {
    return ask("{\"op\":\"approvals\"" + more + "}")->only().get("approvals");
  }
  std::string token(std::size_t approval = 0, std::size_t link = 0) {
    return open().as_array().at(approval).get("links").as_array().at(link).get("token").as_string();
  }
  std::shared_ptr<Answers> approve(const std::string& by_token, const std::string& more = "") {
    return ask(R"({"op":"approve","token":")" + by_token + R"(","approved":true)" + more + "}");
  }
  Value standing(const std::string& of_token) {
    return ask(R"({"op":"approval","token":")" + of_token + "\"}")->only().get("approval");
  }
  std::string message_of(const std::shared_ptr<Answers>& answers) {
    const auto errors = answers->all("error");
    return errors.empty() ? "" : errors.front().get("message").as_string();
  }
  Value shown(const std::string& run) { return ask(R"({"op":"show","run":")" + run + "\"}")->only().get("run"); }
  std::vector<Value> published() {
    std::vector<Value> events;
    for (const auto& one : ask(R"({"op":"bus"})")->all("published")) events.push_back(one.get("event"));
    return events;
  }
};

TEST_F(ApprovalsTest, AnOpenOneIsListedWithATokenForEachWhoIsAsked) {
  const std::string run = start(k_ask);
  const Value listed = open();
  ASSERT_EQ(listed.as_array().size(), 1U);
  const Value one = listed.as_array().front();
  EXPECT_EQ(one.get("run").as_string(), run);
  EXPECT_EQ(one.get("task").as_string(), "/do/0/ask");
  EXPECT_EQ(to_json(one.get("assignees")), R"(["ann","bob"])");
  EXPECT_EQ(one.get("links").as_array().size(), 2U);
  EXPECT_NE(token(0, 0), token(0, 1));
  EXPECT_EQ(open(R"(,"assignee":"bob")").as_array().front().get("links").as_array().size(), 1U);
  EXPECT_TRUE(open(R"(,"assignee":"eve")").as_array().empty());
}

TEST_F(ApprovalsTest, AnAnswerCountsOnceAndIsTheHolders) {
  const std::string run = start(k_ask);
  const std::string anns = token(0, 0);
  const std::string bobs = token(0, 1);
  const Value answered = approve(anns, R"(,"answer":{"n":5},"login":"root")")->only().get("approval");
  EXPECT_EQ(answered.get("state").as_string(), "approved");
  EXPECT_EQ(answered.get("by").as_string(), "ann");
  EXPECT_EQ(to_json(shown(run).get("output").get("answer")), R"({"n":5})");
  for (const auto& again : {anns, bobs}) {
    const auto refused = approve(again);
    EXPECT_EQ(refused->error_code(), "conflict");
    EXPECT_NE(message_of(refused).find("ann approved it at"), std::string::npos) << message_of(refused);
  }
  EXPECT_TRUE(open().as_array().empty());
}

TEST_F(ApprovalsTest, AWrongTokenAWrongNameAndAWrongAnswerAreRefusedAndLeaveItOpen) {
  const std::string run = start(k_ask);
  const std::string good = token();
  std::string wrong = good;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(approve(wrong)->error_code(), "not_found");
  EXPECT_EQ(approve("x")->error_code(), "not_found");
  const auto other = approve(good, R"(,"by":"eve","answer":{})");
  EXPECT_EQ(other->error_code(), "conflict");
  EXPECT_NE(message_of(other).find("ann's, and not eve's"), std::string::npos);
  const auto unfit = approve(good, R"(,"answer":{"n":"many"})");
  EXPECT_EQ(unfit->error_code(), "invalid_input");
  EXPECT_NE(message_of(unfit).find("/n: "), std::string::npos) << message_of(unfit);
  EXPECT_EQ(standing(good).get("state").as_string(), "open");
  const auto length = shown(run).get("events").as_uint();
  approve(good, R"(,"answer":[])");
  EXPECT_EQ(shown(run).get("events").as_uint(), length) << "what is refused leaves no trace";
}

TEST_F(ApprovalsTest, OfACancelledRunThereIsNothingToAnswer) {
  const std::string run = start(k_ask);
  const std::string held = token();
  ask(R"({"op":"command","command":"cancel","run":")" + run + "\"}");
  const auto refused = approve(held);
  EXPECT_EQ(refused->error_code(), "conflict");
  EXPECT_NE(message_of(refused).find("nothing to answer any more"), std::string::npos);
  EXPECT_EQ(standing(held).get("state").as_string(), "withdrawn");
  EXPECT_TRUE(open().as_array().empty());
}

TEST_F(ApprovalsTest, AfterTheDeadlineItIsTooLateWhetherOrNotItWasNoticed) {
  start("do: [{ask: {call: human.approve, with: {deadline: PT1H}}}]\n");
  const std::string held = token();
  clock.time += 3'600'000;
  const auto refused = approve(held);
  EXPECT_EQ(refused->error_code(), "conflict");
  EXPECT_NE(message_of(refused).find("too late"), std::string::npos) << message_of(refused);
}

TEST_F(ApprovalsTest, WithoutNamesAnybodyAnswersAndSaysWhoTheyAre) {
  start("do: [{ask: {call: human.approve}}]\n");
  start("do: [{ask: {call: human.approve}}]\n", "other");
  ASSERT_EQ(open().as_array().size(), 2U);
  const std::string first = token(0);
  const std::string second = token(1);
  EXPECT_EQ(approve(first, R"(,"by":"carol","login":"root")")->only().get("approval").get("by").as_string(), "carol");
  EXPECT_EQ(approve(second, R"(,"login":"root")")->only().get("approval").get("by").as_string(), "root");
}

TEST_F(ApprovalsTest, EventsOnTheBusHaveTheLinksAndTheHistoryHasNot) {
  const std::string run = start(k_ask);
  const std::string held = token();
  const auto events = published();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().get("type").as_string(), "io.cairn.approval.requested");
  EXPECT_EQ(events.front().get("data").get("links").as_array().front().get("token").as_string(), held);
  EXPECT_EQ(events.front().get("data").get("links").as_array().front().get("path").as_string(), "/approvals/" + held);
  approve(held, R"(,"answer":{"n":1})");
  EXPECT_EQ(published().back().get("type").as_string(), "io.cairn.approval.answered");
  const auto history = ask(R"({"op":"events","run":")" + run + "\"}");
  for (const auto& message : history->messages) {
    EXPECT_EQ(to_json(message).find(held), std::string::npos) << to_json(message);
  }
}

TEST_F(ApprovalsTest, AForgedEventGetsNoLinks) {
  start("do: [{lie: {emit: {event: {with: {type: io.cairn.approval.requested, data: {to: [eve]}}}}}}]\n");
  EXPECT_EQ(published().front().get("data").find("links"), nullptr);
}

TEST_F(ApprovalsTest, WhySaysForWhomItWaitsAndUntilWhen) {
  const std::string run = start(
      "do: [{ask: {call: human.approve, with: {title: Pay, assignees: [ann, bob], deadline: PT1H, reminder: "
      "PT1M}}}]\n");
  const Value reasons = ask(R"({"op":"why","run":")" + run + "\"}")->only().get("reasons");
  ASSERT_EQ(reasons.as_array().size(), 1U) << to_json(reasons);
  const Value reason = reasons.as_array().front();
  EXPECT_EQ(reason.get("kind").as_string(), "approval");
  EXPECT_EQ(reason.get("what").as_string(), "an approval by ann or bob: Pay");
  EXPECT_EQ(reason.get("due").as_string(), "2027-01-15T09:00:00.000Z");
  EXPECT_TRUE(reason.get("wakes").truthy());
}

TEST_F(ApprovalsTest, ASuspendedRunThatHasItsAnswerOnlyWaitsToContinue) {
  const std::string run = start(k_ask);
  const std::string held = token();
  ask(R"({"op":"command","command":"suspend","run":")" + run + "\"}");
  EXPECT_TRUE(open().as_array().front().get("suspended").truthy());
  EXPECT_EQ(approve(held, R"(,"answer":{"n":1})")->error_code(), "");
  const Value reasons = ask(R"({"op":"why","run":")" + run + "\"}")->only().get("reasons");
  ASSERT_EQ(reasons.as_array().size(), 2U) << to_json(reasons);
  EXPECT_EQ(reasons.as_array().front().get("kind").as_string(), "operator");
  EXPECT_EQ(reasons.as_array().back().get("release").as_string(), "it continues");
  ask(R"({"op":"command","command":"continue","run":")" + run + "\"}");
  EXPECT_EQ(shown(run).get("status").as_string(), "completed");
}

}  // namespace
}  // namespace cairn::tests
