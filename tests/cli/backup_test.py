"""cairn backup and cairn restore."""
import json
import pathlib
import unittest

from cli import CommandTest
from workflows import SET, WAIT, counted


class Backup(CommandTest):
    def restored(self, *arguments, **more):
        """A command on the data directory that was restored."""
        return self.cairn(*arguments, "--data", "restored", **more)

    def test_while_a_run_waits_and_the_copy_goes_on_from_there(self):
        counter = self.folder / "counter"
        self.run_text(SET)
        process = self.start_text(counted(counter, 3))
        self.await_status("waiting")
        said = self.cairn("backup", "copies/monday").stdout
        self.assertEqual(said, "backup in copies/monday: 2 runs, 11 events, verified\n")
        self.assertEqual(self.end_of(process)[0], 0)
        self.assertEqual(counter.read_text(), "first\nsecond\n")
        said = self.restored("restore", "copies/monday").stdout
        self.assertIn("restored to restored: 2 runs, 11 events, verified\n", said)
        self.assertIn("1 run has not ended; go on with: cairn resume\n", said)
        self.assertEqual(self.restored("resume").stdout, '{"done":true}\n')
        self.assertEqual(counter.read_text(), "first\nsecond\nsecond\n")
        self.restored("log", "verify")
        self.restored("replay", "last", "--verify")

    def test_of_a_directory_that_nobody_owns(self):
        self.run_text(SET)
        report = self.json_of("backup", "copy")
        self.assertEqual((report["runs"], report["events"], report["damage"]), (1, 4, []))
        self.assertEqual(self.cairn("show", "last", "--data", "copy", "--json").stdout,
                         self.cairn("show", "last", "--json").stdout)
        self.assertEqual(json.loads(self.restored("restore", "copy", "--json").stdout)["runs"], 1)

    def test_overwrites_nothing(self):
        self.run_text(SET)
        self.cairn("backup", "copy")
        for command in (["backup", "copy"], ["restore", "copy"]):
            result = self.cairn(*command, exit_code=1)
            self.assertIn("there is a log already", result.stderr)
        self.assertEqual(self.json_of("log", "verify")["runs"], 1)

    def test_into_the_data_directory_is_refused_and_leaves_nothing(self):
        self.run_text(SET)
        self.assertIn("does not belong", self.cairn("backup", "data/copy", exit_code=2).stderr)
        self.assertFalse((self.folder / "data/copy").exists())

    def test_says_what_is_not_there(self):
        self.assertIn("there is no log", self.cairn("backup", "copy", exit_code=1).stderr)
        self.assertFalse((self.folder / "copy").exists())
        self.assertIn("there is no backup", self.cairn("restore", "copy", exit_code=1).stderr)

    def test_a_damaged_backup_is_not_restored(self):
        self.run_text(SET)
        self.cairn("backup", "copy")
        for path in pathlib.Path(self.folder / "copy/log").iterdir():
            if path.suffix in (".sst", ".log") and path.stat().st_size > 500:
                data = bytearray(path.read_bytes())
                data[len(data) // 2] ^= 0x40
                path.write_bytes(data)
        result = self.restored("restore", "copy", exit_code=1)
        self.assertIn("damaged", result.stderr)
        self.assertFalse((self.folder / "restored/log").exists())

    def test_a_directory_in_use_is_no_place_to_restore_to_or_from(self):
        self.run_text(SET)
        self.cairn("backup", "copy")
        process = self.start_text(WAIT)
        self.await_status("waiting")
        self.assertIn("another process", self.cairn("restore", "copy", exit_code=1).stderr)
        self.assertIn("cairn backup", self.restored("restore", "data", exit_code=1).stderr)
        self.kill(process)


if __name__ == "__main__":
    unittest.main()
