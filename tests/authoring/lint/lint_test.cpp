// Each rule finds what it is for, at its place, and leaves the rest alone.

#include "authoring/lint/lint.h"

#include "workflows/definition/load.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cairn::authoring {
namespace {

const std::string k_head = "document: {dsl: '1.0.3', namespace: test, name: linted, version: '1.0.0'}\n";

/// "RULE POINTER" of each finding.
std::vector<std::string> found_in(const std::string& rest) {
  const std::string text = k_head + rest;
  const LoadedDefinition loaded = load_definition(text);
  EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text, "test");
  std::vector<std::string> found;
  if (!loaded.ok()) return found;
  for (const auto& one : lint(text, *loaded.program)) {
    found.push_back(std::string(one.rule) + " " + one.diagnostic.pointer);
  }
  return found;
}

struct Sample {
  const char* name;
  const char* text;
  std::vector<std::string> findings;
};
void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

class Lint : public testing::TestWithParam<Sample> {};

TEST_P(Lint, Finds) { EXPECT_EQ(found_in(GetParam().text), GetParam().findings); }

const Sample k_samples[] = {
    {"NothingInASoundWorkflow",
     "timeout: {after: PT1M}\ndo:\n  - a: {call: http, with: {method: get, endpoint: https://e.com}}\n",
     {}},

    {"ATaskBehindThenEnd",
     "do:\n  - a: {set: {x: 1}, then: end}\n  - b: {set: {x: 2}}\n  - c: {set: {x: 3}}\n",
     {"unreachable-task /do/1/b", "unreachable-task /do/2/c"}},
    {"NothingBehindATaskWithACondition",
     "do:\n  - a: {if: \"${ .x }\", set: {x: 1}, then: end}\n  - b: {set: {x: 2}}\n",
     {}},
    {"ATaskBehindRaise",
     "do:\n  - a: {raise: {error: {type: https://e.com/x, status: 500}}}\n  - b: {set: {x: 2}}\n",
     {"unreachable-task /do/1/b"}},
    {"ATaskBehindASwitchThatAlwaysLeaves",
     "do:\n  - a: {switch: [{one: {when: \"${ .x }\", then: c}}, {other: {then: exit}}]}\n  - b: {set: {x: 2}}\n  - c: "
     "{set: {x: 3}}\n",
     {"unreachable-task /do/1/b"}},
    {"NothingBehindASwitchWithoutADefault",
     "do:\n  - a: {switch: [{one: {when: \"${ .x }\", then: c}}]}\n  - b: {set: {x: 2}}\n  - c: {set: {x: 3}}\n",
     {}},
    {"ATaskInsideABlock",
     "do:\n  - a: {do: [{b: {set: {x: 1}, then: exit}}, {c: {set: {x: 1}}}]}\n",
     {"unreachable-task /do/0/a/do/1/c"}},
    {"NoTaskBehindATryThatMayGoOn",
     "do:\n  - a: {try: [{b: {set: {x: 1}}}], catch: {errors: {with: {status: 1}}, then: c}, then: end}\n  - c: {set: "
     "{x: 1}}\n",
     {}},

    {"ATaskThatGoesOnWithItself", "do:\n  - a: {set: {x: 1}, then: a}\n", {"loop-without-wait /do/0/a"}},
    {"ARoundWithoutAPause",
     "do:\n  - a: {set: {x: 1}}\n  - b: {switch: [{again: {when: \"${ .x }\", then: a}}]}\n",
     {"loop-without-wait /do/0/a"}},
    {"NoRoundWithAPause", "do:\n  - a: {wait: PT1S}\n  - b: {switch: [{again: {when: \"${ .x }\", then: a}}]}\n", {}},
    {"NoRoundThatTurnsPages",
     "timeout: {after: PT1M}\ndo:\n  - a: {call: http, with: {method: get, endpoint: https://e.com}}\n  - b: {switch: "
     "[{again: {when: \"${ .x }\", then: a}}]}\n",
     {}},
    {"NoRoundWhosePauseIsDeeper",
     "do:\n  - a: {do: [{w: {wait: PT1S}}]}\n  - b: {switch: [{again: {when: \"${ .x }\", then: a}}]}\n",
     {}},

    {"WhatIsDeclaredAndNotUsed",
     "use:\n  functions: {f: {set: {x: 1}}}\n  errors: {e: {type: https://e.com, status: 1}}\n"
     "  retries: {r: {limit: {attempt: {count: 1}}}}\n  timeouts: {t: {after: PT1S}}\n"
     "  authentications: {a: {basic: {use: s}}}\n  secrets: [s, z]\ndo: []\n",
     {"unused-function /use/functions/f", "unused-error /use/errors/e", "unused-retry /use/retries/r",
      "unused-timeout /use/timeouts/t", "unused-authentication /use/authentications/a",
      "unused-secret /use/secrets/1"}},
    {"NothingThatIsUsed",
     "use:\n  functions: {f: {call: http, with: {method: get, endpoint: {uri: https://e.com, authentication: {use: "
     "a}}}}}\n"
     "  errors: {e: {type: https://e.com, status: 1}}\n  retries: {r: {limit: {attempt: {count: 1}}}}\n  timeouts: {t: "
     "{after: PT1S}}\n"
     "  authentications: {a: {basic: {use: s}}}\n  secrets: [s, z]\ntimeout: t\ndo:\n"
     "  - x: {try: [{y: {call: f}}, {w: {call: http, with: {method: get, endpoint: https://e.com, headers: {A: \"${ "
     "$secrets.z }\"}}}}], "
     "catch: {retry: r}}\n  - v: {raise: {error: e}}\n",
     {}},
    {"AFunctionThatOnlyCallsItself",
     "use: {functions: {f: {do: [{g: {call: f}}]}}}\ndo: []\n",
     {"unused-function /use/functions/f"}},

    {"ACatchThatHidesEverything",
     "do:\n  - a: {try: [{b: {set: {x: 1}}}], catch: {errors: {}}}\n",
     {"catch-hides-errors /do/0/a/catch"}},
    {"NoCatchThatChoosesOrHandlesOrRaisesAgain",
     "do:\n  - a: {try: [{b: {set: {x: 1}}}], catch: {errors: {with: {status: 404}}}}\n"
     "  - c: {try: [{b: {set: {x: 1}}}], catch: {when: \"${ .x }\"}}\n"
     "  - d: {try: [{b: {set: {x: 1}}}], catch: {do: [{e: {set: {y: 1}}}]}}\n"
     "  - f: {try: [{b: {set: {x: 1}}}], catch: {retry: {limit: {attempt: {count: 1}}}}}\n",
     {}},
    {"ARetryThatNeverGivesUp",
     "use: {retries: {r: {delay: PT1S}}}\ndo:\n  - a: {try: [{b: {set: {x: 1}}}], catch: {retry: r}}\n"
     "  - c: {try: [{b: {set: {x: 1}}}], catch: {retry: {delay: PT1S, limit: {duration: PT1H}}}}\n",
     {"retry-without-limit /do/0/a/catch/retry"}},

    {"ACallWithoutATimeout",
     "do:\n  - a: {call: http, with: {method: get, endpoint: https://e.com}}\n  - b: {run: {shell: {command: ls}}}\n",
     {"call-without-timeout /do/0/a", "call-without-timeout /do/1/b"}},
    {"NoCallWithATimeoutAroundIt",
     "use: {functions: {f: {run: {shell: {command: ls}}}}}\ndo:\n"
     "  - a: {timeout: {after: PT1S}, do: [{b: {run: {shell: {command: ls}}}}, {c: {call: f}}]}\n"
     "  - d: {try: [{e: {run: {shell: {command: ls}}}}], catch: {retry: {limit: {attempt: {count: 1, duration: "
     "PT1S}}}}}\n",
     {}},
    {"ACallOfAFunctionThatOneCallerDoesNotLimit",
     "use: {functions: {f: {run: {shell: {command: ls}}}}}\ndo:\n  - a: {timeout: {after: PT1S}, call: f}\n  - b: "
     "{call: f}\n",
     {"call-without-timeout /use/functions/f"}},

    {"AVariableThatNobodyReads",
     "do:\n  - a: {for: {each: row, at: n, in: \"${ .rows }\"}, do: [{b: {set: {x: \"${ $row }\"}}}]}\n",
     {"unused-variable /do/0/a/for/at"}},
    {"ACaughtErrorThatNobodyReads",
     "do:\n  - a: {try: [{b: {set: {x: 1}}}], catch: {as: oops, do: [{c: {set: {x: 1}}}]}}\n",
     {"unused-variable /do/0/a/catch/as"}},
    {"NoVariableOfARetryPolicy",
     "use: {retries: {r: {when: \"${ $error.status == 503 }\", limit: {attempt: {count: 1}}}}}\ndo:\n  - a: {try: [{b: "
     "{set: {x: 1}}}], catch: {as: error, retry: r}}\n",
     {}},
    {"AVariableThatHidesAnother",
     "do:\n  - a: {for: {each: row, in: \"${ .a }\"}, do: [{b: {for: {each: row, in: \"${ $row }\"}, do: [{c: {set: "
     "{x: \"${ $row }\"}}}]}}]}\n",
     {"shadowed-variable /do/0/a/do/0/b"}},
    {"NoUsualNamesThatNobodyReads",
     "do:\n  - a: {for: {in: \"${ .a }\"}, do: [{b: {for: {in: \"${ .b }\"}, do: [{c: {set: {x: 1}}}]}}]}\n",
     {}},

    {"ASecretInAnAddress",
     "use: {secrets: [k]}\ntimeout: {after: PT1M}\ndo:\n"
     "  - a: {call: http, with: {method: get, endpoint: \"${ \\\"https://e.com?k=\\\" + $secrets.k }\"}}\n"
     "  - b: {call: http, with: {method: get, endpoint: https://e.com, query: {k: \"${ $secrets.k }\"}}}\n"
     "  - c: {call: http, with: {method: get, endpoint: https://e.com, headers: {k: \"${ $secrets.k }\"}}}\n",
     {"secret-in-url /do/0/a/with/endpoint", "secret-in-url /do/1/b/with/query"}},
    {"ASecretInACommand",
     "use: {secrets: [k]}\ntimeout: {after: PT1M}\ndo:\n"
     "  - a: {run: {shell: {command: \"curl -u ${ $secrets.k }\"}}}\n  - b: {run: {shell: {command: ls, environment: "
     "{K: \"${ $secrets.k }\"}}}}\n",
     {"secret-in-command /do/0/a/run/shell/command"}},
    {"ASecretInTheText",
     "use: {secrets: [k]}\ntimeout: {after: PT1M}\ndo:\n"
     "  - a: {call: http, with: {method: get, endpoint: {uri: https://e.com, authentication: {basic: {username: u, "
     "password: p}}}}}\n"
     "  - b: {call: http, with: {method: get, endpoint: https://e.com, headers: {Authorization: Bearer abc}}}\n"
     "  - c: {call: http, with: {method: get, endpoint: {uri: https://e.com, authentication: {bearer: {token: \"${ "
     "$secrets.k }\"}}}}}\n",
     {"secret-in-text /do/0/a/with/endpoint/authentication/basic/password",
      "secret-in-text /do/1/b/with/headers/Authorization"}},
};

INSTANTIATE_TEST_SUITE_P(Rules, Lint, testing::ValuesIn(k_samples), [](const auto& info) { return info.param.name; });

TEST(LintExceptions, SwitchARuleOffForATaskAndAllBelowIt) {
  const std::string body =
      "do:\n  - a:\n      metadata: {cairn: {lint: {ignore: [unreachable-task]}}}\n"
      "      do: [{b: {set: {x: 1}, then: exit}}, {c: {set: {x: 1}}}]\n"
      "  - d: {set: {x: 1}, then: end}\n  - e: {set: {x: 1}}\n";
  EXPECT_EQ(found_in(body), std::vector<std::string>{"unreachable-task /do/2/e"});
}

TEST(LintExceptions, OfTheDocumentCountEverywhere) {
  const std::string text =
      "document: {dsl: '1.0.3', namespace: test, name: a, version: '1.0.0', metadata: {cairn: {lint: {ignore: "
      "[unreachable-task, unreachabel-task]}}}}\ndo:\n  - d: {set: {x: 1}, then: end}\n  - e: {set: {x: 1}}\n";
  const auto found = lint(text, *load_definition(text).program);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "unknown-rule");
  EXPECT_EQ(found[0].diagnostic.hint, "did you mean 'unreachable-task'?");
}

TEST(LintExceptions, AreAListOfNames) {
  const std::string text =
      "document: {dsl: '1.0.3', namespace: test, name: a, version: '1.0.0', metadata: {cairn: {lint: {ignor: "
      "[]}}}}\ndo: []\n";
  EXPECT_FALSE(load_definition(text).ok());
}

TEST(LintRules, AreTheTableOfTheirPage) {
  std::ifstream file(std::filesystem::path(CAIRN_SOURCE_DIR) / "docs/lint.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_NE(page.str().find(lint_table()), std::string::npos) << "docs/lint.md should hold:\n" << lint_table();
}

TEST(LintRules, EachHaveASample) {
  for (const LintRule& rule : lint_rules()) {
    bool found = rule.code == "unknown-rule";
    for (const Sample& sample : k_samples) {
      for (const auto& finding : sample.findings) found = found || finding.starts_with(std::string(rule.code) + " ");
    }
    EXPECT_TRUE(found) << rule.code;
  }
}

}  // namespace
}  // namespace cairn::authoring
