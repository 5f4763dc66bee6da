#!/usr/bin/env python3
"""Runs every scenario of the Open Workflow conformance kit against the real binary.

usage: run_ctk.py [--scenario NAME]…
The kit is read where it is: $OPEN_WORKFLOW_SPEC/ctk/features, or ../shared/spec/ctk/features beside the repository.
Its outside hosts are played by outside_hosts.py; the binary is $CAIRN.
"""
import argparse
import os
import pathlib
import re
import shlex
import sys
import tempfile

import gherkin
from cairn_process import BINARY, ROOT, Cairn, started_tasks, task_name
from outside_hosts import OutsideHosts
from values import Subset, difference, load_yaml

SPEC = pathlib.Path(os.environ.get("OPEN_WORKFLOW_SPEC") or ROOT.parent / "shared/spec")
SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these tests


class Failure(Exception):
    pass


def check(condition, words):
    if not condition:
        raise Failure(words)


def expect(expected, actual, what):
    found = difference(expected, actual)
    check(found is None, f"{what} differs at {found}")


def member(value, path):
    """("content.id" of value, whether it is there)."""
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return None, False
        value = value[name]
    return value, True


class World:
    """What the steps of one scenario share."""

    def __init__(self, folder, environment):
        self.cairn = Cairn(folder, **environment)
        self.input = None
        self.outcome = None
        self._events = None

    @property
    def events(self):
        if self._events is None:
            self._events = self.cairn.events()
        return self._events

    @property
    def output(self):
        return self.outcome.json()

    @property
    def order(self):
        return started_tasks(self.events)

    def place(self, task):
        check(task in self.order, f"{task} did not run; what ran: {self.order}")
        return self.order.index(task)

    def ending(self, task, kind):
        """The data of the event that ended a task."""
        found = [event for event in self.events if event["type"] == kind and task_name(event["task"]) == task]
        check(found, f"there is no {kind} of {task}")
        return found[-1]["data"]


STEPS = []


def step(pattern):
    def register(function):
        STEPS.append((re.compile(pattern + "$"), function))
        return function
    return register


@step("a workflow with definition:")
def given_workflow(world, document):
    (world.cairn.folder / "workflow.yaml").write_text(document)


@step("given the workflow input is:")
def given_input(world, document):
    world.input = load_yaml(document)


@step("the workflow is executed")
def when_executed(world, _):
    world.outcome = world.cairn.run("workflow.yaml", world.input)


@step("the workflow should complete")
def then_completes(world, _):
    check(world.outcome.exit_code == 0, "it did not complete")


@step("the workflow should complete with output:")
def then_completes_with(world, document):
    then_completes(world, None)
    expect(load_yaml(document), world.output, "the output")


@step("the workflow should cancel")
def then_cancels(world, _):
    check(world.outcome.exit_code == 3, "it was not cancelled")


@step("the workflow should fault")
def then_faults(world, _):
    check(world.outcome.exit_code == 1, "it did not fault")
    check(world.outcome.problem() is not None, "there is no problem on stderr")


@step("the workflow should fault with error:")
def then_faults_with(world, document):
    then_faults(world, None)
    expect(Subset(load_yaml(document)), world.outcome.problem(), "the error")


@step("the workflow output should have properties (?P<paths>'.*')")
def then_has_properties(world, _, paths):
    for path in re.findall("'([^']*)'", paths):
        check(member(world.output, path)[1], f"the output has no '{path}'")


@step("the workflow output should have a '(?P<path>[^']*)' property with value:")
def then_has_value(world, document, path):
    value, there = member(world.output, path)
    check(there, f"the output has no '{path}'")
    expect(load_yaml(document), value, path)


@step(r"the workflow output should have a '(?P<path>[^']*)' property containing (?P<count>\d+) items?")
def then_has_items(world, _, path, count):
    value, _there = member(world.output, path)
    check(isinstance(value, list) and len(value) == int(count), f"'{path}' is not a list of {count}, it is {value!r}")


@step(r"(?P<task>\S+) should run first")
def then_first(world, _, task):
    check(world.place(task) == 0, f"the order was {world.order}")


@step(r"(?P<task>\S+) should run last")
def then_last(world, _, task):
    check(world.order and world.order[-1] == task, f"the order was {world.order}")


@step(r"(?P<task>\S+) should run before (?P<other>\S+)")
def then_before(world, _, task, other):
    check(world.place(task) < world.place(other), f"the order was {world.order}")


@step(r"(?P<task>\S+) should run after (?P<other>\S+)")
def then_after(world, _, task, other):
    check(world.place(task) > world.place(other), f"the order was {world.order}")


@step(r"(?P<task>\S+) should cancel")
def then_task_cancels(world, _, task):
    world.ending(task, "TaskCancelled")


@step(r"(?P<task>\S+) should complete")
def then_task_completes(world, _, task):
    world.ending(task, "TaskCompleted")


@step(r"(?P<task>\S+) should complete with output:")
def then_task_completes_with(world, document, task):
    expect(load_yaml(document), world.ending(task, "TaskCompleted")["output"], f"the output of {task}")


@step(r"(?P<task>\S+) should fault")
def then_task_faults(world, _, task):
    world.ending(task, "TaskFaulted")


@step(r"(?P<task>\S+) should fault with error:")
def then_task_faults_with(world, document, task):
    expect(Subset(load_yaml(document)), world.ending(task, "TaskFaulted")["error"], f"the error of {task}")


def find_step(text):
    for pattern, function in STEPS:
        if found := pattern.match(text):
            return function, found.groupdict()
    raise Failure("this step is not known")


def run_scenario(scenario, environment):
    """None, or why it failed."""
    with tempfile.TemporaryDirectory(prefix="cairn-ctk-") as folder:
        world = World(folder, environment)
        for one in scenario.steps:
            try:
                function, arguments = find_step(one.text)
                function(world, one.document, **arguments)
            except (Failure, AssertionError, ValueError) as why:
                tail = f"\n{world.outcome}" if world.outcome else ""
                return f"{scenario.file}:{one.line}: {one.text}\n{why}{tail}"
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scenario", action="append", help="run only the scenarios of this name")
    only = arguments.parse_args().scenario
    features = sorted((SPEC / "ctk/features").glob("*.feature"))
    if not features:
        print(f"skipped: there is no conformance kit at {SPEC}/ctk/features. Put the specification there, or say where it is "
              "with OPEN_WORKFLOW_SPEC=FOLDER.")
        return SKIPPED
    if not BINARY.exists():
        sys.exit(f"there is no {BINARY}: ./dev build makes it; CAIRN=FILE names another")
    scenarios = [scenario for path in features for scenario in gherkin.parse(path)]
    if only:
        scenarios = [scenario for scenario in scenarios if scenario.name in only]
        if not scenarios:
            sys.exit("there is no scenario of that name")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="cairn-ctk-") as folder:
        outside = OutsideHosts(folder)
        try:
            for scenario in scenarios:
                why = run_scenario(scenario, outside.environment())
                print(f"{'FAILED' if why else 'passed'}  {scenario.feature}: {scenario.name}", flush=True)
                if why:
                    failed += 1
                    print(f"{why}\nrepeat: tests/conformance/run_ctk.py --scenario {shlex.quote(scenario.name)}\n")
        finally:
            outside.close()
    print(f"{len(scenarios) - failed} of {len(scenarios)} scenarios of {len(features)} features passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
