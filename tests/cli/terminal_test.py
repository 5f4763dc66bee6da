"""What a person sees: the live view and colours, on a terminal of the test's own."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
import unittest

from cli import BINARY, PATIENCE_S, CommandTest
from workflows import FAULT, SET, WAIT, shell, workflow

COLOUR = re.compile(r"\x1b\[\d*m")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Screen:
    """What a terminal shows after the bytes: enough of one for cursor-up, erase-line and erase-below."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = [""]
        self.row = 0
        self.column = 0

    def feed(self, text):
        for piece in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)", text):
            if piece == "\n":
                self.row += 1
                self.column = 0
                while len(self.lines) <= self.row:
                    self.lines.append("")
            elif piece == "\r":
                self.column = 0
            elif piece.startswith("\x1b["):
                self.escape(piece[2:-1], piece[-1])
            elif piece:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + piece + line[self.column + len(piece):]
                self.column += len(piece)

    def escape(self, number, letter):
        if letter == "A":
            self.row = max(0, self.row - int(number or 1))
        elif letter == "K":
            self.lines[self.row] = ""
        elif letter == "J":
            del self.lines[self.row + 1:]
            self.lines[self.row] = self.lines[self.row][: self.column]

    def text(self):
        return "\n".join(self.lines)


class TerminalTest(CommandTest):
    def on_terminal(self, *arguments, columns=100, rows=30, stdout=False, until=None, **environment):
        """Runs a command with a terminal as stderr (and stdout); (exit code, stdout, what came to the terminal)."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen(
            [BINARY, *map(str, arguments)], cwd=self.folder, env={**self.environment, "TERM": "xterm", **environment},
            stdin=subprocess.DEVNULL, stdout=slave if stdout else subprocess.PIPE, stderr=slave,
        )
        os.close(slave)
        seen = b""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if until and until in seen:
                process.send_signal(2)
                until = None
            if not select.select([master], [], [], 0.1)[0]:
                continue
            try:
                got = os.read(master, 65536)
            except OSError:  # the other side is closed
                break
            if not got:
                break
            seen += got
        os.close(master)
        out = b"" if stdout else process.stdout.read()
        if not stdout:
            process.stdout.close()
        return process.wait(PATIENCE_S), out.decode(), seen.decode().replace("\r\n", "\n")


class LiveView(TerminalTest):
    def test_shows_tasks_with_durations_and_script_output_and_leaves_stdout_alone(self):
        path = self.write("w.yaml", workflow(
            "  - greet: {set: {x: 1}}\n"
            "  - work: {run: {shell: {command: 'echo first line; sleep 0.5; echo oops >&2; sleep 0.3'}}}\n"
            "  - skipped: {if: 'false', set: {x: 2}}\n"))
        code, out, seen = self.on_terminal("run", path)
        self.assertEqual((code, out), (0, '"first line\\n"\n'))
        screen = Screen(100)
        screen.feed(seen)
        text = screen.text()
        self.assertRegex(text, r"run [0-9a-f-]{36}")
        self.assertRegex(text, r"✓ greet  set")
        self.assertRegex(text, r"✓ work  run  \d+ ms|✓ work  run  1\.?\d* s")
        self.assertIn("work │ first line", text)
        self.assertIn("work │ oops", text)
        self.assertIn("↷ skipped", text)
        self.assertIn("✓ run completed in", text)
        self.assertNotIn("⠋", text, "nothing that moves is left")
        self.assertGreater(len(set(re.findall("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", seen))), 2, "the spinner has moved")

    def test_shows_retries_with_their_delay(self):
        path = self.write("w.yaml", workflow(
            "  - careful:\n      try:\n        - fail: {raise: {error: {type: 'https://example.com/odd', status: 500, title: Odd}}}\n"
            "      catch: {retry: {delay: {milliseconds: 300}, limit: {attempt: {count: 1}}}, do: [{ok: {set: {x: 1}}}]}\n"))
        code, _, seen = self.on_terminal("run", path)
        self.assertEqual(code, 0)
        self.assertIn("attempt 2 in 300 ms: odd 500 Odd", ESCAPE.sub("", seen))

    def test_fits_a_narrow_and_low_terminal(self):
        tasks = "  - race:\n      fork:\n        branches:\n" + "".join(
            f"          - branch-with-a-rather-long-name-{i}: {{run: {{shell: {{command: 'sleep 0.6'}}}}}}\n" for i in range(20))
        code, _, seen = self.on_terminal("run", self.write("w.yaml", workflow(tasks)), columns=40, rows=10)
        self.assertEqual(code, 0)
        plain = ESCAPE.sub("", seen)
        moving = [line for line in plain.splitlines() if re.search("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", line)]
        self.assertTrue(moving)
        self.assertLessEqual(max(len(line) for line in moving), 40)
        self.assertRegex(plain, r"and \d+ more")

    def test_says_how_to_go_on_after_ctrl_c(self):
        code, _, seen = self.on_terminal("run", self.write("w.yaml", WAIT), until="⠙".encode())
        self.assertEqual(code, 130)
        self.assertIn("cairn resume", seen)

    def test_a_problem_is_readable(self):
        code, out, seen = self.on_terminal("run", self.write("w.yaml", FAULT))
        self.assertEqual((code, out), (1, ""))
        self.assertIn('"title": "Odd"', seen)

    def test_nothing_moves_without_a_terminal(self):
        result = self.cairn("run", self.write("w.yaml", shell("sleep 0.3")))
        self.assertEqual(result.stderr, "")

    def test_a_terminal_that_knows_no_cursor_gets_no_view(self):
        code, _, seen = self.on_terminal("run", self.write("w.yaml", SET), TERM="dumb")
        self.assertEqual((code, seen), (0, ""))


class Colours(TerminalTest):
    def test_are_for_terminals_only(self):
        self.run_text(SET)
        for command in (["show", "last"], ["events", "last"], ["runs"]):
            with self.subTest(command):
                self.assertRegex(self.on_terminal(*command, stdout=True)[2], COLOUR)
                self.assertNotIn("\x1b", self.cairn(*command).stdout)

    def test_are_not_shown_with_no_color(self):
        self.run_text(SET)
        for command in (["show", "last"], ["events", "last"], ["run", self.folder / "workflow.yaml"]):
            with self.subTest(command):
                self.assertNotRegex(self.on_terminal(*command, stdout=True, NO_COLOR="1")[2], COLOUR)

    def test_json_is_indented_for_people(self):
        self.assertIn('{\n  "answer": 42\n}', self.on_terminal("run", self.write("w.yaml", SET), stdout=True)[2])


if __name__ == "__main__":
    unittest.main()
