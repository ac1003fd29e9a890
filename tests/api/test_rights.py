"""Rights: what the record grants counts, at once, and nothing else does."""
import os
import re
import select
import socket
import sqlite3
import subprocess
import time
import unittest

from server import PASSWORD, PRECINCT, ApiTest, Client, run
import databases  # of tests/cli: server knows the way

CALL = {"channel": "phone", "type": "noise", "priority": 3}


class Stream:
    """An open stream of events, by a bare socket: what has come so far, and whether it has ended."""

    def __init__(self, client, path="/api/v1/stream"):
        self.socket = socket.create_connection(("127.0.0.1", client.server.port), 20)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n\r\n".encode())
        self.bytes = b""

    def ends_within(self, seconds):
        """Chunked: the end is a chunk of no length."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                piece = self.socket.recv(65536)
                self.bytes += piece
                if not piece or self.bytes.endswith(b"\r\n0\r\n\r\n"):
                    return True
        return False

    @property
    def text(self):
        return self.bytes.decode()

    def close(self):
        self.socket.close()


class Granting(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol"}

    def user(self, *arguments):
        return run("user", arguments[0], self.server.site, *arguments[1:])

    def fails(self, *arguments):
        done = subprocess.run([PRECINCT, "user", arguments[0], self.server.site, *arguments[1:]], capture_output=True, text=True,
                              check=False, env=dict(os.environ, LANG="C.UTF-8"))
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stderr

    def add(self, name, roles, *options):
        run("user", "add", self.server.site, name, "--roles", roles, "--password-stdin", *options, text=PASSWORD + "\n")
        return self.server.sign_in(name)

    def test_accounts_from_before_the_record_are_taken_over_by_events(self):
        added = {e["data"]["name"]: e for e in self.server.events("account_added")}
        self.assertEqual(added["anna"]["data"]["roles"], ["dispatcher", "commander"])
        self.assertEqual((added["anna"]["actor"], added["anna"]["role"]), ("system", "system"))

    def test_each_change_of_rights_is_an_event(self):
        self.add("greta", "call_taker")
        self.user("grant", "greta", "--roles", "dispatcher")
        self.user("disable", "greta")
        mine = [e for e in self.server.events("account_added", "account_entitled", "account_disabled")
                if e["data"]["name"] == "greta"]
        self.assertEqual([e["type"] for e in mine], ["account_added", "account_entitled", "account_disabled"])
        self.assertEqual({e["object"] for e in mine}, {mine[0]["object"]})
        self.assertEqual({e["actor"] for e in mine}, {"console"})
        self.assertEqual(mine[1]["data"]["roles"], ["dispatcher"])

    def test_a_role_that_is_taken_is_gone_for_the_next_request(self):
        hans = self.add("hans", "call_taker,dispatcher")
        self.assertEqual(hans.post("/api/v1/closures/preview", {"positions": [[102.4, 40.1]]}).status, 200)
        self.user("grant", "hans", "--roles", "call_taker")
        self.refused(hans.post("/api/v1/closures/preview", {"positions": [[102.4, 40.1]]}), 403, "web_not_allowed")
        self.assertEqual(hans.get("/api/v1/session").json["roles"], ["call_taker"])

    def test_disabling_ends_the_session_and_the_open_stream_within_a_second(self):
        ida = self.add("ida", "dispatcher")
        stream, other = Stream(ida), Stream(self.anna)
        self.assertFalse(stream.ends_within(1.5), "a stream stays open")
        self.user("disable", "ida")
        self.assertTrue(stream.ends_within(1), "the stream of a disabled account is closed")
        self.assertFalse(other.ends_within(1.5), "the others' are not")
        self.refused(ida.get("/api/v1/session"), 401)
        reply = Client(self.server).send("POST", "/api/v1/session", {"account": "ida", "password": PASSWORD})
        self.refused(reply, 401)
        stream.close()
        other.close()

    def test_a_change_of_roles_closes_the_stream_within_a_second(self):
        jan = self.add("jan", "dispatcher")
        stream = Stream(jan)
        self.assertFalse(stream.ends_within(0.5))
        self.user("grant", "jan", "--roles", "patrol")
        self.assertTrue(stream.ends_within(1))
        self.assertEqual(jan.get("/api/v1/session").json["roles"], ["patrol"])
        stream.close()

    def test_signing_out_closes_the_stream(self):
        kim = self.add("kim", "dispatcher")
        stream = Stream(kim)
        kim.send("DELETE", "/api/v1/session")
        self.assertTrue(stream.ends_within(2.5))
        stream.close()

    def test_accounts_db_cannot_grant_anything(self):
        """Whoever can write the file gives himself no right by it, not even by a restart."""
        lea = self.add("lea", "call_taker")
        with databases.connect(os.path.join(self.server.site, "accounts.db")) as accounts:
            accounts.execute("UPDATE account SET roles = 65534 WHERE name = 'lea'")
            accounts.execute("INSERT INTO account (name, roles, password, created_at_ms) SELECT 'mallory', 65534, password, 0"
                             " FROM account WHERE name = 'lea'")
        accounts.close()
        for _ in range(2):
            self.assertEqual(lea.get("/api/v1/session").json["roles"], ["call_taker"])
            reply = Client(self.server).send("POST", "/api/v1/session", {"account": "mallory", "password": PASSWORD})
            self.refused(reply, 401, "account_without_rights")
            self.server.stop()
            self.server.start()

    def test_the_three_administrators_exclude_each_other_over_time_too(self):
        self.add("max", "system_admin")
        self.assertIn("exclude each other", self.fails("grant", "max", "--roles", "system_admin,audit_admin"))
        self.user("grant", "max", "--roles", "patrol")
        self.assertIn("another administrator before", self.fails("grant", "max", "--roles", "audit_admin"))

    def test_refusals_leave_no_account_behind(self):
        self.assertIn("no area", self.fails("add", "nina", "--roles", "patrol", "--areas", "Atlantis"))
        self.assertNotIn("nina", self.user("list"))
        self.assertIn("no account", self.fails("grant", "nobody", "--roles", "patrol"))

    def test_changes_without_a_server_are_events_too(self):
        self.server.stop()
        try:
            run("user", "add", self.server.site, "olga", "--roles", "chief", "--password-stdin", text=PASSWORD + "\n")
            self.user("grant", "olga", "--roles", "analyst")
        finally:
            self.server.start()
        self.assertEqual(self.server.sign_in("olga").get("/api/v1/session").json["roles"], ["analyst"])
        self.assertEqual(self.anna.get("/api/v1/session").status, 200, "sessions outlive a restart")


AREAS = {"U1": "云湖派出所辖区", "U2": "尚泰派出所辖区"}  # of the town with seed 4: where the stations of these units stand


class Scopes(ApiTest):
    """Role and area and assignment: lists, streams and single objects show what all three allow."""
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol", "paul": "patrol", "sina": "security_admin"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        units = {u["name"]: u for u in cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"]}
        cls.units = {name: units[name]["id"] for name in ("U1", "U2", "U3", "U4")}
        cls.places = {name: units[name]["position"] for name in cls.units}
        for name, unit in (("east", "U1"), ("west", "U2")):
            run("user", "add", cls.server.site, name, "--roles", "dispatcher", "--areas", AREAS[unit], "--password-stdin",
                text=PASSWORD + "\n")
            cls.clients[name] = cls.server.sign_in(name)

    def setUp(self):
        super().setUp()
        self.east, self.west, self.pia = self.clients["east"], self.clients["west"], self.clients["pia"]

    def open_at(self, unit, client=None):
        """A call with words and its incident, where a unit stands."""
        client, place = client or self.anna, self.places[unit]
        call = self.taken(client.post("/api/v1/calls", dict(CALL, words="canary", position=place)))
        incident = self.taken(client.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary",
                                                                 "position": place}))
        return call, incident

    def ids(self, client, what):
        return {item["id"] for item in client.get(f"/api/v1/{what}?limit=1000").json["items"]}

    def free(self, *orders):
        for order in orders:
            self.taken(self.anna.post(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}))

    def test_the_event_carries_the_area_of_the_place(self):
        call, incident = self.open_at("U1")
        made = {e["object"]: e["data"].get("area") for e in self.server.events("call_received", "incident_opened")}
        self.assertEqual((made[call], made[incident]), (AREAS["U1"], AREAS["U1"]))

    def test_nobody_names_the_area_himself(self):
        self.refused(self.anna.post("/api/v1/calls", dict(CALL, area="Atlantis")), 400, "api_unknown", "area")

    def test_lists_show_the_own_areas_and_what_has_none(self):
        (call, incident), (other_call, other_incident) = self.open_at("U1"), self.open_at("U2")
        nowhere = self.taken(self.anna.post("/api/v1/calls", CALL))
        for what, own, other in (("calls", call, other_call), ("incidents", incident, other_incident)):
            self.assertIn(own, self.ids(self.east, what))
            self.assertNotIn(other, self.ids(self.east, what))
            self.assertIn(other, self.ids(self.west, what))
            self.assertLessEqual({own, other}, self.ids(self.anna, what))
        self.assertIn(nowhere, self.ids(self.east, "calls") & self.ids(self.west, "calls"))
        self.assertIn(self.units["U1"], self.ids(self.east, "units"))
        self.assertNotIn(self.units["U2"], self.ids(self.east, "units"))

    def test_an_object_out_of_reach_is_answered_like_one_that_is_not_there(self):
        call, incident = self.open_at("U2")
        for path in (f"/api/v1/calls/{call}", f"/api/v1/incidents/{incident}", f"/api/v1/incidents/{incident}/timeline",
                     f"/api/v1/units/{self.units['U2']}"):
            kind = path.split("/")[3][0].upper()
            there, missing = self.east.get(path), self.east.get(re.sub(r"[CIU]\d+", f"{kind}999999", path))
            self.assertEqual((there.status, missing.status), (404, 404), path)
            self.refused(there, 404, "web_out_of_scope")
            self.assertEqual(re.sub(r"[CIU]\d+", "X", there.body.decode()), re.sub(r"[CIU]\d+", "X", missing.body.decode()))
            self.assertIn(AREAS["U1"], there.json["detail"])
            self.assertEqual(self.west.get(path).status, 200)

    def test_commands_and_looks_stay_within_the_areas(self):
        call, incident = self.open_at("U2")
        self.refused(self.east.post(f"/api/v1/calls/{call}/look", {"purpose": "curious", "case": call}), 404, "web_out_of_scope")
        self.refused(self.east.post(f"/api/v1/incidents/{incident}/close", {"result": "handled"}), 404, "web_out_of_scope")
        self.refused(self.east.post("/api/v1/orders", {"incident": incident, "unit": self.units["U1"]}), 404, "web_out_of_scope")
        _, own = self.open_at("U1")
        self.refused(self.east.post("/api/v1/orders", {"incident": own, "unit": self.units["U2"]}), 404, "web_out_of_scope")
        self.assertEqual([e for e in self.server.events("call_looked") if e["object"] == call], [])
        self.assertEqual(self.west.post(f"/api/v1/calls/{call}/look", {"purpose": "ring back", "case": call}).json["words"], "canary")

    def test_advice_names_units_within_reach_alone(self):
        _, incident = self.open_at("U1")
        advice = self.east.get(f"/api/v1/incidents/{incident}/recommendation?count=20").json
        self.assertEqual({c["name"] for c in advice["ranked"] + advice["passed"]}, {"U1"})
        lon, lat = self.places["U1"]
        self.assertLessEqual({u["name"] for u in self.east.get(f"/api/v1/nearest?to={lon},{lat}").json["items"]}, {"U1"})

    def test_a_unit_sent_into_an_area_is_seen_there_with_its_order(self):
        _, incident = self.open_at("U1")
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": self.units["U2"]}))
        try:
            for client in (self.east, self.west):
                self.assertIn(self.units["U2"], self.ids(client, "units"))
                self.assertEqual(client.get(f"/api/v1/orders/{order}").status, 200)
            self.assertEqual(self.west.get(f"/api/v1/incidents/{incident}").status, 404)
        finally:
            self.free(order)

    def test_streams_leave_out_what_the_reader_does_not_reach(self):
        streams = {name: Stream(self.clients[name]) for name in ("east", "west", "anna")}
        calls = {unit: self.open_at(unit)[0] for unit in ("U1", "U2")}
        for stream in streams.values():
            self.assertFalse(stream.ends_within(1.5))
            stream.close()
        seen = {name: {unit for unit, call in calls.items() if f'"{call}"' in stream.text} for name, stream in streams.items()}
        self.assertEqual(seen, {"east": {"U1"}, "west": {"U2"}, "anna": {"U1", "U2"}})

    def test_a_change_of_areas_closes_the_stream_and_widens_the_next(self):
        run("user", "add", self.server.site, "wanda", "--roles", "dispatcher", "--areas", AREAS["U1"], "--password-stdin",
            text=PASSWORD + "\n")
        wanda = self.server.sign_in("wanda")
        call, _ = self.open_at("U2")
        stream = Stream(wanda)
        self.assertEqual(wanda.get(f"/api/v1/calls/{call}").status, 404)
        sina = self.clients["sina"]
        self.taken(sina.post("/api/v1/accounts/wanda/entitle", {"roles": ["dispatcher"], "areas": list(AREAS.values()), "reason": "move"}))
        self.assertTrue(stream.ends_within(1))
        stream.close()
        self.assertEqual(wanda.get(f"/api/v1/calls/{call}").status, 200)
        listed = {a["account"]: a for a in sina.get("/api/v1/accounts").json["items"]}
        self.assertEqual(sorted(listed["wanda"]["areas"]), sorted(AREAS.values()))

    def test_patrol_looks_at_the_call_its_unit_is_sent_to_and_at_no_other(self):
        (call, incident), (other_call, _) = self.open_at("U3"), self.open_at("U3")
        self.taken(self.anna.post("/api/v1/accounts/pia/assign", {"unit": self.units["U3"]}))
        look = {"purpose": "on the way", "case": call}
        self.refused(self.pia.post(f"/api/v1/calls/{call}/look", look), 404, "web_out_of_scope")
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": self.units["U3"]}))
        self.assertEqual(self.pia.post(f"/api/v1/calls/{call}/look", look).json["words"], "canary")
        self.assertEqual(self.pia.post(f"/api/v1/incidents/{incident}/look", look).status, 200)
        self.assertEqual(self.pia.post(f"/api/v1/orders/{order}/look", look).status, 200)
        self.refused(self.pia.post(f"/api/v1/calls/{other_call}/look", look), 404, "web_out_of_scope")
        self.refused(self.clients["paul"].post(f"/api/v1/calls/{call}/look", look), 404, "web_out_of_scope")
        self.assertEqual((self.ids(self.pia, "calls"), self.ids(self.pia, "incidents"), self.ids(self.pia, "orders")),
                         ({call}, {incident}, {order}))
        self.assertEqual([(e["actor"], e["role"]) for e in self.server.events("call_looked") if e["object"] == call],
                         [("pia", "patrol")])
        self.taken(self.pia.post(f"/api/v1/orders/{order}/acknowledge"))
        self.free(order)
        self.refused(self.pia.post(f"/api/v1/calls/{call}/look", look), 404, "web_out_of_scope")
        self.taken(self.anna.post("/api/v1/accounts/pia/release", {"unit": self.units["U3"]}))

    def test_an_incident_can_be_assigned_to_an_account(self):
        call, incident = self.open_at("U3")
        self.user("assign", "paul", "--incident", incident)
        paul = self.clients["paul"]
        self.assertEqual(paul.post(f"/api/v1/calls/{call}/look", {"purpose": "follow up", "case": call}).json["words"], "canary")
        self.taken(self.anna.post("/api/v1/accounts/paul/release", {"incident": incident}))
        self.refused(paul.post(f"/api/v1/calls/{call}/look", {"purpose": "follow up", "case": call}), 404, "web_out_of_scope")

    def user(self, *arguments):
        return run("user", arguments[0], self.server.site, *arguments[1:])

    def test_a_crew_is_bound_by_signing_its_unit_on_and_free_with_the_sign_off(self):
        unit, paul = self.units["U4"], self.clients["paul"]
        self.refused(paul.post(f"/api/v1/units/{unit}/sign_off"), 404, "web_out_of_scope")
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_off"))
        self.refused(self.anna.post("/api/v1/accounts/paul/assign", {"unit": unit}), 409, "board_unit_off_duty")
        self.taken(paul.post(f"/api/v1/units/{unit}/sign_on", {"officers": 2, "auxiliaries": 0, "position": self.places["U4"]}))
        bound = self.server.events("account_assigned")[-1]
        self.assertEqual((bound["data"]["name"], bound["data"]["unit"], bound["role"]), ("paul", unit, "patrol"))
        self.taken(paul.post(f"/api/v1/units/{unit}/unavailable", {"reason": "meal"}))
        self.taken(paul.post(f"/api/v1/units/{unit}/available"))
        self.taken(paul.post(f"/api/v1/units/{unit}/sign_off"))
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_on", {"officers": 2, "auxiliaries": 0, "position": self.places["U4"]}))
        self.refused(paul.post(f"/api/v1/units/{unit}/unavailable", {"reason": "meal"}), 404, "web_out_of_scope")

    def test_nobody_changes_his_own_rights_and_one_cannot_make_an_administrator_alone(self):
        sina = self.clients["sina"]
        self.refused(sina.post("/api/v1/accounts/sina/entitle", {"roles": ["security_admin", "dispatcher"], "reason": "more"}), 409, "rights_own")
        self.refused(sina.post("/api/v1/accounts/nobody/entitle", {"roles": ["patrol"], "reason": "x"}), 404, "account_unknown")
        self.refused(self.anna.post("/api/v1/accounts/carl/entitle", {"roles": ["dispatcher"], "reason": "x"}), 403, "web_not_allowed")
        run("user", "add", self.server.site, "otto", "--roles", "oversight", "--password-stdin", text=PASSWORD + "\n")
        self.refused(sina.post("/api/v1/accounts/carl/entitle", {"roles": ["system_admin"], "reason": "x"}), 409, "rights_two_persons")

    def test_disabling_over_the_interface_ends_it_all(self):
        run("user", "add", self.server.site, "zoe", "--roles", "dispatcher", "--password-stdin", text=PASSWORD + "\n")
        zoe = self.server.sign_in("zoe")
        stream = Stream(zoe)
        self.taken(self.clients["sina"].post("/api/v1/accounts/zoe/disable", {"reason": "left"}))
        self.refused(zoe.get("/api/v1/session"), 401)
        self.assertTrue(stream.ends_within(1))
        stream.close()
        with sqlite3.connect(os.path.join(self.server.site, "accounts.db")) as accounts:
            self.assertEqual(accounts.execute("SELECT count(*) FROM session WHERE account = 'zoe'").fetchone(), (0,))
        accounts.close()


if __name__ == "__main__":
    unittest.main()
