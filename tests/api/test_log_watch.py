"""The log is verified while the desk works: a damaged event is shown and said, and calls are still taken."""
import os
import time
import unittest

from server import Client, Server
import databases  # of tests/cli: server knows the way

CALL = {"channel": "phone", "type": "theft", "priority": 2, "words": "a bicycle"}


class LogWatch(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.add("anna", "dispatcher")

    def health_when(self, holds):
        nobody = Client(self.server)
        for _ in range(200):
            health = nobody.get("/healthz").json
            if holds(health):
                return health
            time.sleep(0.05)
        self.fail(f"it stays {health}")

    def test_a_damaged_event_is_found_and_calls_are_taken(self):
        self.server.start()
        events = self.health_when(lambda h: h["log_events"] > 0 and h["log_verified"] == h["log_events"])["log_events"]
        self.assertIn("precinct_log_state 1", Client(self.server).get("/metrics").body.decode())
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.errors, "")
        database = databases.connect(os.path.join(self.server.site, "record.db"), isolation_level=None)
        stored, = database.execute("SELECT bytes FROM event WHERE seq = 3").fetchone()
        at = len(stored) // 2
        database.execute("UPDATE event SET bytes = ? WHERE seq = 3", (stored[:at] + bytes([stored[at] ^ 4]) + stored[at + 1:],))
        database.close()
        self.server.start()
        health = self.health_when(lambda h: h["state"] == "log_damaged")
        self.assertEqual((health["log_first_bad"], health["log_verified"]), (3, 2))
        self.assertGreaterEqual(events, 3)
        metrics = Client(self.server).get("/metrics").body.decode()
        self.assertIn("precinct_log_state 2", metrics)
        self.assertIn("precinct_log_first_bad_event 3", metrics)
        self.assertEqual(self.server.sign_in("anna").post("/api/v1/calls", CALL).status, 201)
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("the log of events is damaged", self.server.errors)


if __name__ == "__main__":
    unittest.main()
