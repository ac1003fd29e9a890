#!/usr/bin/env python3
"""Every message of catalogue/ is used in src/ and has both translations; every PCT_MSG_ used exists."""
import os
import re
import subprocess
import sys
import tempfile

import json

import gates


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("catalogue", root)
    catalogues = gates.files(root, ["catalogue"], ".json")
    generator = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen_catalogue.py")
    with tempfile.TemporaryDirectory() as scratch:
        run = subprocess.run([sys.executable, generator, scratch] + [os.path.join(root, p) for p in catalogues],
                             capture_output=True, text=True, check=False)
    for line in run.stderr.splitlines() if run.returncode else []:
        where, _, sentence = line.partition(": ")
        gate.problem(os.path.relpath(where, root), sentence)
    known = {}
    for path in catalogues:
        for key in json.loads(gates.read(root, path)):
            known[key.upper()] = path
    used = {"NONE"}
    for path in gates.files(root, ["src"], ".c", ".h") + gates.files(root, ["events", "definitions"], ".json"):
        text = gates.read(root, path)
        if path.endswith(".json"):
            used.update(word.upper() for word in re.findall(r'"([a-z][a-z0-9_]*)"', text) if word.upper() in known)
            continue
        code = gates.code_of(text)
        for match in re.finditer(r"\bPCT_MSG_(\w+)", code):
            key = match.group(1)
            used.add(key)
            if key != "COUNT" and key not in known and not code[match.end():].startswith("##"):
                gate.problem(f"{path}:{gates.line_of(code, match.start())}", f"no catalogue has '{key.lower()}'")
        # Keys that a table macro puts together: PCT_MSG_##name.
        for prefix, suffix in re.findall(r"\bPCT_MSG_(\w*)##\w+(?:##(\w+))?", code):
            used.update(k for k in known if k.startswith(prefix) and k.endswith(suffix)
                        and re.search(r"\b" + k[len(prefix):len(k) - len(suffix)] + r"\b", code))
    for key, path in sorted(known.items()):
        if key not in used:
            gate.problem(path, f"'{key.lower()}' is used nowhere", key=key.lower())
    gate.finish(f"{len(known)} messages in {len(catalogues)} files")


main()
