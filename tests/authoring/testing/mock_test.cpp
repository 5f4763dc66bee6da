// What mocked calls get, and what becomes of calls without a mock.

#include "tests/authoring/testing/harness.h"

#include <gmock/gmock.h>

namespace cairn::authoring::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string k_call = R"(
do:
  - ask:
      call: http
      with: {method: get, endpoint: 'https://example.com/{id}', query: {q: "${ .word }"}}
)";

const std::string k_retried = R"(
do:
  - insist:
      try:
        - ask:
            call: http
            with: {method: post, endpoint: https://example.com, body: "${ . }"}
      catch:
        errors: {with: {type: https://open-workflow-specification.org/spec/1.0.0/errors/communication}}
        retry: {delay: {seconds: 2}, backoff: {exponential: {}}, limit: {attempt: {count: 3}}}
)";

TEST(Mock, ReturnsTheRawOutputOfATask) {
  EXPECT_THAT(InMemory(k_call).failure(R"(
    mocks: {ask: {return: {n: 1}}}
    expect: {output: {n: 1}}
)"),
              IsEmpty());
}

TEST(Mock, MakesItsAnswerFromTheArgumentsAndTheNumberOfTheCall) {
  EXPECT_THAT(InMemory(k_call).failure(R"(
    input: {id: 7, word: hello}
    mocks: {ask: {return: {said: '${ .query.q }', to: '${ .endpoint.uri }', call: '${ $call }', from: '${ $input.id }'}}}
    expect: {output: {said: hello, to: https://example.com/7, call: 1, from: 7}}
)"),
              IsEmpty());
}

TEST(Mock, AnswersOneCallAnItemAndFailsTheCaseBeyondThem) {
  const InMemory world(k_retried);
  EXPECT_THAT(world.failure(R"(
    mocks: {ask: [{respond: 503}, {fail: {status: 429}}, {respond: {body: {ok: true}}}]}
    expect: {output: {ok: true}, elapsed: PT6S, calls: {ask: 3}}
)"),
              IsEmpty());
  EXPECT_THAT(world.failure(R"(
    mocks: {ask: [{respond: 503}]}
    expect: {output: 1}
)"),
              AllOf(HasSubstr("call 2 of 'ask' (/do/0/insist/try/0/ask) has been answered as often as its mock says"),
                    HasSubstr("times: any")));
}

TEST(Mock, ThatIsOneAnswerAnswersEveryCall) {
  EXPECT_THAT(InMemory(k_retried).failure(R"(
    mocks: {ask: {respond: {status: 500, body: broken}}}
    expect: {error: {type: communication, status: 500, detail: '${ contains("broken") }'}, calls: {ask: 4}, elapsed: {seconds: 14}}
)"),
              IsEmpty());
}

TEST(Mock, ChoosesItsAnswerByTheArguments) {
  EXPECT_THAT(InMemory(k_call).failure(R"(
    input: {id: 7, word: b}
    mocks:
      ask:
        - {when: {query: {q: a}}, return: A}
        - {when: {query: {q: b}}, return: B}
    expect: {output: B}
)"),
              IsEmpty());
}

TEST(Mock, SaysWhichArgumentsItDidNotExpect) {
  EXPECT_THAT(InMemory(k_call).failure(R"(
    input: {id: 7, word: hello}
    mocks: {ask: {arguments: {query: {q: bye}}, return: 1}}
    expect: {output: 1}
)"),
              AllOf(HasSubstr("at /query/q"), HasSubstr("expected  \"bye\""), HasSubstr("actual    \"hello\"")));
}

TEST(Mock, TakesTheOutputOfTheCallIntoAccount) {
  const std::string tasks = R"(
do:
  - ask:
      call: http
      with: {method: get, endpoint: https://example.com, output: response}
)";
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {ask: {respond: {status: 201, headers: {X-A: b}, body: [1]}}}
    expect: {outputIncludes: {statusCode: 201, headers: {X-A: b}, content: [1]}}
)"),
              IsEmpty());
}

TEST(Mock, EndsAsAProcessDoes) {
  const std::string tasks = R"(
do:
  - list: {run: {shell: {command: ls}}}
  - count: {run: {shell: {command: wc}, return: all}}
)";
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks:
      list: {exit: 0, stdout: "a\n"}
      count: {exit: 1, stderr: no}
    expect: {output: {code: 1, stdout: '', stderr: no}}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {list: {exit: 2, stderr: denied}}
    expect: {error: {type: runtime, title: Process failed, detail: '${ test("exit code 2: denied") }'}}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {list: {respond: 200}}
    expect: {output: 1}
)"),
              HasSubstr("`respond` is for `call: http` and `call: openapi`, not for shell"));
}

TEST(Mock, MayNeverAnswerAndTimePassesAllTheSame) {
  const std::string tasks = R"(
do:
  - ask:
      call: http
      timeout: {after: {hours: 3}}
      with: {method: get, endpoint: https://example.com}
)";
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {ask: never}
    expect: {error: {type: timeout, instance: /do/0/ask}, elapsed: PT3H}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {ask: {return: late, after: PT2H59M}}
    expect: {output: late, elapsed: PT2H59M}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {ask: {return: late, after: PT3H1S}}
    expect: {error: timeout}
)"),
              IsEmpty());
}

TEST(Mock, OfAPointerGoesBeforeOneOfAName) {
  const std::string tasks = R"(
do:
  - a: {do: [{ask: {call: http, with: {method: get, endpoint: https://example.com}}}]}
  - b: {do: [{ask: {call: http, with: {method: get, endpoint: https://example.com}}}]}
)";
  EXPECT_THAT(InMemory(tasks).failure(R"(
    mocks: {ask: {return: one}, /do/1/b/do/0/ask: {return: two}}
    expect: {output: two, calls: {ask: 2, /do/0/a/do/0/ask: 1}}
)"),
              IsEmpty());
}

TEST(Mock, OfACaseTakesThePlaceOfTheOneInTheDefaults) {
  const auto result = InMemory(k_call).run(R"(
defaults: {input: {id: 1, word: w}, mocks: {ask: {return: usual}}}
cases:
  - {name: a, expect: {output: usual}}
  - {name: b, mocks: {ask: {return: other}}, inputChanges: {word: x}, expect: {output: other, calls: {ask: [{query: {q: x}}]}}}
)");
  ASSERT_TRUE(result.is_sound()) << InMemory::findings(result);
  EXPECT_EQ(result.failed(), 0U) << result.cases.back().failures.at(0).text;
}

TEST(Mock, MissingFailsTheCaseAndNamesTheTask) {
  EXPECT_THAT(InMemory(k_call).failure(R"(
    input: {id: 7, word: hello}
    expect: {output: 1}
)"),
              AllOf(HasSubstr("'ask' (/do/0/ask) makes a call that has no mock"), HasSubstr("https://example.com/7"),
                    HasSubstr("add below `mocks`: ask: {return: …}")));
}

TEST(RealCall, IsMadeOnlyWhenTheCaseAsksForIt) {
  std::size_t calls = 0;
  InMemory world(k_call);
  world.real([&](const EffectRequest& request) -> EffectOutcome {
    ++calls;
    return request.arguments.get("query").get("q");
  });
  EXPECT_THAT(world.failure("    input: {id: 1, word: w}\n    expect: {output: w}\n"), HasSubstr("has no mock"));
  EXPECT_EQ(calls, 0U);
  EXPECT_THAT(world.failure("    input: {id: 1, word: w}\n    mocks: {ask: real}\n    expect: {output: w}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    input: {id: 1, word: w}\n    unmocked: real\n    expect: {output: w}\n"), IsEmpty());
  EXPECT_EQ(calls, 2U);
}

const std::string k_secret = R"(
use: {secrets: [token]}
do:
  - ask:
      call: http
      with: {method: get, endpoint: https://example.com, headers: {X-Token: "${ $secrets.token }"}}
)";

TEST(Secret, ReachesTheArgumentsAndIsTakenOutOfTheAnswer) {
  EXPECT_THAT(InMemory(k_secret).failure(R"(
    secrets: {token: tiger}
    mocks: {ask: {arguments: {headers: {X-Token: tiger}}, return: 'you said tiger'}}
    expect: {output: you said <confidential>}
)"),
              IsEmpty());
}

TEST(Secret, WithoutAValueFailsTheCase) {
  EXPECT_THAT(InMemory(k_secret).failure("    mocks: {ask: {return: 1}}\n    expect: {output: 1}\n"),
              AllOf(HasSubstr("/do/0/ask needs the secret 'token'"), HasSubstr("add below `secrets`: token:")));
}

const std::string k_parent = R"(
do:
  - delegate: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: {n: 2}}}}
)";

TEST(Child, IsMockedLikeACall) {
  EXPECT_THAT(InMemory(k_parent).failure(R"(
    mocks: {delegate: {arguments: {n: 2}, return: {n: 4}, after: PT1M}}
    expect: {output: {n: 4}, elapsed: PT1M}
)"),
              IsEmpty());
  EXPECT_THAT(InMemory(k_parent).failure(R"(
    mocks: {delegate: {fail: {type: https://example.com/no, status: 418}}}
    expect: {error: {type: https://example.com/no, status: 418, instance: /do/0/delegate}}
)"),
              IsEmpty());
}

TEST(Child, RunsWhenItsDefinitionIsGiven) {
  InMemory world(k_parent);
  world.add("child.yaml", "child", R"(
do:
  - ask: {call: http, with: {method: get, endpoint: https://example.com}}
  - answer: {set: {n: "${ . * 2 }"}}
)");
  const auto result = world.run(R"(
with: [child.yaml]
cases:
  - {name: a, mocks: {child#ask: {return: 21}}, expect: {output: {n: 42}, path: [delegate, ask, answer]}}
  - {name: b, mocks: {child#/do/0/ask: {fail: timeout}}, expect: {error: timeout}}
)");
  ASSERT_TRUE(result.is_sound()) << InMemory::findings(result);
  for (const auto& one : result.cases) EXPECT_TRUE(one.passed()) << one.failures.at(0).text;
}

TEST(Child, NeitherMockedNorGivenFailsTheCase) {
  EXPECT_THAT(InMemory(k_parent).failure("    expect: {output: 1}\n"),
              AllOf(HasSubstr("runs test/child:1.0.0, which has no mock and is not given"), HasSubstr("`with`")));
}

}  // namespace
}  // namespace cairn::authoring::tests
