"""The solver of rounds against an integer programme (COIN-OR's cbc) on small instances: windows, loads, lines in either direction, the
fewest units. The programme is written here from the instance alone: two-index flow over modes, times and loads by big M (Miller, Tucker and
Zemlin 1960; Desrochers and Laporte 1991)."""
import itertools
import math
import random
import shutil
import subprocess
import unittest

from support import CommandTest
from test_patrol_solve import SOLOMON_HEAD


class Programme:
    """Modes of demands: a mode is (demand, place in, place out, service time, opens, closes, own cost)."""

    def __init__(self, modes, loads, travel, units, capacity, horizon):
        self.modes, self.loads, self.travel = modes, loads, travel
        self.units, self.capacity, self.horizon = units, capacity, horizon

    def text(self, unit_cost):
        n, legs = len(self.modes), {}
        for i, j in itertools.product(range(-1, n), repeat=2):
            if i == j or (i >= 0 and j >= 0 and self.modes[i][0] == self.modes[j][0]):
                continue
            leave = 0 if i < 0 else self.modes[i][2]
            come = 0 if j < 0 else self.modes[j][1]
            legs[i, j] = self.travel[leave][come]
        name = lambda i, j: f"x{i + 1}_{j + 1}"
        cost = [f"{legs[k] + (self.modes[k[1]][6] if k[1] >= 0 else 0) + (unit_cost if k[0] < 0 else 0):.6f} {name(*k)}" for k in legs]
        lines = ["Minimize", " cost: " + " + ".join(cost), "Subject To"]
        for demand in sorted({m[0] for m in self.modes}):
            lines.append(" " + " + ".join(name(*k) for k in legs if k[1] >= 0 and self.modes[k[1]][0] == demand) + " = 1")
        for m in range(-1, n):
            come, go = [name(*k) for k in legs if k[1] == m], [name(*k) for k in legs if k[0] == m]
            lines.append(" " + " + ".join(come) + " - " + " - ".join(go) + " = 0")
        lines.append(" " + " + ".join(name(*k) for k in legs if k[0] < 0) + f" <= {self.units}")
        most = 2 * self.horizon
        for (i, j), leg in legs.items():
            service = 0 if i < 0 else self.modes[i][3]
            if j >= 0 and i >= 0:
                lines.append(f" t{j} - t{i} - {most} {name(i, j)} >= {service + leg - most:.6f}")
                load = self.loads[self.modes[j][0]]
                lines.append(f" q{j} - q{i} - {2 * self.capacity} {name(i, j)} >= {load - 2 * self.capacity}")
            elif j >= 0:
                lines.append(f" t{j} - {leg:.6f} {name(i, j)} >= 0")
            elif i >= 0:
                lines.append(f" t{i} + {most} {name(i, j)} <= {most + self.horizon - service - leg:.6f}")
        lines.append("Bounds")
        for m, mode in enumerate(self.modes):
            lines += [f" {mode[4]} <= t{m} <= {mode[5]}", f" {self.loads[mode[0]]} <= q{m} <= {self.capacity}"]
        return "\n".join(lines + ["Binaries", " " + " ".join(name(*k) for k in legs), "End", ""])


@unittest.skipIf(not shutil.which("cbc"), "cbc (package coinor-cbc) is absent")
class Exact(CommandTest):
    def optimum(self, programme, unit_cost=0):
        """The least cost; None when nothing keeps all rules."""
        file, out = self.write("exact.lp", programme.text(unit_cost)), self.path("exact.txt")
        subprocess.run(["cbc", file, "ratio", "0", "solve", "solu", out], stdout=subprocess.DEVNULL, check=True, timeout=300)
        with open(out, encoding="utf-8") as answer:
            head = answer.readline()
        self.assertRegex(head, "^(Optimal|Infeasible)")
        return float(head.split()[-1]) if head.startswith("Optimal") else None

    def windows(self, seed, count=6, units=3):
        rng = random.Random(seed)
        rows = [(50, 50, 0, 0, 400, 0)]
        for _ in range(count):
            opens = rng.randrange(0, 220)
            rows.append((rng.randrange(100), rng.randrange(100), rng.randrange(5, 40), opens, opens + rng.randrange(20, 120), 10))
        lines = [f"{i} {' '.join(map(str, row))}" for i, row in enumerate(rows)]
        file = self.write("drawn.txt", SOLOMON_HEAD.format(units=units, capacity=100) + "\n".join(lines) + "\n")
        travel = [[math.dist(a[:2], b[:2]) for b in rows] for a in rows]
        modes = [(i - 1, i, i, row[5], max(row[3], travel[0][i]), row[4], 0) for i, row in enumerate(rows) if i]
        return file, Programme(modes, [row[2] for row in rows[1:]], travel, units, 100, 400)

    def check_bound(self, bound, best):
        """No plan costs less; and it is worth asking for."""
        self.assertLessEqual(bound, best + 0.01)
        self.assertGreater(bound, 0.6 * best)

    def check(self, seeds, solved_least, unit_cost, *options, **size):
        solved = 0
        for seed in seeds:
            file, programme = self.windows(seed, **size)
            with self.subTest(seed=seed):
                answer = self.answer("patrol", "solve-benchmark", file, "--seconds", "0.3", *options)
                best = self.optimum(programme, unit_cost)
                self.assertEqual(answer["feasible"], best is not None)
                if best is None:
                    continue
                solved += 1
                if unit_cost:
                    self.assertEqual(answer["vehicles"], best // unit_cost)
                self.assertAlmostEqual(answer["distance"], best % unit_cost if unit_cost else best, delta=0.01)
                self.check_bound(answer["bound"], best % unit_cost if unit_cost else best)
        self.assertGreaterEqual(solved, solved_least)

    def test_distance_of_rounds_with_windows_is_the_optimum(self):
        self.check(range(1, 13), 6, 0)

    def test_units_are_as_few_as_can_be(self):
        self.check(range(21, 29), 4, 10000, "--objective", "vehicles", count=7, units=4)

    def lines(self, seed, nodes=6):
        """Points and lines on a ring with a chord; each line may be driven either way."""
        rng = random.Random(seed)
        roads = [(i, (i + 1) % nodes, rng.randrange(2, 9)) for i in range(nodes)] + [(0, nodes // 2, rng.randrange(2, 9))]
        driven, plain = roads[1:4], roads[:1] + roads[4:]
        visits = [(n, rng.randrange(1, 4), rng.randrange(1, 5)) for n in rng.sample(range(1, nodes), 2)]
        loads = [rng.randrange(1, 4) for _ in driven]
        costs = [rng.randrange(c, c + 4) for _, _, c in driven]
        head = (f"Name:\t\tDRAWN\nOptimal value:\t-1\n#Vehicles:\t-1\nCapacity:\t7\nDepot Node:\t1\n#Nodes:\t\t{nodes}\n#Edges:\t\t{len(roads)}\n"
                f"#Arcs:\t\t0\n#Required N:\t{len(visits)}\n#Required E:\t{len(driven)}\n#Required A:\t0\n\nReN.\tDEMAND\tS. COST\n")
        text = head + "".join(f"N{n + 1}\t{load}\t{cost}\n" for n, load, cost in visits)
        text += "\nReE.\tFrom N.\tTo N.\tT. COST\tDEMAND\tS. COST\n"
        text += "".join(f"E{k}\t{a + 1}\t{b + 1}\t{c}\t{loads[k]}\t{costs[k]}\n" for k, (a, b, c) in enumerate(driven))
        text += "\nEDGE\tFrom N.\tTo N.\tT. COST\n" + "".join(f"NrE{k}\t{a + 1}\t{b + 1}\t{c}\n" for k, (a, b, c) in enumerate(plain))
        travel = [[0 if i == j else 10**6 for j in range(nodes)] for i in range(nodes)]
        for a, b, c in roads:
            travel[a][b] = travel[b][a] = min(travel[a][b], c)
        for k, i, j in itertools.product(range(nodes), repeat=3):
            travel[i][j] = min(travel[i][j], travel[i][k] + travel[k][j])
        modes = [(d, n, n, 0, 0, 1000, 0) for d, (n, _, _) in enumerate(visits)]  # the form's optima count driving, not service
        for k, (a, b, cost) in enumerate(driven):
            modes += [(len(visits) + k, a, b, 0, 0, 1000, cost), (len(visits) + k, b, a, 0, 0, 1000, cost)]
        return self.write("drawn.dat", text), Programme(modes, [v[1] for v in visits] + loads, travel, 9, 7, 1000)

    def test_cost_of_points_and_lines_is_the_optimum(self):
        for seed in range(1, 9):
            file, programme = self.lines(seed)
            with self.subTest(seed=seed):
                answer = self.answer("patrol", "solve-benchmark", file, "--seconds", "0.3")
                best = self.optimum(programme)
                self.assertAlmostEqual(answer["cost"], best, delta=0.01)
                self.check_bound(answer["bound"], best)


if __name__ == "__main__":
    unittest.main()
