"""What the tests of the interface share: a real server on a port of its own, a client, and a checker of replies that
knows the part of JSON Schema which the OpenAPI document uses."""
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "cli"))  # what both share
PRECINCT = os.environ["PRECINCT"]
PASSWORD = "correct horse battery"
PATIENCE_S = 180  # how long a test waits for what must come: no machine is too slow for it
ALL_ROLES = ["call_taker", "dispatcher", "commander", "planner", "patrol", "community_officer", "mediator", "inspector",
             "licence_officer", "chief", "analyst", "system_admin", "security_admin", "audit_admin", "oversight"]


def run(*arguments, text=None):
    done = subprocess.run([PRECINCT, *map(str, arguments)], input=text, text=True, capture_output=True, check=False,
                          env=dict(os.environ, LANG="C.UTF-8"))
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout


class Mismatch(AssertionError):
    pass


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


def fits(value, schema, document):
    try:
        check(value, schema, document)
        return True
    except Mismatch:
        return False


def check_parts(value, schema, document, where, wrong):
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            wrong("wrong number of items")
        for i, item in enumerate(value):
            check(item, schema.get("items", {}), document, f"{where}[{i}]")
    if isinstance(value, dict) and "properties" in schema:
        for key in set(schema.get("required", [])) - set(value):
            wrong(f"{key!r} is missing")
        for key, item in value.items():
            if key in schema["properties"]:
                check(item, schema["properties"][key], document, f"{where}.{key}")
            elif schema.get("additionalProperties") is False:
                wrong(f"{key!r} is not in the schema")


def check(value, schema, document, where="reply"):
    """Raises Mismatch where the value is not what the schema says."""
    def wrong(why):
        raise Mismatch(f"{where}: {why}: {json.dumps(value, ensure_ascii=False)[:200]}")
    if "$ref" in schema:
        check(value, document["components"]["schemas"][schema["$ref"].split("/")[-1]], document, where)
        return
    if "anyOf" in schema:
        if not any(fits(value, choice, document) for choice in schema["anyOf"]):
            wrong("none of the choices fits")
        return
    kind = schema.get("type")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "integer" and not (number and isinstance(value, int)) or kind == "number" and not number:
        wrong(f"{kind} expected")
    if kind in TYPES and not isinstance(value, TYPES[kind]):
        wrong(f"{kind} expected")
    if "enum" in schema and value not in schema["enum"]:
        wrong(f"one of {schema['enum']} expected")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        wrong(f"{schema['pattern']} expected")
    if schema.get("format") == "date-time" and not re.fullmatch(TIME, value):
        wrong("RFC 3339 expected")
    if number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        wrong("out of range")
    check_parts(value, schema, document, where, wrong)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One account's requests; every reply is held against the document."""

    def __init__(self, server, cookie=None):
        self.server, self.cookie = server, cookie

    def raw(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_S)
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request(method, path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.headers, answer.read())
        connection.close()
        return reply

    def send(self, method, path, body=None, key=None, **headers):
        if body is not None and not isinstance(body, (bytes, str)):
            headers.setdefault("Content_Type", "application/json")
            body = json.dumps(body)
        if method == "POST" and path != "/api/v1/session":
            headers.setdefault("Idempotency_Key", key or str(uuid.uuid4()))
        reply = self.raw(method, path, body, **headers)
        self.server.hold(method, path, reply)
        return reply

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def post(self, path, body=None, **options):
        return self.send("POST", path, {} if body is None else body, **options)


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="precinct-api-")
        self.site = os.path.join(self.folder, "site")
        self.called, self.document, self.process, self.errors = set(), None, None, ""
        town = os.path.join(self.folder, "town")
        run("town", "--seed", 4, "--people", 3000, town)
        run("init", self.site, "--map", f"{town}/map.osm.pbf", "--areas", f"{town}/areas.geojson", "--stations",
            f"{town}/stations.geojson", "--places", f"{town}/places.geojson", "--units", f"{town}/units.csv", "--drill")

    def start(self, *options, env=None):
        self.process = subprocess.Popen([PRECINCT, "serve", self.site, "--listen", "127.0.0.1:0", "--positions", "0", "--json",
                                         *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=dict(os.environ, LANG="C.UTF-8", **(env or {})))
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.stderr.read())
        ready = json.loads(line)
        self.port, self.positions_port = ready["port"], ready["positions_port"]
        if not self.document:
            self.document = Client(self).raw("GET", "/api/v1/openapi.json").json
        return self

    def stop(self):
        """Ends the server as an operator does; its exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()
        self.errors = self.process.stderr.read()
        self.process.stderr.close()
        return code

    def remove(self):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, name, roles):
        run("user", "add", self.site, name, "--roles", roles, "--password-stdin", text=PASSWORD + "\n")

    def sign_in(self, name):
        reply = Client(self).send("POST", "/api/v1/session", {"account": name, "password": PASSWORD})
        if reply.status != 201:
            raise AssertionError(reply.body)
        return Client(self, reply.headers["Set-Cookie"].split(";")[0])

    def events(self, *types):
        """What the record has, of these types or all, in order."""
        out = os.path.join(self.folder, "events")
        run("log", "export", self.site, "--out", out)
        with open(out, encoding="utf-8") as lines:
            found = [e for e in map(json.loads, lines) if not types or e["type"] in types]
        os.remove(out)
        return found

    def events_by_key(self, prefix=""):
        """What each command's key has brought into the record."""
        by_key = {}
        for event in self.events():
            if "idempotency_key" in event and event["idempotency_key"].startswith(prefix):
                by_key.setdefault(event["idempotency_key"], []).append(event)
        return by_key

    def operation(self, method, path):
        for pattern, methods in self.document["paths"].items():
            shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern))
            operation = methods.get(method.lower())
            if operation and any(p.get("x-rest") for p in operation.get("parameters", [])):
                shape = shape.removesuffix("[^/]+") + ".+"
            if operation and re.fullmatch(shape, path.split("?")[0]):
                return methods[method.lower()]
        return None

    def hold(self, method, path, reply):
        """The reply must be what the document says of this endpoint."""
        operation = self.operation(method, path)
        if operation is None or reply.status == 304:
            if reply.status < 400 and reply.status != 304:
                raise Mismatch(f"{method} {path} answers {reply.status} and is not in the document")
            return
        known = operation["responses"].get(str(reply.status)) or operation["responses"].get(f"{reply.status // 100}XX")
        if known is None:
            raise Mismatch(f"{method} {path}: status {reply.status} is not in the document")
        if reply.status < 400:
            self.called.add(operation["operationId"])
        content = known.get("content", {})
        media = (reply.headers["Content-Type"] or "").split(";")[0]
        if not content:
            if reply.body:
                raise Mismatch(f"{method} {path}: {reply.status} has a body")
        elif media not in content:
            raise Mismatch(f"{method} {path}: {media} where the document has {list(content)}")
        elif "$ref" in content[media]["schema"]:
            check(reply.json, content[media]["schema"], self.document, f"{method} {path}")


class ApiTest(unittest.TestCase):
    """One server for all tests of a class."""
    ACCOUNTS = {"anna": "dispatcher,commander", "carl": "call_taker", "pia": "patrol"}

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        for name, roles in cls.ACCOUNTS.items():
            cls.server.add(name, roles)
        cls.server.start(*cls.serve_options())
        cls.clients = {name: cls.server.sign_in(name) for name in cls.ACCOUNTS}
        cls.nobody = Client(cls.server)

    @classmethod
    def serve_options(cls):
        """What `serve` is started with, after whatever the class does to its site before."""
        return []

    def setUp(self):
        self.anna = self.clients.get("anna")

    def refused(self, reply, status, code=None, field=None):
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        if code:
            self.assertEqual(reply.json["type"], "urn:precinct:" + code)
        if field:
            self.assertEqual(reply.json["field"], field)
        return reply.json

    def taken(self, reply):
        self.assertEqual(reply.status, 201, reply.body)
        return reply.json["id"]

    def a_unit(self):
        """A free unit's id and where it stands."""
        units = self.anna.get("/api/v1/units?limit=1000").json["items"]
        free = [u for u in units if u["status"] in ("at_station", "available") and u["position"]]
        self.assertTrue(free, "no unit is free")
        return free[0]["id"], free[0]["position"]

    def an_incident(self, position=None):
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "words": "loud"}))
        body = {"call": call, "type": "noise", "priority": 3, "gravity": "ordinary"}
        if position:
            body["position"] = position
        return self.taken(self.anna.post("/api/v1/incidents", body)), call


class OwnServerTest(ApiTest):
    """A server for each test, and the command beside it. A class that starts it otherwise has a serve() of its own."""
    ACCOUNTS = {"anna": "dispatcher,commander"}

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        for name, roles in self.ACCOUNTS.items():
            self.server.add(name, roles)
        self.serve()

    def serve(self):
        self.server.start()
        self.anna = self.server.sign_in("anna")

    def path(self, name):
        return os.path.join(self.server.folder, name)

    def precinct(self, *arguments, code=0):
        """What the command says as JSON, or its complaint when it is to fail."""
        done = subprocess.run([PRECINCT, *arguments, "--json"], capture_output=True, text=True, check=False,
                              env=dict(os.environ, LANG="C.UTF-8"))
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr
