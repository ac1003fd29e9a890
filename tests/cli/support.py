"""What the command-line tests share: the binary, a scratch folder, the real data where it is."""
import json
import os
import resource
import shutil
import subprocess
import tempfile
import unittest

PRECINCT = os.environ["PRECINCT"]
DATA = os.environ.get("PRECINCT_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")


def needs_data(*names):
    missing = [name for name in names if not os.path.exists(os.path.join(DATA, name))]
    return unittest.skipIf(missing, f"{missing} absent (set PRECINCT_DATA)")


def data(name):
    return os.path.join(DATA, name)


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="precinct-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def run_precinct(self, *arguments, file_limit=None, env=None, stdout=subprocess.PIPE, timeout=600):
        def limit():
            if file_limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        return subprocess.run([PRECINCT, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True,
                              preexec_fn=limit, env=dict(os.environ, LANG="C.UTF-8", **(env or {})), timeout=timeout)

    def ok(self, *arguments, **options):
        done = self.run_precinct(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done

    def answer(self, *arguments, **options):
        """The JSON document that the command prints, alone on stdout."""
        return json.loads(self.ok(*arguments, "--json", **options).stdout)

    def refused(self, code, says, *arguments, **options):
        """Ends with `code`, nothing on stdout, and one sentence that contains every item of `says`."""
        done = self.run_precinct(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertFalse(done.stdout)
        for fragment in [says] if isinstance(says, str) else says:
            self.assertIn(fragment, done.stderr)
        return done

    def csv_site(self, name="site"):
        """A small site of one block:  1 ─ 2 ─ 3,  one-way 3 → 1."""
        nodes = self.write("nodes.csv", "id,lon,lat\n1,100.00,30.00\n2,100.01,30.00\n3,100.01,30.01\n4,100.5,30.5\n"
                                        "5,100.51,30.5\n")
        edges = self.write("edges.csv", "from,to,length_m,class,oneway,name\n1,2,1000,primary,no,东街\n"
                                        "2,3,1100,residential,no,北街\n3,1,1500,residential,yes,\n"
                                        "4,5,900,residential,no,岛路\n")
        self.ok("init", self.path(name), "--nodes", nodes, "--edges", edges)
        return self.path(name)
