"""Commands that look: runs, show, events, replay, graph, validate, log verify."""
import json
import os
import pathlib
import re
import unittest

from cli import CommandTest
from workflows import FAULT, SET, WAIT, workflow

LOOP = workflow(
    "  - each:\n      for: {each: item, in: '[1, 2]'}\n      do:\n        - add: {set: '${ {sum: ((.sum // 0) + $item)} }'}\n"
    "  - last: {set: {done: true}}\n",
    "loop",
)


class Names(CommandTest):
    def test_a_run_is_named_by_its_id_a_unique_prefix_or_last(self):
        self.run_text(SET)
        self.run_text(FAULT, exit_code=1)
        newest, oldest = [run["id"] for run in self.runs()]
        self.assertEqual(self.json_of("show", "last")["id"], newest)
        self.assertEqual(self.json_of("show", oldest)["id"], oldest)
        self.assertEqual(self.json_of("show", oldest[:-1])["id"], oldest)
        common = os.path.commonprefix([newest, oldest])
        self.assertIn("several", self.cairn("show", common[:4], exit_code=1).stderr)
        self.assertEqual(self.json_of("show", oldest[: len(common) + 1])["id"], oldest)

    def test_what_names_nothing_is_an_error(self):
        for name in ("last", "0", "zebra", "01890000-0000-7000-8000-000000000000"):
            with self.subTest(name):
                self.assertTrue(self.cairn("show", name, exit_code=1).stderr.startswith("cairn: "))
        self.run_text(SET)
        for name in ("f", "zebra", "01890000-0000-7000-8000-000000000000"):
            with self.subTest(name):
                self.assertIn("cairn runs", self.cairn("show", name, exit_code=1).stderr)


class Nothing(CommandTest):
    def test_looking_creates_nothing(self):
        self.assertEqual(self.runs(), [])
        self.assertEqual(self.cairn("runs").stdout, "")
        for command in (["show", "last"], ["events", "last"], ["replay", "last"], ["cancel", "last"],
                        ["resume", "last"], ["events", "last", "--follow"], ["log", "verify"]):
            with self.subTest(command):
                self.cairn(*command, exit_code=1)
        self.assertIn("nothing", self.cairn("resume").stderr)
        self.assertFalse((self.folder / "data").exists())


class Runs(CommandTest):
    def test_are_listed_newest_first_and_filtered(self):
        self.run_text(SET)
        self.run_text(FAULT, exit_code=1)
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertEqual([run["status"] for run in self.runs()], ["waiting", "faulted", "completed"])
        self.assertEqual([run["status"] for run in self.runs("--limit", 2)], ["waiting", "faulted"])
        self.assertEqual([run["workflow"]["name"] for run in self.runs("--status", "faulted")], ["doomed"])
        self.assertEqual([run["status"] for run in self.runs("--workflow", "test/quick")], ["completed"])
        self.assertEqual(len(self.runs("--since", "1h")), 3)
        self.assertEqual(self.runs("--since", "2100-01-01"), [])
        self.assertEqual(len(self.cairn("runs").stdout.splitlines()), 3)
        self.kill(process)

    def test_options_are_checked(self):
        self.cairn("runs", "--status", "sleepy", exit_code=2)
        self.assertIn("--since", self.cairn("runs", "--since", "soon", exit_code=2).stderr)
        self.cairn("runs", "--limit", "-1", exit_code=2)


class Show(CommandTest):
    def test_has_what_scripts_need(self):
        self.run_text(LOOP, "--input", '{"a": 1}')
        run = self.json_of("show", "last")
        for name in ("id", "status", "workflow", "input", "output", "error", "startedAt", "endedAt", "tasks"):
            self.assertIn(name, run)
        self.assertEqual((run["status"], run["input"], run["output"], run["error"]), ("completed", {"a": 1}, {"done": True}, None))
        each, last = run["tasks"]
        self.assertEqual((each["name"], each["kind"], each["status"]), ("each", "for", "completed"))
        self.assertEqual([task["iteration"] for task in each["tasks"]], [0, 1])
        self.assertEqual(last["tasks"], [])

    def test_draws_the_tree(self):
        self.run_text(LOOP)
        text = self.cairn("show", "last").stdout
        self.assertIn("├─ ✓ each", text)
        self.assertIn("│  └─ ✓ [1] add", text)
        self.assertIn("└─ ✓ last", text)

    def test_tells_the_error_and_the_task_that_failed(self):
        self.run_text(FAULT, exit_code=1)
        text = self.cairn("show", "last").stdout
        self.assertIn("Odd", text)
        self.assertIn("✗ fail", text)
        self.assertEqual(self.json_of("show", "last")["error"]["status"], 418)

    def test_tells_what_a_run_waits_for(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertRegex(self.cairn("show", "last").stdout, r"waits for +timer /do/1/pause until 20\d\d-")
        self.kill(process)


class Events(CommandTest):
    def test_one_a_line_with_number_time_type_task_and_gist(self):
        self.run_text(SET)
        lines = self.cairn("events", "last").stdout.splitlines()
        self.assertEqual(len(lines), 4)
        for number, line in enumerate(lines, 1):
            self.assertRegex(line, rf"^ *{number}  20\d\d-\d\d-\d\dT[\d:.]+Z  [A-Z]\w+ +(-|/do/\S+)  ")
        self.assertRegex(lines[2], r'TaskCompleted +/do/0/answer  → \{"answer":42\}$')

    def test_as_json_a_line_each(self):
        self.run_text(SET)
        events = [json.loads(line) for line in self.cairn("events", "last", "--json").stdout.splitlines()]
        self.assertEqual([event["number"] for event in events], [1, 2, 3, 4])
        self.assertEqual(events[2]["data"]["output"], {"answer": 42})
        self.assertEqual(set(events[0]), {"number", "time", "type", "task", "gist", "data"})

    def test_follow_of_an_ended_run_ends(self):
        self.run_text(SET)
        self.assertEqual(self.cairn("events", "last", "--follow").stdout, self.cairn("events", "last").stdout)

    def test_a_reader_that_leaves_early_is_no_error_to_shout_about(self):
        self.run_text(workflow("  - each:\n      for: {each: i, in: '[range(3000)]'}\n      do: [{a: {set: {x: 1}}}]\n"))
        process = self.start("events", "last")
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.stderr.read(), "")
        process.wait()

    def test_a_long_history_is_told_whole(self):
        self.run_text(workflow("  - each:\n      for: {each: i, in: '[range(3000)]'}\n      do: [{a: {set: {x: 1}}}]\n"))
        lines = self.cairn("events", "last").stdout.splitlines()
        self.assertEqual(len(lines), self.json_of("show", "last")["events"])
        self.assertGreater(len(lines), 9000)


class Replay(CommandTest):
    def test_shows_any_moment(self):
        self.run_text(LOOP)
        count = self.json_of("show", "last")["events"]
        for at in range(1, count + 1):
            state = self.json_of("replay", "last", "--at", at)
            self.assertEqual((state["event"], state["of"]), (at, count))
            self.assertEqual(state["status"], "completed" if at == count else "running")
        self.assertEqual(self.json_of("replay", "last", "--at", 5)["position"][-1]["reference"], "/do/0/each/do/0/add")
        text = self.cairn("replay", "last", "--at", 5).stdout
        for heading in ("position", "data", "context", "pending"):
            self.assertRegex(text, rf"(?m)^{heading}$")

    def test_an_event_that_is_not_there_is_an_error(self):
        self.run_text(SET)
        self.assertIn("from 1 to 4", self.cairn("replay", "last", "--at", 5, exit_code=2).stderr)
        self.cairn("replay", "last", "--at", 0, exit_code=2)
        self.cairn("replay", "last", "--at", "x", exit_code=2)

    def test_verify_decides_again(self):
        self.run_text(LOOP)
        self.assertIn("all the same", self.cairn("replay", "last", "--verify").stdout)
        self.assertEqual(self.json_of("replay", "last", "--verify")["verified"], self.json_of("show", "last")["events"])
        self.cairn("replay", "last", "--verify", "--at", 1, exit_code=2)


class Graph(CommandTest):
    def test_draws_in_both_languages(self):
        path = self.write("loop.yaml", LOOP)
        self.assertTrue(self.cairn("graph", path).stdout.startswith("flowchart"))
        self.assertTrue(self.cairn("graph", path, "--format", "dot").stdout.startswith("digraph"))
        self.cairn("graph", path, "--format", "png", exit_code=2)

    def test_marks_the_way_of_a_run(self):
        path = self.write("loop.yaml", LOOP)
        self.cairn("run", path)
        self.assertNotIn("class n", self.cairn("graph", path).stdout)
        self.assertRegex(self.cairn("graph", path, "--run", "last").stdout, r"class n\d+ completed")

    def test_draws_what_the_run_ran_when_the_file_has_changed(self):
        path = self.write("loop.yaml", LOOP)
        self.cairn("run", path)
        path.write_text(LOOP.replace("- last", "- renamed"))
        result = self.cairn("graph", path, "--run", "last")
        self.assertIn("changed", result.stderr)
        self.assertNotIn("renamed", result.stdout)

    def test_refuses_the_run_of_another_workflow(self):
        self.run_text(SET)
        self.assertIn("quick", self.cairn("graph", self.write("loop.yaml", LOOP), "--run", "last", exit_code=2).stderr)


class Validate(CommandTest):
    def test_files_and_folders(self):
        self.write("flows/a.yaml", SET)
        self.write("flows/deep/b.yml", LOOP)
        self.write("flows/c.json", json.dumps({"document": {"dsl": "1.0.3", "namespace": "t", "name": "c", "version": "1.0.0"}, "do": []}))
        self.write("flows/.hidden/d.yaml", "nonsense: [")
        self.write("flows/notes.txt", "no workflow")
        self.write("flows/input.json", '{"name": "an input beside its workflow"}')
        result = self.cairn("validate", "flows")
        self.assertEqual(result.stdout, "3 files, all valid\n")
        self.assertEqual(result.stderr, "")

    def test_tells_everything_wrong_at_its_place(self):
        self.write("flows/bad.yaml", workflow("  - a: {sett: {x: 1}}\n  - b: {set: {x: 1}, then: nowhere}\n"))
        self.write("flows/good.yaml", SET)
        result = self.cairn("validate", "flows", exit_code=2)
        self.assertIn("2 files, 1 invalid", result.stdout)
        self.assertRegex(result.stderr, r"flows/bad\.yaml:3:\d+: error: ")
        self.assertRegex(result.stderr, r"flows/bad\.yaml:4:\d+: error: ")

    def test_as_data(self):
        self.write("bad.yaml", workflow("  - a: {sett: {x: 1}}\n"))
        report = self.json_of("validate", "bad.yaml", exit_code=2)
        self.assertFalse(report["valid"])
        finding = report["files"][0]["diagnostics"][0]
        self.assertEqual((finding["severity"], finding["line"]), ("error", 3))

    def test_what_is_not_run_yet_is_a_warning(self):
        result = self.cairn("validate", self.write("later.yaml", workflow("  - a: {run: {container: {image: alpine}}}\n")))
        self.assertRegex(result.stderr, r"later\.yaml:3:\d+: warning: ")
        self.assertIn("1 warning", result.stdout)

    def test_a_path_that_is_not_there_or_holds_nothing(self):
        self.assertIn("nowhere.yaml", self.cairn("validate", "nowhere.yaml", exit_code=2).stderr)
        (self.folder / "empty").mkdir()
        self.assertIn("empty", self.cairn("validate", "empty", exit_code=2).stderr)


class LogVerify(CommandTest):
    def test_a_sound_log(self):
        self.run_text(SET)
        report = self.json_of("log", "verify")
        self.assertEqual((report["runs"], report["events"], report["damage"]), (1, 4, []))
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_through_the_owner(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertEqual(self.json_of("log", "verify")["runs"], 1)
        self.kill(process)

    def test_damage_is_told_with_its_place(self):
        self.run_text(SET)
        files = [p for p in pathlib.Path(self.folder / "data/log").rglob("*") if re.search(r"\.(log|sst)$", p.name) and p.stat().st_size > 500]
        self.assertTrue(files)
        for path in files:
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 0x40
            path.write_bytes(data)
        result = self.cairn("log", "verify", exit_code=1)
        self.assertIn("damaged", result.stdout)
        self.assertRegex(result.stderr, "cairn: .+: ")
        self.assertNotEqual(self.json_of("log", "verify", exit_code=1)["damage"], [])


if __name__ == "__main__":
    unittest.main()
