// Where a unit is drawn between two reports: it moves evenly from where it is drawn now to where it was reported,
// in the time that lay between the last two frames. It is never drawn ahead of what was reported, and a leap of more
// than LEAP_M is shown at once rather than flown.
import { distance_m, mercator, type LonLat } from "./geo";

const LEAP_M = 500, FRAME_MS = 1_000;

export interface Track {
  fromX: number; fromY: number; // mercator
  toX: number; toY: number;
  from_ms: number;
  until_ms: number;
  at: LonLat; // as last reported
}

export function trackStart(at: LonLat, now_ms: number): Track {
  const [x, y] = mercator(at);
  return { fromX: x, fromY: y, toX: x, toY: y, from_ms: now_ms, until_ms: now_ms, at };
}

export function trackMove(track: Track, to: LonLat, now_ms: number, frame_ms = FRAME_MS): void {
  if (to[0] === track.at[0] && to[1] === track.at[1]) return;
  const leap = distance_m(track.at, to) > LEAP_M;
  const [toX, toY] = mercator(to);
  const share = shareAt(track, now_ms);
  track.fromX = leap ? toX : track.fromX + (track.toX - track.fromX) * share;
  track.fromY = leap ? toY : track.fromY + (track.toY - track.fromY) * share;
  track.toX = toX;
  track.toY = toY;
  track.from_ms = now_ms;
  track.until_ms = leap ? now_ms : now_ms + frame_ms;
  track.at = to;
}

export function shareAt(track: Track, now_ms: number): number {
  if (now_ms >= track.until_ms) return 1;
  return Math.max(0, (now_ms - track.from_ms) / (track.until_ms - track.from_ms));
}

export function trackX(track: Track, now_ms: number): number {
  return track.fromX + (track.toX - track.fromX) * shareAt(track, now_ms);
}

export function trackY(track: Track, now_ms: number): number {
  return track.fromY + (track.toY - track.fromY) * shareAt(track, now_ms);
}
