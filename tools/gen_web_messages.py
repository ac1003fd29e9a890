#!/usr/bin/env python3
"""catalogue/web.json, definitions/codes/*.csv and events/*.json -> a TypeScript module (arguments: output file, catalogue/web.json,
the other catalogues, the code tables, the events).

Each message becomes an entry {en, zh} and a type of its parameters, so that a call without a parameter does not
compile. A missing translation, an unknown placeholder, one that only one language uses, or a key that another
catalogue has, stops the build here."""
import csv
import json
import os
import re
import sys


def check(where, key, entry, others):
    problems = []
    if not re.fullmatch(r"web_[a-z0-9_]+", key):
        problems.append("keys of the console begin with web_ and are lower_case words")
    if key in others:
        problems.append(f"the key exists already in {others[key]}")
    used = {}
    for language in ("en", "zh"):
        sentence = entry.get(language, "")
        if not sentence.strip():
            problems.append(f"the '{language}' translation is missing")
        used[language] = set(re.findall(r"\{(\w+)\}", sentence))
    if used["en"] != used["zh"]:
        problems.append(f"en and zh use different parameters: {sorted(used['en'] ^ used['zh'])}")
    if used["en"] != set(entry.get("params", [])):
        problems.append(f"params says {entry.get('params')}, the sentences use {sorted(used['en'])}")
    return [f"{where}: {key}: {problem}" for problem in problems]


def load_messages(path, other_paths):
    others = {}
    for other in other_paths:
        with open(other, encoding="utf-8") as source:
            others.update({key: other for key in json.load(source)})
    with open(path, encoding="utf-8") as source:
        messages = json.load(source)
    problems = [line for key, entry in messages.items() for line in check(path, key, entry, others)]
    if problems:
        sys.exit("\n".join(problems))
    return messages


def load_codes(paths):
    tables = {}
    for path in paths:
        with open(path, encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        for row in rows:
            if not row["zh"] or not row["en"]:
                sys.exit(f"{path}: {row['code']}: a translation is missing")
        tables[os.path.splitext(os.path.basename(path))[0]] = [
            {"code": row["code"], "en": row["en"], "zh": row["zh"],
             "also": [word for word in row.get("also", "").split(";") if word],
             **({"priority": int(row["priority"])} if "priority" in row else {})} for row in rows]
    return tables


def load_events(paths):
    """What each type of event says, for pages that show the log."""
    words = {}
    for path in paths:
        with open(path, encoding="utf-8") as source:
            event = json.load(source)
        words[event["name"]] = {"en": event["en"], "zh": event["zh"]}
    return words


def main():
    out, web, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    events = [p for p in paths if p.endswith(".json") and p.startswith("events/")]
    messages = load_messages(web, [p for p in paths if p.endswith(".json") and p != web and p not in events])
    codes = load_codes([p for p in paths if p.endswith(".csv")])
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out, "w", encoding="utf-8") as f:
        f.write("// Generated from catalogue/web.json and definitions/codes by tools/gen_web_messages.py.\n"
                "export interface MessageParams {\n")
        for key, entry in sorted(messages.items()):
            fields = "; ".join(f"{name}: string | number" for name in entry["params"])
            f.write(f"  {key}: " + (f"{{ {fields} }};\n" if fields else "undefined;\n"))
        f.write("}\nexport const messages: Record<keyof MessageParams, { en: string; zh: string }> = {\n")
        for key, entry in sorted(messages.items()):
            f.write(f"  {key}: {{ en: {json.dumps(entry['en'])}, zh: {json.dumps(entry['zh'], ensure_ascii=False)} }},\n")
        f.write("};\nexport interface CodeRow { code: string; en: string; zh: string; also: string[]; priority?: number }\n"
                "export const codes: Record<string, CodeRow[]> = " + json.dumps(codes, ensure_ascii=False, indent=1) + ";\n"
                "export const events: Record<string, { en: string; zh: string }> = "
                + json.dumps(load_events(events), ensure_ascii=False, indent=1) + ";\n")


main()
