"""Clients that reach the server through a network which delays, throttles, cuts, doubles and half-closes their connections: what was
acknowledged is recorded, once, and what is recorded was asked. CHAOS=n sets the number of calls (120); each takes two connections and more."""
import http.client
import json
import os
import random
import threading
import time
import unittest

from chaos import Chaos, KINDS
from server import Server, run

CALLS = int(os.environ.get("CHAOS", "120"))
CLIENTS, PATIENCE_S = 6, 180


class ChaosClient(threading.Thread):
    """Asks with one key until it is answered; what it was told it keeps."""

    def __init__(self, port, cookie, number):
        super().__init__()
        self.port, self.cookie, self.number, self.rng = port, cookie, number, random.Random(number)
        self.asked, self.told, self.refused, self.broken, self.stray = [], {}, [], 0, []

    def once(self, path, body, key):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("POST", path, body=body, headers={"Cookie": self.cookie, "Idempotency-Key": key, "Connection": "close",
                                                                 "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.broken += 1
            return None
        finally:
            connection.close()

    def ask(self, path, body, key):
        self.asked.append(key)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            answer = self.once(path, json.dumps(body), key)
            if answer and answer[0] == 201:
                self.told[key] = answer[1]["id"]
                return answer[1]["id"]
            if answer and answer[0] not in (202, 503, 408):
                self.refused.append((key, answer))
                return None
            if answer:  # in the spool, or nobody has time: the server says when to come again
                time.sleep(0.05)
        self.stray.append(key)
        return None

    def run(self):
        for i in range(CALLS // CLIENTS):
            made = self.ask("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 3, "words": f"call {i}"},
                            f"chaos-{self.number}-{i}-call")
            if made and self.rng.random() < 0.3:
                self.ask("/api/v1/incidents", {"call": made, "type": "noise", "priority": 3, "gravity": "ordinary"},
                         f"chaos-{self.number}-{i}-incident")


class Network(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.add("anna", "dispatcher,commander")
        self.server.start()
        self.cookie = self.server.sign_in("anna").cookie

    def test_what_was_acknowledged_over_a_bad_network_is_recorded_once(self):
        chaos = Chaos(self.server.port, 5)
        clients = [ChaosClient(chaos.own_port, self.cookie, i) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        chaos.close()
        self.assertEqual(self.server.stop(), 0)
        run("log", "verify", self.server.site)
        by_key = self.server.events_by_key("chaos-")
        told = {key: made for client in clients for key, made in client.told.items()}
        asked = [key for client in clients for key in client.asked]
        lost = sum(1 for key, made in told.items() if made not in {e["object"] for e in by_key.get(key, [])})
        doubled = sum(1 for key in asked if len({e["object"] for e in by_key.get(key, [])}) > 1)
        print(f"chaos: {sum(chaos.counts.values())} connections, {chaos.counts}, {sum(c.broken for c in clients)} broke, {len(asked)} asked, "
              f"{len(told)} acknowledged: {lost} lost, {doubled} doubled", flush=True)
        self.assertEqual((lost, doubled), (0, 0))
        self.assertEqual([c.stray for c in clients if c.stray], [])
        self.assertEqual([c.refused for c in clients if c.refused], [])
        self.assertEqual(set(by_key), set(told))  # nothing is recorded of which nobody was told in the end
        self.assertEqual([kind for kind in KINDS if chaos.counts[kind] == 0], [])


if __name__ == "__main__":
    unittest.main()
