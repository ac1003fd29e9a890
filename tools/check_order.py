#!/usr/bin/env python3
"""The order of modules: a folder of src/ includes only folders of lower floors, and on its own floor only those
that an arrow allows. A folder that is not in the table, an arrow the wrong way and a circle of files are refused."""
import re

import gates

FLOORS = [
    ["base"],
    ["geo", "clock", "osm", "opt", "event"],
    ["road", "demand", "place"],
    ["dispatch", "patrol", "deploy", "cordon", "audit", "roster", "casework", "goods"],
    ["sim", "town"],
    ["ledger", "store"],
    ["desk", "access", "site", "track"],
    ["resource", "replay", "tiles", "report", "message", "feed"],
    ["server"],
    ["cli"],
]
# user: what it may use on its own floor
ARROWS = {"track": {"site"}, "osm": {"geo"}, "event": {"geo"}, "place": {"road"}, "ledger": {"store"}, "desk": {"access", "site"}, "access": {"site"}, "resource": {"replay", "tiles"}}
GENERATED = {"message_ids.h": "base", "event_types.h": "event", "event_codec.h": "event", "api_handlers.h": "resource"}

FLOOR_OF = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}


def refusal(user, used):
    if used not in FLOOR_OF:
        return f"there is no module '{used}'"
    if FLOOR_OF[used] < FLOOR_OF[user] or used == user or used in ARROWS.get(user, ()):
        return None
    if FLOOR_OF[used] == FLOOR_OF[user]:
        return f"{user} may not use {used}: both are on floor {FLOOR_OF[user]} and no arrow leads there"
    return f"{user} (floor {FLOOR_OF[user]}) may not use {used} (floor {FLOOR_OF[used]})"


def circle(graph):
    """A list of files that include each other in a ring, or None."""
    state = {}

    def walk(path, trail):
        state[path] = 1
        for target in graph.get(path, ()):
            if state.get(target) == 1:
                return trail[trail.index(target):] + [target]
            if target not in state:
                found = walk(target, trail + [target])
                if found:
                    return found
        state[path] = 2
        return None

    for path in sorted(graph):
        if path not in state:
            found = walk(path, [path])
            if found:
                return found
    return None


def main():
    root = gates.root_from_arguments()
    gate = gates.Gate("order", root)
    graph, includes = {}, 0
    for path in gates.files(root, ["src"], ".c", ".h"):
        parts = path.split("/")
        user = parts[1] if len(parts) > 2 else ""
        if user not in FLOOR_OF:
            gate.problem(path, f"'{user or path}' is no module: give it a floor in tools/check_order.py")
            continue
        text = gates.code_of(gates.read(root, path), keep_strings=True)
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', text, re.M):
            includes += 1
            target = match.group(1)
            used = GENERATED.get(target, target.split("/")[0])
            where = f"{path}:{gates.line_of(text, match.start())}"
            if "/" not in target and target not in GENERATED:
                gate.problem(where, f'"{target}" must be included by its path from src/')
                continue
            why = refusal(user, used)
            if why:
                gate.problem(where, why, key=f"{path}:{target}")
            graph.setdefault(path, []).append("src/" + target)
    ring = circle(graph)
    if ring:
        gate.problem(ring[0], "these files include each other: " + " -> ".join(ring))
    gate.finish(f"{includes} includes, {len(FLOOR_OF)} modules on {len(FLOORS)} floors")


main()
