// People who are asked by a workflow under test.

#include "tests/authoring/testing/harness.h"

#include <gmock/gmock.h>

namespace cairn::authoring::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string k_asks = R"(
do:
  - ask:
      call: human.approve
      with:
        title: Pay?
        assignees: [ann, bob]
        form: {type: object, properties: {amount: {type: number}}}
        deadline: PT2H
  - pay: {set: '${ {paid: (if .approved then .answer.amount else 0 end), by: .by} }'}
)";

TEST(Approval, IsAnsweredByItsMock) {
  EXPECT_THAT(InMemory(k_asks).failure(R"(
    mocks: {ask: {return: {answer: {amount: 5}, by: ann}, after: PT1H}}
    expect: {output: {paid: 5, by: ann}, elapsed: PT1H, calls: {ask: 1}}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(k_asks).failure(R"(
    mocks: {ask: {return: {approved: false}}}
    expect: {output: {paid: 0, by: null}}
)"),
              IsEmpty());
}

TEST(Approval, ThatNobodyAnswersMeetsItsDeadline) {
  EXPECT_THAT(InMemory(k_asks).failure(R"(
    mocks: {ask: never}
    expect: {error: timeout, elapsed: PT2H}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(k_asks).failure(R"(
    mocks: {ask: {return: {answer: {amount: 5}}, after: PT3H}}
    expect: {error: timeout, elapsed: PT2H}
)"),
              IsEmpty());
}

TEST(Approval, RefusesAMockThatNoPersonCouldAnswer) {
  EXPECT_THAT(
      InMemory(k_asks).failure("    mocks: {ask: {return: {answer: {amount: much}}}}\n    expect: {output: 1}\n"),
      HasSubstr("/amount"));
  EXPECT_THAT(InMemory(k_asks).failure("    mocks: {ask: {return: yes please}}\n    expect: {output: 1}\n"),
              HasSubstr("return {approved: BOOLEAN, answer: DATA, by: NAME}"));
  EXPECT_THAT(InMemory(k_asks).failure("    mocks: {ask: {return: {aproved: false}}}\n    expect: {output: 1}\n"),
              HasSubstr("return {approved: BOOLEAN, answer: DATA, by: NAME}"));
  EXPECT_THAT(InMemory(k_asks).failure("    expect: {output: 1}\n"), HasSubstr("no mock"));
}

}  // namespace
}  // namespace cairn::authoring::tests
