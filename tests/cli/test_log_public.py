"""The log in its public form, checked by a verifier that shares nothing with the program (public_log.py): tiles, tree heads,
proofs, witnesses. What was changed, mixed up or signed by others is refused, and the sentence says what was found."""
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import unittest
import urllib.error
import urllib.request

import databases
import public_log
from support import PRECINCT, CommandTest
from test_log import event
from public_log import frontier, leaf, root

ORIGIN = "police.example/黄浦/log"


class PublicLog(CommandTest):
    def setUp(self):
        super().setUp()
        self.site = self.csv_site()
        self.answer("log", "rebuild", self.site)
        self.stored = []

    def extend(self, count, site=None, marked=""):
        """More units come on duty."""
        stored, first = self.stored, len(self.stored) + 1
        for seq in range(first, first + count):
            stored.append(event(seq, "unit_enrolled", f"U{seq}", {"capabilities": [], "kind": "car", "name": f"A{seq}{marked}"}))
        leaves = [leaf(b) for b in stored]
        database = databases.connect(os.path.join(site or self.site, "record.db"), isolation_level=None)
        database.execute("BEGIN")
        for seq in range(first, first + count):
            database.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, stored[seq - 1], leaves[seq - 1]))
        database.execute("INSERT OR REPLACE INTO frontier VALUES (1, ?, ?)", (len(leaves), frontier(leaves)))
        database.execute("COMMIT")
        database.close()
        return leaves

    def rewrite(self, size, marked="!"):
        """Somebody with full rights over the disk writes the whole log anew."""
        database = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        database.execute("DELETE FROM event")
        database.close()
        self.stored = []
        return self.extend(size, marked=marked)

    def key(self):
        return self.answer("log", "key", self.site, "--origin", ORIGIN)["key"]

    def text(self, path):
        with open(self.path(path), encoding="utf-8", newline="") as f:
            return f.read()

    def witness(self, name="w1", log=None):
        key = self.answer("log", "witness", "init", self.path(name), "--name", f"oversight.example/{name}")["key"]
        self.answer("log", "witness", "add", self.path(name), "--log", log or self.key())
        return key

    def cosign(self, key, name="w1"):
        """A question carried to the witness and back."""
        self.answer("log", "cosign", self.site, "--witness", key, "--request", self.path("question"))
        self.answer("log", "witness", "cosign", self.path(name), "--request", self.path("question"), "--response", self.path("answer"))
        return self.answer("log", "cosign", self.site, "--witness", key, "--response", self.path("answer"))

    # --- key and heads ---

    def test_the_key_is_made_once_and_shown(self):
        self.refused(1, "no signing key", "log", "key", self.site)
        made = self.answer("log", "key", self.site, "--origin", ORIGIN)
        self.assertEqual((made["made"], made["origin"]), (True, ORIGIN))
        name, _, kind, _ = public_log.read_key(made["key"])
        self.assertEqual((name, kind), (ORIGIN, 1))
        self.assertEqual(os.stat(os.path.join(self.site, "log.key")).st_mode & 0o777, 0o600)
        self.assertEqual(self.answer("log", "key", self.site), dict(made, made=False))
        self.assertEqual(self.ok("log", "key", self.site).stdout, made["key"] + "\n")
        self.refused(1, f"is named '{ORIGIN}', not 'other'", "log", "key", self.site, "--origin", "other")
        os.chmod(os.path.join(self.site, "log.key"), 0o644)
        self.refused(2, "others can read", "log", "key", self.site)

    def test_a_head_is_signed_once_for_each_size(self):
        key = self.key()
        empty = self.answer("log", "heads", self.site)
        self.assertEqual(public_log.read_checkpoint(empty["checkpoint"], key), (ORIGIN, 0, root([])))
        leaves = self.extend(3)
        first = self.answer("log", "heads", self.site, "--out", self.path("head"))
        self.assertEqual(public_log.read_checkpoint(self.text("head"), key), (ORIGIN, 3, root(leaves)))
        self.assertEqual(self.answer("log", "heads", self.site)["checkpoint"], first["checkpoint"])
        self.extend(4)
        self.assertEqual([head["events"] for head in self.answer("log", "heads", self.site)["heads"]], [7, 3, 0])

    def test_a_log_that_was_set_back_or_rewritten_gets_no_new_head(self):
        self.key()
        self.extend(20)
        self.answer("log", "heads", self.site)
        kept = list(self.stored)
        self.rewrite(25)
        self.refused(1, "the first 20 events are not those of the signed tree head", "log", "heads", self.site)
        self.rewrite(10, marked="")
        self.refused(1, "ends after 10 events, a signed tree head vouches for 20", "log", "heads", self.site)
        self.stored = kept

    # --- tiles ---

    def test_tiles_are_those_of_the_specification(self):
        key = self.key()
        for size in (1, 255, 256, 257, 600, 66000):
            leaves = self.extend(size - len(self.stored))
            done = self.answer("log", "export", self.site, "--tiles", self.path("tiles"))
            self.assertEqual((done["events"], done["root_hash"]), (size, root(leaves).hex()))
            found, entries = public_log.verify_tiles(public_log.folder_reader(self.path("tiles")), key)
            self.assertEqual((found, entries), (size, self.stored))
        self.assertEqual(self.text("tiles/keys"), key + "\n")
        self.assertFalse(os.path.exists(self.path("tiles/tile/0/000.p")), "a partial tile of a full one is left")

    def test_what_was_given_out_is_never_replaced(self):
        self.key()
        self.extend(300)
        self.answer("log", "export", self.site, "--tiles", self.path("tiles"))
        with open(self.path("tiles/tile/entries/000"), "r+b") as f:
            f.write(b"\xff")
        self.extend(300)
        self.refused(1, "given out earlier with another content", "log", "export", self.site, "--tiles", self.path("tiles"))
        self.assertIn("\n300\n", self.text("tiles/checkpoint"))

    def test_a_damaged_event_is_not_given_out(self):
        self.key()
        self.extend(10)
        database = databases.connect(os.path.join(self.site, "record.db"), isolation_level=None)
        database.execute("UPDATE event SET bytes = ? WHERE seq = 5", (self.stored[4].replace(b"A5", b"B5"),))
        database.close()
        self.refused(1, "do not make the tree", "log", "export", self.site, "--tiles", self.path("tiles"))
        self.assertFalse(os.path.exists(self.path("tiles/checkpoint")))
        self.refused(1, "event 5 was changed", "log", "prove", self.site, "--seq", 5)

    def test_the_bundle_is_the_same_log_in_one_file(self):
        key = self.key()
        self.extend(700)
        self.answer("log", "export", self.site, "--bundle", self.path("bundle"))
        with tarfile.open(self.path("bundle")) as archive:
            size, entries = public_log.verify_tiles(lambda path: archive.extractfile(path).read(), key)
        self.assertEqual((size, entries), (700, self.stored))
        self.refused(3, "cannot be written", "log", "export", self.site, "--bundle", self.path("bundle"))
        self.answer("log", "export", self.site, "--bundle", self.path("again"))
        with open(self.path("bundle"), "rb") as one, open(self.path("again"), "rb") as two:
            self.assertEqual(one.read(), two.read())
        self.refused(2, "--tiles DIR", "log", "export", self.site)
        self.refused(2, "--tiles DIR", "log", "export", self.site, "--tiles", "a", "--bundle", "b")

    # --- proofs ---

    def test_an_inclusion_proof_speaks_for_itself(self):
        key = self.key()
        self.extend(40)
        for seq in (1, 2, 17, 32, 33, 40):
            proof = self.ok("log", "prove", self.site, "--seq", seq).stdout
            self.assertEqual(public_log.verify_inclusion(proof, key), (seq - 1, self.stored[seq - 1]))
            self.write("proof", proof)
            checked = self.answer("log", "verify", "--proof", self.path("proof"), "--key", key)
            self.assertEqual((checked["verified"], checked["seq"], checked["events"], checked["origin"]), (True, seq, 40, ORIGIN))
            self.assertEqual(checked["event"].encode(), self.stored[seq - 1])
        said = self.ok("log", "verify", "--proof", self.path("proof"), "--key", self.write("key", key)).stdout
        self.assertIn(f"event 40 is in the log {ORIGIN} of 40 events", said)
        self.refused(2, "41 is not in the log", "log", "prove", self.site, "--seq", 41)
        self.refused(2, "--object ID", "log", "prove", self.site)
        self.refused(2, "give a SITE, or --proof", "log", "verify")

    def test_all_events_of_an_object_are_proved(self):
        key = self.key()
        self.extend(9)
        self.answer("log", "rebuild", self.site)
        proved = self.answer("log", "prove", self.site, "--object", "U7", "--out", self.path("proofs"))
        self.assertEqual(proved["seqs"], [7])
        self.assertEqual(public_log.verify_inclusion(self.text("proofs/7.tlog-proof"), key), (6, self.stored[6]))
        self.refused(1, "no event of the log concerns U99", "log", "prove", self.site, "--object", "U99", "--out", self.path("p"))
        self.refused(2, "name a folder", "log", "prove", self.site, "--object", "U7")
        self.refused(2, "is no id", "log", "prove", self.site, "--object", "seven", "--out", self.path("p"))

    def test_a_growth_proof_leads_from_head_to_head(self):
        key = self.key()
        old = {}
        for size in (1, 6, 8, 21):
            self.extend(size - len(self.stored))
            self.answer("log", "heads", self.site, "--out", self.path(f"head{size}"))
            old[size] = self.text(f"head{size}")
        for size in old:
            self.answer("log", "prove", self.site, "--since", size, "--out", self.path("growth"))
            self.assertEqual(public_log.verify_growth(self.text("growth"), old[size], key), (size, 21))
            checked = self.answer("log", "verify", "--proof", self.path("growth"), "--key", key, "--head", self.path(f"head{size}"))
            self.assertEqual((checked["verified"], checked["since"], checked["events"]), (True, size, 21))
        self.refused(2, "--head FILE", "log", "verify", "--proof", self.path("growth"), "--key", key)
        self.refused(1, "begins at 21 events, the earlier tree head has 6".replace("begins at 21", "begins at 21"),
                     "log", "verify", "--proof", self.path("growth"), "--key", key, "--head", self.path("head6"))

    def test_the_log_is_held_to_a_head_from_outside(self):
        key = self.key()
        self.extend(20)
        self.answer("log", "heads", self.site, "--out", self.path("head"))
        self.extend(5)
        arguments = ("log", "verify", self.site, "--head", self.path("head"), "--key", key)
        self.assertTrue(self.answer(*arguments)["verified"])
        self.rewrite(25)
        shutil.rmtree(os.path.join(self.site, "heads"))
        self.assertTrue(self.answer("log", "verify", self.site)["verified"], "the rewritten log is sound in itself")
        self.refused(1, "the first 20 events are not those of the signed tree head", *arguments)
        self.rewrite(15)
        self.refused(1, "ends after 15 events", *arguments)
        self.refused(2, "--head needs --key", *arguments[:-2])

    def test_every_changed_bit_of_a_proof_is_refused(self):
        key = self.key()
        self.extend(11)
        self.answer("log", "heads", self.site, "--out", self.path("head"))
        self.extend(11)
        with open(self.write("key", key), "rb"):
            pass
        growth = self.ok("log", "prove", self.site, "--since", 11).stdout.encode()
        inclusion = self.ok("log", "prove", self.site, "--seq", 3).stdout.encode()
        for proof, more in ((growth, ("--head", self.path("head"))), (inclusion, ())):
            for bit in range(3, 8 * len(proof), 8 * len(proof) // 60):
                damaged = bytearray(proof)
                damaged[bit // 8] ^= 1 << bit % 8
                self.write("damaged", bytes(damaged))
                done = self.run_precinct("log", "verify", "--proof", self.path("damaged"), "--key", key, *more)
                self.assertIn(done.returncode, (1, 2), f"bit {bit}: {done.stdout}")

    # --- keys that are mixed up ---

    def test_mixed_up_keys_are_told(self):
        key = self.key()
        self.extend(5)
        self.write("proof", self.ok("log", "prove", self.site, "--seq", 3).stdout)
        check = ("log", "verify", "--proof", self.path("proof"), "--key")
        name, key_id, _, public = public_log.read_key(key)
        other = self.csv_site("other")
        stranger = self.answer("log", "key", other, "--origin", "another.example/log")["key"]
        self.refused(1, ["'another.example/log' has not signed", f"signed by '{ORIGIN}' with the key {key_id.hex()}"], *check, stranger)
        os.remove(os.path.join(other, "log.key"))
        namesake = self.answer("log", "key", other, "--origin", ORIGIN)["key"]
        self.refused(1, [f"'{ORIGIN}' has not signed this note with the key", f"with the key {key_id.hex()}"], *check, namesake)
        import hashlib
        def vkey(kind, said_id=None):
            data = bytes([kind]) + public
            right = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex()
            return f"{name}+{said_id or right}+{base64.b64encode(data).decode()}"
        self.refused(2, "of kind 2; 1 (a log's Ed25519 key) or 4", *check, vkey(2))
        self.refused(2, "is the key of a witness; the log's key was expected", *check, vkey(4))
        self.refused(2, f"has the id 00000000, but its name and bytes make {key_id.hex()}", *check, vkey(1, "00000000"))
        self.refused(2, "is no public key", *check, "rubbish")
        witness = self.witness()
        self.refused(2, "is the key of a log; a witness's key was expected", *check, key, "--witness", key)
        self.refused(1, "'oversight.example/w1' has not signed", *check, key, "--witness", witness)

    def test_a_head_of_another_origin_is_told(self):
        key = self.key()
        self.extend(5)
        proof = self.ok("log", "prove", self.site, "--seq", 3).stdout
        self.write("proof", proof.replace(f"\n\n{ORIGIN}\n", "\n\nsomebody.example/log\n"))
        self.refused(1, "is false", "log", "verify", "--proof", self.path("proof"), "--key", key)

    # --- witnesses ---

    def test_a_witness_cosigns_what_only_grows(self):
        key, witness = self.key(), self.witness()
        for size in (0, 3, 3, 20):
            self.extend(size - len(self.stored))
            taken = self.cosign(witness)
            self.assertEqual((taken["cosigned"], taken["events"]), (True, size))
        shown = self.answer("log", "heads", self.site)
        self.assertEqual([head["events"] for head in shown["heads"]], [20, 3, 0])
        self.assertEqual([head["cosigned"][0]["name"] for head in shown["heads"]], ["oversight.example/w1"] * 3)
        text, time = public_log.open_note(shown["checkpoint"], witness)
        self.assertGreater(time, 1_600_000_000)
        self.assertEqual(text.split("\n")[:2], [ORIGIN, "20"])
        remembered = self.answer("log", "witness", "show", self.path("w1"))["logs"][0]
        self.assertEqual((remembered["key"], remembered["events"], remembered["refused"]), (key, 20, 0))
        self.write("proof", self.ok("log", "prove", self.site, "--seq", 3).stdout)
        checked = self.answer("log", "verify", "--proof", self.path("proof"), "--key", key, "--witness", witness)
        self.assertEqual([c["name"] for c in checked["cosigned"]], ["oversight.example/w1"])
        self.assertIn("cosigned by oversight.example/w1 at 20", self.ok("log", "heads", self.site).stdout)

    def refused_by_witness(self, says, key, *more):
        self.answer("log", "cosign", self.site, "--witness", key, "--request", self.path("question"), *more)
        self.refused(1, says, "log", "witness", "cosign", self.path("w1"), "--request", self.path("question"),
                     "--response", self.path("none"))
        self.assertFalse(os.path.exists(self.path("none")))

    def test_a_witness_refuses_a_fork_and_keeps_both_sides(self):
        key, witness = self.key(), self.witness()
        self.extend(20)
        self.cosign(witness)
        self.extend(5)
        self.cosign(witness)
        for size, says in ((25, "two different trees of 25 events"), (20, "two different trees of 20 events")):
            shutil.rmtree(os.path.join(self.site, "heads"))  # the thief of the key forgets, the witness does not
            self.rewrite(size)
            self.refused_by_witness(says, witness, "--since", min(size, 20))
        folder = os.path.join(self.path("w1/logs"), os.listdir(self.path("w1/logs"))[0], "refused")
        for size in (25, 20):
            names = sorted(name for name in os.listdir(folder) if name.startswith(f"{size}-"))
            given, held = (self.text(os.path.join(folder, name)) for name in names)
            one = public_log.read_checkpoint(held, key)
            two = public_log.read_checkpoint(given.split("\n\n", 1)[1], key)
            self.assertEqual(one[:2], two[:2])
            self.assertNotEqual(one[2], two[2], "the two notes contradict each other under one key")
        self.assertEqual(self.answer("log", "witness", "show", self.path("w1"))["logs"][0]["refused"], 2)

    def test_a_witness_refuses_what_does_not_continue(self):
        key, witness = self.key(), self.witness()
        self.extend(20)
        self.cosign(witness)
        shutil.rmtree(os.path.join(self.site, "heads"))
        self.rewrite(30)
        self.refused_by_witness("not proved to continue the 20 events", witness, "--since", 20)
        self.refused_by_witness("last saw 20", witness, "--since", 7)
        shutil.rmtree(os.path.join(self.site, "heads"))
        self.rewrite(10)
        self.refused_by_witness("last saw 20", witness, "--since", 10)
        question = self.text("question")
        for changed, says in ((question.replace("old 10", "old 11"), "cannot follow"), (question.replace("old 10", "old 010"), "line 1"),
                              ("old 0\n" + base64.b64encode(bytes(32)).decode() + question[question.index("\n\n"):], "cannot follow"),
                              ("", "line 1"), (question.replace(ORIGIN, "nobody.example"), "does not know the log 'nobody.example'"),
                              (question.replace("\n10\n", "\n11\n"), "is false")):
            self.write("question", changed)
            done = self.run_precinct("log", "witness", "cosign", self.path("w1"), "--request", self.path("question"),
                                     "--response", self.path("none"))
            self.assertIn(done.returncode, (1, 2))
            self.assertIn(says, done.stderr)
        self.assertEqual(self.answer("log", "witness", "show", self.path("w1"))["logs"][0]["events"], 20)
        self.assertTrue(key)

    def test_a_witness_whose_memory_was_changed_stops(self):
        witness = self.witness()
        self.key()
        self.extend(20)
        self.cosign(witness)
        folder = os.path.join(self.path("w1/logs"), os.listdir(self.path("w1/logs"))[0])
        head = os.path.join(folder, "head")
        with open(head, encoding="utf-8", newline="") as f:
            kept = f.read()
        with open(head, "w", encoding="utf-8", newline="") as f:
            f.write(kept.replace("\n20\n", "\n02\n"))
        self.answer("log", "cosign", self.site, "--witness", witness, "--request", self.path("question"))
        self.refused(2, "was changed by somebody", "log", "witness", "cosign", self.path("w1"), "--request", self.path("question"),
                     "--response", self.path("none"))
        self.refused(1, "with another key", "log", "witness", "add", self.path("w1"), "--log",
                     self.answer("log", "key", self.csv_site("other"), "--origin", ORIGIN)["key"])
        self.refused(3, "is there already", "log", "witness", "init", self.path("w1"), "--name", "x")

    def test_a_foreign_answer_is_not_kept(self):
        witness, other = self.witness(), self.witness("w2")
        self.key()
        self.extend(4)
        self.answer("log", "cosign", self.site, "--witness", witness, "--request", self.path("question"))
        self.answer("log", "witness", "cosign", self.path("w1"), "--request", self.path("question"), "--response", self.path("answer"))
        self.refused(1, "none of the tree heads", "log", "cosign", self.site, "--witness", other, "--response", self.path("answer"))
        self.write("answer", "rubbish\n")
        self.refused(2, "no signed note", "log", "cosign", self.site, "--witness", witness, "--response", self.path("answer"))
        self.refused(2, "--url URL", "log", "cosign", self.site, "--witness", witness)

    # --- over HTTP ---

    def serve(self, name="w1"):
        server = subprocess.Popen([PRECINCT, "log", "witness", "serve", self.path(name), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.send_signal, signal.SIGTERM)
        return server.stdout.readline().split()[1]

    def post(self, url, body, path="/add-checkpoint"):
        try:
            with urllib.request.urlopen(urllib.request.Request(url + path, data=body), timeout=30) as reply:
                return reply.status, reply.headers["Content-Type"], reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Content-Type"], error.read().decode()

    def question(self, key, since):
        self.answer("log", "cosign", self.site, "--witness", key, "--request", self.path("question"), "--since", since)
        return self.text("question").encode()

    def test_a_witness_speaks_the_public_protocol(self):
        key, witness = self.key(), self.witness()
        url = self.serve()
        self.extend(20)
        body = self.question(witness, 0)
        code, kind, lines = self.post(url, body)
        self.assertEqual((code, kind), (200, "text/plain; charset=utf-8"))
        note = body.decode().split("\n\n", 1)[1] + lines
        self.assertEqual(public_log.open_note(note, witness)[0].split("\n")[1], "20")
        self.assertEqual(self.post(url, body), (409, "text/x.tlog.size", "20\n"))
        self.assertEqual(self.post(url, self.question(witness, 20))[0], 200)
        self.extend(10)
        self.assertEqual(self.post(url, self.question(witness, 20).replace(b"old 20", b"old 31"))[0], 400)
        good = self.question(witness, 20)
        lines = good.split(b"\n")
        lines[1], lines[2] = lines[2], lines[1]
        self.assertEqual(self.post(url, b"\n".join(lines))[0], 422)
        self.assertEqual(self.post(url, good.replace(b"\n30\n", b"\n31\n"))[0], 403)
        self.assertEqual(self.post(url, good.replace(ORIGIN.encode(), b"nobody.example"))[0], 404)
        self.assertEqual(self.post(url, b"rubbish")[0], 400)
        self.assertEqual(self.post(url, good + b"x" * 200_000)[0], 413)
        self.assertEqual(self.post(url, good, "/elsewhere")[0], 404)
        self.assertEqual(self.post(url, good)[0], 200)
        self.assertTrue(key)

    def test_the_site_asks_over_http(self):
        self.key()
        witness, second = self.witness(), self.witness("w2")
        for size in (5, 9):
            self.extend(size - len(self.stored))
            for name, key in (("w1", witness), ("w2", second)):
                self.assertEqual(self.answer("log", "cosign", self.site, "--witness", key, "--url", self.serve(name))["events"], size)
        # a witness that has seen more than the site remembers says how much
        shutil.rmtree(os.path.join(self.site, "heads"))
        self.extend(3)
        url = self.serve()
        self.assertEqual(self.answer("log", "cosign", self.site, "--witness", witness, "--url", url)["events"], 12)
        shutil.rmtree(os.path.join(self.site, "heads"))
        self.rewrite(12)
        self.refused(1, ["did not cosign (409)", "12"], "log", "cosign", self.site, "--witness", witness, "--url", url)
        self.refused(2, "http://host:port", "log", "cosign", self.site, "--witness", witness, "--url", "ftp://x")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.refused(3, "gives no answer", "log", "cosign", self.site, "--witness", witness, "--url",
                         f"http://127.0.0.1:{free.getsockname()[1]}")
        self.refused(2, "no loopback address", "log", "witness", "serve", self.path("w1"), "--listen", "0.0.0.0:0")

    def test_the_export_carries_the_cosignatures(self):
        key, witness = self.key(), self.witness()
        self.extend(300)
        self.cosign(witness)
        self.answer("log", "export", self.site, "--tiles", self.path("tiles"))
        self.assertGreater(public_log.open_note(self.text("tiles/checkpoint"), witness)[1], 0)
        self.assertEqual(self.text("tiles/keys"), f"{key}\n{witness}\n")
        self.assertEqual(json.loads(self.ok("log", "heads", self.site, "--json").stdout)["origin"], ORIGIN)


if __name__ == "__main__":
    unittest.main()
