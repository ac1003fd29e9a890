"""The matrix of rights over HTTP: what is expected comes from the descriptions in api/ alone. All endpoints that show one object, every role,
with areas that hold the object, others, and none, bound to the unit that is sent there or not. (All endpoints: tests/unit/test_rights.c.)"""
import glob
import json
import os
import unittest

from server import ALL_ROLES, PASSWORD, ApiTest, run
from test_rights import AREAS, CALL

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
AREA_OF = {"in": AREAS["U1"], "out": AREAS["U2"], "none": None}


def endpoints():
    """Those that show one object of the board and change nothing but the record of looks."""
    for path in sorted(glob.glob(os.path.join(ROOT, "api", "*.json"))):
        with open(path, encoding="utf-8") as f:
            for e in json.load(f)["endpoints"]:
                kinds = [p["kind"] for p in e.get("path_parameters", []) if p["type"] == "id"]
                looks = e["name"].endswith("_look")
                if kinds and kinds[0] in "CIOU" and (e["method"] == "GET" or looks):
                    yield e, kinds[0], looks


class Matrix(ApiTest):
    ACCOUNTS = {"anna": "dispatcher,commander"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        anna = cls.clients["anna"]
        units = {u["name"]: u for u in anna.get("/api/v1/units?limit=1000").json["items"]}
        # Administrators first: as soon as somebody could approve one, it takes two persons.
        for role in sorted(ALL_ROLES, key=lambda r: (r == "security_admin", r) if r.endswith("_admin") else (True, "z" + r)):
            for area, name in AREA_OF.items():
                account = f"{role}-{area}".replace("_", "-")
                if not role.endswith("_admin") or area == "none":
                    run("user", "add", cls.server.site, account, "--roles", role, *(["--areas", name] if name else []),
                        "--password-stdin", text=PASSWORD + "\n")
        cls.objects = {}  # area of the object → kind → id
        for area, unit in (("in", "U1"), ("out", "U2")):
            place = units[unit]["position"]
            call = anna.post("/api/v1/calls", dict(CALL, words="canary", position=place)).json["id"]
            incident = anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary",
                                                        "position": place}).json["id"]
            order = anna.post("/api/v1/orders", {"incident": incident, "unit": units[unit]["id"]}).json["id"]
            cls.objects[area] = {"C": call, "I": incident, "O": order, "U": units[unit]["id"]}
        run("user", "add", cls.server.site, "crew", "--roles", "patrol", "--areas", AREAS["U2"], "--password-stdin", text=PASSWORD + "\n")
        anna.post("/api/v1/accounts/crew/assign", {"unit": cls.objects["in"]["U"]})

    def expected(self, rights, role, area, where, bound):
        """None: the role has no right; else whether the scope reaches the object."""
        scope = rights.get(role)
        reached = {"site": True, "area": area in ("none", where), "assigned": bound and where == "in", "own": False}
        return None if scope is None else reached[scope]

    def try_account(self, account, role, area, bound):
        client, checks = self.server.sign_in(account), 0
        for e, kind, looks in endpoints():
            for where, ids in self.objects.items():
                path = e["path"].replace("{" + e["path_parameters"][0]["name"] + "}", ids[kind])
                reply = client.post(path, {"purpose": "matrix", "case": ids["C"]}) if looks else client.raw("GET", path)
                kind_of_reply = reply.json.get("type", "") if reply.status >= 400 else ""
                may = self.expected(e["rights"], role, area, where, bound)
                said = (reply.status, kind_of_reply)
                about = f"{account}: {e['name']} of an object {where}: {said}"
                if may is None:
                    self.assertEqual(said, (403, "urn:precinct:web_not_allowed"), about)
                elif not may:
                    self.assertEqual(said, (404, "urn:precinct:web_out_of_scope"), about)
                else:
                    self.assertNotIn(reply.status, (401, 403), about)
                    self.assertNotEqual(kind_of_reply, "urn:precinct:web_out_of_scope", about)
                checks += 1
        return checks

    def test_every_role_area_and_assignment_is_answered_as_described(self):
        checks = self.try_account("crew", "patrol", "out", True)
        for role in ALL_ROLES:
            for area in AREA_OF:
                if not role.endswith("_admin") or area == "none":
                    checks += self.try_account(f"{role}-{area}".replace("_", "-"), role, area, False)
        self.assertGreater(checks, 1000)
        print(f"rights matrix over HTTP: {checks} checks")


if __name__ == "__main__":
    unittest.main()
