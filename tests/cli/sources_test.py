"""Brokers: events from Redis streams and NATS JetStream and to them, with the real servers, killed and started again."""
import base64
import json
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from cli import PATIENCE_S, CommandTest

STARTED_BY = (
    "document: {dsl: '1.0.3', namespace: test, name: react, version: '1.0.0'}\n"
    "schedule: {on: {one: {with: {type: order.placed}}}}\n"
    "do: [{a: {set: '${ .[0] }'}}]\n"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def event(number, **more):
    return {"specversion": "1.0", "id": str(number), "source": "/shop", "type": "order.placed", "data": number} | more


class Redis:
    """A server whose data outlive it."""

    needs = "redis-server"

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/orders"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.ask("PING") == "PONG")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, *words):
        result = subprocess.run(["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *words],
                                capture_output=True, text=True, timeout=PATIENCE_S)
        return result.stdout.strip()

    def add(self, text, field="event"):
        assert "-" in self.ask("XADD", "orders", "*", field, text)

    def events(self):
        lines = self.ask("XRANGE", "orders", "-", "+").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def unacknowledged(self):
        pending = self.ask("XPENDING", "orders", "cairn").splitlines()
        lag = self.ask("XINFO", "GROUPS", "orders").splitlines()
        return int(pending[0]) + int(lag[lag.index("lag") + 1] or 0)


class Nats:
    """The same with JetStream; asked in NATS's own protocol, which is text."""

    needs = "nats-server"

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"nats://127.0.0.1:{self.port}/orders"

    def start(self):
        new = self.process is None
        self.process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: "INFO" in self.hello())
        if new:
            made = wait_for(lambda: self.request("$JS.API.STREAM.CREATE.ORDERS", json.dumps(
                {"name": "ORDERS", "subjects": ["orders"], "storage": "file", "retention": "limits", "num_replicas": 1})))
            assert "error" not in json.loads(made), made

    def kill(self):
        self.process.kill()
        self.process.wait()

    def hello(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                return line.recv(4096).decode()
        except OSError:
            return ""

    def request(self, subject, text):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                stream = line.makefile("rwb")
                stream.readline()
                data = text.encode()
                stream.write(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB reply 1\r\n'
                             + f"PUB {subject} reply {len(data)}\r\n".encode() + data + b"\r\n")
                stream.flush()
                while words := stream.readline().split():
                    if words[0] == b"PING":
                        stream.write(b"PONG\r\n")
                        stream.flush()
                    if words[0] == b"MSG":
                        return stream.read(int(words[-1])).decode()
                    if words[0] == b"HMSG":
                        return ""
        except OSError:
            pass
        return ""

    def add(self, text):
        answer = wait_for(lambda: self.request("orders", text))
        assert "seq" in json.loads(answer), answer

    def events(self):
        state = json.loads(wait_for(lambda: self.request("$JS.API.STREAM.INFO.ORDERS", "")))["state"]
        found = []
        for number in range(1, state["last_seq"] + 1):
            message = json.loads(self.request("$JS.API.STREAM.MSG.GET.ORDERS", json.dumps({"seq": number})))["message"]
            found.append(json.loads(base64.b64decode(message["data"])))
        return found

    def unacknowledged(self):
        answer = json.loads(self.request("$JS.API.CONSUMER.INFO.ORDERS.cairn", "") or "{}")
        return answer.get("num_pending", 1) + answer.get("num_ack_pending", 1)


def wait_for(there):
    until = time.monotonic() + PATIENCE_S
    while not (found := there()):
        assert time.monotonic() < until, "it did not come in time"
        time.sleep(0.05)
    return found


class Sources:
    """Each test with each broker."""

    Broker = None

    def setUp(self):
        super().setUp()
        if shutil.which(self.Broker.needs) is None:
            self.skipTest(f"{self.Broker.needs} is not installed")
        (self.folder / "broker").mkdir()
        self.broker = self.Broker(self.folder / "broker")
        self.write("workflows/react.yaml", STARTED_BY)

    def tearDown(self):
        if self.broker.process:
            self.broker.kill()
        super().tearDown()

    def configure(self, **more):
        self.write("cairn.yaml", json.dumps({"sources": {"orders": {"url": self.broker.url} | more}}))

    def serve(self):
        process = self.start("serve", "--workflows", self.folder / "workflows")
        process.said = []
        while not process.said or "cairn: serving " not in process.said[-1]:
            process.said.append(process.stderr.readline())
            self.assertTrue(process.said[-1], "".join(process.said))
        process.reader = threading.Thread(target=lambda: process.said.extend(process.stderr), daemon=True)
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

    def outputs(self):
        return [self.json_of("show", run["id"])["output"] for run in self.runs("--limit", "10000")]

    def published(self):
        return [json.loads(line)["event"] for line in self.cairn("event", "list", "--json").stdout.splitlines()]

    def test_no_event_is_lost_or_doubled_when_either_side_is_killed(self):
        self.configure()
        self.broker.start()
        process = self.serve()
        for number in range(10):
            self.broker.add(json.dumps(event(number)))
        self.kill(process)
        for number in range(10, 20):
            self.broker.add(json.dumps(event(number)))
        process = self.serve()
        self.await_that("the first", lambda: len(self.outputs()) > 10)
        self.broker.kill()
        self.broker.start()
        for number in range(15, 30):  # some again: the sender was not sure
            self.broker.add(json.dumps(event(number)))
        self.await_that("all", lambda: len(self.outputs()) >= 30)
        self.await_that("acknowledgements", lambda: self.broker.unacknowledged() == 0)
        self.end(process)
        self.assertEqual(sorted(self.outputs()), list(range(30)))
        self.assertTrue(any("is back" in line for line in process.said), process.said)

    def test_a_broker_that_is_away_at_the_start_is_told_and_found_later(self):
        self.configure()
        self.broker.start()
        self.broker.kill()
        process = self.serve()
        self.await_that("a word about it", lambda: any(f"127.0.0.1:{self.broker.port}" in line for line in process.said))
        self.broker.start()
        self.broker.add(json.dumps(event(1)))
        self.await_that("the run", lambda: self.outputs() == [1])
        self.end(process)

    def test_what_is_no_event_is_shown_and_blocks_nothing(self):
        self.configure()
        self.broker.start()
        self.broker.add("no JSON")
        self.broker.add(json.dumps({"type": "x"}))
        self.broker.add(json.dumps([event(1), event(2)]))
        process = self.serve()
        self.await_that("the runs", lambda: len(self.outputs()) == 2)
        self.await_that("acknowledgements", lambda: self.broker.unacknowledged() == 0)
        rejected = [one for one in self.published() if one["type"] == "io.cairn.source.rejected"]
        self.assertEqual([one["data"]["message"] for one in rejected], ["no JSON", '{"type": "x"}'])
        self.assertEqual({one["source"] for one in rejected}, {"urn:cairn:source:orders"})
        self.end(process)

    def test_any_json_is_wrapped_into_an_event(self):
        self.configure(type="order.placed", source="/erp")
        self.broker.start()
        self.broker.add('{"n": 9007199254740993}')
        self.broker.add("plain text")
        process = self.serve()
        self.await_that("the runs", lambda: len(self.outputs()) == 2)
        self.end(process)
        self.assertEqual({one["source"] for one in self.published()}, {"/erp"})
        self.assertIn({"n": 9007199254740993}, self.outputs())
        self.assertIn("plain text", self.outputs())


    def test_a_sink_sends_each_event_in_order_though_either_side_is_killed(self):
        self.write("cairn.yaml", json.dumps({"sinks": {"out": {"url": self.broker.url, "what": ["events"]}}}))
        self.broker.start()
        process = self.serve()
        send = lambda numbers: self.cairn("event", "send", json.dumps([event(number) for number in numbers]))
        send(range(10))
        self.await_that("the first", lambda: len(self.broker.events()) >= 10)
        self.broker.kill()
        send(range(10, 20))
        self.await_that("a word about it", lambda: any(f"127.0.0.1:{self.broker.port}" in line for line in process.said))
        self.kill(process)
        self.broker.start()
        process = self.serve()
        send(range(20, 30))
        self.await_that("the last", lambda: 29 in [one["data"] for one in self.broker.events()])
        self.end(process)
        numbers = [one["data"] for one in self.broker.events()]
        self.assertEqual(list(dict.fromkeys(numbers)), list(range(30)), "some perhaps again, after the kill")


class RedisSources(Sources, CommandTest):
    Broker = Redis

    def test_settings_that_cannot_be_are_told_with_their_place(self):
        self.write("cairn.yaml", "sources:\n  a: {url: 'http://x/y'}\n  b: {url: 'redis://user:pw@h/s'}\n  c: {}\n"
                                 "  d: {url: 'redis://h', colour: red}\n")
        told = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2).stderr
        for part in ("cairn.yaml:2:12: error: this is no URL of a broker", "does not belong into a URL",
                     "a source needs 'url'", "names no stream", "there is no setting 'sources.d.colour'"):
            self.assertIn(part, told)

    def test_a_password_comes_from_a_secret(self):
        self.configure(password={"secret": "redis_password"})
        missing = self.cairn("serve", "--workflows", self.folder / "workflows", exit_code=2).stderr
        self.assertIn("needs the secret redis_password", missing)


class NatsSources(Sources, CommandTest):
    Broker = Nats


if __name__ == "__main__":
    unittest.main()
