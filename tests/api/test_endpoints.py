"""Every endpoint, called as a console calls it; each reply is held against the document."""
import gzip
import json
import math
import os
import re
import subprocess
import time
import unittest
from urllib.parse import quote

from server import PRECINCT, ApiTest, Client, Server


class Endpoints(ApiTest):
    def test_a_road_is_closed_and_opened_again(self):
        """What closures do to ways and times: test_closures.py."""
        _, position = self.a_unit()
        preview = self.anna.post("/api/v1/closures/preview", {"positions": [position]}).json
        self.assertEqual((preview["segments"], preview["lines"]["type"]), (1, "MultiLineString"))
        closure = self.taken(self.anna.post("/api/v1/closures", {"positions": [position], "reason": "works",
                                                                 "until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))}))
        self.assertEqual(self.anna.get(f"/api/v1/closures/{closure}").json["status"], "open")
        self.assertIn(closure, [c["id"] for c in self.anna.get("/api/v1/closures?status=open").json["items"]])
        self.assertEqual(self.anna.get("/api/v1/closures.geojson").json["type"], "FeatureCollection")
        self.taken(self.anna.post(f"/api/v1/closures/{closure}/lift", {"reason": "mistake"}))
        self.assertEqual(len(self.anna.get(f"/api/v1/closures/{closure}/timeline").json["items"]), 2)

    def test_session_tells_who_is_signed_in_until_sign_out(self):
        self.server.add("bea", "call_taker")
        bea = self.server.sign_in("bea")
        self.assertEqual(bea.get("/api/v1/session").json["roles"], ["call_taker"])
        self.assertEqual(bea.send("DELETE", "/api/v1/session").status, 204)
        self.refused(bea.get("/api/v1/session"), 401, "session_over")

    def test_health_metrics_and_document_need_no_session(self):
        self.assertEqual(self.nobody.get("/healthz").json["state"], "normal")
        metrics = self.nobody.get("/metrics").body.decode()
        self.assertIn('precinct_lane_queued{lane="calls"}', metrics)
        for line in metrics.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) precinct_\w+ .+|precinct_\w+(\{\w+=\"\w+\"\})? -?\d+(\.\d+)?(e-?\d+)?)$")
        self.assertEqual(self.nobody.get("/api/v1/openapi.json").json["openapi"], "3.1.0")

    def test_an_incident_is_handled_from_the_call_to_the_end(self):
        unit, position = self.a_unit()
        incident, call = self.an_incident(position)
        self.assertEqual(self.anna.get(f"/api/v1/calls/{call}").json["incident"], incident)
        advice = self.anna.get(f"/api/v1/incidents/{incident}/recommendation?count=2").json
        self.assertGreater(len(advice["ranked"]), 0)
        total = len(self.anna.get("/api/v1/units?limit=1000").json["items"])
        self.assertEqual(len(advice["ranked"]) + len(advice["passed"]), total, "every unit is ranked or passed over")
        self.assertTrue(all(c["reason"] for c in advice["ranked"] + advice["passed"]))
        chinese = self.anna.get(f"/api/v1/incidents/{incident}/recommendation", Accept_Language="zh-CN").json
        self.assertNotEqual(chinese["ranked"][0]["reason"], advice["ranked"][0]["reason"])
        self.refused(self.anna.get(f"/api/v1/incidents/{incident}/recommendation?policy=x"), 404, "advice_no_policy")
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": incident, "unit": unit, "policy": "nearest"}))
        route = self.anna.get(f"/api/v1/orders/{order}/route").json
        self.assertEqual((route["type"], route["geometry"]["type"]), ("Feature", "LineString"))
        for step in ("acknowledge", "set_out", "arrive"):
            self.assertEqual(self.taken(self.anna.post(f"/api/v1/orders/{order}/{step}")), order)
        self.taken(self.anna.post(f"/api/v1/orders/{order}/report", {"result": "handled", "note": "quiet now"}))
        self.taken(self.anna.post(f"/api/v1/orders/{order}/close"))
        self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["status"], "handled")
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/close", {"result": "handled"}))
        closed = self.anna.get(f"/api/v1/orders/{order}").json
        self.assertTrue(closed["arrived_at"] and closed["closed_at"])
        timeline = self.anna.get(f"/api/v1/incidents/{incident}/timeline")
        self.assertEqual(timeline.status, 200, timeline.body)
        rows = timeline.json["items"]
        self.assertEqual([r["type"] for r in rows if r["object"] == order],
                         ["order_sent", "order_acknowledged", "order_set_out", "order_arrived", "order_reported", "order_closed"])
        data = {r["type"]: r["data"] for r in rows}
        self.assertEqual((data["order_sent"]["unit"], data["order_sent"]["policy"]), (unit, "nearest"))
        self.assertEqual(data["order_reported"], {"result": "handled"}, "the note is sealed")
        self.assertEqual(data["incident_closed"], {"result": "handled"})
        self.assertNotIn("quiet now", json.dumps(rows))
        self.assertNotIn("position", json.dumps(rows), "places stay in the record")
        self.assertEqual(self.anna.post(f"/api/v1/orders/{order}/look", {"purpose": "review", "case": incident}).json["note"], "quiet now")
        self.assertEqual(self.anna.post(f"/api/v1/incidents/{incident}/look", {"purpose": "review", "case": incident}).json["notes"], [])
        self.assertEqual(self.anna.post(f"/api/v1/calls/{call}/look", {"purpose": "review", "case": incident}).json["words"], "loud")

    def test_calls_are_linked_settled_and_listed_by_status(self):
        incident, _ = self.an_incident()
        ids = [self.taken(self.anna.post("/api/v1/calls", {"channel": "phone", "type": "noise", "priority": 4})) for _ in range(2)]
        self.taken(self.anna.post(f"/api/v1/calls/{ids[0]}/link", {"incident": incident, "reason": "same_event"}))
        self.taken(self.anna.post(f"/api/v1/calls/{ids[1]}/settle", {"reason": "misdial"}))
        self.assertIn(ids[0], self.anna.get(f"/api/v1/incidents/{incident}").json["calls"])
        settled = self.anna.get("/api/v1/calls?status=settled&limit=1000").json["items"]
        self.assertIn(ids[1], [c["id"] for c in settled])
        self.assertEqual({c["status"] for c in settled}, {"settled"})

    def test_looking_back_is_called_too(self):
        self.assertEqual(self.anna.get("/api/v1/calls/earlier?near=102.4,40.1").status, 200)
        self.assertEqual(len(self.anna.get("/api/v1/figures").json["priorities"]), 4)

    def test_lists_come_in_pages_that_miss_and_repeat_nothing(self):
        for _ in range(5):
            self.an_incident()
        whole = [i["id"] for i in self.anna.get("/api/v1/incidents?limit=1000").json["items"]]
        paged, cursor = [], ""
        while True:
            page = self.anna.get("/api/v1/incidents?limit=2" + cursor).json
            self.assertLessEqual(len(page["items"]), 2)
            paged += [i["id"] for i in page["items"]]
            if page["next"] is None:
                break
            cursor = "&cursor=" + page["next"]
        self.assertEqual(paged, whole)
        self.refused(self.anna.get("/api/v1/calls?cursor=cI1"), 400, "api_cursor", "cursor")

    def test_incidents_are_classified_and_referred(self):
        incident, _ = self.an_incident()
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/classify", {"priority": 2, "reason": "caller_update"}))
        self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["priority"], 2)
        self.taken(self.anna.post(f"/api/v1/incidents/{incident}/refer", {"to": "gas", "reason": "not_police"}))
        self.assertEqual(self.anna.get(f"/api/v1/incidents/{incident}").json["status"], "referred")

    def test_orders_are_cancelled_and_diverted(self):
        unit, position = self.a_unit()
        first, _ = self.an_incident(position)
        call = self.taken(self.anna.post("/api/v1/calls", {"channel": "alarm", "type": "noise", "priority": 1}))
        second = self.taken(self.anna.post("/api/v1/incidents", {"call": call, "type": "noise", "priority": 1, "gravity": "major"}))
        order = self.taken(self.anna.post("/api/v1/orders", {"incident": first, "unit": unit}))
        self.refused(self.anna.post("/api/v1/orders", {"incident": second, "unit": unit}), 409)
        self.taken(self.anna.post(f"/api/v1/orders/{order}/divert", {"to": second, "reason": "more_urgent"}))
        orders = self.anna.get(f"/api/v1/orders?incident={second}").json["items"]
        self.assertEqual([o["unit"] for o in orders], [unit])
        self.taken(self.anna.post(f"/api/v1/orders/{orders[0]['id']}/cancel", {"reason": "not_needed"}))
        self.assertEqual(self.anna.get(f"/api/v1/orders/{orders[0]['id']}").json["status"], "cancelled")

    def test_units_are_enrolled_and_come_and_go(self):
        unit = self.taken(self.anna.post("/api/v1/units", {"name": "巡99", "kind": "car", "capabilities": ["patrol"]}))
        self.assertEqual(self.anna.get(f"/api/v1/units/{unit}").json["status"], "off_duty")
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_on",
                                  {"officers": 2, "auxiliaries": 1, "shift_end_at": "2030-01-01T08:00:00+08:00"}))
        self.taken(self.anna.post(f"/api/v1/units/{unit}/position", {"position": [102.4, 40.1], "at_station": False}))
        self.taken(self.anna.post(f"/api/v1/units/{unit}/unavailable", {"reason": "meal"}))
        shown = self.anna.get(f"/api/v1/units/{unit}").json
        self.assertEqual((shown["status"], shown["unavailable_reason"], shown["officers"]), ("unavailable", "meal", 2))
        self.assertEqual(shown["shift_end_at"], "2030-01-01T08:00:00+08:00")
        self.taken(self.anna.post(f"/api/v1/units/{unit}/available"))
        self.taken(self.anna.post(f"/api/v1/units/{unit}/sign_off"))
        self.refused(self.anna.post(f"/api/v1/units/{unit}/sign_off"), 409)

    def test_maps_and_codes_are_there_and_are_not_sent_twice(self):
        self.assertGreater(len(self.anna.get("/api/v1/areas").json["features"]), 0)
        self.assertGreater(len(self.anna.get("/api/v1/stations").json["features"]), 0)
        codes = self.anna.get("/api/v1/codes")
        self.assertIn("noise", [t["code"] for t in codes.json["incident_types"]])
        self.assertEqual([(p["priority"], p["target_s"]) for p in codes.json["priorities"]], [(1, 300), (2, 480), (3, 900), (4, 1800)])
        self.assertEqual(self.anna.get("/api/v1/codes", If_None_Match=codes.headers["ETag"]).status, 304)

    def test_the_map_says_whose_it_is(self):
        unit, _ = self.a_unit()
        for language, credit in (("zh", "虚构城镇"), ("en", "Generated town")):
            view = self.anna.get("/api/v1/tiles.json", Accept_Language=language).json
            self.assertEqual((view["map_source"], view["attribution"], view["name"]), ("town", credit, "site"))
            self.assertTrue(9 <= view["center"][2] <= 14)
            reach = self.anna.get(f"/api/v1/units/{unit}/isochrone?minutes=3", Accept_Language=language).json
            self.assertEqual(reach["attribution"], credit)

    def test_tiles_are_packed_where_they_may_be_and_empty_ones_are_204(self):
        view = self.anna.get("/api/v1/tiles.json").json
        west, south, east, north = view["bounds"]
        self.assertTrue(west < east and south < north)
        z, (lon, lat) = 14, view["center"][:2]
        x = int((lon + 180) / 360 * 2 ** z)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2 ** z)
        path = view["tiles"][0].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
        plain, packed = self.anna.get(path), self.anna.get(path, Accept_Encoding="gzip")
        self.assertEqual(plain.status, 200)
        self.assertGreater(len(plain.body), 100)
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        self.assertEqual(self.anna.get(f"/tiles/base/{z}/0/0.pbf").status, 204)
        self.refused(self.anna.get("/tiles/base/99/0/0.pbf"), 400, "api_int", "z")

    def test_places_are_found_as_one_types_the_near_ones_first(self):
        with open(os.path.join(self.server.folder, "town", "places.geojson"), encoding="utf-8") as f:
            name = next(p["properties"]["name"] for p in json.load(f)["features"] if p["properties"].get("name"))
        found = self.anna.get(f"/api/v1/places?q={quote(name)}&lon=102.4&lat=40.1&limit=5").json["items"]
        self.assertTrue(0 < len(found) <= 5)
        self.assertTrue(any(name in hit["name"] for hit in found), found)
        typed = self.anna.get("/api/v1/places?q=102.41,40.12").json["items"][0]
        self.assertEqual((typed["kind"], typed["position"], typed["distance_m"]), ("position", [102.41, 40.12], None))
        self.assertEqual(self.anna.get("/api/v1/places?q=%E4%B8%8D%E5%AD%98%E5%9C%A8zzz").json["items"], [])
        self.refused(self.anna.get("/api/v1/places?limit=3"), 400, "api_missing", "q")
        self.refused(self.anna.get("/api/v1/places?q=%FF"), 400, "api_text", "q")

    def test_an_isochrone_grows_with_its_minutes(self):
        unit, _ = self.a_unit()
        sizes = []
        for minutes in (1, 4):
            area = self.anna.get(f"/api/v1/units/{unit}/isochrone?minutes={minutes}").json["features"][0]
            self.assertEqual(area["properties"]["minutes"], minutes)
            text = json.dumps(area["geometry"]["coordinates"])
            lons = [float(n) for n in re.findall(r"\[([\d.]+), [\d.]+\]", text)]
            sizes.append(max(lons) - min(lons))
        self.assertGreater(sizes[1], sizes[0])
        off = self.taken(self.anna.post("/api/v1/units", {"name": "巡98", "kind": "car", "capabilities": []}))
        self.refused(self.anna.get(f"/api/v1/units/{off}/isochrone"), 409, "reach_no_position")

    def test_without_a_replay_there_is_none_to_look_at(self):
        self.refused(self.anna.get("/api/v1/replay"), 404, "replay_none")
        self.refused(self.anna.post("/api/v1/replay", {"speed": 1}), 404, "replay_none")
        self.refused(self.anna.post("/api/v1/units/U1/take_over"), 404, "replay_none")
        self.assertFalse(any(u["simulated"] for u in self.anna.get("/api/v1/units").json["items"]))

    def test_the_style_of_the_map_serves_other_clients(self):
        style = self.anna.get("/api/v1/style.json?theme=night&language=en")
        self.assertEqual(style.headers["Content-Type"], "application/json")
        document = style.json
        address = f"http://127.0.0.1:{self.server.port}"
        self.assertEqual(document["version"], 8)
        self.assertEqual(list(document["sources"]), ["map"])
        self.assertEqual(document["sources"]["map"]["tiles"], [address + "/tiles/base/{z}/{x}/{y}.pbf"])
        self.assertNotIn("global-state", style.body.decode(), "clients of others know no global state")
        self.assertNotIn("glyphs", document)
        for found in re.findall(r"https?://[^\"<> ]+", json.dumps(document["layers"])):
            self.fail(found)
        zoom = document["sources"]["map"]["minzoom"]
        self.assertGreater(len(document["layers"]), 20)
        self.assertIn(self.anna.get(f"/tiles/base/{zoom}/0/0.pbf").status, (200, 204))
        day = self.anna.get("/api/v1/style.json", Accept_Language="zh").json
        self.assertNotEqual(json.dumps(day["layers"]), json.dumps(document["layers"]))
        self.assertIn('["case", ["==", "zh", "en"]', json.dumps(day["layers"]))
        self.refused(self.anna.get("/api/v1/style.json?theme=pink"), 400, "api_enum", "theme")
        self.refused(self.nobody.get("/api/v1/style.json"), 401)

    def test_positions_list_is_called_too(self):
        self.assertIsInstance(self.anna.get("/api/v1/positions").json["positions"], list)

    def test_zz_every_endpoint_was_called(self):
        described = {o["operationId"] for methods in self.server.document["paths"].values() for o in methods.values()}
        # The stream does not end by itself: test_stream.py reads it.
        # test_stream.py, test_replay.py, test_positions.py, test_road.py, test_cover.py
        # accounts: test_rights.py; requests and glass: test_acts.py; factor: test_factor.py; sessions, password: test_tokens.py; log: test_oversight.py, test_log_tiles.py; flags: test_misuse.py; openid: test_openid.py
        elsewhere = {"requests_list", "act_request", "act_approve", "act_refuse", "request_track", "glass_list", "glass_break",
                     "glass_review", "accounts_list", "account_entitle", "account_disable", "account_assign", "account_release", "stream", "replay_view", "replay_set", "unit_take_over", "unit_hand_back", "unit_track",
                     "road_route", "road_table", "road_isochrone", "road_nearest", "road_nearest_of", "unit_cover_left",
                     "session_ways", "session_openid", "session_openid_back", "factor_begin", "factor_confirm", "factor_remove", "password_change", "oversight_log", "log_checkpoint", "log_tile",
                     "sessions_list", "sessions_end", "sessions_end_others", "flags_list", "flag_open", "flag_review",
                     # test_patrol_life.py, test_patrol_orders.py
                     "patrol_problem", "patrol_problem_put", "patrol_plans", "patrol_plan_ask", "patrol_plan", "patrol_plan_adopt", "patrol_plan_withdraw",
                     "patrol_rounds", "patrol_round", "patrol_sheet", "patrol_visit", "patrol_explain", "patrol_roll_call", "patrol_log", "patrol_round_end",
                     "patrol_debt", "patrol_check", "patrol_check_answer", "patrol_note", "patrol_notes_look",  # test_patrol_record.py
                     "directed_helped",  # test_patrol_helped.py
                     "patrol_adherence", "directed_list", "directed_order", "directed_end", "patrol_level", "patrol_level_set",
                     "patrol_plan_lines", "patrol_proof", "patrol_presence",  # test_patrol_proof.py
                     "patrol_where", "patrol_time"}  # ../limits/test_l22_where_to_patrol.py
        self.assertEqual(described - self.server.called, elsewhere)


class Serving(ApiTest):
    ACCOUNTS = {}

    def serve(self, site, *arguments):
        return subprocess.run([PRECINCT, "serve", site, *arguments], text=True, capture_output=True, check=False, timeout=20)

    def test_a_taken_port_and_a_served_site_end_with_3(self):
        done = self.serve(self.server.site, "--listen", "127.0.0.1:0", "--positions", "0")
        self.assertEqual(done.returncode, 3, done.stderr)
        second = Server()
        self.addCleanup(second.remove)
        done = self.serve(second.site, "--listen", f"127.0.0.1:{self.server.port}", "--positions", "0")
        self.assertEqual(done.returncode, 3)
        self.assertIn("is taken by another program", done.stderr)
        self.assertEqual(self.serve(self.server.site + "-none").returncode, 2)

    def test_only_loopback_is_listened_on_without_a_proxy(self):
        second = Server()
        self.addCleanup(second.remove)
        for arguments, words in ((["--listen", "0.0.0.0:0"], "loopback"), (["--listen", "here"], "IPv4"),
                                 (["--origin", "http://x"], "https://")):
            done = self.serve(second.site, *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    def test_the_consoles_files_are_served_and_no_others(self):
        server = Server()
        self.addCleanup(server.remove)
        web = os.path.join(server.folder, "web")
        os.makedirs(os.path.join(web, "fonts"))
        for name, text in (("index.html", "<p>hello"), ("app.js", "1"), ("fonts/a.pbf", "x"), (".hidden", "secret")):
            with open(os.path.join(web, name), "w", encoding="utf-8") as f:
                f.write(text)
        server.start("--web", web)
        page = Client(server).raw("GET", "/")
        self.assertEqual((page.status, page.body), (200, b"<p>hello"))
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("default-src 'self'", page.headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", page.headers["Content-Security-Policy"])
        self.assertEqual(Client(server).raw("GET", "/app.js", If_None_Match=Client(server).raw("GET", "/app.js").headers["ETag"]).status, 304)
        self.assertEqual(Client(server).raw("GET", "/fonts/a.pbf").status, 200)
        for path in ("/.hidden", "/../site/site.json", "/fonts/../.hidden", "/%2e%2e/site/site.json", "/fonts", "/index.html/"):
            self.assertEqual(Client(server).raw("GET", path).status, 404, path)
        done = self.serve(server.site, "--web", web + "-none")
        self.assertEqual(done.returncode, 2)

    def test_stop_is_clean_and_what_was_acknowledged_is_there_again(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add("anna", "dispatcher")
        server.start()
        anna = server.sign_in("anna")
        body = {"channel": "phone", "type": "noise", "priority": 1}
        call = anna.post("/api/v1/calls", body, key="the-same-key").json["id"]
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.errors, "")
        server.start()
        self.assertEqual(anna.get(f"/api/v1/calls/{call}").json["priority"], 1)
        self.assertEqual(anna.post("/api/v1/calls", body, key="the-same-key").json["id"], call)
        self.refused(anna.post("/api/v1/calls", dict(body, priority=2), key="the-same-key"), 409, "desk_key_reused")
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
