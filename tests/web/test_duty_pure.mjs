// The plan editor without a screen: how a duty problem is changed and drawn, how a plan becomes a timeline, and how two plans differ.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
execFileSync("node", ["build.mjs", "--pure", `${root}/build/web/pure_duty.mjs`], { cwd: `${root}/web` });
const { duty, gantt, presence } = await import(`${root}/build/web/pure_duty.mjs`);

const problem = () => ({
  format: "precinct-duty-1", name: "Day", date: "2026-11-23", from: "08:00", to: "16:00",
  units: [{ id: "N1", start: [102.4, 40.1] }, { id: "N2", start: [102.41, 40.1] }],
  points: [{ id: "P1", name: "Market gate", at: [102.401, 40.102], visits: 2 }, { id: "P2", at: [102.403, 40.102] }],
  lines: [{ id: "L1", path: [[102.4, 40.11], [102.41, 40.115], [102.42, 40.12]] }],
  areas: [{ id: "A1", polygon: [[[102.4, 40.1], [102.41, 40.1], [102.41, 40.11], [102.4, 40.1]]] }],
  holds: [], locked: [{ unit: "N1", id: "P1", n: 1 }], debt: [{ id: "P1", visits: 1 }],
});
const time = (hhmm) => `2026-11-23T${hhmm}:00+08:00`;
const stop = (id, n, arrive, start, end, more = {}) => ({ kind: "point", id, n, arrive: time(arrive), start: time(start), end: time(end), from: [102.4, 40.1], to: [102.4, 40.1], travel_s: 300, ...more });
const plan = (routes, more = {}) => ({ name: "Day", date: "2026-11-23", feasible: true, unmet: [], cost: {}, routes, ...more });
const route = (unit, stops, leave = "08:00", back = "16:00") => ({ unit, leave: time(leave), back: time(back), travel_s: 600, stops });

test("windows are read as people write them, and what is none is refused", () => {
  assert.deepEqual(duty.readWindows("8:00-10:00, 14:00–16:30"), [["08:00", "10:00"], ["14:00", "16:30"]]);
  assert.deepEqual(duty.readWindows("8：00至10：00、22:00到26:00"), [["08:00", "10:00"], ["22:00", "26:00"]]);
  assert.deepEqual(duty.readWindows(""), []);
  for (const bad of ["8", "10:00-8:00", "08:60-09:00", "08:00-09:00-10:00", "49:00-50:00"]) assert.equal(duty.readWindows(bad), null, bad);
  assert.equal(duty.windowsText([["08:00", "10:00"], ["14:00", "16:30"]]), "08:00–10:00, 14:00–16:30");
});

test("tasks are added with a free number and removed with their locks and debt, and the problem before stays as it was", () => {
  const before = problem(), kept = structuredClone(before);
  const made = duty.addTask(before, "points", [[102.4012345678, 40.1]]);
  assert.equal(made.id, "P3");
  assert.deepEqual(duty.findTask(made.problem, "P3"), { list: "points", task: { id: "P3", at: [102.401235, 40.1] } });
  const again = duty.addTask(duty.removeTask(made.problem, "P1"), "points", [[102.4, 40.1]]);
  assert.ok(!["P2", "P3"].includes(again.id), "a number that is taken is not given again");
  const without = duty.removeTask(before, "P1");
  assert.deepEqual([without.locked, without.debt, duty.findTask(without, "P1")], [[], [], undefined]);
  const area = duty.addTask(before, "areas", [[1, 1], [2, 1], [2, 2]]);
  assert.deepEqual(duty.findTask(area.problem, area.id).task.polygon[0].at(-1), [1, 1], "a ring is closed");
  assert.deepEqual(duty.findTask(duty.addTask(before, "holds", [[1, 1]]).problem, "H1").task.windows, [["08:00", "16:00"]]);
  assert.deepEqual(before, kept);
});

test("a bend is dragged alone; the first corner of an area takes the closing one along", () => {
  let p = duty.moveTask(problem(), "L1", 1, [102.5, 40.2]);
  assert.deepEqual(duty.findTask(p, "L1").task.path, [[102.4, 40.11], [102.5, 40.2], [102.42, 40.12]]);
  p = duty.moveTask(p, "A1", 0, [102.39, 40.09]);
  const ring = duty.findTask(p, "A1").task.polygon[0];
  assert.deepEqual([ring[0], ring.at(-1), ring.length], [[102.39, 40.09], [102.39, 40.09], 4]);
  assert.deepEqual(duty.moveTask(p, "P2", 0, [1, 2]).points[1].at, [1, 2]);
  assert.equal(duty.moveTask(p, "L1", 3, [1, 2]), p, "a bend that is not there");
  assert.equal(duty.handles(duty.findTask(p, "A1").task).length, 3);
});

test("a visit is locked to one unit at a time and let go", () => {
  let p = duty.lockTask(problem(), "P1", 1, "N2");
  assert.deepEqual(p.locked, [{ unit: "N2", id: "P1", n: 1 }]);
  p = duty.lockTask(p, "P1", 2, "N1");
  assert.deepEqual(p.locked.map((l) => [l.n, l.unit]), [[1, "N2"], [2, "N1"]]);
  assert.equal(duty.lockOf(p, "P1", 2).unit, "N1");
  assert.equal(duty.lockOf(p, "P1", 3), undefined);
  assert.deepEqual(duty.lockTask(p, "P1", undefined, "").locked, []);
});

test("what is drawn: each task once, the handles of the chosen one, and what is left out is marked", () => {
  const of = (chosen, left) => duty.problemFeatures(problem(), chosen, left).map((f) => f.properties);
  assert.deepEqual(of("", new Set(["P2"])).filter((f) => f.left).map((f) => f.id), ["P2"]);
  assert.equal(of("L1").filter((f) => f.kind === "handle").length, 3);
  assert.equal(of("P1").filter((f) => f.kind === "handle").length, 0, "a point is its own handle");
  assert.deepEqual(of("").filter((f) => f.kind === "post").map((f) => f.id), ["N1", "N2"]);
});

test("rounds are drawn by what is driven, else by the order of their stops", () => {
  const a = route("N1", [stop("P1", 1, "08:30", "08:30", "08:35", { from: [1, 1], to: [1, 1] }), stop("L1", 1, "09:00", "09:00", "09:10", { kind: "line", from: [1, 2], to: [1, 3] })]);
  const b = { ...route("N2", [stop("P2", 1, "08:30", "08:30", "08:35")]), geometry: { type: "LineString", coordinates: [[1, 1], [2, 2]] } };
  const [fa, fb] = duty.routeFeatures(plan([a, b, route("N3", [])]), ["N1", "N2"], "N2");
  assert.deepEqual(fa.geometry.coordinates, [[1, 1], [1, 2], [1, 3]]);
  assert.deepEqual([fa.properties.straight, fa.properties.faint, fb.properties.straight, fb.properties.faint, fb.properties.colour], [true, true, false, false, 1]);
});

test("a timeline has the way, the wait and the work of each stop, by the hours of the site's own clock", () => {
  const g = gantt.ganttOf(plan([route("N1", [stop("P1", 1, "08:30", "08:40", "08:45"), stop("P1", 2, "09:00", "09:00", "09:05", { travel_s: 900 })], "08:10", "09:20")]), "+08:00");
  assert.deepEqual(g.rows[0].bars.map((b) => [b.kind, (b.from_ms - g.from_ms) / 60_000, (b.to_ms - g.from_ms) / 60_000]),
    [["wait", 10, 25], ["travel", 25, 30], ["wait", 30, 40], ["point", 40, 45], ["travel", 45, 60], ["point", 60, 65], ["travel", 65, 80]]);
  assert.deepEqual(g.hours.map((h) => h.hour), [8, 9]);
  assert.equal(g.from_ms, Date.parse(time("08:00")));
  assert.equal(gantt.ganttOf(plan([route("N1", [], "08:10", "09:20")]), "+05:30").from_ms, Date.parse("2026-11-23T05:00:00+05:30"), "hours begin where the clock's do");
  assert.deepEqual(gantt.ganttOf(plan([]), "+08:00").rows, []);
});

test("arrow keys go from work to work, and to the nearest in time in another row", () => {
  const g = gantt.ganttOf(plan([route("N1", [stop("P1", 1, "08:30", "08:30", "08:35"), stop("P1", 2, "10:00", "10:00", "10:05")]), route("N2", []), route("N3", [stop("P2", 1, "09:50", "09:50", "09:55"), stop("P2", 2, "13:00", "13:00", "13:05")])]), "+08:00");
  assert.deepEqual(gantt.stepBar(g, "N1", 0, "ArrowRight"), { unit: "N1", stop: 1 });
  assert.equal(gantt.stepBar(g, "N1", 1, "ArrowRight"), null);
  assert.deepEqual(gantt.stepBar(g, "N1", 1, "ArrowDown"), { unit: "N3", stop: 0 }, "an empty row is passed over");
  assert.deepEqual(gantt.stepBar(g, "N3", 1, "ArrowUp"), { unit: "N1", stop: 1 });
  assert.deepEqual(gantt.stepBar(g, "N3", 1, "Home"), { unit: "N3", stop: 0 });
  assert.equal(gantt.stepBar(g, "N9", 0, "ArrowRight"), null);
});

test("two plans: what only one has, who else does it, what is at another time; five minutes are no difference", () => {
  const a = plan([route("N1", [stop("P1", 1, "08:30", "08:30", "08:35"), stop("P1", 2, "10:00", "10:00", "10:05"), stop("P2", 1, "11:00", "11:00", "11:05"), stop("rest", 1, "12:00", "12:00", "12:30", { kind: "break" })]), route("N2", [stop("P3", 1, "09:00", "09:00", "09:05")])]);
  const b = plan([route("N1", [stop("P1", 1, "08:34", "08:34", "08:39"), stop("P1", 2, "10:20", "10:20", "10:25")]), route("N2", [stop("P2", 1, "11:00", "11:00", "11:05"), stop("P4", 1, "12:00", "12:00", "12:05")])]);
  const { same, differences, units } = gantt.comparePlans(a, b);
  assert.equal(same, 1);
  assert.deepEqual(differences.map((d) => [d.id, d.n, d.what, d.a?.unit ?? null, d.b?.unit ?? null]),
    [["P3", 1, "only_a", "N2", null], ["P4", 1, "only_b", null, "N2"], ["P2", 1, "unit", "N1", "N2"], ["P1", 2, "time", "N1", "N1"]]);
  assert.deepEqual(units.map((u) => [u.unit, u.a, u.b]), [["N1", 3, 2], ["N2", 1, 2]]);
  assert.deepEqual(gantt.comparePlans(a, a).differences, []);
});

test("the gap to the bound is a share of the bound, and none without one", () => {
  const made = plan([], { cost: { travel_s: 110, musts_left: 0 }, bound: { travel_s: 100 } });
  assert.ok(Math.abs(duty.gapOf(made, "travel_s") - 0.1) < 1e-9);
  assert.equal(duty.gapOf(made, "musts_left"), null);
  assert.deepEqual(duty.hoursOf({ date: "2026-11-23", from: "22:00", to: "30:00" }, "+08:00").map((ms) => new Date(ms).toISOString()), ["2026-11-23T14:00:00.000Z", "2026-11-23T22:00:00.000Z"]);
});

test("two plans are shown by the same hours", () => {
  const a = plan([route("N1", [], "08:10", "09:20")]), b = plan([route("N1", [], "07:00", "12:30")]);
  const [ga, gb] = [gantt.ganttOf(a, "+08:00", b), gantt.ganttOf(b, "+08:00", a)];
  assert.deepEqual([ga.from_ms, ga.to_ms], [gb.from_ms, gb.to_ms]);
  assert.deepEqual(ga.hours.map((h) => h.hour), [7, 8, 9, 10, 11, 12]);
});

test("classes of presence have round limits, hold every street once, and the strongest is always the last shade", () => {
  const street = (unit_minutes, name = "A") => ({ name, unit_minutes, length_m: 100, line: {} });
  assert.deepEqual(presence.presenceLimits([]), [0]);
  assert.deepEqual(presence.presenceLimits([0, 0, 0]), [0]);
  const minutes = [0, 5, 5, 10, 20, 35, 60, 95, 300, 1200], limits = presence.presenceLimits(minutes);
  assert.deepEqual(limits, [0, 5, 20, 60, 360]);
  assert.deepEqual(minutes.map((m) => presence.classOf(limits, m)), [0, 1, 1, 1, 2, 2, 3, 3, 3, 4]);
  const classes = presence.presenceClasses(minutes.map((m) => street(m)), limits);
  assert.equal(classes.reduce((n, c) => n + c.stretches, 0), minutes.length);
  assert.ok(Math.abs(classes.reduce((n, c) => n + c.km, 0) - 1) < 1e-9);
  assert.equal(classes.at(-1).until, null);
  const drawn = presence.presenceFeatures([street(30), street(5)], presence.presenceLimits([30, 5]));
  assert.deepEqual(drawn.map((f) => f.properties.presence), [3, 4]);
  assert.deepEqual(presence.byStreet([street(5, null), street(10, "B"), street(20, "A"), street(15, "B")]).map((r) => [r.name, r.unit_minutes, r.stretches]), [["B", 25, 2], ["A", 20, 1], [null, 5, 1]]);
});
