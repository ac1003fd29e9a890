"""What a running process holds: every byte that it can write to, read by /proc/PID/mem."""
import re
import unittest

PIECE = 16 << 20


def writable(pid):
    """(name, start, end) of each mapping that may hold what the process made or read."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line)
            if match.group(3).startswith("rw"):
                yield match.group(4) or "anonymous", int(match.group(1), 16), int(match.group(2), 16)


def pieces(pid):
    """(where, bytes) of its memory; pieces overlap, so that nothing is cut in two."""
    try:
        memory = open(f"/proc/{pid}/mem", "rb", 0)
    except PermissionError as why:
        raise unittest.SkipTest(f"the memory of another process is not shown to us: {why}") from why
    with memory:
        for name, start, end in writable(pid):
            for at in range(start, end, PIECE):
                try:
                    memory.seek(at)
                    yield f"{name} {at:x}", memory.read(min(PIECE + 4096, end - at))
                except OSError:  # unmapped meanwhile, or never touched
                    continue


def found(pid, needles):
    """(where, name, what stands round it) for each needle that is found: {name: bytes}."""
    hits = []
    for where, content in pieces(pid):
        for name, needle in needles.items():
            at = content.find(needle)
            while at >= 0:
                hits.append((where, name, content[max(0, at - 48):at + 96]))
                at = content.find(needle, at + 1)
    return hits
