"""What is not built and has no hook (docs/scope.md): no name of it in what can be stored, asked or told, and the gate `limits` finds it in the
source. For each item a thing is added on purpose and must be seen, once in the model and once by the gate."""
import os
import subprocess
import sys
import tempfile
import unittest

from model import ROOT, LimitTest

# item of the list: (names of it, what is added on purpose, words that the gate must refuse in a source file)
ITEMS = {
    "recognition of faces, gait, plates": (r"(face|facial|gait|plate|iris|voice)_?(id|match|recognition|print|number|read)s?|biometric\w*|anpr|alpr", "face_match",
                                           ["face_recognition", "gait", "plate_reader", "anpr"]),
    "capture of passers-by": (r"capture[sd]?|camera_(image|feed|frame)s?|passers?_by|probe_requests?|mac_address(es)?|imsi", "camera_frame", ["imsi_catcher", "face_capture"]),
    "registers of residents, guests, tenants, vehicles": (r"(resident|guest|tenant|visitor|vehicle|household|population)_?(register|list|registry|database|book)s?|residents|tenants",
                                                          "tenant_register", ["resident_register", "guest list", "tenant database"]),
    "watch lists and persons of concern": (r"(watch|black|wanted|red)_?lists?|persons?_of_(concern|interest)|key_(person|people|population)s?", "watchlist",
                                           ["watchlist", "person_of_interest", "key_person", "布控", "重点人"]),
    "scores, colours or ranks of persons or families": (r"(person|people|family|household|citizen|resident|caller|party)_(score|rank|rating|risk|colou?r)s?|social_(credit|score)",
                                                        "family_colour", ["person_score", "family_rank", "social credit"]),
    "stop-and-check records": (r"stop_(and_)?(check|search|frisk)(ed|s)?|id_checks?|checked_persons?", "stop_check", ["stop_and_search", "盘查"]),
    "monitoring of speech or opinion": (r"opinions?|sentiments?|(post|speech|message)_monitor\w*|keyword_alerts?", "sentiment", ["public_opinion", "sentiment_analysis", "舆情"]),
    "assemblies or petitioners": (r"petition\w*|assembl(y|ies)|protest\w*|demonstrations?", "petitioner", ["petition", "assembly", "protest", "上访", "集会"]),
    "covert tracking": (r"covert\w*|hidden_track\w*|tail(ed|ing)_person|geofence_person|tracked_person", "covert_track", ["covert_tracking", "秘密跟踪"]),
    "device forensics": (r"(device|phone)_(forensic|extract|unlock|image)\w*|extraction_report", "phone_extraction", ["device_forensics"]),
    "prediction of offenders": (r"predict\w*_(offen\w+|crime|criminal|person)|re?offen\w+|likely_offender", "predicted_offender", ["predictive_policing", "reoffender", "预测犯罪"]),
    "planning fed by arrests, stops or checks": (r"(arrest|stop|check|fine)_(count|target|quota|rate)s?", "arrest_count", ["arrest_target", "stop quota", "check_count"]),
}


def gate_says(folder, words):
    """What the gate says of a tree with one source file that has these words."""
    with open(os.path.join(folder, "src", "case", "case.c"), "w", encoding="utf-8") as f:
        f.write(f"/* {words} */\nint x;\n")
    return subprocess.run([sys.executable, "-B", os.path.join(ROOT, "tools", "check_limits.py"), folder], capture_output=True, text=True, check=False)


class NotBuilt(LimitTest):
    def test_no_name_of_it_can_be_stored_asked_or_told(self):
        for item, (names, crossing, _) in ITEMS.items():
            with self.subTest(item):
                self.holds(lambda model, names=names: model.named(names), lambda m, c=crossing: m.add_field("incident_opened", c),
                           lambda m, c=crossing: m.add_column("call", c), lambda m, c=crossing: m.add_endpoint("POST", "/api/v1/x", body=[c]))

    def test_the_gate_finds_each_of_it_in_a_source_file(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "src", "case"))
            self.assertEqual(gate_says(folder, "a case").returncode, 0)
            for item, (_, _, planted) in ITEMS.items():
                for words in planted:
                    done = gate_says(folder, words)
                    self.assertEqual((done.returncode, done.stderr), (1, ""), f"{item}: {words} was not seen")

    def test_the_list_is_the_one_that_users_are_told(self):
        with open(os.path.join(ROOT, "docs", "scope.md"), encoding="utf-8") as f:
            page = " ".join(f.read().lower().split())
        for told in ("faces, gait or number plates", "passers-by", "residents, guests, tenants", "watch list", "score, colour or rank", "stops and checks", "what people say",
                     "assemblies or petitioners", "covert tracking", "opening of devices", "prediction of who will offend", "arrests, stops or checks"):
            self.assertIn(told, page)


if __name__ == "__main__":
    unittest.main()
