"""/metrics: what `promtool check metrics` demands, by promtool where it is installed (Debian: prometheus) and always by the
rules below, which are those of the format (exposition_formats, 0.0.4) and of promtool's linter for what we have: counters
and gauges."""
import os
import re
import shutil
import subprocess
import unittest

from server import ApiTest

PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")
SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{([a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*)\})? '
                    r'([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)')
KINDS = ("counter", "gauge")
NO_BASE_UNITS = {"ms", "millis", "milliseconds", "us", "microseconds", "ns", "nanoseconds", "minutes", "hours", "days", "weeks", "kb", "mb",
                 "kilobytes", "megabytes", "bits", "km", "kilometers", "kmh", "percent", "s", "sec", "secs", "m"}


def lint(text):
    """Every fault of a text in Prometheus' format."""
    faults, helps, kinds, series, current = [], {}, {}, set(), None
    if not text.endswith("\n"):
        faults.append("the last line has no end")
    for line in text.split("\n")[:-1]:
        comment = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line)
        if comment:
            what, name, rest = comment.groups()
            known = helps if what == "HELP" else kinds
            if name in known:
                faults.append(f"{name}: a second {what}")
            known[name] = rest
            if what == "TYPE" and rest not in KINDS:
                faults.append(f"{name}: type {rest}")
            current = name
            continue
        sample = SAMPLE.fullmatch(line)
        if not sample:
            faults.append(f"no sample: {line!r}")
            continue
        name, labels, _ = sample.groups()
        if name != current:
            faults.append(f"{name}: its samples stand apart from its TYPE")
        if (name, labels) in series:
            faults.append(f"{name}{{{labels}}}: twice")
        series.add((name, labels))
    return faults + [fault for name in {s[0] for s in series} | set(helps) | set(kinds) for fault in lint_name(name, helps, kinds)]


def lint_name(name, helps, kinds):
    parts = name.split("_")
    if name not in helps or name not in kinds:
        yield f"{name}: HELP and TYPE are wanted"
    if not name.startswith("precinct_"):
        yield f"{name}: not ours"
    if (kinds.get(name) == "counter") != (parts[-1] == "total"):
        yield f"{name}: counters end in _total, and nothing else does"
    if ":" in name or set(parts) & set(KINDS) or parts[-1] in ("count", "sum", "bucket", "info"):
        yield f"{name}: a reserved part"
    if set(parts) & NO_BASE_UNITS:
        yield f"{name}: not a base unit (seconds, bytes, meters, ratio)"
    if kinds.get(name) and not helps.get(name, "").endswith("."):
        yield f"{name}: its help is no sentence"


class Metrics(ApiTest):
    def metrics(self):
        reply = self.nobody.get("/metrics")
        self.assertEqual(reply.status, 200)
        self.assertTrue(reply.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        return reply.body.decode()

    def test_the_rules_find_what_is_wrong(self):
        good = "# HELP precinct_x_total Things.\n# TYPE precinct_x_total counter\nprecinct_x_total{a=\"b\"} 1\n"
        self.assertEqual(lint(good), [])
        for change in ((" 1\n", " 1"), ("Things", "Things\nx"), ("_total", ""), ("_x_", "_x_ms_"), (" counter", " gauge"), (" 1", " one"),
                       ("# HELP precinct_x_total Things.\n", ""), ("precinct_x_total{a=\"b\"} 1\n", "precinct_x_total 1\n" * 2),
                       ("a=", "A="), ("precinct_x_total{", "precinct_y_total{"), ("Things.", "Things")):
            self.assertTrue(lint(good.replace(*change)), change)

    def test_metrics_keep_the_rules_of_the_format(self):
        self.an_incident()
        text = self.metrics()
        self.assertEqual(lint(text), [])
        self.assertIn("\nprecinct_events_total ", text)

    @unittest.skipUnless(PROMTOOL, "promtool is not installed")
    def test_promtool_finds_nothing(self):
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=self.metrics(), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
