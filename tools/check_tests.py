#!/usr/bin/env python3
"""Tests say function and behaviour in their names, are run, and assert: every TEST stands in its file's TEST_MAIN,
every test file belongs to the runner, no test is without a check."""
import re

import gates


def bodies(code):
    """(name, body) of every TEST and of every function that is static in a test file."""
    for match in re.finditer(r"^(?:TEST\((\w+)\)|static [^;{}=]*?\b(\w+)\([^;{}]*\)) \{\n(.*?)^\}", code, re.M | re.S):
        yield match.group(1), match.group(2), match.group(3)


def check_c(gate, path, code):
    listed = re.findall(r"TEST_CASE\((\w+)\)", code)
    checks = re.compile(r"\b(ck_\w+|test_(?:ok|error_says|torture)\w*)\s*\(")
    parts = list(bodies(code))
    helpers = {helper for _, helper, body in parts if helper and checks.search(body)}
    while True:  # helpers that call helpers that check
        calling = {h for _, h, body in parts if h and any(re.search(rf"\b{k}\b", body) for k in helpers)}
        if calling <= helpers:
            break
        helpers |= calling
    names = [name for name, _, _ in parts if name]
    for name, _, body in parts:
        if not name:
            continue
        if name not in listed:
            gate.problem(path, f"{name} is not in TEST_MAIN: it never runs")
        if name.count("_") < 2:
            gate.problem(path, f"{name} does not say function and behaviour (three words at least)")
        if not checks.search(body) and not any(re.search(rf"\b{helper}\b", body) for helper in helpers):
            gate.problem(path, f"{name} asserts nothing")
    if not names or "TEST_MAIN(" not in code:
        gate.problem(path, "a test file has TEST cases and one TEST_MAIN")
    return len(names)


def check_python(gate, path, text):
    parts = re.split(r"^    def (test\w*)\(", text, flags=re.M)
    for name, body in zip(parts[1::2], parts[2::2]):
        if name.count("_") < 3:
            gate.problem(path, f"{name} does not say function and behaviour (three words at least)")
        if not re.search(r"self\.(assert|fail|check|refuse|expect|accept|run_|both)\w*|self\.\w*(refus|assert|check|pass|fail)\w*", body):
            gate.problem(path, f"{name} asserts nothing")
    return len(parts) // 2


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("tests", root)
    count = 0
    for path in gates.files(root, ["tests"], ".c", ".py"):
        parts = path.split("/")
        if parts[1] in ("support", "web"):
            continue
        runs = re.fullmatch(r"tests/((unit|prop|golden|fault)/test_[a-z0-9_]+\.c|cli/test_[a-z0-9_]+\.py)", path)
        helper = path.endswith(".py") and not parts[-1].startswith("test")
        if not runs and not helper:
            gate.problem(path, "tools/run-tests does not run it: tests/{unit,prop,golden,fault}/test_*.c, cli/test_*.py")
        elif path.endswith(".c"):
            count += check_c(gate, path, gates.code_of(gates.read(root, path)))
        elif runs:
            count += check_python(gate, path, gates.read(root, path))
    gate.finish(f"{count} tests")


main()
