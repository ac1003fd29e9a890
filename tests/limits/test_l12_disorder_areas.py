"""L12: areas are looked at by calls and hazards and by nothing else. No list, rank, colour or score of areas exists; what is told of an area
is its calls against its own history, and units' time beside them. Whoever builds a list of disorder areas has to come through here."""
import re
import unittest

from model import LimitTest

# All that is told of an area beside calls: demand/rising.h, demand/beside.h.
OF_AREAS = {"where_cell": {"area", "from", "until", "recent", "history", "expected", "ratio", "low", "high", "rises"},
            "area_time": {"area", "unit_hours", "time_share", "calls", "call_share"}}
COUNTS = {"calls", "recent", "count", "incidents", "history", "hazards"}


def areas_rated(model):
    return model.named(r"(area|beat|street|estate|village|block|place)s?_(rank|ranking|score|rating|risk|grade|league|class_of)s?|hot_?spots?|bad_areas?|"
                       r"disorder(_\w+)?|problem_areas?|red_(zone|area)s?")


def areas_told_by_other_than_calls(model):
    """Replies that count something of areas, and say more of them than calls, hours and units' time."""
    wrong = []
    for resource in model.api:
        for name, fields in resource.get("schemas", {}).items():
            names = {f["name"] for f in fields}
            if "area" in names and names & COUNTS:
                wrong += [f"{name}.{field}" for field in sorted(names - OF_AREAS.get(name, set()))]
    return wrong


def people_of_areas(model):
    """What is held of an area and is of the people who live there."""
    people = re.compile(r"(?<![a-z])(income|nationality|ethnic\w*|religio\w*|migrant\w*|tenant\w*|age_group|unemploy\w*|record_holders?|benefit\w*)", re.I)
    return [f"{where}: {name}" for where, name in model.names() if re.search(r"area|beat|demand|where|patrol", where) and people.search(name)]


def schema(model, name):
    return next(r for r in model.api if name in r.get("schemas", {}))["schemas"][name]


class DisorderAreas(LimitTest):
    def test_no_area_is_ranked_scored_or_listed(self):
        self.holds(areas_rated, lambda m: m.add_event("disorder_area_listed", "note"), lambda m: m.add_column("area_score", "id"),
                   lambda m: m.add_endpoint("GET", "/api/v1/hotspots"), lambda m: schema(m, "where_cell").append({"name": "area_rank", "type": "int"}))

    def test_what_is_told_of_an_area_is_calls_hours_and_units_time(self):
        self.holds(areas_told_by_other_than_calls, lambda m: schema(m, "where_cell").append({"name": "suspects", "type": "int"}),
                   lambda m: schema(m, "area_time").append({"name": "checks", "type": "int"}),
                   lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["area", "incidents", "families"]))

    def test_nothing_is_held_of_the_people_of_an_area(self):
        self.holds(people_of_areas, lambda m: m.definitions.update({"definitions/areas.csv": ["name", "income"]}),
                   lambda m: schema(m, "where_cell").append({"name": "migrant_share", "type": "real"}))


if __name__ == "__main__":
    unittest.main()
