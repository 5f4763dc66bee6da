"""The binary under test, as conformance tests use it: each run in a data directory of its own.

The binary is $CAIRN (ctest sets it), else build/release/cairn.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CAIRN") or ROOT / "build/release/cairn").resolve()
PATIENCE_S = 30  # for what takes a tenth of a second, on a slow machine or under a sanitizer

# "file:line:column: error: text"
FINDING = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning): (?P<text>.*)$", re.M)


def clean_environment(**extra):
    """Ours without what would configure the binary or send its requests elsewhere."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith("CAIRN") and not name.lower().endswith("_proxy")
    }
    return kept | {"NO_COLOR": "1"} | extra


class Outcome:
    """What a command left behind."""

    def __init__(self, command, result):
        self.command = command
        self.exit_code = result.returncode
        self.stdout = result.stdout
        self.stderr = result.stderr

    def json(self):
        return json.loads(self.stdout)

    def problem(self):
        """The RFC 7807 object on stderr of a run that faulted, or None."""
        decoder = json.JSONDecoder()
        for start in re.finditer(r"^\{", self.stderr, re.M):
            try:
                value, _ = decoder.raw_decode(self.stderr, start.start())
            except ValueError:
                continue
            if isinstance(value, dict) and "type" in value and "status" in value:
                return value
        return None

    def findings(self, kind):
        """[(line, text)] of the errors or warnings on stderr."""
        return [
            (int(found["line"]), found["text"])
            for found in FINDING.finditer(self.stderr) if found["kind"] == kind
        ]

    def __str__(self):
        return (
            f"$ cairn {' '.join(self.command)}\nexit {self.exit_code}\n"
            f"stdout: {self.stdout[-3000:]}\nstderr: {self.stderr[-3000:]}"
        )


class Cairn:
    """The command in `folder`, whose data directory is folder/data."""

    def __init__(self, folder, **environment):
        self.folder = pathlib.Path(folder)
        self.environment = clean_environment(CAIRN_DATA=str(self.folder / "data"), **environment)

    def __call__(self, *arguments):
        command = [str(argument) for argument in arguments]
        result = subprocess.run(
            [BINARY, *command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=PATIENCE_S,
        )
        return Outcome(command, result)

    def run(self, file, workflow_input=None, with_files=(), secrets=None, events=(), answers=()):
        arguments = ["run", file]
        if workflow_input is not None:
            path = self.folder / "input.json"
            path.write_text(json.dumps(workflow_input))
            arguments += ["--input", f"@{path.name}"]
        for other in with_files:
            arguments += ["--with", other]
        for index, event in enumerate(events):
            path = self.folder / f"event-{index}.json"
            path.write_text(json.dumps(event))
            arguments += ["--event", f"@{path.name}"]
        for name, value in (secrets or {}).items():
            arguments += ["--secret", f"{name}={json.dumps(value)}"]
        if not answers:
            return self(*arguments)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            outcome = pool.submit(self, *arguments)
            for answer in answers:
                self.answer(answer, outcome)
            return outcome.result()

    def answer(self, answer, outcome):
        """Gives an answer to the only approval that is open, as soon as there is one."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            listed = self("approvals", "--json")
            if listed.exit_code == 0 and listed.json():
                break
            assert not outcome.done() and time.monotonic() < deadline, f"nobody is asked\n{listed}"
            time.sleep(0.02)
        token = listed.json()[0]["links"][0]["token"]
        filled_in = ["--input", json.dumps(answer["input"])] if "input" in answer else []
        said = self("approve", token, *filled_in, *([] if answer["approved"] else ["--reject"]))
        refused = answer.get("refused")
        assert (said.exit_code == 0) == (refused is None) and (refused or "") in said.stderr, str(said)

    def events(self, run="last"):
        """The history: [{number, time, type, task, gist, data}]."""
        outcome = self("events", run, "--json")
        assert outcome.exit_code == 0, f"the history cannot be read\n{outcome}"
        return [json.loads(line) for line in outcome.stdout.splitlines()]

    def lifecycle(self, run="last"):
        """The lifecycle events of a run, as CloudEvents."""
        outcome = self("events", run, "--lifecycle", "--json")
        assert outcome.exit_code == 0, f"the feed cannot be read\n{outcome}"
        return [json.loads(line)["event"] for line in outcome.stdout.splitlines()]

    def runs(self):
        """Summaries of all runs, newest first; none when nothing was ever recorded."""
        if not (self.folder / "data").exists():
            return []
        outcome = self("runs", "--json")
        assert outcome.exit_code == 0, f"the runs cannot be listed\n{outcome}"
        text = outcome.stdout.strip()
        if text.startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines()]


def task_name(reference):
    """"/do/0/getPet" → "getPet"."""
    return reference.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


def started_tasks(events):
    """Names of the tasks in the order they started; one entry a visit."""
    return [task_name(event["task"]) for event in events if event["type"] == "TaskStarted"]
