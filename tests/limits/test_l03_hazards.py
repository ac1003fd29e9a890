"""L3: hazards are a closed list of physical things. So far they stand in the log of a round, as codes; nothing keeps hazards of a place."""
import os
import re
import unittest

from model import ROOT, LimitTest

PHYSICAL = {"light_out", "road_damaged", "cover_missing", "wires_down", "fire_risk", "water_risk", "building_unsafe", "exit_blocked", "sign_missing",
            "gas_smell"}
STAND = {"event round_logged: hazards", "POST /api/v1/patrol/rounds/{round}/log: hazards", "reply round_log: hazards"}


def elsewhere(model):
    return sorted(set(model.named(r"hazards?(_code|_kind|_known|_added)?|premises_hazards?")) - STAND)


def not_codes(model):
    """Free text, or anything beside the codes, would say more than a thing that somebody mends."""
    fields = {f["name"]: f for f in model.events["round_logged"]["fields"]}
    return [name for name, f in fields.items() if f["type"] == "text"] + [n for n in ("hazards",) if fields[n]["type"] != "code"]


def listed(text):
    found = re.search(r"hazards\[HAZARDS\] = \{([^}]*)\}", text).group(1)
    return sorted(set(re.findall(r'"(\w+)"', found)) - PHYSICAL)


class Hazards(LimitTest):
    def test_hazards_stand_in_the_log_of_a_round_alone(self):
        self.holds(elsewhere, lambda m: m.add_column("place", "hazard_kind"), lambda m: m.add_event("hazard_added", "note"))

    def test_they_are_codes_without_words(self):
        self.holds(not_codes, lambda m: m.add_field("round_logged", "remarks"))

    def test_the_codes_are_a_closed_list_of_physical_things(self):
        with open(os.path.join(ROOT, "src/resource/patrol_rounds.c"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(listed(text), [])
        self.assertEqual(listed(text.replace('"gas_smell"', '"gas_smell", "mentally_ill"')), ["mentally_ill"])


if __name__ == "__main__":
    unittest.main()
