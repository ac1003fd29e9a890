"""The package on a bare Debian 12 without a network, under systemd itself: tools/try-service with a bundle of the tests' own program.
Where a systemd cannot run beside the machine's own, tools/try-package: the same without one. Both need root, Debian's archive, and the
bare Debian that tools/try-service makes at its first run."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import PRECINCT

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "build/package/bare-systemd"
SKIPPED, NO_ARCHIVE = 77, 3


def why_not():
    """What is missing here for a root of one's own; nothing when all is there."""
    if os.geteuid() != 0:
        return "only root makes a machine in namespaces"
    if not (BARE / "lib/systemd/systemd").exists():
        return f"no bare Debian in {BARE.relative_to(ROOT)} (tools/try-service makes it)"
    for program in ("unshare", "nsenter", "dh"):
        if not shutil.which(program):
            return f"{program} is absent"
    if not (ROOT / "build/web/dist/index.html").exists():
        return "the console was not built"
    tried = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "sh", "-c",
                            "mount --make-rprivate / && mount -t proc proc /mnt && mount -t tmpfs tmpfs /mnt"], capture_output=True, text=True, check=False)
    return f"namespaces are not allowed: {tried.stderr.strip()}" if tried.returncode else ""


class Install(unittest.TestCase):
    def skip(self, why):
        print(f"SKIP tests/cli/test_install.py: {why}", flush=True)
        self.skipTest(why)

    def attempt(self, tool, bundle):
        done = subprocess.run([ROOT / "tools" / tool, bundle, BARE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        print(done.stdout, flush=True)
        return done.returncode

    def test_it_installs_without_a_network_and_runs_under_systemd(self):
        if why := why_not():
            self.skip(why)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        made = subprocess.run([ROOT / "tools/package", "--program", PRECINCT, "--to", folder.name], capture_output=True, text=True, check=False)
        if made.returncode == NO_ARCHIVE:
            self.skip(f"the archive is out of reach: {made.stderr.strip()[-200:]}")
        self.assertEqual(made.returncode, 0, made.stderr)
        bundle = next(Path(folder.name).glob("*.bundle.tar"))
        code = self.attempt("try-service", bundle)
        if code == SKIPPED:
            code = self.attempt("try-package", bundle)
        self.assertEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
