// Closures on the console, against the real server: a road is closed by keyboard and by map click, the recommendation's travel
// time follows, and lifting gives it back; by day and by night, in both languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Town, done, openBrowser, signIn, skip, text, until } from "./serving.mjs";

let browser, town;
before(async () => {
  if (skip) return;
  town = new Town(8_000);
  await town.serve();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});
const signedIn = (options) => signIn(browser, town.port, options);

/** A request of the page's own session. */
const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const reply = await fetch(`/api/v1${p}`, { method: m, headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, ...(b ? { body: JSON.stringify(b) } : {}) });
  return reply.json();
}, [method, path, body]);
const travel = async (page, incident, unit) => {
  const { ranked, passed } = await ask(page, "GET", `/incidents/${incident}/recommendation?count=100`);
  return [...ranked, ...passed].find((c) => c.unit === unit).travel_s;
};
/** An incident, a unit over a minute away, and a point in the middle of its way. */
async function aWay(page) {
  const units = (await ask(page, "GET", "/units?limit=1000")).items.filter((u) => ["at_station", "available"].includes(u.status) && u.position);
  for (const other of units.reverse()) {
    const call = await ask(page, "POST", "/calls", { channel: "phone", type: "noise", priority: 3 });
    const incident = (await ask(page, "POST", "/incidents", { call: call.id, type: "noise", priority: 3, gravity: "ordinary", position: other.position })).id;
    const far = (await ask(page, "GET", `/incidents/${incident}/recommendation?count=100`)).ranked.find((c) => c.travel_s > 60);
    if (!far) continue;
    const order = (await ask(page, "POST", "/orders", { incident, unit: far.unit })).id;
    const line = (await ask(page, "GET", `/orders/${order}/route`)).geometry.coordinates, n = Math.floor(line.length / 2);
    await ask(page, "POST", `/orders/${order}/cancel`, { reason: "not_needed" });
    return { incident, unit: far.unit, at: [(line[n - 1][0] + line[n][0]) / 2, (line[n - 1][1] + line[n][1]) / 2] };
  }
  throw new Error("no unit is a minute away from another");
}

test("a road closed by keyboard changes the travel time, and lifting gives it back", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "dark" });
  const { incident, unit, at } = await aWay(page), before = await travel(page, incident, unit);
  await page.keyboard.press("k");
  await page.waitForSelector(".closures-pane .empty");
  await page.keyboard.press("a");
  await page.waitForSelector("input[name=closure-place]:focus");
  await page.keyboard.type(`${at[1].toFixed(6)}, ${at[0].toFixed(6)}`);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /将封闭 1 段/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  assert.equal(await travel(page, incident, unit), before, "a preview closes nothing");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".closures .closure");
  const after = await until(() => travel(page, incident, unit), (s) => s !== before);
  assert.ok(after > before, `${after} s after ${before} s`);
  await page.waitForFunction(() => document.querySelector(".closure .where")?.textContent !== "");
  assert.match(await text(page, ".closure"), /施工[\s\S]*demo/);
  await page.click(".closure .row");
  await page.waitForFunction(() => window.precinctMap.map.getLayer("closed-line") && window.precinctMap.map.queryRenderedFeatures({ layers: ["closed-line"] }).length > 0);
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/closures-zh-night.png` });
  await page.click(".closure .lift");
  await page.click(".closure .deed footer .primary");
  await page.waitForSelector(".closures .closure", { state: "detached" });
  assert.equal(await until(() => travel(page, incident, unit), (s) => s === before), before);
  await page.waitForFunction(() => window.precinctMap.map.queryRenderedFeatures({ layers: ["closed-line"] }).length === 0);
  await done(page, "closures-none-zh-night");
});

test("a road is picked on the map, shown before it is saved, and a far point is refused where it was picked", { skip }, async () => {
  const page = await signedIn({ locale: "en-GB", colorScheme: "light" });
  const { at } = await aWay(page);
  await page.click(".closures-open");
  await page.click(".closures-pane .acts .primary");
  await page.waitForFunction(() => window.precinctMap.map?.isStyleLoaded() && window.precinctMap.pick);
  const click = async (lonlat) => {
    const p = await page.evaluate((q) => { const m = window.precinctMap.map; m.jumpTo({ center: q, zoom: 16 }); const b = m.getContainer().getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; }, lonlat);
    await page.mouse.click(p[0], p[1]);
  };
  await click(at);
  await page.waitForFunction(() => /Will close 1:/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  await page.waitForFunction(() => window.precinctMap.map.queryRenderedFeatures({ layers: ["closing-line"] }).length > 0);
  await click([at[0] + 2, at[1]]);
  await page.waitForSelector('.close-roads .field-error:has-text("within 50 m")');
  assert.equal(await page.locator(".close-roads footer .primary").isDisabled(), true);
  await page.click(".closing-points li:nth-child(2) button");
  await page.waitForFunction(() => /Will close 1:/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  await click(at);
  await page.click('.chips label:has-text("flood")');
  await page.click('.chips label:has-text("1 d")');
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/closures-form-en-day.png` });
  await page.click(".close-roads footer .primary");
  await page.waitForSelector(".closures .closure");
  assert.match(await text(page, ".closure"), /flood[\s\S]*by demo/);
  // Another console sees it by the stream alone.
  const other = await signedIn({ locale: "en-GB", colorScheme: "light" });
  await other.waitForSelector(".closures-open .badge");
  await page.click(".closure .lift");
  await page.click(".closure .deed footer .primary");
  await other.waitForSelector(".closures-open .badge", { state: "detached" });
  await done(other, "closures-other");
  await done(page, "closures-none-en-day");
});

/** Where a place of the map lies on the screen. */
const onScreen = (page, lonlat) => page.evaluate((q) => { const m = window.precinctMap.map, p = m.project(q), b = m.getCanvas().getBoundingClientRect(); return [b.left + p.x, b.top + p.y]; }, lonlat);
const layerHas = (page, layer) => page.waitForFunction((l) => window.precinctMap.map.getLayer(l) && window.precinctMap.map.queryRenderedFeatures({ layers: [l] }).length > 0, layer);
const around = (at, d) => [[at[0] - d, at[1] - d], [at[0] + d, at[1] - d], [at[0] + d, at[1] + d], [at[0] - d, at[1] + d]];
const liftAll = async (page) => {
  for (const c of (await ask(page, "GET", "/closures?status=open")).items) await ask(page, "POST", `/closures/${c.id}/lift`, { reason: "cleared" });
};
async function openForm(page, at, where) {
  await page.waitForFunction(() => window.precinctMap.map?.isStyleLoaded());
  await page.evaluate((q) => window.precinctMap.map.jumpTo({ center: q, zoom: 15 }), at);
  await page.keyboard.press("k");
  await page.waitForSelector(".closures-pane");
  await page.click(".closures-pane .acts .primary");
  await page.waitForFunction(() => window.precinctMap.pick);
  if (where === "area") await page.click('.close-roads label:has-text("区域"), .close-roads label:has-text("an area")');
}

test("an area is drawn by mouse, what it cuts off is said before and after, and it is closed", { skip }, async () => {
  const page = await signedIn({ locale: "en-GB", colorScheme: "light" });
  const { at } = await aWay(page);
  await openForm(page, at, "area");
  const corners = around(at, 0.0035);
  for (const c of corners.slice(0, 2)) await page.mouse.click(...await onScreen(page, c));
  await page.waitForFunction(() => document.querySelectorAll(".closing-points li").length === 2);
  assert.equal(await page.locator(".close-roads footer .primary").isDisabled(), true, "two corners are no area");
  for (const c of corners.slice(2)) await page.mouse.click(...await onScreen(page, c));
  await page.waitForFunction(() => /Will close [1-9]\d*:/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  await page.waitForSelector('.cut-off:has-text("out of reach for every unit")');
  await layerHas(page, "closing-area");
  await layerHas(page, "closing-edge");
  if (process.env.PRECINCT_SHOTS) { await page.waitForTimeout(600); await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/area-drawn-en-day.png` }); }
  await page.click('.close-roads label:has-text("flood")');
  await page.click(".close-roads footer .primary");
  await page.waitForSelector('.notice:has-text("out of reach for every unit")');
  await page.waitForSelector(".closures .closure");
  await layerHas(page, "closed-line");
  if (process.env.PRECINCT_SHOTS) { await page.waitForTimeout(600); await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/area-closed-en-day.png` }); }
  await liftAll(page);
  await page.waitForSelector(".closures .closure", { state: "detached" });
  await done(page, "area-none-en-day");
});

test("an area is marked by keyboard and slowed: dots on the map, the speed in the list", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "dark" });
  const { incident, unit, at } = await aWay(page), before = await travel(page, incident, unit);
  await openForm(page, at, "area");
  await page.click('.close-roads label:has-text("限速")');
  await page.click(".on-map-button");
  await page.waitForSelector(".maplibregl-canvas:focus");
  assert.equal(await page.locator(".map-cross").isVisible(), true);
  for (const c of [...around(at, 0.003), at]) {
    await page.evaluate((q) => window.precinctMap.map.jumpTo({ center: q }), c);
    await page.keyboard.press("Enter");
  }
  await page.waitForFunction(() => document.querySelectorAll(".closing-points li").length === 5);
  await page.keyboard.press("Backspace");
  await page.waitForFunction(() => document.querySelectorAll(".closing-points li").length === 4);
  const centre = () => page.evaluate(() => window.precinctMap.map.getCenter().lng), from = await centre();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((lng) => window.precinctMap.map.getCenter().lng > lng, from);
  await page.waitForFunction(() => /将限速 [1-9]\d* 段/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  assert.equal(await page.locator(".cut-off").count(), 0, "what is slow is not cut off");
  await page.keyboard.press("Escape");
  await page.waitForSelector("input[name=closure-place]:focus");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector('.closures .closure:has-text("限速 10 公里/小时")');
  await layerHas(page, "slowed-line");
  assert.equal(await page.evaluate(() => window.precinctMap.map.queryRenderedFeatures({ layers: ["closed-line"] }).length), 0, "slowed is not drawn as closed");
  assert.ok(await until(() => travel(page, incident, unit), (s) => s !== before) > before);
  await page.evaluate((q) => window.precinctMap.map.jumpTo({ center: q, zoom: 15.5 }), at);
  if (process.env.PRECINCT_SHOTS) { await page.waitForTimeout(900); await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/area-slowed-zh-night.png` }); }
  await liftAll(page);
  assert.equal(await until(() => travel(page, incident, unit), (s) => s === before), before);
  await done(page, "area-none-zh-night");
});

test("an area is marked by touch on a phone", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true });
  const { at } = await aWay(page);
  await page.waitForFunction(() => window.precinctMap.map?.isStyleLoaded());
  await page.tap(".closures-open.on-map");
  await page.tap(".closures-pane .acts .primary");
  await page.waitForFunction(() => window.precinctMap.pick);
  await page.tap('.close-roads label:has-text("区域")');
  const free = await page.evaluate(() => { // the part of the map that no sheet covers
    const sheet = document.querySelector(".details").getBoundingClientRect(), map = window.precinctMap.map.getCanvas().getBoundingClientRect();
    return { left: map.left, top: map.top, right: map.right, bottom: Math.min(map.bottom, sheet.top) };
  });
  assert.ok(free.bottom - free.top > 80, `${free.bottom - free.top} px of the map are left to tap on`);
  const middle = [(free.left + free.right) / 2, (free.top + free.bottom) / 2];
  await page.evaluate(([q, p]) => {
    const m = window.precinctMap.map, b = m.getCanvas().getBoundingClientRect();
    m.jumpTo({ center: q, zoom: 15 });
    m.panBy([b.left + b.width / 2 - p[0], b.top + b.height / 2 - p[1]], { duration: 0 });
  }, [at, middle]);
  for (const [x, y] of [[-60, -25], [60, -25], [60, 25], [-60, 25]]) await page.touchscreen.tap(middle[0] + x, middle[1] + y);
  await page.waitForFunction(() => /将封闭 [1-9]\d* 段/.test(document.querySelector(".closing-preview")?.textContent ?? ""));
  if (process.env.PRECINCT_SHOTS) { await page.waitForTimeout(600); await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/area-phone-zh-day.png` }); }
  await page.locator(".close-roads footer .primary").tap();
  await page.waitForSelector(".closures .closure");
  await liftAll(page);
  await done(page, "area-phone-zh-none");
});

test("areas stand on the map with their names, in both languages", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "light" });
  const names = () => page.evaluate(() => [...new Set(window.precinctMap.map.queryRenderedFeatures({ layers: ["areas-name"] }).map((f) => f.properties.name))]);
  await page.waitForFunction(() => window.precinctMap.map?.getLayer("areas-name"));
  await page.evaluate(() => window.precinctMap.map.jumpTo({ zoom: 12.5 }));
  const zh = await until(names, (all) => all.length > 0);
  assert.ok(zh.length > 0 && zh.every((n) => /辖区/.test(n)), zh.join());
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/areas-zh-day.png` });
  await page.keyboard.press("l");
  await page.keyboard.press("d");
  const field = () => page.evaluate(() => window.precinctMap.map.getLayer("areas-name") && JSON.stringify(window.precinctMap.map.getLayoutProperty("areas-name", "text-field")));
  assert.match(await until(field, (f) => /name_en/.test(f ?? "")), /name_en/);
  assert.ok((await until(names, (all) => all.length > 0)).length > 0);
  if (process.env.PRECINCT_SHOTS) await page.waitForTimeout(600);
  await done(page, "areas-en-night");
});
