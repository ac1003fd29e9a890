// The replay as the time bar shows it: pure.
import type { Replay } from "gen/api";

export const SPEEDS = [1, 10, 60, 600];
/** More than this behind its own clock is said aloud. */
export const BEHIND_MS = 1_000;

/** The next speed up or down; from a pause the slowest. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  const at = step > 0 ? SPEEDS.findIndex((s) => s > speed) : SPEEDS.length - 1 - [...SPEEDS].reverse().findIndex((s) => s < speed);
  if (step > 0) return at < 0 ? SPEEDS[SPEEDS.length - 1]! : SPEEDS[at]!;
  return at >= SPEEDS.length ? SPEEDS[0]! : SPEEDS[at]!;
}

/** How far the replayed time has come, 0 to 1. */
export function progress(replay: Pick<Replay, "from" | "to">, now_ms: number): number {
  const from = Date.parse(replay.from), to = Date.parse(replay.to);
  return to > from ? Math.min(1, Math.max(0, (now_ms - from) / (to - from))) : 1;
}
