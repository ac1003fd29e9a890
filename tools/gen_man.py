#!/usr/bin/env python3
"""Manual pages from what the program says of itself (precinct help --json), one for each command and language.

    tools/gen_man.py PROGRAM FOLDER EPOCH      writes FOLDER/precinct-map-check.1, precinct-map-check.zh_CN.1, …"""
import json
import os
import re
import subprocess
import sys
import time

WORDS = {
    "en": {"name": "NAME", "synopsis": "SYNOPSIS", "description": "DESCRIPTION", "options": "OPTIONS", "commands": "COMMANDS", "exit": "EXIT STATUS", "also": "SEE ALSO",
           "json": "prints one JSON document and nothing else", "lang": "the language of what is said; without it that of the environment",
           "codes": ["done", "done, and the answer is no", "misuse or bad input", "a fault of the machine: disk, port, lock"]},
    "zh": {"name": "名称", "synopsis": "用法", "description": "说明", "options": "选项", "commands": "命令", "exit": "退出状态", "also": "另见",
           "json": "只输出一个 JSON 文档", "lang": "提示所用的语言；不给时依环境变量",
           "codes": ["完成", "完成，而结论为否", "用法或输入有误", "机器故障：磁盘、端口、锁"]},
}


def plain(text):
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.M)


def page(title, date, version, sections):
    lines = [f'.TH "{title}" 1 "{date}" "Precinct {version}" "Precinct"']
    for heading, body in sections:
        lines += [f".SH {heading}", *body]
    return "\n".join(lines) + "\n"


def file_of(command):
    return "precinct-" + command.replace(" ", "-")


def exit_codes(words):
    return [line for code, meaning in enumerate(words["codes"]) for line in (".TP", str(code), plain(meaning))]


def command_page(command, words, date, version):
    name = file_of(command["name"])
    usage = ["precinct", command["name"], command["arguments"]]
    listed = []
    for option in command["options"]:
        given = " ".join(filter(None, [option["name"], option["placeholder"]]))
        usage.append(given if option["required"] else f"[{given}]" + ("…" if option["repeated"] else ""))
        listed += [".TP", f".B {plain(given)}", plain(option["help"])]
    usage.append("[--json] [--lang en|zh]")
    listed += [".TP", ".B \\-\\-json", plain(words["json"]), ".TP", ".B \\-\\-lang en|zh", plain(words["lang"])]
    return page(name.upper(), date, version, [
        (words["name"], [f"{plain(name)} \\- {plain(command['summary'])}"]),
        (words["synopsis"], [plain(" ".join(filter(None, usage)))]),
        (words["options"], listed),
        (words["exit"], exit_codes(words)),
        (words["also"], [".BR precinct (1)"])])


def overview(said, words, date, version):
    listed = []
    for command in said["commands"]:
        listed += [".TP", f".BR {plain(file_of(command['name']))} (1)", plain(command["summary"])]
    name, _, what = said["introduction"].partition(" — ")
    return page("PRECINCT", date, version, [
        (words["name"], [f"{plain(name)} \\- {plain(what)}"]),
        (words["synopsis"], ["precinct COMMAND \\&..."]),
        (words["commands"], listed),
        (words["exit"], exit_codes(words))])


def main():
    program, folder, epoch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    date = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    for language, ending in (("en", ".1"), ("zh", ".zh_CN.1")):
        said = json.loads(subprocess.run([program, "help", "--json", "--lang", language], check=True, capture_output=True).stdout)
        words, version = WORDS[language], said["version"]
        pages = {file_of(command["name"]): command_page(command, words, date, version) for command in said["commands"]}
        pages["precinct"] = overview(said, words, date, version)
        for name, text in pages.items():
            with open(os.path.join(folder, name + ending), "w", encoding="utf-8") as out:
                out.write(text)


if __name__ == "__main__":
    main()
