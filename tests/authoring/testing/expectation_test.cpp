// What cases may expect, and what is said when it does not come.

#include "tests/authoring/testing/harness.h"

#include <gmock/gmock.h>

namespace cairn::authoring::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string k_flow = R"(
do:
  - first: {set: {a: {b: 1, c: [1, 2]}, id: "R-17"}}
  - choose:
      switch:
        - large: {when: "${ $workflow.input.n > 10 }", then: end}
        - usual: {then: continue}
  - last: {set: "${ . + {done: true} }", export: {as: "${ {kept: .id} }"}}
)";

TEST(Expectation, OfAnOutputIsExact) {
  const InMemory world(k_flow);
  EXPECT_THAT(world.failure("    expect: {output: {done: true, id: R-17, a: {c: [1, 2], b: 1.0}}}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {output: {done: true, id: R-17, a: {c: [1, 3, 4]}, more: x}}\n"),
              AllOf(HasSubstr("at /a/c/1\n    expected  3\n    actual    2"),
                    HasSubstr("at /a/c/2\n    expected  4\n    actual    nothing"),
                    HasSubstr("at /a/b\n    expected  nothing\n    actual    1"),
                    HasSubstr("at /more\n    expected  \"x\"\n    actual    nothing"), Not(HasSubstr("at /id"))));
}

TEST(Expectation, OfAPartLooksAtNothingElse) {
  const InMemory world(k_flow);
  EXPECT_THAT(world.failure("    expect: {outputIncludes: {a: {b: 1}}}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {outputIncludes: {a: {b: 2}}}\n"), HasSubstr("at /a/b"));
  EXPECT_THAT(world.failure("    expect: {contextIncludes: {kept: R-17}}\n"), IsEmpty());
}

TEST(Expectation, MayBeATestInPlaceOfAValue) {
  const InMemory world(k_flow);
  EXPECT_THAT(world.failure("    expect: {output: {done: true, id: '${ startswith(\"R-\") }', a: '${ .b == 1 }', gone: "
                            "'${ . == null }'}}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {outputIncludes: {id: '${ startswith(\"S-\") }'}}\n"),
              HasSubstr("expected  ${ startswith(\"S-\") }, which gives false\n    actual    \"R-17\""));
  EXPECT_THAT(world.failure("    expect: {outputIncludes: {id: '${ .x }'}}\n"), HasSubstr("which fails: "));
}

TEST(Expectation, OfThePathIsTheOrderOfTheTasks) {
  const InMemory world(k_flow);
  EXPECT_THAT(world.failure("    expect: {path: [first, choose, last], pathIncludes: [first, last]}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    input: {n: 11}\n    expect: {path: [first, choose], notReached: [last]}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {path: [first, last]}\n"),
              HasSubstr("its task number 2 is 'choose', expected 'last'"));
  EXPECT_THAT(world.failure("    expect: {path: [first, choose]}\n"),
              HasSubstr("its task number 3 is 'last', expected none"));
  EXPECT_THAT(world.failure("    expect: {pathIncludes: [last, first]}\n"),
              HasSubstr("does not have 'first' behind 'last'"));
  EXPECT_THAT(world.failure("    expect: {notReached: [/do/2/last]}\n"), HasSubstr("'/do/2/last' was reached"));
}

TEST(Expectation, OfAnErrorMatchesItsMembers) {
  const InMemory world(R"(
do:
  - fail: {raise: {error: {type: https://serverlessworkflow.io/spec/1.0.0/errors/runtime, status: 507, title: Full}}}
)");
  EXPECT_THAT(world.failure("    expect: {error: {type: runtime, status: 507, title: Full, instance: /do/0/fail}}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {error: runtime}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {error: {status: 500}}\n"), HasSubstr("at /status"));
  EXPECT_THAT(world.failure("    expect: {output: 1}\n"),
              AllOf(HasSubstr("expected the run to be completed, and it is faulted"), HasSubstr("Full")));
}

TEST(Expectation, OfTheWholeIsAnExpression) {
  const InMemory world(k_flow);
  EXPECT_THAT(world.failure(
                  "    expect: {that: ['.output.a.b == 1', '${ .path | length == 3 }', '.status == \"completed\"']}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {that: ['.output.a.b']}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {that: ['.elapsed > 1']}\n"), HasSubstr("`.elapsed > 1` gives false"));
}

TEST(Expectation, OfTimeMayBeARange) {
  const InMemory world("do:\n  - rest: {wait: {minutes: 90}}\n");
  EXPECT_THAT(world.failure("    expect: {elapsed: PT1H30M}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {elapsed: {atLeast: {hours: 1}, atMost: {hours: 2}}}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {elapsed: {atMost: {hours: 1}}}\n"),
              HasSubstr("PT1H30M passed, expected at most PT1H"));
}

TEST(Clock, BeginsWhereTheCaseSays) {
  const InMemory world("do:\n  - rest: {wait: {days: 1}}\n  - tell: {set: {now: '${ now | todate }'}}\n");
  EXPECT_THAT(world.failure("    clock: '2028-02-28T12:00:00Z'\n    expect: {output: {now: '2028-02-29T12:00:00Z'}}\n"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {output: {now: '2026-01-02T00:00:00Z'}}\n"), IsEmpty());
}

TEST(Environment, IsTheRuntimesMetadata) {
  const InMemory world("do:\n  - tell: {set: {url: '${ $runtime.metadata.url }'}}\n");
  EXPECT_THAT(world.failure("    environment: {url: https://dev}\n    expect: {output: {url: https://dev}}\n"),
              IsEmpty());
}

TEST(Case, MayBeginInTheMiddleWithAContext) {
  const InMemory world(k_flow);
  EXPECT_THAT(
      world.failure("    from: last\n    input: {x: 1}\n    expect: {output: {x: 1, done: true}, path: [last]}\n"),
      IsEmpty());
  const InMemory reader("do:\n  - tell: {set: {was: '${ $context.kept }'}}\n");
  EXPECT_THAT(reader.failure("    context: {kept: 5}\n    expect: {output: {was: 5}}\n"), IsEmpty());
}

TEST(Case, ThatNeverEndsIsGivenUp) {
  const InMemory world("do:\n  - again: {wait: {seconds: 1}, then: again}\n");
  EXPECT_THAT(world.failure("    expect: {output: 1}\n"),
              AllOf(HasSubstr("did not end within 100000 steps"), HasSubstr("timeout")));
}

const std::string k_listen = R"(
do:
  - order: {emit: {event: {with: {source: https://example.com, type: ordered, data: {n: "${ $workflow.input.n }"}}}}}
  - paid: {listen: {to: {one: {with: {type: paid, data: "${ .n > 1 }"}}}}}
)";

TEST(Event, IsPublishedWhenATaskListens) {
  const InMemory world(k_listen);
  EXPECT_THAT(world.failure(R"(
    input: {n: 3}
    events: [{event: {type: paid, data: {n: 1}}}, {event: {type: paid, data: {n: 2}}}]
    expect: {output: [{n: 2}], emitted: [{type: ordered, data: {n: 3}}]}
)"),
              IsEmpty());
  EXPECT_THAT(world.failure("    expect: {status: waiting}\n"), IsEmpty());
  EXPECT_THAT(world.failure("    expect: {output: 1}\n"),
              AllOf(HasSubstr("it is waiting: nothing ends it"), HasSubstr("/do/1/paid listens for paid")));
}

TEST(Event, MayHaveItsTime) {
  const InMemory world(k_listen);
  EXPECT_THAT(world.failure(R"(
    events: [{at: PT2H, event: {type: paid, data: {n: 2}}}]
    expect: {output: [{n: 2}], elapsed: PT2H}
)"),
              IsEmpty());
  EXPECT_THAT(world.failure(R"(
    events: [{at: PT2H, event: {type: paid, data: {n: 2}}}, {at: PT3H, event: {type: paid}}]
    expect: {output: [{n: 2}]}
)"),
              HasSubstr("was never published: the run ended before its time"));
}

TEST(Event, ThatTheRunEmitsReachesItsOwnListeners) {
  const InMemory world(R"(
do:
  - both:
      fork:
        branches:
          - hear: {listen: {to: {one: {with: {type: x}}}}}
          - say: {emit: {event: {with: {source: https://example.com, type: x, data: 5}}}}
)");
  EXPECT_THAT(world.failure("    expect: {outputIncludes: [[5], '${ true }']}\n"), IsEmpty());
}

TEST(Event, EmittedIsComparedOneByOne) {
  EXPECT_THAT(InMemory(k_listen).failure("    expect: {status: waiting, emitted: []}\n"),
              HasSubstr("1 events were emitted, expected 0"));
}

}  // namespace
}  // namespace cairn::authoring::tests
