#!/usr/bin/env python3
"""No setting that nobody reads: every field name and column of definitions/ stands as a text in src/, or names a
code that another definition declares. Of a map style (definitions/style/) only the members at the top are ours; the
map client reads the rest, and tests/unit/test_tile_style.c holds its names together."""
import csv
import io
import json
import re

import gates


def walk(value, keys, values):
    if isinstance(value, dict):
        for key, item in value.items():
            keys.add(key)
            walk(item, keys, values)
    elif isinstance(value, list):
        for item in value:
            walk(item, keys, values)
    elif isinstance(value, str):
        values.add(value)


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("definitions", root)
    read_by_code = set()
    for path in gates.files(root, ["src"], ".c", ".h"):
        text = gates.code_of(gates.read(root, path), keep_strings=True)
        read_by_code.update(re.findall(r'"((?:\\.|[^"\\\n])*)"', text))
    keys_of, declared = {}, set()
    for path in gates.files(root, ["definitions"], ".json", ".csv"):
        keys, text = set(), gates.read(root, path)
        try:
            if path.endswith(".json"):
                content = json.loads(text)
                if path.startswith("definitions/style/"):
                    keys.update(content)
                else:
                    walk(content, keys, declared)
            else:
                rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
                keys.update(rows[0] if rows else ())
                declared.update(cell for row in rows[1:] for cell in row)
        except ValueError as why:
            gate.problem(path, f"cannot be read: {why}")
        keys_of[path] = keys
    for path, keys in keys_of.items():
        for key in sorted(keys - read_by_code - declared):
            gate.problem(path, f"nothing in src/ reads '{key}'", key=f"{path}:{key}")
    gate.finish(f"{sum(map(len, keys_of.values()))} settings in {len(keys_of)} files")


main()
