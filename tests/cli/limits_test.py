"""cairn priority, cairn limits, limits of cairn.yaml and of definitions: the real binary, two processes."""
import json
import unittest

from cli import CommandTest


def slow(name, metadata, seconds=60):
    return (
        f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0', metadata: {{cairn: {{{metadata}}}}}}}\n"
        f"do:\n  - work: {{run: {{shell: {{command: 'sleep {seconds}; printf done'}}}}}}\n"
    )


class Limits(CommandTest):
    def use(self, name):
        listed = self.cairn("limits", "--json", exit_code=None)
        if listed.returncode != 0:  # nobody has come so far as to have a log
            return None
        return next((one for one in json.loads(listed.stdout) if one["name"] == name), None)

    def await_use(self, name, used, waiting):
        def there():
            one = self.use(name)
            return one is not None and (one["used"], one["waiting"]) == (used, waiting)

        self.await_that(f"{name} to have {used} under way and {waiting} waiting", there)

    def test_a_second_process_waits_for_the_first_by_key_and_goes_when_the_limit_is_lifted(self):
        self.write("cairn.yaml", "limits: {effects: 8, connectors: {shell: {concurrency: 1}}}\n")
        first = self.start_text(slow("one", ""), name="one.yaml")
        self.await_use("connector shell", 1, 0)
        second = self.start_text(slow("two", "priority: 2", 0), name="two.yaml")
        self.await_use("connector shell", 1, 1)
        why = self.cairn("why", "last").stdout
        self.assertRegex(why, r"slot +/do/0/work: a place of connector shell \(1 at once\), for shell: number 1 of its namespace, 1 wait, since ")
        self.assertIn("until its turn comes; the next may go when 1 of the 1 under way ends", why)
        self.assertRegex(self.cairn("priority", "last", "9").stdout, r"^run [0-9a-f-]+ has priority 9\n$")
        self.assertIn("PriorityChanged", self.cairn("events", "last").stdout)
        changed = self.cairn("limits", "--connector", "shell", "--concurrency", "2")
        self.assertIn("connector shell", changed.stdout)
        self.assertIn("belongs into cairn.yaml", changed.stderr)
        code, out, _ = self.end_of(second)
        self.assertEqual((code, out), (0, '"done"\n'))
        self.kill(first)
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_after_a_kill_the_limit_of_a_key_holds_for_what_is_taken_up_again(self):
        text = slow("keyed", "concurrency: {limit: 1, key: '${ .customer }'}")
        one = self.start_text(text, "--input", '{"customer": "acme"}')
        self.await_use("workflow test/keyed, key 'acme'", 1, 0)
        two = self.start_text(text, "--input", '{"customer": "acme"}')
        self.await_use("workflow test/keyed, key 'acme'", 1, 1)
        self.kill(one)
        self.kill(two)
        again = self.start("resume")
        self.await_use("workflow test/keyed, key 'acme'", 1, 1)
        self.kill(again)

    def test_without_a_process_at_work_the_files_limits_are_listed_and_none_is_changed(self):
        self.write("cairn.yaml", "limits: {effects: 8, connectors: {http: {rate: {limit: 5, period: PT1M}}}}\n")
        self.run_text(slow("quick", "", 0))
        self.assertEqual(self.cairn("limits").stdout,
                         "effects under way  0 under way, 0 waiting; 8 at once\n"
                         "connector http     0 under way, 0 waiting; 5 in PT1M\n")
        self.assertIn("cairn.yaml", self.cairn("limits", "--effects", "3", exit_code=1).stderr)

    def test_limits_of_the_file_that_are_wrong_are_told_with_their_place(self):
        for text, says in (
            ("limits: {effects: 0}\n", "cairn.yaml:1:19: error: expected a number from 1 to 1000000"),
            ("limits: {effect: 3}\n", "did you mean 'effects'?"),
            ("limits: {connectors: {shel: {concurrency: 1}}}\n", "did you mean 'shell'?"),
            ("limits: {connectors: {http: {rate: {limit: 1}}}}\n", "a rate needs 'period'"),
            ("limits: {connectors: {http: {rate: {limit: 1, period: soon}}}}\n", "an ISO 8601 duration above zero"),
            ("limits: 5\n", "expected a mapping of settings"),
        ):
            with self.subTest(text):
                self.write("cairn.yaml", text)
                self.assertIn(says, self.run_text(slow("never", ""), exit_code=2).stderr)

    def test_a_singleton_is_refused_while_one_is_open(self):
        text = slow("only", "singleton: {key: '${ .customer }'}")
        process = self.start_text(text, "--input", '{"customer": "acme"}')
        self.await_status("running")
        run = self.json_of("show", "last")["id"]
        refused = self.run_text(text, "--input", '{"customer": "acme"}', exit_code=1)
        self.assertIn(f"run {run} of it is open", refused.stderr)
        self.kill(process)
        refused = self.run_text(text, "--input", '{"customer": "acme"}', exit_code=1)
        self.assertIn(f"run {run} of it is open", refused.stderr)


if __name__ == "__main__":
    unittest.main()
