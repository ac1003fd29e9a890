"""The Debian package, made of the tests' own program: what is in it, the service's sandbox, the list of materials, the same
bytes whoever makes it. That it installs without a network and can be built anew: tools/try-package, tools/reproduce."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import PRECINCT

ROOT = Path(__file__).resolve().parents[2]
WORST_EXPOSURE = 12  # tenths, of systemd-analyze security


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, **options).stdout


def words(page):
    """A manual page as it is shown, without its spaces."""
    shown = run("man", "-l", page, env=os.environ | {"MANWIDTH": "4000", "LC_ALL": "C.UTF-8"})
    return re.sub(r"\s+", "", shown.replace("‐", "-").replace("−", "-"))


def make(folder):
    run(ROOT / "tools/package", "--program", PRECINCT, "--to", folder, "--no-bundle")
    return next(Path(folder).glob("*.deb"))


@unittest.skipUnless(shutil.which("dh") and (ROOT / "build/web/dist/index.html").exists(), "debhelper or the console is absent")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.place = Path(cls.folder.name)
        cls.deb = make(cls.place / "first")
        cls.tree = cls.place / "tree"
        run("dpkg-deb", "-x", cls.deb, cls.tree)
        cls.doc = cls.tree / "usr/share/doc/precinct"
        cls.commands = json.loads(run(PRECINCT, "help", "--json"))["commands"]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_who_makes_it_and_where_changes_no_byte(self):
        into = self.place / "second"
        strange = {"TZ": "Asia/Shanghai", "LC_ALL": "C", "LANG": "zh_CN.UTF-8", "HOME": str(self.place), "PYTHONHASHSEED": "7"}
        subprocess.run([ROOT / "tools/package", "--program", PRECINCT, "--to", into, "--no-bundle"], check=True, capture_output=True,
                       env=os.environ | strange, umask=0o077)
        again = next(into.glob("*.deb"))
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.deb, again)]
        self.assertEqual(*digests)

    def test_files_are_roots_and_nobody_else_may_write_them(self):
        for line in run("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "root/root", line)
            self.assertRegex(mode, r"^([d-]rwxr-xr-x|-rw-r--r--)$", line)

    def test_it_brings_program_console_definitions_and_service(self):
        for path in ("usr/bin/precinct", "usr/share/precinct/web/index.html", "usr/share/precinct/web/verify-log.html", "usr/share/precinct/definitions/speeds.csv",
                     "lib/systemd/system/precinct.service", "etc/default/precinct"):
            self.assertTrue((self.tree / path).is_file(), path)
        for path in ("copyright", "NOTICE.txt", "README.Debian", "precinct.cdx.json", "reference/guarantees.md", "scope.md", "changelog.gz"):
            self.assertTrue((self.doc / path).is_file(), path)

    def test_every_command_has_its_manual_page_in_both_languages(self):
        self.assertGreater(len(self.commands), 40)
        for folder in ("man1", "zh_CN/man1"):
            pages = {path.name for path in (self.tree / "usr/share/man" / folder).iterdir()}
            self.assertEqual(pages, {"precinct.1.gz"} | {"precinct-" + c["name"].replace(" ", "-") + ".1.gz" for c in self.commands})

    @unittest.skipUnless(shutil.which("man"), "man is absent")
    def test_a_manual_page_says_what_help_says(self):
        for language, folder in (("en", "man1"), ("zh", "zh_CN/man1")):
            for name in ("serve", "map update", "backup"):
                said = json.loads(run(PRECINCT, "help", *name.split(), "--json", "--lang", language))
                page = words(self.tree / f"usr/share/man/{folder}/precinct-{name.replace(' ', '-')}.1.gz")
                for text in [said["summary"], *(o["name"] + " " + o["placeholder"] + o["help"] for o in said["options"])]:
                    self.assertIn(re.sub(r"\s+", "", text), page)

    def test_the_libraries_packages_are_named_as_dependencies(self):
        depends = run("dpkg-deb", "-f", self.deb, "Depends")
        for name in ("libc6", "libsqlite3-0", "libsodium23", "libmicrohttpd12", "tzdata", "adduser"):
            self.assertRegex(depends, rf"(^|, ){name}\b")

    def test_the_list_of_materials_names_every_library_and_every_package_of_the_console(self):
        listed = json.loads((self.doc / "precinct.cdx.json").read_text())
        self.assertEqual((listed["bomFormat"], listed["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(listed["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertRegex(listed["metadata"]["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        by_name = {c["name"]: c for c in listed["components"] if c["scope"] == "required"}
        for component in listed["components"]:
            self.assertRegex(component["purl"], r"^pkg:(deb/debian|npm)/\S+@\S+$")
            self.assertTrue(component["version"])
        depends = set(re.findall(r"(?:^|, )([a-z0-9.+-]+)", run("dpkg-deb", "-f", self.deb, "Depends"))) - {"adduser"}
        self.assertEqual(depends - set(by_name), set())
        lock = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
        notice = (self.doc / "NOTICE.txt").read_text()
        for path, entry in lock.items():
            if path and not entry.get("dev") and "@types/" not in path:
                name = path.removeprefix("node_modules/")
                self.assertEqual(by_name[name]["version"], entry["version"])
                self.assertEqual(len(by_name[name]["hashes"][0]["content"]), 128)
                self.assertIn(f"{name} {entry['version']}\n", notice)
        references = {c["bom-ref"] for c in listed["components"]}
        self.assertEqual(len(references), len(listed["components"]))
        self.assertLessEqual(set(listed["dependencies"][0]["dependsOn"]), references)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is absent")
    def test_the_service_is_shut_in(self):
        unit = self.tree / "lib/systemd/system/precinct.service"
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={WORST_EXPOSURE}", "--no-pager", str(unit)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-300:] + done.stderr)
        text = unit.read_text()
        for setting in ("NoNewPrivileges=yes", "ProtectSystem=strict", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=\n", "LimitCORE=0", "User=precinct", "Restart=always"):
            self.assertIn(setting, text)

    def test_what_starts_the_service_is_a_command_as_the_program_has_it(self):
        unit = (self.tree / "lib/systemd/system/precinct.service").read_text()
        words = re.search(r"^ExecStart=(.*)$", unit, re.M).group(1).split()
        self.assertEqual(words[:2], ["/usr/bin/precinct", "serve"])
        options = {o["name"] for c in self.commands if c["name"] == "serve" for o in c["options"]}
        self.assertLessEqual({word for word in words if word.startswith("--")}, options)

    def test_no_script_of_the_package_touches_a_site(self):
        control = self.place / "control"
        run("dpkg-deb", "-e", self.deb, control)
        for script in ("postinst", "prerm", "postrm"):
            self.assertNotRegex((control / script).read_text(), r"\brm\b|\bdeluser\b|chown -R|chmod -R")


if __name__ == "__main__":
    unittest.main()
