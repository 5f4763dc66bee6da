"""What the design says of the tree itself: floors, purity, contracts, nothing of one machine.

The floors are the folders at the top; a floor includes only what stands below it. Inside a floor, a library (a line
cairn_library(FOLDER DEPS ...) of CMakeLists.txt) includes only what its DEPS reach.
"""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# floor → what of the other floors it may include; "engine/effects" means that folder alone.
FLOORS = {
    "schemas": [],
    "workflows": ["schemas"],
    "engine": ["schemas", "workflows"],
    "authoring": ["schemas", "workflows", "engine/machine", "engine/effects"],
    "connectors": ["schemas", "workflows", "engine/effects"],
    "server": ["schemas", "workflows", "engine", "authoring", "connectors"],
    "cli": ["schemas", "workflows", "engine", "authoring", "connectors", "server"],
}

# Floors and folders without clock, chance, threads, sockets or environment: all that comes in with a stimulus.
PURE = ["workflows", "engine/machine", "authoring"]
IMPURE = re.compile(
    r"std::chrono::(system|steady|high_resolution|utc)_clock|\b(clock_gettime|gettimeofday|localtime|localtime_r|gmtime"
    r"|getenv|secure_getenv|srand|rand|random_device|sleep_for|usleep|nanosleep)\b"
    r"|std::(this_thread|thread|jthread|mutex|condition_variable|async|mt19937)\b"
    r"|#include <(thread|mutex|random|future|condition_variable|sys/socket\.h|unistd\.h|boost/asio[^>]*|curl/[^>]*)>"
    r"|\btime\((nullptr|NULL|0|&)"
)

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]((?:schemas|workflows|engine|authoring|connectors|server|cli|tests)/[^>"]+)[>"]')
MAXIMUM_LINES = 500


def sources(folder, *suffixes):
    found = [p for p in (ROOT / folder).rglob("*") if p.suffix in (suffixes or (".h", ".cpp")) and p.is_file()]
    return sorted(found)


def relative(path):
    return path.relative_to(ROOT).as_posix()


def includes(path):
    """(line number, included path from the root) of every include of ours."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1]


NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)"'  # a raw string
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\[^'\n]+|[^'\\\n])'"  # a string, a character
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)


def code_of(text):
    """The text without comments and the insides of strings; lines stay where they are."""
    return NOT_CODE.sub(lambda match: "\n" * match[0].count("\n"), text)


def libraries():
    """folder → its DEPS that are folders of ours, from CMakeLists.txt; cairn::schemas counts as schemas."""
    text = re.sub(r"#.*", "", (ROOT / "CMakeLists.txt").read_text())
    found = {}
    for folder, dependencies in re.findall(r"cairn_library\(\s*(\S+)\s*(?:DEPS([^)]*))?\)", text):
        names = ["schemas" if d == "cairn::schemas" else d for d in dependencies.split()]
        found[folder] = [d for d in names if "::" not in d]
    return found


def reachable(folder, graph):
    seen, todo = set(), [folder]
    while todo:
        for dependency in graph.get(todo.pop(), []):
            if dependency not in seen:
                seen.add(dependency)
                todo.append(dependency)
    return seen


def lies_in(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


class Architecture(unittest.TestCase):
    def complain(self, complaints, rule):
        if complaints:
            self.fail(rule + "\n  " + "\n  ".join(complaints))

    def test_there_is_something_to_look_at(self):
        self.assertGreater(len(libraries()), 10, "cairn_library lines of CMakeLists.txt")
        self.assertTrue(any(True for path in sources("workflows") for _ in includes(path)))

    def test_includes_go_down_the_floors_only(self):
        self.complain(
            [
                f"{relative(path)}:{number}: {floor} may not include {included}"
                for floor, below in FLOORS.items()
                for path in sources(floor)
                for number, included in includes(path)
                if not lies_in(included, [floor, *below])
            ],
            "A floor includes only what stands below it:",
        )

    def test_libraries_link_down_the_floors_only(self):
        self.complain(
            [
                f"CMakeLists.txt: {folder} may not depend on {dependency}"
                for folder, dependencies in libraries().items()
                for dependency in dependencies
                if not lies_in(dependency, [folder.split("/")[0], *FLOORS[folder.split("/")[0]]])
            ],
            "DEPS follow the floors:",
        )

    def test_libraries_depend_on_each_other_in_no_circle(self):
        graph = libraries()
        self.complain([folder for folder in graph if folder in reachable(folder, graph)], "In a circle of DEPS:")

    def test_a_library_includes_only_what_its_dependencies_reach(self):
        graph = libraries()
        complaints = []
        for folder in graph:
            allowed = [folder, *reachable(folder, graph)]
            complaints += [
                f"{relative(path)}:{number}: {included} is not in {folder} nor in what its DEPS reach"
                for path in sources(folder)
                for number, included in includes(path)
                if not lies_in(included, allowed)
            ]
        self.complain(complaints, "Includes follow the DEPS of CMakeLists.txt:")

    def test_every_source_belongs_to_a_library(self):
        folders = list(libraries())
        self.complain(
            [
                relative(path)
                for floor in FLOORS
                for path in sources(floor, ".cpp")
                if not lies_in(relative(path), folders)
            ],
            "No cairn_library line has these files:",
        )

    def test_the_language_and_the_machine_are_pure(self):
        self.complain(
            [
                f"{relative(path)}:{number}: {line.strip()}"
                for folder in PURE
                for path in sources(folder)
                for number, line in enumerate(code_of(path.read_text()).splitlines(), 1)
                if IMPURE.search(line)
            ],
            "Clock, chance, threads, sockets and environment come in from outside:",
        )

    def test_every_header_begins_with_what_it_is(self):
        self.complain(
            [
                relative(path)
                for floor in FLOORS
                for path in sources(floor, ".h")
                if not re.match(r"#pragma once\n+//", path.read_text())
            ],
            "A header begins with #pragma once and a comment that is its contract:",
        )

    def test_no_file_is_a_giant(self):
        self.complain(
            [
                f"{relative(path)}: {lines} lines"
                for folder in [*FLOORS, "tests"]
                for path in sources(folder)
                if (lines := len(path.read_text().splitlines())) > MAXIMUM_LINES
            ],
            f"One idea a file; over {MAXIMUM_LINES} lines it asks to be split:",
        )

    def test_no_file_knows_a_machine(self):
        # Put together here, so that this file does not find itself.
        machine_path = re.compile(r"(?<![\w.])/(" + "|".join(["wor" + "k", "hom" + "e", "roo" + "t", "User" + "s"]) + r")/[\w.]")
        texts = {".h", ".cpp", ".cmake", ".txt", ".py", ".sh", ".md", ".yaml", ".yml", ".json", ".fbs", ".feature", ""}
        complaints = []
        for path in sorted(ROOT.rglob("*")):
            parts = path.relative_to(ROOT).parts
            if parts[0] in ("build", ".git", ".cache") or "node_modules" in parts or ".cairn" in parts:
                continue
            if not path.is_file() or path.suffix not in texts:
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if machine_path.search(line):
                    complaints.append(f"{relative(path)}:{number}: {line.strip()[:100]}")
        self.complain(complaints, "Paths of one machine:")

    def test_every_error_code_is_explained(self):
        header = code_of((ROOT / "workflows/core/error.h").read_text())
        codes = re.findall(r"\b([a-z_]+)\b\s*(?:=[^,}]*)?[,}]", re.search(r"enum class ErrorCode \{(.*?\})", header, re.DOTALL)[1])
        self.assertGreater(len(codes), 10)
        page = ROOT / "docs/errors.md"
        if not page.exists():
            self.fail("docs/errors.md is missing: each ErrorCode has a line there, with its cause and remedy")
        text = page.read_text()
        self.complain([code for code in codes if f"`{code}`" not in text], "Codes without a line in docs/errors.md:")


if __name__ == "__main__":
    unittest.main()
