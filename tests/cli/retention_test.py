"""Retention: what goes, by itself and by cairn prune, and what is said of it."""
import unittest

from cli import CommandTest
from workflows import SET, WAIT

KEPT = """
document:
  dsl: '1.0.3'
  namespace: test
  name: kept
  version: '1.0.0'
  metadata: {cairn: {retention: {age: P30D, count: 2}}}
do:
  - answer: {set: {answer: 42}}
"""


class Retention(CommandTest):
    def test_prune_removes_what_the_definition_says_and_the_log_stays_sound(self):
        for _ in range(5):
            self.run_text(KEPT)
        oldest = self.runs()[-1]["id"]
        self.assertIn("would remove 3 runs", self.cairn("prune", "--dry-run").stdout)
        self.assertEqual(len(self.runs()), 5)
        pruned = self.json_of("prune")
        self.assertEqual((pruned["runs"], pruned["workflows"]), (3, {"test/kept": 3}))
        self.assertLess(pruned["bytesAfter"], pruned["bytesBefore"])
        self.assertEqual(len(self.runs()), 2)
        for command in ("show", "events", "why", "retry"):
            stderr = self.cairn(command, oldest, exit_code=None).stderr
            self.assertRegex(stderr, rf"run {oldest} of test/kept:1.0.0, completed on [^ ]+, was removed on [^ ]+ by retention: more than 2")
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_prune_by_age_and_count_of_one_workflow(self):
        for _ in range(3):
            self.run_text(SET)
        self.run_text(KEPT)
        self.assertEqual(self.json_of("prune", "--older-than", "P1D")["runs"], 0)
        self.assertEqual(self.json_of("prune", "--keep", "1", "--workflow", "test/quick")["workflows"], {"test/quick": 2})
        self.assertEqual(self.json_of("prune", "--older-than", "PT0S")["runs"], 2)
        self.assertEqual(self.runs(), [])
        self.assertIn("sound", self.cairn("log", "verify").stdout)
        self.assertIn("duration", self.cairn("prune", "--older-than", "soon", exit_code=2).stderr)

    def test_the_owner_prunes_by_itself_as_the_settings_say(self):
        for _ in range(3):
            self.run_text(SET)
        self.write("cairn.yaml", "retention:\n  count: 1\n")
        process = self.start("--config", self.folder / "cairn.yaml", "run", self.write("wait.yaml", WAIT))
        self.await_status("waiting")
        self.await_that("the oldest runs to go", lambda: len(self.runs()) == 2)
        self.kill(process)
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_a_key_starts_a_new_run_when_its_run_is_gone(self):
        self.run_text(SET, "--id", "once")
        first = self.runs()[0]["id"]
        self.cairn("prune", "--keep", "0")
        self.run_text(SET, "--id", "once")
        self.assertNotEqual(self.runs()[0]["id"], first)

    def test_a_setting_that_is_none_is_refused(self):
        for text, message in (("retention:\n  age: soon\n", "duration"), ("retention:\n  count: many\n", "number of runs"),
                              ("retention:\n  days: 3\n", "age")):
            self.write("cairn.yaml", text)
            self.assertIn(message, self.cairn("--config", self.folder / "cairn.yaml", "runs", exit_code=2).stderr)


if __name__ == "__main__":
    unittest.main()
