"""L17: no drones, robots or recorders are known, and no photograph comes in or is kept: a visit may say that one proves it, elsewhere."""
import unittest

from model import LimitTest

WORDS = r"drones?|robots?|body_?cams?|recorders?|photos?|photographs?|images?|videos?|attachments?|uploads?"
PROOF = {"event stop_visited.proof: photo", "POST /api/v1/patrol/rounds/{round}/visits proof: photo"}


def pictures(model):
    return sorted(set(model.named(WORDS)) - PROOF)


def says_more_than_the_proof(model):
    """Beside the word, a visit holds its stop and its times, and nothing of what a picture shows."""
    return [f["name"] for f in model.events["stop_visited"]["fields"] if f["name"] not in ("stop", "proof", "from", "until")]


class Photographs(LimitTest):
    def test_nothing_takes_or_keeps_a_picture(self):
        self.holds(pictures, lambda m: m.add_column("visit", "photo"), lambda m: m.add_endpoint("POST", "/api/v1/x/photo"), lambda m: m.add_event("drone_sent", "note"))

    def test_a_visit_holds_no_more_than_that_there_is_one(self):
        self.holds(says_more_than_the_proof, lambda m: m.add_field("stop_visited", "picture_bytes"))


if __name__ == "__main__":
    unittest.main()
