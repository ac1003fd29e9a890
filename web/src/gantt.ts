// The timeline of a plan, and the difference between two: pure.
//
//   a row      one unit; from stop to stop: a wait where it was, the way, a wait for the window, the work itself
//   compared   visits by (id, n): with whom, and when; what only one of the two has
import { dayStart, readTime } from "./age";
import { type Plan, type Problem, type Route, type Stop } from "./duty";

export interface Bar { kind: string; id: string; n: number; from_ms: number; to_ms: number; stop: number }
export interface GanttRow { unit: string; bars: Bar[]; leave_ms: number; back_ms: number }
export interface Gantt { from_ms: number; to_ms: number; rows: GanttRow[]; hours: { at_ms: number; hour: number }[] }
const HOUR_MS = 3_600_000, LEAST_MS = 30_000; // shorter waits are rounding
const ms = (time: string): number => readTime(time) ?? 0;

function barsOf(route: Route): Bar[] {
  const bars: Bar[] = [];
  let free_ms = ms(route.leave);
  const add = (kind: string, s: Stop | null, from_ms: number, to_ms: number, stop: number) => { if (to_ms - from_ms >= (kind === "wait" ? LEAST_MS : 1)) bars.push({ kind, id: s?.id ?? "", n: s?.n ?? 1, from_ms, to_ms, stop }); };
  route.stops.forEach((s, i) => {
    const arrive = ms(s.arrive), start = ms(s.start), out = Math.max(free_ms, arrive - (s.travel_s ?? 0) * 1000);
    add("wait", s, free_ms, out, i);
    add("travel", s, out, arrive, i);
    add("wait", s, arrive, start, i);
    add(s.kind, s, start, ms(s.end), i);
    free_ms = ms(s.end);
  });
  add("travel", null, free_ms, ms(route.back), route.stops.length);
  return bars;
}
/** `beside`: another plan that is shown by the same hours. */
export function ganttOf(plan: Plan, zone?: string, beside: Plan | null = null): Gantt {
  const rows = plan.routes.map((r) => ({ unit: r.unit, bars: barsOf(r), leave_ms: ms(r.leave), back_ms: ms(r.back) }));
  if (!rows.length) return { from_ms: 0, to_ms: HOUR_MS, rows, hours: [] };
  const all = [...plan.routes, ...(beside?.routes ?? [])], first = Math.min(...all.map((r) => ms(r.leave))), last = Math.max(...all.map((r) => ms(r.back))), day = dayStart(first, zone);
  const from_ms = day + Math.floor((first - day) / HOUR_MS) * HOUR_MS; // hours as the site's clock shows them
  const count = Math.max(1, Math.ceil((last - from_ms) / HOUR_MS));
  return { from_ms, to_ms: from_ms + count * HOUR_MS, rows, hours: Array.from({ length: count }, (_, n) => ({ at_ms: from_ms + n * HOUR_MS, hour: Math.round((from_ms - day) / HOUR_MS + n) % 24 })) };
}
/** From one bar to the next by an arrow key: along the row, or to the one nearest in time in the row above or below. Ways and waits are passed over. */
export function stepBar(g: Gantt, unit: string, stop: number, key: string): { unit: string; stop: number } | null {
  const at = g.rows.findIndex((r) => r.unit === unit), works = (row: GanttRow) => row.bars.filter((b) => b.kind !== "travel" && b.kind !== "wait");
  const row = g.rows[at];
  if (!row) return null;
  const own = works(row), here = own.findIndex((b) => b.stop === stop);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const next = own[here + (key === "ArrowRight" ? 1 : -1)];
    return next ? { unit, stop: next.stop } : null;
  }
  if (key === "Home" || key === "End") return own.length ? { unit, stop: own[key === "Home" ? 0 : own.length - 1]!.stop } : null;
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  for (let n = at + (key === "ArrowDown" ? 1 : -1); g.rows[n]; n += key === "ArrowDown" ? 1 : -1) {
    const from = own[here]?.from_ms ?? g.from_ms, near = works(g.rows[n]!).sort((a, b) => Math.abs(a.from_ms - from) - Math.abs(b.from_ms - from))[0];
    if (near) return { unit: g.rows[n]!.unit, stop: near.stop };
  }
  return null;
}

export interface Visit { unit: string; start_ms: number }
export interface Difference { id: string; n: number; kind: string; what: "unit" | "time" | "only_a" | "only_b"; a: Visit | null; b: Visit | null }
const SHIFT_MS = 5 * 60_000; // a visit that is this much earlier or later is the same to whoever reads it
const visitsOf = (plan: Plan) => new Map(plan.routes.flatMap((r) => r.stops.filter((s) => s.kind !== "break" && s.kind !== "fixed").map((s) => [`${s.id}\n${s.n ?? 1}`, { unit: r.unit, start_ms: ms(s.start), kind: s.kind }] as const)));
/** What the two plans do differently, visit by visit; `same`: how many they do alike. */
export function comparePlans(a: Plan, b: Plan): { same: number; differences: Difference[]; units: { unit: string; a: number; b: number; travelA_s: number; travelB_s: number }[] } {
  const va = visitsOf(a), vb = visitsOf(b), differences: Difference[] = [];
  let same = 0;
  for (const key of new Set([...va.keys(), ...vb.keys()])) {
    const [id, n] = key.split("\n") as [string, string], x = va.get(key), y = vb.get(key);
    const what = !x ? "only_b" : !y ? "only_a" : x.unit !== y.unit ? "unit" : Math.abs(x.start_ms - y.start_ms) > SHIFT_MS ? "time" : null;
    if (!what) same++;
    else differences.push({ id, n: Number(n), kind: (x ?? y)!.kind, what, a: x ? { unit: x.unit, start_ms: x.start_ms } : null, b: y ? { unit: y.unit, start_ms: y.start_ms } : null });
  }
  const order = ["only_a", "only_b", "unit", "time"], at = (d: Difference) => (d.a ?? d.b)!;
  differences.sort((p, q) => order.indexOf(p.what) - order.indexOf(q.what) || (at(p).unit < at(q).unit ? -1 : at(p).unit > at(q).unit ? 1 : at(p).start_ms - at(q).start_ms));
  const units = [...new Set([...a.routes, ...b.routes].map((r) => r.unit))].map((unit) => {
    const [ra, rb] = [a, b].map((plan) => plan.routes.find((r) => r.unit === unit)), count = (r: Route | undefined) => (r ? r.stops.filter((s) => s.kind !== "break" && s.kind !== "fixed").length : 0);
    return { unit, a: count(ra), b: count(rb), travelA_s: ra?.travel_s ?? 0, travelB_s: rb?.travel_s ?? 0 };
  });
  return { same, differences, units };
}
/** Where a visit stands in the plan, to show it on the map. */
export const stopAt = (plan: Plan, unit: string, stop: number): Stop | undefined => plan.routes.find((r) => r.unit === unit)?.stops[stop];
/** The ids that a plan leaves out. */
export const leftOut = (plan: Plan | null): Set<string> => new Set((plan?.unmet ?? []).map((u) => u.id));
/** Whom a unit's round belongs to, in the order of the problem. */
export const unitsOf = (plan: Plan | null, problem: Problem | null): string[] => [...new Set([...(problem?.units.map((u) => u.id) ?? []), ...(plan?.routes.map((r) => r.unit) ?? [])])];
