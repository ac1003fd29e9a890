#!/usr/bin/env python3
"""Functions of at most 80 lines (50 wanted) and McCabe complexity 25 (10 wanted), as pmccabe counts them in src/, a
switch, which is a table, as one branch; files of at most 900 lines (500 wanted) in src/ and tests/."""
import os
import re
import subprocess

import gates

LINES, LINES_WANTED, PATHS, PATHS_WANTED, FILE, FILE_WANTED = 80, 50, 25, 10, 900, 500


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("size", root)
    sources = gates.files(root, ["src"], ".c")
    output = subprocess.run(["pmccabe"] + [os.path.join(root, path) for path in sources], check=True,
                            capture_output=True, text=True).stdout if sources else ""
    functions = long = branched = 0
    for row in output.splitlines():
        fields = row.split("\t")
        paths, lines = int(fields[0]), int(fields[4])
        match = re.match(r"(.*)\((\d+)\): (\S+)$", fields[5])
        path, name = os.path.relpath(match.group(1), root), match.group(3)
        functions += 1
        long += lines > LINES_WANTED
        branched += paths > PATHS_WANTED
        if lines > LINES:
            gate.problem(f"{path}:{match.group(2)}", f"{name} has {lines} lines, {LINES} are the limit",
                         key=f"{path}:{name}")
        if paths > PATHS:
            gate.problem(f"{path}:{match.group(2)}", f"{name} has complexity {paths}, {PATHS} is the limit",
                         key=f"{path}:{name}")
    large = 0
    for path in gates.files(root, ["src", "tests"], ".c", ".h", ".py"):
        lines = gates.read(root, path).count("\n")
        large += lines > FILE_WANTED
        if lines > FILE:
            gate.problem(path, f"the file has {lines} lines, {FILE} are the limit", key=path)
    gate.finish(f"{functions} functions: {long} over {LINES_WANTED} lines, {branched} over complexity {PATHS_WANTED}; "
                f"{large} files over {FILE_WANTED} lines")


main()
