"""Requests that are none, or hostile: each is refused with a problem, or its connection ends; the server goes on."""
import json
import re
import socket
import time
import unittest

from serving import ServerTest

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/workflows/test/greet/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
END = b"\r\n"
CLOSE = b"Connection: close\r\n"


def line(text):
    return text + b"\r\nHost: localhost\r\n" + CLOSE + END


def target(text):
    return line(b"GET " + text + b" HTTP/1.1")


def field(text):
    return GET + text + b"\r\n" + CLOSE + END


def post(fields, body=b""):
    return POST + CLOSE + fields + END + body


def start(body, fields=b""):
    return post(fields + b"Content-Length: %d\r\n" % len(body), body)


CONTROLS = [bytes([c]) for c in [*range(0, 9), *range(11, 13), *range(14, 32), 127]]

# What is sent → the statuses that are right.
CASES = [
    # Lines that are no request lines.
    *[(line(text), (400,)) for text in [
        b"GET", b"GET ", b"GET  / HTTP/1.1", b" GET / HTTP/1.1", b"GET /  HTTP/1.1", b"GET / HTTP", b"GET / HTTP/", b"GET / http/1.1",
        b"GET / HTTP/1", b"GET / HTTP/1.", b"GET / HTTP/.1", b"GET / HTTP/1.1 ", b"GET / HTTP/1.1 x", b"GET / FTP/1.1", b"/ HTTP/1.1",
        b"G\tET / HTTP/1.1", b"GET\t/\tHTTP/1.1", b"G(T / HTTP/1.1", b"G\x00T / HTTP/1.1", b"GET / HTTP/1.1\r", b"\xff\xfe / HTTP/1.1",
        b"{}", b"<xml/>", b"* * *", b"GET /\x01 HTTP/1.1", b"GET /\x7f HTTP/1.1",
    ]],
    *[(line(b"GET / HTTP/" + version), (400,)) for version in [b"0.9", b"1.2", b"2.0", b"3.0", b"9.9", b"11.1", b"1.11"]],
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400,)),  # TLS
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
    (b"\x00" * 64 + END, (400,)),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", (400,)),
    (b"GET / HTTP/1.1\nHost: localhost\n\n", (400,)),
    # Targets.
    *[(target(text), (400, 404)) for text in [
        b"*", b"healthz", b"http://localhost/healthz", b"//healthz", b"/%", b"/%4", b"/%zz", b"/%00", b"/%ff", b"/%c0%af", b"/v1/runs/%", b"/v1/runs/%00",
        b"/v1/runs?status=%", b"/v1/runs?%zz=1", b"/v1/runs?status=%ff", b"/\xc3\x28", b"/..", b"/../etc/passwd", b"/v1/../healthz", b"/%2e%2e/%2e%2e/etc/passwd",
        b"/healthz/", b"/HEALTHZ", b"/healthz;a=b", b"/v1", b"/v1/", b"/v1//runs", b"/v1/runs/", b"/v1/runs/x/nothing", b"/v1/runs/..", b"/v1/runs/last/events/1",
        b"/v1/runs?limit=-1", b"/v1/runs?limit=1e3", b"/v1/runs?limit=0x10", b"/v1/runs?limit=99999999999999999999", b"/v1/runs?limit=", b"/v1/runs?limit=1&limitt=2",
        b"/v1/runs?before=..", b"/v1/runs?since=2026-13-01T00:00:00Z", b"/v1/runs?status=odd", b"/v1/events?after=-1", b"/v1/events?after=a", b"/v1/workflows?x",
        b"/v1/workflows/%20/%20", b"/v1/workflows/test/greet/1.0.0/nothing", b"/v1/runs/019a0000-0000-7000-8000-000000000000", b"/v1/runs/" + b"f" * 200,
    ]],
    (target(b"/" + b"a" * 40_000), (414, 431)),
    (target(b"/?" + b"a=b&" * 10_000), (414, 431)),
    # Fields.
    *[(field(text), (400,)) for text in [
        b"No colon", b": no name", b"Space before : x", b"Tab\t: x", b"(paren): x", b"Na\x00me: x", b"Na\xffme: x", b"@: x", b"a b: x", b"Host: twice", b"a[]: x",
        b"Content-Length: -1", b"Content-Length: +1", b"Content-Length: 0x1", b"Content-Length: 1 1", b"Content-Length: a", b"Content-Length: ",
        b"Content-Length: 18446744073709551616", b"Content-Length: 1, 1", b"Content-Length: 1\r\nContent-Length: 2", b"Content-Length: 0\r\nContent-Length: 0",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"Content-Length: 3\r\nTransfer-Encoding: chunked",
    ]],
    *[(field(b"X: a" + control + b"b"), (400,)) for control in CONTROLS],
    *[(field(b"Transfer-Encoding: " + coding), (400,)) for coding in [
        b"gzip", b"identity", b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"xchunked", b"chunkedx", b"\x0bchunked",
    ]],
    (field(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), (400,)),
    (b"GET /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    (b"GET /healthz HTTP/1.1\r\n" + CLOSE + END, (400,)),
    (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n" + CLOSE + END, (421,)),
    (field(b"Expect: the-unexpected"), (417,)),
    (field(b"A: " + b"x" * 40_000), (431,)),
    (GET + b"".join(b"A%d: x\r\n" % n for n in range(5_000)) + END, (431,)),
    # Bodies.
    (post(b"Content-Length: 99999999999\r\n"), (413,)),
    (post(b"Content-Length: 18000000\r\n"), (413,)),
    *[(post(b"Transfer-Encoding: chunked\r\n", chunks), (400, 413)) for chunks in [
        b"x\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"ffffffffffffffff\r\n{}", b"fffffffffffffffff\r\n{}",
        b"2\n{}\n0\n\n", b"\r\n{}\r\n0\r\n\r\n", b"2 \x00\r\n{}\r\n0\r\n\r\n", b"1200000\r\n{}",
    ]],
    *[(start(body), (400, 413)) for body in [
        b"{", b"}", b"[1,]", b"{'a': 1}", b"{\"a\": 1, \"a\": 2}", b"nul", b"01", b"1.", b"+1", b"\"\xff\"", b"\"\xed\xa0\x80\"", b"\"\\ud800\"", b"{} {}", b"\x00", b"NaN", b"1e999999",
        b"[" * 100_000, b"\xef\xbb\xbf{}x", b"\"\n\"", b"{\"a\" 1}",
    ]],
    (post(b"Content-Type: text/plain\r\nContent-Length: 2\r\n", b"{}"), (200, 202, 400)),  # two types: the first counts
    (start(b"{}", b"Cairn-Priority: 10\r\n"), (400,)),
    (start(b"{}", b"Cairn-Priority: -1\r\n"), (400,)),
    (start(b"{}", b"Cairn-Priority: high\r\n"), (400,)),
    (start(b"{}", b"Idempotency-Key: \r\n"), (400,)),
    (start(b"{}", b"Idempotency-Key: " + b"k" * 300 + b"\r\n"), (400,)),
    # Methods.
    *[(line(method + b" /v1/runs HTTP/1.1"), (405,)) for method in [b"PUT", b"DELETE", b"PATCH", b"POST", b"TRACE", b"PROPFIND"]],
    *[(line(method + b" /v1/runs HTTP/1.1"), (400, 405)) for method in [b"BREW", b"get", b"X" * 100]],
    (line(b"CONNECT localhost:22 HTTP/1.1"), (400, 404, 405)),
]


class Malformed(ServerTest):
    def test_each_is_refused_and_the_server_goes_on(self):
        self.serve()
        self.assertGreaterEqual(len(CASES), 150)
        for sent, right in CASES:
            with self.subTest(sent=sent[:120]):
                received = self.client.raw(sent, patience_s=15, end=True)
                status = re.match(rb"HTTP/1\.[01] (\d{3}) ", received)
                if status is None:
                    self.assertEqual(received, b"", "no answer, or one that is HTTP")
                    self.fail("the connection ended without a word")
                self.assertIn(int(status[1]), right, received[:300])
                head, _, body = received.partition(b"\r\n\r\n")
                if int(status[1]) >= 400:
                    self.assertIn(b"application/problem+json", head)
                    self.assertEqual(json.loads(body)["status"], int(status[1]), "one answer, and nothing behind it")
        self.assertEqual(self.client.get("/healthz").status, 200)
        started = [run for run in self.client.get("/v1/runs").json["runs"]]
        self.assertLessEqual(len(started), 1, "what is refused starts nothing")

    def test_a_second_request_hidden_in_the_first_is_not_seen(self):
        self.serve()
        hidden = b"GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for fields in [
            b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(hidden),
            b"Transfer-Encoding: xchunked\r\n",
            b"Transfer-Encoding : chunked\r\n",
        ]:
            received = self.client.raw(POST + fields + END + b"0\r\n\r\n" + hidden, patience_s=15, end=True)
            self.assertEqual(received.count(b"HTTP/1.1 "), 1, received[:600])
            self.assertRegex(received, rb"^HTTP/1.1 400 ")

    def test_requests_that_are_sent_at_once_are_answered_in_their_order(self):
        self.serve()
        asked = b"".join(
            b"GET /v1/workflows/test/%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % name for name in [b"greet", b"nobody", b"long"]
        )
        received = self.client.raw(asked + GET + CLOSE + END, patience_s=15)
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d{3})", received), [b"200", b"404", b"200", b"200"])

    def test_a_body_is_asked_for_when_the_client_wants_to_be_asked(self):
        self.serve()
        with socket.create_connection((self.client.host, self.client.port), timeout=15) as connection:
            connection.sendall(POST + b"Expect: 100-continue\r\nPrefer: wait=9\r\nContent-Length: 2\r\n" + CLOSE + END)
            self.assertEqual(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b"{}")
            self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 OK"))

    def test_who_sends_nothing_more_is_left_alone_by_all_others(self):
        self.serve()
        idle = [socket.create_connection((self.client.host, self.client.port)) for _ in range(200)]
        for number, connection in enumerate(idle):
            connection.sendall([b"", b"G", GET, POST + b"Content-Length: 10\r\n\r\n{"][number % 4])
        begin = time.monotonic()
        self.assertEqual(self.client.post("/v1/workflows/test/greet/runs", {}, Prefer="wait=30").status, 200)
        self.assertLess(time.monotonic() - begin, 10)
        for connection in idle:
            connection.close()

    def test_a_client_that_leaves_while_it_waits_costs_nothing_but_its_answer(self):
        self.serve()
        for _ in range(20):
            connection = socket.create_connection((self.client.host, self.client.port))
            connection.sendall(start(b"{}").replace(b"greet", b"long").replace(CLOSE, b"Prefer: wait=1\r\n"))
            connection.close()
        self.await_that("the runs", lambda: len(self.client.get("/v1/runs").json["runs"]) == 20)
        self.assertEqual(self.client.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
