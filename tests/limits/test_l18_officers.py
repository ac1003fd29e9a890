"""L18: officers' tracks run from sign-on to sign-off and are short-lived; nothing compares single crews, nothing counts arrests, checks or fines."""
import os
import re
import sqlite3
import time
import unittest
import urllib.error
import urllib.request

from model import ROOT, LimitTest
from server import PRECINCT, ApiTest, run


def counts_deeds(model):
    return model.named(r"arrests?|fines?|citations?|checks_done|stops?_made|(arrest|check|fine|stop)_(count|total|target|quota)s?|reward|bonus")


def figures_of_single_crews(model):
    """Figures by unit, crew, officer or account."""
    told = {name for resource in model.api for e in resource["endpoints"] if "figures" in e["path"] for name in e.get("replies", {}).values()}
    parts = {"figures"} | told
    return [f"{schema}.{field}" for schema, field in model.replies() if (schema in parts or "figure" in schema)
            and re.search(r"unit|crew|officer|account|author|taker", field)]


def tracks_outlive_a_month(model):
    return [f"{table}.{name}" for table, rows in model.columns.items() for name, kind, purpose, period in rows
            if kind == "position" and purpose == "duty" and period not in ("track", "thinned")]


def what_stays_of_tracks_names_somebody(model):
    """The counts that stay for ever, and the event that says what was destroyed."""
    told = {"class", "rows", "until"}
    return [f"passed.{name}" for name, *_ in model.columns["passed"] if re.search(r"unit|crew|officer|account|device", name)] + \
        [f"tracks_thinned.{field['name']}" for field in model.events["tracks_thinned"]["fields"] if field["name"] not in told]


def ranks_officers(model):
    return model.named(r"(crew|officer|unit|patrol)_(score|rank|rating|league|performance)|leaderboard|productivity")


def adherence_as_a_figure_of_crews(model):
    return model.named(r"adherence_(rate|score|share|rank|percent|points)s?|(missed|late|done|off_route)_(rate|share|score|rank)s?|(best|worst)_(crew|unit|officer)s?")


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


class Officers(LimitTest):
    def test_adherence_is_no_rate_or_rank_of_anybody(self):
        self.holds(adherence_as_a_figure_of_crews, lambda m: m.add_endpoint("GET", "/api/v1/patrol/adherence", reply=["adherence_rate"]),
                   lambda m: m.add_column("round", "missed_share"), lambda m: m.add_event("round_rated", "worst_crew"))

    def test_sums_of_adherence_go_through_the_one_door_that_wants_three_crews_or_four_weeks(self):
        header, command = text("src/patrol/crews.h"), text("src/cli/cmd_patrol_check.c")
        self.assertIn("PCT_CREWS_LEAST = 3, PCT_CREWS_WEEKS = 4,", header)
        self.assertNotRegex(header.split("typedef struct pct_crews_figures")[1].split("}")[0], r"unit|name|text")
        self.assertEqual(len(re.findall(r"pct_crews_tell\(", command)), 1)
        self.assertIn("write_presence(&w, f.told)", command)
        everything = "".join(text(os.path.join("src", folder, name)) for folder in ("cli", "resource", "desk") for name in os.listdir(os.path.join(ROOT, "src", folder))
                             if name.endswith(".c") and name != "cmd_patrol_check.c")
        self.assertEqual(re.findall(r".*of_state\[.*", everything), [])  # nobody else sums states up

    def test_nothing_counts_arrests_checks_or_fines(self):
        self.holds(counts_deeds, lambda m: m.add_field("order_reported", "arrests"), lambda m: m.add_column("unit", "fine_count"),
                   lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["arrest_target"]))

    def test_no_figure_is_of_a_single_crew(self):
        self.holds(figures_of_single_crews, lambda m: next(r for r in m.api if "figures" in r["schemas"])["schemas"]["figures"].append({"name": "by_unit"}))

    def test_positions_of_crews_are_kept_a_month_and_then_thinned(self):
        self.holds(tracks_outlive_a_month, lambda m: m.columns["fix"].append(("lon_e7", "position", "duty", "skeleton")))

    def test_what_stays_of_tracks_names_nobody(self):
        self.holds(what_stays_of_tracks_names_somebody, lambda m: m.columns["passed"].append(("unit", "operational", "statistics", "counts")),
                   lambda m: m.add_field("tracks_thinned", "unit"))

    def test_officers_are_not_ranked(self):
        self.holds(ranks_officers, lambda m: m.add_endpoint("GET", "/api/v1/crews/leaderboard"), lambda m: m.add_column("unit", "officer_score"))


class OffDuty(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    def points(self):
        tracks = sqlite3.connect(f"file:{self.server.site}/tracks.db?mode=ro", uri=True)
        count = tracks.execute("SELECT count(*) FROM fix").fetchone()[0]
        tracks.close()
        return count

    def report(self, device, at_s):
        url = f"http://127.0.0.1:{self.server.positions_port}/?id={device}&lat=40.1&lon=102.4&timestamp={at_s}"
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return reply.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def stored(self, at_least):
        """How many points there are, once there are so many or after ten seconds: they are written once a second."""
        end = time.monotonic() + 10
        while self.points() < at_least and time.monotonic() < end:
            time.sleep(0.1)
        return self.points()

    def test_a_position_after_sign_off_is_neither_shown_nor_kept(self):
        self.assertTrue(PRECINCT)
        unit = self.a_unit()[0]
        name = self.anna.get(f"/api/v1/units/{unit}").json["name"]
        run("device", "add", self.server.site, name, "--id", "phone-17")
        now, before = int(time.time()), self.points()
        self.report("phone-17", now + 1)
        self.assertEqual(self.stored(before + 1), before + 1, "a unit on duty leaves a track")
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_off"))
        self.report("phone-17", now + 3)
        time.sleep(2.5)
        self.assertEqual(self.points(), before + 1, "a unit off duty leaves none")
        self.assertNotIn(f'"{unit}"', self.anna.get("/api/v1/positions").body.decode())


if __name__ == "__main__":
    unittest.main()
