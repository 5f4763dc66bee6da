// Mistakes in files of tests, and what all cases together have covered.

#include "tests/authoring/testing/harness.h"

#include <gmock/gmock.h>

#include "authoring/testing/report.h"

namespace cairn::authoring::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string k_flow = R"(
do:
  - choose:
      switch:
        - large: {when: "${ .n > 10 }", then: charge}
        - small: {when: "${ .n > 0 }", then: end}
  - charge:
      try:
        - pay: {call: http, with: {method: post, endpoint: https://example.com}}
      catch:
        errors: {with: {status: 503}}
        retry: {delay: {seconds: 1}, limit: {attempt: {count: 1}}}
        do:
          - note: {set: {paid: false}}
  - each:
      if: ${ .list != null }
      for: {in: "${ .list }"}
      do:
        - one: {set: "${ . }"}
)";

std::string wrong(const std::string& text) { return InMemory::findings(InMemory(k_flow).run(text)); }

TEST(FileOfTests, TellsMistakesAtTheirPlaces) {
  EXPECT_EQ(wrong("cases:\n  - nam: a\n    expect: {output: 1}\n"),
            "2:5 unknown key 'nam' in a case (did you mean 'name'?)\n");
  EXPECT_THAT(wrong("cases:\n  - name: a\n    expect: {output: '${ .a | }'}\n"),
              HasSubstr("3:30 the expression does not compile"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    mocks: {pya: {return: 1}}\n    expect: {output: 1}\n"),
              HasSubstr("3:13 there is no task 'pya' (did you mean 'pay'?)"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    mocks: {choose: {return: 1}}\n    expect: {output: 1}\n"),
              HasSubstr("'choose' is a `switch` task: it makes no call"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    mocks: {pay: {retrun: 1}}\n    expect: {output: 1}\n"),
              HasSubstr("did you mean 'return'?"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    mocks: {pay: {return: 'x ${ .y }'}}\n    expect: {output: 1}\n"),
              HasSubstr("there is text around this one"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    inputFile: none.json\n    expect: {output: 1}\n"),
              HasSubstr("3:16 'none.json' cannot be read"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    expect: {path: [chose]}\n"), HasSubstr("did you mean 'choose'?"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    expect: {error: timeout, output: 1}\n"), HasSubstr("has no output"));
  EXPECT_THAT(wrong("cases:\n  - {name: a, expect: {}}\n  - {name: a, expect: {}}\n"),
              HasSubstr("there is a case 'a' already"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    from: pay\n    expect: {}\n"), HasSubstr("at the top level"));
  EXPECT_THAT(wrong("cases: []\n"), HasSubstr("there are no cases"));
  EXPECT_THAT(wrong("workflow: other.yaml\ncases:\n  - {name: a, expect: {}}\n"),
              HasSubstr("1:11 the workflow 'other.yaml' cannot be read"));
  EXPECT_THAT(wrong("cases: [\n"), HasSubstr("1:8 this '[' is never closed"));
  EXPECT_THAT(wrong("cases:\n  - name: a\n    events: [{event: {data: 1}}]\n    expect: {}\n"), HasSubstr("'type'"));
}

std::vector<std::string> missed_by(const std::string& cases) {
  const auto result = InMemory(k_flow).run(cases);
  EXPECT_TRUE(result.is_sound()) << InMemory::findings(result);
  std::vector<std::string> missed;
  for (const auto& point : coverage_of(*result.tested(), result.reached).missed) missed.push_back(point.what);
  return missed;
}

TEST(Coverage, NamesEveryTaskAndTransitionThatNoCaseReached) {
  EXPECT_THAT(missed_by("cases:\n  - {name: a, input: {n: 5}, expect: {}}\n"),
              ElementsAre("switch 'choose': case 'large'", "switch 'choose': no case", "try 'charge'",
                          "try 'charge': without an error", "try 'charge': an error is retried",
                          "try 'charge': an error is caught", "call 'pay'", "set 'note'", "for 'each'",
                          "for 'each': its `if` holds", "for 'each': its `if` does not hold", "for 'each': a round",
                          "for 'each': no round at all", "set 'one'"));
}

TEST(Coverage, IsWholeWhenAllWaysHaveBeenGone) {
  EXPECT_THAT(missed_by(R"(
cases:
  - {name: small, input: {n: 5}, expect: {}}
  - {name: none, input: {n: 0}, mocks: {pay: {return: {}}}, expect: {}}
  - {name: round, input: {n: 11}, mocks: {pay: {return: {list: [1]}}}, expect: {}}
  - {name: empty, input: {n: 11}, mocks: {pay: {return: {list: []}}}, expect: {}}
  - {name: caught, input: {n: 11}, mocks: {pay: {respond: 503}}, expect: {output: {paid: false}}}
)"),
              ElementsAre());
}

TEST(Coverage, CountsTheBranchesThatWin) {
  const InMemory world(R"(
do:
  - race:
      fork:
        compete: true
        branches:
          - a: {wait: {seconds: 1}}
          - b: {wait: {seconds: 2}}
)");
  const auto result = world.run("cases:\n  - {name: a, expect: {elapsed: PT1S}}\n");
  ASSERT_TRUE(result.is_sound());
  const auto coverage = coverage_of(*result.tested(), result.reached);
  ASSERT_EQ(coverage.missed.size(), 1U);
  EXPECT_EQ(coverage.missed[0].what, "fork 'race': branch 'b' wins");
  EXPECT_EQ(coverage.tasks_reached, 3U);
  EXPECT_DOUBLE_EQ(coverage.percent(), 80.0);
}

TEST(Report, IsJUnitsXmlWithWhatFailed) {
  const auto result = InMemory(k_flow).run(
      "cases:\n  - {name: 'a < b', input: {n: 5}, expect: {output: 1}}\n  - {name: ok, input: {n: 5}, expect: {}}\n");
  const std::string xml = to_junit({result});
  EXPECT_THAT(xml,
              AllOf(HasSubstr(R"(<testsuites tests="2" failures="1" errors="0">)"), HasSubstr(R"(name="a &lt; b")"),
                    HasSubstr("<failure message=\"the output is not as expected\">"), HasSubstr("path:&#10;")));
}

TEST(Report, SaysTheSameEachTime) {
  const std::string cases =
      "cases:\n  - {name: a, input: {n: 11}, mocks: {pay: {respond: 503}}, expect: {output: 1}}\n";
  EXPECT_EQ(to_junit({InMemory(k_flow).run(cases)}), to_junit({InMemory(k_flow).run(cases)}));
}

}  // namespace
}  // namespace cairn::authoring::tests
