"""Reads the Gherkin that the conformance kit is written in: features, scenarios, steps with documents between triple quotes.

Anything else of Gherkin (backgrounds, outlines, tables, tags) is an error here, so that nothing is ever skipped unseen.
"""
import dataclasses
import re

_STEP = re.compile(r"^(Given|When|Then|And|But)\s+(.*)$")


@dataclasses.dataclass
class Step:
    text: str
    line: int
    document: str | None = None


@dataclasses.dataclass
class Scenario:
    feature: str
    name: str
    file: str
    line: int
    steps: list


def parse(path):
    """The scenarios of a feature file, in order."""
    feature, scenarios = None, []
    lines = path.read_text().splitlines()
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        where = f"{path.name}:{at}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("Feature:"):
            feature = line.removeprefix("Feature:").strip()
        elif line.startswith("Scenario:"):
            scenarios.append(Scenario(feature, line.removeprefix("Scenario:").strip(), path.name, at, []))
        elif line.startswith('"""'):
            at, document = _document(lines, at, where)
            if not scenarios or not scenarios[-1].steps:
                raise ValueError(f"{where}: a document without a step")
            scenarios[-1].steps[-1].document = document
        elif scenarios and (step := _STEP.match(line)):
            scenarios[-1].steps.append(Step(step[2], at))
        elif scenarios:
            raise ValueError(f"{where}: not understood: {line}")
        elif feature is None:
            raise ValueError(f"{where}: expected 'Feature:', found: {line}")
        # What stands between a feature's title and its first scenario is prose.
    return scenarios


def _document(lines, at, where):
    """The text up to the closing quotes, less the indentation of the opening ones."""
    indent = len(lines[at - 1]) - len(lines[at - 1].lstrip())
    text = []
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.strip() == '"""':
            return at, "\n".join(text) + "\n"
        blank = len(line) - len(line.lstrip())
        text.append(line[min(indent, blank):])
    raise ValueError(f'{where}: """ is never closed')
