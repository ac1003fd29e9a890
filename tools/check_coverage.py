#!/usr/bin/env python3
"""check_coverage.py SUMMARY LIMIT: branch coverage per module from gcovr's JSON summary; every pure module that is
in it must reach LIMIT percent. The least covered files are named."""
import json
import sys

PURE = ["base", "geo", "clock", "osm", "opt", "event", "road", "demand", "place", "dispatch", "patrol", "deploy",
        "cordon", "roster", "casework", "goods", "sim", "town"]


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        summary = json.load(source)
    limit, modules, low = float(sys.argv[2]), {}, []
    for file in summary["files"]:
        parts = file["filename"].split("/")
        if len(parts) > 2 and parts[0] == "src":
            modules.setdefault(parts[1], []).append(file)
    for module in sorted(modules, key=lambda name: (name not in PURE, name)):
        files = modules[module]
        covered, total = sum(f["branch_covered"] for f in files), sum(f["branch_total"] for f in files)
        percent = 100.0 * covered / total if total else 100.0
        if module in PURE and percent < limit:
            low.append(module)
        worst = min(files, key=lambda f: f["branch_covered"] - f["branch_total"])
        mark = "LOW" if module in low else "ok" if module in PURE else "-"
        print(f"{module:10} {percent:5.1f} % of {total:5} branches  {mark:3}  most missing: {worst['filename']} "
              f"({worst['branch_total'] - worst['branch_covered']})")
    if not modules:
        low.append("(no module was measured)")
    print(f"coverage: below {limit:g} %: {' '.join(low)}" if low else f"coverage: every pure module has {limit:g} %")
    sys.exit(1 if low else 0)


main()
