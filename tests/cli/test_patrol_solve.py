"""precinct patrol solve-benchmark: three published forms, each plan driven once more here."""
import math
import random
import unittest

from support import CommandTest

SOLOMON_HEAD = "DRAWN\n\nVEHICLE\nNUMBER     CAPACITY\n  {units}         {capacity}\n\nCUSTOMER\nCUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME\n\n"
NEARP = """Name:\t\tDRAWN
Optimal value:\t-1
#Vehicles:\t-1
Capacity:\t9
Depot Node:\t1
#Nodes:\t\t4
#Edges:\t\t4
#Arcs:\t\t0
#Required N:\t1
#Required E:\t2
#Required A:\t0

ReN.\tDEMAND\tS. COST
N3\t2\t1

ReE.\tFrom N.\tTo N.\tT. COST\tDEMAND\tS. COST
E1\t1\t2\t4\t3\t5
E2\t3\t4\t6\t3\t7

EDGE\tFrom N.\tTo N.\tT. COST
NrE1\t2\t3\t2
NrE2\t4\t1\t3
"""


def draw(seed, count):
    """Customers with windows that a round of its own keeps each."""
    rng = random.Random(seed)
    rows = [(50, 50, 0, 0, 1000, 0)]
    for _ in range(count):
        x, y = rng.randrange(100), rng.randrange(100)
        opens = rng.randrange(100, 600)
        rows.append((x, y, rng.randrange(1, 30), opens, opens + rng.randrange(60, 300), 10))
    return rows


class Solve(CommandTest):
    def solomon(self, rows, units=12, capacity=100):
        lines = [f"{i} {x} {y} {load} {opens} {closes} {service}" for i, (x, y, load, opens, closes, service) in enumerate(rows)]
        return self.write("drawn.txt", SOLOMON_HEAD.format(units=units, capacity=capacity) + "\n".join(lines) + "\n")

    def drive(self, rows, routes, capacity):
        """The distance; windows, loads and who was visited are asserted."""
        total, seen = 0.0, []
        for route in routes:
            at, now, load = rows[0], 0.0, 0
            for customer in route + [0]:
                to = rows[customer]
                leg = math.dist(at[:2], to[:2])
                total += leg
                now = max(now + leg, to[3])
                self.assertLessEqual(now, to[4])
                now, load, at = now + to[5], load + to[2], to
            self.assertLessEqual(load, capacity)
            seen += route
        self.assertEqual(len(seen), len(set(seen)))
        return total, seen

    def solve(self, *arguments):
        return self.answer("patrol", "solve-benchmark", *arguments)

    def test_windows_are_kept_and_the_distance_is_that_of_the_routes(self):
        rows = draw(1, 25)
        for options in ([], ["--objective", "vehicles"], ["--threads", "3"]):
            answer = self.solve(self.solomon(rows), "--seconds", "0.3", *options)
            total, seen = self.drive(rows, answer["routes"], 100)
            self.assertEqual(sorted(seen), list(range(1, 26)))
            self.assertTrue(answer["feasible"])
            self.assertEqual(answer["vehicles"], len(answer["routes"]))
            self.assertAlmostEqual(answer["distance"], total, 3)
            self.assertLessEqual(answer["bound"], answer["cost"])
            self.assertEqual(answer["left"], 0)

    def test_what_finds_no_place_is_counted(self):
        rows = draw(2, 10)
        answer = self.solve(self.solomon(rows, units=1), "--seconds", "0.2")
        _, seen = self.drive(rows, answer["routes"], 100)
        self.assertFalse(answer["feasible"])
        self.assertEqual(answer["left"], 10 - len(seen))
        self.assertGreater(answer["left"], 0)

    def test_profit_is_gathered_on_as_many_routes_as_asked_for(self):
        rng = random.Random(3)
        lines = ["4 2 12 1", "0 200", "0 50 50 0 0 0 0 0 200"]
        profits = {}
        for i in range(1, 13):
            profits[i] = rng.randrange(1, 40)
            lines.append(f"{i} {rng.randrange(100)} {rng.randrange(100)} 5 {profits[i]} 1 1 1 {rng.randrange(50)} 190")
        path = self.write("profit.txt", "\n".join(lines) + "\n")
        for routes, options in ((2, []), (1, ["--routes", "1"])):
            answer = self.solve(path, "--objective", "profit", "--seconds", "0.2", *options)
            self.assertEqual(answer["profit"], sum(profits[c] for route in answer["routes"] for c in route))
            self.assertLessEqual(answer["vehicles"], routes)
            self.assertGreater(answer["profit"], 0)

    def test_nodes_and_edges_are_served_in_one_round(self):
        answer = self.solve(self.write("mixed.dat", NEARP), "--seconds", "0.1")
        self.assertTrue(answer["feasible"])
        self.assertIsNone(answer["profit"])
        self.assertEqual(answer["cost"], 4 + 2 + 6 + 3)  # 1-2, on to 3, the node, 3-4, home
        self.assertEqual(answer["routes"] in ([[[1, 2], [3, 3], [3, 4]]], [[[4, 3], [3, 3], [2, 1]]]), True)

    def test_a_wrong_objective_and_a_wrong_file_are_named(self):
        self.refused(2, "beauty", "patrol", "solve-benchmark", self.solomon(draw(1, 5)), "--objective", "beauty")
        self.refused(2, "no.txt:", "patrol", "solve-benchmark", self.write("no.txt", "nothing of it\n"))


if __name__ == "__main__":
    unittest.main()
