"""A verifier of public logs of its own, written from the specifications and sharing nothing with the program: RFC 6962 trees, RFC 8032
signatures, and the C2SP pages signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof and tlog-witness. Slow and plain."""
import base64
import hashlib
import os

# --- RFC 6962, 2.1 -------------------------------------------------------------------------------------------------


def leaf(stored):
    return hashlib.sha256(b"\0" + stored).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def frontier(leaves):
    """As the record keeps it (docs/reference/log-format.md)."""
    saved, at = len(leaves).to_bytes(8, "big"), 0
    for level in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> level & 1:
            saved += root(leaves[at:at + (1 << level)])
            at += 1 << level
    return saved


def root_by_inclusion(index, size, hashed, path):
    """The root that a leaf and its path make (2.1.1), from the top down: the path is used up from its end."""
    if size == 1:
        if path:
            raise ValueError("the path is too long")
        return hashed
    if not path:
        raise ValueError("the path is too short")
    k = split(size)
    if index < k:
        return node(root_by_inclusion(index, k, hashed, path[:-1]), path[-1])
    return node(path[-1], root_by_inclusion(index - k, size - k, hashed, path[:-1]))


def roots_by_consistency(old, size, old_root, path):
    """Old and new root that a consistency proof makes (2.1.2)."""
    def walk(m, n, known, rest):
        if m == n:
            hashed = old_root if known else rest[-1]
            if len(rest) != (0 if known else 1):
                raise ValueError("the proof has another length")
            return hashed, hashed
        k = split(n)
        if m <= k:
            left_old, left_new = walk(m, k, known, rest[:-1])
            return left_old, node(left_new, rest[-1])
        left = rest[-1]
        right_old, right_new = walk(m - k, n - k, False, rest[:-1])
        return node(left, right_old), node(left, right_new)
    return walk(old, size, True, list(path))


# --- RFC 8032, 5.1: Ed25519 ----------------------------------------------------------------------------------------

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def x_of(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P:
        raise ValueError("no point")
    return P - x if x % 2 != sign else x


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def times(n, point):
    out = (0, 1)
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def decode_point(data):
    number = int.from_bytes(data, "little")
    y = number & (1 << 255) - 1
    return x_of(y, number >> 255), y


BASE = (x_of(BASE_Y, 0), BASE_Y)


def signature_is_good(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        a, r = decode_point(key), decode_point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return s < ORDER and times(s, BASE) == add(r, times(h, a))


# --- signed-note, tlog-checkpoint, tlog-cosignature ------------------------------------------------------------------


def read_key(text):
    """(name, id, kind, public key) of a verifier key."""
    name, hexed, encoded = text.strip().split("+", 2)
    data = base64.b64decode(encoded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if bytes.fromhex(hexed) != expected or len(data) != 33:
        raise ValueError("the id is not the key's")
    return name, expected, data[0], data[1:]


def open_note(note, key):
    """The text, and the time of a cosignature (0 for a log's), when `key` signed it; ValueError otherwise."""
    name, key_id, kind, public = read_key(key)
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    for line in lines.strip("\n").split("\n"):
        dash, signer, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        if dash != "—" or signer != name or data[:4] != key_id:
            continue
        message, time = text.encode(), 0
        if kind == 4:
            time = int.from_bytes(data[4:12], "big")
            message, data = b"cosignature/v1\ntime %d\n" % time + message, data[8:]
        if not signature_is_good(public, message, data[4:]):
            raise ValueError("the signature is false")
        return text, time
    raise ValueError("not signed by this key")


def read_checkpoint(note, key):
    """(origin, size, root)."""
    lines = open_note(note, key)[0].split("\n")
    return lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)


# --- tlog-tiles ----------------------------------------------------------------------------------------------------


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + ("" if width == 256 else f".p/{width}")


def tiles_of(size):
    """(level, index, width) of all tiles of a tree."""
    level = 0
    while size >> 8 * level:
        hashes = size >> 8 * level
        for index in range(hashes // 256):
            yield level, index, 256
        if hashes % 256:
            yield level, hashes // 256, hashes % 256
        level += 1


def read_entries(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        if at + 2 + length > len(data):
            raise ValueError("an entry is cut off")
        entries.append(data[at + 2:at + 2 + length])
        at += 2 + length
    return entries


def verify_tiles(read, key):
    """Everything that a log with this key offers: `read` gives the bytes of a path. Returns (size, entries)."""
    _, size, expected = read_checkpoint(read("checkpoint").decode(), key)
    entries = []
    for level, index, width in tiles_of(size):
        tile = read(tile_path(level, index, width))
        if len(tile) != 32 * width:
            raise ValueError(f"tile {level} {index} is {len(tile)} bytes long")
        if level == 0:
            bundle = read_entries(read(tile_path("entries", index, width)))
            if b"".join(map(leaf, bundle)) != tile:
                raise ValueError(f"entries {index} are not those of the tile")
            entries += bundle
    leaves = [leaf(entry) for entry in entries]
    if len(leaves) != size or root(leaves) != expected:
        raise ValueError("the entries do not make the root")
    for level, index, width in tiles_of(size):
        span = 256 ** level
        hashes = [root(leaves[(256 * index + i) * span:(256 * index + i + 1) * span]) for i in range(width)]
        if b"".join(hashes) != read(tile_path(level, index, width)):
            raise ValueError(f"tile {level} {index} is wrong")
    return size, entries


def folder_reader(folder):
    def read(path):
        with open(os.path.join(folder, path), "rb") as f:
            return f.read()
    return read


# --- tlog-proof, and the request of tlog-witness -----------------------------------------------------------------------


def verify_inclusion(proof, key):
    """The event that the proof carries, when it is in the log of this key."""
    head, note = proof.split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ") and lines[2].startswith("index ")
    event, index = base64.b64decode(lines[1][6:], validate=True), int(lines[2][6:])
    _, size, expected = read_checkpoint(note, key)
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    if root_by_inclusion(index, size, leaf(event), path) != expected:
        raise ValueError("the path does not lead to the root")
    return index, event


def verify_growth(request, old_note, key):
    """Old and new size, when the new log begins with the old one."""
    head, note = request.split("\n\n", 1)
    lines = head.split("\n")
    _, old, old_root = read_checkpoint(old_note, key)
    _, size, new_root = read_checkpoint(note, key)
    if int(lines[0].split(" ")[1]) != old:
        raise ValueError("the proof begins elsewhere")
    path = [base64.b64decode(line, validate=True) for line in lines[1:]]
    if roots_by_consistency(old, size, old_root, path) != (old_root, new_root):
        raise ValueError("the roots differ")
    return old, size
