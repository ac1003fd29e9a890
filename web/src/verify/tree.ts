// The hash tree (RFC 6962) as it grows, and the files that it makes (C2SP tlog-tiles): what the archive must hold, in order.
import { sha256 } from "@noble/hashes/sha2";

const utf8 = new TextEncoder();

export function leafOf(stored: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + stored.length);
  prefixed.set(stored, 1);
  return sha256(prefixed);
}

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(65);
  joined[0] = 1;
  joined.set(left, 1);
  joined.set(right, 33);
  return sha256(joined);
}

export class Tree {
  size = 0;
  private frontier: (Uint8Array | undefined)[] = [];

  append(hash: Uint8Array): void {
    let level = 0;
    for (; this.frontier[level]; level++) {
      hash = node(this.frontier[level]!, hash);
      this.frontier[level] = undefined;
    }
    this.frontier[level] = hash;
    this.size++;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const hash of this.frontier) if (hash) root = root ? node(hash, root) : hash;
    return root ?? sha256(utf8.encode(""));
  }
}

export interface Tile { path: string; bytes: Uint8Array }

export function tilePath(level: number | "entries", index: number, width: number): string {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  return `tile/${level}/${path}${width === 256 ? "" : `.p/${width}`}`;
}

/** The rows of hashes that are not full yet, one for each level. */
export class Rows {
  private rows: { hashes: Uint8Array[]; index: number }[] = [];

  private tile(level: number): Tile {
    const row = this.rows[level]!, bytes = new Uint8Array(32 * row.hashes.length);
    row.hashes.forEach((hash, i) => bytes.set(hash, 32 * i));
    return { path: tilePath(level, row.index, row.hashes.length), bytes };
  }

  /** The tiles that this hash fills. */
  add(hash: Uint8Array, level = 0, out: Tile[] = []): Tile[] {
    const row = (this.rows[level] ??= { hashes: [], index: 0 });
    row.hashes.push(hash);
    if (row.hashes.length < 256) return out;
    out.push(this.tile(level));
    const full = new Tree();
    for (const each of row.hashes) full.append(each);
    row.hashes = [];
    row.index++;
    return this.add(full.root(), level + 1, out);
  }

  /** The partial tiles at the end. */
  rest(): Tile[] {
    return this.rows.flatMap((row, level) => (row.hashes.length ? [this.tile(level)] : []));
  }
}
