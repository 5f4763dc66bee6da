"""What end-to-end tests in Python share: the real binary on a data directory of its own, and the stand-in service.

The binary is $CAIRN_BINARY_DIR/cairn (ctest sets it), build/release/cairn without it. Everything a test starts, it ends.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
BINARY = pathlib.Path(os.environ.get("CAIRN_BINARY_DIR", ROOT / "build/release")) / "cairn"
PATIENCE_S = 60  # for anything that should take a second or ten, on a slow machine or under a sanitizer


class StandIn:
    """examples/service/stand_in.py on a free port, with its ledger in `folder`."""

    def __init__(self, folder, *arguments):
        self.ledger_path = pathlib.Path(folder) / "ledger.jsonl"
        command = [sys.executable, "-B", EXAMPLES / "service/stand_in.py", "--port", "0", "--ledger", self.ledger_path]
        self.process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
        self.address = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()

    def request(self, method, path, body=None, headers=None):
        """(status, JSON value, headers) of a request of the test's own."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return response.status, json.load(response), response.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error), error.headers

    def misbehave(self, path, **fault):
        """fail=503, times=2, delayMs=…, retryAfter=…, hang=True, drop="before"|"after"."""
        status, answer, _ = self.request("POST", "/_control", {"path": path, **fault})
        assert status == 200, answer

    def ledger(self, method=None, path=None):
        """The lines so far, of one method and of paths that begin with `path`."""
        lines = [json.loads(line) for line in self.ledger_path.read_text().splitlines()]
        return [l for l in lines if method in (None, l["method"]) and l["path"].startswith(path or "/")]

    def done(self, method, path):
        """Those for which work was done."""
        return [line for line in self.ledger(method, path) if line["done"]]


class EndToEnd(unittest.TestCase):
    """A test with a folder, a data directory in it, and the binary; stand_in() adds the service."""

    def setUp(self):
        if not BINARY.exists():
            self.fail(f"there is no {BINARY}; ./dev build makes it")
        folder = tempfile.TemporaryDirectory(prefix="cairn-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
        self.environment["CAIRN_DATA"] = str(self.folder / "data")
        self.environment["CAIRN_SERVER_LISTEN"] = "127.0.0.1:0"  # tests run beside each other

    def stand_in(self, *arguments):
        service = StandIn(self.folder, *arguments)
        self.addCleanup(service.close)
        return service

    def cairn(self, *arguments, exit_code=0, stdin=None):
        """Runs a command to its end; fails unless it exits with exit_code (None: any)."""
        result = subprocess.run(
            [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, text=True, timeout=PATIENCE_S,
        )
        if exit_code is not None and result.returncode != exit_code:
            self.fail(
                f"cairn {' '.join(map(str, arguments))}\nexited with {result.returncode}, expected {exit_code}\n"
                f"stdout: {result.stdout[-4000:]}\nstderr: {result.stderr[-4000:]}"
            )
        return result

    def start(self, *arguments):
        """Starts a command in the background; it is killed at the end of the test if it still runs."""
        process = subprocess.Popen(
            [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def await_that(self, what, condition, patience_s=PATIENCE_S):
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"waited in vain for: {what}")
            time.sleep(0.02)
