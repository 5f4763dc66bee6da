"""cairn.yaml, CAIRN_* and options: which wins, and what is wrong with them."""
import unittest

from cli import CommandTest
from workflows import SET


class Settings(CommandTest):
    def setUp(self):
        super().setUp()
        del self.environment["CAIRN_DATA"]
        self.write("quick.yaml", SET)

    def refused(self, says, *more):
        result = self.cairn("run", "quick.yaml", *more, exit_code=2)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.startswith("cairn: "), result.stderr)
        self.assertIn(says, result.stderr)
        self.assertFalse((self.folder / ".cairn").exists())
        return result.stderr

    def test_without_any_the_data_is_here(self):
        self.cairn("run", "quick.yaml")
        self.assertTrue((self.folder / ".cairn").is_dir())

    def test_the_file_here_is_read_and_the_later_wins(self):
        self.write("cairn.yaml", "data: from-file\n")
        self.cairn("run", "quick.yaml")
        self.assertTrue((self.folder / "from-file/log").is_dir())
        self.environment["CAIRN_DATA"] = "from-environment"
        self.cairn("run", "quick.yaml")
        self.assertTrue((self.folder / "from-environment/log").is_dir())
        self.cairn("run", "quick.yaml", "--data", "from-option")
        self.assertTrue((self.folder / "from-option/log").is_dir())

    def test_a_file_elsewhere_by_option_before_or_after_the_command(self):
        self.write("etc/other.yaml", "data: data\n")
        self.cairn("--config", "etc/other.yaml", "run", "quick.yaml")
        self.assertTrue((self.folder / "etc/data/log").is_dir(), "paths in a file are relative to it")
        self.assertEqual(len(self.json_of("runs", "--config", "etc/other.yaml")), 1)
        self.environment["CAIRN_CONFIG"] = "etc/other.yaml"
        self.assertEqual(len(self.runs()), 1)

    def test_a_whole_file(self):
        self.write("cairn.yaml", """
data: .cairn
http:
  proxy: ''
  caFile: ca.pem
  clientCertificate: me.pem
  clientKey: me.key
  connectTimeout: PT5S
  timeout: PT1M
log:
  level: error
""")
        self.cairn("run", "quick.yaml")

    def test_an_empty_file(self):
        self.write("cairn.yaml", "# nothing yet\n")
        self.cairn("run", "quick.yaml")

    def test_unknown_keys_are_errors_with_line_and_suggestion(self):
        self.write("cairn.yaml", "http:\n  proxi: x\ndaat: y\n")
        err = self.refused("cairn.yaml:2:3: error: ")
        self.assertIn("did you mean 'proxy'?", err)
        self.assertIn("cairn.yaml:3:1: error: ", err)
        self.assertIn("did you mean 'data'?", err)

    def test_wrong_values_are_errors_with_their_line(self):
        for text, says in (
            ("http: 5\n", "cairn.yaml:1:7"),
            ("http:\n  timeout: soon\n", "cairn.yaml:2:12"),
            ("http:\n  timeout: PT0S\n", "cairn.yaml:2:12"),
            ("log: {level: loud}\n", "'loud'"),
            ("data: [a]\n", "cairn.yaml:1:7"),
            ("data: ''\n", "--data"),
            ("- data\n", "mapping"),
            ("data: [\n", "cairn.yaml"),
        ):
            with self.subTest(text):
                self.write("cairn.yaml", text)
                self.refused(says)

    def test_a_file_that_is_named_must_be_there(self):
        self.refused("nowhere.yaml", "--config", "nowhere.yaml")

    def test_unknown_variables_are_errors(self):
        self.environment["CAIRN_HTTP_PROXI"] = "x"
        err = self.refused("CAIRN_HTTP_PROXI")
        self.assertIn("did you mean 'CAIRN_HTTP_PROXY'?", err)

    def test_wrong_variables_are_errors(self):
        self.environment["CAIRN_HTTP_TIMEOUT"] = "5"
        self.refused("CAIRN_HTTP_TIMEOUT")

    def test_variables_reach_the_client(self):
        service = self.stand_in()
        self.write("call.yaml", SET.replace("{set: {answer: 42}}", "{call: http, with: {method: get, endpoint: 'http://127.0.0.1:9/'}}"))
        self.environment["CAIRN_HTTP_PROXY"] = service.address
        self.cairn("run", "call.yaml", exit_code=1)
        self.assertNotEqual(service.ledger(), [], "the request went to the proxy")

    def test_a_data_directory_that_cannot_be_made(self):
        self.write("file", "")
        self.assertIn("--data", self.cairn("run", "quick.yaml", "--data", "file/below", exit_code=1).stderr)


if __name__ == "__main__":
    unittest.main()
