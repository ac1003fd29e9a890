// The duty problem and its plan as the console edits and draws them: the forms of docs/reference/duty-plan.md, changed without a
// trace in what was there before, so that a wish can be undone and two states compared.
import { distance_m, type LonLat } from "./geo";
import { dayStart } from "./age";

export type Span = [string, string];
export interface Task {
  id: string; name?: string; station?: string; unit?: string; must?: boolean; weight?: number; needs?: string[]; windows?: Span[]; gap_minutes?: number; minutes?: number;
  at?: LonLat; path?: LonLat[]; polygon?: LonLat[][]; visits?: number; passes?: number; direction?: string; moves?: string; unit_minutes_per_hour?: number;
  kind?: string; last_seen?: string; within_days?: number; announced?: boolean; reason?: string; author?: string; until?: string;
}
export interface DutyUnit {
  id: string; name?: string; station?: string; moves?: string; start: LonLat; end?: LonLat; from?: string; to?: string; capabilities?: string[]; crew?: string[];
  breaks?: { windows: Span[]; minutes: number; at?: LonLat[] }[]; fixed?: { id: string; kind: string; at: LonLat; start: string; minutes: number }[];
}
export const LISTS = ["points", "lines", "holds", "areas", "premises", "checks", "orders"] as const;
export type List = (typeof LISTS)[number];
export interface Lock { unit: string; id: string; n?: number }
export type Problem = { format: string; name: string; date: string; from: string; to: string; units: DutyUnit[]; locked?: Lock[]; forbidden?: { name: string; polygon: LonLat[][] }[];
  debt?: { id: string; visits: number }[]; demand?: unknown[] } & { [L in List]?: Task[] };

export interface Stop {
  kind: string; id: string; n?: number; arrive: string; start: string; end: string; from?: LonLat; to?: LonLat; travel_s?: number; moves?: string;
}
export interface Route { unit: string; leave: string; back: string; travel_s: number; stops: Stop[]; geometry?: { type: string; coordinates: unknown } | null }
export interface Unmet { id: string; n?: number; kind: string; must: boolean; reason: string; with?: string[]; text?: string }
export interface Plan {
  name: string; date: string; feasible: boolean; unmet: Unmet[]; routes: Route[]; cost: Partial<Record<Cost, number>>; bound?: Partial<Record<Cost, number>> | null; seed?: number; wall_s?: number;
}
/** The objectives in the order in which they are weighed. */
export const COSTS = ["musts_left", "response_s", "shoulds_left", "spread", "travel_s", "imbalance_s"] as const;
export type Cost = (typeof COSTS)[number];

export const KIND: Record<List, string> = { points: "point", lines: "line", holds: "hold", areas: "area", premises: "premises", checks: "check", orders: "order" };
const LETTER: Record<List, string> = { points: "P", lines: "L", holds: "H", areas: "A", premises: "F", checks: "C", orders: "O" };
/** What is a must unless it says otherwise. */
const MUST: Record<List, boolean> = { points: true, lines: true, holds: true, areas: false, premises: false, checks: false, orders: true };
export const isMust = (list: List, task: Task): boolean => task.must ?? MUST[list];

export interface Found { list: List; task: Task }
export const tasksOf = (p: Problem): Found[] => LISTS.flatMap((list) => (p[list] ?? []).map((task) => ({ list, task })));
export const findTask = (p: Problem | null, id: string): Found | undefined => (p ? tasksOf(p).find((f) => f.task.id === id) : undefined);
/** What people call it: its name, with its number where that is all there is. */
export const nameOf = (p: Problem | null, id: string): string => findTask(p, id)?.task.name || id;

// --- times ---------------------------------------------------------------------------------------------------------
const DAY_MIN = 1440, HOUR_MIN = 60, MIN_MS = 60_000;
/** "08:30" → 510; after midnight the hours go on ("26:30"). */
export function minutesOf(text: string): number | null {
  const m = /^(\d{1,2}):([0-5]\d)$/.exec(text.trim());
  const min = m ? Number(m[1]) * HOUR_MIN + Number(m[2]) : 0;
  return m && min <= 2 * DAY_MIN ? min : null;
}
export const hoursText = (min: number): string => `${String(Math.floor(min / HOUR_MIN)).padStart(2, "0")}:${String(min % HOUR_MIN).padStart(2, "0")}`;
export const windowsText = (windows: Span[] | undefined): string => (windows ?? []).map(([from, to]) => `${from}–${to}`).join(", ");
/** "8:00-10:00, 14:00–16:00" → windows; null when it is none. Empty: the problem's hours. */
export function readWindows(text: string): Span[] | null {
  const parts = text.split(/[,，;；、]/).map((s) => s.trim()).filter(Boolean), windows: Span[] = [];
  for (const part of parts) {
    const [from, to, more] = part.split(/\s*[-–—~～至到]\s*/).map((s) => minutesOf(s.replace("：", ":")));
    if (from === undefined || to === undefined || from === null || to === null || more !== undefined || to < from) return null;
    windows.push([hoursText(from), hoursText(to)]);
  }
  return windows;
}

// --- changing ------------------------------------------------------------------------------------------------------
const rounded = (at: LonLat): LonLat => [Math.round(at[0] * 1e6) / 1e6, Math.round(at[1] * 1e6) / 1e6];
const put = (p: Problem, list: List, tasks: Task[]): Problem => ({ ...p, [list]: tasks });
function freeId(p: Problem, list: List): string {
  const taken = new Set(tasksOf(p).map((f) => f.task.id));
  for (let n = (p[list]?.length ?? 0) + 1; ; n++) if (!taken.has(LETTER[list] + n)) return LETTER[list] + n;
}
/** A new task where somebody has pointed: one position for a point, a hold or an order, several for a line or an area. */
export function addTask(p: Problem, list: List, points: LonLat[], more: Partial<Task> = {}): { problem: Problem; id: string } {
  const id = freeId(p, list), at = points.map(rounded);
  const shape: Partial<Task> = list === "lines" ? { path: at } : list === "areas" ? { polygon: [[...at, at[0]!]], unit_minutes_per_hour: 20 } : { at: at[0]! };
  const hours: Partial<Task> = list === "holds" || list === "orders" ? { windows: [[p.from, p.to]] } : {};
  return { id, problem: put(p, list, [...(p[list] ?? []), { id, ...hours, ...shape, ...more }]) };
}
export function changeTask(p: Problem, id: string, patch: Partial<Task>): Problem {
  const found = findTask(p, id);
  if (!found) return p;
  const next: Task = { ...found.task, ...patch };
  for (const key of Object.keys(next) as (keyof Task)[]) if (next[key] === undefined) delete next[key];
  return put(p, found.list, p[found.list]!.map((t) => (t.id === id ? next : t)));
}
export function removeTask(p: Problem, id: string): Problem {
  const found = findTask(p, id);
  if (!found) return p;
  const left = put(p, found.list, p[found.list]!.filter((t) => t.id !== id));
  return { ...left, ...(p.locked ? { locked: p.locked.filter((l) => l.id !== id) } : {}), ...(p.debt ? { debt: p.debt.filter((d) => d.id !== id) } : {}) };
}
/** The positions of a task that can be dragged: its place, or the bends of its line or ring (the closing one is the first). */
export function handles(task: Task): LonLat[] {
  if (task.at) return [task.at];
  return task.path ?? task.polygon?.[0]?.slice(0, -1) ?? [];
}
export function moveTask(p: Problem, id: string, n: number, to: LonLat): Problem {
  const task = findTask(p, id)?.task, at = rounded(to);
  if (!task || n < 0 || n >= handles(task).length) return p;
  if (task.at) return changeTask(p, id, { at });
  const moved = handles(task).map((h, i) => (i === n ? at : h));
  return changeTask(p, id, task.path ? { path: moved } : { polygon: [[...moved, moved[0]!], ...task.polygon!.slice(1)] });
}
export const lockOf = (p: Problem | null, id: string, n?: number): Lock | undefined => p?.locked?.find((l) => l.id === id && (l.n === undefined || n === undefined || l.n === n));
/** Keeps a visit with a unit when a plan is made again; without a unit, lets it go. */
export function lockTask(p: Problem, id: string, n: number | undefined, unit: string): Problem {
  const others = (p.locked ?? []).filter((l) => l.id !== id || (n !== undefined && l.n !== undefined && l.n !== n));
  return { ...p, locked: unit ? [...others, { unit, id, ...(n === undefined ? {} : { n }) }] : others };
}

/** A problem to begin with: the units that are on duty, each from where it stands. */
export function firstProblem(name: string, date: string, from: string, to: string, units: { id: string; station?: string | undefined; position?: LonLat | undefined }[]): Problem {
  return { format: "precinct-duty-1", name, date, from, to, units: units.filter((u) => u.position).map((u) => ({ id: u.id, ...(u.station ? { station: u.station } : {}), moves: "drive", start: rounded(u.position!) })),
    points: [], lines: [], holds: [], areas: [] };
}

// --- reading a plan ------------------------------------------------------------------------------------------------
/** Begin and end of the problem's hours, as times. */
export function hoursOf(p: { date: string; from: string; to: string }, zone?: string): [number, number] {
  const day = dayStart(Date.parse(`${p.date}T12:00:00${zone ?? "Z"}`), zone);
  return [day + (minutesOf(p.from) ?? 0) * MIN_MS, day + (minutesOf(p.to) ?? DAY_MIN) * MIN_MS];
}
/** How much above the bound, as a share; null without a bound. */
export function gapOf(plan: Plan, cost: Cost): number | null {
  const at = plan.cost[cost], least = plan.bound?.[cost];
  return at === undefined || !least ? null : Math.max(0, at / least - 1);
}
/** Units by the order of the problem, each with a mark of its own: 8 colours, and the letter that tells them apart where colours come round again. */
export const COLOURS = 8;
export const colourOf = (units: string[], unit: string): number => Math.max(0, units.indexOf(unit)) % COLOURS;

// --- drawing -------------------------------------------------------------------------------------------------------
interface Feature { type: "Feature"; properties: Record<string, unknown>; geometry: { type: string; coordinates: unknown } }
const feature = (type: string, coordinates: unknown, properties: Record<string, unknown>): Feature => ({ type: "Feature", properties, geometry: { type, coordinates } });
/** What is asked for: each task by its form, the handles of the chosen one, where the units begin. */
export function problemFeatures(p: Problem, chosen: string, left: Set<string> = new Set()): Feature[] {
  const drawn = tasksOf(p).flatMap(({ list, task }) => {
    const props = { id: task.id, kind: KIND[list], label: task.name || task.id, chosen: task.id === chosen, left: left.has(task.id), must: isMust(list, task) };
    if (task.path) return [feature("LineString", task.path, props)];
    if (task.polygon) return [feature("Polygon", task.polygon, props)];
    return task.at ? [feature("Point", task.at, props)] : [];
  });
  const task = findTask(p, chosen)?.task;
  const bends = task && !task.at ? handles(task).map((h, n) => feature("Point", h, { id: chosen, kind: "handle", n })) : [];
  const posts = p.units.map((u) => feature("Point", u.start, { id: u.id, kind: "post" }));
  return [...(p.forbidden ?? []).map((f) => feature("Polygon", f.polygon, { kind: "forbidden", label: f.name })), ...posts, ...drawn, ...bends];
}
/** The rounds: what each unit drives, or, where the plan gives no geometry, the order of its stops. */
export function routeFeatures(plan: Plan, units: string[], only = ""): Feature[] {
  return plan.routes.filter((r) => r.stops.length).flatMap((r) => {
    const props = { unit: r.unit, colour: colourOf(units, r.unit), faint: only !== "" && r.unit !== only, straight: !r.geometry };
    if (r.geometry) return [feature(r.geometry.type, r.geometry.coordinates, props)];
    const line = r.stops.flatMap((s) => [s.from, s.to]).filter((a): a is LonLat => !!a).filter((a, i, all) => i === 0 || distance_m(a, all[i - 1]!) > 1);
    return line.length > 1 ? [feature("LineString", line, props)] : [];
  });
}
