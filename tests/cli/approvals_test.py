"""cairn approvals, cairn approve: people answer a run from another terminal, with a process and without one, over kills."""
import json
import signal
import unittest
from datetime import datetime, timezone

from cli import CommandTest

HEADER = "document: {dsl: '1.0.3', namespace: test, name: pay, version: '1.0.0'}\n"
PAY = HEADER + """
do:
  - ask:
      call: human.approve
      with:
        title: 'Pay ${ .amount }'
        assignees: [ann, bob]
        form: {type: object, required: [budget], properties: {budget: {type: string, minLength: 3}}}
  - paid: {set: '${ {by, budget: .answer.budget, approved} }'}
"""


class Approvals(CommandTest):
    def ask(self, text=PAY):
        process = self.start_text(text, "--input", '{"amount": 7}')
        self.await_that("somebody to be asked", lambda: self.open())
        return process

    def open(self, *arguments):
        result = self.cairn("approvals", "--json", *arguments, exit_code=None)
        return json.loads(result.stdout) if result.returncode == 0 else []

    def token(self, assignee="ann"):
        return next(link["token"] for link in self.open()[0]["links"] if link["assignee"] == assignee)

    def test_a_run_goes_on_with_the_answer_and_the_history_says_who_and_when(self):
        process = self.ask()
        listed = self.cairn("approvals").stdout
        self.assertIn("Pay 7", listed)
        self.assertRegex(listed, r"ann +cairn approve A\S{59}\n")
        token = self.token()
        self.assertIn("bob", self.cairn("approvals", token).stdout)
        self.assertEqual(self.open("--assignee", "eve"), [])
        answered = self.cairn("approve", token, "--input", '{"budget": "4711"}')
        self.assertEqual(answered.stdout, "Pay 7 is approved by ann\n")
        code, out, err = self.end_of(process)
        self.assertEqual((code, json.loads(out)), (0, {"by": "ann", "budget": "4711", "approved": True}), err)
        self.assertRegex(self.cairn("events", "last").stdout, r"ApprovalAnswered +/do/0/ask +approved by ann")
        self.assertIn("sound", self.cairn("log", "verify").stdout)
        self.cairn("replay", "last", "--verify")

    def test_what_cannot_be_says_why(self):
        process = self.ask()
        token, other = self.token(), self.token("bob")
        refused = self.cairn("approve", token, "--input", '{"budget": "x"}', exit_code=2)
        self.assertIn("/budget: ", refused.stderr)
        wrong = token[:-1] + ("B" if token[-1] != "B" else "C")
        self.assertIn("there is no approval with this token", self.cairn("approve", wrong, exit_code=1).stderr)
        self.assertIn("ann's, and not bob's", self.cairn("approve", token, "--by", "bob", exit_code=1).stderr)
        self.assertEqual(self.cairn("approve", other, "--reject").stdout, "Pay 7 is rejected by bob\n")
        for late in (token, other):
            self.assertIn("bob rejected it", self.cairn("approve", late, "--reject", exit_code=1).stderr)
        self.assertEqual(self.end_of(process)[0], 0)
        process = self.ask()
        token = self.token()
        self.cairn("cancel", "last")
        self.end_of(process)
        self.assertIn("nothing to answer any more", self.cairn("approve", token, exit_code=1).stderr)

    def test_an_answer_outlives_a_kill_and_needs_no_process(self):
        process = self.ask()
        token = self.token()
        self.kill(process)
        self.assertEqual(self.token(), token, "a token is the same for ever")
        answered = self.cairn("approve", token, "--input", '{"budget": "abc"}')
        self.assertEqual(answered.stderr, "", "all that was left to do is done")
        self.assertIn("answered already", self.cairn("approve", token, "--reject", exit_code=1).stderr)
        self.assertEqual(self.json_of("show", "last")["output"]["by"], "ann")

    def test_an_answer_without_a_process_says_how_the_run_goes_on(self):
        process = self.ask(PAY + "  - rest: {wait: PT0.01S}\n")
        token = self.token()
        self.kill(process)
        self.assertIn("cairn resume", self.cairn("approve", token, "--reject").stderr)
        self.assertEqual(json.loads(self.cairn("resume", "last").stdout)["approved"], False)

    def test_where_there_is_no_log_nobody_is_asked(self):
        self.assertEqual(self.cairn("approvals", "--json").stdout, "[]\n")
        self.assertIn("no log", self.cairn("approve", "A" * 60, exit_code=1).stderr)

    def test_why_and_the_bus_tell_and_the_history_has_no_token(self):
        process = self.ask()
        token = self.token()
        why = self.cairn("why", "last").stdout
        self.assertIn("an approval by ann or bob: Pay 7", why)
        published = json.loads(self.cairn("event", "list", "--type", "io.cairn.approval.requested", "--json").stdout)
        self.assertIn(token, [link["token"] for link in published["event"]["data"]["links"]])
        for command in (["events", "last", "--json"], ["show", "last", "--json"], ["replay", "last", "--json"]):
            self.assertNotIn(token, self.cairn(*command).stdout)
        process.send_signal(signal.SIGINT)
        self.end_of(process)

    def test_a_workflow_can_be_the_one_that_sends_the_mail(self):
        mailer = HEADER.replace("pay", "mail") + """
do:
  - wait: {listen: {to: {one: {with: {type: io.cairn.approval.requested}}}}}
  - send: {set: '${ .[0].links | map(.assignee) }'}
"""
        listening = self.start_text(mailer, name="mail.yaml")
        self.await_status("waiting")
        process = self.ask()
        mail = next(run["id"] for run in self.runs() if run["workflow"]["name"] == "mail")
        self.assertEqual(self.await_status("completed", mail)["output"], ["ann", "bob"])
        self.cairn("approve", self.token(), "--reject")
        self.assertEqual(self.end_of(process)[0], 0)
        code, out, _ = self.end_of(listening)
        self.assertEqual((code, json.loads(out)), (0, ["ann", "bob"]))

    def test_a_deadline_that_passes_while_no_process_works_counts(self):
        process = self.ask(PAY.replace("title:", "deadline: PT1S\n        onDeadline: reject\n        title:"))
        token = self.token()
        self.kill(process)
        deadline = datetime.fromisoformat(self.open()[0]["deadline"].replace("Z", "+00:00"))
        self.await_that("the deadline", lambda: datetime.now(timezone.utc) >= deadline)
        self.assertIn("too late", self.cairn("approve", token, "--reject", exit_code=1).stderr)
        resumed = self.cairn("resume", "last")
        self.assertEqual(json.loads(resumed.stdout)["approved"], False)

    def test_a_backup_knows_its_tokens(self):
        process = self.ask()
        token = self.token()
        self.cairn("backup", "copy")
        process.send_signal(signal.SIGINT)
        self.end_of(process)
        self.cairn("restore", "copy", "--data", "restored")
        answered = self.cairn("approve", token, "--reject", "--data", "restored")
        self.assertIn("rejected by ann", answered.stdout)


if __name__ == "__main__":
    unittest.main()
