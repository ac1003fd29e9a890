#!/usr/bin/env python3
"""Tests say function and behaviour in their names, are run, and assert: every TEST stands in its file's TEST_MAIN,
every test file belongs to the runner, no test is without a check."""
import re

import gates


def bodies(code):
    """(name, body) of every TEST and of every function that is static in a test file."""
    for match in re.finditer(r"^(?:TEST\((\w+)\)|static [^;{}=]*?\b(\w+)\([^;{}]*\)) \{\n(.*?)^\}", code, re.M | re.S):
        yield match.group(1), match.group(2), match.group(3)


def closure(parts, checks):
    """Names of the helpers among (name, body) that check something, or call a helper that does."""
    found = {name for name, body in parts if checks.search(body)}
    while True:
        calling = {name for name, body in parts if any(re.search(rf"\b{known}\b", body) for known in found)}
        if calling <= found:
            return found
        found |= calling


def check_c(gate, path, code):
    listed = re.findall(r"TEST_CASE\((\w+)\)", code)
    checks = re.compile(r"\b(ck_\w+|test_(?:ok|error_says|torture)\w*)\s*\(")
    parts = list(bodies(code))
    helpers = closure([(helper, body) for _, helper, body in parts if helper], checks)
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


def python_parts(text):
    parts = re.split(r"^ *def (\w+)\(", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def check_python(gate, path, text, support):
    checks = re.compile(r"\.assert\w+\(|\.fail\(|raise AssertionError|^\s*assert ", re.M)
    parts = python_parts(text)
    helpers = closure([p for p in parts + support if not p[0].startswith("test")], checks)
    tests = [p for p in parts if p[0].startswith("test")]
    for name, body in tests:
        if name.count("_") < 2:
            gate.problem(path, f"{name} does not say function and behaviour (two words at least)")
        if not checks.search(body) and not any(re.search(rf"\b{helper}\b", body) for helper in helpers):
            gate.problem(path, f"{name} asserts nothing")
    return len(tests)


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("tests", root)
    count = 0
    support = [part for path in gates.files(root, ["tests"], ".py") if not path.split("/")[-1].startswith("test")
               for part in python_parts(gates.read(root, path))]
    for path in gates.files(root, ["tests"], ".c", ".py"):
        parts = path.split("/")
        if parts[1] in ("support", "web"):
            continue
        runs = re.fullmatch(r"tests/((unit|prop|golden|fault)/test_[a-z0-9_]+\.c|(cli|api|limits)/test_[a-z0-9_]+\.py)", path)
        helper = path.endswith(".py") and not parts[-1].startswith("test")
        if not runs and not helper:
            gate.problem(path, "tools/run-tests does not run it: tests/{unit,prop,golden,fault}/test_*.c, {cli,api,limits}/test_*.py")
        elif path.endswith(".c"):
            count += check_c(gate, path, gates.code_of(gates.read(root, path)))
        elif runs:
            count += check_python(gate, path, gates.read(root, path), support)
    gate.finish(f"{count} tests")


main()
