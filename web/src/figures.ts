// The commander's figures: as the server counts them over its record, or, for who may not ask for those, from the incidents
// on the board. Percentiles are nearest-rank; n is always shown. Null is what is withheld or was not measured.
import type * as wire from "gen/api";
import { readTime } from "./age";
import type { Incident, Priority, Unit, UnitState } from "./model";

export function percentile(sorted: number[], p: number): number | null {
  if (!sorted.length) return null;
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
}

export interface PriorityFigure {
  priority: Priority;
  arrived: number;
  p50_ms: number | null;
  p90_ms: number | null;
  within: number | null; // share of those reached within the target
  target_ms: number | null;
}
export interface HourFigure {
  at_ms: number; // its beginning
  calls: number | null;
}
export interface ResponseFigure {
  at_ms: number;
  priority: Priority;
  arrived: number;
  p50_ms: number;
  p90_ms: number;
}
export interface Figures {
  hours: HourFigure[]; // oldest first, without gaps
  types: { type: string | null; calls: number }[]; // most first; null: the small ones together
  priorities: PriorityFigure[];
  responses: ResponseFigure[];
  least: number; // smaller groups are withheld
  ofBoard: boolean; // incidents of the board only
}

const HOUR_MS = 3_600_000;
const seconds = (s: number | null): number | null => (s === null ? null : s * 1000);

export function readFigures(r: wire.Figures): Figures {
  return {
    hours: r.hours.map((h) => ({ at_ms: readTime(h.hour) ?? 0, calls: h.calls })), types: [...r.types].sort((a, b) => b.calls - a.calls), least: r.groups_of_at_least, ofBoard: false,
    priorities: r.priorities.map((p) => ({ priority: p.priority as Priority, arrived: p.arrived ?? 0, p50_ms: seconds(p.p50_s), p90_ms: seconds(p.p90_s), within: p.within_target, target_ms: seconds(p.target_s) })),
    responses: r.responses.map((p) => ({ at_ms: readTime(p.hour) ?? 0, priority: p.priority as Priority, arrived: p.arrived, p50_ms: p.p50_s * 1000, p90_ms: p.p90_s * 1000 })),
  };
}

/** The same from the board. Response runs from the opening of the incident to the first arrival. O(incidents log incidents). */
export function boardFigures(incidents: Iterable<Incident>, targets: Partial<Record<Priority, number>>, from_ms: number, now_ms: number): Figures {
  const first = Math.floor(from_ms / HOUR_MS), hours = Math.floor(now_ms / HOUR_MS) - first + 1;
  const calls = new Array<number>(hours).fill(0), types = new Map<string, number>(), times = new Map<string, number[]>();
  const push = (key: string, ms: number) => times.set(key, [...(times.get(key) ?? []), ms]);
  for (const incident of incidents) {
    const hour = Math.floor(incident.opened_ms / HOUR_MS) - first, took = response_ms(incident);
    if (hour < 0 || hour >= hours) continue;
    calls[hour]!++;
    types.set(incident.type, (types.get(incident.type) ?? 0) + 1);
    if (took === null) continue;
    push(`${incident.priority}`, took);
    push(`${incident.priority} ${hour}`, took);
  }
  for (const list of times.values()) list.sort((a, b) => a - b);
  const ranks = (key: string) => ({ p50_ms: percentile(times.get(key) ?? [], 0.5), p90_ms: percentile(times.get(key) ?? [], 0.9) });
  const priorities = ([1, 2, 3, 4] as Priority[]).map((priority): PriorityFigure => {
    const list = times.get(`${priority}`) ?? [], target = targets[priority];
    return { priority, arrived: list.length, ...ranks(`${priority}`), target_ms: target ?? null, within: list.length && target !== undefined ? list.filter((ms) => ms <= target).length / list.length : null };
  });
  const responses = [...times].flatMap(([key, list]) => {
    const [priority, hour] = key.split(" ").map(Number);
    return hour === undefined ? [] : [{ at_ms: (first + hour) * HOUR_MS, priority: priority as Priority, arrived: list.length, p50_ms: percentile(list, 0.5)!, p90_ms: percentile(list, 0.9)! }];
  });
  return {
    hours: calls.map((n, i) => ({ at_ms: (first + i) * HOUR_MS, calls: n })), types: [...types].map(([type, n]) => ({ type, calls: n })).sort((a, b) => b.calls - a.calls), priorities,
    responses: responses.sort((a, b) => a.at_ms - b.at_ms), least: 1, ofBoard: true,
  };
}

/** Over all priorities: how many were reached, and the share within the target of their own priority. */
export function withinTarget(figures: Figures): { share: number | null; n: number } {
  const held = figures.priorities.filter((p) => p.within !== null), n = held.reduce((sum, p) => sum + p.arrived, 0);
  return { n, share: n ? held.reduce((sum, p) => sum + p.within! * p.arrived, 0) / n : null };
}

export function response_ms(incident: Incident): number | null {
  const arrivals = [incident.arrived_ms, ...incident.orders.map((o) => o.arrived_ms)].filter((at): at is number => at !== undefined);
  return arrivals.length ? Math.max(0, Math.min(...arrivals) - incident.opened_ms) : null;
}

export function unitsByState(units: Iterable<Unit>): Record<UnitState, number> {
  const counts: Record<UnitState, number> = { available: 0, sent: 0, acknowledged: 0, under_way: 0, on_scene: 0, unavailable: 0, off_duty: 0 };
  for (const unit of units) counts[unit.state]++;
  return counts;
}
