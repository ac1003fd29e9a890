"""L16: no position of a caller's telephone without a call, and none that outlives it. So far no such position is taken at all: the place of
a call is what was said or pointed out, and is sealed with the call."""
import re
import unittest

from model import LimitTest

PLACED = {"call_received", "incident_opened"}  # the events that hold an exact position of a matter


def positions_of_persons(model):
    """Exact positions beyond the place of a call or incident, or unsealed ones of either."""
    found = []
    for e in model.events.values():
        for f in e["fields"]:
            if f["type"] != "position" or e["object"] not in "CIOKP":
                continue
            if e["name"] not in PLACED or f["name"] != "position" or f.get("sealed") != "personal" or f["class"] != "position":
                found.append(f"{e['name']}.{f['name']}")
    return found


def telephones_are_located(model):
    return model.named(r"(phone|caller|mobile|handset|cell|device|subscriber)_(position|location|fix|track|lon|lat)(_e7)?|aml|imei|msisdn|located_by")


def positions_come_in_elsewhere(model):
    """Writes that take a position without being about a call, an incident, a unit, a closure or a directed order (a public place)."""
    allowed = re.compile(r"/api/v1/(calls|incidents|units/\{unit\}/(position|sign_on)|units|closures(/preview)?|table|nearest|patrol/orders)$")
    return [f"{method} {path}" for method, path, incoming, _ in model.endpoints() if method != "GET" and not allowed.search(path)
            and any(f.get("type") == "position" for f in incoming)]


def unsealed(m):
    field = next(f for f in m.events["call_received"]["fields"] if f["name"] == "position")
    del field["sealed"]


def crossing_2(m):
    m.api.append({"endpoints": [{"method": "POST", "path": "/api/v1/phones/{phone}", "rights": [], "body": [{"name": "at", "type": "position"}]}], "schemas": {}})


def kept_3(model):
    return [f"{table}.{name}" for table in ("call", "incident") for name, kind, _, period in model.columns[table]
            if name in ("lon_e7", "lat_e7") and (kind, period) != ("position", "personal")]


class PhonePosition(LimitTest):
    def test_exact_positions_are_those_of_calls_and_incidents_and_are_sealed(self):
        self.holds(positions_of_persons, unsealed, lambda m: m.add_field("call_received", "phone_at", type="position"),
                   lambda m: m.events.update(caller_moved={"name": "caller_moved", "object": "C", "rights": [], "fields": [{"name": "position", "type": "position", "class": "position",
                                                                                                                 "sealed": "personal", "period": "personal"}]}))

    def test_no_telephone_is_located(self):
        self.holds(telephones_are_located, lambda m: m.add_column("call", "phone_position"), lambda m: m.add_endpoint("POST", "/api/v1/x", body=["caller_lon"]))

    def test_no_position_comes_in_without_a_call_a_unit_or_a_road(self):
        self.holds(positions_come_in_elsewhere, crossing_2)

    def test_positions_of_a_matter_go_with_its_key(self):
        self.holds(kept_3, lambda m: m.columns["call"].append(("lat_e7", "position", "handling", "skeleton")))


if __name__ == "__main__":
    unittest.main()
