#!/usr/bin/env python3
"""Documents keep to the repository: every relative link leads to a file, every command of a ```sh block in README
and CONTRIBUTING exists, every package has its row in docs/reference/dependencies.md and every row its package."""
import os
import re

import gates

OUTSIDE = {"git", "cd", "sudo", "apt-get", "export", "env", "cat", "ls", "cc", "ldconfig", "#"}


def check_links(gate, root, path, text):
    prose = re.sub(
        r"```.*?```", lambda m: gates.blank(m.group(0)), text, flags=re.S)
    for match in re.finditer(r"\]\(([^)\s]+)\)", prose):
        target = match.group(1).split("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            continue
        if not os.path.exists(os.path.join(root, os.path.dirname(path), target)):
            gate.problem(f"{path}:{gates.line_of(prose, match.start())}", f"the link to {target} leads nowhere")


def make_targets(root):
    path = os.path.join(root, "Makefile")
    if not os.path.exists(path):
        return set()
    return set(re.findall(r"^([\w.-]+)(?=[^=\n]*:(?!=))", gates.read(root, "Makefile"), re.M))


def subcommands(root):
    names = set()
    for path in gates.files(root, ["src/cli"], ".c", ".h"):
        names.update(re.findall(r'"([a-z][a-z-]*)"', gates.read(root, path)))
        names.update(re.findall(r"cmd_([a-z]+)\.c$", path))
    return names


def complaint(words, root, targets, commands):
    """Why this command line is not possible here, or None."""
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if not words or words[0].startswith("#"):
        return None
    program, arguments = words[0], words[1:]
    if program == "make":
        wanted = [a for a in arguments if re.fullmatch(r"[a-z][\w.-]*", a)]
        missing = [a for a in wanted if a not in targets]
        return f"make has no target '{missing[0]}'" if missing else None
    if os.path.basename(program) == "precinct":
        named = arguments[0] if arguments else "help"
        return None if named in commands or named.startswith("-") else f"precinct has no command '{named}'"
    if "/" in program:
        known = program.startswith("build/") or os.path.exists(os.path.join(root, program))
        return None if known else f"there is no {program}"
    return None if program in OUTSIDE else f"'{program}' is neither ours nor in tools/check_docs.py"


def check_commands(gate, root, path, text, targets, commands):
    count = 0
    for block in re.finditer(r"```sh\n(.*?)```", text, re.S):
        for offset, line in enumerate(block.group(1).splitlines()):
            for part in re.split(r"&&|\|\||[;|]", line.split(" #")[0]):
                count += 1
                why = complaint(part.split(), root, targets, commands)
                if why:
                    gate.problem(f"{path}:{gates.line_of(text, block.start()) + 1 + offset}", why)
    return count


def check_dependencies(gate, root):
    page = "docs/reference/dependencies.md"
    packages = {line.split("#")[0].strip() for line in gates.read(root, "tools/packages.txt").splitlines()} - {""}
    rows = {}
    for line in gates.read(root, page).splitlines() if os.path.exists(os.path.join(root, page)) else []:
        match = re.match(r"\|\s*`([a-z0-9.+-]+)`\s*\|(.*)\|\s*$", line)
        if match:
            rows[match.group(1)] = match.group(2)
    for package in sorted(packages - set(rows)):
        gate.problem(page, f"package {package} of tools/packages.txt has no row with its reason")
    for package in sorted(set(rows) - packages):
        gate.problem(page, f"{package} is not in tools/packages.txt")
    for package, rest in sorted(rows.items()):
        if any(len(cell.strip()) < 3 for cell in rest.split("|")):
            gate.problem(page, f"the row of {package} lacks its purpose or reason")
    return len(packages)


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("docs", root)
    targets, commands = make_targets(root), subcommands(root)
    pages = gates.files(root, ["."], ".md")
    run = 0
    for page in pages:
        text = gates.read(root, page)
        check_links(gate, root, page, text)
        if os.path.basename(page) in ("README.md", "CONTRIBUTING.md"):
            run += check_commands(gate, root, page, text, targets, commands)
    packages = check_dependencies(gate, root) if os.path.exists(os.path.join(root, "tools/packages.txt")) else 0
    gate.finish(f"{len(pages)} pages, {run} command lines, {packages} packages")


main()
