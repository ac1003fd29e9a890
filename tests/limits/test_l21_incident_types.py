"""L21: crowd safety exists as a type of incident; petitions, assemblies and protest do not, and a table that brings one in is refused."""
import csv
import os
import shutil
import unittest

from model import ROOT
from server import Server

TABLE = os.path.join(ROOT, "definitions", "codes", "incident_types.csv")
FORBIDDEN = ("petition", "assembly", "protest", "demonstration", "上访", "信访", "集会", "游行", "示威", "请愿")


class IncidentTypes(unittest.TestCase):
    def rows(self):
        with open(TABLE, encoding="utf-8-sig") as f:
            return list(csv.DictReader(f))

    def test_the_shipped_table_has_crowd_safety_and_no_assemblies(self):
        rows = self.rows()
        self.assertTrue([r for r in rows if "crowd" in r["code"]])
        self.assertEqual([(r["code"], word) for r in rows for word in FORBIDDEN if word in " ".join(map(str, r.values())).lower()], [])

    def test_a_site_whose_table_brings_one_in_does_not_serve(self):
        server = Server()
        self.addCleanup(server.remove)
        folder = os.path.join(server.site, "definitions", "codes")
        os.makedirs(folder, exist_ok=True)
        own = os.path.join(folder, "incident_types.csv")
        with open(TABLE, encoding="utf-8") as f:
            shipped = f.read().rstrip("\n")
        last = shipped.split("\n")[-1].split(",")
        for code, english, chinese in (("petition", "Petition", "请愿"), ("gathering", "Public assembly", "集会"), ("visit_up", "Complaint to a higher office", "上访"),
                                       ("march", "Protest", "游行")):
            row = next(csv.reader([",".join(last)]))
            header = next(csv.reader([shipped.split("\n")[0]]))
            row[header.index("code")], row[header.index("en")], row[header.index("zh")] = code, english, chinese
            with open(own, "w", encoding="utf-8") as f:
                f.write(shipped + "\n" + ",".join(f'"{c}"' for c in row) + "\n")
            with self.assertRaises(AssertionError) as refused:
                server.start()
            server.process.wait()
            server.process.stdout.close()
            server.process.stderr.close()
            self.assertIn("incident_types.csv", str(refused.exception), code)
        shutil.copy(TABLE, own)
        server.start()  # the shipped one serves


if __name__ == "__main__":
    unittest.main()
