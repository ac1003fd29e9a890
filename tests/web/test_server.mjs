// The console against the real server on a generated town whose calls are replayed: sign in, a call by keyboard with its
// duplicate offered, the first recommendation, the unit on its way and there, the incident closed, all in the timeline;
// both languages, desktop and phone; the stream cut by stopping the server and by a line that goes silent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Town, Wire, done, openBrowser, signIn, skip, text, until } from "./serving.mjs";

const SPEED = 12;
let browser, town;
const serve = () => town.serve("--replay", town.callsFrom("T17:00"), "--speed", String(SPEED));

before(async () => {
  if (skip) return;
  town = new Town(120_000);
  await serve();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});

/** A call up to its place, by keyboard alone. */
async function typeCall(page, type, place) {
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type(type);
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=place]:focus");
  await page.keyboard.type(place);
  await page.waitForSelector(".combo ul.open li.on");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".place-state.good");
  await page.keyboard.press("Tab");
}
const inPage = (page, path) => page.evaluate((p) => fetch(`/api/v1${p}`).then((r) => r.json()), path);
const metres = ([a, b], [c, d]) => Math.hypot((a - c) * 111_320 * Math.cos((b * Math.PI) / 180), (b - d) * 110_540);
/** From now on the page keeps in window.way where it draws a unit, as lon, lat. */
const follow = (page, id) => page.evaluate((unit) => {
  window.way = [];
  setInterval(() => {
    const { overlay, map } = window.precinctMap, mark = overlay.seen.slice(0, overlay.seenCount).find((s) => s.kind === "unit" && s.id === unit);
    if (mark) window.way.push(map.unproject([mark.x, mark.y]).toArray());
  }, 100);
}, id);
/** A named place that a unit must drive to, and that is not in the gazetteer twice. */
async function placeAtADistance(page) {
  const units = (await inPage(page, "/units?limit=1000")).items.filter((u) => u.position && ["at_station", "available"].includes(u.status));
  const nearest = (at) => Math.min(...units.map((u) => metres(u.position, at)));
  const named = JSON.parse(town.read("town/places.geojson")).features.map((f) => ({ name: f.properties.name, at: f.geometry.coordinates }));
  const once = named.filter((p) => p.name?.length >= 4 && named.filter((q) => q.name.includes(p.name)).length === 1);
  return once.sort((a, b) => Math.abs(nearest(a.at) - 1_500) - Math.abs(nearest(b.at) - 1_500))[0].name;
}

test("a call goes its whole way by keyboard, its unit drives there on the map, and the timeline tells it", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "zh-CN", colorScheme: "dark" });
  const place = await placeAtADistance(page);
  await typeCall(page, "theft", place);
  await page.keyboard.type("自行车被盗");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li.first .reason");
  const incident = await text(page, ".incident-pane .id");

  await typeCall(page, "theft", place);
  await page.waitForSelector(`.duplicate:has-text("${incident}")`);
  assert.equal((await inPage(page, `/incidents/${incident}`)).calls?.length ?? 1, 1, "nothing is saved while one types");
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/server-call-zh-night.png` });
  await page.keyboard.press("Alt+1");
  await page.waitForFunction(() => document.querySelector(".incident-pane .calls .count")?.textContent === "2" && !document.querySelector(".call-pane"));
  assert.equal(await text(page, ".incident-pane .id"), incident, "the second call joined the first one's incident");


  await page.waitForSelector(".ranked li.first .reason");
  await page.keyboard.press("1"); // the first there is: test_console.mjs sees that it is the one on the screen
  await page.waitForSelector(".orders .order");
  const unit = await text(page, ".orders .unit-name");
  const { id } = (await inPage(page, "/units?limit=1000")).items.find((u) => u.name === unit), goal = (await inPage(page, `/incidents/${incident}`)).position;
  await follow(page, id);
  // Nobody told the unit: it acknowledges, sets out and arrives by itself.
  await page.waitForFunction(() => /到场|反馈/.test(document.querySelector(".order-head .state")?.textContent), null, { timeout: 300_000 });
  const left = () => page.evaluate(() => window.way.at(-1)).then((at) => (at ? metres(at, goal) : Infinity)), there = await until(left, (m) => m < 150);
  assert.ok(there < 150, `it stands ${Math.round(there)} m from the incident`);
  const way = await page.evaluate(() => window.way), steps = way.slice(1).map((at, n) => metres(at, way[n]));
  assert.ok(steps.filter((m) => m > 0.5).length >= 3, `it moves on the map, step by step: ${steps.map(Math.round)}`);

  await page.click('.order .acts button:has-text("反馈")');
  await page.click(".deed footer .primary"); // with its result, "handled" unless chosen
  await page.waitForSelector(".deed", { state: "detached" });
  await page.click('.order .acts button:has-text("办结处警单")');
  await page.click('.incident-acts button:has-text("办结警情")');
  await page.click(".deed footer .primary");
  await page.waitForFunction(() => document.querySelector(".facts .state")?.textContent === "已办结");
  const told = ["接警（电话）：盗窃", "已并入", `派出 ${unit}`, `${unit} 签收`, `${unit} 出警`, `${unit} 到场`, `${unit} 反馈`, `${unit} 处置完毕`, "警情办结"];
  await page.waitForFunction((words) => words.every((w) => document.querySelector(".timeline ol")?.textContent.includes(w)), told);
  await page.keyboard.press("l");
  await page.waitForFunction(() => document.querySelector(".facts .state")?.textContent === "closed");
  await page.waitForFunction(() => /closed/i.test(document.querySelector(".timeline ol")?.textContent) && !/[\u4e00-\u9fff]/.test(document.querySelector(".timeline ol").textContent));
  await done(page, "server-closed-en-night");
});

test("a unit that a person has taken over does nothing by itself and goes its way by hand", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "light" });
  const centre = (await inPage(page, "/tiles.json")).center;
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("noise");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=place]:focus");
  await page.keyboard.type(`${centre[1].toFixed(5)}, ${centre[0].toFixed(5)}`);
  await page.waitForSelector(".place-state.good");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li.first .unit-name");
  const incident = await text(page, ".incident-pane .id");
  let unit = "", free = false;
  for (let tries = 0; tries < 5 && !free; tries++) { // the desk may send it to another call before it is ours: then the next one
    await page.waitForSelector(".incident-pane .ranked li.first .unit-name");
    unit = await text(page, ".ranked li.first .unit-name");
    const { id } = (await inPage(page, "/units?limit=1000")).items.find((u) => u.name === unit);
    await page.click(".ranked li.first .unit-name");
    await page.waitForSelector(".unit-pane");
    await page.keyboard.press("h");
    await page.waitForFunction((u) => fetch(`/api/v1/units/${u}`).then((r) => r.json()).then((r) => r.simulated === false), id);
    free = !(await inPage(page, `/units/${id}`)).order;
    await page.keyboard.press("i");
    await page.click(`.row[data-id="${incident}"]`);
  }
  const send = page.locator(`.ranked li:has(.unit-name:text-is("${unit}")) .ranked-head button:not(.plain)`);
  await send.click();
  await page.waitForSelector(".orders .order");
  await page.waitForTimeout(6_000); // more than a minute of the desk's time: a crew would have acknowledged
  assert.equal(await text(page, ".order-head .state"), "sent", "nobody drives it");
  for (const [step, state] of [["Acknowledge", "acknowledged"], ["Set out", "set out"], ["On scene", "on scene"]]) {
    await page.click(`.order .acts button:has-text("${step}")`);
    await page.waitForFunction((want) => document.querySelector(".order-head .state")?.textContent === want, state);
  }
  await done(page, "server-by-hand-en-day");
});

test("on a phone a call is taken, a unit sent and its way seen", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.click(".phone-tabs button:nth-child(3)");
  await page.fill("input[name=type]", "noise");
  await page.waitForSelector(".combo ul.open li");
  await page.keyboard.press("Enter");
  const centre = (await inPage(page, "/tiles.json")).center;
  await page.fill("input[name=place]", `${(centre[1] + 0.01).toFixed(5)}, ${centre[0].toFixed(5)}`);
  await page.waitForSelector(".place-state.good");
  await page.fill("textarea[name=words]", "Loud music");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li.first .primary");
  await page.click(".ranked li.first .primary");
  await page.waitForSelector(".orders .order");
  await page.waitForFunction(() => /acknowledged|set out|on scene|reported/.test(document.querySelector(".order-head .state")?.textContent), null, { timeout: 300_000 });
  await page.click(".phone-tabs button:nth-child(1)");
  await page.waitForFunction(() => window.precinctMap.overlay.seenCount > 0);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, "nothing is wider than the screen");
  await done(page, "server-phone-en-day");
});

test("a line that goes silent is seen within seconds and found again when it speaks", { skip }, async (t) => {
  const wire = await new Wire(town).open();
  t.after(() => wire.close());
  const page = await signIn(browser, wire.port, { locale: "zh-CN", colorScheme: "dark" });
  const readSome = async () => { for (const row of (await page.locator(".incident-row").all()).slice(0, 3)) await row.click(); };
  wire.hush();
  const began = Date.now();
  await page.click(".list-tabs button:nth-child(2)");
  await readSome(); // and hear nothing
  await page.waitForSelector(".lost-banner");
  console.log(`# a silent line is seen after ${Date.now() - began} ms`);
  await page.waitForTimeout(2_500);
  assert.equal(await page.locator(".lost-banner").count(), 1, "silence is not taken for calm");
  wire.speak();
  const spoke = Date.now();
  await page.waitForSelector(".lost-banner", { state: "detached" });
  console.log(`# and found again ${Date.now() - spoke} ms after it speaks`);
  await page.waitForSelector('[data-link="live"]');
  await done(page, "server-silent-zh-night");
});

test("a stopped server is seen and found again, and the units are there", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "light" });
  assert.notEqual(await text(page, ".list-tabs button:nth-child(3) b"), "0");
  await town.stop();
  const began = Date.now();
  await page.waitForSelector(".lost-banner");
  console.log(`# a stopped server is seen after ${Date.now() - began} ms`);
  await serve();
  await page.waitForSelector(".lost-banner", { state: "detached" });
  await page.waitForSelector('[data-link="live"]');
  await done(page, "server-healed-en-day");
});
