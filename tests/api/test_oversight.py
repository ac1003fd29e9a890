"""What those see of the log who watch over the desk: the newest tree head that was given out, its witnesses, and what verification says."""
import base64
import json
import os
import tempfile
import time
import unittest

from server import ApiTest, run

ORIGIN = "police.example/log"


class Oversight(ApiTest):
    ACCOUNTS = {"sue": "security_admin", "aude": "audit_admin", "olga": "oversight", "anna": "dispatcher,commander"}

    def log(self, who="olga"):
        reply = self.clients[who].get("/api/v1/oversight/log")
        self.assertEqual(reply.status, 200, reply.body)
        return reply.json

    def cosign(self, folder):
        """A question carried to a witness and back, as files."""
        question, answer, home = (os.path.join(folder, name) for name in ("question", "answer", "w1"))
        witness = json.loads(run("log", "witness", "init", home, "--name", "oversight.example/w1", "--json"))["key"]
        run("log", "witness", "add", home, "--log", json.loads(run("log", "key", self.server.site, "--json"))["key"])
        run("log", "cosign", self.server.site, "--witness", witness, "--request", question)
        run("log", "witness", "cosign", home, "--request", question, "--response", answer)
        run("log", "cosign", self.server.site, "--witness", witness, "--response", answer)

    def test_head_witness_and_verification_are_told_to_those_who_watch(self):
        before = self.log()
        self.assertEqual((before["head"], before["witnesses"], before["problem"]), (None, [], None))
        run("log", "key", self.server.site, "--origin", ORIGIN)
        run("log", "heads", self.server.site)
        seen = self.log("aude")
        head = seen["head"]
        note = head["note"].split("\n")
        self.assertEqual((head["origin"], str(head["size"]), head["root"]), tuple(note[:3]), "as it was given out")
        self.assertEqual(len(base64.b64decode(head["root"], validate=True)), 32)
        self.assertGreaterEqual(seen["events"], head["size"])
        self.assertIsNotNone(head["up_to"])
        with tempfile.TemporaryDirectory() as folder:
            self.cosign(folder)
        witness, = self.log()["witnesses"]
        size = witness["size"]
        self.assertEqual(witness["name"], "oversight.example/w1")
        self.assertGreaterEqual(size, head["size"])
        self.assertIsNotNone(witness["at"])
        # A later head that it has not seen: it is told which it has.
        self.anna.post("/api/v1/calls", {"channel": "phone", "type": "theft", "priority": 2, "words": "a bicycle"})
        run("log", "heads", self.server.site)
        seen = self.log()
        self.assertGreater(seen["head"]["size"], size)
        self.assertEqual(seen["witnesses"][0]["size"], size)
        for _ in range(600):
            if self.log()["verification"]["state"] == "sound":
                break
            time.sleep(0.05)
        verified = self.log()["verification"]
        self.assertEqual((verified["state"], verified["first_bad"], verified["why"]), ("sound", None, None))
        # A cosignature that is false counts as none; a head that nobody can read is told.
        path = os.path.join(self.server.site, "heads", f"{size:020d}.note")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        lines = text.rstrip("\n").split("\n")
        name, signature = lines[-1].rsplit(" ", 1)
        flipped = bytearray(base64.b64decode(signature))
        flipped[-1] ^= 1
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines[:-1] + [f"{name} {base64.b64encode(flipped).decode()}"]) + "\n")
        self.assertEqual((self.log()["witnesses"][0]["size"], self.log()["witnesses"][0]["at"]), (None, None))
        newest = os.path.join(self.server.site, "heads", f"{seen['head']['size']:020d}.note")
        with open(newest, "w", encoding="utf-8") as f:
            f.write("nothing\n")
        broken = self.log()
        self.assertIsNone(broken["head"])
        self.assertTrue(broken["problem"])

    def test_nobody_else_is_told(self):
        for who in ("anna", "sue"):
            self.refused(self.clients[who].get("/api/v1/oversight/log"), 403, "web_not_allowed")


if __name__ == "__main__":
    unittest.main()
