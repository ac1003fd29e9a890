// What the patrol screens hold besides the board: the duty problem as it is edited and as it is saved, the plans made of it, and what is
// chosen of them. One object, told about as the store is.
import type { LonLat } from "./geo";
import { colourOf, findTask, moveTask, problemFeatures, routeFeatures, tasksOf, type List, type Plan, type Problem } from "./duty";
import { leftOut, unitsOf } from "./gantt";
import { drawDuty, dutyScene } from "./map/duty";
import { flyTo, mapLink } from "./map/map";
import { readPlanLines } from "./patrol_api";
import { changed } from "./store";

export type Tab = "tasks" | "plan" | "rounds" | "done" | "where";
export interface Chosen { unit: string; stop: number }
export const patrol = {
  tab: "tasks" as Tab, problem: null as Problem | null, saved: null as Problem | null, etag: "", read: false, undo: [] as Problem[],
  task: "", // chosen on the map or in the list
  adding: null as { list: List; points: LonLat[] } | null, moving: false,
  a: null as { id: string; plan: Plan } | null, b: null as { id: string; plan: Plan } | null,
  round: "", // whose sheet is open
  done: "visits" as "visits" | "presence", // which part of adherence
  unit: "", stop: null as Chosen | null,
};
const UNDONE_MOST = 50;

const dragged = { before: null as Problem | null };
export function setPatrol(patch: Partial<typeof patrol>): void {
  Object.assign(patrol, patch);
  if (patch.a) void putOnRoads(patch.a.id);
  draw();
  changed();
}
/** A change of the problem that can be undone. */
export function edit(problem: Problem, more: Partial<typeof patrol> = {}): void {
  if (patrol.problem && problem !== patrol.problem) patrol.undo = [...patrol.undo.slice(1 - UNDONE_MOST), patrol.problem];
  setPatrol({ problem, ...more });
}
export function undo(): void {
  const before = patrol.undo[patrol.undo.length - 1];
  if (before) setPatrol({ problem: before, undo: patrol.undo.slice(0, -1), ...(findTask(before, patrol.task) ? {} : { task: "" }) });
}
export const isUnsaved = (): boolean => patrol.problem !== patrol.saved && JSON.stringify(patrol.problem) !== JSON.stringify(patrol.saved);
export const units = (): string[] => unitsOf(patrol.a?.plan ?? null, patrol.problem);
export const unitColour = (unit: string): number => colourOf(units(), unit);

const asked = new Set<string>(); // plans whose lines have been asked for
/** The rounds of the plan that is shown, along the roads; until they are there, or when nobody can give them, from stop to stop. */
async function putOnRoads(id: string): Promise<void> {
  if (asked.has(id) || !patrol.a || patrol.a.plan.routes.every((r) => r.geometry || !r.stops.length)) return;
  asked.add(id);
  try {
    const line = new Map((await readPlanLines(id)).lines.map((l) => [l.unit, l.line]));
    for (const side of ["a", "b"] as const) {
      const kept = patrol[side];
      if (kept?.id === id) patrol[side] = { id, plan: { ...kept.plan, routes: kept.plan.routes.map((r) => (r.geometry ? r : { ...r, geometry: line.get(r.unit) ?? null })) } };
    }
    setPatrol({});
  } catch { /* it stays as it is */ } finally {
    asked.delete(id);
  }
}
/** Streets by presence, below everything else of patrol. */
export function showPresence(features: unknown[] | null): void {
  dutyScene.presence = (features ?? []) as never;
  drawDuty(mapLink.map);
}

/** The map follows: the problem and the rounds while one plans; on the other pages what they put there. */
let shownElse: unknown[] | null = null;
export function showElse(features: unknown[] | null): void {
  shownElse = features;
  draw();
}
function draw(): void {
  const { problem, a, adding, tab, unit } = patrol, planning = tab === "plan" || tab === "tasks";
  const sketch = adding && adding.points.length ? [
    ...(adding.points.length > 1 ? [{ type: "Feature", properties: { kind: "sketch", chosen: true }, geometry: { type: "LineString", coordinates: adding.list === "areas" ? [...adding.points, adding.points[0]] : adding.points } }] : []),
    ...adding.points.map((p) => ({ type: "Feature", properties: { kind: "handle", n: -1 }, geometry: { type: "Point", coordinates: p } }))] : [];
  dutyScene.problem = (planning ? [...(problem ? problemFeatures(problem, patrol.task, leftOut(a?.plan ?? null)) : []), ...sketch] : []) as never;
  const nth = planning && a && unit ? (a.plan.routes.find((r) => r.unit === unit)?.stops ?? []).map((s, n) => ({ type: "Feature", properties: { nth: String(n + 1), colour: unitColour(unit), unit }, geometry: { type: "Point", coordinates: s.from ?? [0, 0] } })) : [];
  dutyScene.routes = (shownElse ?? (planning && a ? [...routeFeatures(a.plan, units(), unit), ...nth] : [])) as never;
  drawDuty(mapLink.map);
}
/** While the screen is open, the map's marks belong to it. */
export function holdMap(): () => void {
  dutyScene.choose = (id, kind) => { if (patrol.tab === "plan" || patrol.tab === "tasks") kind === "unit" || kind === "post" ? setPatrol({ unit: patrol.unit === id ? "" : id, stop: null }) : setPatrol({ task: id }); };
  dutyScene.move = (id, n, to) => {
    if (!patrol.problem || (patrol.tab !== "plan" && patrol.tab !== "tasks")) return;
    dragged.before ??= patrol.problem;
    setPatrol({ problem: moveTask(patrol.problem, id, n, to), task: id });
  };
  dutyScene.drop = () => {
    if (dragged.before) setPatrol({ undo: [...patrol.undo.slice(1 - UNDONE_MOST), dragged.before] });
    dragged.before = null;
  };
  draw();
  return () => {
    dutyScene.choose = dutyScene.move = dutyScene.drop = null;
    dutyScene.problem = dutyScene.routes = dutyScene.presence = [];
    drawDuty(mapLink.map);
  };
}
/** Shows all that is planned. */
export function seeAll(): void {
  const p = patrol.problem, all = p ? [...p.units.map((u) => u.start), ...tasksOf(p).flatMap(({ task }) => (task.at ? [task.at] : task.path ?? task.polygon?.[0] ?? []))] : [];
  fitTo(all);
}
/** All of it on the part of the map that no sheet covers. */
export function fitTo(all: LonLat[]): void {
  if (!all.length || !mapLink.map) return;
  const of = (n: 0 | 1, f: (...v: number[]) => number) => f(...all.map((a) => a[n]));
  mapLink.map.fitBounds([of(0, Math.min), of(1, Math.min), of(0, Math.max), of(1, Math.max)], { padding: innerWidth <= 760 ? { top: 60, left: 40, right: 40, bottom: 0.72 * mapLink.map.getContainer().clientHeight } : 50, maxZoom: 16, animate: false });
}
export function seeTask(id: string): void {
  const task = findTask(patrol.problem, id)?.task, at = task?.at ?? task?.path?.[0] ?? task?.polygon?.[0]?.[0];
  setPatrol({ task: id });
  if (at) flyTo(at, 14.5);
}
