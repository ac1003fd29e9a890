"""What comes in wrong is refused: with the right status, the field, what was expected, in the reader's language; and
nothing of it is done. Roles get what their endpoints' descriptions say, both ways."""
import http.client
import json
import socket
import threading
import unittest

from server import ALL_ROLES, ApiTest, Client

CALL = {"channel": "phone", "type": "noise", "priority": 3}


class Refusals(ApiTest):
    def count(self):
        return len(self.anna.get("/api/v1/calls?limit=1000").json["items"])

    def test_each_wrong_field_is_named_and_nothing_is_taken(self):
        before = self.count()
        for change, code, field in (({"priority": 9}, "api_int", "priority"), ({"priority": "1"}, "api_int", "priority"),
                                    ({"channel": "smoke"}, "api_enum", "channel"), ({"type": "NO!"}, "api_code", "type"),
                                    ({"position": [200, 0]}, "api_position", "position"), ({"position": [1]}, "api_position", "position"),
                                    ({"words": "x" * 4001}, "api_text", "words"), ({"colour": 1}, "api_unknown", "colour"),
                                    ({"road": [1, 2]}, "api_road", "road"), ({"type": None}, "api_code", "type")):
            problem = self.refused(self.anna.post("/api/v1/calls", dict(CALL, **change)), 400, code, field)
            self.assertIn(field, problem["detail"])
        self.refused(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise"}), 400, "api_missing", "priority")
        self.refused(self.anna.post("/api/v1/units/U1/sign_on", {"officers": 1, "auxiliaries": 0, "shift_end_at": "soon"}), 400,
                     "api_time", "shift_end_at")
        self.refused(self.anna.post("/api/v1/orders", {"incident": "C1", "unit": "U1"}), 400, "api_id", "incident")
        self.refused(self.anna.post("/api/v1/units", {"name": "x", "kind": "car", "capabilities": ["a"] * 17}), 400, "api_list")
        self.assertEqual(self.count(), before)

    def test_refusals_speak_the_readers_language(self):
        for accept, words in (("zh-CN,zh;q=0.9,en;q=0.8", "应为"), ("en", "was expected"), ("de", "was expected"), ("en;q=0.1,zh", "应为")):
            reply = self.anna.post("/api/v1/calls", dict(CALL, priority=9), Accept_Language=accept)
            self.assertIn(words, reply.json["detail"])

    def post_bytes(self, body, **headers):
        return self.anna.send("POST", "/api/v1/calls", body, **{"Content_Type": "application/json", **headers})

    def test_bodies_that_are_no_object_of_json_are_refused(self):
        post = self.post_bytes
        self.refused(post(b"{"), 400, "json_syntax")
        self.refused(post(b"[]"), 400, "api_body_missing")
        self.refused(post(b""), 400, "api_body_missing")
        self.refused(post(b'{"words":"\xff"}'), 400, "json_syntax")
        self.refused(post(b'{"priority":1,"priority":2}'), 400, "json_syntax")
        self.refused(post(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"), 400, "api_depth")
        self.refused(post(json.dumps(CALL).encode(), Content_Type="text/plain"), 415, "web_content_type")

    def test_bodies_beyond_the_limit_are_refused_before_they_are_read(self):
        self.refused(self.anna.post("/api/v1/calls", dict(CALL, words="x" * 70000)), 413, "web_body_too_large")
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
            s.sendall(b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 6 + b"0\r\n\r\n")
            self.assertIn(b" 413 ", s.recv(100))

    def test_paths_methods_and_parameters_that_are_not_there(self):
        self.refused(self.anna.get("/api/v1/nothing"), 404, "web_no_path")
        self.refused(self.anna.get("/api/v1/calls/C999999"), 404, "api_no_object")
        self.refused(self.anna.get("/api/v1/calls/I1"), 400, "api_id", "call")
        reply = self.anna.send("PUT", "/api/v1/calls", {})
        self.refused(reply, 405, "web_method")
        self.assertEqual(reply.headers["Allow"], "GET, POST")
        self.refused(self.anna.get("/api/v1/calls?colour=red"), 400, "api_query", "colour")
        self.refused(self.anna.get("/api/v1/calls?limit=1&limit=2"), 400, "api_query", "limit")
        self.refused(self.anna.get("/api/v1/calls?limit=0"), 400, "api_int", "limit")

    def test_commands_need_a_key_and_the_same_key_is_done_once(self):
        self.refused(self.anna.raw("POST", "/api/v1/calls", json.dumps(CALL), Content_Type="application/json"), 428,
                     "web_idempotency_key")
        self.refused(self.anna.post("/api/v1/calls", CALL, key="short"), 400, "web_idempotency_key")
        before = self.count()
        ids = {self.taken(self.anna.post("/api/v1/calls", CALL, key="one-and-the-same")) for _ in range(3)}
        self.assertEqual((len(ids), self.count()), (1, before + 1))
        self.refused(self.anna.post("/api/v1/calls", dict(CALL, priority=1), key="one-and-the-same"), 409)
        other = self.clients["carl"].post("/api/v1/calls", CALL, key="one-and-the-same")
        self.assertNotIn(self.taken(other), ids)

    def test_a_stale_view_is_refused_and_a_present_one_is_not(self):
        incident, _ = self.an_incident()
        seen = self.anna.get(f"/api/v1/incidents/{incident}").headers["ETag"]
        path, body = f"/api/v1/incidents/{incident}/classify", {"reason": "caller_update"}
        self.taken(self.anna.post(path, dict(body, priority=1), If_Match=seen))
        self.refused(self.anna.post(path, dict(body, priority=2), If_Match=seen), 412, "api_stale")
        self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["priority"], 1)

    def test_of_two_clients_with_the_same_view_one_is_refused(self):
        accounts = (self.anna, self.server.sign_in("anna"))
        for _ in range(20):
            incident, _ = self.an_incident()
            seen = self.anna.get(f"/api/v1/incidents/{incident}").headers["ETag"]
            gate, replies = threading.Barrier(2), [None, None]

            def classify(i, incident=incident, seen=seen, gate=gate, replies=replies):
                gate.wait()
                replies[i] = accounts[i].post(f"/api/v1/incidents/{incident}/classify", {"priority": 1 + i, "reason": "review"},
                                              If_Match=seen)
            threads = [threading.Thread(target=classify, args=(i,)) for i in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(r.status for r in replies), [201, 412], [r.body for r in replies])
            winner = [r.status for r in replies].index(201)
            self.refused(replies[1 - winner], 412, "api_stale")
            self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["priority"], 1 + winner)

    def test_a_repeated_command_gets_its_reply_although_its_view_is_stale_by_now(self):
        incident, _ = self.an_incident()
        seen = self.anna.get(f"/api/v1/incidents/{incident}").headers["ETag"]
        path, body = f"/api/v1/incidents/{incident}/classify", {"priority": 1, "reason": "review"}
        first = self.anna.post(path, body, key="classify-once-only", If_Match=seen)
        again = self.anna.post(path, body, key="classify-once-only", If_Match=seen)
        self.assertEqual((self.taken(again), again.json), (self.taken(first), first.json))

    def test_other_origins_and_other_hosts_are_refused(self):
        own = f"http://127.0.0.1:{self.server.port}"
        self.taken(self.anna.post("/api/v1/calls", CALL, Origin=own))
        for origin in ("http://evil.example", "null", own + "1", "http://localhost:1"):
            self.refused(self.anna.post("/api/v1/calls", CALL, Origin=origin), 403, "web_origin")
        self.refused(self.anna.post("/api/v1/calls", CALL, Sec_Fetch_Site="cross-site"), 403, "web_origin")
        self.refused(self.anna.get("/api/v1/calls", Host="evil.example"), 403, "web_host")

    def test_forged_and_missing_sessions_are_refused(self):
        for cookie in (None, "precinct_session=" + "0" * 32, "precinct_session=x", self.anna.cookie + "0"):
            reply = Client(self.server, cookie).get("/api/v1/calls")
            self.refused(reply, 401, "session_over")
            self.assertIn("WWW-Authenticate", reply.headers)
        wrong = self.nobody.send("POST", "/api/v1/session", {"account": "anna", "password": "not the password"})
        self.refused(wrong, 401, "sign_in_wrong")

    def test_replies_carry_the_headers_that_keep_a_browser_safe(self):
        self.server.add("emil", "patrol")
        reply = Client(self.server).send("POST", "/api/v1/session", {"account": "emil", "password": "correct horse battery"})
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, reply.headers["Set-Cookie"])
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(reply.headers["Content-Security-Policy"].startswith("default-src 'none'"))

    def test_every_reply_carries_the_headers_that_keep_browsers_in(self):
        for method, path in (("GET", "/healthz"), ("GET", "/api/v1/calls"), ("GET", "/nowhere"), ("PUT", "/api/v1/calls"), ("GET", "/metrics")):
            headers = Client(self.server).raw(method, path).headers
            said = {name: headers[name] for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy")}
            self.assertEqual(said, {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
                                    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}, path)
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertNotIn("unsafe", headers["Content-Security-Policy"])


class Rights(ApiTest):
    ACCOUNTS = {role.replace("_", "-"): role for role in ALL_ROLES}

    def status_of(self, cookie, method, path):
        """The status alone: a stream would not end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
        status = connection.getresponse().status
        connection.close()
        return status

    def test_every_role_gets_what_the_descriptions_say_and_nothing_else(self):
        checked = 0
        for path, methods in self.server.document["paths"].items():
            real = path
            for name, value in (("call", "C9"), ("incident", "I9"), ("order", "O9"), ("unit", "U9"), ("z", "1"), ("x", "0"), ("y", "0")):
                real = real.replace("{" + name + "}", value)
            for method, operation in methods.items():
                if operation["operationId"] == "session_close":
                    continue
                is_open = operation.get("security") == []
                self.assertEqual(self.status_of(None, method.upper(), real) == 401, not is_open, operation["operationId"])
                for role in ALL_ROLES:
                    status = self.status_of(self.clients[role.replace("_", "-")].cookie, method.upper(), real)
                    may = is_open or role in operation.get("x-roles", ALL_ROLES)
                    self.assertEqual(status != 403, may, f"{role}: {operation['operationId']}: {status}")
                    self.assertNotEqual(status, 401)
                    checked += 1
        self.assertGreater(checked, 500)


if __name__ == "__main__":
    unittest.main()
