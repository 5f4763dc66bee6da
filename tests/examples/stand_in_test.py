"""The service of the examples keeps its own promises: what tests prove with it is worth no more than this."""
import http.client
import pathlib
import socket
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import StandIn  # noqa: E402

CONTACT = {"email": "a@b.example"}


class Service(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.service = StandIn(folder.name)
        self.addCleanup(self.service.close)

    def post(self, path="/crm/contacts", body=CONTACT, **headers):
        return self.service.request("POST", path, body, {name.replace("_", "-"): text for name, text in headers.items()})

    def test_the_same_key_gives_the_same_answer_and_counts_once(self):
        first = self.post(Idempotency_Key="k")
        again = self.post(Idempotency_Key="k", body={"email": "other@b.example"})
        self.assertEqual(first[:2], again[:2])
        self.assertEqual(again[2]["Idempotency-Replayed"], "true")
        self.assertEqual(len(self.service.done("POST", "/crm/contacts")), 1)
        self.assertEqual([line["replayed"] for line in self.service.ledger()], [False, True])

    def test_another_key_counts_again(self):
        self.assertEqual(self.post(Idempotency_Key="k")[1]["revision"], 1)
        self.assertEqual(self.post(Idempotency_Key="l")[1]["revision"], 2)

    def test_a_request_fails_as_often_as_it_asks_to(self):
        fault = {"X_Stand_In": "fail=429;times=2;retry-after=7", "Idempotency_Key": "k"}
        answers = [self.post(**fault) for _ in range(3)]
        self.assertEqual([status for status, _, _ in answers], [429, 429, 201])
        self.assertEqual(answers[0][2]["Retry-After"], "7")
        self.assertEqual(self.post(X_Stand_In="fail=503;times=1", Idempotency_Key="other")[0], 503)

    def test_a_path_can_be_told_to_fail_and_be_forgiven(self):
        self.service.misbehave("/crm/*", method="POST", fail=500)
        self.assertEqual(self.post()[0], 500)
        self.assertEqual(self.service.request("GET", "/crm/contacts")[0], 200)
        self.service.request("DELETE", "/_control")
        self.assertEqual(self.post()[0], 201)

    def test_slow_is_slow(self):
        started = time.monotonic()
        self.post(X_Stand_In="slow=200ms")
        self.assertGreaterEqual(time.monotonic() - started, 0.2)

    def test_a_dropped_answer_leaves_the_work_done_only_if_told_so(self):
        for drop, done in (("drop", 0), ("drop=after", 1)):
            with self.subTest(drop), self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
                self.post(X_Stand_In=drop, Idempotency_Key=drop)
            self.assertEqual(len(self.service.done("POST", "/crm/contacts")), done)
        self.assertEqual(self.post(Idempotency_Key="drop=after")[2]["Idempotency-Replayed"], "true")

    def test_a_request_that_hangs_is_in_the_ledger_and_gets_nothing(self):
        port = int(self.service.address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=0.3) as connection:
            connection.sendall(b"GET /quotes/swift?stand-in=hang HTTP/1.1\r\nHost: x\r\n\r\n")
            with self.assertRaises(TimeoutError):
                connection.recv(1)
        self.assertEqual(self.service.ledger()[0]["fault"], "hang")

    def test_nonsense_is_refused(self):
        self.assertEqual(self.post(X_Stand_In="explode")[0], 400)
        self.assertEqual(self.service.request("GET", "/nowhere")[0], 404)
        self.assertEqual(self.service.request("DELETE", "/crm/contacts")[0], 405)
        self.assertEqual(self.post(body={})[0], 400)
        self.assertEqual(self.service.request("POST", "/_control", {"path": "/x", "tims": 1})[0], 400)


if __name__ == "__main__":
    unittest.main()
