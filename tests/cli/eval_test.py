"""cairn eval: outputs one a line, errors with a caret, limits."""
import subprocess
import unittest

from cli import BINARY, CommandTest


class Outputs(CommandTest):
    def eval(self, *arguments, exit_code=0, stdin=None):
        return self.cairn("eval", *arguments, exit_code=exit_code, stdin=stdin).stdout

    def test_each_is_compact_json_on_a_line_of_its_own(self):
        self.assertEqual(self.eval(".[]", "--input", '[1, "x\\ny", null, {"a": [ ]}]'), '1\n"x\\ny"\nnull\n{"a":[]}\n')
        self.assertEqual(self.eval("empty"), "")
        self.assertEqual(self.eval("."), "null\n", "the input is null unless it is given")

    def test_raw_gives_strings_as_they_are(self):
        self.assertEqual(self.eval("--raw", ".[]", "--input", '["x y", "é\\n", 1, ["s"]]'), 'x y\né\n\n1\n["s"]\n')

    def test_the_input_may_be_a_file_or_standard_input(self):
        self.write("order.json", '{"id": 9007199254740993}')
        self.assertEqual(self.eval(".id + 1", "--input", "@order.json"), "9007199254740994\n")
        self.assertEqual(self.eval(".id", "--input", "-", stdin='{"id": 19.90}'), "19.90\n")
        numbers = "[" + ",".join(map(str, range(1_000_000))) + "]"
        self.assertEqual(self.eval("length", "--input", "-", stdin=numbers), "1000000\n")

    def test_arguments_are_variables(self):
        self.write("rates.json", '{"EUR": 2}')
        self.assertEqual(
            self.eval("--arg", "n=[1,2]", "$rates.EUR * $n[1]", "--arg", "rates=@rates.json"), "4\n"
        )

    def test_a_reader_that_leaves_early_ends_it(self):
        text = subprocess.run(
            ["bash", "-c", f"'{BINARY}' eval 'range(1e15)' --limit outputs=1000000000 --limit steps=1000000000 | head -n 2"],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=True,
        ).stdout
        self.assertEqual(text, "0\n1\n")


class Errors(CommandTest):
    def test_of_an_evaluation_follow_what_came_before(self):
        result = self.cairn("eval", '1, "é", .a.b', "--input", '{"a": 5}', exit_code=1)
        self.assertEqual(result.stdout, '1\n"é"\n')
        self.assertEqual(
            result.stderr,
            'expression:1:9: error: Cannot index number with string ("b")\n'
            '     1 | 1, "é", .a.b\n'
            "       |         ^\n",
        )

    def test_of_an_endless_value_are_cut(self):
        result = self.cairn("eval", "reduce range(60) as $i (1; [., .]) | error", exit_code=1)
        self.assertRegex(result.stderr, r"^expression:1:38: error: \[\[\[.*\.\.\.\]\n")
        self.assertLess(len(result.stderr), 5_000)

    def test_of_compiling_point_at_the_place(self):
        result = self.cairn("eval", ".a |\n  foo(1)", exit_code=2)
        self.assertEqual(result.stdout, "")
        self.assertEqual(
            result.stderr,
            "expression:2:3: error: foo/1 is not defined\n     2 |   foo(1)\n       |   ^\n",
        )
        self.assertIn("an expression is written without ${ } around it", self.cairn("eval", "${ .a }", exit_code=2).stderr)
        self.assertIn("available here: $x", self.cairn("eval", "$y", "--arg", "x=1", exit_code=2).stderr)
        self.assertIn("env/0 is not available", self.cairn("eval", "env", exit_code=2).stderr)

    def test_of_usage_say_what_is_wrong(self):
        for arguments, says in (
            ([], "EXPR is required"),
            ([".", "--input", "nope"], "--input, line 1, column 1"),
            ([".", "--input", "@missing.json"], "missing.json"),
            ([".", "--arg", "x"], "NAME=JSON"),
            ([".", "--arg", "x=nope"], "--arg x, line 1, column 1"),
            ([".", "--arg", "x-y=1"], "'x-y' cannot be the name of a variable"),
            ([".", "--arg", "x=1", "--arg", "x=2"], "'x' is given twice"),
            (["-.a"], "there is no option '-.a'; an expression that begins with - stands behind --: cairn eval -- '-.a'"),
            ([".", "--raww"], "did you mean '--raw'?"),
            ([".", "--limit", "seconds=1"], "there is no limit 'seconds'"),
            ([".", "--limit", "step=1"], "did you mean 'steps'?"),
            ([".", "--limit", "steps=0"], "an integer from 1 to"),
            ([".", "--limit", "steps=1000000001"], "an integer from 1 to 1000000000"),
            ([".", "--limit", "steps=many"], "an integer from 1 to"),
        ):
            with self.subTest(arguments):
                result = self.cairn("eval", *arguments, exit_code=2)
                self.assertEqual(result.stdout, "")
                self.assertTrue(result.stderr.startswith("cairn: "), result.stderr)
                self.assertIn(says, result.stderr)


class Limits(CommandTest):
    def test_end_what_exceeds_them_and_say_which_option_raises_them(self):
        for expression, limit in (
            ("[range(1000)]", "steps=100"),
            ("[range(1000)]", "memory=1000"),
            ("range(10)", "outputs=3"),
            ("[range(100) | tostring] | add", "text=10"),
            ("reduce range(10) as $i (1; [.])", "depth=9"),
            ("def f: 1 + f; f", "calls=50"),
        ):
            with self.subTest(limit):
                result = self.cairn("eval", expression, "--limit", limit, exit_code=1)
                name, value = limit.split("=")
                if name == "memory":
                    self.assertIn("1000 bytes of memory in all, freed or not; ", result.stderr)
                self.assertRegex(result.stderr, rf"takes more than {value} .*; --limit {name}=N raises the limit")
        self.assertEqual(self.cairn("eval", "range(10)", "--limit", "outputs=3", exit_code=1).stdout, "0\n1\n2\n")

    def test_are_there_without_being_asked_for(self):
        for expression in ("def f: f; f", "[range(1e12)]", '"x" * 1e10', ".[1e9] = 1", "[limit(1e10; repeat(1))]"):
            with self.subTest(expression):
                self.cairn("eval", expression, exit_code=1)


if __name__ == "__main__":
    unittest.main()
