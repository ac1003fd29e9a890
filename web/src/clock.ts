// The desk's clock. Everything that shows when something happened, or how long ago, asks it; the browser's own clock
// may be wrong, and in a replay the desk's clock runs faster.
//
// The server says now and then what its clock shows. Between two of those the clock runs on at its speed. Without a
// replay a frame can only be late, never early, so that of several readings the one that is furthest ahead is the best;
// a leap of more than LEAP_MS means that somebody has set a clock, and is followed at once.
const LEAP_MS = 5_000, KEPT = 30;

export class DeskClock {
  private at_ms: number;
  private local_ms: number;
  private rate = 1;
  private ahead: number[] = []; // desk − local, of the last readings at speed 1

  constructor(local_ms: number) {
    this.at_ms = this.local_ms = local_ms;
  }
  now(local_ms: number): number {
    return this.at_ms + (local_ms - this.local_ms) * this.rate;
  }
  get speed(): number {
    return this.rate;
  }
  /** A frame of the stream or a list says what the desk's clock shows. */
  hear(at_ms: number, local_ms: number): void {
    if (this.rate !== 1) return; // a replay tells its own time
    const ahead = at_ms - local_ms;
    if (this.ahead.length && Math.abs(ahead - Math.max(...this.ahead)) > LEAP_MS) this.ahead = [];
    this.ahead.push(ahead);
    if (this.ahead.length > KEPT) this.ahead.shift();
    this.at_ms = local_ms + Math.max(...this.ahead);
    this.local_ms = local_ms;
  }
  /** A replay says its time and its speed; 0 stands still. */
  replay(at_ms: number, speed: number, local_ms: number): void {
    this.at_ms = at_ms;
    this.local_ms = local_ms;
    this.rate = speed;
    this.ahead = [];
  }
  live(): void {
    this.rate = 1;
    this.ahead = [];
  }
}
