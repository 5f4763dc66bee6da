"""What happens when runs fault: the handler that the definition names, causes, retries."""
import unittest

from cli import CommandTest
from workflows import SET, WAIT, workflow

HANDLED = """
document:
  dsl: '1.0.3'
  namespace: test
  name: handled
  version: '1.0.0'
  metadata: {cairn: {onFault: {workflow: {name: tell}}}}
do:
  - work: {run: {shell: {command: 'test -e GATE'}}}
"""
TELL = workflow("  - say: {set: {run: '${ .run.id }', title: '${ .problem.status }'}}\n", "tell")
ODD = workflow(
    "  - fail: {raise: {error: {type: 'https://example.com/errors/odd', status: 418, title: Odd, detail: '${ .who }'}}}\n",
    "odd",
)


class OnFault(CommandTest):
    def handled(self):
        return HANDLED.replace("GATE", str(self.folder / "gate"))

    def test_the_handler_is_started_and_both_name_each_other(self):
        with_tell = ["--with", self.write("tell.yaml", TELL)]
        self.run_text(self.handled(), *with_tell, exit_code=1)
        faulted = self.runs("--workflow", "handled")[0]
        handler = self.runs("--workflow", "tell")[0]
        shown = self.json_of("show", handler["id"])
        self.assertEqual(shown["output"]["run"], faulted["id"])
        self.assertEqual(shown["handlesFaultOf"], faulted["id"])
        self.assertEqual(self.json_of("show", faulted["id"])["faultHandler"], handler["id"])
        self.assertRegex(self.cairn("show", faulted["id"]).stdout, rf"handled by +run {handler['id']}")
        self.assertRegex(self.cairn("show", handler["id"]).stdout, rf"started by +run {faulted['id']}, which faulted")
        self.cairn("replay", faulted["id"], "--verify")
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_a_handler_that_is_not_known_is_refused_before_anything_starts(self):
        result = self.run_text(self.handled(), exit_code=2)
        self.assertIn("/document/metadata/cairn/onFault runs workflow test/tell:latest, which is not known here", result.stderr)
        self.assertEqual(self.runs(), [])


class Faults(CommandTest):
    def odd(self, who):
        self.run_text(ODD, "--input", f'{{"who": "{who}"}}', exit_code=1)

    def test_faulted_runs_are_told_by_cause_and_retried_by_it(self):
        self.assertEqual(self.json_of("runs", "--faults"), [])
        self.odd("ada")
        self.odd("bob")
        self.run_text(SET)
        (fault,) = self.json_of("runs", "--faults")
        self.assertEqual((fault["runs"], fault["error"]["detail"]), (2, "bob"))
        self.assertIn(f"{fault['cause']}  2 runs  test/odd:1.0.0  /do/0/fail", self.cairn("runs", "--faults").stdout)
        self.assertIn("--yes", self.cairn("retry", "--fault", fault["cause"], exit_code=2).stderr)
        result = self.cairn("retry", "--fault", fault["cause"], "--yes", exit_code=1)
        self.assertEqual(result.stderr.count("is retried as run"), 2)
        (again,) = self.json_of("runs", "--faults")
        self.assertEqual((again["cause"], again["runs"], again["retried"]), (fault["cause"], 2, 2))
        self.assertEqual(self.json_of("runs", "--faults", "--all")[0]["runs"], 4)
        self.assertIn("retried", self.cairn("runs", "--status", "faulted").stdout)
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_a_run_is_retried_once(self):
        self.odd("ada")
        run = self.runs()[0]["id"]
        self.cairn("retry", run, exit_code=1)
        result = self.cairn("retry", run, exit_code=1)
        self.assertIn("has been retried already", result.stderr)
        self.assertEqual(len(self.runs()), 2)
        self.assertEqual(self.runs()[0]["retryOf"], run)
        self.assertEqual(self.json_of("show", run)["retriedBy"], self.runs()[0]["id"])

    def test_two_who_retry_at_once_get_one_run(self):
        self.odd("ada")
        run = self.runs()[0]["id"]
        both = [self.start("retry", run) for _ in range(2)]
        for process in both:
            self.assertEqual(self.end_of(process)[0], 1)
        self.assertEqual(len(self.runs()), 2)

    def test_a_retry_killed_at_once_is_not_started_again(self):
        self.odd("ada")
        run = self.runs()[0]["id"]
        self.kill(self.start("retry", run))
        self.cairn("retry", run, exit_code=1)
        self.assertEqual(len(self.runs()), 2)

    def test_a_retry_goes_on_after_its_cause_is_gone(self):
        gate = self.folder / "gate"
        text = workflow(f"  - work: {{run: {{shell: {{command: 'test -e {gate}', await: true}}}}}}\n", "gated").replace(", await: true", "")
        self.run_text(text, exit_code=1)
        gate.write_text("")
        self.cairn("retry", "last")
        self.assertEqual([run["status"] for run in self.runs()], ["completed", "faulted"])
        self.assertEqual(self.json_of("runs", "--faults"), [])

    def test_detached_it_only_starts(self):
        self.odd("ada")
        answer = self.json_of("retry", "last", "--detach")
        self.assertEqual(len(answer["runs"]), 1)
        self.assertEqual(answer["refused"], [])

    def test_what_cannot_be_retried_is_refused(self):
        self.run_text(SET)
        self.assertIn("has completed: there is nothing to retry", self.cairn("retry", "last", exit_code=1).stderr)
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertIn("has not ended", self.cairn("retry", "last", exit_code=1).stderr)
        self.kill(process)
        self.cairn("retry", exit_code=2)


if __name__ == "__main__":
    unittest.main()
