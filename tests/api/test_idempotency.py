"""One key, one deed: what a client was told under an Idempotency-Key it is told again, whatever the deed; another body under
the same key is refused; another account may use the same key."""
import unittest
import uuid

from server import ApiTest

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


if __name__ == "__main__":
    unittest.main()
