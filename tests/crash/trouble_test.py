"""The real binary in trouble that passes: a full disk, a process that is stopped for half a minute."""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from harness import EndToEnd

VOLUME_MB = 192
STEPS = 300


def looping(address, steps, pause="PT0.02S"):
    """A call, a wait and a set task, `steps` times."""
    return (
        "document: {dsl: '1.0.3', namespace: crash, name: looping, version: '1.0.0'}\n"
        "do:\n"
        "  - all:\n"
        f"      for: {{each: n, in: '${{ [range({steps})] }}'}}\n"
        "      do:\n"
        "        - call: {call: http, with: {method: post, "
        f"endpoint: '{address}/crm/contacts', body: {{n: '${{ $n }}', email: '${{ \"a\\($n)@b.test\" }}'}}}}}}\n"
        f"        - pause: {{wait: {pause}}}\n"
        "  - end: {set: {steps: " + str(steps) + "}}\n"
    )


class FullDisk(EndToEnd):
    def setUp(self):
        super().setUp()
        self.volume = self.folder / "volume"
        self.volume.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={VOLUME_MB}m", "tmpfs", self.volume], capture_output=True, text=True
        )
        if mounted.returncode != 0:
            self.skipTest(f"no volume can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.volume], check=True)
        self.environment["CAIRN_DATA"] = str(self.volume / "data")

    def fill(self):
        """Leaves less than cairn keeps free."""
        space = os.statvfs(self.volume)
        bytes_free = space.f_bavail * space.f_frsize
        with open(self.volume / "ballast", "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, bytes_free - (8 << 20))

    def test_new_work_is_refused_reads_go_on_and_what_was_accepted_ends_when_there_is_room(self):
        service = self.stand_in()
        (self.folder / "flow.yaml").write_text(looping(service.address, STEPS))
        process = self.start("run", "flow.yaml")
        self.await_that("some steps", lambda: len(service.ledger("POST", "/crm/contacts")) > 20)
        self.fill()
        self.await_that("word of it", lambda: "disk_full" in self.cairn("run", "flow.yaml", exit_code=None).stderr
                        or "are kept" in self.cairn("run", "flow.yaml", exit_code=None).stderr)
        before = len(service.ledger("POST", "/crm/contacts"))
        self.assertIn("running", self.cairn("runs").stdout + self.cairn("show", "last").stdout)
        self.cairn("events", "last")
        time.sleep(1)
        self.assertLessEqual(len(service.ledger("POST", "/crm/contacts")), before + 1, "nothing goes out that is not recorded")
        self.assertIsNone(process.poll(), "it waits")
        (self.volume / "ballast").unlink()
        out, err = process.communicate(timeout=120)
        self.assertEqual((process.returncode, out), (0, '{"steps":%d}\n' % STEPS), err[-2000:])
        self.assertIn("nothing can be recorded for now", err)
        self.assertIn("room on the disk again", err)
        self.assertEqual(len(service.ledger("POST", "/crm/contacts")), STEPS, "each call once")
        self.cairn("log", "verify")
        self.cairn("replay", "last", "--verify")

    def test_a_process_that_is_killed_while_the_disk_is_full_loses_nothing(self):
        service = self.stand_in()
        (self.folder / "flow.yaml").write_text(looping(service.address, STEPS))
        process = self.start("run", "flow.yaml")
        self.await_that("some steps", lambda: len(service.ledger("POST", "/crm/contacts")) > 20)
        self.fill()
        time.sleep(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        (self.volume / "ballast").unlink()
        self.cairn("log", "verify")
        self.assertEqual(self.cairn("resume", "last").stdout, '{"steps":%d}\n' % STEPS)
        keys = {line["idempotencyKey"] for line in service.done("POST", "/crm/contacts")}
        self.assertEqual(len(keys), STEPS, "each call under one key")

    def test_a_log_is_not_begun_on_a_full_disk(self):
        self.fill()
        (self.folder / "flow.yaml").write_text(looping("http://127.0.0.1:9", 1))
        refused = self.cairn("run", "flow.yaml", exit_code=None)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("room", refused.stderr)


class Stopped(EndToEnd):
    def test_half_a_minute_without_a_processor_loses_and_repeats_nothing(self):
        service = self.stand_in()
        (self.folder / "flow.yaml").write_text(looping(service.address, 100))
        process = self.start("run", "flow.yaml")
        self.await_that("some steps", lambda: len(service.ledger("POST", "/crm/contacts")) > 20)
        process.send_signal(signal.SIGSTOP)
        time.sleep(30)
        process.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=120)
        self.assertEqual((process.returncode, out), (0, '{"steps":100}\n'), err[-2000:])
        self.assertEqual(len(service.done("POST", "/crm/contacts")), 100)
        self.cairn("replay", "last", "--verify")


if __name__ == "__main__":
    unittest.main()
