"""The fault laboratory's own word: a row passes only when it counted what was promised and each of its sabotages was caught; what is
not there is missing, never passed."""
import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load():
    path = os.path.join(ROOT, "tools/fault")
    spec = importlib.util.spec_from_loader("fault", importlib.machinery.SourceFileLoader("fault", path))
    module = importlib.util.module_from_spec(spec)
    sys.modules["fault"] = module
    spec.loader.exec_module(module)
    return module


class Rows(unittest.TestCase):
    def setUp(self):
        self.fault = load()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        os.mkdir("out")
        self.fault.OUT = "out"

    def script(self, name, says, code=0):
        with open(name, "w", encoding="utf-8") as f:
            f.write(f"print({says!r})\nraise SystemExit({code})\n")
        return self.fault.Run([name], r"found (?P<n>\d+)", 10)

    def state(self, runs, controls=()):
        return self.fault.judge(self.fault.Row("a row", "a promise", runs, list(controls)))["state"]

    def test_a_row_passes_when_it_counted_what_is_promised(self):
        self.assertEqual(self.state([self.script("a.py", "found 10")]), "passed")
        self.assertEqual(self.state([self.script("b.py", "found 9")]), "FAILED")
        self.assertEqual(self.state([self.script("c.py", "nothing")]), "FAILED")
        self.assertEqual(self.state([self.script("d.py", "found 10", 1)]), "FAILED")

    def test_what_is_not_there_is_missing_and_never_passed(self):
        there = self.script("a.py", "found 10")
        self.assertEqual(self.state([self.fault.Run(["nowhere.py"])]), "MISSING")
        self.assertEqual(self.state([there, self.fault.Run(["nowhere.py"])]), "MISSING")
        absent = self.fault.Control("absent", "x", self.fault.Run(["nowhere.py"]))
        self.assertEqual(self.state([there], [absent]), "MISSING")

    def test_a_sabotage_that_nobody_notices_fails_its_row(self):
        there = self.script("a.py", "found 10")
        unseen = self.fault.Control("unseen", r"lost \d+", self.script("b.py", "all well", 1))
        self.assertEqual(self.state([there], [unseen]), "FAILED")
        seen = self.fault.Control("seen", r"lost \d+", self.script("c.py", "lost 3", 1))
        self.assertEqual(self.state([there], [seen]), "passed")
        within = self.fault.Control("in the run itself", r"found (\d+)")
        self.assertEqual(self.state([there], [within]), "passed")

    def test_every_row_has_runs_and_sabotage_and_the_report_says_which_failed(self):
        for row in self.fault.ROWS:
            self.assertTrue(row.runs and row.controls, row.name)
        row = self.fault.Row("a row", "a promise", [self.script("a.py", "found 9")], [])
        self.assertFalse(self.fault.write_report([self.fault.judge(row)]))
        with open("out/report.md", encoding="utf-8") as f:
            self.assertIn("| a row | a promise | FAILED |", f.read())


class Guarantees(unittest.TestCase):
    """docs/reference/guarantees.md: each row has its command, what it printed, what breaks it and what noticed; all of them are there."""

    def rows(self):
        with open(os.path.join(ROOT, "docs/reference/guarantees.md"), encoding="utf-8") as f:
            for line in f:
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                if cells and not set(cells[0]) <= {"-"} and cells[0] != "guarantee":
                    yield cells

    def sources(self):
        """Path and text of each."""
        for folder, _, names in os.walk(os.path.join(ROOT, "tests")):
            for name in names:
                if name.endswith((".c", ".py", ".mjs")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as f:
                        yield os.path.relpath(path, ROOT), f.read()

    def test_each_guarantee_names_its_command_its_sabotage_and_the_test_that_caught_it(self):
        count = 0
        for cells in self.rows():
            count += 1
            self.assertEqual(len(cells), 5, cells)
            for cell in cells:
                self.assertTrue(cell, cells)
                self.assertNotRegex(cell, r"^(by hand|none|-)$", cells)
        self.assertGreater(count, 100)

    def test_what_they_name_is_there(self):
        tests, rows = dict(self.sources()), {row.name.replace(" ", "-") for row in load().ROWS}
        text = "\n".join(tests.values()) + "\n".join(tests)
        for cells in self.rows():
            for command in re.findall(r"`([^`]+)`", cells[1]):
                words = command.split()
                if words[0] == "tools/run-tests":
                    self.assertEqual(len(words), 2, command)
                    self.assertTrue(any(words[1] in path for path in tests), command)
                elif words[0].startswith(("tests/", "tools/")):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, words[0])), command)
                elif words[:2] == ["make", "fault"]:
                    self.assertIn(words[2].removeprefix("ROWS="), rows)
            for name in re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+){2,})`", cells[4]):
                self.assertIn(name, text, cells[0])


if __name__ == "__main__":
    unittest.main()
