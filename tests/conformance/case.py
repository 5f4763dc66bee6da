"""One conformance case: a workflow, what it is given, and what must come of it.

  name       a sentence, unique among all cases
  section    the section of the standard that asks for it: dsl-reference.md#retry
  why        the heading of docs/dsl-decisions.md that settles it, where the standard does not
  workflow   the definition as text; without a `document:` of its own it gets HEADER in front (lines count without it)
  whole      true: no header, whatever the text
  input      the run's input
  with       texts of further definitions
  files      {path: text} beside the workflow: schemas, catalogs, cairn.yaml
  secrets    {name: value}
  settings   what cairn.yaml holds
  events     CloudEvents that are published once the run has begun, in order; specversion, id and source are filled in
  answers    what people say to its approvals, one after the other: {approved, input?, refused?: a part of the error}
  http       routes of the stand-in service (stand_in.py); ${{PORT}} anywhere in the case is its port
  expect     any of:
    output            the run completes with it (values.py has the tags)
    error             the run faults with a problem that has at least these members; a standard type may be its bare name
    invalid           `validate` exits with 2 and these errors and no others: {line, message}, message being a part of it
    unsupported       texts: `validate` exits with 0 and a warning with each; `run` exits with 2 and records nothing
    valid: true       `validate` exits with 0 and says nothing
    refused           `run` exits with 2, records nothing, and says this
    tasks             names of tasks in the order they started
    skipped           names of tasks that were skipped, in order
    cancelled         names of tasks that were cancelled, in any order
    events            [{type, task?, data?}] that occur in this order among others; data is compared as a subset
    absent            types of events that do not occur
    lifecycle         the run's lifecycle events, all of them in order, each compared as a subset; `type` without what all have in common
    emitted           the events that emit tasks published, in order, each compared as a subset
    context           the last exported context
    timers            {purpose: [ms or [least, most]]}: how long after its start each timer of that purpose was due
    runs              {name of a workflow: status of its only run}
    requests          what the stand-in service was asked, in order, each compared as a subset
    silent            texts that appear nowhere in the record of the run (secrets)

Every run is also decided again from its record (`replay --verify`), and must come out the same.
"""
import datetime
import json
import pathlib
import subprocess
import tempfile

from cairn_process import Cairn, started_tasks, task_name
from stand_in import StandIn
from values import Subset, difference, show

HEADER = "document:\n  dsl: '1.0.3'\n  namespace: test\n  name: case\n  version: '1.0.0'\n"
STANDARD_TYPE = "https://open-workflow-specification.org/spec/1.0.0/errors/"
STANDARD_TYPES = ("configuration", "validation", "expression", "authentication", "authorization", "timeout", "communication", "runtime")

_KEYS = {"name", "section", "why", "workflow", "whole", "input", "with", "files", "secrets", "settings", "events", "answers", "http", "expect"}
_CHECKS_OF_HISTORY = {"tasks", "skipped", "cancelled", "events", "absent", "emitted", "lifecycle", "context", "timers", "silent"}
_ENDINGS = {"output", "error", "invalid", "unsupported", "valid", "refused"}
_EXPECTATIONS = _ENDINGS | _CHECKS_OF_HISTORY | {"requests", "runs"}


class CaseError(Exception):
    """A case that is not well written."""


class Failure(Exception):
    """An expectation that was not met."""


def check(condition, words):
    if not condition:
        raise Failure(words)


def expect(expected, actual, what):
    found = difference(expected, actual)
    check(found is None, f"{what}: {found}")


def replaced(value, old, new):
    """`value` with `old` replaced in all its strings, member names and matchers included."""
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [replaced(item, old, new) for item in value]
    if isinstance(value, dict):
        return {replaced(name, old, new): replaced(item, old, new) for name, item in value.items()}
    if hasattr(value, "argument"):
        return type(value)(replaced(value.argument, old, new))
    return value


def mentions(value, text):
    return replaced(value, text, "") != value if not hasattr(value, "argument") else mentions(value.argument, text)


def milliseconds(time):
    return round(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)


class Case:
    def __init__(self, area, data):
        self.area = area
        self.data = data
        self.name = data.get("name", "")
        self.section = data.get("section", "")
        self.decision = data.get("why")
        self.expect = data.get("expect") or {}
        unknown = (set(data) - _KEYS) | (set(self.expect) - _EXPECTATIONS)
        if unknown:
            raise CaseError(f"{area}: {self.name}: unknown keys {sorted(unknown)}")
        if not self.name or not self.section or not isinstance(data.get("workflow"), str):
            raise CaseError(f"{area}: {self.name or data}: a case needs name, section and workflow (a text)")
        if len(_ENDINGS & set(self.expect)) != 1:
            raise CaseError(f"{area}: {self.name}: expect exactly one of {sorted(_ENDINGS)}")

    def run(self):
        """None, or why it failed."""
        with tempfile.TemporaryDirectory(prefix="cairn-case-") as folder:
            stand_in = None
            try:
                data = self.data
                if "http" in data or any(mentions(data.get(key), "${{PORT}}") for key in ("workflow", "with", "files", "input", "events")):
                    stand_in = StandIn()
                    data = replaced(data, "${{PORT}}", str(stand_in.port))
                    stand_in.serve(data.get("http", {}))
                _Trial(pathlib.Path(folder), data, stand_in).go()
            except Failure as why:
                return str(why)
            except subprocess.TimeoutExpired as why:
                return f"{why}\n{why.stderr or ''}"
            except (AssertionError, ValueError, KeyError, TypeError) as why:
                return f"{type(why).__name__}: {why}"
            finally:
                if stand_in:
                    stand_in.close()
        return None


class _Trial:
    """One execution of a case."""

    def __init__(self, folder, data, stand_in):
        self.data = data
        self.expect = data["expect"]
        self.stand_in = stand_in
        self.cairn = Cairn(folder)
        text = data["workflow"]
        self.header_lines = 0
        if not data.get("whole") and not text.startswith("document:") and "\ndocument:" not in text:
            self.header_lines = HEADER.count("\n")
            text = HEADER + text
        (folder / "workflow.yaml").write_text(text)
        for name, content in data.get("files", {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        if "settings" in data:
            (folder / "cairn.yaml").write_text(json.dumps(data["settings"]))
        self.others = []
        for index, other in enumerate(data.get("with", [])):
            self.others.append(f"with-{index}.yaml")
            (folder / self.others[-1]).write_text(other)

    def go(self):
        for ending in _ENDINGS & set(self.expect):
            getattr(self, f"expect_{ending}")(self.expect[ending])
        if "requests" in self.expect:
            self.expect_requests(self.expect["requests"])
        if "runs" in self.expect:
            self.expect_runs(self.expect["runs"])

    def execute(self):
        events = [
            {"specversion": "1.0", "id": f"event-{index}", "source": "https://example.com/case"} | event
            for index, event in enumerate(self.data.get("events", []))
        ]
        return self.cairn.run("workflow.yaml", self.data.get("input"), self.others, self.data.get("secrets"), events,
                              self.data.get("answers", []))

    # ---- how it ends

    def expect_output(self, output):
        outcome = self.execute()
        check(outcome.exit_code == 0, f"expected the run to complete\n{outcome}")
        try:
            expect(output, outcome.json(), "output")
        except ValueError:
            raise Failure(f"stdout is not JSON\n{outcome}") from None
        self.check_history()

    def expect_error(self, error):
        outcome = self.execute()
        check(outcome.exit_code == 1, f"expected the run to fault\n{outcome}")
        problem = outcome.problem()
        check(problem is not None, f"there is no problem on stderr\n{outcome}")
        if error.get("type") in STANDARD_TYPES:
            error = error | {"type": STANDARD_TYPE + error["type"]}
        check(outcome.stdout == "", f"a run that faults prints no output\n{outcome}")
        found = difference(Subset(error), problem)
        check(found is None, f"error: {found}\n{json.dumps(problem)}")
        self.check_history()

    def expect_invalid(self, findings):
        findings = findings if isinstance(findings, list) else [findings]
        outcome = self.cairn("validate", "workflow.yaml")
        check(outcome.exit_code == 2, f"expected the definition to be invalid\n{outcome}")
        errors = [(line - self.header_lines, text) for line, text in outcome.findings("error")]
        for wanted in findings:
            found = any(line == wanted["line"] and wanted["message"] in text for line, text in errors)
            check(found, f"expected an error at line {wanted['line']} with {wanted['message']!r}, got {errors}\n{outcome}")
        check(len(errors) == len(findings), f"expected {len(findings)} errors, got {errors}")

    def expect_unsupported(self, texts):
        outcome = self.cairn("validate", "workflow.yaml")
        check(outcome.exit_code == 0, f"expected the definition to be valid\n{outcome}")
        warnings = [text for _, text in outcome.findings("warning")]
        for wanted in texts if isinstance(texts, list) else [texts]:
            check(any(wanted in text for text in warnings), f"expected a warning with {wanted!r}, got {warnings}")
        self.expect_refused("")

    def expect_valid(self, _):
        outcome = self.cairn("validate", "workflow.yaml")
        check(outcome.exit_code == 0, f"expected the definition to be valid\n{outcome}")
        check(not outcome.findings("warning"), f"expected no warning\n{outcome}")

    def expect_refused(self, words):
        outcome = self.execute()
        check(outcome.exit_code == 2, f"expected `run` to refuse\n{outcome}")
        check(words in outcome.stderr, f"expected {words!r} on stderr\n{outcome}")
        check(self.cairn.runs() == [], "a refused run is in the log")

    # ---- what the record says

    def check_history(self):
        run = "last"
        if self.others:  # its children are runs too
            run = next(summary["id"] for summary in self.cairn.runs() if summary["workflow"]["name"] == "case")
        verified = self.cairn("replay", run, "--verify")
        check(verified.exit_code == 0, f"decided again, the run comes out different\n{verified}")
        wanted = _CHECKS_OF_HISTORY & set(self.expect)
        if not wanted:
            return
        events = self.cairn.events(run)
        for name in sorted(wanted):
            getattr(self, f"history_{name}")(self.expect[name], events)

    def history_tasks(self, names, events):
        expect(names, started_tasks(events), "tasks in the order they started")

    def history_skipped(self, names, events):
        expect(names, [task_name(e["task"]) for e in events if e["type"] == "TaskSkipped"], "skipped tasks")

    def history_cancelled(self, names, events):
        cancelled = [task_name(e["task"]) for e in events if e["type"] == "TaskCancelled"]
        expect(sorted(names), sorted(cancelled), "cancelled tasks")

    def history_events(self, wanted, events):
        at = 0
        for one in wanted:
            pattern = Subset({"type": one["type"]} | {key: one[key] for key in ("task", "data") if key in one})
            while at < len(events) and difference(pattern, events[at]) is not None:
                at += 1
            if at == len(events):
                same = [e for e in events if e["type"] == one["type"]]
                raise Failure(f"events: {one} does not occur (in this order); of its type: {show(same)}")
            at += 1

    def history_absent(self, types, events):
        for event in events:
            check(event["type"] not in types, f"events: {event['type']} must not occur: {show(event)}")

    def history_emitted(self, wanted, events):
        emitted = [e["data"]["event"] for e in events if e["type"] == "EventEmitted"]
        expect([Subset(one) for one in wanted], emitted, "emitted events")

    def history_lifecycle(self, wanted, _):
        told = [dict(one) for one in self.cairn.lifecycle()]
        for one in told:
            one["type"] = one["type"].removeprefix("io.serverlessworkflow.").removesuffix(".v1")
        expect([Subset(one) for one in wanted], told, "lifecycle events")

    def history_context(self, context, events):
        exported = [e["data"]["context"] for e in events if e["type"] == "TaskCompleted" and "context" in e["data"]]
        check(exported, "nothing was exported")
        expect(context, exported[-1], "the last exported context")

    def history_timers(self, wanted, events):
        for purpose, delays in wanted.items():
            actual = [
                milliseconds(e["data"]["due"]) - milliseconds(e["time"])
                for e in events if e["type"] == "TimerStarted" and e["data"]["purpose"] == purpose
            ]
            ranges = [delay if isinstance(delay, list) else [delay, delay] for delay in delays]
            good = len(actual) == len(ranges) and all(low <= ms <= high for ms, (low, high) in zip(actual, ranges))
            check(good, f"timers: expected {purpose} after {delays} ms, got {actual}")

    def history_silent(self, texts, events):
        record = json.dumps([events, self.cairn.lifecycle()], ensure_ascii=False)
        for text in texts:
            check(text not in record, f"{text!r} is in the record of the run")

    def expect_runs(self, statuses):
        expect(statuses, {summary["workflow"]["name"]: summary["status"] for summary in self.cairn.runs()}, "runs")

    def expect_requests(self, wanted):
        expect([Subset(one) for one in wanted], self.stand_in.requests, "requests")
