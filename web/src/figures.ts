// The commander's figures, from the incidents and units on the board. Percentiles are nearest-rank; n is always shown.
import { hourOf } from "./age";
import type { Incident, Priority, Unit, UnitState } from "./model";

export function percentile(sorted: number[], p: number): number | null {
  if (!sorted.length) return null;
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
}

export interface HourRow {
  at_ms: number; // start of the hour
  hour: number;
  incidents: number;
  arrived: number;
  p50_ms: number | null;
  p90_ms: number | null;
}

/** The last n hours, oldest first. Response runs from the opening of the incident to the first arrival. */
export function byHour(incidents: Iterable<Incident>, now_ms: number, n = 24, zone?: string): HourRow[] {
  const hour = 3_600_000, last = Math.floor(now_ms / hour) * hour;
  const rows = Array.from({ length: n }, (_, i) => ({ at_ms: last - (n - 1 - i) * hour, count: 0, times: [] as number[] }));
  for (const incident of incidents) {
    const row = rows[n - 1 - Math.floor((last - Math.floor(incident.opened_ms / hour) * hour) / hour)];
    if (!row) continue;
    row.count++;
    const response = response_ms(incident);
    if (response !== null) row.times.push(response);
  }
  return rows.map((row) => {
    const sorted = row.times.sort((a, b) => a - b);
    return { at_ms: row.at_ms, hour: hourOf(row.at_ms, zone), incidents: row.count, arrived: sorted.length, p50_ms: percentile(sorted, 0.5), p90_ms: percentile(sorted, 0.9) };
  });
}

export function response_ms(incident: Incident): number | null {
  const arrivals = [incident.arrived_ms, ...incident.orders.map((o) => o.arrived_ms)].filter((at): at is number => at !== undefined);
  return arrivals.length ? Math.max(0, Math.min(...arrivals) - incident.opened_ms) : null;
}

/** How many were reached within the target of their own priority, of those that have a target. */
export function responses(incidents: Iterable<Incident>, targets: Partial<Record<Priority, number>>): { p50_ms: number | null; p90_ms: number | null; n: number; within: number | null } {
  const times: number[] = [];
  let met = 0, held = 0;
  for (const incident of incidents) {
    const response = response_ms(incident), target = targets[incident.priority];
    if (response === null) continue;
    times.push(response);
    if (target === undefined) continue;
    held++;
    if (response <= target) met++;
  }
  const sorted = times.sort((a, b) => a - b);
  return { p50_ms: percentile(sorted, 0.5), p90_ms: percentile(sorted, 0.9), n: sorted.length, within: held ? met / held : null };
}

export function unitsByState(units: Iterable<Unit>): Record<UnitState, number> {
  const counts: Record<UnitState, number> = { available: 0, sent: 0, acknowledged: 0, under_way: 0, on_scene: 0, unavailable: 0, off_duty: 0 };
  for (const unit of units) counts[unit.state]++;
  return counts;
}
