#!/usr/bin/env python3
"""Every column of every database says of which class it is, what for and for how long; nobody makes a table past the
description; docs/reference/schema.md is what the description says. tools/check_schema.py --write writes the page."""
import os
import re
import sys

import gates

PAGE = "docs/reference/schema.md"
LISTS = [("record", "record.db: facts"), ("tables", "record.db: derived tables"), ("keys", "keys.db"), ("tracks", "tracks.db"),
         ("access", "accounts.db")]
HEAD = """# Schema

Written by `tools/check_schema.py --write` from the descriptions in `src/store/schema.c`, `src/access/schema.c` and `src/track/database.c`.
Facts are only added; derived tables are dropped and made again by `precinct log rebuild`. *Sealed* columns hold in clear what the events
seal; they are emptied when the key that seals the same values is destroyed: by `precinct erase`, or when its time is over (`precinct retention run`, every night).

"""
STRING = r'"((?:\\.|[^"\\])*)"'
TEXT = rf'{STRING}(?:\s*{STRING})*'


def joined(text):
    return "".join(re.findall(STRING, text)).replace('\\"', '"')


def words(header, macro, count):
    """Rows X(NAME, "name", …) of one list of words in schema.h."""
    body = re.search(rf"#define {macro}\(X\)(.*?)\n\n", header, re.S).group(1)
    return {m.group(1): [p.strip().strip('"') for p in m.group(2).split(",", count)] for m in
            re.finditer(r'X\((\w+), ((?:"[^"]*"|[^()"])*)\)', body)}


def arguments(text):
    """A call's arguments, split at commas outside of strings and brackets."""
    parts, depth, at, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        quoted ^= c == '"' and text[i - 1] != "\\"
        depth += (c in "({") - (c in ")}") if not quoted else 0
        if c == "," and depth == 0 and not quoted:
            parts.append(text[at:i].strip())
            at = i + 1
    return [*parts, text[at:].strip()]


def calls(text, name):
    """The insides of each NAME(…), strings with brackets in them included."""
    for match in re.finditer(rf"(?<!\w){name}\(", text):
        depth, quoted, i = 1, False, match.end()
        while depth:
            quoted ^= text[i] == '"' and text[i - 1] != "\\"
            depth += 0 if quoted else (text[i] == "(") - (text[i] == ")")
            i += 1
        yield match.start(), text[match.end():i - 1]


def tables_of(gate, root, known):
    """{list: [(name, about, [column …])]} and, by table, its columns."""
    lists, columns = {}, {}
    for path in gates.files(root, ["src"], ".c"):
        text = gates.read(root, path)
        for block in re.finditer(r"static const pct_column (\w+)_columns\[\] = \{(.*?)\};", text, re.S):
            rows = []
            for at, inside in [*calls(block.group(2), "C"), *calls(block.group(2), "PCT_COLUMN")]:
                row = arguments(inside)
                where = f"{path}:{gates.line_of(text, block.start(2) + at)}"
                if len(row) != 6:
                    gate.problem(where, "a column is name, SQL, class, purpose, period and what it holds")
                    continue
                for word, (what, choices) in zip(row[2:5], known.items()):
                    if word not in choices:
                        gate.problem(where, f"{row[0]}: a {what} was expected, one of {', '.join(choices)}; '{word}' was found")
                if not joined(row[5]):
                    gate.problem(where, f"{row[0]} does not say what it holds")
                rows.append([joined(row[0]), *row[2:5], joined(row[5])])
            columns[block.group(1)] = rows
        for block in re.finditer(r"const pct_table_schema pct_schema_(\w+)\[\] = \{(.*?)\{0\}\};", text, re.S):
            entries = re.findall(rf'\{{"(\w+)",\s*"[\w,]*",\s*({TEXT}),\s*(\w+)_columns', block.group(2))
            lists[block.group(1)] = [(e[0], joined(e[1]), columns.get(e[-1], [])) for e in entries]
    return lists, columns


def check_sql(gate, root, columns):
    described = {name for rows in columns.values() for name, *_ in rows}
    for path in gates.files(root, ["src"], ".c", ".h"):
        text = gates.read(root, path)
        for match in re.finditer(r"CREATE (?:TEMP )?TABLE|ADD COLUMN (\w+)", gates.code_of(text, keep_strings=True)):
            if match.group(1) in described or path == "src/store/schema_write.c":
                continue
            gate.problem(f"{path}:{gates.line_of(text, match.start())}",
                         "a table or column that no description has: it belongs into a list of pct_table_schema", key=path)


def page(lists, known):
    out = [HEAD]
    for name, title in LISTS:
        out.append(f"## {title}\n\n")
        for table, about, columns in lists.get(name, []):
            out.append(f"### {table}\n{about}\n\n| column | holds | class | purpose | period |\n|---|---|---|---|---|\n")
            for column, kind, purpose, period, holds in columns:
                cells = [words_of[word][0] for words_of, word in zip(known.values(), (kind, purpose, period)) if word in words_of]
                out.append(f"| `{column}` | {holds} | {' | '.join(cells)} |\n")
            out.append("\n")
    out.append("## Periods\n\nA site may shorten those of *personal* and *narrative* in `site.json`; making one longer is an event with a stated ground.\n\n"
               "| period | kept |\n|---|---|\n")
    out += [f"| {row[0]} | {row[2]} |\n" for row in known["period"].values()]
    return "".join(out)


def main():
    write = "--write" in sys.argv
    sys.argv = [a for a in sys.argv if a != "--write"]
    root = gates.root_from_arguments()
    gate = gates.Gate("schema", root)
    header = gates.read(root, "src/store/schema.h")
    known = {"class": words(header, "PCT_DATA_CLASSES", 0), "purpose": words(header, "PCT_PURPOSES", 0), "period": words(header, "PCT_PERIODS", 2)}
    lists, columns = tables_of(gate, root, known)
    for name in sorted(set(lists) - {n for n, _ in LISTS}):
        gate.problem("tools/check_schema.py", f"pct_schema_{name} is not in the page")
    check_sql(gate, root, columns)
    text = page(lists, known)
    path = os.path.join(root, PAGE)
    if write:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    elif not os.path.exists(path) or gates.read(root, PAGE) != text:
        gate.problem(PAGE, "is not what the schema says; run tools/check_schema.py --write")
    gate.finish(f"{sum(len(t[2]) for tables in lists.values() for t in tables)} columns of {sum(map(len, lists.values()))} tables")


main()
