"""Whatever comes in, the answer is a refusal with the right 4xx, in the reader's language, that names the field and what was expected;
nothing is done, and the server goes on. Every endpoint of the document is tried with every kind of wrong input."""
import json
import os
import re
import socket
import unittest
import uuid
from urllib.parse import quote

from server import ALL_ROLES, ApiTest, Client, run
import databases  # of tests/cli: server knows the way

HUGE = [10 ** 30, -(10 ** 30), 2 ** 63, 2 ** 53, 1e300, -1]
IDS = {"call": "C9", "incident": "I9", "order": "O9", "unit": "U9", "closure": "L9", "account": "nobody", "request": "Q9", "glass": "B9", "plan": "G9", "round": "R9", "directed": "X9", "z": "1", "x": "0", "y": "0"}


class BadInput(ApiTest):
    ACCOUNTS = {"anna": ",".join(r for r in ALL_ROLES if not r.endswith("_admin")), "sam": "security_admin", "ada": "audit_admin"}

    def endpoints(self, *methods):
        for path, operations in self.server.document["paths"].items():
            for method, operation in operations.items():
                if method.upper() in methods and operation["operationId"] not in ("session_open", "session_close", "stream"):
                    yield method.upper(), re.sub(r"\{(\w+)\}", lambda m: IDS.get(m.group(1), "1"), path), operation

    def one_who_may(self, method, path):
        """sam grants rights, ada looks at flags, and nothing else; anna may all the rest."""
        only = {("security_admin",): "sam", ("audit_admin",): "ada"}
        for template, operations in self.server.document["paths"].items():
            operation = operations.get(method.lower(), {})
            roles = tuple(operation.get("x-roles", []))
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]*", template), path) and roles in only:
                return self.clients[only[roles]]
        return self.anna

    def seq(self):
        return self.anna.get("/api/v1/calls?limit=1").json["seq"]

    def problem(self, reply, statuses, field=None):
        """A refusal as it has to be."""
        self.assertIn(reply.status, statuses, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        problem = reply.json
        self.assertTrue(problem["title"] and problem["detail"])
        self.assertNotRegex(problem["detail"], r"\{\w+\}")
        if field:
            self.assertEqual(problem.get("field"), field, problem)
        return problem

    def both_languages(self, send, statuses, field=None):
        english, chinese = send("en"), send("zh-CN,zh;q=0.9")
        one, other = self.problem(english, statuses, field), self.problem(chinese, statuses, field)
        self.assertEqual(one["type"], other["type"])
        self.assertNotEqual(one["detail"], other["detail"])
        self.assertRegex(other["title"] + other["detail"], r"[\u4e00-\u9fff]")
        self.assertNotRegex(one["title"], r"[\u4e00-\u9fff]")
        return one

    def post(self, path, body, language="en", **headers):
        headers = {"Content_Type": "application/json", "Idempotency_Key": str(uuid.uuid4()), "Accept_Language": language, **headers}
        return self.one_who_may("POST", path).raw("POST", path, body, **headers)

    # --- bodies

    def test_every_endpoint_refuses_bodies_that_are_no_object_of_json(self):
        before, tried = self.seq(), 0
        for _, path, operation in self.endpoints("POST"):
            if "requestBody" not in operation:
                continue
            for body in (b"", b"{", b"null", b"[]", b"\xff\xfe{}", b'{"a":"\xc3\x28"}', b'{"a":"\\ud800"}', b"{}{}", b'{"a":1,"a":2}',
                         b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"a":NaN}', b'{"a":1e999}', b'{"a":' + b"9" * 400 + b"}", b"\x00"):
                self.both_languages(lambda language, path=path, body=body: self.post(path, body, language), (400,))
                tried += 1
        self.assertGreater(tried, 150)
        self.assertEqual(self.seq(), before)

    def test_every_member_of_every_body_refuses_what_it_is_not(self):
        before, tried = self.seq(), 0
        for _, path, operation in self.endpoints("POST"):
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for name, schema in body.get("properties", {}).items():
                wrong = [{"deep": {"er": 1}}, [[]], True if schema.get("type") != "boolean" else "true", *HUGE, "x" * 60000, "\u0000", ""]
                for value in wrong:
                    if self.may_be(value, schema):
                        continue
                    send = lambda language, path=path, name=name, value=value: self.post(  # noqa: E731
                        path, json.dumps(self.filled(body, name, value)), language)
                    # What no reader of JSON keeps is refused before it is a member.
                    unread = value == "\u0000" or isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 2 ** 63
                    self.both_languages(send, (400,), None if unread else name)
                    tried += 1
            if body.get("properties"):
                self.both_languages(lambda language, path=path, body=body: self.post(path, json.dumps({**self.filled(body), "colour": 1}), language),
                                    (400,), "colour")
        self.assertGreater(tried, 300)
        self.assertEqual(self.seq(), before)

    def may_be(self, value, schema):
        kind = schema.get("type")
        if kind is None and "anyOf" not in schema:  # a document, which its own reader checks
            return isinstance(value, (dict, list))
        if kind == "boolean":
            return isinstance(value, bool)
        if isinstance(value, bool) or kind == "array":
            return kind == "array" and value == []
        if kind in ("integer", "number") and isinstance(value, (int, float)):
            return schema.get("minimum", value) <= value <= schema.get("maximum", value) and abs(value) < 2 ** 53
        return kind == "string" and isinstance(value, str) and not set(schema) & {"enum", "pattern", "format"} and 0 < len(value) <= schema.get("maxLength", 0)

    def filled(self, body, name=None, value=None):
        """A body whose required members are right, but for one."""
        def right(schema):
            if "enum" in schema:
                return schema["enum"][0]
            if "pattern" in schema:
                return schema["pattern"][1] + "9"
            if schema.get("format") == "date-time":
                return "2030-01-01T00:00:00Z"
            return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True, "string": "noise"}.get(
                schema.get("type"), [102.4, 40.1] if schema.get("maxItems") == 2 else [])
        made = {key: right(schema) for key, schema in body["properties"].items() if key in body.get("required", [])}
        if name:
            made[name] = value
        return made

    def test_bodies_too_large_wrong_types_of_content_and_missing_keys(self):
        for _, path, operation in self.endpoints("POST"):
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            positions = sum(p.get("maxItems", 0) for p in schema.get("properties", {}).values() if p.get("type") == "array")
            documents = sum("type" not in p and "anyOf" not in p for p in schema.get("properties", {}).values())
            big = json.dumps({"purpose": "x" * (70000 + 48 * positions + (1 << 20) * documents)})
            self.both_languages(lambda language, path=path, big=big: self.post(path, big, language), (413,))
            for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "", "json"):
                self.both_languages(lambda language, path=path, kind=kind: self.post(path, "{}", language, Content_Type=kind), (415,))
            if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", [])):
                for key, status in ((None, 428), ("", 428), ("short", 400), ("x" * 65, 400), ("\xff" * 9, 400)):
                    headers = {"Idempotency_Key": key} if key is not None else {}
                    send = lambda language, path=path, headers=headers: self.one_who_may("POST", path).raw(  # noqa: E731
                        "POST", path, "{}", Content_Type="application/json", Accept_Language=language, **headers)
                    self.both_languages(send, (status,))

    # --- paths, queries, methods

    def test_wrong_methods_paths_and_parameters(self):
        for method, path, operation in self.endpoints("GET", "POST"):
            if operation.get("security") == []:
                continue
            for wrong in ("PUT", "PATCH", "DELETE", "BREW"):
                if self.server.operation(wrong, path):
                    continue
                reply = self.anna.raw(wrong, path)
                self.problem(reply, (405,))
                self.assertIn(method, reply.headers["Allow"])
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    place = re.sub(r"\{(\w+)\}", lambda m: IDS.get(m.group(1), "1"), path)
                    for value in ("0", "C0", "c9", "X9", "C" + "9" * 40, "-1", "%00", "%ff", "..", "C9%20", "1e3"):
                        if parameter["schema"].get("type") == "integer" and value == "0":
                            continue
                        bad = place.replace(IDS.get(parameter["name"], "1"), value, 1)
                        reply = self.anna.raw("GET", bad) if method == "GET" else self.post(bad, "{}")
                        self.problem(reply, (400, 404, 405))
                if parameter["in"] == "query":
                    self.query(method, path, operation, parameter)

    def query(self, method, path, operation, parameter):
        right = {"near": "102.4,40.1", "from": "102.4,40.1", "to": "102.4,40.1", "minutes": "5"}
        others = "".join(f"&{p['name']}={quote(right.get(p['name'], 'x'))}" for p in operation["parameters"]
                         if p["in"] == "query" and p["required"] and p is not parameter)
        values = ["%ff", "%00", "9" * 40, "-" + "9" * 40, "1e999", "nan", "inf", "'; drop table call; --", "x" * 2000, ""]
        for value in values:
            reply = self.one_who_may(method, path).raw(method, f"{path}?{parameter['name']}={quote(value, safe='%')}{others}")
            if reply.status not in (200, 404, 204):
                self.problem(reply, (400,), parameter["name"])

    def test_forged_cursors_and_event_numbers(self):
        lists = [path for _, path, operation in self.endpoints("GET") if any(p["name"] == "cursor" for p in operation.get("parameters", []))]
        self.assertGreaterEqual(len(lists), 4)
        for path in lists:
            for cursor in ("x", "c", "c1", "cX1", "cc9", "C9", "c" + "9" * 30, "cC-1", "cC0", "%00", "cC9%00", "cC%ff", "x" * 41, "cU9 " if "units" not in path else "cC9"):
                self.both_languages(lambda language, path=path, cursor=cursor: self.anna.raw(
                    "GET", f"{path}?cursor={quote(cursor, safe='%')}", Accept_Language=language), (400,), "cursor")
        for number in ("x", "-1", "1e3", "9" * 40, "0x10", "1 2", "１"):
            self.both_languages(lambda language, number=number: self.anna.raw(
                "GET", "/api/v1/stream", Last_Event_ID=number.encode(), Accept_Language=language), (400,), "Last-Event-ID")
            self.both_languages(lambda language, number=number: self.anna.raw(
                "GET", "/api/v1/stream?since=" + quote(number), Accept_Language=language), (400,), "since")

    def test_odd_headers_are_borne(self):
        for header, values in (("Accept_Language", ("", ";", "zh;q=x", "zh" * 3000, "en;q=1e999,zh;q=-1", ",,,,", "\xff\xfe")),
                               ("If_None_Match", ("x", '"' * 1000, "\xff")), ("Accept_Encoding", ("", "x" * 3000, "gzip;q=0")),
                               ("Cookie", ("=", ";;;;", "precinct_session", "precinct_session=" + "x" * 4000, "\xff=\xff"))):
            for value in values:
                reply = self.anna.raw("GET", "/api/v1/calls", **{header: value.encode("latin-1")})
                self.assertIn(reply.status, (200, 400, 401, 431), (header, value[:20]))
        incident, _ = self.an_incident()
        for tag in ("x", '"', 'W/"0"', '"' + "0" * 16 + '"', "\xff", "x" * 3000):
            self.both_languages(lambda language, tag=tag: self.post(f"/api/v1/incidents/{incident}/classify", json.dumps(
                {"priority": 1, "reason": "review"}), language, If_Match=tag.encode("latin-1")), (412,))

    # --- who asks

    def test_forged_sessions_are_nobodys(self):
        good = self.anna.cookie
        name, token = good.split("=", 1)
        for cookie in (f"{name}=", f"{name}={token[:-1]}", f"{name}={token}x", f"{name}={token.swapcase()}", f"{name}={'0' * len(token)}",
                       f"{name}={token}%00", f"{name}='{token}'", f"__Host-session={token}", f"{name}=' OR 1=1 --"):
            if cookie == good:
                continue
            for method, path, operation in self.endpoints("GET", "POST"):
                if operation.get("security") != [] and path.count("/") == 3:
                    send = lambda language, cookie=cookie, method=method, path=path: Client(self.server, cookie).raw(  # noqa: E731
                        method, path, Accept_Language=language)
                    self.both_languages(send, (401,))

    def test_an_expired_session_and_one_of_a_disabled_account_are_over(self):
        self.server.add("eva", "dispatcher")
        eva, again = self.server.sign_in("eva"), self.server.sign_in("eva")
        self.assertEqual(eva.get("/api/v1/session").status, 200)
        accounts = databases.connect(os.path.join(self.server.site, "accounts.db"), timeout=10)
        accounts.execute("UPDATE session SET expires_at_ms = expires_at_ms - 86400000 WHERE account = 'eva'")
        accounts.commit()
        accounts.close()
        for client in (eva, again):
            self.both_languages(lambda language, client=client: client.raw("GET", "/api/v1/session", Accept_Language=language), (401,))
        third = self.server.sign_in("eva")
        run("user", "disable", self.server.site, "eva")
        self.both_languages(lambda language: third.raw("GET", "/api/v1/session", Accept_Language=language), (401,))

    def test_wrong_origins_and_hosts_do_nothing_anywhere(self):
        before = self.seq()
        for _, path, _ in self.endpoints("POST"):
            for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"Sec_Fetch_Site": "cross-site"},
                            {"Sec_Fetch_Site": "same-site"}, {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}):
                self.both_languages(lambda language, path=path, headers=headers: self.post(path, "{}", language, **headers), (403,))
        self.assertEqual(self.seq(), before)

    # --- below HTTP

    def talk(self, sent):
        """What is answered; to close the connection in the middle, or to leave half a request until its time is over, is an answer too."""
        heard = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as s:
            try:
                s.sendall(sent)
                s.shutdown(socket.SHUT_WR)
                while chunk := s.recv(65536):
                    heard += chunk
            except OSError:
                pass
        return heard

    def test_bodies_beyond_the_limit_are_refused_where_the_client_reads_it(self):
        before = self.seq()
        for length in (70_000, 500_000, 16 << 20):
            for _ in range(5):
                reply = self.post("/api/v1/calls", '"' + "x" * (length - 2) + '"')
                self.assertIn("larger than 65536 bytes", self.problem(reply, (413,))["detail"])
                self.assertEqual(reply.headers["Connection"], "close")
        head = b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\n"
        for waits in (b"Content-Length: 500000\r\nExpect: 100-continue\r\n\r\n", b"Content-Length: 99000000\r\n\r\n"):
            self.assertRegex(self.talk(head + waits), rb"^HTTP/1.1 413 ")  # before anything of it was sent
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        chunked = head + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertRegex(self.talk(chunked + chunk * 20 + b"0\r\n\r\n"), rb"^HTTP/1.1 413 ")
        self.assertEqual(self.talk(chunked + chunk * 300), b"")  # beyond 16 MB the connection ends
        self.assertEqual(self.seq(), before)

    def test_what_is_no_http_is_refused_and_the_server_goes_on(self):
        for sent in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
                     b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                     b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                     b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"POST /api/v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{", b"GET /api/v1/calls HTTP/1.1\r\n\r\n"):
            heard = self.talk(sent)
            self.assertTrue(not heard or re.match(rb"HTTP/1\.[01] (4\d\d|505) ", heard), (sent[:60], heard[:200]))
        self.assertEqual(self.nobody.get("/healthz").json["state"], "normal")

    def test_zz_nothing_failed(self):
        metrics = self.nobody.get("/metrics").body.decode()
        self.assertIn("precinct_http_failed_total 0\n", metrics)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.errors, "")


if __name__ == "__main__":
    unittest.main()
