// The bundle as a file: a plain tar of known members in a known order, read in pieces, so that its size does not matter. Every
// byte of a head is compared with what it must be; what fills up a block must be zeros.
import { Refusal, same } from "./note";

const BLOCK = 512, PIECE = 4 << 20, MEMBER_MAX = 20 << 20;
const utf8 = new TextEncoder();

function headOf(name: string, size: number): Uint8Array {
  const head = new Uint8Array(BLOCK), put = (at: number, text: string) => head.set(utf8.encode(text), at);
  put(0, name);
  put(100, "0000644\0" + "0000000\0".repeat(2));
  put(124, `${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        0`);
  put(156, "0");
  put(257, "ustar\x0000");
  const sum = head.reduce((n, byte) => n + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return head;
}

export interface Member { bytes: Uint8Array; at: number }

export class Archive {
  private at = 0; // of the next byte to give
  private piece = new Uint8Array(0);
  private pieceAt = 0;

  constructor(private readonly file: Blob) {}

  get position(): number { return this.at; }
  get length(): number { return this.file.size; }

  private async take(length: number): Promise<Uint8Array> {
    if (this.at + length > this.file.size) throw new Refusal("web_verify_cut", { at: this.file.size });
    if (this.at + length > this.pieceAt + this.piece.length) {
      const bytes = await this.file.slice(this.at, this.at + Math.max(length, PIECE)).arrayBuffer();
      this.piece = new Uint8Array(bytes);
      this.pieceAt = this.at;
    }
    const from = this.at - this.pieceAt;
    this.at += length;
    return this.piece.subarray(from, from + length);
  }

  /** The next member, which must have this name; null when something else stands here. */
  async member(name: string): Promise<Member> {
    const at = this.at, head = await this.take(BLOCK);
    const digits = new TextDecoder("latin1").decode(head.subarray(124, 135)), size = /^[0-7]{11}$/.test(digits) ? parseInt(digits, 8) : -1;
    if (size < 0 || size > MEMBER_MAX || !same(head, headOf(name, size))) {
      const found = new TextDecoder("latin1").decode(head.subarray(0, 100)).replace(/\0[^]*$/, "").replace(/[^ -~]/g, "?");
      throw new Refusal("web_verify_member", { at, expected: name, found });
    }
    const start = this.at, bytes = (await this.take(size)).slice(), over = size % BLOCK;
    if (over && (await this.take(BLOCK - over)).some((byte) => byte !== 0)) throw new Refusal("web_verify_filling", { at: start + size, name });
    return { bytes, at: start };
  }

  async end(): Promise<void> {
    const at = this.at;
    if (this.file.size - at !== 2 * BLOCK || (await this.take(2 * BLOCK)).some((byte) => byte !== 0)) throw new Refusal("web_verify_tail", { at });
  }
}
