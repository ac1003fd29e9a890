"""Limits of what is not built yet. Each test fails on the day when the first part of it appears: then the limit gets a test of its own
(test_lNN_….py), and its row in docs/scope.md says "now"."""
import unittest

from model import LimitTest

# limit: (what it is about, names that such a thing would have, a name that crosses on purpose)
NOT_YET = {
    "L4": ("declared processes and their colours", r"process(es)?_(rule|colour|color)s?|risk_colou?rs?|colou?r_rules?|case_opened|cases", "risk_colour"),
    "L7": ("tips with a reward", r"tips?|reward_codes?|claim_codes?|accused|informants?", "tip_received"),
    "L9": ("welfare visits", r"welfare(_\w+)?|resident_visits?|guardians?", "welfare_visit"),
    "L10": ("return visits after mediation", r"mediations?(_\w+)?|return_visits?", "mediation_opened"),
    "L11": ("registers of hotels, parcels, net cafés", r"hotels?|guests?|parcels?|senders?|register_kept|net_cafes?", "guest_list"),
    "L14": ("checkpoints (that of the log is its signed head)", r"(?<!/log/)check_?points?|lanes?_(open|queue|count)s?|vehicle_class(es)?", "checkpoint_opened"),
    "L15": ("look-out messages", r"look_?outs?|missing_person|bolos?|wanted_(person|message)s?", "lookout_sent"),
    "L19": ("volunteers", r"volunteers?(_\w+)?|vetting", "volunteer_called"),
    "L20": ("counters and licences", r"licen[cs]es?_(granted|applied|number)|applicants?|permits?", "applicant"),
}


class NotYet(LimitTest):
    def nothing_of(self, limit):
        _, names, crossing = NOT_YET[limit]
        self.holds(lambda model: model.named(names), lambda m: m.add_event(crossing, "note"), lambda m: m.add_column(crossing, "id"),
                   lambda m: m.add_endpoint("GET", f"/api/v1/x/{crossing}"))
        self.assertNotEqual(NOT_YET[limit][0], "")

    def test_l04_there_are_no_declared_processes_yet(self):
        self.nothing_of("L4")

    def test_l07_there_are_no_tips_yet(self):
        self.nothing_of("L7")

    def test_l09_there_are_no_welfare_visits_yet(self):
        self.nothing_of("L9")

    def test_l10_there_is_no_mediation_yet(self):
        self.nothing_of("L10")

    def test_l11_there_are_no_registers_yet(self):
        self.nothing_of("L11")

    def test_l14_there_are_no_checkpoints_yet(self):
        self.nothing_of("L14")

    def test_l15_there_are_no_look_out_messages_yet(self):
        self.nothing_of("L15")

    def test_l19_there_are_no_volunteers_yet(self):
        self.nothing_of("L19")

    def test_l20_there_are_no_licences_yet(self):
        self.nothing_of("L20")


if __name__ == "__main__":
    unittest.main()
