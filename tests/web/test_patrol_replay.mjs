// A round in a replay, on the console: the units of a generated town drive the rounds of its duty plan, which is in force at the desk; a unit comes to
// its next stop on the map, the stop is proved on its sheet, and adherence counts it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Town, done, openBrowser, signIn, skip, unitsSeen, until } from "./serving.mjs";

let browser, town, plan;
before(async () => {
  if (skip) return;
  town = new Town(8_000);
  try {
    town.run("patrol", "plan", "site", "--problem", "town/duty.json", "--iterations", "200", "--out", "plan.json");
  } catch (error) {
    assert.equal(error.status, 1, "what is left out is named, and is no failure");
  }
  plan = JSON.parse(town.read("plan.json"));
  await town.serve("--replay", town.callsFrom("T08:30"), "--speed", "0", "--plan", "plan.json");
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});
const ask = (page, method, path, body) => page.evaluate(async ([m, p, b]) => {
  const reply = await fetch(`/api/v1${p}`, { method: m, headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, ...(b ? { body: JSON.stringify(b) } : {}) });
  return reply.json();
}, [method, path, body]);
const metres = (a, b) => Math.hypot((b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180), b[1] - a[1]) * 111_195;
const NEAR_M = 120, MOVED_PX = 3;

test("a unit drives its round on the map, its next stop is proved on the sheet, and adherence counts it", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "light", viewport: { width: 1100, height: 760 } });
  await ask(page, "POST", "/replay", { automatic: false }); // no orders but people's
  const { id } = await ask(page, "POST", "/patrol/plans", { plan });
  await ask(page, "POST", `/patrol/plans/${id}/adopt`);
  const rounds = (await ask(page, "GET", "/patrol/rounds")).rounds.filter((r) => r.total > 0);
  assert.ok(rounds.length, "no round is to be driven");
  // Of what lies ahead, and not where its unit stands already, the soonest.
  const where = async () => Object.fromEntries((await ask(page, "GET", "/positions")).positions.map((p) => [p.unit, p.position]));
  const at = await until(where, (all) => rounds.some((r) => all[r.unit_id])), now = Date.parse((await ask(page, "GET", "/replay")).at), ahead = [];
  for (const round of rounds) for (const s of (await ask(page, "GET", `/patrol/rounds/${round.id}`)).stops)
    if (Date.parse(s.start) > now && s.kind !== "break" && at[round.unit_id] && metres(at[round.unit_id], s.from) > 2 * NEAR_M) ahead.push({ ...round, next: { ...s, at: s.from } });
  const round = ahead.sort((a, b) => Date.parse(a.next.start) - Date.parse(b.next.start))[0];
  assert.ok(round, "nothing lies ahead");
  await page.waitForFunction(() => window.precinctMap.map?.isStyleLoaded());
  await page.keyboard.press("j");
  await page.click('.patrol-tabs button:has-text("Rounds")');
  await page.click(`[data-round=${round.id}]`);
  await page.waitForSelector(`.stop[data-stop="${round.next.stop}"]`);
  await page.waitForFunction(() => window.precinctMap.map.getStyle().sources.rounds.data.features.some((f) => f.geometry.type === "LineString" && !f.properties.straight)); // its route along the roads
  const before = await until(() => unitsSeen(page), (seen) => seen[round.unit_id]);
  await page.click('.speeds button:has-text("60×")');
  await until(() => unitsSeen(page), (seen) => seen[round.unit_id] && Math.hypot(seen[round.unit_id][0] - before[round.unit_id][0], seen[round.unit_id][1] - before[round.unit_id][1]) > MOVED_PX);
  const there = await until(where, (all) => metres(all[round.unit_id], round.next.at) < NEAR_M);
  assert.ok(metres(there[round.unit_id], round.next.at) < NEAR_M, "it has come to its stop");
  await page.click(".timebar .play"); // paused: nothing else happens meanwhile
  const stop = `.stop[data-stop="${round.next.stop}"]`;
  await page.click(`${stop} .prove`);
  await page.click(`${stop} [data-proof=position]`);
  await page.waitForSelector(`${stop}:not([data-status=planned])`);
  const served = (await ask(page, "GET", `/patrol/rounds/${round.id}`)).stops.find((s) => s.stop === round.next.stop);
  assert.equal(served.proof, "position");
  assert.ok(["done", "late", "short"].includes(served.status), served.status);
  // Adherence: sums when three crews have something to do; what was late is named by place and hour.
  await page.click('.patrol-tabs button:has-text("Adherence")');
  await page.waitForSelector(".followed h3");
  if (new Set(rounds.map((r) => r.unit)).size >= 3) await page.waitForFunction((status) => Number(document.querySelector(`.followed-counts [data-status="${status}"] td`)?.textContent) >= 1, served.status);
  else await page.waitForSelector('.followed [role=status]:has-text("at least 3 crews")');
  await done(page, "patrol-replay-en-day");
});
