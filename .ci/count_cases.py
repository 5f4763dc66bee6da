"""Counts single test cases in a JUnit file of ctest, which knows binaries only: prints "PASSED FAILED".

Used by ./dev. Each binary says at its end how many of its cases passed and failed (GoogleTest or Python's unittest);
one that says nothing, because it crashed for instance, counts as one case.
"""
import re
import sys
import xml.etree.ElementTree as xml


def cases(output: str) -> tuple[int, int]:
    def numbers(pattern: str) -> int:
        return sum(int(n) for n in re.findall(pattern, output, re.MULTILINE))

    passed = numbers(r"^\[  PASSED  \] (\d+) test") + numbers(r"^Ran (\d+) tests? in ")
    failed_in_unittest = sum(numbers(rf"^FAILED \(.*?{word}=(\d+)") for word in ("failures", "errors"))
    failed = numbers(r"^\[  FAILED  \] (\d+) test") + failed_in_unittest
    return passed - failed_in_unittest, failed


def main(path: str) -> None:
    passed = failed = 0
    for test in xml.parse(path).iter("testcase"):
        p, f = cases(test.findtext("system-out") or "")
        if test.get("status") == "run":
            passed, failed = passed + max(p, 1), failed + f
        else:
            passed, failed = passed + p, failed + max(f, 1)
    print(passed, failed)


main(sys.argv[1])
