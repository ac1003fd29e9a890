#!/usr/bin/env python3
"""Every message of catalogue/ is used in src/ and has both translations; every PCT_MSG_ used exists; no English prose
is passed as text to a message: it would stand in the middle of a Chinese sentence."""
import os
import re
import subprocess
import sys
import tempfile

import json

import gates


def prose_of(code):
    """(position, literal) of what is given to pct_str and holds two words."""
    for call in re.finditer(r"\bpct_str\(", code):
        at, depth = call.end(), 1
        literals, strings = [], re.compile(r'"((?:\\.|[^"\\\n])*)"')
        while at < len(code) and depth > 0:
            string = strings.match(code, at)
            if string:
                glued = literals and not code[literals[-1][1]:at].strip()
                literals.append(((literals.pop()[0] if glued else "") + string.group(1), string.end()))
            depth += 0 if string else {"(": 1, ")": -1}.get(code[at], 0)
            at = string.end() if string else at + 1
        for literal, _ in literals:
            if re.search(r"[^\W\d_] +[^\W\d_]", literal):
                yield call.start(), literal


WEB = "catalogue/web.json"


def check_web(gate, root):
    """Every message of the console is used in web/src, by its key or through word(list, value)."""
    if not os.path.exists(os.path.join(root, WEB)):
        return 0
    code = "".join(gates.read(root, path) for path in gates.files(root, ["web/src"], ".ts", ".tsx"))
    keys = set(re.findall(r'"(web_[a-z0-9_]+)"', code))
    lists = tuple(f"web_{name}_" for name in re.findall(r'\bword\("([a-z_]+)"', code))
    known = json.loads(gates.read(root, WEB))
    for key in sorted(known):
        if key not in keys and not key.startswith(lists):
            gate.problem(WEB, f"'{key}' is used nowhere", key=key)
    return len(known)


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("catalogue", root)
    # The console's sentences are read by its own generator, whose types hold every use to them.
    catalogues = [path for path in gates.files(root, ["catalogue"], ".json") if path != WEB]
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
        with_strings = gates.code_of(text, keep_strings=True)
        for position, literal in prose_of(with_strings):
            gate.problem(f"{path}:{gates.line_of(with_strings, position)}",
                         f"'{literal}' is prose; make it a message and give it by pct_phrase")
        # Keys that a table macro puts together: PCT_MSG_##name.
        for prefix, suffix in re.findall(r"\bPCT_MSG_(\w*)##\w+(?:##(\w+))?", code):
            used.update(k for k in known if k.startswith(prefix) and k.endswith(suffix)
                        and re.search(r"\b" + k[len(prefix):len(k) - len(suffix)] + r"\b", code))
    for key, path in sorted(known.items()):
        if key not in used:
            gate.problem(path, f"'{key.lower()}' is used nowhere", key=key.lower())
    gate.finish(f"{len(known) + check_web(gate, root)} messages in {len(catalogues)} files and the console's")


main()
