// Closures of roads, whole or down to a speed, on this screen: the list as the server gives it, kept by the stream, and the lines of what is closed now,
// read again when the list has changed. The road follows a closure a moment after its event, so the lines are asked for until they
// agree with the list.
import type * as wire from "gen/api";
import type { LonLat } from "./geo";
import { readTime } from "./api";
import { api, changed } from "./store";

export interface Closure {
  id: string;
  open: boolean;
  speedKmh: number | null; // null: closed
  reason: string;
  author: string;
  ordered_ms: number;
  until_ms: number;
  bothWays: boolean;
}
export interface ClosedLines {
  id: string;
  speed_kmh: number | null;
  names: string[];
  segments: number;
  missing: number;
  line: LonLat[][];
}
export const closures = new Map<string, Closure>();
export const closedLines = new Map<string, ClosedLines>();
export let closuresVersion = 0;

const AGREE_TRIES = 12, AGREE_MS = 120;
let reading = 0;

export function takeClosures(rows: wire.Closure[]): void {
  if (!rows.length) return;
  for (const r of rows) {
    closures.set(r.id, {
      id: r.id, open: r.status === "open", speedKmh: r.speed_kmh, reason: r.reason, author: r.author, ordered_ms: readTime(r.ordered_at) ?? 0, until_ms: readTime(r.until) ?? 0, bothWays: r.both_ways,
    });
    if (r.status !== "open") closures.delete(r.id);
  }
  void readLines();
}

export async function readClosures(): Promise<void> {
  const rows = await api.openClosures();
  closures.clear();
  takeClosures(rows);
  if (!rows.length) void readLines();
}

interface Lines {
  features: { properties: { id: string; speed_kmh: number | null; names: string[]; segments: number; missing: number }; geometry: { coordinates: LonLat[][] } }[];
}
/** In the language of the screen: street names come from the server. */
export async function readLines(): Promise<void> {
  const mine = ++reading;
  for (let n = 0; n < AGREE_TRIES && mine === reading; n++) {
    const found = await (api.geometry("/closures.geojson") as unknown as Promise<Lines>).catch(() => null);
    if (mine !== reading || !found) return;
    closedLines.clear();
    for (const { properties: p, geometry } of found.features) closedLines.set(p.id, { ...p, line: geometry.coordinates });
    closuresVersion++;
    changed();
    if (closedLines.size === closures.size && [...closures.keys()].every((id) => closedLines.has(id))) return;
    await new Promise((resolve) => setTimeout(resolve, AGREE_MS));
  }
}
