#!/usr/bin/env python3
"""Runs cairn's own conformance cases (cases/*.yaml) against the real binary; case.py says what a case may hold.

usage: run_cases.py [--case NAME]… [--area AREA]… [--jobs N] [--list] [--sections]
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shlex
import sys
import time

from cairn_process import BINARY, ROOT
from case import Case, CaseError
from values import load_yaml

CASES = pathlib.Path(__file__).resolve().parent / "cases"
SPEC = pathlib.Path(os.environ.get("OPEN_WORKFLOW_SPEC") or ROOT.parent / "shared/spec")
DECISIONS = ROOT / "docs/dsl-decisions.md"
AT_LEAST = 250  # cases of the whole; fewer means that some were lost


def load_cases():
    cases = []
    for path in sorted(CASES.glob("*.yaml")):
        cases += [Case(path.stem, data) for data in load_yaml(path.read_text()) or []]
    twice = [name for name, count in collections.Counter(case.name for case in cases).items() if count > 1]
    if twice:
        raise CaseError(f"two cases have the same name: {twice}")
    return cases


def anchor(heading):
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def sections_of(document):
    """The anchors of a document of the specification, or None when it is not there."""
    path = SPEC / document
    if not path.exists():
        return None
    headings, fenced = [], False
    for line in path.read_text().splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and (heading := re.match(r"#+ (.*)", line)):
            headings.append(anchor(heading[1]))
    return headings


def check_sections(cases):
    """Every case names a section that exists (as far as the specification is at hand)."""
    for case in cases:
        document, _, name = case.section.partition("#")
        if document not in ("dsl.md", "dsl-reference.md") or not name:
            raise CaseError(f"{case.name}: section must be dsl.md#… or dsl-reference.md#…, not {case.section}")
        known = sections_of(document)
        if known is not None and name not in known:
            raise CaseError(f"{case.name}: {document} has no section #{name}")


def check_decisions(cases):
    """Every decision about the language has a case, and every case that names one names one that exists."""
    decided = re.findall(r"^### (.*)$", DECISIONS.read_text(), re.M)
    for case in cases:
        if case.decision is not None and case.decision not in decided:
            raise CaseError(f"{case.name}: {DECISIONS.name} has no heading '{case.decision}'")
    if untested := set(decided) - {case.decision for case in cases}:
        raise CaseError(f"{DECISIONS.name} has headings without a case: {sorted(untested)}")


def print_sections(cases):
    counted = collections.Counter(case.section for case in cases)
    for document in ("dsl.md", "dsl-reference.md"):
        for name in dict.fromkeys(sections_of(document) or ()):
            print(f"{counted[f'{document}#{name}']:4}  {document}#{name}")


def run_one(case):
    began = time.monotonic()
    why = case.run()
    return case, why, time.monotonic() - began


def report(case, why):
    print(f"\nFAILED  {case.area}: {case.name}\nsection: {case.section}\n{why}\n"
          f"repeat: CAIRN={BINARY} tests/conformance/run_cases.py --case {shlex.quote(case.name)}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--case", action="append", default=[], help="run only the case of this name")
    options.add_argument("--area", action="append", default=[], help="run only the cases of cases/AREA.yaml")
    options.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2), help="cases at a time")
    options.add_argument("--list", action="store_true", help="name the cases and run none")
    options.add_argument("--sections", action="store_true", help="count the cases of each section and run none")
    options.add_argument("--slowest", action="store_true", help="name the slowest cases at the end")
    chosen = options.parse_args()
    try:
        everything = load_cases()
        check_sections(everything)
        check_decisions(everything)
    except CaseError as why:
        sys.exit(f"the cases are not in order: {why}")
    cases = [
        case for case in everything
        if (not chosen.case or case.name in chosen.case) and (not chosen.area or case.area in chosen.area)
    ]
    if chosen.list:
        for case in cases:
            print(f"{case.area}: {case.name}  ({case.section})")
        return 0
    if chosen.sections:
        print_sections(cases)
        return 0
    if not cases:
        sys.exit("there is no such case")
    if not BINARY.exists():
        sys.exit(f"there is no {BINARY}: ./dev build makes it; CAIRN=FILE names another")

    began = time.monotonic()
    failed, durations, areas = [], [], collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        for case, why, seconds in pool.map(run_one, cases):
            durations.append((seconds, case.name))
            areas[case.area] += not why
            if why:
                failed.append(case)
                report(case, why)
    print("\n" + ", ".join(f"{area} {passed}" for area, passed in sorted(areas.items())))
    if chosen.slowest:
        for seconds, name in sorted(durations, reverse=True)[:15]:
            print(f"{seconds:6.2f} s  {name}")
    print(f"{len(cases) - len(failed)} of {len(cases)} cases passed in {time.monotonic() - began:.0f} s")
    for case in failed:
        print(f"FAILED  {case.area}: {case.name}")
    if len(everything) < AT_LEAST:
        print(f"there are {len(everything)} cases, fewer than {AT_LEAST}")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
