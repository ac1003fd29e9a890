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


def checks_of_persons_or_in_words(model):
    """What an event or a request of a supervision check holds beside how, where on the round, when and what was found by a code: words about a
    crew, or who of it."""
    known = {"kind", "announced", "answer", "at", "stop", "planned", "number", "word", "round"}
    asked = [(f"{method} {path}", f) for method, path, incoming, _ in model.endpoints() if re.search("/check", path) for f in incoming]
    kept = [(name, f) for name in ("round_checked", "check_answered") for f in model.events[name]["fields"]]
    return [f"{where}: {f['name']}" for where, f in asked + kept if f["name"] not in known or (f["type"] == "text" and f["name"] != "planned")]


def checks_told_beyond_the_sheet(model):
    """Checks are a member of the one round's sheet; no list, figure or row of rounds has them, and nobody asks for them by unit."""
    told = [(name, f) for resource in model.api for name, fields in resource["schemas"].items() for f in fields if re.search(r"check(s|ed)?(?!list)(_|$)", f["name"])]
    return [f"{schema}.{f['name']}" for schema, f in told if (schema, f["name"]) not in (("round", "checks"), ("duty_problem", "checks"))] + \
        [f"{method} {path}" for method, path, _, _ in model.endpoints() if method == "GET" and re.search("/patrol/.*check|/checks", path)]


def others_answer_for_the_crew(model):
    """Whoever but the crew of the round may say its word, on a stop or on a check."""
    return [f"{path}: {e['rights']}" for _, path, _, e in model.endpoints() if e.get("event") in ("check_answered", "stop_explained") and e["rights"] != {"patrol": "assigned"}] + \
        [name for name in ("check_answered", "stop_explained") if model.events[name]["rights"] != ["patrol"]]


def notes_told_without_a_look(model):
    """Notes of rounds leave by the one reply of the look, for a purpose; the events keep them sealed."""
    looks = [e for _, _, incoming, e in model.endpoints() if "round_notes" in e.get("replies", {}).values()
             and (e.get("handler") != "patrol_notes_look" or not any(f["name"] == "purpose" and not f.get("optional") for f in incoming))]
    kept = [f for name, e in model.events.items() if e["object"] == "R" for f in e["fields"] if re.search("note|remark|narrative", f["name"]) and not f.get("sealed")]
    told = [schema for schema, field in model.replies() if schema.startswith("round") and re.search("note|remark", field)]
    return looks + kept + sorted(set(told) - {"round", "round_note", "round_notes"})


def presence_of_crews(model):
    """Where patrols were, by anybody who was there."""
    return [f"{schema}.{field}" for schema, field in model.replies() if schema in ("presence", "street_presence")
            and re.search(r"unit$|unit_id|units|crews?$|officer|account|round", field) and field not in ("least_crews",)]


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

    def test_a_supervision_check_is_of_a_duty_and_has_no_words_about_a_crew(self):
        self.holds(checks_of_persons_or_in_words, lambda m: m.add_field("round_checked", "officer"), lambda m: m.add_field("check_answered", "remarks"),
                   lambda m: m.add_endpoint("POST", "/api/v1/patrol/rounds/{round}/checks", body=["note"]))

    def test_checks_stand_on_the_one_sheet_and_in_no_list_or_sum(self):
        self.holds(checks_told_beyond_the_sheet, lambda m: m.add_endpoint("GET", "/api/v1/patrol/checks"), lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["checks_missed"]),
                   lambda m: next(r for r in m.api if "round_item" in r["schemas"])["schemas"]["round_item"].append({"name": "checks"}))

    def test_the_crew_alone_says_its_word(self):
        self.holds(others_answer_for_the_crew, lambda m: m.events["check_answered"]["rights"].append("commander"),
                   lambda m: next(e for _, _, _, e in m.endpoints() if e.get("event") == "check_answered")["rights"].update(commander="area"))

    def test_notes_of_a_round_are_sealed_and_read_with_a_look(self):
        self.holds(notes_told_without_a_look, lambda m: m.events["round_noted"]["fields"][0].pop("sealed"), lambda m: m.add_field("round_logged", "remarks"),
                   lambda m: next(r for r in m.api if "round_log" in r["schemas"])["schemas"]["round_log"].append({"name": "note"}),
                   lambda m: next(e for _, _, _, e in m.endpoints() if e.get("handler") == "patrol_notes_look").update(body=[]))

    def test_streets_are_told_of_three_crews_by_one_door_and_name_nobody(self):
        self.holds(presence_of_crews, lambda m: next(r for r in m.api if "presence" in r["schemas"])["schemas"]["street_presence"].append({"name": "crews"}))
        header, source = text("src/patrol/streets.h"), text("src/patrol/streets.c")
        self.assertIn("crews[PCT_CREWS_LEAST]", source)
        self.assertEqual(re.findall(r"^(?:pct_status|void|size_t|bool)\s+(pct_streets_\w+)", header, re.M), ["pct_streets_new", "pct_streets_free", "pct_streets_add", "pct_streets_tell"])
        self.assertNotRegex(header.split("typedef struct pct_street {")[1].split("}")[0], r"crew|unit;|name")

    def test_a_leader_sees_what_is_not_done_after_its_crew(self):
        proof = text("src/resource/patrol_proof.c")
        self.assertIn("PCT_CREW_FIRST_MS = 1800000", proof)
        self.assertEqual(len(re.findall(r"pct_crews_may_see\(", proof)), 1)

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
