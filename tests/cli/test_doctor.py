"""precinct doctor: each finding appears when its cause is there and goes with it. What the machine would have to be for it (a lying
disk, a full one, a clock that nobody keeps) is put under the program by LD_PRELOAD."""
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import databases

PRECINCT = os.environ["PRECINCT"]
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
static long world(const char *name, long otherwise) { const char *v = getenv(name); return v ? atol(v) : otherwise; }
int fdatasync(int fd) {
    (void)fd;
    long us = world("SYNC_US", 400);
    if (us < 0) return errno = EIO, -1;
    if (us > 0) usleep((unsigned)us);
    return 0;
}
int statfs(const char *path, struct statfs *out) {
    int (*real)(const char *, struct statfs *) = dlsym(RTLD_NEXT, "statfs");
    int failed = real(path, out);
    out->f_type = (unsigned)world("FS_TYPE", 0xEF53);
    return failed;
}
int statvfs(const char *path, struct statvfs *out) {
    (void)path;
    memset(out, 0, sizeof *out);
    out->f_frsize = 4096, out->f_blocks = 100 << 20, out->f_files = 1000000;
    out->f_bavail = (unsigned long)world("FREE_MIB", 50000) * 256;
    out->f_favail = (unsigned long)world("FREE_INODES", 900000);
    return 0;
}
long syscall(long number, ...) {
    long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall"), a[6];
    va_list given;
    va_start(given, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(given, long);
    va_end(given);
    if (number == SYS_landlock_create_ruleset) return world("LANDLOCK", 7);
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
int prctl(int what, ...) {
    if (what == PR_SET_SECCOMP) return errno = world("NO_FILTERS", 0) ? EINVAL : EFAULT, -1;
    return 0;
}
int adjtimex(struct timex *t) {
    memset(t, 0, sizeof *t);
    t->status = world("CLOCK_LOST", 0) ? STA_UNSYNC : 0;
    return world("CLOCK_LOST", 0) ? TIME_ERROR : TIME_OK;
}
int clock_gettime(clockid_t id, struct timespec *t) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, t);
    if (id == CLOCK_REALTIME) t->tv_sec += world("AHEAD_S", 0);
    return failed;
}
"""


class Doctor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="precinct-doctor-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not compiler:
            raise unittest.SkipTest("no C compiler")
        cls.library = os.path.join(cls.folder, "machine.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", cls.library, "-ldl"], input=SHIM.encode(), check=True)
        cls.first = os.path.join(cls.folder, "first")
        town = os.path.join(cls.folder, "town")
        subprocess.run([PRECINCT, "town", "--seed", "4", "--people", "3000", town], check=True, capture_output=True)
        subprocess.run([PRECINCT, "init", cls.first, "--map", f"{town}/map.osm.pbf", "--units", f"{town}/units.csv"], check=True,
                       capture_output=True)
        serving = subprocess.Popen([PRECINCT, "serve", cls.first, "--listen", "127.0.0.1:0", "--positions", "0", "--json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        serving.stdout.readline()
        serving.terminate()
        serving.wait(timeout=30)
        serving.stdout.close()

    def setUp(self):
        self.site = os.path.join(self.folder, "site")
        shutil.rmtree(self.site, ignore_errors=True)
        shutil.copytree(self.first, self.site)
        now = int(time.time() * 1000)
        self.backups(last_ms=now, drill_ms=now, drill="passed")

    def backups(self, **told):
        self.write("backups.json", json.dumps(told))

    def write(self, name, text):
        path = os.path.join(self.site, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name):
        with open(os.path.join(self.site, name), encoding="utf-8") as f:
            return f.read()

    def doctor(self, *options, **machine):
        done = subprocess.run([PRECINCT, "doctor", self.site, "--json", *options], capture_output=True, text=True, check=False,
                              env=dict(os.environ, LD_PRELOAD=self.library, LANG="C.UTF-8", **{k: str(v) for k, v in machine.items()}))
        self.assertIn(done.returncode, (0, 1), done.stderr)
        found = json.loads(done.stdout)["findings"]
        self.assertEqual(done.returncode, 1 if found else 0)
        for f in found:
            self.assertTrue(all(f[k] for k in ("id", "severity", "found", "expected", "do")), f)
        return {f["id"] for f in found}

    USUAL = {"key_beside", "spool_beside"}  # of a site that lies on one disk

    def comes_and_goes(self, name, make, mend, **machine):
        make()
        self.assertEqual(self.doctor(**machine), self.USUAL | {name})
        mend()
        self.assertEqual(self.doctor(), self.USUAL)

    def by_machine(self, name, **machine):
        self.comes_and_goes(name, lambda: None, lambda: None, **machine)

    def test_a_sound_site_has_only_what_lies_on_one_disk(self):
        self.assertEqual(self.doctor(), self.USUAL)

    def test_the_disk(self):
        self.by_machine("sync_too_fast", SYNC_US=0)
        self.by_machine("sync_slow", SYNC_US=60000)
        self.by_machine("sync_failed", SYNC_US=-1)
        self.by_machine("disk_memory", FS_TYPE=0x01021994)
        self.by_machine("disk_network", FS_TYPE=0x6969)
        self.by_machine("disk_overlay", FS_TYPE=0x794c7630)
        self.by_machine("space_low", FREE_MIB=500)
        self.by_machine("inodes_low", FREE_INODES=100)

    def test_the_forecast_of_room(self):
        config, record = os.path.join(self.site, "site.json"), os.path.join(self.site, "record.db")
        size = os.path.getsize(record)
        os.utime(config, (time.time() - 10 * 86400,) * 2)
        os.truncate(record, max(size, 8 << 30))  # sparse: ten days made eight GiB, and twenty-five are free
        self.assertIn("space_days", self.doctor(FREE_MIB=21000))
        os.truncate(record, size)
        self.assertEqual(self.doctor(FREE_MIB=21000), self.USUAL)

    def test_the_clock(self):
        self.by_machine("clock_not_kept", CLOCK_LOST=1)
        self.comes_and_goes("clock_behind", lambda: None, lambda: None, AHEAD_S=-86400)

    def test_the_kernel(self):
        self.by_machine("confined_partly", LANDLOCK=3)
        self.by_machine("confined_partly", LANDLOCK=-1)
        self.by_machine("confined_partly", NO_FILTERS=1)

    def test_the_zone(self):
        path, other = os.path.join(self.site, "zone.tzif"), "/usr/share/zoneinfo/Europe/Berlin"
        kept = os.path.join(self.folder, "zone.kept")
        self.comes_and_goes("zone_other", lambda: (shutil.copy(path, kept), shutil.copyfile(other, path)), lambda: shutil.copy(kept, path))

    def test_files_that_others_may_read(self):
        path = os.path.join(self.site, "keys.db")
        self.comes_and_goes("file_open", lambda: os.chmod(path, 0o644), lambda: os.chmod(path, 0o600))
        if os.geteuid() == 0:
            self.comes_and_goes("file_owner", lambda: os.chown(path, 12345, -1), lambda: os.chown(path, 0, -1))

    def test_settings_without_effect(self):
        config = self.read("site.json")
        self.comes_and_goes("setting_unknown", lambda: self.write("site.json", config.replace("{", '{"colour": "blue", ', 1)),
                            lambda: self.write("site.json", config))

    def test_keys_and_spool(self):
        key, away = os.path.join(self.site, "agency.key"), os.path.join(self.folder, "agency.key")
        os.rename(key, away)
        self.assertEqual(self.doctor(), {"key_absent", "spool_beside"})
        os.rename(away, key)
        spool = os.path.join(self.site, "spool/calls.spool")
        os.rename(spool, spool + ".away")
        self.assertEqual(self.doctor(), {"key_beside", "spool_absent"})
        os.rename(spool + ".away", spool)
        if os.path.isdir("/dev/shm"):
            elsewhere = tempfile.mkdtemp(dir="/dev/shm")
            self.addCleanup(shutil.rmtree, elsewhere)
            shutil.copy(key, elsewhere)
            self.assertEqual(self.doctor("--key", os.path.join(elsewhere, "agency.key")), {"spool_beside"})

    def spoil(self, sql):
        with databases.connect(os.path.join(self.site, "record.db")) as record:
            record.execute(sql)

    def test_the_log(self):
        self.assertNotIn("log_bad", self.doctor())
        self.comes_and_goes("log_bad", lambda: self.spoil("UPDATE event SET leaf = zeroblob(32) WHERE seq = 2"),
                            lambda: shutil.copytree(self.first, self.site, dirs_exist_ok=True))

    def test_definitions_that_were_changed(self):
        speeds = self.read("definitions/speeds.csv")
        self.comes_and_goes("definition_other", lambda: self.write("definitions/speeds.csv", speeds + "\n"),
                            lambda: self.write("definitions/speeds.csv", speeds))

    def test_an_old_map(self):
        path = os.path.join(self.site, "map/road.index")
        self.comes_and_goes("map_old", lambda: os.utime(path, (time.time() - 500 * 86400,) * 2), lambda: os.utime(path))

    def test_backups_and_their_drill(self):
        now, day = int(time.time() * 1000), 86400000
        sound = {"last_ms": now, "drill_ms": now, "drill": "passed"}
        well = lambda: self.backups(**sound)
        self.comes_and_goes("backup_none", lambda: os.remove(os.path.join(self.site, "backups.json")), well)
        self.comes_and_goes("backup_old", lambda: self.backups(**dict(sound, last_ms=now - 3 * day)), well)
        self.comes_and_goes("drill_failed", lambda: self.backups(**dict(sound, drill="failed")), well)

    def test_people_read_it_in_their_language(self):
        for language, says in (("en", "expected: files 0600"), ("zh", "应为：文件 0600")):
            os.chmod(os.path.join(self.site, "keys.db"), 0o644)
            done = subprocess.run([PRECINCT, "doctor", self.site, "--lang", language], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(says, done.stdout)
            self.assertIn("file_open", done.stdout)


if __name__ == "__main__":
    unittest.main()
