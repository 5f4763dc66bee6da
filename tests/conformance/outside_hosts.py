"""Stand-ins for the hosts that the conformance kit calls: https://petstore.swagger.io and https://httpbin.org.

One HTTP proxy on loopback. It takes CONNECT for these hosts only, and plays each of them itself behind TLS, with a
certificate of a CA made for this occasion. So a client that is told of the proxy and of the CA does all it would do
with the real ones, verification included.
"""
import base64
import http.server
import json
import pathlib
import socketserver
import ssl
import subprocess
import threading
import urllib.parse

HOSTS = ("petstore.swagger.io", "httpbin.org")

PETS = [
    {"id": 1, "category": {"id": 1, "name": "dog"}, "name": "Milou", "photoUrls": [], "tags": [], "status": "available"},
    {"id": 2, "category": {"id": 2, "name": "cat"}, "name": "Gaston", "photoUrls": [], "tags": [], "status": "pending"},
    {"id": 3, "category": {"id": 1, "name": "dog"}, "name": "Rantanplan", "photoUrls": [], "tags": [], "status": "available"},
]

_STATUS_PARAMETER = {
    "name": "status", "in": "query", "required": True, "type": "array", "collectionFormat": "multi",
    "items": {"type": "string", "enum": ["available", "pending", "sold"]},
}
_PET_ID_PARAMETER = {"name": "petId", "in": "path", "required": True, "type": "integer", "format": "int64"}
_ANSWERS = {"200": {"description": "as asked"}}
PET_STORE_API = {
    "swagger": "2.0",
    "info": {"title": "A stand-in for the pet store", "version": "1.0.0"},
    "host": "petstore.swagger.io",
    "basePath": "/v2",
    "schemes": ["https"],
    "paths": {
        "/pet/findByStatus": {
            "get": {"operationId": "findPetsByStatus", "produces": ["application/json"], "parameters": [_STATUS_PARAMETER], "responses": _ANSWERS}
        },
        "/pet/{petId}": {
            "get": {"operationId": "getPetById", "produces": ["application/json"], "parameters": [_PET_ID_PARAMETER], "responses": _ANSWERS}
        },
    },
}


def pet_store(path, query, _):
    """(status, JSON) of a GET."""
    if path == "/v2/swagger.json":
        return 200, PET_STORE_API
    if path == "/v2/pet/findByStatus":
        wanted = {status for value in query.get("status", []) for status in value.split(",")}
        return 200, [pet for pet in PETS if pet["status"] in wanted]
    for pet in PETS:
        if path == f"/v2/pet/{pet['id']}":
            return 200, pet
    return 404, {"code": 1, "type": "error", "message": "Pet not found"}


def http_bin(path, _, headers):
    parts = path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "basic-auth":
        return 404, {"message": "not played by this stand-in"}
    user, password = (urllib.parse.unquote(part) for part in parts[1:])
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if headers.get("Authorization") != expected:
        return 401, {"authenticated": False}
    return 200, {"authenticated": True, "user": user}


class _Host(http.server.BaseHTTPRequestHandler):
    """One connection, inside TLS."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        host = self.headers.get("Host", "").removesuffix(":443")
        play = {"petstore.swagger.io": pet_store, "httpbin.org": http_bin}.get(host)
        status, answer = 421, {"message": f"'{host}' is not played here"}
        if play:
            status, answer = play(path, urllib.parse.parse_qs(query), self.headers)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="stand-in"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        self.close_connection = True
        host, _, port = self.path.rpartition(":")
        if host not in HOSTS or port != "443":
            self.send_error(403, "this proxy leads to stand-ins only")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            with self.server.contexts[host].wrap_socket(self.connection, server_side=True) as secure:
                _Host(secure, self.client_address, self.server)
        except OSError:
            pass  # a client that breaks off is that client's affair

    def do_GET(self):
        self.close_connection = True
        self.send_error(403, "this proxy leads to stand-ins only")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET


class OutsideHosts:
    """The proxy, running. `environment()` tells a cairn to use it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca_file = self.folder / "ca.pem"
        self._make_ca()
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Proxy)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.contexts = {host: self._context(host) for host in HOSTS}
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def environment(self):
        port = self.server.server_address[1]
        return {"CAIRN_HTTP_PROXY": f"http://127.0.0.1:{port}", "CAIRN_HTTP_CA_FILE": str(self.ca_file)}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _openssl(self, *arguments):
        result = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]} failed: {result.stderr}")

    def _make_ca(self):
        # A configuration of our own: what the machine's openssl.cnf adds must not matter.
        (self.folder / "ca.cnf").write_text(
            "[req]\ndistinguished_name=name\nprompt=no\nx509_extensions=ca\n[name]\nCN=cairn conformance stand-in\n"
            "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n")
        self._openssl("req", "-x509", "-config", "ca.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-days", 2, "-keyout", "ca.key", "-out", "ca.pem")

    def _context(self, host):
        (self.folder / f"{host}.cnf").write_text(
            f"[req]\ndistinguished_name=name\nprompt=no\n[name]\nCN={host}\n[leaf]\nsubjectAltName=DNS:{host}\n"
            "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
        self._openssl("req", "-new", "-config", f"{host}.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-keyout", f"{host}.key", "-out", f"{host}.csr")
        self._openssl("x509", "-req", "-in", f"{host}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", 1 + HOSTS.index(host),
                      "-days", 2, "-extfile", f"{host}.cnf", "-extensions", "leaf", "-out", f"{host}.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{host}.pem", self.folder / f"{host}.key")
        context.set_alpn_protocols(["http/1.1"])
        return context
