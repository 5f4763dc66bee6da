"""An OAuth authority of our own, which checks what it is sent.

Usage: authority.py PUBLIC_KEY   Prints "PORT PID" on its first line and serves until killed. GET /asked tells how often a token was asked for.
Tokens say which request they came of. Paths: /token (by client), /short (tokens that live a second), /rotating (a refresh
token with each), /hang, /huge, /drop, /protected (takes the newest token only).
"""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

public_key = sys.argv[1] if len(sys.argv) > 1 else None
asked = []
refused = set()
lock = threading.Lock()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def der_of(signature):
    """A pair of numbers as openssl reads it."""
    def number(half):
        half = half.lstrip(b"\0") or b"\0"
        half = (b"\0" if half[0] & 0x80 else b"") + half
        return b"\x02" + bytes([len(half)]) + half
    body = number(signature[:len(signature) // 2]) + number(signature[len(signature) // 2:])
    return b"\x30" + bytes([len(body)]) + body


def check_assertion(fields, endpoint):
    assert fields["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    text, _, signature = fields["client_assertion"].rpartition(".")
    head, claims = (json.loads(decoded(part)) for part in text.split("."))
    assert claims["iss"] == claims["sub"] == "me" and claims["aud"] == endpoint, claims
    assert claims["iat"] <= time.time() + 5 and 0 < claims["exp"] - time.time() <= 300 and len(claims["jti"]) >= 16
    signature = decoded(signature)
    if head["alg"] == "HS256":
        expected = hmac.new(b"shared-secret", text.encode(), hashlib.sha256).digest()
        assert hmac.compare_digest(signature, expected), "signature"
        return
    if head["alg"].startswith("ES"):
        signature = der_of(signature)
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", public_key, "-signature", file.name],
                       input=text.encode(), check=True, capture_output=True)


class Authority(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, value, status=200):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/asked":
            return self.answer(len(asked))
        if self.path == "/grants":
            return self.answer([fields.get("grant_type") for fields in asked])
        if self.path == "/protected":
            good = self.headers.get("Authorization") == f"Bearer token-{len(asked)}"
            return self.answer({"with": self.headers.get("Authorization")}, 200 if good else 401)
        return self.answer({"authorization": self.headers.get("Authorization")})

    def do_POST(self):
        fields = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        with lock:
            asked.append(fields)
            number = len(asked)
        endpoint = f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"
        try:
            if "client_assertion" in fields:
                check_assertion(fields, endpoint)
        except (AssertionError, subprocess.CalledProcessError, ValueError) as why:
            return self.answer({"error": "invalid_client", "error_description": repr(why)}, 401)
        token = {"access_token": f"token-{number}", "token_type": "Bearer", "expires_in": 3600}
        if self.path == "/hang":
            time.sleep(60)
        if self.path == "/huge":
            token["padding"] = "x" * (1 << 20)
        if self.path == "/drop":
            self.close_connection = True
            return None
        if self.path == "/slow":
            time.sleep(0.3)
        if self.path == "/short":
            token["expires_in"] = "1"
        if self.path == "/then-down":
            token["expires_in"] = 4
            if number > 1:
                return self.answer({"error": "temporarily_unavailable"}, 503)
        if self.path == "/rotating":
            token |= {"expires_in": 1, "refresh_token": f"refresh-{number}"}
            if fields["grant_type"] == "refresh_token" and fields["refresh_token"] != f"refresh-{number - 1}":
                return self.answer({"error": "invalid_grant"}, 400)
        return self.answer(token)


server = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
server.daemon_threads = True
print(server.server_address[1], os.getpid(), flush=True)
server.serve_forever()
