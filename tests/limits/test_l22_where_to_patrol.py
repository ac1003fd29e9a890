"""L22: where and when to patrol is learnt from calls for service by place and hour. So far: the model of demand knows places, hours, days and
types; no dwelling and no group of people is its object."""
import unittest

from model import LimitTest


def demand_knows_more(model):
    """Columns of the tables of demand beyond circumstances, hours, types and rates."""
    allowed = {"type", "circumstance", "per_week_per_1000", "hours", "days", "priorities", "residential", "commercial", "nightlife", "school", "industrial", "road",
               "rural", "park", "water"}
    return [f"{path}: {name}" for path, names in model.definitions.items() if "demand" in path for name in names if name not in allowed]


def learnt_from_other_than_calls(model):
    return model.named(r"(arrest|stop|check)_(rate|density|map|heat)|hot_?spot_person|prior_offences|offender|predicted_(person|offence)|risk_person")


def orders_to_groups(model):
    return model.named(r"target_(group|person|family|population)|(migrant|minority|nationality|religio)\w*")


class WhereToPatrol(LimitTest):
    def test_demand_knows_places_hours_and_types_only(self):
        self.holds(demand_knows_more, lambda m: m.definitions.update({"definitions/demand.csv": ["level", "income"]}))

    def test_nothing_is_learnt_from_arrests_stops_or_checks(self):
        self.holds(learnt_from_other_than_calls, lambda m: m.add_column("call_count", "arrest_rate"), lambda m: m.add_endpoint("GET", "/api/v1/x", reply=["stop_density"]))

    def test_no_group_of_people_is_an_object(self):
        self.holds(orders_to_groups, lambda m: m.add_event("patrol_directed", "target_group"), lambda m: m.add_column("closure", "minority_area"))


if __name__ == "__main__":
    unittest.main()
