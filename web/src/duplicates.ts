// Calls that may tell of the same event: near in space, near in time, alike in type.
//
// The score is the product of three shares, each 1 at "the same" and 0 at "too far": distance against a radius of
// its own for the type, age against a window, and likeness of the type. Nothing is joined by itself: the call-taker
// sees the candidates before saving and decides. O(open incidents) per keystroke.
import { distance_m, type LonLat } from "./geo";
import type { Incident } from "./model";

export interface Duplicate {
  incident: Incident;
  distance_m: number;
  age_ms: number;
  sameType: boolean;
  score: number;
}

const WINDOW_MS = 60 * 60_000;
/** How far apart two callers may stand who tell of the same thing. */
const RADIUS_M: Record<string, number> = {
  fire: 1_500, hazardous_release: 1_500, gas_leak: 1_000, noise: 500, traffic_collision: 500, traffic_obstruction: 800, crowd_safety: 600,
};
const DEFAULT_RADIUS_M = 300;
/** Types that callers confuse: one sees smoke, another smells gas. */
const ALIKE: string[][] = [
  ["fire", "gas_leak", "hazardous_release", "rescue", "alarm"],
  ["traffic_collision", "traffic_obstruction", "medical_assist", "rescue"],
  ["assault", "disturbance", "robbery", "domestic_dispute", "neighbour_dispute", "noise", "medical_assist"],
  ["theft", "burglary", "robbery", "alarm"],
  ["missing_person", "citizen_assist", "water_rescue"],
];

export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  if (a === "other" || b === "other") return 0.6;
  return ALIKE.some((group) => group.includes(a) && group.includes(b)) ? 0.6 : 0;
}

export function findDuplicates(call: { type: string; position?: LonLat; at_ms: number }, incidents: Iterable<Incident>, limit = 5): Duplicate[] {
  if (!call.type || !call.position) return [];
  const found: Duplicate[] = [];
  for (const incident of incidents) {
    if (!incident.position) continue;
    const alike = likeness(call.type, incident.type);
    const age_ms = Math.max(0, call.at_ms - incident.opened_ms);
    const radius = Math.max(RADIUS_M[call.type] ?? DEFAULT_RADIUS_M, RADIUS_M[incident.type] ?? DEFAULT_RADIUS_M);
    const away = distance_m(call.position, incident.position);
    if (!alike || age_ms >= WINDOW_MS || away >= radius) continue;
    const ended = incident.state === "closed" || incident.state === "referred" ? 0.5 : 1;
    found.push({ incident, distance_m: away, age_ms, sameType: call.type === incident.type,
      score: alike * ended * (1 - away / radius) * (1 - age_ms / WINDOW_MS) });
  }
  return found.sort((a, b) => b.score - a.score || (a.incident.id < b.incident.id ? -1 : 1)).slice(0, limit);
}
