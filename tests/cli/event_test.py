"""cairn event send, cairn event list, run --event and --emitted: the real binary, two processes."""
import json
import unittest

from cli import CommandTest


def listens(to="one: {with: {type: order.paid}}", name="listens"):
    return (
        f"document: {{dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0'}}\n"
        f"do:\n  - paid: {{listen: {{to: {{{to}}}}}}}\n"
    )


EMITS = (
    "document: {dsl: '1.0.3', namespace: test, name: emits, version: '1.0.0'}\n"
    "do:\n  - tell: {emit: {event: {with: {type: order.paid, source: /shop, id: 'of-${ .order }', data: {order: '${ .order }'}}}}}\n"
    "  - done: {set: {ok: true}}\n"
)


def event(id, data=None, type="order.paid"):
    return {"specversion": "1.0", "id": id, "source": "/bank", "type": type, "data": data or {}}


class Events(CommandTest):
    def await_listener(self):
        def there():
            listed = self.cairn("runs", "--json", exit_code=None)
            return listed.returncode == 0 and any(run["status"] == "waiting" for run in json.loads(listed.stdout))

        self.await_that("a run to listen", there)

    def test_an_event_sent_from_another_terminal_ends_the_waiting(self):
        run = self.start_text(listens())
        self.await_listener()
        sent = self.cairn("event", "send", json.dumps(event("p1", {"order": 7}))).stdout
        self.assertEqual(sent, "p1 published as event 1\n")
        code, out, _ = self.end_of(run)
        self.assertEqual((code, out), (0, '[{"order":7}]\n'))
        self.assertIn("sound", self.cairn("log", "verify").stdout)
        self.assertIn("EventConsumed", self.cairn("events", "last").stdout)

    def test_events_of_the_command_line_come_in_order_after_the_run_has_begun(self):
        self.write("listens.yaml", listens("any: [{with: {type: order.paid}}], until: '${ (. | length) == 2 }'"))
        self.write("two.json", json.dumps([event("1", {"n": 1}), event("2", {"n": 2})]))
        self.assertEqual(self.cairn("run", "listens.yaml", "--event", "@two.json").stdout, '[{"n":1},{"n":2}]\n')
        again = self.cairn("run", "listens.yaml", "--event", '{"type": "order.paid", "data": {"n": 3}}',
                           "--event", '{"type": "order.paid", "data": {"n": 4}}')
        self.assertEqual(again.stdout, '[{"n":3},{"n":4}]\n')

    def test_what_a_run_emits_is_written_and_listed(self):
        self.write("emits.yaml", EMITS)
        self.cairn("run", "emits.yaml", "--input", '{"order": 7}', "--emitted", "out.jsonl")
        emitted = [json.loads(line) for line in (self.folder / "out.jsonl").read_text().splitlines()]
        self.assertEqual([one["data"] for one in emitted], [{"order": 7}])
        listed = [json.loads(line) for line in self.cairn("event", "list", "--json").stdout.splitlines()]
        self.assertEqual([one["event"] for one in listed], emitted)
        self.assertEqual(listed[0]["position"], 1)
        self.assertEqual(listed[0]["run"], json.loads(self.cairn("show", "last", "--json").stdout)["id"])
        self.cairn("event", "send", "--type", "other", "--payload", "1")
        self.assertRegex(self.cairn("event", "list", "--type", "other").stdout, r"^ +2  \S+  other  urn:cairn:cli  \S+  1\n$")
        self.assertEqual(self.cairn("event", "list", "--after", "1", "--limit", "0").stdout, "")

    def test_the_same_source_and_id_are_published_once(self):
        self.write("emits.yaml", EMITS)
        self.cairn("run", "emits.yaml", "--input", '{"order": 1}')
        self.cairn("event", "send", json.dumps(event("x")))
        again = self.cairn("event", "send", json.dumps([event("x"), event("y")]), "--json")
        self.assertEqual([(one["position"], one["existing"]) for one in json.loads(again.stdout)], [(2, True), (3, False)])
        told = self.cairn("event", "send", "-", stdin=json.dumps(event("x")))
        self.assertEqual(told.stdout, "")
        self.assertIn("was published before, at 2", told.stderr)

    def test_what_is_no_event_is_refused_naming_what_is_wrong(self):
        self.write("emits.yaml", EMITS)
        self.cairn("run", "emits.yaml", "--input", '{"order": 1}')
        for arguments, says in (
            (['{"id": "1"}'], "'type' is missing"),
            (['{"type": "a", "specversion": "0.3"}'], "specversion"),
            (['{"type": "a", "Order": 1}'], "Order"),
            (['[{"type": "a"}, {"type": 7}]'], "event 2"),
            (["7"], "an event is an object"),
            (["{"], "EVENT"),
            (["@none.json"], "none.json"),
            ([], "no event is given"),
            (["{}", "--type", "a"], "only one can be"),
            (["--payload", "1"], "--type"),
            (["--type", "a", "--payload", "{"], "--payload"),
        ):
            with self.subTest(arguments):
                refused = self.cairn("event", "send", *arguments, exit_code=None)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(says, refused.stderr)
        self.assertEqual(len(self.cairn("event", "list").stdout.splitlines()), 1)

    def test_an_event_is_not_lost_when_the_process_that_listens_is_killed(self):
        run = self.start_text(listens())
        self.await_listener()
        self.kill(run)
        self.cairn("event", "send", json.dumps(event("p1", {"order": 7})))
        self.assertEqual(self.cairn("resume", "last").stdout, '[{"order":7}]\n')

    def test_events_are_kept_as_the_configuration_says(self):
        self.write("cairn.yaml", "events: {count: 2}\n")
        run = self.start_text(listens("one: {with: {type: never}}"))
        self.await_listener()
        self.cairn("event", "send", json.dumps([event(str(i)) for i in range(5)]))
        self.kill(run)
        again = self.start("resume")
        self.await_that("the oldest to go", lambda: len(self.cairn("event", "list").stdout.splitlines()) == 2)
        self.kill(again)
        self.assertIn("sound", self.cairn("log", "verify").stdout)
        self.write("cairn.yaml", "events: {count: many}\n")
        self.assertIn("'many' is no number of events", self.cairn("event", "list", exit_code=None).stderr)

    def test_counts_are_whole_and_not_negative(self):
        for command in (["event", "list", "--after"], ["event", "list", "--limit"], ["runs", "--limit"], ["prune", "--keep"]):
            for wrong in ("-1", "1.5", "many"):
                refused = self.cairn(*command[:-1], f"{command[-1]}={wrong}", exit_code=2).stderr
                self.assertIn("is not a whole number, 0 or more", refused)


if __name__ == "__main__":
    unittest.main()
