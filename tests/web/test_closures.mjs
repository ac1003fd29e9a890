// Closures on the console, against the real server: a road is closed by keyboard and by map click, the recommendation's travel
// time follows, and lifting gives it back; by day and by night, in both languages.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const precinct = process.env.PRECINCT ?? `${root}/build/release/precinct`;
const chromium_path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const skip = !chromium_path ? "chromium is not installed" : !existsSync(precinct) ? "the program is not built" : false;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
let browser, folder, server, port, positions;

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port: found } = probe.address();
    probe.close(() => resolve(found));
  });
});
async function start() {
  server = spawn(precinct, ["serve", join(folder, "site"), "--listen", `127.0.0.1:${port}`, "--positions", String(positions), "--web", `${root}/build/web/dist`], { stdio: "ignore" });
  for (let n = 0; n < 100; n++) {
    if (await fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server did not come up");
}
const stop = () => new Promise((resolve) => {
  server.once("exit", resolve);
  server.kill("SIGTERM");
});

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "precinct-web-closures-"));
  const run = (...args) => execFileSync(precinct, [...args], { cwd: folder, stdio: ["pipe", "ignore", "inherit"], input: "demo-password-1\n" });
  run("town", "town", "--people", "8000", "--days", "1");
  run("init", "site", "--map", "town/map.osm.pbf", "--areas", "town/areas.geojson", "--stations", "town/stations.geojson", "--places", "town/places.geojson", "--units", "town/units.csv", "--drill");
  run("user", "add", "site", "demo", "--roles", "call_taker,dispatcher,commander", "--password-stdin");
  [port, positions] = [await freePort(), await freePort()];
  await start();
  const { chromium } = await import(`${root}/web/node_modules/playwright-core/index.mjs`);
  browser = await chromium.launch({ executablePath: chromium_path, args: FLAGS });
});
after(async () => {
  await browser?.close();
  if (server && server.exitCode === null) await stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function signedIn(options) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })).newPage();
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push(e.message));
  page.on("console", (m) => { if (/Content Security Policy|Refused to/.test(m.text())) page.faults.push(m.text()); });
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "demo-password-1");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-link="live"]');
  return page;
}
async function done(page, name) {
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` });
  const faults = page.faults;
  await page.context().close();
  assert.deepEqual(faults, []);
}
const text = (page, selector) => page.locator(selector).first().innerText();


/** A request of the page's own session. */
const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const reply = await fetch(`/api/v1${p}`, { method: m, headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, ...(b ? { body: JSON.stringify(b) } : {}) });
  return reply.json();
}, [method, path, body]);
const travel = async (page, incident, unit) => {
  const { ranked, passed } = await ask(page, "GET", `/incidents/${incident}/recommendation?count=100`);
  return [...ranked, ...passed].find((c) => c.unit === unit).travel_s;
};
async function becomes(look, wanted, patience_ms = 3_000) {
  const end = Date.now() + patience_ms;
  for (;;) {
    const seen = await look();
    if (wanted(seen) || Date.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
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
  const after = await becomes(() => travel(page, incident, unit), (s) => s !== before);
  assert.ok(after > before, `${after} s after ${before} s`);
  await page.waitForFunction(() => document.querySelector(".closure .where")?.textContent !== "");
  assert.match(await text(page, ".closure"), /施工[\s\S]*demo/);
  await page.click(".closure .row");
  await page.waitForFunction(() => window.precinctMap.map.getLayer("closed-line") && window.precinctMap.map.queryRenderedFeatures({ layers: ["closed-line"] }).length > 0);
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/closures-zh-night.png` });
  await page.click(".closure .lift");
  await page.click(".closure .deed footer .primary");
  await page.waitForSelector(".closures .closure", { state: "detached" });
  assert.equal(await becomes(() => travel(page, incident, unit), (s) => s === before), before);
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

test("areas stand on the map with their names, in both languages", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "light" });
  const names = () => page.evaluate(() => [...new Set(window.precinctMap.map.queryRenderedFeatures({ layers: ["areas-name"] }).map((f) => f.properties.name))]);
  await page.waitForFunction(() => window.precinctMap.map?.getLayer("areas-name"));
  await page.evaluate(() => window.precinctMap.map.jumpTo({ zoom: 12.5 }));
  const zh = await becomes(names, (all) => all.length > 0);
  assert.ok(zh.length > 0 && zh.every((n) => /辖区/.test(n)), zh.join());
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/areas-zh-day.png` });
  await page.keyboard.press("l");
  await page.keyboard.press("d");
  const field = () => page.evaluate(() => window.precinctMap.map.getLayer("areas-name") && JSON.stringify(window.precinctMap.map.getLayoutProperty("areas-name", "text-field")));
  assert.match(await becomes(field, (f) => /name_en/.test(f ?? "")), /name_en/);
  assert.ok((await becomes(names, (all) => all.length > 0, 9_000)).length > 0);
  await page.waitForTimeout(600);
  await done(page, "areas-en-night");
});
