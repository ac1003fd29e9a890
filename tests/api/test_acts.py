"""Acts that take two persons, and glass broken in an emergency: nobody decides for himself, nothing runs twice, nothing stays unseen."""
import re
import threading
import unittest

from server import PASSWORD, ApiTest, run
from test_rights import AREAS, CALL


class Acts(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol", "bert": "commander", "olga": "oversight",
                "ada": "audit_admin", "sina": "security_admin", "sven": "security_admin", "otto": "chief"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        units = {u["name"]: u for u in cls.clients["anna"].get("/api/v1/units?limit=1000").json["items"]}
        cls.units = {name: units[name]["id"] for name in ("U1", "U2")}
        cls.places = {name: units[name]["position"] for name in cls.units}
        for name, options in (("east", ["--areas", AREAS["U1"], "--person", "P007"]), ("erik", ["--person", "P007"])):
            run("user", "add", cls.server.site, name, "--roles", "dispatcher" if name == "east" else "commander", *options,
                "--password-stdin", text=PASSWORD + "\n")
            cls.clients[name] = cls.server.sign_in(name)

    def setUp(self):
        super().setUp()
        for name in ("bert", "olga", "ada", "sina", "sven", "east", "erik", "carl", "pia"):
            setattr(self, name, self.clients[name])

    def far_call(self):
        """A call beyond the areas of east."""
        return self.taken(self.anna.post("/api/v1/calls", dict(CALL, words="canary", position=self.places["U2"])))

    def ask(self, client, **body):
        return client.post("/api/v1/requests", dict({"reason": "file 12", "for_case": "K-12"}, **body))

    def approve(self, client, request, **options):
        return client.post(f"/api/v1/requests/{request}/approve", {}, **options)

    def events_about(self, object_id):
        return [e["type"] for e in self.server.events("act_requested", "act_approved", "act_refused", "act_used")
                if e["object"] == object_id]

    def look(self, client, call):
        return client.post(f"/api/v1/calls/{call}/look", {"purpose": "file 12", "case": call})

    # --- two persons

    def test_unmasking_takes_another_persons_approval_and_happens_once(self):
        call = self.far_call()
        self.refused(self.look(self.east, call), 404, "web_out_of_scope")
        request = self.taken(self.ask(self.east, act="unmask", subject=call))
        self.refused(self.look(self.east, call), 404, "web_out_of_scope")
        self.taken(self.approve(self.bert, request))
        self.assertEqual(self.look(self.east, call).json["words"], "canary")
        self.refused(self.look(self.east, call), 404, "web_out_of_scope")
        self.assertEqual(self.events_about(request), ["act_requested", "act_approved", "act_used"])
        looks = [e for e in self.server.events("call_looked") if e["object"] == call]
        self.assertEqual([(e["actor"], e["cause"]) for e in looks], [("east", int(request[1:]))])
        self.assertEqual([r["status"] for r in self.east.get("/api/v1/requests").json["items"] if r["id"] == request], ["used"])

    def test_who_asked_cannot_approve_nor_another_account_of_the_same_person(self):
        request = self.taken(self.ask(self.anna, act="unmask", subject=self.far_call()))
        self.refused(self.approve(self.anna, request), 409, "request_same_person")
        request = self.taken(self.ask(self.east, act="unmask", subject=self.far_call()))
        self.refused(self.approve(self.erik, request), 409, "request_same_person")
        self.refused(self.approve(self.sina, request), 403, "request_roles")
        self.assertEqual(self.events_about(request), ["act_requested"])

    def test_a_request_is_decided_once_even_when_many_try_at_the_same_moment(self):
        request = self.taken(self.ask(self.east, act="unmask", subject=self.far_call()))
        replies = []
        threads = [threading.Thread(target=lambda c=c: replies.append(self.approve(c, request).status))
                   for c in (self.bert, self.olga, self.ada, self.anna) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(replies.count(201), 1, replies)
        self.assertLessEqual(set(replies), {201, 409, 503}, "decided already, or by somebody else at this moment")
        self.assertEqual(self.events_about(request), ["act_requested", "act_approved"])

    def test_refused_and_withdrawn_requests_stay_so(self):
        request = self.taken(self.ask(self.east, act="unmask", subject=self.far_call()))
        self.taken(self.bert.post(f"/api/v1/requests/{request}/refuse", {"reason": "no case"}))
        self.refused(self.approve(self.olga, request), 409, "request_status")
        request = self.taken(self.ask(self.east, act="unmask", subject=self.far_call()))
        self.taken(self.east.post(f"/api/v1/requests/{request}/refuse"))
        self.refused(self.approve(self.olga, request), 409, "request_status")

    def test_a_repeated_approval_does_not_run_the_act_twice(self):
        call = self.far_call()
        request = self.taken(self.ask(self.bert, act="destroy_key", subject=call))
        first, again = (self.approve(self.olga, request, key="approve-only-once") for _ in range(2))
        self.taken(first)
        self.assertEqual(self.events_about(request), ["act_requested", "act_approved", "act_used"])
        self.assertIn(again.status, (201, 409))
        self.assertEqual(len([e for e in self.server.events("call_erased") if e["object"] == call]), 1)

    def test_destroying_a_key_runs_at_the_approval(self):
        call = self.far_call()
        request = self.taken(self.ask(self.bert, act="destroy_key", subject=call))
        self.assertEqual(self.look(self.anna, call).json["words"], "canary")
        self.taken(self.approve(self.olga, request))
        shown = self.look(self.anna, call).json
        self.assertEqual((shown["erased"], shown["words"]), (True, None))
        self.assertEqual([e["actor"] for e in self.server.events("call_erased") if e["object"] == call], ["bert"])

    def test_a_new_administrator_takes_two_persons_and_not_the_one_who_gains(self):
        body = {"act": "grant_admin", "subject": "otto", "roles": ["chief", "system_admin"], "for_case": ""}
        del body["for_case"]
        request = self.taken(self.sina.post("/api/v1/requests", dict(body, reason="runs the server")))
        self.refused(self.approve(self.sina, request), 409, "request_same_person")
        self.taken(self.approve(self.sven, request))
        self.assertEqual(self.clients["otto"].get("/api/v1/session").json["roles"], ["chief", "system_admin"])
        granted = [e for e in self.server.events("account_entitled") if e["data"]["name"] == "otto"][-1]
        self.assertEqual((granted["data"]["request"], granted["cause"]), (request, int(request[1:])))
        gains = self.taken(self.sina.post("/api/v1/requests", {"act": "grant_admin", "subject": "olga", "roles": ["oversight", "security_admin"],
                                                               "reason": "x"}))
        self.refused(self.approve(self.olga, gains), 409, "request_same_person")

    def test_a_past_track_goes_to_who_asked_once(self):
        span = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T08:00:00Z"}
        request = self.taken(self.ask(self.bert, act="replay_track", subject=self.units["U1"], **span))
        self.refused(self.bert.get(f"/api/v1/requests/{request}/track"), 409, "request_status")
        self.taken(self.approve(self.olga, request))
        self.refused(self.clients["erik"].get(f"/api/v1/requests/{request}/track"), 404, "request_unknown")
        self.assertEqual(self.bert.get(f"/api/v1/requests/{request}/track").json["points"], [])
        self.refused(self.bert.get(f"/api/v1/requests/{request}/track"), 409, "request_status")
        self.refused(self.ask(self.bert, act="replay_track", subject=self.units["U1"]), 400, "track_span")

    def test_requests_say_what_they_need(self):
        call = self.far_call()
        self.refused(self.ask(self.east, act="unmask", subject=call, for_case=" "), 400, "request_for_case", "for_case")
        self.refused(self.ask(self.east, act="unmask", subject="U1"), 400, "request_subject", "subject")
        self.refused(self.ask(self.east, act="unmask", subject=call, reason=" "), 400)
        self.refused(self.ask(self.east, act="destroy_key", subject=call), 403, "request_roles")
        self.refused(self.ask(self.sina, act="unmask", subject=call), 403, "request_roles")
        self.refused(self.approve(self.bert, "Q999999"), 404, "request_unknown")

    def test_lists_show_the_own_requests_to_who_cannot_approve(self):
        mine = self.taken(self.ask(self.east, act="unmask", subject=self.far_call()))
        other = self.taken(self.ask(self.anna, act="unmask", subject=self.far_call()))
        ids = [r["id"] for r in self.east.get("/api/v1/requests?status=waiting").json["items"]]
        self.assertIn(mine, ids)
        self.assertNotIn(other, ids)
        self.assertLessEqual({mine, other}, {r["id"] for r in self.olga.get("/api/v1/requests?status=waiting").json["items"]})

    def test_what_was_decided_is_known_after_a_restart(self):
        call = self.far_call()
        request = self.taken(self.ask(self.east, act="unmask", subject=call))
        self.taken(self.approve(self.bert, request))
        glass = self.taken(self.east.post("/api/v1/break_glass", {"subject": self.far_call(), "reason": "screams"}))
        self.server.stop()
        self.server.start()
        self.assertEqual(self.look(self.east, call).json["words"], "canary")
        self.refused(self.approve(self.olga, request), 409, "request_status")
        self.assertIn(glass, [g["id"] for g in self.ada.get("/api/v1/break_glass?unreviewed=true").json["items"]])

    # --- glass

    def test_broken_glass_reaches_the_object_at_once_and_is_on_record_first(self):
        call, other = self.far_call(), self.far_call()
        self.refused(self.look(self.east, call), 404, "web_out_of_scope")
        self.refused(self.east.post("/api/v1/break_glass", {"subject": call, "reason": " "}), 400)
        glass = self.taken(self.east.post("/api/v1/break_glass", {"subject": call, "reason": "screams on the line"}))
        self.assertEqual(self.look(self.east, call).json["words"], "canary")
        self.assertEqual(self.east.get(f"/api/v1/calls/{call}").status, 200)
        self.refused(self.look(self.east, other), 404, "web_out_of_scope")
        opened = [e for e in self.server.events("break_glass_opened", "call_looked") if e["object"] in (glass, call)]
        self.assertEqual([e["type"] for e in opened], ["break_glass_opened", "call_looked"])
        self.assertEqual((opened[0]["actor"], opened[0]["purpose"]), ("east", "screams on the line"))

    def test_broken_glass_gives_no_role(self):
        call = self.far_call()
        self.taken(self.carl.post("/api/v1/break_glass", {"subject": call, "reason": "x"}))
        self.refused(self.carl.post("/api/v1/incidents/I1/look", {"purpose": "x"}), 403, "web_not_allowed")
        self.refused(self.clients["otto"].post("/api/v1/break_glass", {"subject": call, "reason": "x"}), 403, "web_not_allowed")

    def test_a_patrol_reaches_the_incident_of_its_broken_glass_with_its_calls(self):
        call = self.far_call()
        incident = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary"}))
        self.taken(self.pia.post("/api/v1/break_glass", {"subject": incident, "reason": "shots heard"}))
        self.assertEqual(self.look(self.pia, call).json["words"], "canary")
        self.assertEqual(self.pia.get(f"/api/v1/incidents/{incident}").status, 200)

    def unreviewed(self):
        text = self.nobody.get("/metrics").body.decode()
        return int(re.search(r"^precinct_break_glass_unreviewed (\d+)$", text, re.M).group(1))

    def test_glass_is_reviewed_by_another_person_in_another_role_once(self):
        before = self.unreviewed()
        glass = self.taken(self.bert.post("/api/v1/break_glass", {"subject": self.far_call(), "reason": "screams"}))
        self.assertEqual(self.unreviewed(), before + 1)
        verdict = {"verdict": "justified", "reason": "heard the recording"}
        path = f"/api/v1/break_glass/{glass}/review"
        self.refused(self.bert.post(path, verdict), 409, "glass_reviewer")
        self.refused(self.anna.post(path, verdict), 409, "glass_reviewer")  # a commander too, as it was done in
        self.taken(self.ada.post(path, verdict))
        self.refused(self.olga.post(path, verdict), 409, "glass_reviewed")
        self.assertEqual(self.unreviewed(), before)
        shown = [g for g in self.olga.get("/api/v1/break_glass").json["items"] if g["id"] == glass][0]
        self.assertEqual((shown["verdict"], shown["reviewed_by"], shown["by"]), ("justified", "ada", "bert"))
        mine = self.taken(self.east.post("/api/v1/break_glass", {"subject": self.far_call(), "reason": "screams"}))
        self.refused(self.erik.post(f"/api/v1/break_glass/{mine}/review", verdict), 409, "glass_reviewer")
        self.refused(self.olga.post("/api/v1/break_glass/B999999/review", verdict), 404, "glass_unknown")

    def test_taking_a_call_never_asks_for_any_of_it(self):
        self.taken(self.carl.post("/api/v1/calls", dict(CALL, position=self.places["U2"])))


if __name__ == "__main__":
    unittest.main()
