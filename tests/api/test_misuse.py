"""Flags of the misuse watch over HTTP: the audit administrator alone reads them, each reading is on record, and nothing that stays in
the record names whom a flag was about. The lines of the watch are set so that nothing waits for an hour."""
import json
import os
import re
import stat
import subprocess
import time
import unittest

from server import ALL_ROLES, PASSWORD, PRECINCT, ApiTest, run
from test_rights import CALL

AT_ONCE = {"settles": "0", "sitting": "0", "on_the_board": "0"}


def set_lines(site, **hours):
    """Puts other hours into the site's own misuse.csv."""
    path = os.path.join(site, "definitions", "misuse.csv")
    with open(path, encoding="utf-8") as f:
        rows = f.read().splitlines()
    for i, row in enumerate(rows):
        parts = row.split(",")
        if parts[0] in hours:
            parts[3] = hours[parts[0]]
            rows[i] = ",".join(parts)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(rows) + "\n")


class Misuse(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "nosy": "dispatcher", "spy": "dispatcher", "ada": "audit_admin"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.stop()
        set_lines(cls.server.site, **AT_ONCE)
        run("user", "add", cls.server.site, "nora", "--roles", "dispatcher", "--person", "P7", "--password-stdin", text=PASSWORD + "\n")
        run("user", "add", cls.server.site, "olaf", "--roles", "audit_admin", "--person", "P7", "--password-stdin", text=PASSWORD + "\n")
        cls.server.add("sina", "security_admin")  # last: once there is one, a new administrator takes two persons
        cls.server.start()
        cls.clients = {name: cls.server.sign_in(name) for name in (*cls.ACCOUNTS, "nora", "olaf", "sina")}

    def setUp(self):
        super().setUp()
        self.ada = self.clients["ada"]

    def pry(self, who, count=4):
        """Looks at one record of somebody else again and again; the numbers of the looks."""
        call = self.taken(self.anna.post("/api/v1/calls", dict(CALL, words="canary")))
        seqs = [self.clients[who].post(f"/api/v1/calls/{call}/look", {"purpose": f"file of {call}", "case": call}).json["seq"] for _ in range(count)]
        return call, seqs

    def flag_about(self, call, state="open"):
        """The flag that is about this record: each reading lets the one before be judged."""
        for _ in range(200):
            reply = self.ada.get(f"/api/v1/misuse/flags?state={state}")
            self.assertEqual(reply.status, 200, reply.body)
            found = [f for f in reply.json["items"] if f["subject"] == call]
            if found and reply.json["complete"]:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no flag about {call}: {reply.body}")

    def test_a_pattern_is_flagged_without_a_name(self):
        call, seqs = self.pry("nosy")
        flag = self.flag_about(call)
        self.assertEqual((flag["pattern"], flag["state"], flag["role"], flag["seqs"]), ("same_record", "open", "dispatcher", seqs))
        self.assertRegex(flag["actor"], r"^[0-9a-f]{32}$")
        whole = self.ada.get("/api/v1/misuse/flags")
        for name in (*self.ACCOUNTS, "nora", "canary", "file of"):
            if name != "ada":
                self.assertNotIn(name.encode(), whole.body)
        self.assertEqual(whole.headers["Cache-Control"], "no-store")

    def test_each_reading_is_on_record_with_who_read(self):
        before = len(self.server.events("flags_read"))
        self.ada.get("/api/v1/misuse/flags")
        reads = self.server.events("flags_read")
        self.assertEqual(len(reads), before + 1)
        self.assertEqual((reads[-1]["actor"], reads[-1]["role"], reads[-1]["object"][0]), ("ada", "audit_admin", "W"))

    def test_opening_a_flag_names_the_account_once_it_is_on_record(self):
        call, seqs = self.pry("nosy")
        flag = self.flag_about(call)
        path = f"/api/v1/misuse/flags/{flag['id']}/open"
        for body in ({}, {"purpose": " \t"}):
            self.refused(self.ada.post(path, body), 400)
        self.assertEqual([e for e in self.server.events("flag_opened") if e["data"]["flag"] == flag["id"]], [])
        opened = self.ada.post(path, {"purpose": "complaint 12"}).json
        self.assertEqual((opened["account"], opened["flag"]), ("nosy", flag["id"]))
        self.assertEqual([(l["seq"], l["record"], l["for_case"], l["purpose"]) for l in opened["looks"]], [(s, call, call, f"file of {call}") for s in seqs])
        event = [e for e in self.server.events("flag_opened") if e["seq"] == opened["seq"]][0]
        self.assertEqual((event["actor"], event["purpose"], event["data"]), ("ada", "complaint 12", {"flag": flag["id"]}))
        self.assertNotIn("nosy", json.dumps(event))

    def test_a_review_closes_a_flag_once_and_names_nobody_in_the_record(self):
        call, _ = self.pry("nosy")
        flag = self.flag_about(call)
        path = f"/api/v1/misuse/flags/{flag['id']}/review"
        self.refused(self.ada.post(path, {"result": "dismissed"}), 400)
        self.refused(self.ada.post(path, {}), 400)
        self.taken(self.ada.post(path, {"result": "explained"}))
        shown = self.flag_about(call, "reviewed")
        self.assertEqual((shown["state"], shown["result"], shown["reviewed_by"]), ("reviewed", "explained", "ada"))
        self.refused(self.ada.post(path, {"result": "referred"}), 409, "misuse_reviewed")
        event = [e for e in self.server.events("flag_reviewed") if e["data"]["flag"] == flag["id"]]
        self.assertEqual([e["data"] for e in event], [{"flag": flag["id"], "result": "explained", "looks": 4}])
        self.assertNotIn("nosy", json.dumps(event))
        # Looks that come after open it again, under the same name.
        self.clients["nosy"].post(f"/api/v1/calls/{call}/look", {"purpose": "again", "case": call})
        again = self.flag_about(call)
        self.assertEqual((again["id"], again["looks"], again["result"]), (flag["id"], 5, None))
        self.taken(self.ada.post(path, {"result": "referred"}))

    def test_nobody_opens_or_reviews_what_is_about_an_own_account(self):
        call, _ = self.pry("nora")
        flag = self.flag_about(call)
        for path, body in (("open", {"purpose": "x"}), ("review", {"result": "mistaken"})):
            reply = self.refused(self.clients["olaf"].post(f"/api/v1/misuse/flags/{flag['id']}/{path}", body), 403, "misuse_own")
            self.assertNotIn("reviewed", reply["detail"])
        self.assertEqual(self.flag_about(call)["state"], "open")
        self.assertEqual(self.ada.post(f"/api/v1/misuse/flags/{flag['id']}/open", {"purpose": "x"}).json["account"], "nora")

    def test_no_other_role_reads_opens_or_reviews(self):
        call, _ = self.pry("nosy")
        flag = self.flag_about(call)
        before = len(self.server.events("flags_read", "flag_opened", "flag_reviewed"))
        for role in ALL_ROLES:
            if role == "audit_admin":
                continue
            name = "as-" + role.replace("_", "-")
            if not role.endswith("_admin"):
                run("user", "add", self.server.site, name, "--roles", role, "--password-stdin", text=PASSWORD + "\n")
            client = self.server.sign_in(name) if not role.endswith("_admin") else self.clients["sina"]
            self.refused(client.get("/api/v1/misuse/flags"), 403, "web_not_allowed")
            self.refused(client.post(f"/api/v1/misuse/flags/{flag['id']}/open", {"purpose": "x"}), 403, "web_not_allowed")
            self.refused(client.post(f"/api/v1/misuse/flags/{flag['id']}/review", {"result": "mistaken"}), 403, "web_not_allowed")
        self.assertEqual(self.nobody.get("/api/v1/misuse/flags").status, 401)
        self.assertEqual(len(self.server.events("flags_read", "flag_opened", "flag_reviewed")), before)

    def test_unknown_flags_are_not_found(self):
        for name in ("0" * 32, "x", "F1"):
            self.refused(self.ada.post(f"/api/v1/misuse/flags/{name}/open", {"purpose": "x"}), 404, "misuse_unknown")

    def test_flags_and_reviews_are_the_same_after_a_restart_and_lie_in_no_file(self):
        call, _ = self.pry("spy")
        flag = self.flag_about(call)
        self.taken(self.ada.post(f"/api/v1/misuse/flags/{flag['id']}/review", {"result": "mistaken"}))
        before = {f["id"]: (f["actor"], f["state"], f["seqs"]) for f in self.ada.get("/api/v1/misuse/flags").json["items"]}
        self.assertEqual(self.server.stop(), 0)
        keys = os.path.join(self.server.site, "watch-keys")
        self.assertTrue(all(re.fullmatch(r"\d+", name) for name in os.listdir(keys)))
        self.assertEqual({stat.S_IMODE(os.stat(os.path.join(keys, name)).st_mode) for name in os.listdir(keys)}, {0o600})
        self.assertEqual(stat.S_IMODE(os.stat(keys).st_mode), 0o700)
        type(self).server.start()
        type(self).clients = {name: self.server.sign_in(name) for name in self.clients}
        self.ada = self.clients["ada"]
        self.flag_about(call, "reviewed")
        after = {f["id"]: (f["actor"], f["state"], f["seqs"]) for f in self.ada.get("/api/v1/misuse/flags").json["items"]}
        self.assertEqual(after, before)

    def audit(self, *arguments, account="ada", password=PASSWORD, code=0):
        done = subprocess.run([PRECINCT, "audit", *arguments, "--account", account], input=password + "\n", text=True, capture_output=True,
                              check=False, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if "--json" in arguments and code == 0 else done.stdout + done.stderr

    def by_command(self, call, site):
        flag = [f for f in self.audit("list", site, "--state", "open", "--json")["flags"] if f["subject"] == call][0]
        shown = self.audit("show", site, flag["id"], "--purpose", "complaint 13, 投诉", "--json")
        self.assertEqual((shown["account"], len(shown["looks"])), ("spy", 4))
        self.assertEqual(self.audit("review", site, flag["id"], "--result", "explained", "--json"), {"flag": flag["id"], "result": "explained"})
        self.audit("review", site, flag["id"], "--result", "referred", code=1)
        return flag["id"]

    def test_the_command_lists_shows_and_reviews_with_and_without_a_server(self):
        calls, site = [self.pry("spy")[0] for _ in range(2)], self.server.site
        for call in calls:
            self.flag_about(call)
        first = self.by_command(calls[0], site)
        self.assertEqual(self.flag_about(calls[0], "reviewed")["id"], first)
        self.assertEqual(self.server.stop(), 0)
        second = self.by_command(calls[1], site)
        events = self.server.events("flag_opened", "flag_reviewed")
        for flag in (first, second):
            self.assertEqual([(e["type"], e["actor"], e["role"]) for e in events if e["data"]["flag"] == flag],
                             [("flag_opened", "ada", "audit_admin"), ("flag_reviewed", "ada", "audit_admin")])
        self.assertEqual([e["purpose"] for e in events if e["data"]["flag"] == second and e["type"] == "flag_opened"], ["complaint 13, 投诉"])
        self.assertIn(first, self.audit("list", site))
        type(self).server.start()
        type(self).clients = {name: self.server.sign_in(name) for name in self.clients}

    def test_the_command_is_for_the_audit_administrator_who_knows_the_password(self):
        before = len(self.server.events("flags_read"))
        self.assertIn("no audit administrator", self.audit("list", self.server.site, account="anna", code=1))
        self.assertIn("no audit administrator", self.audit("list", self.server.site, account="sina", code=1))
        self.audit("list", self.server.site, password="wrong horse battery", code=1)
        self.audit("list", self.server.site, "--state", "all", code=2)
        self.assertEqual(len(self.server.events("flags_read")), before)

    def test_rules_that_cannot_be_read_stop_the_watch_and_not_the_desk(self):
        path = os.path.join(self.server.site, "definitions", "misuse.csv")
        with open(path, encoding="utf-8") as f:
            good = f.read()
        self.assertEqual(self.server.stop(), 0)
        with open(path, "w", encoding="utf-8") as f:
            f.write(good + "off_shift,,2,24,,\n")
        type(self).server.start()
        ada, anna = self.server.sign_in("ada"), self.server.sign_in("anna")
        self.refused(ada.get("/api/v1/misuse/flags"), 503, "misuse_not_running")
        self.taken(anna.post("/api/v1/calls", CALL))
        self.server.stop()
        self.assertIn(f"misuse.csv:{good.count(chr(10)) + 1}", self.server.errors)
        with open(path, "w", encoding="utf-8") as f:
            f.write(good)
        type(self).server.start()
        type(self).clients = {name: self.server.sign_in(name) for name in self.clients}


if __name__ == "__main__":
    unittest.main()
