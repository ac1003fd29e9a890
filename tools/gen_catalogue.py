#!/usr/bin/env python3
"""catalogue/*.json -> message_ids.h and message_table.c (arguments: output directory, catalogue files).

Each entry is {"params": [names in the order C gives them], "en": sentence, "zh": sentence}. A missing
translation, an unknown placeholder or one that only one language uses stops the build here."""
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


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    messages = load(paths)
    keys = ["none"] + sorted(k for k in messages if k != "none")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "message_ids.h"), "w", encoding="utf-8") as f:
        f.write("/* Generated from catalogue/ by tools/gen_catalogue.py. */\n"
                "#ifndef PCT_MESSAGE_IDS_H\n#define PCT_MESSAGE_IDS_H\n\ntypedef enum pct_message {\n")
        f.writelines(f"    PCT_MSG_{key.upper()},\n" for key in keys)
        f.write("    PCT_MSG_COUNT\n} pct_message;\n\n#endif\n")
    with open(os.path.join(out, "message_table.c"), "w", encoding="utf-8") as f:
        f.write("/* Generated from catalogue/ by tools/gen_catalogue.py. */\n"
                '#include "base/message.h"\n\nconst pct_message_entry pct_message_table[PCT_MSG_COUNT] = {\n')
        for key in keys:
            m = messages[key]
            params = "".join(c_string(p) + ", " for p in m["params"])
            f.write(f"    {{{c_string(key)}, {len(m['params'])}, {{{params or 'NULL'}}},\n"
                    f"     {{{c_string(m['en'])},\n      {c_string(m['zh'])}}}}},\n")
        f.write("};\n")


main()
