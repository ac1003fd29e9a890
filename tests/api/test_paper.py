"""Cards of paper: numbers that are never given twice, also over a kill, while serving and without; a card that was written on is entered once,
whoever does it; a second time is told with the call that it is; a number that was read wrongly is refused."""
import os
import re
import signal
import uuid
import unittest

from server import OwnServerTest

CARD = {"channel": "phone", "type": "noise", "priority": 3, "words": "a drum", "via": "paper"}


def check_digits(number):
    """ISO 7064 MOD 97-10, written anew."""
    return f"{number:06d}-{98 - number * 100 % 97:02d}"


class Paper(OwnServerTest):
    ACCOUNTS = {"anna": "call_taker,dispatcher,commander", "carl": "call_taker"}

    def print(self, cards, code=0, name=None, *options):
        self.printed = getattr(self, "printed", 0) + 1
        return self.precinct("paper", self.server.site, "--cards", str(cards), "--out", self.path(name or f"cards{self.printed}.html"), *options, code=code)

    def page(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def enter(self, client, card, key=None, **more):
        return client.post("/api/v1/calls", dict(CARD, source_id=card, **more), key=key or str(uuid.uuid4()))

    def test_numbers_are_never_given_twice(self):
        first = self.print(40)
        self.assertEqual((first["first"], first["last"]), (check_digits(1), check_digits(40)))
        self.assertEqual(re.findall(r"\d{6}-\d{2}", self.page("cards1.html")), [check_digits(n) for n in range(1, 41)])
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()
        self.server.process.stdout.close()
        self.server.process.stderr.close()
        self.assertEqual(self.print(2)["first"], check_digits(41))  # without a service
        self.serve()
        self.assertEqual(self.print(1, 0, "a4.html", "--size", "A4")["first"], check_digits(43))
        self.assertIn("size:A4", self.page("a4.html"))
        self.assertIn("接警卡", self.page("a4.html"))
        self.assertIn("Call card", self.page("a4.html"))
        self.assertNotRegex(self.page("a4.html"), r"(?i)https?:|<script|src=")

    def test_a_file_that_cannot_be_written_costs_no_number(self):
        self.print(1, 0, "here.html")
        self.print(1, 3, "here.html")
        self.print(1, 3, "no/such/folder.html")
        self.assertEqual(self.print(1)["first"], check_digits(2))
        self.assertFalse(os.path.exists(self.path("no")))

    def test_a_card_is_entered_once_whoever_does_it_and_a_second_time_is_told(self):
        key, card = str(uuid.uuid4()), check_digits(7)
        first = self.enter(self.anna, card, key)
        self.assertEqual(first.status, 201, first.body)
        again = self.enter(self.anna, card, key)
        self.assertEqual((again.status, again.json["id"]), (201, first.json["id"]))  # the answer was lost and asked for again
        carl = self.server.sign_in("carl")
        for client, words in ((self.anna, "a drum"), (carl, "a drum"), (carl, "a trumpet")):
            reply = self.enter(client, card, words=words)
            self.refused(reply, 409, "desk_card_entered")
            self.assertIn(first.json["id"], reply.json["detail"])
        self.assertEqual(len(self.anna.get("/api/v1/calls?limit=1000").json["items"]), 1)
        self.assertEqual(self.enter(self.anna, check_digits(8)).status, 201)

    def test_a_number_that_was_read_wrongly_is_refused(self):
        for wrong in ("000007", "7-86", "000008-" + check_digits(7)[-2:], "000070-" + check_digits(7)[-2:], "00000７-86", check_digits(7) + "0"):
            self.refused(self.enter(self.anna, wrong), 400, "api_card", "source_id")
        for n in range(1, 2000):  # every wrong digit, every two that changed places
            good = check_digits(n)
            digits = good.replace("-", "")
            swapped = [digits[:i] + digits[i + 1] + digits[i] + digits[i + 2:] for i in range(7) if digits[i] != digits[i + 1]]
            self.assertTrue(all(s != check_digits(int(s[:6])).replace("-", "") for s in swapped), n)

    def test_what_was_written_on_paper_has_both_times(self):
        self.assertEqual(self.enter(self.anna, check_digits(9), occurred_at="2020-01-01T00:00:00Z").status, 400)
        reply = self.enter(self.anna, check_digits(9))
        self.assertEqual(reply.status, 201)


if __name__ == "__main__":
    unittest.main()
