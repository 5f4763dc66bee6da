"""Secrets: where they come from, and where their values never are."""
import base64
import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import time
import unittest

from cli import BINARY, CommandTest
from workflows import workflow

VALUE = "s3cr3t-value-of-the-test"
SHOWS_LENGTH = workflow(
    "  - a: {run: {shell: {command: 'printf \"${#TOKEN}\"', environment: {TOKEN: '${ $secrets[\"my-token\"] }'}}}}\n",
    use="{secrets: [my-token]}",
)
LENGTH = json.dumps(str(len(VALUE))) + "\n"
WAITS = workflow(
    "  - pause: {wait: {milliseconds: 1500}}\n"
    "  - a: {run: {shell: {command: 'printf \"${#TOKEN}\"', environment: {TOKEN: '${ $secrets.token }'}}}}\n",
    "patient", use="{secrets: [token]}",
)


class Sources(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("workflow.yaml", SHOWS_LENGTH)

    def output(self):
        return self.cairn("run", "workflow.yaml").stdout

    def test_a_variable_of_the_environment(self):
        self.environment["CAIRN_SECRET_MY_TOKEN"] = VALUE
        self.assertEqual(self.output(), LENGTH)

    def test_a_file_of_a_folder_without_the_line_break_at_its_end(self):
        self.write("mounted/my-token", VALUE + "\n")
        self.write("cairn.yaml", "secrets: {folder: mounted}\n")
        self.assertEqual(self.output(), LENGTH)

    def test_a_folder_in_the_folder_is_an_object(self):
        self.write("mounted/login/username", "ada")
        self.write("mounted/login/password", VALUE)
        self.environment["CAIRN_SECRETS_FOLDER"] = "mounted"
        text = workflow(
            "  - a: {run: {shell: {command: 'printf \"${#P}\"', environment: {P: '${ $secrets.login.password }'}}}}\n",
            use="{secrets: [login]}",
        )
        self.assertEqual(self.run_text(text, name="other.yaml").stdout, LENGTH)

    def test_the_store(self):
        self.cairn("secret", "key", "key")
        self.environment["CAIRN_SECRETS_KEY_FILE"] = "key"
        self.cairn("secret", "set", "my-token", stdin=VALUE + "\n")
        self.assertEqual(self.output(), LENGTH)

    def test_the_first_that_has_it_wins(self):
        self.cairn("secret", "key", "key")
        self.environment["CAIRN_SECRETS_KEY_FILE"] = "key"
        self.cairn("secret", "set", "my-token", stdin="1")
        self.assertEqual(self.output(), '"1"\n')
        self.write("mounted/my-token", "22")
        self.environment["CAIRN_SECRETS_FOLDER"] = "mounted"
        self.assertEqual(self.output(), '"2"\n')
        self.environment["CAIRN_SECRET_MY_TOKEN"] = "333"
        self.assertEqual(self.output(), '"3"\n')
        self.assertEqual(self.cairn("run", "workflow.yaml", "--secret", "my-token=4444").stdout, '"4"\n')

    def test_one_that_is_nowhere_is_refused_with_all_the_ways_to_give_it(self):
        self.environment["CAIRN_SECRETS_FOLDER"] = "."
        says = self.cairn("run", "workflow.yaml", exit_code=2).stderr
        for way in ("--secret my-token=VALUE", "CAIRN_SECRET_MY_TOKEN", "./my-token", "cairn secret set my-token"):
            self.assertIn(way, says)

    def test_a_name_cannot_lead_out_of_the_folder(self):
        self.write("outside", VALUE)
        self.write("mounted/in", "x")
        self.environment["CAIRN_SECRETS_FOLDER"] = "mounted"
        text = workflow("  - a: {run: {shell: {command: 'true', environment: {X: '${ $secrets[\"../outside\"] }'}}}}\n",
                        use="{secrets: ['../outside']}")
        self.assertIn("was not given", self.run_text(text, name="evil.yaml", exit_code=2).stderr)

    def test_a_folder_that_is_not_there_is_told(self):
        self.environment["CAIRN_SECRETS_FOLDER"] = "nowhere"
        self.assertIn("nowhere", self.cairn("run", "workflow.yaml", exit_code=2).stderr)

    def test_a_pipe_instead_of_a_file_does_not_hang(self):
        (self.folder / "mounted").mkdir()
        os.mkfifo(self.folder / "mounted/my-token")
        self.environment["CAIRN_SECRETS_FOLDER"] = "mounted"
        self.assertIn("no file", self.cairn("run", "workflow.yaml", exit_code=None).stderr)

    def test_a_file_that_changes_is_read_again(self):
        self.write("mounted/token", "1")
        self.environment["CAIRN_SECRETS_FOLDER"] = "mounted"
        process = self.start_text(WAITS, name="waits.yaml")
        self.await_status("waiting")
        self.write("mounted/token", "55555")
        code, out, err = self.end_of(process)
        self.assertEqual((code, out), (0, '"5"\n'), err)

    def test_resume_finds_them_in_the_same_places(self):
        self.environment["CAIRN_SECRET_TOKEN"] = VALUE
        process = self.start_text(WAITS, name="waits.yaml")
        self.await_status("waiting")
        self.kill(process)
        self.assertEqual(self.cairn("resume", "last").stdout, LENGTH)

    def test_a_guest_brings_those_of_its_own_environment(self):
        owner = self.start_text(WAITS.replace("1500", "4000"), "--secret", "token=x", name="waits.yaml")
        self.await_status("waiting")
        self.environment["CAIRN_SECRET_MY_TOKEN"] = VALUE
        self.assertEqual(self.output(), LENGTH)
        self.assertIsNone(owner.poll())

    def test_a_child_finds_them_too(self):
        self.environment["CAIRN_SECRET_MY_TOKEN"] = VALUE
        self.write("parent.yaml", workflow(
            "  - a: {run: {workflow: {namespace: test, name: tested, version: '1.0.0'}}}\n", "parent"))
        self.assertEqual(self.cairn("run", "parent.yaml", "--with", "workflow.yaml").stdout, LENGTH)


class Store(CommandTest):
    def setUp(self):
        super().setUp()
        self.cairn("secret", "key", "key")
        self.environment["CAIRN_SECRETS_KEY_FILE"] = "key"
        self.store = self.folder / "data/secrets"

    def set(self, name, value=VALUE):
        return self.cairn("secret", "set", name, stdin=value)

    def names(self, exit_code=0):
        return self.cairn("secret", "list", exit_code=exit_code).stdout.split()

    def test_holds_names_and_tells_no_values(self):
        self.set("beta")
        self.write("value", "from a file")
        self.cairn("secret", "set", "alpha", "--from-file", "value")
        self.assertEqual(self.names(), ["alpha", "beta"])
        self.assertEqual(self.json_of("secret", "list"), ["alpha", "beta"])
        self.cairn("secret", "rm", "alpha")
        self.assertEqual(self.names(), ["beta"])
        self.assertIn("alpha", self.cairn("secret", "rm", "alpha", exit_code=1).stderr)

    def test_the_file_shows_neither_names_nor_values_and_is_for_its_user_alone(self):
        self.set("beta")
        content = self.store.read_bytes()
        self.assertNotIn(b"beta", content)
        self.assertNotIn(VALUE.encode(), content)
        self.assertEqual(stat.S_IMODE(self.store.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE((self.folder / "key").stat().st_mode), 0o600)

    def test_each_writing_is_encrypted_anew(self):
        self.set("beta")
        first = self.store.read_bytes()
        self.set("beta")
        second = self.store.read_bytes()
        self.assertEqual(first[:17], second[:17])
        self.assertNotEqual(first[17:29], second[17:29], "the nonce")
        self.assertNotEqual(first[29:], second[29:])

    def test_every_changed_byte_is_noticed(self):
        self.set("beta")
        whole = self.store.read_bytes()
        for at in range(0, len(whole), 5):
            self.store.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.assertEqual(self.names(exit_code=None), [])
        self.store.write_bytes(whole[:-3])
        self.assertIn("changed", self.cairn("secret", "list", exit_code=1).stderr)
        self.store.write_bytes(whole)
        self.assertEqual(self.names(), ["beta"])

    def test_another_key_is_told_from_damage(self):
        self.set("beta")
        self.cairn("secret", "key", "other")
        self.environment["CAIRN_SECRETS_KEY_FILE"] = "other"
        self.assertIn("another key", self.cairn("secret", "list", exit_code=2).stderr)

    def test_no_key_is_told_with_what_to_do(self):
        self.set("beta")
        del self.environment["CAIRN_SECRETS_KEY_FILE"]
        says = self.cairn("secret", "list", exit_code=2).stderr
        self.assertIn("secrets.keyFile", says)
        self.environment["CAIRN_SECRETS_KEY"] = (self.folder / "key").read_text()
        self.assertEqual(self.names(), ["beta"])
        self.environment["CAIRN_SECRETS_KEY"] = "too short"
        says = self.cairn("secret", "list", exit_code=2).stderr
        self.assertIn("32 bytes", says)
        self.assertNotIn("too short", says)

    def test_a_new_key_takes_the_place_of_the_old(self):
        self.set("beta")
        self.cairn("secret", "key", "new")
        self.cairn("secret", "rekey", "--new-key-file", "new")
        self.assertEqual(self.names(exit_code=2), [])
        self.environment["CAIRN_SECRETS_KEY_FILE"] = "new"
        self.assertEqual(self.names(), ["beta"])

    def test_a_key_is_not_overwritten(self):
        before = (self.folder / "key").read_text()
        self.assertIn("exists", self.cairn("secret", "key", "key", exit_code=1).stderr)
        self.assertEqual((self.folder / "key").read_text(), before)
        self.assertEqual(len(base64.b64decode(before)), 32)

    def test_many_at_once_lose_nothing(self):
        processes = [
            subprocess.Popen([BINARY, "secret", "set", f"name-{n}"], cwd=self.folder, env=self.environment,
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for n in range(8)
        ]
        for process in processes:
            process.communicate(VALUE)
            self.assertEqual(process.returncode, 0)
        self.assertEqual(self.names(), [f"name-{n}" for n in range(8)])
        self.assertEqual(sorted(p.name for p in self.store.parent.iterdir()), ["secrets", "secrets.lock"])

    def test_what_cannot_be_a_secret_is_refused(self):
        self.assertIn("UTF-8", subprocess.run(
            [BINARY, "secret", "set", "x"], cwd=self.folder, env=self.environment, input=b"\xff\xfe",
            capture_output=True, check=False).stderr.decode())
        self.assertIn("empty", self.cairn("secret", "set", "x", stdin="\n", exit_code=2).stderr)
        self.assertIn("larger", self.cairn("secret", "set", "x", stdin="x" * (2 << 20), exit_code=2).stderr)


class NeverSeen(CommandTest):
    """The value goes through everything that may send it back, and is then looked for everywhere."""

    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment["TMPDIR"] = str(self.temporary)

    def assert_nowhere(self, *texts):
        encoded = VALUE.encode()
        forms = [encoded, base64.b64encode(encoded)]
        for text in texts:
            for form in forms:
                self.assertNotIn(form.decode(), text)
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name not in ("input.pipe",):
                content = path.read_bytes()
                for form in forms:
                    self.assertNotIn(form, content, str(path))

    TEXT = workflow(
        "  - loud: {run: {shell: {command: 'printf \"%s\" \"$TOKEN\" | cut -c1-9; sleep 0.2; printf \"out $TOKEN\"; printf \"err $TOKEN\" >&2', environment: {TOKEN: '${ $secrets.token }'}}, return: all}}\n"
        "  - script: {run: {script: {language: python, code: 'import os; print(os.environ[\"TOKEN\"])', environment: {TOKEN: '${ $secrets.token }'}}}}\n"
        "  - fails: {try: [{f: {run: {shell: {command: 'echo \"$TOKEN\" >&2; exit 3', environment: {TOKEN: '${ $secrets.token }'}}}}}], catch: {do: [{g: {set: {e: '${ $error }'}}}]}}\n"
        "  - slow: {run: {shell: {command: 'sleep 2', environment: {TOKEN: '${ $secrets.token }'}}}}\n",
        "loud", use="{secrets: [token]}",
    )

    def test_in_log_messages_answers_of_the_socket_and_temporary_files(self):
        self.environment["CAIRN_SECRET_TOKEN"] = VALUE
        self.environment["CAIRN_LOG_LEVEL"] = "trace"
        process = self.start_text(self.TEXT, "--progress")
        self.await_that("the run to be there", lambda: self.cairn("runs", exit_code=None).stdout)
        # A second process that follows gets everything over the socket, live output too.
        follower = self.start("events", "last", "--follow", "--json")
        raw = self.follow_raw()
        shown = self.cairn("show", "last", "--json").stdout
        code, out, err = self.end_of(process)
        self.assertEqual(code, 0, err)
        followed = self.end_of(follower)[1]
        self.assertIn("EffectCompleted", followed)
        self.assertIn("<confidential>", followed)
        self.assert_nowhere(out, err, followed, raw, shown, self.cairn("show", "last").stdout,
                            self.cairn("events", "last", "--json").stdout, self.cairn("replay", "last", "--json").stdout)

    def follow_raw(self):
        """What the socket of the owner says to somebody who follows the run."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self.folder / "data/owner.sock"))
            connection.sendall(b'{"op": "follow", "run": "last", "follow": true}\n')
            said = b""
            try:
                while chunk := connection.recv(65536):
                    said += chunk
            except TimeoutError:
                pass
        return said.decode()

    def test_in_what_a_killed_process_leaves_behind(self):
        self.environment["CAIRN_SECRET_TOKEN"] = VALUE
        process = self.start_text(self.TEXT)
        self.await_that("the slow task", lambda: '"name":"slow"' in self.cairn("show", "last", "--json", exit_code=None).stdout)
        self.kill(process)
        self.assert_nowhere()

    def test_in_a_core_dump(self):
        limits = "ulimit -c unlimited && "
        control = subprocess.Popen(["sh", "-c", limits + "exec sleep 60"], cwd=self.folder)
        self.environment["CAIRN_SECRET_TOKEN"] = VALUE
        self.write("workflow.yaml", self.TEXT)
        process = subprocess.Popen(["sh", "-c", f"{limits} exec {BINARY} run workflow.yaml"], cwd=self.folder,
                                   env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.await_that("the slow task", lambda: '"name":"slow"' in self.cairn("show", "last", "--json", exit_code=None).stdout)
        status = []
        for one in (control, process):
            one.send_signal(signal.SIGABRT)
            status.append(os.waitpid(one.pid, 0)[1])
            one.returncode = 0
        if not os.WCOREDUMP(status[0]):
            self.skipTest("nothing dumps core here")
        self.assertFalse(os.WCOREDUMP(status[1]))
        self.assert_nowhere()

    def test_a_wrong_option_is_not_repeated(self):
        self.write("workflow.yaml", self.TEXT)
        says = self.cairn("run", "workflow.yaml", "--secret", VALUE, exit_code=2).stderr
        self.assert_nowhere(says)


if __name__ == "__main__":
    unittest.main()
