"""An HTTP server that behaves as its paths say: well, slowly, or badly.

Usage: stand_in.py [CERT KEY]   Prints "PORT PID" on its first line and serves until killed.
"""
import base64
import ctypes
import gzip
import json
import os
import select
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

counts = {"connections": 0, "aborted": 0, "posts": 0, "documents": 0}
lock = threading.Lock()
documents = os.path.join(os.path.dirname(os.path.abspath(__file__)), "openapi")


def count(name):
    with lock:
        counts[name] += 1


class StandIn(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes

    def setup(self):
        super().setup()
        count("connections")
        self.served = 0

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content_type=None, headers=(), reason=None):
        self.send_response(status, reason)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_json(self, value, status=200, headers=()):
        self.answer(status, json.dumps(value).encode(), "application/json", headers)

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def handle_any(self):
        self.served += 1
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8", "replace")
        words = parts.path.strip("/").split("/")
        action = getattr(self, "on_" + words[0].replace("-", "_"), None)
        if action is None:
            self.answer(404, b"nothing here", "text/plain")
        else:
            action(words[1:], query, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_BREW = handle_any

    # --- well behaved ------------------------------------------------------------------------------------------------
    def on_echo(self, words, query, body):
        headers = {}
        for name, value in self.headers.items():
            headers[name.lower()] = value
        self.answer_json({"method": self.command, "path": self.path, "headers": headers, "body": body})

    def on_count(self, words, query, body):
        self.answer_json(counts[words[0]])

    def on_status(self, words, query, body):
        self.answer(int(words[0]), (query.get("body") or [""])[0].encode(), "text/plain",
                    [("Location", query["location"][0])] if "location" in query else (),
                    (query.get("reason") or [None])[0])

    def on_content(self, words, query, body):
        """The body given in base64, under the content type given (or none)."""
        self.answer(200, base64.b64decode(query["body"][0]), (query.get("type") or [None])[0])

    def on_gzip(self, words, query, body):
        self.answer(200, gzip.compress(b'{"packed": true}'), "application/json", [("Content-Encoding", "gzip")])

    def on_chunked(self, words, query, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b'{"a":', b"1,", b'"b":2}'):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(0.005)
        self.wfile.write(b"0\r\n\r\n")

    def on_headers(self, words, query, body):
        self.answer(200, b"{}", "application/json", [("set-cookie", "a=1"), ("Set-Cookie", "b=2"), ("x-lower-CASE", "v")])

    def on_redirect(self, words, query, body):
        left = int(words[0])
        target = "/echo" if left == 1 else "/redirect/%d" % (left - 1)
        self.answer(302, b"moved", "text/plain", [("Location", target)])

    def on_redirect_to(self, words, query, body):
        self.answer(int(words[0]), b"", None, [("Location", query["url"][0])])

    def on_login(self, words, query, body):
        expected = "Basic " + base64.b64encode(b"ada:love:lace").decode()
        if self.headers.get("Authorization") == expected:
            self.answer_json({"welcome": "ada"})
        else:
            self.answer(401, b"who are you?", "text/plain", [("WWW-Authenticate", "Basic")])

    def on_document(self, words, query, body):
        count("documents")
        with open(os.path.join(documents, words[0]), "rb") as file:
            self.answer(200, file.read(), "application/yaml" if words[0].endswith("yaml") else "application/json")

    # --- slow --------------------------------------------------------------------------------------------------------
    def on_slow(self, words, query, body):
        """Waits, and notices when the client goes away."""
        readable, _, _ = select.select([self.connection], [], [], int(words[0]) / 1000)
        if readable:
            count("aborted")
            self.close_connection = True
        else:
            self.answer_json("at last")

    # --- badly behaved -----------------------------------------------------------------------------------------------
    def on_half(self, words, query, body):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nonly this")

    def on_garbage(self, words, query, body):
        self.raw(b"SSH-2.0-not-http\r\n")

    def on_silence(self, words, query, body):
        self.close_connection = True

    def on_once(self, words, query, body):
        """Serves the first request of a connection; takes the second and closes without an answer."""
        if self.command == "POST":
            count("posts")
        if self.served == 1:
            self.answer_json("first")
        else:
            self.close_connection = True

    def on_broken_gzip(self, words, query, body):
        self.answer(200, b"this is not gzip at all", "text/plain", [("Content-Encoding", "gzip")])

    def on_bomb(self, words, query, body):
        self.answer(200, gzip.compress(b"\0" * (40 << 20)), "text/plain", [("Content-Encoding", "gzip")])

    def on_big(self, words, query, body):
        self.answer(200, b"x" * int(words[0]), "text/plain")

    def on_big_headers(self, words, query, body):
        self.raw(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"v" * 8000) for i in range(40)) +
                 b"Content-Length: 0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """Clients that go away are part of the play."""


ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL: a test that crashes leaves no server behind
server = Server(("127.0.0.1", 0), StandIn)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], os.getpid(), flush=True)
server.serve_forever()
