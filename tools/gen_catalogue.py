#!/usr/bin/env python3
"""catalogue/*.json -> message_ids.h and message_table.c (arguments: output directory, catalogue files).

Each entry is {"params": [names in the order C gives them], "en": sentence, "zh": sentence}. A missing
translation, an unknown placeholder or one that only one language uses stops the build here.

A message's number is a hash of its key, and the numbers are macros: a message that is added or renamed moves no
other, so the compiler cache answers for every file that does not name it."""
import json
import os
import re
import sys

from descriptions import c_string


def load(paths):
    messages, errors = {}, []
    for path in sorted(paths):
        with open(path, encoding="utf-8") as source:
            entries = json.load(source)
        for key, entry in entries.items():
            where = f"{path}: {key}"
            if key in messages:
                errors.append(f"{where}: the key exists already in {messages[key]['path']}")
            if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
                errors.append(f"{where}: keys are lower_case words")
            used = {}
            for language in ("en", "zh"):
                sentence = entry.get(language, "")
                if not sentence.strip():
                    errors.append(f"{where}: the '{language}' translation is missing")
                used[language] = set(re.findall(r"\{(\w+)\}", sentence))
                for name in used[language] - set(entry["params"]):
                    errors.append(f"{where}: {language} uses {{{name}}}, which is not in params {entry['params']}")
            if used["en"] != used["zh"]:
                errors.append(f"{where}: en and zh use different parameters: {used['en'] ^ used['zh']}")
            if len(entry["params"]) > 6:
                errors.append(f"{where}: more than 6 parameters")
            messages[key] = dict(entry, path=path)
    if errors:
        sys.exit("\n".join(errors))
    return messages


def number_of(key):
    """FNV-1a of the key, made to fit an int; 0 is the message 'none'."""
    number = 2166136261
    for byte in key.encode():
        number = (number ^ byte) * 16777619 & 0xFFFFFFFF
    return 0 if key == "none" else number & 0x7FFFFFFF


def numbered(messages):
    keys = {}
    for key in messages:
        other = keys.setdefault(number_of(key), key)
        if other != key:
            sys.exit(f"{messages[key]['path']}: {key}: has the same number as {other}; choose another key")
    return dict(sorted(keys.items()))


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    messages = load(paths)
    keys = numbered(messages)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "message_ids.h"), "w", encoding="utf-8") as f:
        f.write("/* Generated from catalogue/ by tools/gen_catalogue.py. */\n"
                "#ifndef PCT_MESSAGE_IDS_H\n#define PCT_MESSAGE_IDS_H\n\n"
                "typedef enum pct_message { PCT_MSG_NONE, PCT_MSG_LAST = 0x7FFFFFFF } pct_message;\n\n")
        f.writelines(f"#define PCT_MSG_{key.upper()} ((pct_message){number:#x})\n"
                     for number, key in keys.items() if number)
        f.write("\n#endif\n")
    with open(os.path.join(out, "message_table.c"), "w", encoding="utf-8") as f:
        f.write("/* Generated from catalogue/ by tools/gen_catalogue.py. */\n"
                f'#include "base/message.h"\n\nconst size_t pct_message_count = {len(keys)};\n'
                "const pct_message_entry pct_message_table[] = {\n")
        for key in keys.values():
            m = messages[key]
            params = "".join(c_string(p) + ", " for p in m["params"])
            f.write(f"    {{PCT_MSG_{key.upper()}, {c_string(key)}, {len(m['params'])}, {{{params or 'NULL'}}},\n"
                    f"     {{{c_string(m['en'])},\n      {c_string(m['zh'])}}}}},\n")
        f.write("};\n")


main()
