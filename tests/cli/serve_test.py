"""cairn serve, cairn schedule: the real binary, killed, ended and told to read its folder again."""
import json
import re
import signal
import time
import unittest

from cli import PATIENCE_S, CommandTest


def workflow(name, schedule, metadata="", tasks="do: [{a: {set: {x: 1}}}]", version="1.0.0"):
    return (
        f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '{version}', metadata: {{cairn: {{{metadata}}}}}}}\n"
        + (f"schedule: {{{schedule}}}\n" if schedule else "")
        + tasks
        + "\n"
    )


class Serve(CommandTest):
    def serve(self, *arguments):
        process = self.start("serve", "--workflows", self.folder / "workflows", *arguments)
        seen = ""
        while "cairn: serving " not in seen:
            line = process.stderr.readline()
            if not line:
                self.fail(f"cairn serve ended: {seen}")
            seen += line
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)
        return err

    def schedules(self):
        return {line["workflow"]["name"]: line for line in self.json_of("schedule", "list")}

    def slots(self, name="tick"):
        """The start keys of the runs of a workflow, oldest first."""
        keys = [run["key"] for run in self.runs("--limit", "10000") if run["workflow"]["name"] == name]
        return sorted(key for key in keys if key and key.startswith("schedule:"))

    def await_runs(self, count, name="tick"):
        self.await_that(f"{count} runs of {name}", lambda: len(self.slots(name)) >= count)

    def test_each_slot_has_one_run_however_often_the_process_is_killed(self):
        self.write("workflows/deep/tick.yaml", workflow("tick", "every: PT0.2S", "catchup: all"))
        for round_number in range(1, 5):
            process = self.serve()
            self.await_runs(4 * round_number)
            self.kill(process)
        process = self.serve()
        self.await_runs(len(self.slots()) + 2)
        self.end(process)
        keys = self.slots()
        self.assertEqual(len(keys), len(set(keys)))
        times = [int(1000 * time_of(key)) for key in keys]
        gaps = {after - before for before, after in zip(times, times[1:])}
        self.assertEqual(gaps, {200}, "every slot has its run, the missed ones too")
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_a_broken_file_is_named_with_its_place_and_nothing_is_served(self):
        self.write("workflows/good.yaml", workflow("good", "every: PT1H"))
        self.write("workflows/bad.yaml", workflow("bad", "cron: '0 25 * * *'"))
        failed = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2)
        self.assertRegex(failed.stderr, r"bad\.yaml:2:21: error: an hour is from 0 to 23, not 25")
        self.assertFalse((self.folder / "data").exists())

    def test_two_files_with_one_identity_are_refused(self):
        self.write("workflows/a.yaml", workflow("same", "every: PT1H"))
        self.write("workflows/b.yaml", workflow("same", "every: PT2H"))
        failed = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2)
        self.assertIn("a.yaml has test/same:1.0.0, too", failed.stderr)

    def test_a_missing_folder_and_a_missing_secret_are_told(self):
        self.assertIn("nowhere", self.cairn("serve", "--workflows", "nowhere", exit_code=None).stderr)
        self.write("workflows/a.yaml", workflow("a", "every: PT1H", tasks="use: {secrets: [token]}\ndo: []"))
        failed = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2)
        self.assertIn("uses secret 'token'", failed.stderr)

    def test_a_second_one_is_refused(self):
        (self.folder / "workflows").mkdir()
        process = self.serve()
        refused = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=None)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("another process works on the data directory", refused.stderr)
        self.end(process)

    def test_sighup_reads_the_folder_again_as_a_whole(self):
        self.write("workflows/one.yaml", workflow("one", "every: PT1H"))
        process = self.serve()
        self.write("workflows/two.yaml", workflow("two", "cron: '@daily'"))
        self.write("workflows/broken.yaml", "do: [\n")
        process.send_signal(signal.SIGHUP)
        self.await_line(process, "the workflows of before go on")
        self.assertEqual(set(self.schedules()), {"one"})
        (self.folder / "workflows/broken.yaml").unlink()
        (self.folder / "workflows/one.yaml").unlink()
        process.send_signal(signal.SIGHUP)
        self.await_line(process, "1 workflow with 1 schedule")
        self.assertEqual({name: line["state"] for name, line in self.schedules().items()}, {"one": "gone", "two": "hosted"})
        self.end(process)

    def await_line(self, process, text):
        while text not in (line := process.stderr.readline()):
            self.assertTrue(line, f"cairn serve ended before it said: {text}")

    def test_other_commands_go_through_it_and_what_it_leaves_goes_on_with_the_next(self):
        (self.folder / "workflows").mkdir()
        process = self.serve("--drain", "0")
        self.run_text(workflow("quick", ""))
        guest = self.start_text(workflow("slow", "", tasks="do: [{a: {wait: PT2S}}]"))
        self.await_status("waiting")
        self.end(process)
        code, out, err = self.end_of(guest)
        self.assertEqual(code, 0, err)

    def test_what_is_under_way_may_finish_and_nothing_else_begins(self):
        self.write("workflows/two.yaml", workflow("two", "after: PT1H", tasks=(
            "do:\n  - a: {run: {shell: {command: 'touch begun; sleep 0.5; touch first'}}}\n"
            "  - b: {run: {shell: {command: 'touch second'}}}\n")))
        process = self.serve()
        self.await_that("the first task", (self.folder / "begun").exists)
        err = self.end(process)
        self.assertTrue((self.folder / "first").exists())
        self.assertFalse((self.folder / "second").exists())
        self.assertIn("goes on with the next one", err)
        process = self.serve()
        self.await_that("the second task", (self.folder / "second").exists)
        self.await_status("completed")
        self.end(process)

    def test_a_pause_outlives_the_process_and_is_lifted_without_one(self):
        self.write("workflows/tick.yaml", workflow("tick", "every: PT0.2S", "catchup: all"))
        process = self.serve()
        self.await_runs(1)
        self.assertIn("is paused", self.cairn("schedule", "pause", "tick").stdout)
        self.assertIn("paused already", self.cairn("schedule", "pause", "test/tick", exit_code=1).stderr)
        count = len(self.slots())
        self.kill(process)
        process = self.serve()
        self.assertEqual(self.schedules()["tick"]["state"], "paused")
        time.sleep(0.5)
        self.assertEqual(len(self.slots()), count)
        self.end(process)
        self.assertEqual(self.cairn("schedule", "continue", "tick").stdout, "schedule tick goes on from now\n")
        process = self.serve()
        self.await_runs(count + 1)
        self.end(process)

    def test_triggered_and_backfilled_runs_have_their_slots_as_input(self):
        self.write("workflows/daily.yaml", workflow(
            "daily", "cron: '0 6 * * *'", "timezone: America/New_York", "do: [{a: {set: '${ .schedule.local }'}}]"))
        process = self.serve()
        run = self.cairn("schedule", "trigger", "daily").stdout.strip()
        self.await_status("completed", run)
        listed = self.cairn("schedule", "backfill", "daily", "--from", "2026-03-06", "--to", "2026-03-09", "--dry-run")
        self.assertEqual(listed.stdout.count("would start"), 3)
        first = self.json_of("schedule", "backfill", "daily", "--from", "2026-03-06", "--to", "2026-03-09")["slots"]
        self.end(process)
        outputs = [self.await_status("completed", slot["run"])["output"] for slot in first]
        self.assertEqual(outputs, ["2026-03-06T06:00:00-05:00", "2026-03-07T06:00:00-05:00", "2026-03-08T06:00:00-04:00"])
        again = self.json_of("schedule", "backfill", "daily", "--from", "2026-03-06", "--to", "2026-03-09")["slots"]
        self.assertEqual([(slot["run"], slot["existing"]) for slot in again], [(slot["run"], True) for slot in first])

    def test_a_list_without_a_process_says_what_is_overdue(self):
        self.write("workflows/tick.yaml", workflow("tick", "every: PT0.2S"))
        self.end(self.serve())
        self.await_that("an overdue slot", lambda: self.schedules()["tick"]["overdue"] > 2)
        line = self.schedules()["tick"]
        self.assertEqual((line["state"], line["schedule"]), ("waiting", "every PT0.2S"))
        self.assertRegex(self.cairn("schedule", "list").stdout, r"slots overdue since 20")
        self.assertIn("no schedule", self.cairn("schedule", "pause", "tock", exit_code=1).stderr)

    def test_a_run_by_hand_ignores_the_schedule(self):
        self.assertEqual(json.loads(self.run_text(workflow("tick", "every: PT1H")).stdout), {"x": 1})


def time_of(key):
    from datetime import datetime

    return datetime.fromisoformat(re.sub("Z$", "+00:00", key.removeprefix("schedule:"))).timestamp()


if __name__ == "__main__":
    unittest.main()
