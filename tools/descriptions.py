"""What the generators have in common: who may do things, how large a value may be, how faults are told, a string in C."""

ROLES = ["call_taker", "dispatcher", "commander", "planner", "patrol", "community_officer", "mediator", "inspector",
         "licence_officer", "chief", "analyst", "system_admin", "security_admin", "audit_admin", "oversight"]
TEXT_MAX = 65536
INT_MAX = 2**53 - 1  # what every JSON reader keeps exactly


class Problems(list):
    def say(self, where, sentence):
        self.append(f"{where}: {sentence}")


def c_string(text):
    return '"' + "".join(ch if ch.isascii() and ch.isprintable() and ch not in '"\\?' else
                         "".join(f"\\{b:03o}" for b in ch.encode()) for ch in text) + '"'
