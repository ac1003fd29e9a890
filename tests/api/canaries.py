"""Canaries: a value for every field that an event seals, and how to find each again, in whatever a careless program could have made of it.

All subjects share roots, so that one search is for all of them; what cannot share one (positions) is searched as a set. A search
that finds nothing proves little: whoever uses this plants first and sees it found."""
import base64
import html
import json
import os
import re
import struct
from urllib.parse import quote

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
SUBJECTS_MAX = 100  # two digits of the telephone number tell them apart
MARK, MARK_ZH, PHONE = "canary-bird-", "金丝雀", "138941700"  # in every text; the number's beginning


def text_of(field, i):
    """What subject i leaves in a sealed text: Chinese, English, quotes and numbers."""
    short = field.split(".")[0].split("_")[-1] + "-" + field.split(".")[1].split("_")[-1]
    return {"call_received.caller_name": f"欧阳{MARK_ZH}{i}号 {MARK}{short}", "call_received.caller_phone": f"{PHONE}{i:02d}"}.get(
        field, f"{MARK_ZH}胡同{i}号院，孩子一个人在家 {MARK}{short}-{i} \"引号\"")


def place_of(field, i):
    """Where subject i was: nobody else is there, and no other field of its says so."""
    shift = {"call_received.position": 0, "incident_opened.position": 7}[field]
    return [round(102.4013579 + (i * 131 + shift) * 1e-7, 7), round(40.1024681 + (i * 171 + shift) * 1e-7, 7)]


def sealed_fields():
    """Of all events: {"call_received.words": "text"}."""
    found = {}
    for leaf in os.listdir(os.path.join(ROOT, "events")):
        with open(os.path.join(ROOT, "events", leaf), encoding="utf-8") as f:
            event = json.load(f)
        found.update({f"{event['name']}.{field['name']}": field["type"] for field in event["fields"] if field.get("sealed")})
    return found


def sealed_columns():
    """Of all databases, those that hold in clear what a key seals: {"call.words"}."""
    found, table = set(), None
    with open(os.path.join(ROOT, "docs/reference/schema.md"), encoding="utf-8") as f:
        for line in f:
            table = line.split()[1] if line.startswith("### ") else table
            cells = [c.strip() for c in line.split("|")]
            if len(cells) == 7 and cells[5] in ("personal", "narrative"):
                found.add(f"{table}.{cells[1].strip('`')}")
    return found


def spellings(text):
    plain = text.encode()
    found = {"utf-8": plain, "utf-16le": text.encode("utf-16-le"), "utf-16be": text.encode("utf-16-be"), "utf-32le": text.encode("utf-32-le"),
             "gb18030": text.encode("gb18030"), "json": json.dumps(text)[1:-1].encode(), "JSON": json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode(),
             "percent": quote(text).encode(), "%percent": quote(text).lower().encode(), "hex": plain.hex().encode(), "HEX": plain.hex().upper().encode(),
             "html": html.escape(text).encode("ascii", "xmlcharrefreplace")}
    for shift in range(3):  # wherever it begins within a group of three
        coded = base64.b64encode(b"\0" * shift + plain)
        inner = coded[4 if shift else 0:len(coded) - 4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return {how: needle for n, (how, needle) in enumerate(found.items()) if needle not in list(found.values())[:n] and len(needle) >= 6}


class Several:
    """Any of many needles: by what they begin with in common, or by what they end with, then backwards."""

    def __init__(self, needles):
        backwards = [n[::-1] for n in needles]
        first, last = os.path.commonprefix(needles), os.path.commonprefix(backwards)
        self.backwards = len(last) > len(first)
        common, rest = (last, backwards) if self.backwards else (first, needles)
        choices = b"|".join(re.escape(n[len(common):]) for n in rest)
        self.pattern = re.compile(re.escape(common) + b"(?:" + choices + b")", re.S)


class Alone:
    """Some digits that begin with others, and nothing else beside them: in longer numbers and digests they are chance."""

    def __init__(self, begins, digits):
        self.begins, self.pattern = begins, re.compile(rb"[^0-9A-Za-z]" + begins + rb"\d" * digits + rb"[^0-9A-Za-z]")

    def is_in(self, content):
        at = content.find(self.begins)
        while at >= 0:
            if self.pattern.match(b"\0" + content[max(0, at - 1):at + 20] + b"\0", 1 if at else 0):
                return True
            at = content.find(self.begins, at + 1)
        return False


class Text:
    """Bytes that are searched, with what they are backwards, made once."""

    def __init__(self, content):
        self.content, self.reversed = content, None

    def holds(self, needle):
        if isinstance(needle, bytes):
            return needle in self.content
        if isinstance(needle, Several) and needle.backwards:
            self.reversed = self.reversed if self.reversed is not None else self.content[::-1]
            return bool(needle.pattern.search(self.reversed))
        return needle.is_in(self.content) if isinstance(needle, Alone) else bool(needle.pattern.search(self.content))


def position_needles(field, count, in_memory):
    ways = {}
    for i in range(count):
        lon, lat = place_of(field, i)
        e7 = [round(lon * 1e7), round(lat * 1e7)]
        row = struct.pack(">ii", *e7)
        one = {"degrees": f"{lon},{lat}".encode(), "degrees, spaced": f"{lon}, {lat}".encode(), "memory": struct.pack("<ii", *e7),
               "doubles": struct.pack("<dd", lon, lat)}
        if not in_memory:
            one.update({"e7": f"{e7[0]},{e7[1]}".encode(), "row": row, "index": struct.pack(">ii", *e7[::-1]), "longs": struct.pack("<qq", *e7),
                        "longs, big": struct.pack(">qq", *e7), "hex": row.hex().encode()})
        for how, needle in one.items():
            ways.setdefault(how, []).append(needle)
    return {(field, how): Several(needles) for how, needles in ways.items()}


def needles(count, in_memory=False):
    """{(field, spelling): what to look for}; `any text` where a spelling does not say of which field it is."""
    assert count <= SUBJECTS_MAX
    found = {}
    for field, kind in sealed_fields().items():
        if kind == "position":
            found.update(position_needles(field, count, in_memory))
        elif field == "call_received.caller_phone":
            found.update({(field, how): needle for how, needle in spellings(PHONE).items()})
            found[field, "last 8 digits"] = Alone(PHONE[3:].encode(), 2)
        else:
            found[field, "utf-8"] = text_of(field, 0).split(MARK)[1].split(" ")[0].removesuffix("-0").encode()
    for mark in (MARK, MARK_ZH):
        found.update({("any text", f"{how} of {mark}"): needle for how, needle in spellings(mark).items()})
    return found


def hits(wanted, contents):
    """(where, field, spelling) for each that is found in (where, bytes)."""
    found = []
    for where, content in contents:
        text = Text(content)
        found += [(where, *name) for name, needle in wanted.items() if text.holds(needle)]
    return found
