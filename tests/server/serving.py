"""The server of one test: the real binary, serving a folder of workflows."""
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]
from harness import EndToEnd  # noqa: E402
from http_client import Client  # noqa: E402

GREET = """
document: {dsl: '1.0.3', namespace: test, name: greet, version: '1.0.0', title: Says hello}
input: {schema: {format: json, document: {type: object, properties: {name: {type: string}}}}}
do:
- hello: {set: {text: '${ "Hello, " + (.name // "you") }'}}
"""
FAIL = """
document: {dsl: '1.0.3', namespace: test, name: fail, version: '1.0.0'}
do:
- stop: {raise: {error: {type: https://example.com/out-of-stock, status: 410, title: Out of stock, detail: none left}}}
"""
LONG = """
document: {dsl: '1.0.3', namespace: test, name: long, version: '1.0.0'}
do:
- pause: {wait: {hours: 1}}
"""
ASK = """
document: {dsl: '1.0.3', namespace: test, name: ask, version: '1.0.0'}
do:
- hear: {listen: {to: {one: {with: {type: com.example.paid}}}}}
"""


class ServerTest(EndToEnd):
    WORKFLOWS = {"greet": GREET, "fail": FAIL, "long": LONG, "ask": ASK}

    def setUp(self):
        super().setUp()
        (self.folder / "workflows").mkdir()
        for name, text in self.WORKFLOWS.items():
            (self.folder / "workflows" / f"{name}.yaml").write_text(text)

    def serve(self, *arguments):
        process = self.start("serve", "--workflows", self.folder / "workflows", *arguments)
        seen = ""
        while "cairn: serving " not in seen:
            line = process.stderr.readline()
            if not line:
                self.fail(f"cairn serve ended: {seen}")
            seen += line
        self.client = Client(re.search(r"listening at (http://\S+)", seen).group(1))
        return process
