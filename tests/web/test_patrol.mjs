// Patrol on the console, against the real server: what there is to do is drawn and dragged, a plan is made, read as a timeline, locked,
// made again, compared and adopted; its rounds are proved stop by stop on a phone while the desk replays a day; both languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Town, done, openBrowser, signIn, skip, text, until } from "./serving.mjs";

let browser, town;
before(async () => {
  if (skip) return;
  town = new Town(8_000);
  town.addUser("crew", "patrol");
  await town.serve("--replay", town.callsFrom("T17:00"), "--speed", "1");
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});
// A map is drawn by the processor: a smaller one in half the time; the large one for pictures.
const VIEW = process.env.PRECINCT_SHOTS ? {} : { viewport: { width: 1100, height: 720 } };
const EN = { locale: "en-GB", colorScheme: "light", ...VIEW }, ZH = { locale: "zh-CN", colorScheme: "dark", ...VIEW }, PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const shot = async (page, name) => { if (process.env.PRECINCT_SHOTS) { await page.waitForTimeout(700); await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/patrol-${name}.png` }); } };
/** A request of the page's own session. */
const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const reply = await fetch(`/api/v1${p}`, { method: m, headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, ...(b ? { body: JSON.stringify(b) } : {}) });
  return /json/.test(reply.headers.get("Content-Type")) ? reply.json() : reply.text();
}, [method, path, body]);
const APART_DEG = 0.002;
const tab = (page, n) => page.click(`.patrol-tabs button:nth-child(${n})`);
const onScreen = (page, lonlat) => page.evaluate((q) => { const m = window.precinctMap.map, p = m.project(q), b = m.getCanvas().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; }, lonlat);
const problem = (page) => ask(page, "GET", "/patrol/problem");

/** Six places on roads between the stations, apart from each other. */
async function roadside(page) {
  const units = (await ask(page, "GET", "/units?limit=1000")).items.filter((u) => u.position), at = [];
  for (let n = 1; n < units.length && at.length < 6; n++) {
    const { routes } = await ask(page, "GET", `/route?from=${units[0].position.join()}&to=${units[n].position.join()}&profile=patrol`), line = routes[0].geometry.coordinates;
    for (const share of [0.3, 0.5, 0.7]) {
      const p = line[Math.floor(line.length * share)];
      if (at.every((q) => Math.hypot(p[0] - q[0], p[1] - q[1]) > APART_DEG)) at.push(p);
    }
  }
  assert.ok(at.length >= 5, `${at.length} places`);
  return at;
}
async function openPatrol(page) {
  await page.waitForFunction(() => window.precinctMap.map?.isStyleLoaded());
  await page.keyboard.press("j");
  await page.waitForSelector(".patrol-tabs");
}
async function place(page, list, ...at) {
  await page.click(`[data-add=${list}]`);
  await page.waitForFunction(() => window.precinctMap.pick);
  for (const p of at) await page.mouse.click(...await onScreen(page, p));
}
async function make(page) {
  const before = (await ask(page, "GET", "/patrol/plans")).plans.length;
  await page.click("[data-deed=make]");
  const [plan] = await until(async () => (await ask(page, "GET", "/patrol/plans")).plans, (all) => all.length > before && all[0].state !== "making");
  assert.equal(plan.state, "made", plan.reason);
  await page.waitForSelector(`.plan-row.on[data-plan=${plan.id}]`);
  return (await ask(page, "GET", `/patrol/plans/${plan.id}`)).plan;
}

test("tasks are drawn, dragged, undone and kept; a plan is made, locked, made again, compared and adopted", { skip }, async () => {
  const page = await signIn(browser, town.port, EN), at = await roadside(page);
  await ask(page, "POST", "/replay", { automatic: false });
  await openPatrol(page);
  await page.click("[data-deed=begin]");
  await page.waitForSelector("[data-add=points]");
  await page.click('.duty-title button');
  for (const [name, hour] of [["problem-from", "17:00"], ["problem-to", "23:00"], ["problem-to", "nonsense"]]) {
    await page.fill(`input[name=${name}]`, hour);
    await page.press(`input[name=${name}]`, "Tab");
  }
  await page.waitForSelector('.duty-title .sub:has-text("17:00–23:00")');
  for (const [n, p] of at.slice(0, 4).entries()) {
    await place(page, "points", p);
    await page.waitForSelector(`.task-form[data-task=P${n + 1}]`);
    await page.fill(".task-form input[name=name]", `Gate ${n + 1}`);
    await page.press(".task-form input[name=name]", "Tab");
  }
  await page.fill(".task-form input[name=visits]", "2");
  await page.press(".task-form input[name=visits]", "Tab");
  await page.fill(".task-form input[name=windows]", "nonsense");
  await page.press(".task-form input[name=windows]", "Tab");
  await page.waitForSelector(".task-form .field-error");
  await page.fill(".task-form input[name=windows]", "17:00-22:30");
  await page.press(".task-form input[name=windows]", "Tab");
  await page.waitForSelector(".task-form .field-error", { state: "detached" });
  await place(page, "holds", at[4]);
  await page.waitForSelector(".task-form[data-task=H1]");
  await page.fill(".task-form input[name=windows]", "17:20–17:40");
  await page.press(".task-form input[name=windows]", "Tab");
  await place(page, "lines", at[0], at[1]);
  await page.click(".placing .primary");
  await page.waitForSelector(".task-form[data-task=L1]");
  await page.click("[data-deed=save]");
  const saved = (is) => until(async () => (await problem(page)).points?.[2]?.at, is), placed = await saved(Boolean), same = (p) => p.join() === placed.join();
  await page.waitForSelector("[data-deed=save]:disabled");
  // Dragged, and brought back.
  const from = await onScreen(page, at[2]);
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(from[0] + 30, from[1] + 20, { steps: 6 });
  await page.mouse.up();
  await page.waitForSelector(".task-form[data-task=P3]");
  await shot(page, "edit-en-day");
  await page.click("[data-deed=save]");
  const dragged = await saved((p) => !same(p));
  assert.ok(Math.hypot(dragged[0] - placed[0], dragged[1] - placed[1]) > 1e-4, "it was dragged");
  await page.click('.duty-head button:has-text("Undo")');
  await page.click("[data-deed=save]:not(:disabled)");
  assert.deepEqual(await saved(same), placed, "undo brings it back");
  assert.deepEqual((await problem(page)).points[3].windows, [["17:00", "22:30"]]);
  // A plan, its timeline, a lock.
  await tab(page, 2);
  const first = await make(page);
  assert.equal(first.feasible, true, JSON.stringify(first.unmet));
  await page.waitForSelector(".gantt .bar-work");
  await page.waitForFunction(() => window.precinctMap.map.getLayer("duty-route-straight") && window.precinctMap.map.queryRenderedFeatures({ layers: ["duty-route"] }).length > 0, null, { timeout: 60_000 }); // along the roads, before anybody drives it
  const drawn = await page.evaluate(() => window.precinctMap.map.getStyle().sources.rounds.data.features.filter((f) => f.geometry.type === "LineString").map((f) => [f.properties.straight, f.geometry.coordinates.length]));
  assert.ok(drawn.length && drawn.every(([straight, points]) => !straight && points > 2), JSON.stringify(drawn));
  await shot(page, "plan-en-day");
  const visit = first.routes.flatMap((r) => r.stops.map((s) => ({ unit: r.unit, ...s }))).find((s) => s.id === "P1"), other = first.routes.find((r) => r.unit !== visit.unit).unit;
  await tab(page, 1);
  await page.click('.duty-list [data-id="P1"]');
  await page.selectOption(".task-form select[name=lock-1]", other);
  await page.click('.duty-list [data-id="P2"]');
  await page.waitForSelector(".task-form[data-task=P2]");
  await page.selectOption(".task-form select[name=lock-1]", visit.unit);
  await tab(page, 2);
  const second = await make(page);
  assert.equal(second.routes.find((r) => r.stops.some((s) => s.id === "P1")).unit, other, "the locked visit went to its unit");
  await page.waitForSelector(".compared");
  await page.waitForSelector('.compared [data-diff="unit"]:has-text("Gate 1")');
  assert.equal(await page.locator(".gantt").count(), 2);
  await page.locator(".compared").scrollIntoViewIfNeeded();
  await shot(page, "compare-en-day");
  await page.click("[data-deed=adopt]");
  await page.click("[data-deed=adopt-sure]");
  await page.waitForSelector('.plan-row[data-state="adopted"]');
  await tab(page, 3);
  await page.waitForSelector(".rounds [data-round]");
  assert.equal(await page.locator(".rounds [data-round]").count(), second.routes.filter((r) => r.stops.length).length);
  await shot(page, "rounds-en-day");
  // What is kept is there for whoever opens the page next.
  await page.reload();
  await openPatrol(page);
  await page.waitForSelector('.duty-list [data-id="H1"]');
  await done(page, "patrol-kept-en-day");
});

test("in Chinese, by keyboard alone: a point under the map's cross, and along the timeline", { skip }, async () => {
  const page = await signIn(browser, town.port, ZH), [at] = await roadside(page);
  await openPatrol(page);
  await page.waitForSelector("[data-add=points]");
  const before = (await problem(page)).points.length;
  await page.focus("[data-add=points]");
  await page.keyboard.press("Enter");
  await page.focus(".placing .on-map-button");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".maplibregl-canvas:focus");
  await page.evaluate((q) => window.precinctMap.map.jumpTo({ center: q }), at);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".task-form");
  assert.match(await text(page, ".task-form h3"), /必巡点/);
  await page.focus("[data-deed=save]");
  await page.keyboard.press("Enter");
  await until(async () => (await problem(page)).points.length, (n) => n === before + 1);
  await page.focus(".patrol-tabs button:nth-child(2)");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".plan-row");
  await page.focus(".plan-row .plan-acts button");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".gantt .bar-work[tabindex='0']");
  await page.evaluate(() => { // the unit that has most to do
    const bars = [...document.querySelectorAll(".gantt .bar-work")], of = (unit) => bars.filter((b) => b.dataset.unit === unit);
    of(bars.map((b) => b.dataset.unit).sort((a, b) => of(b).length - of(a).length)[0])[0].focus();
  });
  const where = () => page.evaluate(() => { const b = document.activeElement; return [b.dataset.unit, b.dataset.stop, b.getAttribute("aria-label")]; });
  const [unit, stop, label] = await where();
  assert.match(label, new RegExp(`${unit}.*\\d\\d:\\d\\d–\\d\\d:\\d\\d`));
  await page.keyboard.press("End");
  assert.notEqual((await where())[1], stop);
  await page.keyboard.press("Home");
  assert.equal((await where())[1], stop);
  for (const key of ["ArrowDown", "ArrowUp"]) if ((await where())[0] === unit) await page.keyboard.press(key);
  assert.notEqual((await where())[0], unit, "another unit's row");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.bar-work[aria-pressed="true"]');
  await page.waitForSelector(".chosen-stop");
  assert.equal(await page.locator(".gantt .bar-work[tabindex='0']").count(), 1, "one stop of Tab for the whole timeline");
  await shot(page, "plan-zh-night");
  await page.keyboard.press("l");
  await page.waitForSelector('.patrol-tabs button:has-text("Plans")');
  await done(page, "patrol-keys-en-night");
});

test("a round on a phone: roll call, each stop proved, the log; adherence tells what was missed, and the sheet goes out as files", { skip }, async () => {
  const page = await signIn(browser, town.port, { ...ZH, colorScheme: "light", ...PHONE });
  await page.locator(".phone-tabs button:last-child").tap();
  await page.locator('.patrol-tabs button:has-text("巡逻任务")').tap();
  const row = (await ask(page, "GET", "/patrol/rounds")).rounds.filter((r) => r.total > 0).sort((a, b) => b.total - a.total)[0];
  await page.locator(`[data-round=${row.id}]`).tap();
  await page.waitForSelector(".next-stop");
  await page.locator("[data-deed=roll-call]").tap();
  await page.fill("input[name=present]", "3");
  await page.locator(".deed footer .primary").tap();
  await shot(page, "call-phone-zh-day");
  await page.waitForSelector('.four li:first-child .good:has-text("到岗 3 人")');
  await shot(page, "sheet-phone-zh-day");
  const next = (await ask(page, "GET", `/patrol/rounds/${row.id}`)).next.stop;
  await page.locator(".next-stop [data-proof=tag]").tap();
  await page.waitForSelector(`.stop[data-stop="${next}"]:not([data-status=planned])`);
  const stop = (await ask(page, "GET", `/patrol/rounds/${row.id}`)).stops.find((s) => s.stop === next);
  assert.equal(stop.proof, "tag");
  await page.locator("[data-deed=log]").scrollIntoViewIfNeeded();
  await page.locator("[data-deed=log]").tap();
  await page.fill("input[name=km]", "21");
  await page.fill("input[name=helped]", "2");
  await page.locator(".log .deed footer .primary").tap();
  await page.waitForSelector('.log p:has-text("21 公里")');
  await shot(page, "log-phone-zh-day");
  await page.locator("[data-deed=note]").tap();
  await page.fill("textarea[name=note]", "北门路灯不亮");
  await page.locator(".round-notes .deed footer .primary").tap();
  await page.locator("[data-deed=look]").tap();
  await page.fill(".round-notes input[name=purpose]", "交接班");
  await page.locator(".round-notes .deed footer .primary").tap();
  await page.waitForSelector('[data-note]:has-text("北门路灯不亮")');
  await page.locator("[data-deed=check]").tap();
  await page.locator('.checks .deed label:has-text("电话查岗：已接通")').tap();
  await shot(page, "check-phone-zh-day");
  await page.locator(".checks .deed footer .primary").tap();
  await page.waitForSelector('.checks [data-check="1"]:has-text("已接通")');
  assert.match(await text(page, '.checks [data-check="1"]'), /不事先通知/);
  await shot(page, "checked-phone-zh-day");
  const files = await page.evaluate(() => Promise.all([...document.querySelectorAll(".links a")].map((a) => fetch(a.href).then((r) => r.text()))));
  assert.match(files[0], /^BEGIN:VCALENDAR/);
  assert.match(files[1], /<gpx/);
  assert.ok(["Feature", "FeatureCollection"].includes(JSON.parse(files[2]).type));
  await page.locator('.patrol-tabs button:has-text("落实情况")').tap();
  // Fewer than three crews have something to do: no sums of them; what each stop needs is listed one by one.
  await page.waitForSelector(".followed h3");
  const crews = new Set((await ask(page, "GET", "/patrol/rounds")).rounds.filter((r) => r.total > 0).map((r) => r.unit)).size;
  assert.equal(await page.locator(".followed-counts").count(), crews < 3 ? 0 : 1);
  if (crews < 3) await page.waitForSelector('.followed [role=status]:has-text("至少 3 组")');
  assert.match(await text(page, ".followed"), /偏离路线/);
  await done(page, "patrol-followed-phone-zh-day");
});

test("the crew on its phone says why, where it opens the stop, and its leader reads it", { skip }, async () => {
  const lead = await signIn(browser, town.port, EN), row = (await ask(lead, "GET", "/patrol/rounds")).rounds.find((r) => r.total > 0 && r.state !== "planned"); // the one that has begun
  await ask(lead, "POST", "/accounts/crew/assign", { unit: row.unit_id });
  const page = await signIn(browser, town.port, { ...ZH, ...PHONE }, "crew", ".patrol-tabs");
  await page.locator(`[data-round=${row.id}]`).tap();
  await page.waitForSelector("[data-why]");
  assert.equal(await page.locator("select.reason").count(), 0, "no select until one opens it");
  const stop = await page.locator("[data-why]").last().getAttribute("data-why"), size = await page.locator("[data-why]").last().boundingBox();
  assert.ok(size.height >= 36, `${size.height} px is too small for a finger`);
  await page.locator(`[data-why="${stop}"]`).tap();
  await page.selectOption(`select.reason[data-reason="${stop}"]`, "road_blocked");
  await page.waitForSelector(`[data-why="${stop}"]:has-text("道路受阻")`);
  assert.equal(await page.locator("select.reason").count(), 0);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing hangs over the edge");
  await done(page, "patrol-why-phone-zh-night");
  assert.equal((await ask(lead, "GET", `/patrol/rounds/${row.id}`)).stops.find((s) => s.stop === Number(stop)).reason, "road_blocked");
  await lead.context().close();
});

test("a directed order is given with its end and ended; the duty level is set and shown", { skip }, async () => {
  const page = await signIn(browser, town.port, EN), [at] = await roadside(page);
  await openPatrol(page);
  await page.click('.patrol-tabs button:has-text("Orders")');
  await page.click("[data-deed=directed]");
  await page.fill(".deed input[name=name]", "Night market");
  await page.fill(".deed input[name=at]", `${at[1]}, ${at[0]}`);
  await page.fill(".deed input[name=reason]", "three thefts from stalls");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector('.closures .closure:has-text("Night market")');
  const [order] = (await ask(page, "GET", "/patrol/orders?state=open")).orders;
  assert.ok(Date.parse(order.until) - Date.parse(order.ordered_at) <= 14 * 86_400_000);
  await page.click("[data-deed=level]");
  await page.click('.deed label:has-text("2, at least half")');
  await page.click('.deed label:has-text("holiday")');
  await page.fill(".deed input[name=number]", "2026-17");
  await page.fill(".deed input[name=approver]", "L. Zhao");
  await page.click(".deed footer .primary");
  await shot(page, "level-en-day");
  await page.waitForSelector('.level-now:has-text("at least half")');
  await shot(page, "orders-en-day");
  // Where and when calls rise: too short a history is said, and nothing is told of it.
  await page.waitForSelector(".where-sheet [role=status]");
  assert.match(await text(page, ".where-sheet [role=status]"), /weeks/);
  assert.equal(await page.locator(".where-sheet .field-error").count(), 0);
  await page.click(".closure .lift");
  await page.click(".closure .deed footer .primary");
  await page.waitForSelector(".closures .closure", { state: "detached" });
  await page.click(`.directed-over [data-id=${order.id}] [data-deed=helped]`);
  await page.waitForSelector('.directed-over [role=status]:has-text("Cannot tell: ")');
  await shot(page, "helped-en-day");
  await done(page, "patrol-level-en-day");
});

test("where patrols were: nobody yet, too few crews, streets by class with an hour slider, by keyboard, in both languages", { skip }, async () => {
  const page = await signIn(browser, town.port, EN), at = await roadside(page);
  await openPatrol(page);
  await page.click('.patrol-tabs button:has-text("Adherence")');
  await page.click("[data-part=presence]");
  await page.waitForSelector('.presence [role=status]:has-text("No patrol was on its round")'); // a replay keeps no positions
  // The rest from replies in the form of the interface.
  const lines = [], asked = [], posts = (await ask(page, "GET", "/units?limit=1000")).items.filter((u) => u.position).map((u) => u.position), PIECE = 3;
  for (const from of posts) for (const to of at) lines.push((await ask(page, "GET", `/route?from=${from.join()}&to=${to.join()}&profile=patrol`)).routes[0].geometry.coordinates);
  const pieces = [...new Map(lines.flatMap((line) => line.flatMap((_, n) => (n % PIECE === 0 && n + 1 < line.length ? [line.slice(n, n + PIECE + 1)] : []))).map((piece) => [piece[0].join(), piece])).values()];
  const street = (n, name, unit_minutes) => ({ name, unit_minutes, length_m: 120, line: { type: "LineString", coordinates: pieces[n] } }), NAMES = ["Renmin Road", "Jiefang Road", "Xinhua Road"];
  const streets = [street(0, "River Road", 240), street(1, "River Road", 60), street(2, "Market Street", 0), street(3, null, 15), ...pieces.slice(4).map((_, n) => street(n + 4, NAMES[n % NAMES.length], 5 * ((n * n) % 40)))];
  await page.route("**/api/v1/patrol/presence?*", (route) => {
    const hour = new URL(route.request().url()).searchParams.get("hour");
    asked.push(hour);
    const told = hour === "3" ? [] : streets;
    const reply = { from: "2026-05-26", to: "2026-06-01", hour: hour === null ? null : Number(hour), ready: asked.length > 1, progress: 0.4, as_of: asked.length > 1 ? "2026-06-01T17:10:00+08:00" : null, least_crews: 3, step_minutes: 5, hidden: 7, left_off: 0, streets: asked.length > 1 ? told : [] };
    return route.fulfill({ json: reply });
  });
  await page.selectOption("select[name=presence-days]", "28");
  await page.waitForSelector(".presence progress"); // being made
  await page.waitForSelector(".presence-table");
  const rows = await page.evaluate(() => [...document.querySelectorAll(".presence-table tbody tr")].map((r) => [...r.children].map((c) => c.textContent)));
  for (const row of [["River Road", "300", "2"], ["Market Street", "< 5", "1"], ["without a name", "15", "1"]]) assert.ok(rows.some((r) => r.join() === row.join()), `${row} in ${rows.join("; ")}`);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll(".presence-key tbody td:nth-child(3)")].reduce((n, d) => n + Number(d.textContent), 0)), streets.length, "each stretch is in one class");
  assert.match(await text(page, ".presence"), /7 stretches are not shown: fewer than 3 crews/);
  await page.waitForFunction((n) => window.precinctMap.map.getStyle().sources.presence.data.features.length === n, streets.length);
  await shot(page, "presence-en-day");
  await page.focus("input[name=presence-hour]");
  for (let n = 0; n < 4; n++) await page.keyboard.press("ArrowRight");
  await page.waitForSelector('.presence [role=status]:has-text("On no street were 3 crews")');
  assert.equal(await page.getAttribute("input[name=presence-hour]", "aria-valuetext"), "03:00–04:00");
  assert.equal(asked[asked.length - 1], "3");
  await page.waitForFunction(() => window.precinctMap.map.getStyle().sources.presence.data.features.length === 0);
  await page.keyboard.press("Home");
  await page.waitForSelector(".presence-table");
  await page.click('button:has-text("中文")');
  await page.waitForSelector('.presence:has-text("另有 7 个路段因到过的不足 3 组而不显示")');
  await shot(page, "presence-zh-day");
  await page.setViewportSize({ width: 390, height: 844 }); // on a phone
  await page.waitForSelector(".phone-tabs");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing hangs over the edge");
  await shot(page, "presence-phone-zh-day");
  await page.click("[data-part=visits]");
  await page.waitForFunction(() => window.precinctMap.map.getStyle().sources.presence.data.features.length === 0);
  await page.unroute("**/api/v1/patrol/presence?*");
  await done(page, "patrol-presence-left-zh-day");
});
