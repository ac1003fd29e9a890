#!/usr/bin/env python3
"""What Precinct must not be able to do has no name here (docs/scope.md): no identifier, column, message, event,
definition or schema speaks of recognising, listing or rating people, or of petitions and assemblies."""
import re

import gates

FOLDERS = ["src", "events", "definitions", "catalogue", "api", "schema", "web", "tools", "tests", "bench", "fuzz"]
# They hold the list itself, or its tests.
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
CHINESE = """上访 信访 请愿 集会 游行 示威 重点人 重点人员 关注人员 布控 黑名单 红名单 人脸 步态 车牌 号牌识别 虹膜 声纹
    舆情 涉稳 维稳 人员评分 信用分 积分预警 盘查 前科 人员画像 流动人口库 预测犯罪 秘密跟踪""".split()


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("limits", root)
    pattern = re.compile(r"(?<![a-z])(?:" + "|".join(WORDS) + r")(?![a-z])|" + "|".join(CHINESE), re.I)
    paths = [p for p in gates.files(root, FOLDERS, ".c", ".h", ".json", ".py", ".sql", ".ts", ".tsx", ".csv", ".sh")
             if p not in EXEMPT]
    for path in paths:
        text = gates.read(root, path)
        lines = text.split("\n")
        found = set()
        for shown in (text, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text)):  # camelCase reads as words too
            found.update((gates.line_of(shown, m.start()), m.group(0)) for m in pattern.finditer(shown))
        for line, word in sorted(found):
            key = path
            if path.startswith("catalogue/"):  # one message a line
                key += ":" + lines[line - 1].split('"')[1]
            gate.problem(f"{path}:{line}", f"'{word}' is beyond what Precinct may do: see docs/scope.md", key=key)
    gate.finish(f"{len(paths)} files, {len(WORDS) + len(CHINESE)} words")


main()
