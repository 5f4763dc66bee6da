"""cairn why and cairn doctor."""
import unittest

from cli import CommandTest
from workflows import SET, WAIT, shell


class Why(CommandTest):
    def test_of_a_run_that_waits_through_its_owner(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertRegex(self.cairn("why", "last").stdout,
                         r"is waiting\n  timer +/do/1/pause: its time, since [^\n]+\n +until [^\n]+ \(in (1 min|[0-9]+ s)\)\n$")
        self.assertIn("none is stuck", self.cairn("doctor").stdout)
        self.cairn("suspend", "last")
        self.assertRegex(self.cairn("why", "last").stdout, r"operator +it is suspended")
        self.kill(process)

    def test_of_a_run_that_nobody_works_on(self):
        process = self.start_text(shell("sleep 60"))
        self.await_status("running")
        self.assertRegex(self.cairn("why", "last").stdout, r"effect +/do/0/work: the answer of shell")
        self.kill(process)
        self.assertRegex(self.cairn("why", "last").stdout, r"owner +no process works on it[^\n]+\n +until cairn resume ")
        result = self.cairn("doctor")
        self.assertIn("1 open run, waiting for: owner 1, effect 1", result.stdout)
        self.assertIn("1 run is worked on by no process", result.stdout)
        self.assertEqual(self.json_of("doctor")["reasons"], {"owner": 1, "effect": 1})

    def test_of_a_run_that_has_ended(self):
        self.run_text(SET)
        self.assertIn("it waits for nothing", self.cairn("why", "last").stdout)
        self.assertEqual(self.json_of("why", "last")["reasons"], [])
        self.assertEqual(self.cairn("doctor").stdout, "no run is open\n")


if __name__ == "__main__":
    unittest.main()
