// Signed notes, tree heads and keys as C2SP has them (signed-note, tlog-checkpoint, tlog-cosignature), read strictly: one
// spelling, nothing that nobody vouches for.
import { ed25519 } from "@noble/curves/ed25519";
import { sha256 } from "@noble/hashes/sha2";

import type { MessageKey } from "../lang";

/** Why something is refused: a sentence of the catalogue and where it was found. */
export class Refusal extends Error {
  constructor(readonly key: MessageKey, readonly params: Record<string, string | number> = {}) {
    super(key);
  }
}

export const LOG = 1, WITNESS = 4;
export interface Key { name: string; id: string; kind: number; bytes: Uint8Array }
export interface Head { origin: string; size: number; root: Uint8Array; text: string; lines: Line[] }
interface Line { name: string; id: string; bytes: Uint8Array; number: number }
export interface Cosigned { name: string; time_s: number }

const utf8 = new TextEncoder();
export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) out.set(part, at), (at += part.length);
  return out;
}

/** Bytes of standard base64 in its one spelling, or null. */
function fromBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4) return null;
  const raw = atob(text);
  return btoa(raw) === text ? Uint8Array.from(raw, (c) => c.charCodeAt(0)) : null;
}

export function readKey(given: string): Key {
  const text = given.trim(), [name, id, ...rest] = text.split("+"), bytes = fromBase64(rest.join("+"));
  if (!name || !id || !bytes || bytes.length !== 33 || /\s/.test(name)) throw new Refusal("web_verify_no_key", { found: text.slice(0, 80) });
  const right = hex(sha256(join(utf8.encode(`${name}\n`), bytes)).slice(0, 4));
  if (id !== right) throw new Refusal("web_verify_key_id", { name, found: id, expected: right });
  if (bytes[0] !== LOG && bytes[0] !== WITNESS) throw new Refusal("web_verify_key_kind", { name, found: bytes[0]! });
  return { name, id, kind: bytes[0]!, bytes: bytes.slice(1) };
}

export function readHead(note: string): Head {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Refusal("web_verify_no_note", { line: 1 });
  const text = note.slice(0, end + 1), body = text.split("\n"), root = fromBase64(body[2] ?? "");
  if (!body[0] || !/^(0|[1-9][0-9]{0,15})$/.test(body[1] ?? "") || !root || root.length !== 32) throw new Refusal("web_verify_no_note", { line: !body[0] ? 1 : root ? 2 : 3 });
  const lines = note.slice(end + 2, -1).split("\n").map((line, i) => {
    const number = body.length + 1 + i, match = /^\u2014 (\S+) (\S+)$/u.exec(line), bytes = match && fromBase64(match[2]!);
    if (!match || !bytes || bytes.length < 5) throw new Refusal("web_verify_no_note", { line: number });
    return { name: match[1]!, id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4), number };
  });
  return { origin: body[0], size: Number(body[1]), root, text, lines };
}

let native = true; // until the browser has said that it knows no Ed25519

async function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (native) {
    try {
      const imported = await crypto.subtle.importKey("raw", key as BufferSource, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature as BufferSource, message as BufferSource);
    } catch {
      native = false;
    }
  }
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Which of the two ways verified last, for those who ask. */
export const signatureWay = (): "browser" | "noble" => (native ? "browser" : "noble");

function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((n, byte) => n * 256 + byte, 0);
}

async function check(head: Head, line: Line, key: Key): Promise<number> {
  const before = key.kind === WITNESS ? 8 : 0;
  const time_s = bigEndian(line.bytes.slice(0, before));
  const message = utf8.encode(before ? `cosignature/v1\ntime ${time_s}\n${head.text}` : head.text);
  const good = line.bytes.length === before + 64 && Number.isSafeInteger(time_s) && await isSigned(key.bytes, message, line.bytes.slice(before));
  if (!good) throw new Refusal("web_verify_false", { name: key.name, line: line.number });
  return time_s;
}

/** The head is the log's; *every* other line is a known witness's and true, so that no byte of the note is beside the point. */
export async function verifyHead(head: Head, log: Key, witnesses: Key[]): Promise<Cosigned[]> {
  const cosigned: Cosigned[] = [];
  let signed = false;
  for (const line of head.lines) {
    const key = [log, ...witnesses].find((k) => k.name === line.name && k.id === line.id);
    if (!key && line.name === log.name) throw new Refusal("web_verify_other_key", { name: log.name, expected: log.id, found: line.id });
    if (!key) throw new Refusal("web_verify_stranger", { name: line.name, line: line.number });
    const time_s = await check(head, line, key);
    if (key === log) signed = true;
    else cosigned.push({ name: key.name, time_s });
  }
  if (!signed) throw new Refusal("web_verify_unsigned", { name: log.name, found: head.origin });
  if (head.origin !== log.name) throw new Refusal("web_verify_origin", { found: head.origin, expected: log.name });
  return cosigned;
}
