"""What tests of the command share, on top of tests/support/harness.py."""
import json
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import BINARY, PATIENCE_S, EndToEnd  # noqa: E402,F401


class CommandTest(EndToEnd):
    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_text(self, text, *arguments, exit_code=0, name="workflow.yaml", stdin=None):
        return self.cairn("run", self.write(name, text), *arguments, exit_code=exit_code, stdin=stdin)

    def start_text(self, text, *arguments, name="workflow.yaml"):
        return self.start("run", self.write(name, text), *arguments)

    def json_of(self, *arguments, exit_code=0):
        return json.loads(self.cairn(*arguments, "--json", exit_code=exit_code).stdout)

    def runs(self, *arguments):
        return self.json_of("runs", *arguments)

    def await_status(self, status, run="last"):
        def there():
            result = self.cairn("show", run, "--json", exit_code=None)
            return result.returncode == 0 and json.loads(result.stdout)["status"] == status

        self.await_that(f"run {run} to be {status}", there)
        return self.json_of("show", run)

    def end_of(self, process):
        """(exit code, stdout, stderr) of a process that ends by itself."""
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.communicate()
