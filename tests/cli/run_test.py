"""cairn run: what goes where, what it exits with, what it takes."""
import json
import unittest

from cli import CommandTest
from workflows import FAULT, SET, WAIT, shell, workflow


class Ends(CommandTest):
    def test_a_completed_run_prints_its_output_and_nothing_else(self):
        result = self.run_text(SET)
        self.assertEqual(result.stdout, '{"answer":42}\n')
        self.assertEqual(result.stderr, "")

    def test_output_of_commands_stays_off_stdout(self):
        result = self.run_text(shell("echo out; echo err >&2"))
        self.assertEqual(result.stdout, '"out\\n"\n')
        self.assertEqual(result.stderr, "")

    def test_a_faulted_run_exits_with_1_and_prints_its_problem_on_stderr(self):
        result = self.run_text(FAULT, exit_code=1)
        self.assertEqual(result.stdout, "")
        problem = json.loads(result.stderr)
        self.assertEqual(
            (problem["type"], problem["status"], problem["title"], problem["instance"]),
            ("https://example.com/errors/odd", 418, "Odd", "/do/0/fail"),
        )

    def test_a_cancelled_run_exits_with_3_and_prints_no_output(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.cairn("cancel", "last", "--reason", "not today")
        code, out, err = self.end_of(process)
        self.assertEqual((code, out), (3, ""))
        self.assertIn("not today", err)

    def test_progress_is_one_line_a_task_on_stderr(self):
        result = self.run_text(workflow("  - a: {set: {x: 1}}\n  - b: {if: 'false', set: {x: 2}}\n"), "--progress")
        self.assertEqual(result.stdout, '{"x":1}\n')
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 4, result.stderr)
        self.assertRegex(lines[0], "^run +[0-9a-f-]{36}$")
        self.assertRegex(lines[1], "^completed +a +set")
        self.assertRegex(lines[2], "^skipped +b")
        self.assertRegex(lines[3], "^completed +run ")


class Refuses(CommandTest):
    def refused(self, *arguments, says, **more):
        result = self.cairn(*arguments, exit_code=2, **more)
        self.assertEqual(result.stdout, "")
        self.assertIn(says, result.stderr)
        self.assertEqual(self.runs(), [])
        return result

    def test_an_invalid_definition_with_every_finding(self):
        path = self.write("bad.yaml", workflow("  - a: {sett: {x: 1}}\n  - b: {wait: {secnods: 1}}\n"))
        result = self.refused("run", path, says="bad.yaml:3:")
        self.assertIn("bad.yaml:4:", result.stderr)

    def test_what_is_not_run_yet(self):
        path = self.write("later.yaml", workflow("  - a: {run: {container: {image: alpine}}}\n"))
        self.refused("run", path, says="nothing was started")

    def test_a_workflow_that_runs_another_which_is_not_known(self):
        tasks = "  - a: {run: {workflow: {namespace: test, name: other, version: '1.0.0', input: {}}}}\n"
        self.refused("run", self.write("parent.yaml", workflow(tasks)), says="--with")

    def test_input_that_is_no_json(self):
        path = self.write("quick.yaml", SET)
        result = self.refused("run", path, "--input", '{"a": }', says="--input")
        self.assertIn("column", result.stderr)
        self.write("input.json", "{")
        self.refused("run", path, "--input", "@input.json", says="input.json")
        self.refused("run", path, "--input", "-", says="standard input", stdin="[1,")

    def test_options_that_make_no_sense(self):
        path = self.write("quick.yaml", SET)
        self.refused("run", path, "--priority", "10", says="priority")
        self.refused("run", path, "--id", "", says="--id")
        self.refused("run", path, "--secret", "novalue", says="NAME=VALUE")
        self.refused("run", path, "--inptu", "1", says="did you mean '--input'")
        self.refused("run", "-", "--input", "-", says="standard input", stdin="")
        self.refused("run", says="FILE is required")

    def test_a_secret_that_is_declared_and_not_given(self):
        text = workflow(
            "  - a: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:9/', headers: {x: '${ $secrets.token }'}}}\n",
            use="{secrets: [token]}",
        )
        self.refused("run", self.write("secret.yaml", text), says="token")

    def test_a_secret_without_a_name_is_not_repeated_in_the_message(self):
        result = self.cairn("run", self.write("quick.yaml", SET), "--secret", "hunter2", exit_code=2)
        self.assertNotIn("hunter2", result.stderr)

    def test_a_file_that_is_not_there(self):
        result = self.cairn("run", "nowhere.yaml", exit_code=2)
        self.assertIn("cairn: nowhere.yaml: ", result.stderr)


class Takes(CommandTest):
    ECHO = workflow("  - echo: {set: '${ . }'}\n")

    def test_input_as_json_from_a_file_and_from_standard_input(self):
        self.assertEqual(self.run_text(self.ECHO, "--input", '{"a": [1, 2.5, "ä"]}').stdout, '{"a":[1,2.5,"ä"]}\n')
        self.write("input.json", '{"b": 9007199254740993}')
        self.assertEqual(self.run_text(self.ECHO, "--input", "@input.json").stdout, '{"b":9007199254740993}\n')
        self.assertEqual(self.run_text(self.ECHO, "--input", "-", stdin='{"c": null}').stdout, '{"c":null}\n')
        self.assertEqual(self.run_text(self.ECHO).stdout, "{}\n")

    def test_a_definition_from_standard_input(self):
        self.assertEqual(self.cairn("run", "-", stdin=SET).stdout, '{"answer":42}\n')

    def test_further_definitions(self):
        child = self.write("child.yaml", workflow("  - a: {set: {from: child}}\n", "child"))
        tasks = "  - a: {run: {workflow: {namespace: test, name: child, version: '1.0.0', input: {}}}}\n"
        self.assertEqual(self.run_text(workflow(tasks), "--with", child).stdout, '{"from":"child"}\n')
        # The log knows it from now on.
        self.assertEqual(self.run_text(workflow(tasks)).stdout, '{"from":"child"}\n')

    def test_secrets_which_no_record_holds(self):
        service = self.stand_in()
        text = workflow(
            f"  - a: {{call: http, with: {{method: get, endpoint: '{service.address}/crm/contacts?email=x',"
            " headers: {x-token: '${ $secrets.token }'}}}\n",
            use="{secrets: [token]}",
        )
        self.run_text(text, "--secret", "token=sw0rdfish-7")
        told = self.cairn("events", "last", "--json").stdout + self.cairn("show", "last", "--json").stdout
        self.assertNotIn("sw0rdfish-7", told)
        for path in (self.folder / "data").rglob("*"):
            if path.is_file():
                self.assertNotIn(b"sw0rdfish-7", path.read_bytes(), path)

    def test_a_key_starts_one_run(self):
        counter = self.folder / "counter"
        text = shell(f"echo once | tee -a {counter}")
        first = self.run_text(text, "--id", "order-7")
        second = self.run_text(text, "--id", "order-7")
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(counter.read_text(), "once\n")
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(self.runs()[0]["key"], "order-7")

    def test_a_key_that_was_used_with_other_input_is_a_conflict(self):
        self.run_text(SET, "--id", "k", "--input", '{"a": 1}')
        result = self.run_text(SET, "--id", "k", "--input", '{"a": 2}', exit_code=1)
        self.assertIn("another input", result.stderr)

    def test_a_key_whose_run_was_killed_goes_on_with_it(self):
        counter = self.folder / "counter"
        text = workflow(
            f"  - first: {{run: {{shell: {{command: 'echo first >> {counter}'}}}}}}\n"
            "  - pause: {wait: {seconds: 1}}\n  - last: {set: {done: true}}\n"
        )
        process = self.start_text(text, "--id", "k")
        self.await_status("waiting")
        self.kill(process)
        self.assertEqual(self.run_text(text, "--id", "k").stdout, '{"done":true}\n')
        self.assertEqual(counter.read_text(), "first\n")

    def test_a_priority(self):
        self.run_text(SET, "--priority", "9")
        self.assertEqual(self.json_of("show", "last")["priority"], 9)

    def test_a_data_directory_may_be_named_before_the_command(self):
        self.run_text(SET, "--data", self.folder / "other")
        listed = json.loads(self.cairn("--data", self.folder / "other", "runs", "--json").stdout)
        self.assertEqual(len(listed), 1)

    def test_a_data_directory_by_option_over_the_variable(self):
        self.run_text(SET, "--data", self.folder / "other")
        self.assertEqual(self.runs(), [])
        self.assertEqual(len(self.runs("--data", self.folder / "other")), 1)


if __name__ == "__main__":
    unittest.main()
