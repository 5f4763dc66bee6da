"""Help, usage errors, completions, init, version."""
import shutil
import subprocess
import unittest

from cli import BINARY, CommandTest

COMMANDS = [
    "init", "schema", "validate", "test", "run", "resume", "runs", "show", "why", "doctor", "events", "sinks", "replay", "cancel", "suspend", "continue", "priority", "limits", "graph",
    "eval", "event", "event send", "event list", "log", "log verify", "secret", "secret set", "secret list", "secret rm", "secret rekey", "secret key", "backup", "restore", "completions", "version",
]


class Help(CommandTest):
    def test_every_command_has_some_with_an_example(self):
        for command in ["", *COMMANDS]:
            with self.subTest(command):
                result = self.cairn(*command.split(), "--help")
                self.assertEqual(result.stderr, "")
                self.assertIn(f"Usage: cairn {command}".strip(), result.stdout)
                self.assertIn("Example:\n  ", result.stdout)
                self.assertIn("cairn " + command, result.stdout.split("Example:")[1])

    def test_lists_every_command(self):
        text = self.cairn("--help").stdout
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command.split()[0]} ")

    def test_what_is_no_command_or_option_is_told_with_the_nearest(self):
        for arguments, says in (
            (["rnu"], "did you mean 'run'?"),
            (["shwo", "last"], "did you mean 'show'?"),
            (["runs", "--limt", "3"], "did you mean '--limit'?"),
            (["log", "verfy"], "did you mean 'verify'?"),
            (["log"], "log --help"),
            ([], "cairn --help"),
            (["show"], "RUN is required"),
            (["show", "a", "b"], "'b'"),
        ):
            with self.subTest(arguments):
                result = self.cairn(*arguments, exit_code=2)
                self.assertEqual(result.stdout, "")
                self.assertTrue(result.stderr.startswith("cairn: "), result.stderr)
                self.assertIn(says, result.stderr)


class Init(CommandTest):
    def test_writes_a_workflow_that_runs_as_it_is(self):
        self.cairn("init")
        self.assertEqual(self.cairn("validate", "hello.yaml").stderr, "")
        self.assertEqual(self.cairn("run", "hello.yaml").stdout, '{"greeting":"Hello, world!","letters":13}\n')
        self.assertEqual(
            self.cairn("run", "hello.yaml", "--input", '{"name": "Ada"}').stdout, '{"greeting":"Hello, Ada!","letters":11}\n'
        )

    def test_overwrites_nothing(self):
        self.write("hello.yaml", "mine")
        self.assertIn("hello.yaml", self.cairn("init", exit_code=1).stderr)
        self.assertEqual((self.folder / "hello.yaml").read_text(), "mine")

    def test_in_a_folder_or_a_file_of_another_name(self):
        self.cairn("init", "new/folder")
        self.cairn("init", "other.yaml")
        self.assertEqual((self.folder / "new/folder/hello.yaml").read_text(), (self.folder / "other.yaml").read_text())


class Completions(CommandTest):
    def test_bash_completes_commands_and_options(self):
        script = self.cairn("completions", "bash").stdout

        def complete(*words):
            quoted = " ".join(f"'{word}'" for word in words)
            program = f"{script}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _cairn; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            return subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("cairn", "resu"), ["resume"])
        self.assertIn("--input", complete("cairn", "run", "--"))
        self.assertEqual(complete("cairn", "log", ""), ["verify", "--help"])
        self.assertNotIn("--input", complete("cairn", "show", "--"))

    def test_the_others_are_read_by_their_shells(self):
        for shell in ("zsh", "fish"):
            script = self.cairn("completions", shell).stdout
            self.assertIn("resume", script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True)

    def test_an_unknown_shell_is_refused(self):
        self.cairn("completions", "tcsh", exit_code=2)


class Version(CommandTest):
    def test_is_told(self):
        self.assertRegex(self.cairn("version").stdout, r"^cairn \d+\.\d+\.\d+, Open Workflow DSL 1\.0\.3\n$")
        self.assertEqual(self.cairn("--version").stdout, self.cairn("version").stdout)


class Robust(CommandTest):
    def test_a_full_disk_for_output_is_an_error(self):
        self.cairn("init")
        with open("/dev/full", "wb") as full:
            result = subprocess.run(
                [BINARY, "runs", "--json"], cwd=self.folder, env=self.environment, stdout=full, stderr=subprocess.PIPE, check=False
            )
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output", result.stderr)


if __name__ == "__main__":
    unittest.main()
