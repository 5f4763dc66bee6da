"""Runs that are killed, stopped, and handled from a second terminal."""
import json
import signal
import time
import unittest

from cli import CommandTest
from workflows import SET, WAIT, counted, shell, workflow


class Resume(CommandTest):
    def test_a_killed_run_goes_on_and_repeats_nothing(self):
        counter = self.folder / "counter"
        process = self.start_text(counted(counter, 1.5))
        self.await_status("waiting")
        self.kill(process)
        self.assertEqual(self.json_of("show", "last")["status"], "waiting")
        self.assertIn("cairn resume", self.cairn("show", "last").stdout)
        self.assertEqual(self.cairn("resume", "last").stdout, '{"done":true}\n')
        self.assertEqual(counter.read_text(), "first\nsecond\n")
        self.cairn("replay", "last", "--verify")
        self.cairn("log", "verify")

    def test_without_a_name_it_goes_on_with_all_that_are_unfinished(self):
        for name in ("one", "two"):
            process = self.start_text(counted(self.folder / name, 0.5, name), name=f"{name}.yaml")
            self.await_that(f"{name} at work", lambda n=name: (self.folder / n).exists())
            self.await_status("waiting")
            self.kill(process)
        self.assertEqual(self.cairn("resume").stdout, '{"done":true}\n')
        self.assertEqual({run["status"] for run in self.runs()}, {"completed"})

    def test_with_nothing_to_do_it_says_so(self):
        self.run_text(SET)
        result = self.cairn("resume")
        self.assertEqual(result.stdout, "")
        self.assertIn("nothing", result.stderr)

    def test_of_an_ended_run_prints_its_result_again(self):
        self.run_text(SET)
        self.assertEqual(self.cairn("resume", "last").stdout, '{"answer":42}\n')

    def test_uses_the_definition_the_run_started_with(self):
        path = self.write("changed.yaml", workflow("  - pause: {wait: {seconds: 1}}\n  - a: {set: {from: first}}\n"))
        process = self.start("run", path)
        self.await_status("waiting")
        self.kill(process)
        path.write_text(workflow("  - a: {set: {from: second}}\n"))
        self.assertEqual(self.cairn("resume", "last").stdout, '{"from":"first"}\n')

    def test_of_a_suspended_run_waits_for_its_operator(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.cairn("suspend", "last")
        self.kill(process)
        result = self.cairn("resume")
        self.assertIn("cairn continue", result.stderr)
        self.assertEqual(self.json_of("show", "last")["status"], "suspended")

    def test_asks_for_secrets_that_are_nowhere(self):
        text = workflow(
            "  - pause: {wait: {seconds: 2}}\n"
            "  - a: {run: {shell: {command: 'test \"$TOKEN\" = t', environment: {TOKEN: '${ $secrets.token }'}}, return: code}}\n",
            use="{secrets: [token]}",
        )
        process = self.start_text(text, "--secret", "token=t")
        self.await_status("waiting")
        self.kill(process)
        self.assertIn("token", self.cairn("resume", "last", exit_code=2).stderr)
        self.assertEqual(self.cairn("resume", "last", "--secret", "token=t").stdout, "0\n")


class Interrupt(CommandTest):
    def stop(self, with_signal):
        process = self.start_text(counted(self.folder / "counter", 1.5))
        self.await_status("waiting")
        process.send_signal(with_signal)
        code, out, err = self.end_of(process)
        self.assertEqual((code, out), (130, ""))
        run = self.runs()[0]["id"]
        self.assertIn(f"cairn resume {run}", err)
        self.assertEqual(self.cairn("resume", run).stdout, '{"done":true}\n')
        self.assertEqual((self.folder / "counter").read_text(), "first\nsecond\n")

    def test_ctrl_c_leaves_the_run_resumable_and_says_how(self):
        self.stop(signal.SIGINT)

    def test_sigterm_does_too(self):
        self.stop(signal.SIGTERM)

    def test_a_command_under_way_is_ended_with_us(self):
        pid_file = self.folder / "pid"
        process = self.start_text(shell(f"echo $$ > {pid_file}; sleep 60"))
        self.await_that("the command", lambda: pid_file.exists() and pid_file.read_text().strip())
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.end_of(process)[0], 130)
        pid = pid_file.read_text().strip()

        def gone():
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                    return stat.read().split()[2] == "Z"
            except FileNotFoundError:
                return True

        self.await_that("the command to end", gone)


class SecondTerminal(CommandTest):
    def test_sees_suspends_and_continues(self):
        process = self.start_text(workflow("  - pause: {wait: {seconds: 2}}\n  - a: {set: {done: true}}\n"))
        self.assertTrue(self.await_status("waiting")["active"])
        self.cairn("suspend", "last")
        self.await_status("suspended")
        self.assertIn("suspended since", self.cairn("show", "last").stdout)
        time.sleep(2.5)
        self.assertIsNone(process.poll(), "a suspended run's timers stand still")
        self.cairn("continue", "last")
        code, out, _ = self.end_of(process)
        self.assertEqual((code, out), (0, '{"done":true}\n'))

    def test_follows_events_as_they_happen(self):
        owner = self.start_text(workflow("  - pause: {wait: {seconds: 2}}\n  - a: {set: {done: true}}\n"))
        self.await_status("waiting")
        follower = self.start("events", "last", "--follow", "--json")
        first = json.loads(follower.stdout.readline())
        self.assertEqual((first["number"], first["type"]), (1, "RunStarted"))
        self.assertIsNone(owner.poll())
        rest = follower.stdout.read()
        self.assertEqual(follower.wait(), 0)
        numbers = [1] + [json.loads(line)["number"] for line in rest.splitlines()]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(json.loads(rest.splitlines()[-1])["type"], "RunCompleted")
        self.assertEqual(self.end_of(owner)[0], 0)

    def test_runs_workflows_of_its_own_and_the_owner_stays_for_them(self):
        owner = self.start_text(workflow("  - pause: {wait: {seconds: 1}}\n  - a: {set: {who: owner}}\n"), name="owner.yaml")
        self.await_status("waiting")
        guest = self.start_text(workflow("  - pause: {wait: {seconds: 3}}\n  - a: {set: {who: guest}}\n"), name="guest.yaml")
        self.await_that("both runs", lambda: len(self.runs()) == 2)
        code, out, _ = self.end_of(guest)
        self.assertEqual((code, out), (0, '{"who":"guest"}\n'))
        code, out, _ = self.end_of(owner)
        self.assertEqual((code, out), (0, '{"who":"owner"}\n'))

    def test_goes_on_in_the_owners_place_when_that_is_killed(self):
        owner = self.start_text(counted(self.folder / "owners", 4, "owners"), name="owner.yaml")
        self.await_status("waiting")
        guest = self.start_text(counted(self.folder / "guests", 2, "guests"), name="guest.yaml")
        self.await_that("the guest at work", lambda: (self.folder / "guests").exists() and self.runs("--status", "running") == [])
        self.kill(owner)
        code, out, err = self.end_of(guest)
        self.assertEqual((code, out), (0, '{"done":true}\n'))
        self.assertIn("in its place", err)
        self.assertEqual((self.folder / "guests").read_text(), "first\nsecond\n")
        self.assertEqual(self.cairn("resume").stdout, '{"done":true}\n')
        self.assertEqual((self.folder / "owners").read_text(), "first\nsecond\n")

    def test_several_at_once_all_end_well(self):
        path = self.write("many.yaml", workflow("  - a: {run: {shell: {command: 'sleep 0.2; echo $$'}}}\n"))
        processes = [self.start("run", path) for _ in range(8)]
        for process in processes:
            self.assertEqual(self.end_of(process)[0], 0)
        self.assertEqual(len(self.runs("--status", "completed")), 8)
        self.cairn("log", "verify")

    def test_commands_on_a_run_nobody_works_on_are_recorded(self):
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.kill(process)
        self.cairn("cancel", "last")
        self.assertEqual(self.json_of("show", "last")["status"], "cancelled")
        self.assertIn("cancelled", self.cairn("cancel", "last", exit_code=1).stderr)
        self.assertEqual(self.cairn("resume", "last", exit_code=3).stdout, "")


if __name__ == "__main__":
    unittest.main()
