"""Input that is broken, huge or hostile: a clear error within two seconds and 512 MB, and nothing recorded."""
import resource
import subprocess
import time
import unittest

from cli import BINARY, PATIENCE_S, CommandTest
from workflows import SET, workflow

MEMORY = 512 << 20
SECONDS = 2.0


class Malformed(CommandTest):
    def limited(self, *arguments, stdin=None):
        """(exit code, stdout, stderr) of a command with the memory and, in CPU time, the seconds it may use."""

        def limit():
            # Address space is a stricter measure than memory in use; libraries and stacks count too.
            resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run(
            [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, input=stdin, preexec_fn=limit,
            stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, timeout=PATIENCE_S,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertLess(used, SECONDS, f"{arguments} took {used:.1f} s of CPU")
        return result.returncode, result.stdout.decode(errors="replace"), result.stderr.decode(errors="replace")

    def refuses_definition(self, text, says=""):
        path = self.write("bad.yaml", text)
        for command in ("validate", "run"):
            with self.subTest(command):
                code, _, err = self.limited(command, path)
                self.assertEqual(code, 2, err[-2000:])
                self.assertIn("bad.yaml", err)
                self.assertIn(says, err)
                self.assertLess(len(err), 100_000)
        self.assertFalse((self.folder / "data").exists())

    def refuses_input(self, text, says=""):
        quick = self.write("quick.yaml", SET)
        path = self.write("input.json", text)
        code, out, err = self.limited("run", quick, "--input", f"@{path}")
        self.assertEqual((code, out), (2, ""), err[-2000:])
        self.assertTrue(err.startswith("cairn: "), err[:200])
        self.assertIn("input.json", err)
        self.assertIn(says, err)
        self.assertLess(len(err), 10_000)
        self.assertFalse((self.folder / "data").exists())


class Definitions(Malformed):
    def test_a_hundred_megabytes(self):
        self.refuses_definition(b"a: " + b"x" * (100 << 20), "larger")

    def test_nul_bytes(self):
        self.refuses_definition(SET.encode().replace(b"42", b"4\x002"))
        self.refuses_definition(b"\x00" * 1000)

    def test_text_that_is_not_utf8(self):
        self.refuses_definition(SET.encode().replace(b"42", b'"\xff\xfe"'))

    def test_deep_nesting(self):
        for opening in ("[", "{a: ", "- "):
            with self.subTest(opening):
                self.refuses_definition(opening * 300_000)

    def test_anchors_that_explode(self):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
        self.refuses_definition("\n".join(lines) + "\n" + SET)

    def test_an_anchor_inside_itself(self):
        self.refuses_definition("a: &a [*a]\n" + SET)

    def test_a_long_line(self):
        self.refuses_definition("document: " + "[1, " * 200_000)

    def test_an_empty_file(self):
        self.refuses_definition("")

    def test_thousands_of_mistakes(self):
        self.refuses_definition(workflow("".join(f"  - t{i}: {{sett: {{x: 1}}}}\n" for i in range(5_000)))[: 1 << 20])

    def test_a_folder(self):
        (self.folder / "folder").mkdir()
        self.assertIn("folder", self.limited("run", self.folder / "folder")[2])


class Inputs(Malformed):
    def test_a_hundred_megabytes(self):
        self.refuses_input(b"[" + b"1," * (50 << 20) + b"1]", "larger")

    def test_as_many_small_values_as_fit(self):
        quick = self.write("quick.yaml", SET)
        path = self.write("input.json", b"[" + b"1," * ((8 << 20) - 2) + b"1]")
        begin = time.monotonic()
        code, _, err = self.limited_memory("run", quick, "--input", f"@{path}")
        self.assertIn(code, (0, 2), err[-500:])
        self.assertLess(time.monotonic() - begin, PATIENCE_S)

    def limited_memory(self, *arguments):
        result = subprocess.run(
            [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, capture_output=True, timeout=PATIENCE_S,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 * MEMORY, 4 * MEMORY)), stdin=subprocess.DEVNULL,
        )
        return result.returncode, result.stdout.decode(), result.stderr.decode(errors="replace")

    def test_deep_nesting(self):
        self.refuses_input("[" * 1_000_000)
        self.refuses_input('{"a":' * 1_000_000)

    def test_nul_bytes_and_bad_utf8(self):
        self.refuses_input(b'{"a": "\x00"}')
        self.refuses_input(b"\x00")
        self.refuses_input(b'"\xff"')

    def test_numbers_and_names_that_cannot_be_kept(self):
        self.refuses_input("1e999")
        self.refuses_input('{"a": 1, "a": 2}', "line 1")

    def test_two_documents(self):
        self.refuses_input("{} {}")

    def test_nothing(self):
        self.refuses_input("")

    def test_an_endless_standard_input(self):
        quick = self.write("quick.yaml", SET)
        with open("/dev/zero", "rb") as zero:
            result = subprocess.run(
                [BINARY, "run", quick, "--input", "-"], cwd=self.folder, env=self.environment, stdin=zero, capture_output=True,
                timeout=PATIENCE_S,
            )
        self.assertEqual(result.returncode, 2)


if __name__ == "__main__":
    unittest.main()
