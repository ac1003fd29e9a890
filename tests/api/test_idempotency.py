"""One key, one deed: what a client was told under an Idempotency-Key it is told again, whatever the deed, and wherever what it was done to has
gone; another body under the same key is refused; another account may use the same key."""
import unittest
import uuid

from server import PASSWORD, ApiTest, run
from test_faults import FaultTest
from test_rights import AREAS

CALL = {"channel": "phone", "type": "noise", "priority": 3, "words": "a drum"}


class Idempotency(ApiTest):
    def twice(self, path, body, other):
        """Done once; told twice; the third, which asks for something else, is refused. The id."""
        key = str(uuid.uuid4())
        first, again = self.anna.post(path, body, key=key), self.anna.post(path, body, key=key)
        self.assertEqual((first.status, again.status), (201, 201), (path, first.body, again.body))
        self.assertEqual((first.json["id"], first.json["seq"]), (again.json["id"], again.json["seq"]))
        self.refused(self.anna.post(path, other, key=key), 409, "desk_key_reused")
        return first.json["id"]

    def test_every_kind_of_deed_is_done_once_under_its_key(self):
        call = self.twice("/api/v1/calls", CALL, dict(CALL, words="a trumpet"))
        opened = {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary"}
        incident = self.twice("/api/v1/incidents", opened, dict(opened, priority=2))
        unit, _ = self.a_unit()
        order = self.twice("/api/v1/orders", {"incident": incident, "unit": unit}, {"incident": incident, "unit": unit, "policy": "nearest"})
        settled = self.taken(self.anna.post("/api/v1/calls", CALL))
        self.twice(f"/api/v1/calls/{settled}/settle", {"reason": "advice"}, {"reason": "nuisance"})
        self.twice(f"/api/v1/orders/{order}/cancel", {"reason": "not_needed"}, {"reason": "entry_error"})

    def test_a_key_without_its_deed_is_asked_for(self):
        reply = self.anna.raw("POST", "/api/v1/calls", '{"channel":"phone","type":"noise","priority":3}', Content_Type="application/json")
        self.refused(reply, 428)

    def test_another_account_may_use_the_same_key(self):
        key = str(uuid.uuid4())
        one = self.taken(self.anna.post("/api/v1/calls", CALL, key=key))
        other = self.taken(self.clients["carl"].post("/api/v1/calls", dict(CALL, words="a trumpet"), key=key))
        self.assertNotEqual(one, other)


class OutOfReach(FaultTest):
    """Accounts of one area, and a crew: what they did to a thing that they do not reach any more."""
    ACCOUNTS = {"anna": "dispatcher,commander", "pia": "patrol", "paul": "patrol"}

    def serve(self):
        for name, unit in (("east", "U1"), ("ella", "U1"), ("west", "U2")):
            run("user", "add", self.server.site, name, "--roles", "dispatcher", "--areas", AREAS[unit], "--password-stdin", text=PASSWORD + "\n")
        super().serve()
        self.sign_in()

    def sign_in(self):
        self.anna, self.pia, self.paul, self.east, self.ella, self.west = map(self.server.sign_in, ("anna", "pia", "paul", "east", "ella", "west"))

    def asked(self, client, path, body, key=None):
        """What was sent, and how it was answered."""
        key = key or str(uuid.uuid4())
        reply = client.post(path, body, key=key)
        self.assertEqual(reply.status, 201, reply.body)
        return client, path, body, key, reply.json

    def told_again(self, asked, client=None):
        first, path, body, key, said = asked
        reply = (client or first).post(path, body, key=key)
        self.assertEqual((reply.status, reply.json), (201, said), path)

    def seqs(self):
        return len(self.server.events("incident_closed", "order_sent", "order_reported", "call_settled", "unit_signed_on", "account_assigned"))

    def work(self):
        """From the call to the end of its incident, by a dispatcher of the area and the crew."""
        units = {u["name"]: u for u in self.anna.get("/api/v1/units?limit=1000").json["items"]}
        unit, place = units["U1"]["id"], units["U1"]["position"]
        call = self.taken(self.east.post("/api/v1/calls", dict(CALL, position=place)))
        other = self.taken(self.east.post("/api/v1/calls", dict(CALL, position=place)))
        incident = self.taken(self.east.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary", "position": place}))
        self.taken(self.anna.post("/api/v1/accounts/pia/assign", {"unit": unit}))
        sent = self.asked(self.east, "/api/v1/orders", {"incident": incident, "unit": unit})
        order = sent[4]["id"]
        for step in ("acknowledge", "set_out", "arrive"):
            self.taken(self.pia.post(f"/api/v1/orders/{order}/{step}"))
        reported = self.asked(self.pia, f"/api/v1/orders/{order}/report", {"result": "handled", "note": "quiet"})
        self.taken(self.east.post(f"/api/v1/orders/{order}/close"))
        self.refused(self.pia.get(f"/api/v1/orders/{order}"), 404, "web_out_of_scope")
        self.told_again(reported)  # the order is no longer the crew's
        closed = self.asked(self.east, f"/api/v1/incidents/{incident}/close", {"result": "handled"})
        settled = self.asked(self.east, f"/api/v1/calls/{other}/settle", {"reason": "advice"})
        return sent, reported, closed, settled

    def test_who_did_it_is_told_again_when_it_has_left_the_board_and_nobody_else(self):
        deeds = self.work()
        self.world.ahead(26 * 3600)
        self.sign_in()
        self.taken(self.anna.post("/api/v1/calls", CALL))  # with it goes what ended a day ago
        deeds = [(client, *deed[1:]) for client, deed in zip((self.east, self.pia, self.east, self.east), deeds)]
        others = ({"policy": "nearest"}, {"result": "no_trace"}, {"result": "withdrawn"}, {"reason": "silent"})
        closed, before = deeds[2], self.seqs()
        self.refused(self.east.get(closed[1].removesuffix("/close")), 404)
        for deed, other in zip(deeds, others):
            client, path, body, key, _ = deed
            self.told_again(deed)
            for someone in (self.ella, self.west, *([self.paul] if client is self.pia else [])):  # of the same area, or crew, or not: not their key
                self.refused(someone.post(path, body, key=key), 404, "web_out_of_scope")
            self.refused(client.post(path, body), 404, "web_out_of_scope")
            self.refused(client.post(path, dict(body, **other), key=key), 404, "web_out_of_scope")
        run("user", "grant", self.server.site, "east", "--roles", "dispatcher", "--areas", AREAS["U2"])
        self.told_again(closed)  # no word of it is new to the account; anything new is beyond it
        self.refused(self.east.post(closed[1], closed[2]), 404, "web_out_of_scope")
        run("user", "grant", self.server.site, "east", "--roles", "patrol")
        self.refused(self.east.post(closed[1], closed[2], key=closed[3]), 403, "web_not_allowed")
        self.assertEqual(self.seqs(), before, "nothing was done anew")


if __name__ == "__main__":
    unittest.main()
