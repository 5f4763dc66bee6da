"""cairn test: what it prints, writes and exits with."""
import json
import unittest
import xml.etree.ElementTree as ElementTree

from cli import CommandTest

FLOW = """
document: {dsl: '1.0.3', namespace: test, name: flow, version: '1.0.0'}
do:
  - ask: {call: http, with: {method: get, endpoint: https://example.com}}
  - choose: {switch: [{large: {when: '${ . > 10 }', then: end}}, {small: {then: continue}}]}
  - last: {set: {n: '${ . }'}}
"""
TESTS = """
cases:
  - {name: small ones are wrapped, mocks: {ask: {return: 1}}, expect: {output: {n: 1}}}
  - {name: large ones stay, mocks: {ask: {return: 11}}, expect: {output: 11, notReached: [last]}}
"""
FAILING = """
cases:
  - {name: wrong, mocks: {ask: {return: 1}}, expect: {output: {n: 2}}}
  - {name: right, mocks: {ask: {return: 2}}, expect: {output: {n: 2}}}
"""


class Test(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("flow.yaml", FLOW)

    def test_passes_with_a_line_a_case(self):
        self.write("flow.test.yaml", TESTS)
        result = self.cairn("test", "flow.test.yaml")
        self.assertEqual(
            result.stdout,
            "flow.test.yaml\n  ✓ small ones are wrapped\n  ✓ large ones stay\n\n1 file, 2 cases: all passed\n",
        )
        self.assertEqual(result.stderr, "")

    def test_shows_what_differs_and_the_path(self):
        self.write("flow.test.yaml", FAILING)
        text = self.cairn("test", ".", exit_code=1).stdout
        self.assertIn("  ✗ wrong\n", text)
        self.assertIn("        at /n\n          expected  2\n          actual    1\n", text)
        self.assertIn("PT0S  ask → 1\n", text)
        self.assertIn("1 file, 2 cases: 1 failed", text)

    def test_runs_only_the_cases_that_are_asked_for(self):
        self.write("flow.test.yaml", FAILING)
        self.assertIn("1 file, 1 case: all passed", self.cairn("test", "flow.test.yaml", "--case", "righ").stdout)
        self.assertIn("--case", self.cairn("test", "flow.test.yaml", "--case", "nobody", exit_code=2).stderr)

    def test_tells_mistakes_at_their_places_and_runs_the_other_files(self):
        self.write("flow.test.yaml", "cases:\n  - {name: a, mocks: {aks: {return: 1}}, expect: {}}\n")
        self.write("other.test.yaml", "workflow: flow.yaml" + TESTS)
        result = self.cairn("test", ".", exit_code=2)
        self.assertRegex(result.stderr, r"flow\.test\.yaml:2:\d+: error: there is no task 'aks'\n")
        self.assertIn("hint: did you mean 'ask'?", result.stderr)
        self.assertIn("2 files, 2 cases: none failed, 1 file with errors", result.stdout)

    def test_tells_what_is_wrong_with_the_workflow(self):
        self.write("flow.yaml", FLOW.replace("switch", "swich"))
        self.write("flow.test.yaml", TESTS)
        self.assertIn("flow.yaml:5:", self.cairn("test", "flow.test.yaml", exit_code=2).stderr)

    def test_measures_coverage(self):
        self.write("flow.test.yaml", TESTS)
        result = self.cairn("test", ".", "--coverage", "--coverage-json", "coverage.json", "--fail-under", "100")
        self.assertIn("flow.yaml: 100.0 %  (3 of 3 tasks, 2 of 2 transitions)", result.stdout)
        self.assertEqual(json.loads((self.folder / "coverage.json").read_text())["workflows"][0]["missed"], [])
        self.write("flow.test.yaml", TESTS.split("  - {name: large")[0])
        result = self.cairn("test", ".", "--fail-under", "90.5", exit_code=1)
        self.assertIn("not reached: switch 'choose': case 'large' at /do/1/choose\n", result.stdout)
        self.assertIn("all passed, coverage is below 90.5 %", result.stdout)

    def test_writes_junit(self):
        self.write("flow.test.yaml", FAILING)
        self.cairn("test", ".", "--junit", "report.xml", exit_code=1)
        suites = ElementTree.parse(self.folder / "report.xml").getroot()
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("2", "1"))
        wrong, right = suites[0]
        self.assertIn("at /n", wrong[0].text)
        self.assertEqual(len(right), 0)

    def test_gives_json(self):
        self.write("flow.test.yaml", FAILING)
        report = json.loads(self.cairn("test", ".", "--json", exit_code=1).stdout)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))
        self.assertEqual([case["passed"] for case in report["files"][0]["cases"]], [False, True])

    def test_makes_real_calls_when_asked_to(self):
        self.write("flow.yaml", FLOW.replace("{call: http, with: {method: get, endpoint: https://example.com}}", "{run: {shell: {command: echo 7}}}"))
        # A text is larger than a number.
        self.write("flow.test.yaml", "cases:\n  - {name: a, mocks: {ask: real}, expect: {output: \"7\\n\"}}\n")
        self.cairn("test", ".")

    def test_a_folder_without_tests_is_a_mistake(self):
        self.assertIn("has no tests", self.cairn("test", ".", exit_code=2).stderr)

    def test_files_of_tests_are_no_workflows(self):
        self.write("flow.test.yaml", TESTS)
        self.assertIn("1 file, all valid", self.cairn("validate", ".").stdout)
        self.assertIn("cairn test flow.test.yaml", self.cairn("validate", "flow.test.yaml", exit_code=2).stderr)


class Lint(CommandTest):
    BAD = FLOW.replace("last: {", "last: {then: last, ")

    def test_warns_and_exits_as_validate_does(self):
        self.write("flow.yaml", self.BAD)
        self.assertEqual(self.cairn("validate", "flow.yaml").stderr, "")
        result = self.cairn("validate", "flow.yaml", "--lint")
        self.assertIn("flow.yaml:4:5: warning: nothing limits how long 'ask' may take [call-without-timeout]", result.stderr)
        self.assertIn("[loop-without-wait]", result.stderr)
        self.assertIn("1 file, all valid, 2 warnings", result.stdout)

    def test_is_a_failure_when_strict(self):
        self.write("flow.yaml", self.BAD)
        self.cairn("validate", "flow.yaml", "--lint", "--strict", exit_code=1)

    def test_names_its_rules_in_json(self):
        self.write("flow.yaml", self.BAD)
        report = json.loads(self.cairn("validate", "flow.yaml", "--lint", "--json").stdout)
        rules = [finding["rule"] for finding in report["files"][0]["diagnostics"]]
        self.assertEqual(sorted(rules), ["call-without-timeout", "loop-without-wait"])


if __name__ == "__main__":
    unittest.main()
