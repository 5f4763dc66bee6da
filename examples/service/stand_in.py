#!/usr/bin/env python3
"""A small HTTP service that stands in for the outside systems of the examples, and misbehaves on request.

    stand_in.py [--port N] [--ledger FILE] [--fault 'PATH=FAULT']...

It listens on 127.0.0.1 only and prints the port it bound, alone on a line (--port 0: any free one).

Idempotency. A request with an Idempotency-Key whose work was done before gets the first answer again, marked with the
header Idempotency-Replayed, and nothing is done twice. Refused requests are not remembered: they did nothing.

Faults. Said by a request for itself, in the header X-Stand-In or the query parameter stand-in, or for all requests to a
path (a trailing * matches any end) with --fault or POST /_control. Words joined by semicolons:

    fail=503        answer this status                times=2       only the first two times, then behave (per path and
    retry-after=1   with Retry-After: 1                             Idempotency-Key for a request's own fault)
    slow=500ms      wait before answering (ms or s)   hang          never answer
    drop            close the connection at once      drop=after    do the work, then close without an answer

POST /_control takes {"path": …, "method": "POST", "fail": 503, "times": 2, "delayMs": 500, "retryAfter": 1, "hang": true,
"drop": "after"}, of which only the path must be there;
DELETE /_control forgets all faults. GET /_ledger gives every request so far; GET /_health says {"status": "up"}.

Ledger. One JSON line a request, written before its answer leaves: number, method, path, query, idempotencyKey, status
(0: no answer was given), replayed, done (whether work was done for it), fault, body.
"""
import argparse
import collections
import http.server
import json
import signal
import sys
import threading
import urllib.parse

from systems import Refusal, Systems

LONGEST_BODY = 16 * 1024 * 1024


def parse_fault(text):
    """'fail=503;times=2;slow=500ms' → {"fail": 503, "times": 2, "delayMs": 500}"""
    fault = {}
    for word in filter(None, (w.strip() for w in text.split(";"))):
        name, _, value = word.partition("=")
        if name in ("fail", "times"):
            fault[name] = int(value)
        elif name == "retry-after":
            fault["retryAfter"] = int(value)
        elif name == "slow":
            fault["delayMs"] = int(value[:-2]) if value.endswith("ms") else int(float(value.rstrip("s")) * 1000)
        elif name == "hang":
            fault["hang"] = True
        elif name == "drop":
            fault["drop"] = value or "before"
        else:
            raise ValueError(f"unknown fault '{word}'")
    return fault


class StandIn:
    """What all requests share; everything but waiting happens under one lock."""

    def __init__(self, ledger_path=None):
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.systems = Systems()
        self.faults = []  # those of paths: {"path", …, "times": left, or none}
        self.own_faults = collections.Counter()  # how often a request's own fault was used
        self.answers = {}  # (method, path, key) → (status, value)
        self.ledger = []
        self.ledger_file = open(ledger_path, "a", encoding="utf-8") if ledger_path else None

    def add_fault(self, path, fault):
        with self.lock:
            self.faults.append({**fault, "path": path})

    def forget_faults(self):
        with self.lock:
            self.faults.clear()

    def take_fault(self, method, path, key, own):
        """The fault this request meets, if any; counts it."""
        with self.lock:
            if own:
                used = (method, path, key)
                if self.own_faults[used] < own.get("times", sys.maxsize):
                    self.own_faults[used] += 1
                    return own
            for fault in self.faults:
                pattern = fault["path"]
                hit = path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
                if hit and fault.get("method", method) == method and fault.get("times", 1) > 0:
                    if "times" in fault:
                        fault["times"] -= 1
                    return fault
        return {}

    def work(self, method, path, query, key, body):
        """(status, value, whether it is an earlier answer)."""
        with self.lock:
            if key and (method, path, key) in self.answers:
                return *self.answers[(method, path, key)], True
            try:
                status, value = self.systems.answer(method, path, query, body)
            except Refusal as refusal:
                return refusal.status, problem(refusal.status, refusal.title, refusal.detail), False
            if key and method != "GET":
                self.answers[(method, path, key)] = (status, value)
            return status, value, False

    def record(self, **line):
        with self.lock:
            line = {"number": len(self.ledger) + 1, **line}
            self.ledger.append(line)
            if self.ledger_file:
                self.ledger_file.write(json.dumps(line) + "\n")
                self.ledger_file.flush()


def problem(status, title, detail=""):
    return {"type": "about:blank", "status": status, "title": title, "detail": detail}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stand-in"
    disable_nagle_algorithm = True

    def handle_request(self):
        stand_in = self.server.stand_in
        url = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(url.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            self.close_connection = True
            return self.send(413, problem(413, "Content Too Large"))
        text = self.rfile.read(length)
        try:
            body = json.loads(text) if text else None
            own = parse_fault(self.headers.get("X-Stand-In") or query.pop("stand-in", ""))
        except ValueError as error:
            return self.send(400, problem(400, "Bad Request", str(error)))
        if path.startswith("/_"):
            return self.control(path, body)

        key = self.headers.get("Idempotency-Key")
        about = {"method": self.command, "path": path, "query": query, "idempotencyKey": key}
        fault = stand_in.take_fault(self.command, path, key, own)
        stand_in.stopping.wait(fault.get("delayMs", 0) / 1000)
        if fault.get("hang") or fault.get("drop") == "before":
            stand_in.record(**about, status=0, replayed=False, done=False, fault="hang" if fault.get("hang") else "drop", body=body)
            if fault.get("hang"):
                stand_in.stopping.wait()
            return self.drop()
        if "fail" in fault:
            status = fault["fail"]
            stand_in.record(**about, status=status, replayed=False, done=False, fault="fail", body=body)
            headers = {"Retry-After": str(fault["retryAfter"])} if "retryAfter" in fault else {}
            return self.send(status, problem(status, "Told to fail", f"{path} was told to answer {status}"), headers)

        status, value, replayed = stand_in.work(self.command, path, query, key, body)
        done = status < 400 and not replayed
        if fault.get("drop") == "after":
            stand_in.record(**about, status=0, replayed=replayed, done=done, fault="drop=after", body=body)
            return self.drop()
        stand_in.record(**about, status=status, replayed=replayed, done=done, fault=None, body=body)
        return self.send(status, value, {"Idempotency-Replayed": "true"} if replayed else {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def control(self, path, body):
        stand_in = self.server.stand_in
        if path == "/_health":
            return self.send(200, {"status": "up"})
        if path == "/_ledger":
            with stand_in.lock:
                lines = list(stand_in.ledger)
            return self.send(200, lines)
        if path == "/_control" and self.command == "DELETE":
            stand_in.forget_faults()
            return self.send(200, {})
        if path == "/_control" and self.command == "POST":
            known = {"path", "method", "fail", "times", "delayMs", "retryAfter", "hang", "drop"}
            if not isinstance(body, dict) or "path" not in body or body.keys() - known:
                return self.send(400, problem(400, "Bad Request", f"an object of path and any of {sorted(known - {'path'})}"))
            fault = {name: value for name, value in body.items() if name != "path"}
            if fault.get("drop") is True:
                fault["drop"] = "before"
            stand_in.add_fault(body["path"], fault)
            return self.send(200, {})
        return self.send(404, problem(404, "Not Found", f"nothing lives at {path}"))

    def send(self, status, value, headers=None):
        content = json.dumps(value).encode()
        bodyless = status in (204, 304) or status < 200
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json" if status >= 400 else "application/json")
        self.send_header("Content-Length", "0" if bodyless else str(len(content)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        if not bodyless:
            self.wfile.write(content)

    def drop(self):
        self.close_connection = True

    def log_message(self, *_):
        """The ledger says it better."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, stand_in):
        self.stand_in = stand_in
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request, client_address):
        """A client that goes away in the middle (they get killed here) is no error; anything else is ours to see."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def main():
    arguments = argparse.ArgumentParser(description="Stands in for the outside systems of the examples.")
    arguments.add_argument("--port", type=int, default=8431, help="0 takes any free one (default: %(default)s)")
    arguments.add_argument("--ledger", help="append every request to this file, one JSON line each")
    arguments.add_argument("--fault", action="append", default=[], metavar="PATH=FAULT", help="e.g. '/crm/*=fail=503;times=2'")
    options = arguments.parse_args()
    stand_in = StandIn(options.ledger)
    for text in options.fault:
        path, _, fault = text.partition("=")
        stand_in.add_fault(path, parse_fault(fault))
    try:
        server = Server(options.port, stand_in)
    except OSError as error:
        sys.exit(f"stand_in.py: cannot listen on port {options.port}: {error.strerror}. Choose another with --port, or 0.")
    print(server.server_address[1], flush=True)

    def stop(*_):
        stand_in.stopping.set()
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.05)


if __name__ == "__main__":
    main()
