"""Every example runs with the real binary against the stand-in and gives what its README promises."""
import json
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import BINARY, EXAMPLES, PATIENCE_S, EndToEnd  # noqa: E402


class Example(EndToEnd):
    def setUp(self):
        super().setUp()
        self.service = self.stand_in()

    def example_input(self, name, file="input.json"):
        value = json.loads((EXAMPLES / name / file).read_text())
        if "service" in value:
            value["service"] = self.service.address
        return value

    def command(self, name, value, *more):
        return ["run", EXAMPLES / name / "workflow.yaml", "--input", json.dumps(value), *more]

    def output(self, name, value, *more):
        return json.loads(self.cairn(*self.command(name, value, *more)).stdout)


class All(EndToEnd):
    def test_all_of_them_validate_without_a_word_of_warning(self):
        result = self.cairn("validate", EXAMPLES, "--lint", "--strict")
        self.assertNotIn("warning", result.stderr + result.stdout)

    def test_the_tests_of_all_of_them_pass_and_reach_every_task(self):
        report = json.loads(self.cairn("test", EXAMPLES, "--coverage", "--json").stdout)
        tested = {file["file"] for file in report["files"]}
        for workflow in EXAMPLES.glob("*/workflow.yaml"):
            self.assertIn(str(workflow.with_suffix(".test.yaml")), tested)
        for workflow in report["coverage"]["workflows"]:
            self.assertEqual(workflow["tasks"]["all"], workflow["tasks"]["reached"], workflow["missed"])

    def test_each_has_a_workflow_an_input_and_three_lines_of_explanation(self):
        folders = sorted(p.parent for p in EXAMPLES.glob("*/workflow.yaml"))
        self.assertGreaterEqual(len(folders), 7)
        for folder in folders:
            with self.subTest(folder.name):
                json.loads((folder / "input.json").read_text())
                explanation = (folder / "README.md").read_text()
                self.assertEqual(len(explanation.splitlines()), 3)
                self.assertIn(f"cairn run examples/{folder.name}/workflow.yaml", explanation)

    def test_the_demo_runs_without_a_terminal(self):
        result = subprocess.run(
            [EXAMPLES / "demo.sh"], env={**self.environment, "CAIRN": str(BINARY)}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE_S,
        )
        self.assertEqual(result.returncode, 0, result.stdout[-3000:] + result.stderr[-3000:])
        self.assertIn("did so: 1 time", result.stdout)


class LeadIntake(Example):
    expected = {
        "email": "maeve.larsson@northwind.example",
        "company": "Northwind Traders",
        "points": 100,
        "knownBefore": False,
        "salesTold": True,
    }

    def check(self, output, **different):
        self.assertTrue(output.pop("contact").startswith("contact-"))
        self.assertEqual(output, {**self.expected, **different})

    def test_retries_the_busy_and_upserts_once(self):
        self.service.misbehave("/enrichment/companies/*", fail=503, times=2)
        self.service.misbehave("/crm/contacts", method="POST", fail=429, times=2, retryAfter=1)
        self.check(self.output("lead-intake", self.example_input("lead-intake")))
        upserts = self.service.ledger("POST", "/crm/contacts")
        self.assertEqual([line["status"] for line in upserts], [429, 429, 201])
        self.assertEqual(len({line["idempotencyKey"] for line in upserts}), 1)
        self.assertEqual(len(self.service.done("POST", "/crm/tasks")), 1)

    def test_goes_on_after_kill_9_and_repeats_nothing(self):
        process = self.start(*self.command("lead-intake", self.example_input("lead-intake")))
        self.await_that("the contact in the CRM", lambda: self.service.done("POST", "/crm/contacts"))
        time.sleep(0.3)
        process.kill()
        process.wait()
        self.check(json.loads(self.cairn("resume", "last").stdout))
        self.assertEqual(len(self.service.ledger("POST", "/crm/contacts")), 1)
        self.assertEqual(len(self.service.ledger("POST", "/chat/messages")), 1)
        self.cairn("replay", "last", "--verify")
        self.cairn("log", "verify")

    def test_sends_the_same_key_again_when_killed_in_flight(self):
        self.service.misbehave("/crm/contacts", method="POST", hang=True, times=1)
        process = self.start(*self.command("lead-intake", self.example_input("lead-intake")))
        self.await_that("the upsert in flight", lambda: self.service.ledger("POST", "/crm/contacts"))
        process.kill()
        process.wait()
        self.check(json.loads(self.cairn("resume", "last").stdout))
        first, second = self.service.ledger("POST", "/crm/contacts")
        self.assertIsNotNone(first["idempotencyKey"])
        self.assertEqual(first["idempotencyKey"], second["idempotencyKey"])

    def test_knows_a_contact_it_has_met(self):
        value = self.example_input("lead-intake")
        self.check(self.output("lead-intake", value))
        self.check(self.output("lead-intake", value), knownBefore=True)

    def test_survives_a_chat_that_is_down(self):
        self.service.misbehave("/chat/messages", fail=500)
        self.check(self.output("lead-intake", self.example_input("lead-intake")), salesTold=False)


class Order(Example):
    def test_undoes_payment_and_reservation_in_reverse(self):
        output = self.output("order-with-compensation", self.example_input("order-with-compensation"))
        self.assertEqual((output["order"], output["state"], output["status"]), ("A-1007", "cancelled", 422))
        done = [(line["method"], line["path"].split("/")[1]) for line in self.service.done(None, "/")]
        self.assertEqual(done, [("POST", "stock"), ("POST", "payments"), ("POST", "payments"), ("DELETE", "stock")])

    def test_insists_on_undoing(self):
        self.service.misbehave("/stock/reservations/*", fail=503, times=2)
        output = self.output("order-with-compensation", self.example_input("order-with-compensation"))
        self.assertEqual(len(output["undone"]), 2)
        self.assertEqual(len(self.service.done("DELETE", "/stock/reservations/")), 1)

    def test_undoes_only_what_was_done(self):
        value = self.example_input("order-with-compensation")
        value["order"]["card"] = "declined"
        output = self.output("order-with-compensation", value)
        self.assertEqual((output["status"], len(output["undone"])), (402, 1))
        self.assertEqual(self.service.ledger("POST", "/payments/"), [])
        self.assertEqual(len(self.service.done("DELETE", "/stock/reservations/")), 1)

    def test_ships_when_all_is_well(self):
        value = self.example_input("order-with-compensation", "input-shipped.json")
        output = self.output("order-with-compensation", value)
        self.assertEqual((output["order"], output["state"]), ("A-1008", "shipped"))
        self.assertTrue(output["tracking"].startswith("TRK-"))
        self.assertEqual(len(self.service.ledger()), 3)


class QuoteRace(Example):
    def test_the_first_quote_wins_and_nobody_waits_for_the_rest(self):
        started = time.monotonic()
        output = self.output("quote-race", self.example_input("quote-race"))
        self.assertEqual(output, {"winner": "steady", "total": 388, "days": 5})
        self.assertLess(time.monotonic() - started, 15)


class SlowJob(Example):
    def test_looks_until_the_job_is_done(self):
        output = self.output("slow-job-poll", self.example_input("slow-job-poll"))
        self.assertTrue(output.pop("job").startswith("job-"))
        self.assertEqual(output, {"looks": 5, "result": {"kind": "yearly-report", "pages": 42}})

    def test_a_failed_job_faults_the_run_with_an_error_of_its_own(self):
        value = self.example_input("slow-job-poll")
        value["job"] = {"kind": "doomed", "polls": 1}
        error = json.loads(self.cairn(*self.command("slow-job-poll", value), exit_code=1).stderr)
        self.assertEqual(error["type"], "https://example.com/errors/job-failed")
        self.assertEqual(error["detail"], "the renderer ran out of paper")


class CleanUp(Example):
    def test_tidies_rejects_and_merges(self):
        output = self.output("clean-up-contacts", self.example_input("clean-up-contacts"))
        self.assertEqual(
            output,
            {
                "contacts": [
                    {"email": "info@hillside-bakery.example", "name": "", "phone": "+35315550100"},
                    {"email": "maeve@northwind.example", "name": "Maeve Larsson", "phone": "+49301234567"},
                    {"email": "tomasz@orbital.example", "name": "Tomasz Zieliński", "phone": "31201234567"},
                ],
                "rejected": [{"name": "No Address", "email": "n/a", "phone": ""}],
                "merged": 1,
            },
        )

    def test_refuses_a_column_it_does_not_know(self):
        value = {"contacts": [{"name": "A", "fax": "1"}]}
        error = json.loads(self.cairn(*self.command("clean-up-contacts", value), exit_code=1).stderr)
        self.assertTrue(error["type"].endswith("/errors/validation"))
        self.assertIn("'fax'", error["detail"])


class Report(Example):
    def test_prints_and_seals(self):
        output = self.output("report-script", self.example_input("report-script"))
        self.assertEqual(
            output["lines"],
            [
                "Sales, third quarter",
                "====================",
                "west        20110.25 EUR",
                "north       12750.50 EUR",
                "south        9820.00 EUR",
                "total       42680.75 EUR",
            ],
        )
        self.assertEqual((output["remark"], output["exitCode"]), ("3 regions", 0))
        self.assertRegex(output["sha256"], "^[0-9a-f]{64}$")


class Onboarding(Example):
    def test_opens_every_account_through_the_child(self):
        self.service.misbehave("/accounts/code/*", fail=503, times=2)
        child = EXAMPLES / "onboarding/open-account.yaml"
        output = self.output("onboarding", self.example_input("onboarding"), "--with", child)
        self.assertEqual(
            output,
            {
                "person": "Aiko Tanaka",
                "accounts": ["mail:aiko (everybody, support)", "code:aiko (readers)", "door:aiko ()"],
                "welcomed": True,
            },
        )
        self.assertEqual(len(self.service.done("PUT", "/accounts/")), 3)


if __name__ == "__main__":
    unittest.main()
