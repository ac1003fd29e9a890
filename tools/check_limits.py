#!/usr/bin/env python3
"""What Precinct must not be able to do has no name here (docs/scope.md): no identifier, column, message, event,
definition or schema speaks of recognising, listing or rating people, or of petitions and assemblies."""
import os
import re

import gates

FOLDERS = ["src", "events", "definitions", "catalogue", "api", "schema", "web", "tools", "tests", "bench", "fuzz"]
# They hold the list itself, or its tests; those of tests/limits cross on purpose.
EXEMPT = {"tools/check_limits.py", "tests/cli/test_gates.py", "tests/cli/test_limits.py"}
S = r"[\s_-]?"
WORDS = [
    rf"(number|license|licence|vehicle|registration){S}plates?", rf"plate{S}(number|recognition|reader|capture|no)s?",
    r"anpr", r"alpr", rf"face{S}(recognition|match|matching|print|id|detection|capture|library|database)",
    r"facial\w*", r"gait", r"biometric\w*", rf"(watch|black|wanted){S}lists?", rf"persons?{S}of{S}(concern|interest)",
    rf"key{S}(person|persons|people|population)", rf"(person|people|family|household|resident|citizen){S}(score|scores|rank|ranking|rating|risk|colour|color|register)",
    rf"social{S}(credit|score)", rf"(resident|guest|tenant|visitor){S}(register|list|database)s?",
    rf"stop{S}and{S}(search|frisk|check)", r"petition\w*", rf"(public|unlawful|mass|illegal){S}assembl(y|ies)",
    r"assembl(y|ies)", r"protest\w*", rf"public{S}opinion", rf"sentiment{S}analysis", rf"covert{S}\w+", r"imsi\w*",
    rf"(device|phone){S}forensic\w*", rf"predict(ed|ive|ing)?{S}(offend\w*|crime|criminal\w*|policing)", r"re?offender\w*",
    rf"(arrest|stop|check|fine){S}(count|target|quota)s?", r"ethnicit(y|ies)", rf"(religion|belief){S}?\w*",
]
# A route's stops are counted where C goes through them; an event, a column, a reply or a message that counted stops would be refused.
OF_A_ROUTE = "stop_count"
CHINESE = """上访 信访 请愿 集会 游行 示威 重点人 重点人员 关注人员 布控 黑名单 红名单 人脸 步态 车牌 号牌识别 虹膜 声纹
    舆情 涉稳 维稳 人员评分 信用分 积分预警 盘查 前科 人员画像 流动人口库 预测犯罪 秘密跟踪""".split()


LIMITS = 22


def check_scope(gate, root):
    """docs/scope.md says of each limit whether it holds now; tests/limits has its test: one of its own where it does, one that finds the
    first part of what it limits where it does not yet."""
    page = os.path.join(root, "docs/scope.md")
    if not os.path.exists(page):
        return
    text = gates.read(root, "docs/scope.md")
    own = {int(m.group(1)) for p in gates.files(root, ["tests/limits"], ".py", ".c") if (m := re.match(r"tests/limits/test_l(\d\d)_\w+\.(py|c)$", p))}
    later = gates.read(root, "tests/limits/test_not_yet.py") if os.path.exists(os.path.join(root, "tests/limits/test_not_yet.py")) else ""
    guarded = {int(n) for n in re.findall(r"def test_l(\d\d)_\w+\(", later)}
    rows = {int(m.group(1)): (gates.line_of(text, m.start()), m.group(2)) for m in re.finditer(r"^\| L(\d+) \| ([^|]*) \|", text, re.M)}
    for n in range(1, LIMITS + 1):
        line, when = rows.get(n, (1, ""))
        where = f"docs/scope.md:{line}"
        if n not in rows:
            gate.problem(where, f"there is no row for L{n}")
        elif ("**now**" in when) != (n in own):
            gate.problem(where, f"L{n} says '{when}': 'now' and a test tests/limits/test_l{n:02d}_….py go together")
        elif n not in own and n not in guarded:
            gate.problem(where, f"L{n} has no test, and none in tests/limits/test_not_yet.py that sees the first part of it")
        elif n in own & guarded:
            gate.problem(where, f"L{n} has a test of its own and is in tests/limits/test_not_yet.py too")


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("limits", root)
    pattern = re.compile(r"(?<![a-z])(?:" + "|".join(WORDS) + r")(?![a-z])|" + "|".join(CHINESE), re.I)
    check_scope(gate, root)
    paths = [p for p in gates.files(root, FOLDERS, ".c", ".h", ".json", ".py", ".sql", ".ts", ".tsx", ".csv", ".sh")
             if p not in EXEMPT and not p.startswith("tests/limits/")]
    for path in paths:
        text = gates.read(root, path)
        lines = text.split("\n")
        found = set()
        for shown in (text, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text)):  # camelCase reads as words too
            found.update((gates.line_of(shown, m.start()), m.group(0)) for m in pattern.finditer(shown))
        for line, word in sorted(found):
            if word == OF_A_ROUTE and path.endswith((".c", ".h")):
                continue
            key = path
            if path.startswith("catalogue/"):  # one message a line
                key += ":" + lines[line - 1].split('"')[1]
            gate.problem(f"{path}:{line}", f"'{word}' is beyond what Precinct may do: see docs/scope.md", key=key)
    gate.finish(f"{len(paths)} files, {len(WORDS) + len(CHINESE)} words")


main()
