"""Workflows that events start: the real binary, killed while events come."""
import json
import signal
import threading
import unittest

from cli import PATIENCE_S, CommandTest


def started_by(on, name="react", version="1.0.0", tasks="do: [{a: {set: '${ . }'}}]", more=""):
    return (
        f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '{version}'}}\n"
        f"schedule: {{on: {on}{more}}}\n{tasks}\n"
    )


ONE = "{one: {with: {type: tick}}}"
PAIR = ("{all: [{with: {type: paid}, correlate: {order: {from: .data.order}}},"
        " {with: {type: packed}, correlate: {order: {from: .data.order}}}]}")


class EventStart(CommandTest):
    def serve(self):
        process = self.start("serve", "--workflows", self.folder / "workflows")
        while "cairn: serving " not in (line := process.stderr.readline()):
            self.assertTrue(line, "cairn serve ended")
        process.reader = threading.Thread(target=process.stderr.read, daemon=True)
        process.reader.start()
        return process

    def kill(self, process):
        process.kill()
        process.wait()
        process.reader.join()

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)
        process.reader.join()

    def inputs(self, name="react"):
        runs = [run["id"] for run in self.runs("--limit", "10000") if run["workflow"]["name"] == name]
        return [self.json_of("show", run)["input"] for run in runs]

    def send(self, *events, exit_code=0):
        listed = [{"specversion": "1.0", "source": "/test"} | event for event in events]
        return self.cairn("event", "send", json.dumps(listed), exit_code=exit_code)

    def schedule(self):
        return self.json_of("schedule", "list")[0]

    def test_no_event_is_lost_or_starts_two_runs_however_often_the_process_is_killed(self):
        self.write("workflows/react.yaml", started_by(ONE))
        self.write("workflows/pair.yaml", started_by(PAIR, "pair"))
        self.end(self.serve())
        count = 0
        for round_number in range(6):
            process = self.serve() if round_number % 3 else None  # some come while nobody hosts
            for _ in range(8):
                count += 1
                self.send({"id": f"t{count}", "type": "tick", "data": count},
                          {"id": f"a{count}", "type": "paid", "data": {"order": count}},
                          {"id": f"b{count - 3}", "type": "packed", "data": {"order": count - 3}})
            if process:
                self.kill(process)
        for late in range(count - 2, count + 1):
            self.send({"id": f"b{late}", "type": "packed", "data": {"order": late}})
        process = self.serve()
        self.await_that("a run an event", lambda: len(self.inputs()) >= count and len(self.inputs("pair")) >= count)
        self.end(process)
        self.assertEqual(sorted(one[0] for one in self.inputs()), list(range(1, count + 1)))
        pairs = self.inputs("pair")
        self.assertTrue(all(len(pair) == 2 and pair[0] == pair[1] for pair in pairs))
        self.assertEqual(sorted(pair[0]["order"] for pair in pairs), list(range(1, count + 1)))
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_the_list_says_what_a_schedule_waits_for_and_has_gathered(self):
        self.write("workflows/pair.yaml", started_by(PAIR, "pair"))
        process = self.serve()
        self.send({"id": "1", "type": "paid", "data": {"order": 1}}, {"id": "2", "type": "paid", "data": {"order": 2}})
        self.await_that("two sets", lambda: self.schedule()["sets"] == 2)
        text = self.cairn("schedule", "list").stdout
        self.assertIn("on all of paid, packed", text)
        self.assertRegex(text, r"waits for events since 20.*\n  has 2 events in 2 sets since 20")
        self.end(process)
        self.assertEqual(self.schedule()["gathered"], 2)
        self.assertIn("has no slots", self.cairn("schedule", "backfill", "pair", "--from", "1h", exit_code=2).stderr)

    def test_a_pause_leaves_out_what_comes_meanwhile(self):
        self.write("workflows/react.yaml", started_by(ONE))
        process = self.serve()
        self.cairn("schedule", "pause", "react")
        self.send({"id": "1", "type": "tick", "data": 1})
        self.cairn("schedule", "continue", "react")
        self.send({"id": "2", "type": "tick", "data": 2})
        self.await_that("the run", lambda: self.inputs() != [])
        self.assertEqual(self.inputs(), [[2]])
        self.end(process)

    def test_a_run_by_hand_is_started_by_the_events_that_are_given(self):
        ran = self.run_text(started_by(PAIR), "--event", json.dumps([
            {"type": "paid", "data": {"order": 1}}, {"type": "packed", "data": {"order": 1}}]))
        self.assertEqual(json.loads(ran.stdout), [{"order": 1}, {"order": 1}])
        missing = self.run_text(started_by(PAIR), "--event", '{"type": "paid", "data": {"order": 1}}', exit_code=2)
        self.assertIn("waits for all of paid, packed", missing.stderr)

    def test_a_workflow_that_takes_data_of_an_envelope_is_told_to_say_so(self):
        path = self.write("w.yaml", started_by(ONE, tasks="do: [{a: {set: {n: '${ $workflow.input[0].data.n }'}}}]"))
        self.assertIn("write 'read: envelope'", self.cairn("validate", path).stderr + self.cairn("validate", path).stdout)
        self.assertEqual(json.loads(self.cairn("run", path, "--event", '{"type": "tick", "data": {"n": 7}}').stdout), {"n": 7})

    def test_what_a_workflow_emits_starts_another(self):
        self.write("workflows/first.yaml", started_by(ONE, "first", tasks=(
            "do: [{tell: {emit: {event: {with: {type: told, source: /first, data: '${ .[0] }'}}}}}]")))
        self.write("workflows/react.yaml", started_by("{any: []}"))
        process = self.serve()
        self.send({"id": "1", "type": "tick", "data": "hello"})
        self.await_that("both", lambda: len(self.inputs()) == 2)
        self.assertEqual(self.inputs(), [["hello"], ["hello"]])
        self.end(process)


if __name__ == "__main__":
    unittest.main()
