#include "workflows/diagram/diagram.h"

#include "tests/workflows/definition/definition_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Mermaid, DrawsASequence) {
  const auto program = load("do:\n  - a: {set: {x: 1}}\n  - b: {wait: PT1S}\n");
  EXPECT_EQ(to_mermaid(*program),
            "flowchart TD\n"
            "  start((\"start\"))\n"
            "  n0[\"a<br/>set\"]\n"
            "  n1[\"b<br/>wait\"]\n"
            "  finish((\"end\"))\n"
            "  start --> n0\n"
            "  n0 --> n1\n"
            "  n1 --> finish\n");
}

TEST(Mermaid, DrawsAnEmptyWorkflow) { EXPECT_THAT(to_mermaid(*load("do: []\n")), HasSubstr("start --> finish")); }

TEST(Mermaid, FollowsDirectives) {
  const std::string drawn = to_mermaid(
      *load("do:\n  - a: {set: {x: 1}, then: c}\n  - b: {set: {x: 1}, then: end}\n  - c: {set: {x: 1}, then: b}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0 --> n2\n"));
  EXPECT_THAT(drawn, HasSubstr("n1 --> finish\n"));
  EXPECT_THAT(drawn, HasSubstr("n2 --> n1\n"));
}

TEST(Mermaid, LabelsTheCasesOfASwitch) {
  const std::string drawn =
      to_mermaid(*load("do:\n  - a:\n      switch:\n        - big: {when: .x > 1, then: b}\n        - other: {then: "
                       "end}\n  - b: {set: {x: 1}}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0{\"a<br/>switch\"}"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"big: .x #gt; 1\"| n1"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"other: default\"| finish"));
  EXPECT_THAT(drawn, Not(HasSubstr("otherwise")));
  EXPECT_THAT(to_mermaid(*load("do:\n  - a: {switch: [b: {when: .x, then: end}]}\n  - c: {set: {x: 1}}\n")),
              HasSubstr("n0 -->|\"otherwise\"| n1"));
}

TEST(Mermaid, SaysWhatATaskListensForAndUntilWhen) {
  const std::string drawn =
      to_mermaid(*load("do:\n  - a: {listen: {to: {all: [{with: {type: x}}, {with: {type: y}}]}}}\n"
                       "  - b: {listen: {to: {any: []}}}\n"
                       "  - c: {listen: {to: {any: [{with: {type: x}}], until: {one: {with: {type: stop}}}}}}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0[\"a<br/>listen: all of x, y\"]"));
  EXPECT_THAT(drawn, HasSubstr("n1[\"b<br/>listen: any event\"]"));
  EXPECT_THAT(drawn, HasSubstr("n2[\"c<br/>listen: x<br/>until stop\"]"));
}

TEST(Mermaid, DrawsTheTasksForEachEventAsALoop) {
  const std::string drawn = to_mermaid(
      *load("do:\n  - a:\n      listen: {to: {any: []}}\n      foreach: {item: event, do: [b: {set: {x: 1}}]}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"event\"| n1"));
  EXPECT_THAT(drawn, HasSubstr("n1 -->|\"next\"| n0"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"done\"| j0"));
}

TEST(Mermaid, PutsTheTasksOfATaskIntoABox) {
  const std::string drawn = to_mermaid(*load("do:\n  - outer: {do: [inner: {do: [core: {set: {x: 1}}]}]}\n"));
  EXPECT_THAT(
      drawn,
      HasSubstr("  subgraph b0[\"outer\"]\n    n0[[\"outer<br/>do\"]]\n    j0(( ))\n    subgraph b1[\"inner\"]\n"));
  EXPECT_THAT(drawn, HasSubstr("      n2[\"core<br/>set\"]\n"));
  EXPECT_THAT(drawn, HasSubstr("j1 --> j0\n"));
  EXPECT_THAT(drawn, HasSubstr("j0 --> finish\n"));
}

TEST(Mermaid, ClosesTheCircleOfALoop) {
  const std::string drawn =
      to_mermaid(*load("do:\n  - a: {for: {each: x, in: .l}, while: $x != 1, do: [b: {set: {y: 1}}]}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0{{\"a<br/>for each x<br/>while $x != 1\"}}"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"x\"| n1"));
  EXPECT_THAT(drawn, HasSubstr("n1 -->|\"next\"| n0"));
  EXPECT_THAT(drawn, HasSubstr("n0 -->|\"done\"| j0"));
}

TEST(Mermaid, SplitsAndJoinsAFork) {
  const std::string drawn =
      to_mermaid(*load("do:\n  - a: {fork: {compete: true, branches: [b: {set: {x: 1}}, c: {set: {x: 1}}]}}\n"));
  EXPECT_THAT(drawn, HasSubstr("fork: race"));
  for (const char* edge : {"n0 --> n1\n", "n0 --> n2\n", "n1 --> j0\n", "n2 --> j0\n", "j0 --> finish\n"})
    EXPECT_THAT(drawn, HasSubstr(edge));
}

TEST(Mermaid, ShowsWhatIsCaughtAndWhereItGoes) {
  const std::string drawn =
      to_mermaid(*load("do:\n"
                       "  - a:\n"
                       "      try: [b: {raise: {error: {type: 'https://x/oops', status: 500}}}]\n"
                       "      catch:\n"
                       "        errors: {with: {type: 'https://x/oops', status: 500}}\n"
                       "        when: $error.detail == \"x\"\n"
                       "        retry: {limit: {attempt: {count: 2}}}\n"
                       "        do: [c: {set: {x: 1}}]\n"
                       "        then: d\n"
                       "  - skipped: {set: {x: 1}}\n"
                       "  - d: {set: {x: 1}}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0 -.->|\"catch oops 500 when $error.detail == #quot;x#quot;\"| n4"));
  EXPECT_THAT(drawn, HasSubstr("n0 -.->|\"retry, at most 2 times\"| n0"));
  EXPECT_THAT(drawn, HasSubstr("n4 --> n2"));
  EXPECT_THAT(drawn, HasSubstr("j0 --> n1"));
  EXPECT_THAT(drawn, Not(HasSubstr("n3 --> "))) << "nothing follows a raise";
}

TEST(Mermaid, DrawsFunctionsApart) {
  const std::string drawn = to_mermaid(*load("use: {functions: {f: {set: {x: 1}}}}\ndo:\n  - a: {call: f}\n"));
  EXPECT_THAT(drawn, HasSubstr("subgraph f0[\"function f\"]"));
  EXPECT_THAT(drawn, HasSubstr("n1 -.->|\"calls\"| n0"));
}

TEST(Mermaid, EscapesNames) {
  const std::string drawn = to_mermaid(*load("do:\n  - 'a\"]; end <b> `#&|\\': {set: {x: 1}}\n"));
  EXPECT_THAT(drawn, HasSubstr("n0[\"a#quot;]#59; end #lt;b#gt; #96;#35;#amp;#124;#92;<br/>set\"]"));
}

TEST(Mermaid, CutsLongLabels) {
  const std::string drawn = to_mermaid(*load("do:\n  - " + std::string(500, 'x') + ": {set: {x: 1}}\n"));
  EXPECT_THAT(drawn, HasSubstr(std::string(60, 'x') + "…<br/>"));
}

TEST(Mermaid, MarksWhereARunHasBeen) {
  const auto program = load("do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 1}}\n  - c: {set: {x: 1}}\n");
  const std::string drawn = to_mermaid(
      *program, {{"/do/0/a", {DiagramMark::Status::completed, 3}}, {"/do/1/b", {DiagramMark::Status::faulted, 1}}});
  EXPECT_THAT(drawn, HasSubstr("a ×3<br/>set"));
  EXPECT_THAT(drawn, HasSubstr("  class n0 completed\n"));
  EXPECT_THAT(drawn, HasSubstr("  class n1 faulted\n"));
  EXPECT_THAT(drawn, Not(HasSubstr("class n2")));
  EXPECT_THAT(drawn, HasSubstr("classDef completed "));
  EXPECT_THAT(drawn, Not(HasSubstr("classDef running ")));
}

TEST(Dot, DrawsTheSameGraph) {
  const auto program = load("do:\n  - 'say \"hi\"\\': {set: {x: 1}}\n  - box: {do: [in: {wait: PT1S}]}\n");
  const std::string drawn = to_dot(*program, {{"/do/1/box", {DiagramMark::Status::running, 1}}});
  EXPECT_THAT(drawn, testing::StartsWith("digraph \"test/example:1.0.0\" {\n"));
  EXPECT_THAT(drawn, HasSubstr("n0 [label=\"say \\\"hi\\\"\\\\\\nset\", shape=box];"));
  EXPECT_THAT(drawn, HasSubstr("subgraph cluster_b1 {"));
  EXPECT_THAT(drawn, HasSubstr("class=\"running\""));
  EXPECT_THAT(drawn, HasSubstr("n0 -> n1 [label=\"\"];"));
  EXPECT_THAT(drawn, testing::EndsWith("}\n"));
}

TEST(Diagrams, OfOneProgramAreAlwaysTheSame) {
  const std::string body =
      "use: {functions: {g: {set: {x: 1}}, f: {set: {x: 1}}}}\ndo:\n  - a: {call: f}\n  - b: {call: g}\n";
  EXPECT_EQ(to_mermaid(*load(body)), to_mermaid(*load(body)));
  EXPECT_EQ(to_dot(*load(body)), to_dot(*load(body)));
}

}  // namespace
}  // namespace cairn
