"""Signing in with a provider of identities, and out again: a real one (oidc-provider of npm) by its pages, in the open and over TLS, and one of
our own that lies."""
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from base64 import b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

from server import PRECINCT, ApiTest, Client

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROVIDER = os.path.join(ROOT, "web", "node_modules", "oidc-provider", "lib", "index.js")
CLIENT, SECRET = "precinct", "a secret of this test: 1&2+3"
BACK = "/api/v1/session/openid/back"


def configure(server, **more):
    with open(os.path.join(server.site, "openid.secret"), "w", encoding="utf-8") as f:
        f.write(SECRET + "\n")
    path = os.path.join(server.site, "site.json")
    with open(path, encoding="utf-8") as f:
        site = json.load(f)
    site["openid"] = {"client_id": CLIENT, "client_secret_file": "openid.secret", "claim": "preferred_username", **more}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(site, f)


class Browser:
    """As much of one as the way there and back needs: cookies by machine and port, no redirect followed by itself."""

    def __init__(self, authority=None):
        self.jar, self.authority = {}, authority

    def connect(self, parts):
        if parts.scheme == "https":
            return http.client.HTTPSConnection(parts.netloc, timeout=60, context=ssl.create_default_context(cafile=self.authority))
        return http.client.HTTPConnection(parts.netloc, timeout=60)

    def ask(self, url, form=None):
        parts = urlsplit(url)
        jar = self.jar.setdefault(parts.netloc, {})
        connection = self.connect(parts)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())} if jar else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST" if form is not None else "GET", parts.path + ("?" + parts.query if parts.query else ""),
                           body=urlencode(form) if form is not None else None, headers=headers)
        reply = connection.getresponse()
        reply.text = reply.read().decode()
        connection.close()
        for cookie in reply.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            jar[name] = value
        reply.place = urljoin(url, reply.headers["Location"] or "")
        return reply


class OpenidTest(ApiTest):
    def browser(self):
        return Browser()

    def origin(self):
        return f"http://127.0.0.1:{self.server.port}"

    def begin(self, browser=None):
        browser = browser or self.browser()
        reply = browser.ask(self.origin() + "/api/v1/session/openid")
        self.server.hold("GET", "/api/v1/session/openid", Bare(reply))
        self.assertEqual(reply.status, 302, reply.text)
        return browser, reply.place

    def come_back(self, browser, place):
        reply = browser.ask(place)
        self.server.hold("GET", BACK, Bare(reply))
        return reply

    def signed_in(self, browser, reply):
        self.assertEqual((reply.status, reply.headers["Location"]), (302, "/"), reply.text)
        cookie = browser.jar[f"127.0.0.1:{self.server.port}"]["precinct_session"]
        return Client(self.server, f"precinct_session={cookie}")

    def refused_back(self, reply, code, lines=None):
        self.assertEqual(reply.status, 403, reply.text)
        self.assertEqual(json.loads(reply.text)["type"], "urn:precinct:" + code)
        self.assertNotIn("precinct_session", reply.headers["Set-Cookie"] or "")
        with open(os.path.join(self.server.site, "security.log"), encoding="utf-8") as f:
            logged = [json.loads(line) for line in f]
        self.assertEqual((logged[-1]["what"], logged[-1]["endpoint"]), (code, f"GET {BACK}"), lines)


class Bare:
    def __init__(self, reply):
        self.status, self.headers, self.body = reply.status, reply.headers, reply.text

    @property
    def json(self):
        return json.loads(self.body)


@unittest.skipUnless(os.path.exists(PROVIDER) or os.environ.get("CI"), "SKIP: oidc-provider is not installed: cd web && npm ci")
class Real(OpenidTest):
    AUTHORITY, SECURE = None, []

    @classmethod
    def serve_options(cls):
        more = {"ca_file": cls.AUTHORITY} if cls.AUTHORITY else {}
        cls.provider = subprocess.Popen(["node", os.path.join(ROOT, "tests", "api", "openid_provider.mjs"), PROVIDER, *cls.SECURE], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.end_provider)
        cls.issuer = json.loads(cls.provider.stdout.readline())["issuer"]
        configure(cls.server, issuer=cls.issuer, **more)
        return []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        client = {"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [f"http://127.0.0.1:{cls.server.port}{BACK}"],
                  "post_logout_redirect_uris": [f"http://127.0.0.1:{cls.server.port}/"]}
        cls.provider.stdin.write(json.dumps(client) + "\n")
        cls.provider.stdin.flush()
        cls.provider.stdout.readline()

    @classmethod
    def end_provider(cls):
        cls.provider.kill()
        cls.provider.wait()
        cls.provider.stdin.close()
        cls.provider.stdout.close()

    def setUp(self):
        super().setUp()
        self.prompts = []  # what the provider's pages asked for

    def walk(self, browser, place, name):
        """Through the provider's pages, until it sends the browser back to us."""
        for _ in range(12):
            if place.startswith(self.origin()):
                return place
            reply = browser.ask(place)
            if reply.status == 200:
                action = re.search(r'action="([^"]+)"', reply.text).group(1)
                if 'name="xsrf"' in reply.text:  # of signing out: it asks whether that is meant
                    form = {"xsrf": re.search(r'name="xsrf" value="(\w+)"', reply.text).group(1), "logout": "yes"}
                else:
                    prompt = re.search(r'name="prompt" value="(\w+)"', reply.text).group(1)
                    self.prompts.append(prompt)
                    form = {"prompt": prompt, **({"login": name, "password": "any"} if prompt == "login" else {})}
                reply = browser.ask(urljoin(place, action), form)
            self.assertIn(reply.status, (302, 303), reply.text)
            place = reply.place
        raise AssertionError(f"still at {place}")

    def test_who_signs_in_at_the_provider_is_signed_in_here_with_the_roles_of_the_record(self):
        self.assertEqual(self.nobody.get("/api/v1/session/ways").json, {"provider": True})
        browser, place = self.begin()
        asked = parse_qs(urlsplit(place).query)
        self.assertEqual((asked["code_challenge_method"], asked["response_type"]), (["S256"], ["code"]))
        reply = self.come_back(browser, self.walk(browser, place, "anna"))
        session = self.signed_in(browser, reply).get("/api/v1/session").json
        self.assertEqual((session["account"], session["roles"]), ("anna", ["dispatcher", "commander"]))

    def test_nobody_gets_an_account_by_being_known_to_the_provider(self):
        browser, place = self.begin()
        self.refused_back(self.come_back(browser, self.walk(browser, place, "stranger")), "openid_account")

    def test_neither_an_answer_nor_a_code_counts_twice(self):
        browser, place = self.begin()
        back = self.walk(browser, place, "anna")
        self.signed_in(browser, self.come_back(browser, back))
        self.refused_back(self.come_back(browser, back), "openid_state")
        # The old code with a new question: the provider refuses it, and nobody is signed in.
        other, place = self.begin()
        state = parse_qs(urlsplit(place).query)["state"][0]
        code = parse_qs(urlsplit(back).query)["code"][0]
        self.refused_back(self.come_back(other, f"{self.origin()}{BACK}?{urlencode({'code': code, 'state': state})}"), "openid_code")

    def test_an_answer_counts_in_the_browser_alone_in_which_it_was_asked_for(self):
        browser, place = self.begin()
        back = self.walk(browser, place, "anna")
        self.refused_back(self.come_back(Browser(), back), "openid_state")
        stranger, _ = self.begin()
        self.refused_back(self.come_back(stranger, back), "openid_state")
        self.signed_in(browser, self.come_back(browser, back))


    def test_signing_out_here_signs_out_there_too(self):
        browser, place = self.begin(self.browser())
        client = self.signed_in(browser, self.come_back(browser, self.walk(browser, place, "anna")))
        self.assertIn("login", self.prompts)
        self.prompts.clear()
        again, place = self.begin(browser)  # signed in there: asked for nothing
        self.signed_in(again, self.come_back(browser, self.walk(browser, place, "anna")))
        self.assertNotIn("login", self.prompts)
        client = Client(self.server, "precinct_session=" + browser.jar[f"127.0.0.1:{self.server.port}"]["precinct_session"])
        reply = client.send("DELETE", "/api/v1/session")
        self.assertEqual(reply.status, 200, reply.body)
        onward = reply.json["onward"]
        asked = parse_qs(urlsplit(onward).query)
        self.assertTrue(onward.startswith(self.issuer))
        self.assertEqual((asked["client_id"], asked["post_logout_redirect_uri"]), ([CLIENT], [self.origin() + "/"]))
        self.assertEqual(asked["id_token_hint"][0].count("."), 2)
        self.refused(client.get("/api/v1/session"), 401)  # here at once, whatever the browser does there
        self.assertEqual(self.walk(browser, onward, "anna"), self.origin() + "/")
        _, place = self.begin(browser)
        self.walk(browser, place, "anna")
        self.assertIn("login", self.prompts)

    def test_who_signed_in_otherwise_has_nowhere_to_go(self):
        bob = self.server.sign_in("pia")
        reply = bob.send("DELETE", "/api/v1/session")
        self.assertEqual((reply.status, reply.body), (204, b""))

    def browser(self):
        return Browser(self.AUTHORITY)


def openssl_file(folder, name, *arguments):
    path = os.path.join(folder, name)
    subprocess.run(["openssl", *arguments, "-out", path], capture_output=True, check=True)
    return path


class Authority:
    """One of a test, which vouches for names on this machine."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.key = openssl_file(folder, name + ".key", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        self.file = openssl_file(folder, name + ".crt", "req", "-x509", "-key", self.key, "-days", "30", "-subj", f"/CN={name}")

    def vouch(self, name, host, days=30):
        """Key and certificate of a server; days < 0: they are over."""
        key = openssl_file(self.folder, name + ".key", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        request = openssl_file(self.folder, name + ".csr", "req", "-new", "-key", key, "-subj", f"/CN={name}")
        names = os.path.join(self.folder, name + ".ext")
        with open(names, "w", encoding="utf-8") as f:
            f.write(f"subjectAltName=DNS:{host}\n")
        return key, openssl_file(self.folder, name + ".crt", "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-set_serial", "7",
                                 "-days", str(days), "-extfile", names)


class RealOverTls(Real):
    """The same provider, and the same tests, with a certificate of an authority that site.json names."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="precinct-authority-")
        cls.addClassCleanup(shutil.rmtree, folder)
        authority = Authority(folder, "authority")
        cls.AUTHORITY, cls.SECURE = authority.file, list(authority.vouch("provider", "localhost"))
        super().setUpClass()

    def test_who_it_is_was_asked_over_tls(self):
        self.assertTrue(self.issuer.startswith("https://localhost:"))


class Secure(BaseHTTPRequestHandler):
    """A provider of which only the certificate matters."""

    def do_GET(self):
        issuer = f"https://localhost:{self.server.server_port}"
        body = json.dumps({"issuer": issuer, "authorization_endpoint": issuer + "/auth", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/jwks"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.asked.append(self.path)

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    asked = []

    def handle_error(self, request, client_address):
        pass  # who refuses our certificate breaks off


class Certificates(ApiTest):
    """Whom the desk takes for the provider, and what it says of others."""
    ACCOUNTS = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="precinct-authority-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority, cls.other = Authority(cls.folder, "authority"), Authority(cls.folder, "other")
        super().setUpClass()

    def provider(self, key, certificate):
        server = Quiet(("127.0.0.1", 0), Secure)
        server.asked = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def begin(self, provider, **more):
        """The desk is started anew with that provider, and somebody begins to sign in."""
        self.server.stop()
        configure(self.server, issuer=f"https://localhost:{provider.server_port}", **more)
        self.server.start()
        return Client(self.server).get("/api/v1/session/openid")

    def test_the_right_authority_is_believed_by_its_absolute_path_and_below_the_site(self):
        provider = self.provider(*self.authority.vouch("good", "localhost"))
        shutil.copy(self.authority.file, os.path.join(self.server.site, "authority.pem"))
        for path in (self.authority.file, "authority.pem"):
            reply = self.begin(provider, ca_file=path)
            self.assertEqual(reply.status, 302, reply.body)
            self.assertIn(f"https://localhost:{provider.server_port}/auth?", reply.headers["Location"])

    def refused_certificate(self, vouched, code, *words, authority=None):
        provider = self.provider(*vouched)
        reply = self.begin(provider, **({"ca_file": authority} if authority else {}))
        said = self.refused(reply, 503, "openid_certificate_" + code)["detail"]
        for word in ("localhost", *words):
            self.assertIn(word, said)
        self.assertEqual(provider.asked, [], "it was told something before it was known")

    def test_another_authority_is_refused_and_so_is_one_that_only_the_site_could_name(self):
        self.refused_certificate(self.other.vouch("foreign", "localhost"), "authority", "ca_file", authority=self.authority.file)
        self.refused_certificate(self.authority.vouch("unnamed", "localhost"), "authority", "ca_file")

    def test_a_certificate_for_another_name_is_refused(self):
        self.refused_certificate(self.authority.vouch("named", "id.elsewhere.example"), "name", "issuer", authority=self.authority.file)

    def test_a_certificate_that_is_over_is_refused(self):
        self.refused_certificate(self.authority.vouch("over", "localhost", days=-1), "expired", "renew", authority=self.authority.file)

    def test_a_file_without_a_certificate_stops_the_start(self):
        with open(os.path.join(self.server.site, "empty.pem"), "w", encoding="utf-8") as f:
            f.write("nothing\n")
        self.server.stop()
        for path in ("empty.pem", "absent.pem"):
            configure(self.server, issuer="https://localhost", ca_file=path)
            done = subprocess.run([PRECINCT, "serve", self.server.site, "--listen", "127.0.0.1:0"], text=True, capture_output=True, check=False, timeout=60,
                                  env=dict(os.environ, LANG="C.UTF-8"))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("PEM", done.stderr)
        configure(self.server, issuer="https://localhost")
        self.server.start()


def b64(data):
    return urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Key:
    """One of the provider's, made and used by openssl."""
    MAKE = {"RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "EdDSA": ["-algorithm", "ED25519"]}

    def __init__(self, folder, alg, kid):
        self.file, self.alg, self.kid = os.path.join(folder, f"{kid}.pem"), alg, kid
        openssl("genpkey", *self.MAKE[alg], "-out", self.file)
        self.public_pem = openssl("pkey", "-in", self.file, "-pubout")
        der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        if alg == "RS256":
            modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().strip().split("=")[1]
            members = {"kty": "RSA", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        elif alg == "ES256":
            members = {"kty": "EC", "crv": "P-256", "x": b64(der[-64:-32]), "y": b64(der[-32:])}
        else:
            members = {"kty": "OKP", "crv": "Ed25519", "x": b64(der[-32:])}
        self.public = {**members, "kid": kid, "use": "sig", "alg": alg}

    def sign(self, data):
        if self.alg == "EdDSA":
            with tempfile.NamedTemporaryFile() as f:
                f.write(data)
                f.flush()
                return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", f.name)
        der = openssl("dgst", "-sha256", "-sign", self.file, data=data)
        if self.alg == "RS256":
            return der
        numbers, at = [], 2
        for _ in range(2):
            length = der[at + 1]
            numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(32, "big"))
            at += 2 + length
        return b"".join(numbers)


class Lying(BaseHTTPRequestHandler):
    """A provider of our own: the code is the question's nonce, and what the ID token says is up to the test."""

    def answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        world = self.server.world
        world.asked.append(self.path)
        if self.path.endswith("/jwks"):
            self.answer(200, {"keys": world.published})
        else:
            self.answer(200, {"issuer": world.issuer, "authorization_endpoint": world.issuer + "/auth",
                              "token_endpoint": world.issuer + "/token", "jwks_uri": world.issuer + "/jwks"})

    def do_POST(self):
        world = self.server.world
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        given = b64decode(self.headers["Authorization"].split()[1]).decode().split(":")
        good = [unquote(part) for part in given] == [CLIENT, SECRET]
        challenge = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if not good or challenge != world.challenges.get(form["code"]):
            self.answer(400, {"error": "invalid_grant"})
        elif world.elsewhere:
            self.answer(302, {}, Location=world.issuer + "/jwks")
        else:
            self.answer(200, {"access_token": "x", "token_type": "Bearer", "id_token": world.token(form["code"])})

    def log_message(self, *_):
        pass


class Forged(OpenidTest):
    ACCOUNTS = {"anna": "dispatcher,commander", "dora": "dispatcher"}

    @classmethod
    def serve_options(cls):
        cls.folder = tempfile.mkdtemp(prefix="precinct-openid-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.keys = {alg: Key(cls.folder, alg, f"key-{alg}") for alg in Key.MAKE}
        cls.http = ThreadingHTTPServer(("127.0.0.1", 0), Lying)
        cls.http.world = cls
        cls.issuer = f"http://127.0.0.1:{cls.http.server_port}"
        cls.asked, cls.challenges, cls.published, cls.token, cls.elsewhere = [], {}, [k.public for k in cls.keys.values()], None, False
        thread = threading.Thread(target=cls.http.serve_forever)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(cls.http.server_close)
        cls.addClassCleanup(cls.http.shutdown)
        configure(cls.server, issuer=cls.issuer, accounts={"Anna of the provider": "anna", "gone": "dora"})
        return []

    def claims(self, asked, **more):
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "exp": now + 300, "iat": now, "nonce": asked,
                "preferred_username": "Anna of the provider", **more}
        return {k: v for k, v in said.items() if v is not None}

    def signed(self, claims, alg="RS256", key=None, **header):
        key = key or self.keys[alg]
        text = f"{b64({'alg': alg, 'kid': key.kid, **header})}.{b64(claims)}"
        return f"{text}.{b64(key.sign(text.encode()))}"

    def tell(self, token):
        """A sign-in in which the provider answers with the token that `token` makes of the nonce."""
        type(self).token = staticmethod(token)
        browser, place = self.begin()
        asked = {k: v[0] for k, v in parse_qs(urlsplit(place).query).items()}
        self.challenges[asked["nonce"]] = asked["code_challenge"]
        return browser, self.come_back(browser, f"{asked['redirect_uri']}?{urlencode({'code': asked['nonce'], 'state': asked['state']})}")

    def test_all_three_ways_to_sign_are_taken_and_the_table_says_whose_account_it_is(self):
        for alg in self.keys:
            browser, reply = self.tell(lambda nonce, alg=alg: self.signed(self.claims(nonce), alg))
            self.assertEqual(self.signed_in(browser, reply).get("/api/v1/session").json["account"], "anna", alg)
        rows = self.signed_in(browser, reply).get("/api/v1/sessions").json["items"]
        self.assertEqual([r["signed_by"] for r in rows if r["current"]], ["provider"])

    def test_what_is_wrong_in_an_id_token_is_found(self):
        now, claims, signed = int(time.time()), self.claims, self.signed
        rsa = self.keys["RS256"]

        def unsigned(nonce):
            return f"{b64({'alg': 'none'})}.{b64(claims(nonce))}."

        def confused(nonce):  # the public key taken for a secret
            text = f"{b64({'alg': 'HS256', 'kid': rsa.kid})}.{b64(claims(nonce))}"
            return f"{text}.{b64(hmac.new(rsa.public_pem, text.encode(), hashlib.sha256).digest())}"

        def changed(nonce):  # what it says, after it was signed
            header, _, signature = signed(claims(nonce)).split(".")
            return f"{header}.{b64(claims(nonce, sub='2'))}.{signature}"
        cases = {"openid_expired": [lambda n: signed(claims(n, exp=now - 61)), lambda n: signed(claims(n, exp=None))],
                 "openid_time": [lambda n: signed(claims(n, iat=now + 300)), lambda n: signed(claims(n, iat=now - 3600)), lambda n: signed(claims(n, iat=None))],
                 "openid_audience": [lambda n: signed(claims(n, aud="another")), lambda n: signed(claims(n, aud=[CLIENT, "another"])),
                                     lambda n: signed(claims(n, azp="another")), lambda n: signed(claims(n, aud=None))],
                 "openid_issuer": [lambda n: signed(claims(n, iss=self.issuer + "/")), lambda n: signed(claims(n, iss=None))],
                 "openid_nonce": [lambda n: signed(claims("x" * 43)), lambda n: signed(claims(n, nonce=None))],
                 "openid_algorithm": [unsigned, confused, lambda n: signed(claims(n), alg="RS512", key=rsa)],
                 "openid_signature": [changed, lambda n: signed(claims(n))[:-8] + "AAAAAAAA"],
                 "openid_claim": [lambda n: signed(claims(n, preferred_username=None)), lambda n: signed(claims(n, preferred_username=7))],
                 "openid_account": [lambda n: signed(claims(n, preferred_username="anna"))],  # there is a table: names count for nothing
                 "openid_form": [lambda n: "a.b", lambda n: signed(claims(n)) + ".e30", lambda n: signed(claims(n), crit=["exp"])]}
        for code, tokens in cases.items():
            for number, token in enumerate(tokens):
                _, reply = self.tell(token)
                self.refused_back(reply, code, f"{code} {number}")

    def test_a_new_key_is_asked_for_once_and_one_that_is_not_published_does_not_count(self):
        new = Key(self.folder, "ES256", "new")
        self.signed_in(*self.tell(lambda n: self.signed(self.claims(n))))
        type(self).published = [*self.published, new.public]
        self.signed_in(*self.tell(lambda n: self.signed(self.claims(n), "ES256", new)))
        before = self.asked.count("/jwks")
        other = Key(self.folder, "ES256", "other")
        for _ in range(3):
            self.refused_back(self.tell(lambda n: self.signed(self.claims(n), "ES256", other))[1], "openid_key")
        self.assertEqual(self.asked.count("/jwks"), before, "asked for at most once a minute")

    def test_no_redirect_of_the_provider_is_followed(self):
        type(self).elsewhere = True
        before = self.asked.count("/jwks")
        self.refused_back(self.tell(lambda n: "")[1], "openid_code")
        type(self).elsewhere = False
        self.assertEqual(self.asked.count("/jwks"), before)

    def test_another_issuer_and_a_refusal_are_refused(self):
        for extra, code in (({"iss": "https://elsewhere.example", "code": "x"}, "openid_issuer"), ({"error": "access_denied"}, "openid_denied"), ({}, "openid_denied")):
            browser, place = self.begin()
            state = parse_qs(urlsplit(place).query)["state"][0]
            self.refused_back(self.come_back(browser, f"{self.origin()}{BACK}?{urlencode({'state': state, **extra})}"), code)
        self.refused_back(self.come_back(Browser(), self.origin() + BACK), "openid_state")

    def test_no_word_of_a_token_is_in_the_security_log(self):
        self.tell(lambda n: self.signed(self.claims(n, preferred_username="canary-of-the-token")))
        with open(os.path.join(self.server.site, "security.log"), encoding="utf-8") as f:
            text = f.read()
        for word in ("canary", "eyJ", SECRET, "code="):
            self.assertNotIn(word, text)

    def test_zz_disabled_accounts_do_not_get_in(self):
        subprocess.run([PRECINCT, "user", "disable", self.server.site, "dora"], check=True, capture_output=True)
        self.refused_back(self.tell(lambda n: self.signed(self.claims(n, preferred_username="gone")))[1], "openid_account")


class Without(ApiTest):
    ACCOUNTS = {}

    def test_a_site_without_a_provider_says_so(self):
        self.assertEqual(self.nobody.get("/api/v1/session/ways").json, {"provider": False})
        self.refused(self.nobody.get("/api/v1/session/openid"), 404, "openid_off")
        self.refused(self.nobody.get(BACK), 404, "openid_off")

    def test_settings_that_are_not_whole_are_refused_at_the_start(self):
        for more in ({}, {"issuer": "http://id.example"}, {"issuer": "https://id.example", "claim": ""}, {"issuer": "https://u@id.example"}, {"issuer": "ftp://x"},
                     {"issuer": "http://127.0.0.1.evil.example"}, {"issuer": "https://id.example", "roles": []}, {"issuer": "https://id.example", "client_secret_file": "absent"}):
            configure(self.server, **more)
            done = subprocess.run([PRECINCT, "serve", self.server.site, "--listen", "127.0.0.1:0"], text=True, capture_output=True, check=False, timeout=30)
            self.assertEqual(done.returncode, 2, (more, done.stderr))


if __name__ == "__main__":
    unittest.main()
