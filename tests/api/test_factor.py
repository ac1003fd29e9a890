"""The second factor, from setting it up to signing in with it, and the roles that a site keeps back without."""
import hashlib
import hmac
import json
import os
import struct
import time
import unittest
from base64 import b32decode

from server import PASSWORD, ApiTest, Client, run


def code_of(secret, moved=0):
    digest = hmac.new(b32decode(secret), struct.pack(">q", int(time.time() // 30) + moved), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1000000:06d}"


class Factor(ApiTest):
    ACCOUNTS = {"anna": "dispatcher", "carl": "call_taker", "sue": "security_admin"}

    def enter(self, account, password=PASSWORD, **more):
        return Client(self.server).send("POST", "/api/v1/session", {"account": account, "password": password, **more})

    def test_a_second_factor_is_set_up_and_asked_for(self):
        self.assertEqual(self.anna.get("/api/v1/session").json["second_factor"], "none")
        self.refused(self.anna.post("/api/v1/session/factor", {"password": "wrong horse"}), 403, "sign_in_wrong")
        self.refused(self.anna.post("/api/v1/session/factor/confirm", {"code": "000000"}), 409, "factor_none_waits")
        made = self.anna.post("/api/v1/session/factor", {"password": PASSWORD}).json
        self.assertIn(made["secret"], made["uri"])
        self.refused(self.anna.post("/api/v1/session/factor/confirm", {"code": "000000"}), 409, "sign_in_code_wrong")
        self.assertEqual(self.enter("anna").status, 201, "not in force before it is confirmed")
        codes = self.anna.post("/api/v1/session/factor/confirm", {"code": code_of(made["secret"])}).json["codes"]
        self.assertEqual(len(set(codes)), 10)
        self.refused(self.enter("anna"), 401, "sign_in_code")
        self.refused(self.enter("anna", "wrong horse", code=codes[0]), 401, "sign_in_wrong")
        self.refused(self.enter("anna", code=codes[0][:-1] + "0"), 401, "sign_in_code_wrong")
        taken = self.enter("anna", code=code_of(made["secret"], 1))
        self.assertEqual((taken.status, taken.json["second_factor"]), (201, "on"))
        self.refused(self.enter("anna", code=code_of(made["secret"], 1)), 401, "sign_in_code_wrong")
        self.assertEqual(self.enter("anna", code=codes[0]).status, 201)
        self.refused(self.enter("anna", code=codes[0]), 401, "sign_in_code_wrong")
        # To change it takes the one in force.
        self.refused(self.anna.post("/api/v1/session/factor", {"password": PASSWORD}), 403, "sign_in_code")
        self.assertEqual(self.anna.post("/api/v1/session/factor", {"password": PASSWORD, "code": codes[1]}).status, 201)
        # Lost: whoever owns the site's folder takes it away.
        run("user", "totp", self.server.site, "anna", "--remove")
        self.assertEqual(self.enter("anna").status, 201)

    def test_its_owner_removes_it_with_password_and_code(self):
        carl = self.clients["carl"]
        self.refused(carl.post("/api/v1/session/factor/remove", {"password": PASSWORD, "code": "000000"}), 409, "factor_none")
        made = carl.post("/api/v1/session/factor", {"password": PASSWORD}).json
        codes = carl.post("/api/v1/session/factor/confirm", {"code": code_of(made["secret"])}).json["codes"]
        self.refused(carl.post("/api/v1/session/factor/remove", {"password": "wrong horse", "code": codes[0]}), 403, "sign_in_wrong", "password")
        self.refused(carl.post("/api/v1/session/factor/remove", {"password": PASSWORD, "code": "000000"}), 403, "sign_in_code_wrong", "code")
        self.refused(self.enter("carl"), 401, "sign_in_code")
        self.assertEqual(carl.post("/api/v1/session/factor/remove", {"password": PASSWORD, "code": codes[0]}).status, 204)
        self.assertEqual(self.enter("carl").json["second_factor"], "none")
        self.refused(self.enter("carl", "wrong horse", code=codes[1]), 401, "sign_in_wrong")

    def test_a_program_does_not_set_up_a_factor(self):
        token = json.loads(run("token", "add", self.server.site, "carl", "--name", "x", "--json"))["token"]
        reply = Client(self.server).send("POST", "/api/v1/session/factor", {"password": PASSWORD}, Authorization=f"Bearer {token}")
        self.refused(reply, 403, "token_not_here")


class Needed(ApiTest):
    ACCOUNTS = {"sue": "security_admin", "carl": "call_taker"}

    def test_roles_that_need_a_second_factor_are_kept_back_without(self):
        self.assertEqual(self.clients["sue"].get("/api/v1/accounts").status, 200)
        self.server.stop()
        path = os.path.join(self.server.site, "site.json")
        with open(path, encoding="utf-8") as f:
            site = json.load(f)
        with open(path, "w", encoding="utf-8") as f:
            json.dump(dict(site, sign_in={"code_roles": ["security_admin", "system_admin"]}), f)
        self.server.start()
        held = self.clients["sue"].get("/api/v1/session").json
        self.assertEqual((held["roles"], held["second_factor"]), ([], "needed"))
        self.refused(self.clients["sue"].get("/api/v1/accounts"), 403, "web_not_allowed")
        self.assertEqual(self.clients["carl"].get("/api/v1/session").json["roles"], ["call_taker"])
        made = self.clients["sue"].post("/api/v1/session/factor", {"password": PASSWORD}).json
        codes = self.clients["sue"].post("/api/v1/session/factor/confirm", {"code": code_of(made["secret"])}).json["codes"]
        held = self.clients["sue"].get("/api/v1/session").json
        self.assertEqual((held["roles"], held["second_factor"]), ([], "again"), "this session was opened without")
        self.refused(self.clients["sue"].post("/api/v1/session/factor/remove", {"password": PASSWORD, "code": codes[0]}), 409, "factor_needed")
        reply = Client(self.server).send("POST", "/api/v1/session", {"account": "sue", "password": PASSWORD, "code": codes[0]})
        self.assertEqual((reply.json["roles"], reply.json["second_factor"]), (["security_admin"], "on"))
        sue = Client(self.server, reply.headers["Set-Cookie"].split(";")[0])
        self.assertEqual(sue.get("/api/v1/accounts").status, 200)
        # The session from before stays without.
        self.refused(self.clients["sue"].get("/api/v1/accounts"), 403, "web_not_allowed")


if __name__ == "__main__":
    unittest.main()
