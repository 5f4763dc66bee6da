"""What a definition takes from outside is fetched once, when it is taken in, and kept with the run."""
import http.server
import json
import threading
import unittest

from cli import CommandTest
from workflows import workflow

GREETS = workflow("  - pause: {wait: {seconds: 1}}\n  - a: {call: 'greet:1.0.0', with: {name: Ada}}\n")
FUNCTION = "team/functions/greet/1.0.0/function.yaml"


class Reuse(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("cairn.yaml", "catalog: team\n")
        self.write("workflow.yaml", GREETS)
        self.write(FUNCTION, "set: {greeting: '${ \"Hello \" + .name }'}\n")

    def test_a_run_keeps_what_it_was_started_with(self):
        process = self.start("run", "workflow.yaml")
        self.await_status("waiting")
        self.kill(process)
        self.write(FUNCTION, "set: {greeting: changed}\n")
        self.assertEqual(self.cairn("resume", "last").stdout, '{"greeting":"Hello Ada"}\n')
        (self.folder / FUNCTION).unlink()
        self.cairn("replay", "last", "--verify")
        self.cairn("log", "verify")
        self.assertIn("greet:1.0.0@default", self.cairn("show", "last").stdout)

    def test_new_runs_take_what_the_catalog_has_now(self):
        self.assertEqual(self.cairn("run", "workflow.yaml").stdout, '{"greeting":"Hello Ada"}\n')
        self.write(FUNCTION, "set: {greeting: changed}\n")
        self.assertEqual(self.cairn("run", "workflow.yaml").stdout, '{"greeting":"changed"}\n')
        first = self.runs()[-1]["id"]
        self.cairn("replay", first, "--verify")

    def test_the_key_of_a_start_tells_bundles_apart(self):
        self.cairn("run", "workflow.yaml", "--id", "k")
        self.cairn("run", "workflow.yaml", "--id", "k")
        self.write(FUNCTION, "set: {greeting: changed}\n")
        self.assertIn("definition", self.cairn("run", "workflow.yaml", "--id", "k", exit_code=2).stderr)

    def test_validate_fetches_unless_it_is_told_not_to(self):
        (self.folder / FUNCTION).unlink()
        self.assertIn("greet:1.0.0@default", self.cairn("validate", "workflow.yaml", exit_code=2).stderr)
        says = self.cairn("validate", "workflow.yaml", "--offline").stderr
        self.assertIn("warning: the function greet:1.0.0@default has not been fetched", says)

    def test_the_option_names_another_catalog(self):
        self.write("other/functions/greet/1.0.0/function.yaml", "set: {other: true}\n")
        self.assertEqual(self.cairn("run", "workflow.yaml", "--catalog", "other").stdout, '{"other":true}\n')

    def test_a_huge_function_is_refused(self):
        self.write(FUNCTION, "# " + "x" * (3 << 20))
        self.assertIn("2097152 bytes", self.cairn("run", "workflow.yaml", exit_code=2).stderr)
        self.assertFalse((self.folder / "data").exists())

    def test_functions_without_end_are_refused(self):
        class Endless(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                number = int(self.path.split("/")[3].split(".")[0])
                body = f"call: 'f:{number + 1}.0.0'".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            endpoint = f"http://127.0.0.1:{server.server_port}"
            text = workflow("  - a: {call: 'f:1.0.0@c'}\n")
            text += f"use: {{catalogs: {{c: {{endpoint: '{endpoint}'}}}}}}\n"
            says = self.run_text(text, exit_code=2, name="endless.yaml").stderr
            self.assertIn("more than 32 deep", says)
        finally:
            server.shutdown()
            server.server_close()

    def test_a_diagram_has_a_box_for_each_extension(self):
        text = workflow("  - a: {set: {n: 1}}\n")
        text += "use: {extensions: [{log: {extend: set, before: [{say: {set: {x: 1}}}]}}]}\n"
        self.write("extended.yaml", text)
        self.cairn("run", "extended.yaml")
        self.assertIn("extension log: before each set", self.cairn("graph", "extended.yaml", "--run", "last").stdout)
        self.assertIn("log/before", self.cairn("show", "last").stdout)
        self.assertEqual(json.loads(self.cairn("run", "extended.yaml").stdout), {"n": 1})


if __name__ == "__main__":
    unittest.main()
