"""What the checkers have in common. A checker is tools/check_NAME.py [ROOT]: it prints one line per problem,
then one line that sums up, and exits 1 when there was a problem. Exceptions are rows of
docs/reference/exceptions.md, | gate | where | reason |; one that no checker needs is a problem itself."""
import os
import re
import sys


def root_from_arguments():
    return sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def files(root, folders, *endings):
    """Paths below root, sorted, '/'-separated, relative to it."""
    found = []
    for folder in folders:
        for directory, names, leaves in os.walk(os.path.join(root, folder)):
            names[:] = sorted(n for n in names if n not in ("build", ".git", "node_modules", "__pycache__"))
            for leaf in leaves:
                if not endings or leaf.endswith(endings):
                    found.append(os.path.relpath(os.path.join(directory, leaf), root))
    return sorted(set(found))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as source:
        return source.read()


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text, keep_strings=False):
    """C without comments and, unless kept, without the insides of strings; line numbers stay."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def replace(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_strings else token[0] + blank(token[1:-1]) + token[-1]
        return blank(token)

    return re.sub(pattern, replace, text, flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


class Gate:
    def __init__(self, name, root):
        self.name, self.root, self.problems, self.used = name, root, [], set()
        self.exceptions = {}
        path = os.path.join(root, "docs/reference/exceptions.md")
        if os.path.exists(path):
            for line in read(root, "docs/reference/exceptions.md").splitlines():
                cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
                if line.startswith("|") and len(cells) == 3 and cells[0] == name:
                    self.exceptions[cells[1]] = cells[2]

    def problem(self, where, sentence, key=None):
        """key: what an exception for this would name; None when there can be none."""
        if key is not None and key in self.exceptions:
            self.used.add(key)
        else:
            self.problems.append(f"{where}: {sentence}")

    def finish(self, summary):
        for key, reason in self.exceptions.items():
            if key not in self.used:
                self.problems.append(f"docs/reference/exceptions.md: {self.name}: '{key}' needs no exception")
            elif len(reason) < 10:
                self.problems.append(f"docs/reference/exceptions.md: {self.name}: '{key}' lacks a reason")
        for problem in self.problems:
            print(problem)
        print(f"{self.name}: {summary}" + (f", {len(self.problems)} problems" if self.problems else ""))
        sys.exit(1 if self.problems else 0)
