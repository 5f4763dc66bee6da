"""cairn serve with sinks, cairn sinks, cairn events --lifecycle: the real binary against an endpoint that fails in every way."""
import collections
import email.utils
import http.server
import json
import signal
import socket
import threading
import time
import unittest

from cli import PATIENCE_S, CommandTest

ADDS = (
    "document: {dsl: '1.0.3', namespace: test, name: tick, version: '1.0.0'}\n"
    "schedule: {every: PT0.2S}\n"
    "do:\n  - tell: {emit: {event: {with: {type: tick.done, source: /tick}}}}\n"
)
IDLE = (
    "document: {dsl: '1.0.3', namespace: test, name: idle, version: '1.0.0'}\n"
    "do: [{a: {set: {x: 1}}}]\n"
)


class Endpoint:
    """An HTTP endpoint that takes events. `faults` are what it does with the next requests: a status, (status, headers), "hang" or "drop".
    `answer`, when it is set, decides by the request instead."""

    def __init__(self, port=0):
        self.requests = []  # (path, headers, body) of all
        self.taken = []     # events of requests that were answered with 200
        self.faults = collections.deque()
        self.answer = None
        self.lock = threading.Lock()
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                endpoint.handle(self, body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def handle(self, request, body):
        with self.lock:
            self.requests.append((request.path, dict(request.headers), body))
            fault = self.answer(body) if self.answer else self.faults.popleft() if self.faults else 200
        if fault == "hang":
            time.sleep(PATIENCE_S)
            return
        if fault == "drop":
            request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True
            return
        status, headers = fault if isinstance(fault, tuple) else (fault, {})
        if status == 200:
            with self.lock:
                self.taken += events_in(request.headers, body)
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def ids(self):
        with self.lock:
            return [event["id"] for event in self.taken]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def events_in(headers, body):
    kind = headers["Content-Type"].split(";")[0]
    if kind == "application/cloudevents-batch+json":
        return json.loads(body)
    if kind == "application/cloudevents+json":
        return [json.loads(body)]
    event = {name[3:].lower(): value for name, value in headers.items() if name.lower().startswith("ce-")}
    return [{**event, "data": json.loads(body)} if body else event]


class Sinks(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("workflows/idle.yaml", IDLE)

    def endpoint(self, port=0):
        endpoint = Endpoint(port)
        self.addCleanup(endpoint.close)
        return endpoint

    def configure(self, **sinks):
        self.write("cairn.yaml", json.dumps({"sinks": sinks}))

    def serve(self, *arguments):
        process = self.start("serve", "--workflows", self.folder / "workflows", *arguments)
        self.said = ""
        while "cairn: serving " not in self.said:
            line = process.stderr.readline()
            if not line:
                self.fail(f"cairn serve ended: {self.said}")
            self.said += line
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)
        return err

    def send(self, *ids, type="t"):
        events = [{"specversion": "1.0", "id": id, "source": "/test", "type": type, "data": {"n": id}} for id in ids]
        self.cairn("event", "send", json.dumps(events))

    def sinks(self):
        return {sink["sink"]: sink for sink in self.json_of("sinks")}

    def await_ids(self, endpoint, *ids):
        self.await_that(f"{ids} to arrive", lambda: set(ids) <= set(endpoint.ids()))

    def published(self):
        listed = self.cairn("event", "list", "--json").stdout.splitlines()
        return [json.loads(line)["event"]["id"] for line in listed]

    def test_events_arrive_in_order_and_the_position_outlives_the_process(self):
        endpoint = self.endpoint()
        self.configure(hook={"url": endpoint.url, "what": ["events"]})
        process = self.serve()
        self.assertIn("1 sink", self.said)
        self.send("1", "2", "3")
        self.await_ids(endpoint, "3")
        self.end(process)
        process = self.serve()
        self.send("4")
        self.await_ids(endpoint, "4")
        sink = self.sinks()["hook"]
        self.assertEqual((sink["state"], sink["destination"]), ("delivering", endpoint.url))
        self.end(process)
        self.assertEqual(endpoint.ids(), ["1", "2", "3", "4"], "once each: it ended in peace")
        self.assertEqual(self.sinks()["hook"]["state"], "waiting")
        self.assertEqual(self.sinks()["hook"]["feeds"][0]["position"], "4")
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_lifecycle_events_of_every_run_are_what_the_feed_says(self):
        endpoint = self.endpoint()
        self.configure(hook={"url": endpoint.url, "what": "lifecycle"})
        process = self.serve()
        self.write("more.yaml", IDLE.replace("idle", "more"))
        self.cairn("run", "more.yaml")
        self.cairn("run", "workflows/idle.yaml")
        fed = [json.loads(line) for line in self.cairn("events", "--lifecycle", "--json").stdout.splitlines()]
        self.await_ids(endpoint, fed[-1]["event"]["id"])
        self.end(process)
        self.assertEqual(endpoint.taken, [one["event"] for one in fed])
        self.assertEqual(len(fed), 10)

    def test_binary_mode_has_attributes_in_headers_and_batch_mode_many_events_in_one_request(self):
        binary, batch = self.endpoint(), self.endpoint()
        batch.faults.append(503)
        self.configure(
            binary={"url": binary.url, "what": ["events"], "mode": "binary"},
            batch={"url": batch.url, "what": ["events"], "mode": "batch"},
        )
        process = self.serve()
        self.send("1 \u20ac", "2", "3")
        self.await_ids(binary, "3")
        self.await_ids(batch, "3")
        self.end(process)
        _, headers, body = binary.requests[0]
        self.assertEqual((headers["ce-id"], headers["Content-Type"]), ("1%20%E2%82%AC", "application/json"))
        self.assertEqual(json.loads(body), {"n": "1 \u20ac"})
        self.assertEqual(len(batch.requests), 2)
        self.assertEqual(batch.requests[0][2], batch.requests[1][2], "the same again")
        self.assertEqual(batch.ids(), ["1 \u20ac", "2", "3"])

    def test_filters_and_headers_with_secrets(self):
        endpoint = self.endpoint()
        self.environment["CAIRN_SECRET_HOOK_TOKEN"] = "very-secret-token"
        self.configure(
            hook={
                "url": endpoint.url + "?key=in-the-query", "what": ["events"], "types": ["order.*"],
                "headers": {"Authorization": {"prefix": "Bearer ", "secret": "hook-token"}, "X-From": "cairn"},
            }
        )
        process = self.serve()
        self.send("1", type="other")
        self.send("2", type="order.placed")
        self.await_ids(endpoint, "2")
        told = self.cairn("sinks").stdout + self.cairn("sinks", "--json").stdout + self.end(process)
        self.assertEqual(endpoint.ids(), ["2"])
        self.assertEqual(endpoint.requests[0][1]["Authorization"], "Bearer very-secret-token")
        self.assertEqual(endpoint.requests[0][1]["X-From"], "cairn")
        self.assertNotIn("very-secret-token", told)
        self.assertNotIn("in-the-query", told)
        log = b"".join(path.read_bytes() for path in (self.folder / "data").rglob("*") if path.is_file())
        self.assertNotIn(b"very-secret-token", log)

    def test_an_endpoint_that_fails_hangs_or_drops_gets_everything_in_order(self):
        faults = {"drops": "drop", "fails": 500, "hangs": "hang", "busy": (429, {"Retry-After": "1"}), "moved": 302, "absent": 404, "closed": 401}
        endpoints = {name: self.endpoint() for name in faults}
        for name, fault in faults.items():
            endpoints[name].faults.append(fault)
        self.configure(**{name: {"url": one.url, "what": ["events"], "timeout": "PT0.5S"} for name, one in endpoints.items()})
        process = self.serve()
        self.send("1", "2")
        self.await_that("a failure to be told", lambda: self.sinks()["busy"]["feeds"][0]["error"])
        for endpoint in endpoints.values():
            self.await_ids(endpoint, "2")
        self.await_that("all to deliver", lambda: {sink["state"] for sink in self.sinks().values()} == {"delivering"})
        said = self.end(process)
        for name, endpoint in endpoints.items():
            self.assertEqual(endpoint.ids(), ["1", "2"], name)
            self.assertIn(f"sink {name} cannot deliver events", said)
            self.assertIn(f"sink {name} delivers again", said)

    def test_a_date_to_retry_after_is_kept(self):
        endpoint = self.endpoint()
        endpoint.faults.append((503, {"Retry-After": email.utils.formatdate(time.time() + 3600, usegmt=True)}))
        self.configure(hook={"url": endpoint.url, "what": ["events"]})
        process = self.serve()
        self.send("1")
        self.await_that("a failure to be told", lambda: self.sinks()["hook"]["feeds"][0]["retryAt"])
        feed = self.sinks()["hook"]["feeds"][0]
        self.assertGreater(feed["retryAt"], time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 3000)))
        self.end(process)

    def test_what_is_refused_is_skipped_and_told(self):
        endpoint = self.endpoint()
        endpoint.answer = lambda body: 400 if json.loads(body)["id"] == "bad" else 200
        self.configure(hook={"url": endpoint.url, "what": ["events"]})
        process = self.serve()
        self.send("1", "bad", "3")
        self.await_ids(endpoint, "3")
        feed = self.sinks()["hook"]["feeds"][0]
        self.assertEqual((feed["skipped"], feed["lastSkipped"]["id"]), (1, "bad"))
        self.assertIn("400", feed["lastSkipped"]["why"])
        self.assertIn("bad", self.cairn("sinks").stdout)
        self.assertIn("is skipped", self.end(process))
        self.assertEqual(endpoint.ids(), ["1", "3"])

    def test_an_endpoint_that_is_away_holds_nothing_else_up(self):
        away, here = self.endpoint(), self.endpoint()
        port = away.port
        away.close()
        self.configure(
            away={"url": away.url, "what": ["events", "lifecycle"]}, here={"url": here.url, "what": ["events"]}
        )
        process = self.serve()
        self.send("1", "2")
        self.await_ids(here, "1", "2")
        self.cairn("run", "workflows/idle.yaml")
        self.await_that("the other to be told as away", lambda: self.sinks()["away"]["state"] == "retrying")
        self.assertEqual(self.sinks()["here"]["state"], "delivering")
        back = self.endpoint(port)
        self.await_ids(back, "1", "2")
        self.end(process)

    def test_nothing_is_lost_and_order_is_kept_however_often_both_sides_are_killed(self):
        self.write("workflows/tick.yaml", ADDS)
        endpoint = self.endpoint()
        port = endpoint.port
        self.configure(hook={"url": endpoint.url, "what": ["events", "lifecycle"], "from": "beginning"})
        before = []

        def arrived(type):
            """Ids of events of a type in the order in which they came first: what came again came with the same id."""
            with endpoint.lock:
                return list(dict.fromkeys(one["id"] for one in before + endpoint.taken if one["type"].startswith(type)))

        for round_number in range(4):
            process = self.serve()
            goal = len(arrived("tick.")) + 4
            self.await_that("some to arrive", lambda: len(arrived("tick.")) >= goal)
            if round_number % 2:
                endpoint.close()
                before += endpoint.taken
                endpoint = self.endpoint(port)
            self.kill(process)
        (self.folder / "workflows/tick.yaml").unlink()
        process = self.serve()
        published = self.published()
        fed = [json.loads(line)["event"]["id"] for line in self.cairn("events", "--lifecycle", "--json").stdout.splitlines()]
        self.await_that("all to arrive", lambda: (arrived("tick."), arrived("io.")) == (published, fed))
        self.end(process)
        self.assertGreaterEqual(len(published), 16)
        self.assertIn("sound", self.cairn("log", "verify").stdout)

    def test_a_sink_that_is_taken_out_is_told_as_gone_and_goes_on_where_it_stood(self):
        endpoint = self.endpoint()
        sink = {"url": endpoint.url, "what": ["events"]}
        self.configure(hook=sink)
        process = self.serve()
        self.send("1")
        self.await_ids(endpoint, "1")
        self.end(process)
        self.configure()
        process = self.serve()
        self.send("2")
        self.assertEqual(self.sinks()["hook"]["state"], "gone")
        self.end(process)
        self.configure(hook=sink)
        process = self.serve()
        self.await_ids(endpoint, "2")
        self.end(process)
        self.assertEqual(endpoint.ids(), ["1", "2"])

    def test_only_serve_sends(self):
        endpoint = self.endpoint()
        self.configure(hook={"url": endpoint.url, "what": ["lifecycle", "events"], "from": "beginning"})
        self.cairn("run", "workflows/idle.yaml")
        self.send("1")
        self.assertEqual(endpoint.requests, [])
        process = self.serve()
        self.await_ids(endpoint, "1")
        self.await_that("all to arrive", lambda: len(endpoint.ids()) == 6)
        self.end(process)

    def test_a_process_that_ends_does_not_wait_for_an_endpoint_that_hangs(self):
        endpoint = self.endpoint()
        endpoint.faults.append("hang")
        self.configure(hook={"url": endpoint.url, "what": ["events"], "timeout": "PT1M"})
        process = self.serve()
        self.send("1")
        self.await_that("a request", lambda: endpoint.requests)
        self.end(process)
        process = self.serve()
        self.await_ids(endpoint, "1")
        self.end(process)

    def test_what_is_wrong_in_the_settings_is_named_with_its_place(self):
        def refused(**sink):
            self.configure(hook=sink)
            return self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2).stderr

        good = {"url": "http://127.0.0.1:1/", "what": ["events"]}
        self.assertIn("a sink needs 'url'", refused(what=["events"]))
        self.assertIn("a sink needs 'what'", refused(url=good["url"]))
        self.assertIn("URL of an HTTP endpoint", refused(**{**good, "url": "ftp://x"}))
        self.assertIn("user or password", refused(**{**good, "url": "https://me:pass@x.test/"}))
        self.assertIn("'all'", refused(**{**good, "what": ["all"]}))
        self.assertIn("did you mean 'types'", refused(**good, type="x").lower())
        self.assertIn("structured, binary, batch", refused(**good, mode="json"))
        self.assertIn("now, beginning", refused(**good, **{"from": "yesterday"}))
        self.assertIn("ISO 8601", refused(**good, timeout="10s"))
        self.assertIn("event's own", refused(**good, headers={"Content-Type": "x"}))
        missing = refused(**good, headers={"Authorization": {"secret": "token"}})
        self.assertIn("sink hook", missing)
        self.assertIn("CAIRN_SECRET_TOKEN", missing)


class LifecycleFeed(CommandTest):
    def feed(self, *arguments):
        out = self.cairn("events", "--lifecycle", "--json", *arguments).stdout
        return [json.loads(line) for line in out.splitlines()]

    def setUp(self):
        super().setUp()
        self.write("idle.yaml", IDLE)
        self.write("odd.yaml", (
            "document: {dsl: '1.0.3', namespace: test, name: odd, version: '1.0.0'}\n"
            "do: [{a: {raise: {error: {type: 'https://x.test/odd', status: 418, title: Odd}}}}]\n"
        ))

    def test_all_runs_are_in_one_order_that_can_be_gone_on_from_anywhere(self):
        self.cairn("run", "idle.yaml")
        self.cairn("run", "odd.yaml", exit_code=1)
        self.cairn("run", "idle.yaml")
        whole = self.feed()
        types = [one["event"]["type"].split(".", 2)[2] for one in whole]
        idle = ["workflow.started.v1", "task.created.v1", "task.started.v1", "task.completed.v1", "workflow.completed.v1"]
        odd = idle[:3] + ["task.faulted.v1", "workflow.faulted.v1"]
        self.assertEqual(types, idle + odd + idle)
        for at, one in enumerate(whole):
            self.assertEqual(self.feed("--after", one["position"]), whole[at + 1:])
        self.assertEqual(self.feed("--limit", "3", "--after", whole[2]["position"]), whole[3:6])

    def test_filters_by_run_workflow_and_type(self):
        self.cairn("run", "idle.yaml")
        self.cairn("run", "odd.yaml", exit_code=1)
        self.assertEqual({one["event"]["source"] for one in self.feed("last")}, {"/test/odd/1.0.0"})
        self.assertEqual(len(self.feed("--workflow", "test/idle")), 5)
        self.assertEqual(len(self.feed("--type", "task.*")), 6)
        faulted = self.feed("--type", "workflow.faulted", "--type", "task.faulted")
        self.assertEqual([one["event"]["data"]["error"]["title"] for one in faulted], ["Odd", "Odd"])
        self.assertEqual(len(self.feed("--type", "workflow.status-changed")), 4)
        self.assertIn("no lifecycle event is of type 'task.ended'",
                      self.cairn("events", "--lifecycle", "--type", "task.ended", exit_code=2).stderr)

    def test_for_people_it_is_a_line_an_event(self):
        self.cairn("run", "odd.yaml", exit_code=1)
        lines = self.cairn("events", "--lifecycle").stdout.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertRegex(lines[3], r"task\.faulted .*/test/odd/1\.0\.0  /do/0/a  Odd$")

    def test_following_tells_what_comes_and_a_removed_run_is_a_gap_that_is_told(self):
        self.cairn("run", "idle.yaml")
        self.cairn("run", "idle.yaml")
        before = self.feed()
        self.cairn("prune", "--keep", "1")
        after = self.cairn("events", "--lifecycle", "--json")
        self.assertEqual([json.loads(line) for line in after.stdout.splitlines()], before[5:])
        self.assertRegex(after.stderr, r"the feed begins at \d+: what came before was removed by retention")
        following = self.start("events", "--lifecycle", "--follow", "--json", "--after", before[-1]["position"])
        self.cairn("run", "odd.yaml", exit_code=1)
        lines = [json.loads(following.stdout.readline()) for _ in range(5)]
        self.assertEqual(lines[-1]["event"]["type"], "io.serverlessworkflow.workflow.faulted.v1")
        following.send_signal(signal.SIGINT)
        self.assertEqual(self.end_of(following)[0], 130)

    def test_a_position_that_is_none_or_to_come_is_refused(self):
        self.cairn("run", "idle.yaml")
        for position in ("x", "1.2.3", "-1"):
            self.assertIn("is no position", self.cairn("events", "--lifecycle", f"--after={position}", exit_code=2).stderr)
        self.assertIn("the feed has come to 4", self.cairn("events", "--lifecycle", "--after", "99", exit_code=2).stderr)
        self.assertIn("--lifecycle", self.cairn("events", exit_code=2).stderr)
        self.assertIn("--lifecycle", self.cairn("events", "last", "--type", "task.*", exit_code=2).stderr)


if __name__ == "__main__":
    unittest.main()
