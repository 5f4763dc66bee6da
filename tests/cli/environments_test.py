"""Environments: the same workflow with the values of development or production."""
import unittest

from cli import CommandTest
from workflows import workflow

SHOWS = workflow("  - pause: {wait: {milliseconds: 10}}\n  - a: {set: '${ $runtime.metadata }'}\n")
WAITS = workflow("  - pause: {wait: {seconds: 1}}\n  - a: {set: {n: '${ $runtime.metadata.n }'}}\n", "patient")


class Environments(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("workflow.yaml", SHOWS)
        self.write("cairn.yaml", "environments:\n  dev: {n: 1}\n  prod: {n: 2}\n")

    def output(self, *options):
        return self.cairn("run", "workflow.yaml", *options).stdout

    def test_option_before_variable_before_file(self):
        self.assertEqual(self.output(), "{}\n")
        self.write("cairn.yaml", "environment: dev\nenvironments:\n  dev: {n: 1}\n  prod: {n: 2}\n  stage: {n: 3}\n")
        self.assertEqual(self.output(), '{"n":1,"environment":"dev"}\n')
        self.environment["CAIRN_ENVIRONMENT"] = "prod"
        self.assertEqual(self.output(), '{"n":2,"environment":"prod"}\n')
        self.assertEqual(self.output("--environment", "stage"), '{"n":3,"environment":"stage"}\n')

    def test_an_unknown_one_names_those_that_are_known(self):
        says = self.cairn("run", "workflow.yaml", "--environment", "production", exit_code=2).stderr
        self.assertIn("there is no environment 'production'", says)
        self.assertIn("prod", says)
        self.assertFalse((self.folder / "data").exists())

    def test_a_run_keeps_the_one_it_started_with(self):
        self.write("waits.yaml", WAITS)
        process = self.start("run", "waits.yaml", "--environment", "prod")
        self.await_status("waiting")
        self.kill(process)
        self.write("cairn.yaml", "environments:\n  prod: {n: 99}\n")
        self.assertEqual(self.cairn("resume", "last").stdout, '{"n":2}\n')
        self.cairn("replay", "last", "--verify")
        self.cairn("log", "verify")

    def test_a_guest_brings_its_own(self):
        self.write("waits.yaml", WAITS.replace("seconds: 1", "seconds: 4"))
        owner = self.start("run", "waits.yaml", "--environment", "prod")
        self.await_status("waiting")
        self.assertEqual(self.output("--environment", "dev"), '{"n":1,"environment":"dev"}\n')
        self.assertIsNone(owner.poll())

    def test_what_is_wrong_in_the_file_is_told_at_its_place(self):
        for text, says in (
            ("environments: [dev]\n", "expected environments by name"),
            ("environments: {dev: 5}\n", "expected values by name"),
            ("environments: {dev: {environment: x}}\n", "Choose another name"),
            ("environments: {dev: {x: '" + "y" * 70000 + "'}}\n", "65536 bytes"),
        ):
            with self.subTest(says):
                self.write("cairn.yaml", text)
                self.assertIn(says, self.cairn("run", "workflow.yaml", exit_code=2).stderr)

    def test_show_has_the_environment_that_a_run_was_started_in(self):
        self.output("--environment", "prod")
        self.assertEqual(self.json_of("show", "last")["metadata"], {"n": 2, "environment": "prod"})
        self.assertRegex(self.cairn("show", "last").stdout, r"environment +.*prod")
        self.output()
        self.assertNotIn("environment", self.cairn("show", "last").stdout)


if __name__ == "__main__":
    unittest.main()
