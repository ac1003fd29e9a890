"""The fault laboratory's own word: a row passes only when it counted what was promised and each of its sabotages was caught; what is
not there is missing, never passed."""
import importlib.machinery
import importlib.util
import os
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

    def test_every_row_has_runs_and_the_report_says_which_failed(self):
        for row in self.fault.ROWS:
            self.assertTrue(row.runs, row.name)
        row = self.fault.Row("a row", "a promise", [self.script("a.py", "found 9")], [])
        self.assertFalse(self.fault.write_report([self.fault.judge(row)]))
        with open("out/report.md", encoding="utf-8") as f:
            self.assertIn("| a row | a promise | FAILED |", f.read())


if __name__ == "__main__":
    unittest.main()
