"""A process that serves takes the data directory over from one that does not, however the one before it ended."""
import json
import signal
import time
import unittest

from cli import PATIENCE_S, CommandTest

HEADER = "document: {{dsl: '1.0.3', namespace: test, name: {}, version: '1.0.0'}}\n"
TICK = HEADER.format("tick") + "schedule: {every: PT0.2S}\ndo: []\n"


class Handover(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("workflows/tick.yaml", TICK)

    def serve(self):
        process = self.start("serve", "--workflows", self.folder / "workflows")
        self.await_line(process, "cairn: serving ")
        return process

    def await_line(self, process, text):
        while text not in (line := process.stderr.readline()):
            self.assertTrue(line, f"the process ended before it said: {text}")

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)

    def waiting(self, name="slow"):
        """A run in a process of its own that goes on when there is a file."""
        text = HEADER.format(name) + (
            "do:\n  - wait: {listen: {to: {one: {with: {type: go}}}}}\n"
            "  - after: {run: {shell: {command: 'echo done >> ledger'}}}\n"
            "  - say: {set: {done: true}}\n")
        process = self.start_text(text, name=f"{name}.yaml")
        self.await_that(f"{name} to wait", lambda: name in self.names("waiting"))
        return process

    def names(self, status):
        result = self.cairn("runs", "--status", status, "--json", exit_code=None)
        return [run["workflow"]["name"] for run in json.loads(result.stdout)] if result.returncode == 0 else []

    def await_tick(self):
        before = len([n for n in self.names("completed") if n == "tick"])
        self.await_that("the schedule to go on", lambda: len([n for n in self.names("completed") if n == "tick"]) > before)

    def finish(self, *guests):
        self.cairn("event", "send", "--type", "go")
        for guest in guests:
            code, out, err = self.end_of(guest)
            self.assertEqual((code, json.loads(out or "null")), (0, {"done": True}), err)
        self.assertEqual((self.folder / "ledger").read_text(), "done\n" * len(guests), "each effect once")

    def hears_hangup(self, pid):
        with open(f"/proc/{pid}/status") as status:
            caught = next(line.split()[1] for line in status if line.startswith("SigCgt:"))
        return int(caught, 16) & 1 == 1

    def test_a_run_by_hand_gives_way_and_follows_its_run_there(self):
        guest = self.waiting()
        served = self.serve()
        self.await_tick()
        self.finish(guest)
        self.end(served)
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_after_a_kill_the_guest_that_took_over_gives_way_to_the_next(self):
        served = self.serve()
        guest = self.waiting()
        for _ in range(3):
            self.kill(served)
            self.await_that("the guest to take over", lambda: self.cairn("why", "last", exit_code=None).returncode == 0)
            served = self.serve()
            self.await_tick()
        self.finish(guest)
        self.end(served)

    def test_several_guests_give_way_one_after_the_other(self):
        guests = [self.waiting("one"), self.waiting("two")]
        served = self.serve()
        self.await_tick()
        self.finish(*guests)
        self.end(served)

    def test_a_guest_killed_while_it_gives_way_loses_nothing(self):
        guest = self.waiting()
        served = self.start("serve", "--workflows", self.folder / "workflows")
        time.sleep(0.05)
        self.kill(guest)
        self.await_line(served, "cairn: serving ")
        self.cairn("event", "send", "--type", "go")
        self.await_that("the run to end", lambda: "slow" in self.names("completed"))
        self.end(served)

    def test_who_has_handed_over_goes_on_alone_when_the_other_is_killed(self):
        guest = self.waiting()
        served = self.serve()
        self.kill(served)
        self.finish(guest)

    def test_a_hangup_before_it_serves_is_a_hangup(self):
        guest = self.waiting()
        served = self.start("serve", "--workflows", self.folder / "workflows")
        self.await_that("it to hear signals", lambda: self.hears_hangup(served.pid))
        for _ in range(20):
            served.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        self.await_line(served, "cairn: serving ")
        self.finish(guest)
        self.end(served)


if __name__ == "__main__":
    unittest.main()
