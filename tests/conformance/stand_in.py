"""A small HTTP service on loopback that a test case scripts: it answers as told and remembers what it was asked.

Routes are {"METHOD /path": answer or [answer, …]}; of a list each request takes the next, and the last stays.
An answer is {status, headers, json | text | base64, delay_ms, drop}; `drop: true` closes the connection unanswered.
Whatever lies under /echo answers with the request itself, as JSON:
  {method, path, query, headers, body}: path as it was sent, names of headers in lower case, a repeated query name as a list.
"""
import base64
import http.server
import json
import threading
import time
import urllib.parse


def described(handler, body):
    """A request as data."""
    path, _, query = handler.path.partition("?")
    parameters = {}
    for name, values in urllib.parse.parse_qs(query, keep_blank_values=True).items():
        parameters[name] = values[0] if len(values) == 1 else values
    headers = {name.lower(): value for name, value in handler.headers.items()}
    text = body.decode("utf-8", "replace")
    content = None if not body else text
    if body and "json" in headers.get("content-type", ""):
        content = json.loads(text)
    return {"method": handler.command, "path": path, "query": parameters, "headers": headers, "body": content}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = described(self, body)
        with self.server.lock:
            self.server.requests.append(request)
            answer = self.next_answer(request)
        time.sleep(answer.get("delay_ms", 0) / 1000)
        if answer.get("drop"):
            self.close_connection = True
            return
        headers = dict(answer.get("headers", {}))
        content = b""
        if "json" in answer:
            content = json.dumps(answer["json"]).encode()
            headers.setdefault("Content-Type", "application/json")
        elif "text" in answer:
            content = answer["text"].encode()
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        elif "base64" in answer:
            content = base64.b64decode(answer["base64"])
            headers.setdefault("Content-Type", "application/octet-stream")
        self.send_response(answer.get("status", 200))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the client broke off, as some cases have it do

    def next_answer(self, request):
        if request["path"].startswith("/echo"):
            return {"json": request}
        route = self.server.routes.get(f"{request['method']} {request['path']}")
        if route is None:
            return {"status": 404, "text": "no such route"}
        if isinstance(route, list):
            return route.pop(0) if len(route) > 1 else route[0]
        return route

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer


class StandIn:
    """Serves until closed; `routes` are set before the first request comes."""

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.lock = threading.Lock()
        self.server.requests = []
        self.server.routes = {}
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def requests(self):
        with self.server.lock:
            return list(self.server.requests)

    def serve(self, routes):
        self.server.routes = routes

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
