"""Commands that write go through the server while it holds the record: erase and log rebuild."""
import json
import os
import socket
import stat
import subprocess
import unittest

from server import PRECINCT, Client, Server

CALL = {"channel": "phone", "type": "theft", "priority": 2, "caller_name": "CANARY-NAME", "caller_phone": "13800138777",
        "words": "CANARY-WORDS were said"}


def command(*arguments):
    return subprocess.run([PRECINCT, *arguments], capture_output=True, text=True, timeout=60, check=False)


class SiteSocket(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.add("anna", "dispatcher")
        self.server.start()
        self.anna = self.server.sign_in("anna")
        self.site = self.server.site
        self.socket = os.path.join(self.site, "serve.sock")

    def files_with(self, text):
        found = []
        for folder, _, names in os.walk(self.site):
            for name in names:
                path = os.path.join(folder, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as f:
                        if text in f.read():
                            found.append(name)
        return found

    def test_erase_works_while_the_server_runs(self):
        call = self.anna.post("/api/v1/calls", CALL).json["id"]
        other = self.anna.post("/api/v1/calls", {**CALL, "words": "OTHER-WORDS"}).json["id"]
        self.assertTrue(self.files_with(b"CANARY-WORDS"))
        erased = command("erase", self.site, "--object", call, "--json")
        self.assertEqual(json.loads(erased.stdout), {"object": call, "keys": 1}, erased.stderr)
        self.assertEqual(self.files_with(b"CANARY-WORDS"), [])
        self.assertTrue(self.files_with(b"OTHER-WORDS"))
        self.assertEqual(self.anna.get(f"/api/v1/calls/{other}").status, 200)
        refused = command("erase", self.site, "--object", "C999999", "--lang", "zh")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("记录库中没有", refused.stderr)
        self.assertEqual(self.anna.post("/api/v1/calls", CALL).status, 201)
        self.assertTrue(json.loads(command("log", "verify", self.site, "--json").stdout)["verified"])

    def test_the_tables_are_made_again_while_the_server_runs(self):
        call = self.anna.post("/api/v1/calls", CALL).json["id"]
        rebuilt = command("log", "rebuild", self.site, "--json")
        answer = json.loads(rebuilt.stdout)
        self.assertEqual((answer["changed"], answer["tables"]["call"]), (0, 1), rebuilt.stderr)
        self.assertGreater(answer["events"], 1)
        self.assertEqual(self.anna.get(f"/api/v1/calls/{call}").json["status"], "received")
        self.assertEqual(self.anna.post("/api/v1/calls", CALL).status, 201)

    def test_the_socket_is_its_owners_and_takes_no_nonsense(self):
        self.assertEqual(stat.S_IMODE(os.lstat(self.socket).st_mode), 0o600)
        for request in (b"open the door\n", b"erase C1\n", b"erase X - en\n", b"\xff\xff\n", b"x" * 300, b""):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(10)
                peer.connect(self.socket)
                peer.sendall(request)
                try:
                    answer = peer.recv(4096)
                except ConnectionResetError:
                    answer = b""
                self.assertTrue(answer == b"" or answer.startswith(b"6 0\n"), answer)
        self.assertEqual(Client(self.server).get("/healthz").json["state"], "normal")
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(self.socket))


if __name__ == "__main__":
    unittest.main()
