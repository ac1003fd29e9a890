"""precinct bench: the figures that a load on a real server gives are of what was really done."""
import json
import unittest

from support import CommandTest


class Bench(CommandTest):
    def test_bench_positions_counts_the_rows_that_stand_in_the_file(self):
        done = self.ok("bench", "positions", "--site", self.csv_site(), "--seconds", "1")
        lines = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(set(lines), {"positions_rate", "positions_closed", "positions_memory"})
        stored = lines["positions_rate"]["stored"] + lines["positions_closed"]["stored"]
        self.assertGreater(stored, 0)
        self.assertEqual(lines["positions_memory"]["rows_in_file"], stored)
        self.assertGreater(lines["positions_rate"]["calls"], 0)


if __name__ == "__main__":
    unittest.main()
