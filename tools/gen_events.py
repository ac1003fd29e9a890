#!/usr/bin/env python3
"""events/*.json -> event_types.h and event_codec.c (arguments: output directory, event files).

Each file describes one event type: its name, version, the kind letter of its object, whether it creates that object, one
sentence in en and zh, the roles that may cause it, its fields and how documents of older versions are read (upcasts).
What a description may say is checked here, with the file and the field named. With --docs FILE instead
of the directory, the reference page docs/reference/events.md is written."""
import json
import os
import re
import sys

import descriptions
from descriptions import INT_MAX, TEXT_MAX, Problems, c_string

KINDS = {"C": "call", "I": "incident", "O": "order", "U": "unit", "A": "area", "K": "case", "R": "round", "Z": "cordon",
         "L": "closure", "P": "place", "S": "account", "Q": "request", "B": "break_glass", "T": "term", "M": "map", "W": "watch",
         "N": "series", "D": "duty", "G": "plan", "X": "directed", "V": "level"}
ROLES = [*descriptions.ROLES, "system"]  # deadlines act as it; nobody signs in as it
RETENTIONS = ["personal", "narrative"]  # classes of sealed fields: each (object, class) has a key of its own
TYPES = ["int", "ms", "bool", "position", "road", "text", "code", "id", "enum"]
CLASSES = ["operational", "personal", "narrative", "position", "audit", "staff"]  # as in src/store/schema.h
PERIODS = ["skeleton", *RETENTIONS]
FIELD_KEYS = {"name", "type", "optional", "sealed", "min", "max", "kind", "enum", "values", "list", "class", "period", "ours"}
EVENT_KEYS = {"name", "version", "object", "creates", "en", "zh", "rights", "fields", "upcasts"}
C_WORDS = set("auto break case char const continue default do double else enum extern float for goto if inline int long "
              "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile "
              "while".split())
LIST_MAX = 32
PLACES_MAX = 512  # of roads and positions: they lie behind a pointer, not in the event


def check_name(problems, where, name):
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", name) or name in C_WORDS:
        problems.say(where, f"a lower_case name that is no C word was expected, {name!r} was found")
        return False
    return True


def check_field(problems, where, field, enums):
    if not isinstance(field, dict):
        problems.say(where, f"a field is a JSON object; {field!r} was found")
        return
    if not check_name(problems, where, field.get("name")):
        return
    where = f"{where}.{field['name']}"
    kind = field.get("type")
    if kind not in TYPES:
        problems.say(where, f"type: one of {', '.join(TYPES)} was expected, {kind!r} was found")
        return
    for key in sorted(set(field) - FIELD_KEYS):
        problems.say(where, f"unknown key {key!r}")
    for key in ("optional", "ours"):  # ours: the server fills it in, whoever asks
        if not isinstance(field.get(key, False), bool):
            problems.say(where, f"{key}: true or false was expected")
    if "sealed" in field:
        if field["sealed"] not in RETENTIONS:
            problems.say(where, f"sealed: a class of retention was expected, one of {', '.join(RETENTIONS)}; {field['sealed']!r} was found")
        if not field.get("optional") or "list" in field:
            problems.say(where, "a sealed field is optional and no list, so that it can be erased")
    for key, types in (("min", ("int", "ms")), ("max", ("int", "ms", "text")), ("kind", ("id",)), ("enum", ("enum",)),
                       ("values", ("enum",))):
        if key in field and kind not in types:
            problems.say(where, f"{key} has no meaning for type {kind}")
    if kind in ("int", "ms"):
        low, high = field.get("min", 0), field.get("max", INT_MAX)
        if not (isinstance(low, int) and isinstance(high, int) and -INT_MAX <= low <= high <= INT_MAX):
            problems.say(where, f"min and max: whole numbers, min <= max, within 2^53 - 1 were expected")
    if kind == "text" and not (isinstance(field.get("max"), int) and 0 < field["max"] <= TEXT_MAX):
        problems.say(where, f"max: the most bytes, 1 to {TEXT_MAX}, were expected")
    if kind == "id" and field.get("kind") not in KINDS:
        problems.say(where, f"kind: one of {', '.join(KINDS)} was expected, {field.get('kind')!r} was found")
    if kind == "enum":
        check_enum(problems, where, field, enums)
    if "list" in field:
        if kind not in ("code", "id", "road", "position"):
            problems.say(where, "lists are of type code, id, road or position")
        most = PLACES_MAX if kind in ("road", "position") else LIST_MAX
        if not (isinstance(field["list"], int) and 1 <= field["list"] <= most):
            problems.say(where, f"list: the most items, 1 to {most}, were expected")
        if field.get("optional"):
            problems.say(where, "a list is not optional: it may be empty")


def check_keeping(problems, where, field):
    """Of which class a field is, and how long it is kept: what is of a person is sealed, and goes with its key."""
    where = f"{where}.{field.get('name')}"
    kind, period = field.get("class"), field.get("period")
    if kind not in CLASSES:
        problems.say(where, f"class: one of {', '.join(CLASSES)} was expected, {kind!r} was found")
    if period not in PERIODS:
        problems.say(where, f"period: one of {', '.join(PERIODS)} was expected, {period!r} was found")
    if (kind in ("personal", "narrative", "position")) != ("sealed" in field):
        problems.say(where, "what is personal, a narrative or an exact position is sealed, and nothing else is")
    if period != field.get("sealed", "skeleton"):
        problems.say(where, f"period: {field.get('sealed', 'skeleton')!r} was expected, for it is kept as long as its key, or as the event")


def check_enum(problems, where, field, enums):
    values = field.get("values")
    if not check_name(problems, f"{where}: enum", field.get("enum")):
        return
    if not isinstance(values, list) or not values or len(set(map(str, values))) != len(values):
        problems.say(where, "values: a list of distinct names was expected")
        return
    for value in values:
        check_name(problems, f"{where}: values", value)
    if enums.setdefault(field["enum"], values) != values:
        problems.say(where, f"enum {field['enum']!r} has other values in another file: {enums[field['enum']]}")


def older_fields(problems, where, fields, steps):
    """The fields of the version before, from those of the version after: the steps undone, last first. Each field
    keeps in 'target' its name today; None when it was dropped on the way."""
    fields = [dict(f) for f in fields]
    defaults = {}
    for step in reversed(steps if isinstance(steps, list) else [steps]):
        if not isinstance(step, dict):
            problems.say(where, f"a step is add, rename or drop; {step!r} was found")
            continue
        names = [f["name"] for f in fields]
        if "add" in step:
            if step["add"] not in names:
                problems.say(where, f"add: there is no field {step['add']!r} afterwards")
                continue
            gone = fields.pop(names.index(step["add"]))
            if gone["target"] is not None:
                defaults[gone["target"]] = step.get("value")
        elif "rename" in step:
            if step.get("to") not in names or step["rename"] in names:
                problems.say(where, f"rename: {step['rename']!r} to {step.get('to')!r} does not fit the fields {names}")
                continue
            fields[names.index(step["to"])]["name"] = step["rename"]
        elif "drop" in step:
            if not isinstance(step["drop"], dict) or step["drop"].get("name") in names:
                problems.say(where, "drop: the description of a field that is no longer there was expected")
                continue
            fields.append(dict(step["drop"], target=None))
        else:
            problems.say(where, f"a step is add, rename or drop; {step} was found")
    return fields, defaults


def check_default(problems, where, field, value):
    kind = field["type"]
    if value is None and field.get("optional"):
        return
    good = {"enum": lambda: value in field["values"], "int": lambda: isinstance(value, int),
            "ms": lambda: isinstance(value, int), "bool": lambda: isinstance(value, bool),
            "text": lambda: isinstance(value, str), "code": lambda: isinstance(value, str)}.get(kind, lambda: False)
    if field.get("list"):
        good = lambda: value == []
    if not good():
        problems.say(where, f"add {field['name']!r}: {value!r} is no default for type {kind}")


def check_versions(problems, path, event, enums):
    """event['rows']: (version, fields, defaults) from the present one down to 1."""
    fields = [dict(f, target=f["name"]) for f in event["fields"]]
    by_name = {f["name"]: f for f in event["fields"]}
    event["rows"] = [(event["version"], fields, {})]
    upcasts = {u.get("from"): u for u in event["upcasts"] if isinstance(u, dict)}
    if sorted(upcasts, key=str) != list(range(1, event["version"])):
        problems.say(path, f"upcasts: one from each version 1 to {event['version'] - 1} was expected")
        return
    defaults = {}
    for version in range(event["version"] - 1, 0, -1):
        where = f"{path}: upcast from {version}"
        fields, added = older_fields(problems, where, fields, upcasts[version].get("steps", []))
        for f in fields:
            check_field(problems, where, {k: v for k, v in f.items() if k != "target"}, enums)
        for name, value in added.items():
            check_default(problems, where, by_name[name], value)
        defaults = {**defaults, **added}
        event["rows"].append((version, fields, dict(defaults)))


def load(paths):
    problems, events, enums = Problems(), [], {}
    for path in sorted(paths):
        try:
            with open(path, encoding="utf-8") as source:
                event = json.load(source)
        except ValueError as why:
            problems.say(path, f"not valid JSON: {why}")
            continue
        before = len(problems)
        if not isinstance(event, dict):
            problems.say(path, "a JSON object was expected")
            continue
        for key in sorted(EVENT_KEYS - set(event)):
            problems.say(path, f"{key} is missing")
        for key in sorted(set(event) - EVENT_KEYS):
            problems.say(path, f"unknown key {key!r}")
        for key in ("fields", "upcasts", "rights"):
            if key in event and not isinstance(event[key], list):
                problems.say(path, f"{key}: a list was expected")
        if "creates" in event and not isinstance(event["creates"], bool):
            problems.say(path, "creates: true or false was expected")
        if len(problems) > before:
            continue
        check_name(problems, f"{path}: name", event["name"])
        if os.path.basename(path) != f"{event['name']}.json":
            problems.say(path, f"the file is not named after its event {event['name']!r}")
        if not (isinstance(event["version"], int) and 1 <= event["version"] <= 1000):
            problems.say(path, "version: 1 to 1000 was expected")
        if event["object"] not in KINDS:
            problems.say(path, f"object: one of {', '.join(KINDS)} was expected, {event['object']!r} was found")
        for role in event["rights"]:
            if role not in ROLES:
                problems.say(path, f"rights: {role!r} is no role; roles are {', '.join(ROLES)}")
        for language in ("en", "zh"):
            if not str(event[language]).strip():
                problems.say(path, f"the sentence in {language} is missing")
        names = [f.get("name") for f in event["fields"] if isinstance(f, dict)]
        for name in sorted({n for n in names if names.count(n) > 1}, key=str):
            problems.say(path, f"field {name!r} is described twice")
        for field in event["fields"]:
            check_field(problems, path, field, enums)
            if isinstance(field, dict):
                check_keeping(problems, path, field)
        if len(problems) == before:
            check_versions(problems, path, event, enums)
        events.append(event)
    if problems:
        sys.exit("\n".join(problems))
    return events, enums


# --- C --------------------------------------------------------------------------------------------------------------


def has_flag(field):
    """Optional numbers and places need a flag; text, code, id and enum have an absent value of their own."""
    return field.get("optional") and field["type"] in ("int", "ms", "bool", "position", "road")


def member(field):
    name, kind = field["name"], field["type"]
    c = {"int": "int64_t ", "ms": "int64_t ", "bool": "bool ", "position": "pct_position ", "road": "pct_road_ref ",
         "text": "pct_text ", "code": "pct_text ",
         "id": f"pct_{KINDS.get(field.get('kind'))}_id ", "enum": f"pct_{field.get('enum')} "}[kind]
    lines = []
    if field.get("list") and kind in ("road", "position"):
        lines.append(f"    const {c}*{name};")
        lines.append(f"    uint32_t {name}_count;")
    elif field.get("list"):
        lines.append(f"    {c}{name}[{field['list']}];")
        lines.append(f"    uint32_t {name}_count;")
    else:
        lines.append(f"    {c}{name};" + (f" /* sealed: {field['sealed']} */" if field.get("sealed") else ""))
    if has_flag(field):
        lines.append(f"    bool has_{name};")
    return lines


def write_types(f, events, enums):
    f.write("/* Generated from events/ by tools/gen_events.py. Text borrows; an absent optional text, code, id or enum is empty,\n"
            " * seq 0 or NONE. */\n#ifndef PCT_EVENT_TYPES_H\n#define PCT_EVENT_TYPES_H\n\n#include \"event/value.h\"\n\n")
    f.write("typedef enum pct_event_type {\n    PCT_EVENT_NONE,\n")
    f.writelines(f"    PCT_EVENT_{e['name'].upper()},\n" for e in events)
    f.write("    PCT_EVENT_TYPE_COUNT\n} pct_event_type;\n\n")
    f.write("/* How long a sealed field is kept: it lives as long as the key of (object, class). */\ntypedef enum pct_retention {\n    PCT_RETENTION_NONE,\n")
    f.writelines(f"    PCT_RETENTION_{r.upper()},\n" for r in RETENTIONS)
    f.write("    PCT_RETENTION_COUNT\n} pct_retention;\n\n")
    f.write("typedef enum pct_role {\n    PCT_ROLE_NONE,\n")
    f.writelines(f"    PCT_ROLE_{r.upper()},\n" for r in ROLES)
    f.write("    PCT_ROLE_COUNT\n} pct_role;\n\n")
    for name in sorted(enums):
        f.write(f"typedef enum pct_{name} {{\n    PCT_{name.upper()}_NONE,\n")
        f.writelines(f"    PCT_{name.upper()}_{v.upper()},\n" for v in enums[name])
        f.write(f"    PCT_{name.upper()}_COUNT\n}} pct_{name};\nextern const char *const pct_{name}_names[PCT_{name.upper()}_COUNT];\n\n")
    for e in events:
        f.write(f"/* {e['en']} {e['zh']} */\ntypedef struct pct_event_{e['name']} {{\n")
        lines = [line for field in e["fields"] for line in member(field)] or ["    uint8_t nothing;"]
        f.write("\n".join(lines) + f"\n}} pct_event_{e['name']};\n\n")
    f.write("typedef union pct_event_data {\n")
    f.writelines(f"    pct_event_{e['name']} {e['name']};\n" for e in events)
    f.write("} pct_event_data;\n\n#endif\n")


def field_row(event, field):
    kind, flags = field["type"], []
    for flag in ("optional", "sealed"):
        if field.get(flag):
            flags.append(f"PCT_FIELD_{flag.upper()}")
    if field.get("list"):
        flags.append("PCT_FIELD_LIST")
    target = field.get("target")
    struct = f"pct_event_{event['name']}"
    parts = [f".name = {c_string(field['name'])}", f".name_length = {len(field['name'])}", f".type = PCT_FIELD_{kind.upper()}"]
    if flags:
        parts.append(".flags = " + " | ".join(flags))
    if target is None:
        parts.append(".offset = PCT_FIELD_NOWHERE")
    else:
        parts.append(f".offset = offsetof({struct}, {target})")
        if has_flag(field):
            parts.append(f".has_offset = offsetof({struct}, has_{target})")
        if field.get("list"):
            parts.append(f".count_offset = offsetof({struct}, {target}_count)")
    if kind in ("int", "ms"):
        parts.append(f".min = {field.get('min', 0)}, .max = {field.get('max', INT_MAX)}")
    if kind == "text":
        parts.append(f".max = {field['max']}")
    if field.get("sealed"):
        parts.append(f".retention = PCT_RETENTION_{field['sealed'].upper()}")
    if field.get("list"):
        parts.append(f".list_max = {field['list']}")
    if kind == "id":
        parts.append(f".kind = '{field['kind']}'")
    if kind == "enum":
        parts.append(f".names = pct_{field['enum']}_names, .name_count = PCT_{field['enum'].upper()}_COUNT")
    return "    {" + ", ".join(parts) + "},\n"


def default_statement(event, field, value):
    place = f"event->data.{event['name']}.{field['name']}"
    kind = field["type"]
    if value is None or field.get("list"):
        return ""
    if kind == "enum":
        return f"    {place} = PCT_{field['enum'].upper()}_{value.upper()};\n"
    if kind in ("text", "code"):
        return f"    {place} = (pct_text){{{c_string(value)}, {len(value.encode())}}};\n"
    text = str(value).lower() if kind == "bool" else str(value)
    flag = f"    event->data.{event['name']}.has_{field['name']} = true;\n" if has_flag(field) else ""
    return f"    {place} = {text};\n" + flag


def write_codec(f, events, enums):
    f.write("/* Generated from events/ by tools/gen_events.py. */\n#include <stddef.h>\n\n#include \"event/codec.h\"\n\n")
    f.write("const char *const pct_role_names[PCT_ROLE_COUNT] = {\"\", " + ", ".join(c_string(r) for r in ROLES) + "};\n")
    f.write("const char *const pct_retention_names[PCT_RETENTION_COUNT] = {\"\", " + ", ".join(c_string(r) for r in RETENTIONS) + "};\n")
    for name in sorted(enums):
        f.write(f"const char *const pct_{name}_names[PCT_{name.upper()}_COUNT] = {{\"\", "
                + ", ".join(c_string(v) for v in enums[name]) + "};\n")
    for e in events:
        by_name = {x["name"]: x for x in e["fields"]}
        for version, fields, defaults in e["rows"]:
            f.write(f"\n/* {e['name']}, version {version} */\n")
            if fields:
                f.write(f"static const pct_event_field fields_{e['name']}_{version}[] = {{\n")
                f.writelines(field_row(e, x) for x in sorted(fields, key=lambda x: x["name"].encode()))
                f.write("};\n")
            if version < e["version"]:
                f.write(f"static void upcast_{e['name']}_{version}(pct_event *event) {{\n    (void)event;\n")
                f.writelines(default_statement(e, by_name[n], v) for n, v in sorted(defaults.items()))
                f.write("}\n")
        f.write(f"static const pct_event_version versions_{e['name']}[] = {{\n")
        for version, fields, _ in reversed(e["rows"]):
            table = f"fields_{e['name']}_{version}, {len(fields)}" if fields else "NULL, 0"
            upcast = f"upcast_{e['name']}_{version}" if version < e["version"] else "NULL"
            f.write(f"    {{{table}, {upcast}}},\n")
        f.write("};\n")
    f.write("\nconst pct_event_type_entry pct_event_type_table[PCT_EVENT_TYPE_COUNT] = {\n    {.name = \"\"},\n")
    for e in events:
        rights = " | ".join(f"1u << PCT_ROLE_{r.upper()}" for r in e["rights"]) or "0"
        f.write(f"    {{.name = {c_string(e['name'])}, .version = {e['version']}, .kind = '{e['object']}', "
                f".creates = {str(bool(e['creates'])).lower()}, .rights = {rights},\n"
                f"     .sentences = {{{c_string(e['en'])},\n                   {c_string(e['zh'])}}},\n"
                f"     .versions = versions_{e['name']}, .data_size = sizeof(pct_event_{e['name']})}},\n")
    f.write("};\n")


def write_docs(f, events):
    f.write("# Events\n\nWritten from `events/*.json` by `tools/gen_events.py --docs`. How an event is stored: "
            "[decision 0003](../decisions/0003-events.md).\nFields marked *sealed* hold personal data or free text. Classes and how long "
            "each is kept: [schema](schema.md). What every\nevent has in its header (number, time, account, role, purpose, object) is of class audit, "
            "for proof, and kept as *skeleton*.\n")
    for e in events:
        f.write(f"\n## {e['name']} (version {e['version']}, object {e['object']}{', creates it' if e['creates'] else ''})\n"
                f"{e['en']} {e['zh']}\nRoles: {', '.join(e['rights'])}.\n")
        if e["fields"]:
            f.write("\n| field | type | class, kept | notes |\n|---|---|---|---|\n")
        for x in sorted(e["fields"], key=lambda x: x["name"].encode()):
            kind = {"id": f"id ({x.get('kind')})"}.get(x["type"], x["type"])
            notes = (["optional"] if x.get("optional") else []) + ([f"sealed: {x['sealed']}"] if x.get("sealed") else [])
            if "values" in x:
                notes.append("one of " + ", ".join(x["values"]))
            if "list" in x:
                notes.append(f"list, at most {x['list']}")
            if x["type"] == "int":
                notes.append(f"{x.get('min', 0)} to {x.get('max', INT_MAX)}")
            if x["type"] == "text":
                notes.append(f"at most {x['max']} bytes")
            f.write(f"| {x['name']} | {kind} | {x['class']}, {x['period']} | {'; '.join(notes)} |\n")


def main():
    arguments = sys.argv[1:]
    docs = arguments[1] if arguments[:1] == ["--docs"] else None
    if docs:
        arguments = arguments[1:]
    events, enums = load(arguments[1:])
    events.sort(key=lambda e: e["name"])
    if docs:
        with open(docs, "w", encoding="utf-8") as f:
            write_docs(f, events)
        return
    out = arguments[0]
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "event_types.h"), "w", encoding="utf-8") as f:
        write_types(f, events, enums)
    with open(os.path.join(out, "event_codec.c"), "w", encoding="utf-8") as f:
        write_codec(f, events, enums)


main()
