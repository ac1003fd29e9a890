// Is this bundle the log that its signed head speaks of, and does it continue the head that the reader kept? One pass; the
// first thing that is wrong ends it and says where.
import { Archive } from "./archive";
import { type Cosigned, type Head, type Key, LOG, Refusal, readHead, readKey, same, verifyHead, WITNESS } from "./note";
import { leafOf, Rows, type Tile, tilePath, Tree } from "./tree";

export interface Asked {
  file: Blob;
  key: string;         // the log's public key as the reader got it; empty: the bundle's own
  witnesses: string[]; // keys of witnesses that must have cosigned
  earlier: string;     // a tree head that the reader kept; empty: none
  progress?: (done: number) => void;
}

/** Where the entries of 256 events lie in the file. */
export interface Stretch { at: number; length: number; first: number; count: number }
export interface Verdict {
  origin: string; size: number; root: Uint8Array; keyWasGiven: boolean; key: Key;
  cosigned: Cosigned[]; asked: Cosigned[]; earlier?: number; stretches: Stretch[];
}

const text = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal("web_verify_no_note", { line: 1 });
  }
};

export function entriesOf(bytes: Uint8Array): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : 0;
    if (length === 0 || at + 2 + length > bytes.length) return null;
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

/** What an event says its number is; 0 when it is no event. */
function seqOf(stored: Uint8Array): number {
  try {
    const event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(stored)) as { seq?: unknown };
    return typeof event.seq === "number" ? event.seq : 0;
  } catch {
    return 0;
  }
}

interface Keys { log: Key; witnesses: Key[]; asked: Key[]; given: boolean }

function keysOf(file: string, asked: Asked): Keys {
  const [own, ...others] = file.replace(/\n$/, "").split("\n").map(readKey);
  if (!own || own.kind !== LOG || others.some((key) => key.kind !== WITNESS) || !file.endsWith("\n")) throw new Refusal("web_verify_keys");
  const log = asked.key.trim() ? readKey(asked.key) : own, must = asked.witnesses.map((key) => readKey(key));
  if (log.kind !== LOG) throw new Refusal("web_verify_witness_key", { name: log.name });
  for (const key of must) if (key.kind !== WITNESS) throw new Refusal("web_verify_log_key", { name: key.name });
  if (log.name !== own.name || log.id !== own.id) throw new Refusal("web_verify_foreign", { found: `${own.name}+${own.id}`, expected: `${log.name}+${log.id}` });
  return { log, witnesses: [...must, ...others], asked: must, given: asked.key.trim() !== "" };
}

function cosignedAsAsked(cosigned: Cosigned[], must: Key[]): Cosigned[] {
  return must.map((key) => {
    const found = cosigned.find((c) => c.name === key.name);
    if (!found) throw new Refusal("web_verify_not_cosigned", { name: key.name });
    return found;
  });
}

async function earlierHead(asked: Asked, keys: Keys, size: number): Promise<Head | null> {
  if (!asked.earlier.trim()) return null;
  const head = readHead(asked.earlier.replace(/\r\n/g, "\n").replace(/\n*$/, "\n"));
  // Others may have cosigned what the reader kept; only the log's own line counts here.
  await verifyHead({ ...head, lines: head.lines.filter((line) => line.name === keys.log.name) }, keys.log, []);
  if (head.size > size) throw new Refusal("web_verify_shorter", { size, earlier: head.size });
  return head;
}

/** The entries of one bundle: leaves into the tree, and the tiles that follow. */
class Reading {
  readonly tree = new Tree();
  readonly rows = new Rows();
  readonly stretches: Stretch[] = [];
  private rewritten = false; // told after the tiles, which may say which event it is

  constructor(private readonly archive: Archive, private readonly earlier: Head | null) {}

  private grow(leaf: Uint8Array): Tile[] {
    this.tree.append(leaf);
    if (this.earlier && this.tree.size === this.earlier.size && !same(this.tree.root(), this.earlier.root)) this.rewritten = true;
    return this.rows.add(leaf);
  }

  /** Which event of the bundle is not the one whose hash the tile holds. */
  private async tiles(expected: Tile[], first: number): Promise<void> {
    for (const tile of expected) {
      const found = await this.archive.member(tile.path);
      if (same(found.bytes, tile.bytes)) continue;
      const at = tile.bytes.findIndex((byte, i) => byte !== found.bytes[i]);
      if (tile.path.startsWith("tile/0/")) throw new Refusal("web_verify_leaf", { seq: first + Math.floor(Math.max(at, 0) / 32) });
      throw new Refusal("web_verify_tile", { path: tile.path, at: found.at + Math.max(at, 0) });
    }
  }

  async entries(index: number, count: number): Promise<void> {
    const first = 256 * index + 1, path = tilePath("entries", index, count), found = await this.archive.member(path), entries = entriesOf(found.bytes);
    if (!entries || entries.length !== count) throw new Refusal("web_verify_entries", { path, expected: count, found: entries?.length ?? 0 });
    this.stretches.push({ at: found.at, length: found.bytes.length, first, count });
    const leaves = entries.map(leafOf), full: Tile[] = [];
    for (const leaf of leaves) full.push(...this.grow(leaf));
    await this.tiles(count === 256 ? full : this.rows.rest(), first);
    if (this.rewritten) throw new Refusal("web_verify_rewritten", { earlier: this.earlier?.size ?? 0 });
    entries.forEach((entry, i) => {
      const seq = seqOf(entry);
      if (seq !== first + i) throw new Refusal("web_verify_seq", { seq: first + i, found: seq });
    });
  }

  /** Where no entries were left for a partial tile of level 0, those of the levels above. */
  async rest(): Promise<void> {
    await this.tiles(this.rows.rest(), this.tree.size + 1);
  }
}

export async function verifyBundle(asked: Asked): Promise<Verdict> {
  const archive = new Archive(asked.file);
  const head = readHead(text((await archive.member("checkpoint")).bytes));
  const keys = keysOf(text((await archive.member("keys")).bytes), asked);
  const cosigned = await verifyHead(head, keys.log, keys.witnesses), must = cosignedAsAsked(cosigned, keys.asked);
  const earlier = await earlierHead(asked, keys, head.size), reading = new Reading(archive, earlier);
  if (earlier?.size === 0 && !same(earlier.root, reading.tree.root())) throw new Refusal("web_verify_rewritten", { earlier: 0 });
  for (let index = 0; 256 * index < head.size; index++) {
    await reading.entries(index, Math.min(256, head.size - 256 * index));
    asked.progress?.(archive.position / archive.length);
  }
  if (head.size % 256 === 0) await reading.rest();
  await archive.end();
  if (!same(reading.tree.root(), head.root)) throw new Refusal("web_verify_root", { size: head.size });
  return { origin: head.origin, size: head.size, root: head.root, keyWasGiven: keys.given, key: keys.log, cosigned, asked: must, earlier: earlier?.size, stretches: reading.stretches };
}
