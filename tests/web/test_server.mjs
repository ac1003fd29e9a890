// The console against the real server on a generated town: sign in, a call by keyboard, the first recommendation,
// the unit's whole order, the incident closed, all in the timeline; both languages; the stream cut by stopping the server.
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
  folder = mkdtempSync(join(tmpdir(), "precinct-web-"));
  const run = (...args) => execFileSync(precinct, [...args], { cwd: folder, stdio: ["pipe", "ignore", "inherit"], input: "demo-password-1\n" });
  run("town", "town", "--people", "30000", "--days", "1");
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
  page.setDefaultTimeout(10_000);
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

test("a call goes its whole way on the real server, by keyboard, and the timeline tells it", { skip }, async () => {
  const page = await signedIn({ locale: "zh-CN", colorScheme: "dark" });
  const street = JSON.parse(readFileSync(join(folder, "town/places.geojson"), "utf8")).features.map((f) => f.properties.name).find((n) => n && n.length >= 3);
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("theft");
  await page.keyboard.press("Enter");
  await page.keyboard.type(street);
  await page.waitForSelector(".combo ul.open li.on");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".place-state.good");
  await page.keyboard.press("Tab");
  await page.keyboard.type("自行车被盗");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li.first .reason");
  const unit = await text(page, ".ranked li.first .unit-name");
  await page.keyboard.press("1");
  await page.waitForSelector(".orders .order");
  assert.equal(await text(page, ".orders .unit-name"), unit);
  for (const [step, state] of [["签收", "已签收"], ["出警", "已出警"], ["到场", "已到场"], ["反馈", "已反馈"]]) {
    await page.click(`.order .acts button:has-text("${step}")`);
    if (step === "反馈") await page.click(".deed footer .primary"); // with its result, "handled" unless chosen
    await page.waitForFunction((want) => document.querySelector(".order-head .state")?.textContent === want, state);
  }
  await page.click('.order .acts button:has-text("办结处警单")');
  await page.click('.incident-acts button:has-text("办结警情")');
  await page.click(".deed footer .primary");
  await page.waitForFunction(() => document.querySelector(".facts .state")?.textContent === "已办结");
  await page.waitForFunction(() => document.querySelectorAll(".timeline li").length >= 7);
  await page.keyboard.press("l");
  await page.waitForFunction(() => document.querySelector(".facts .state")?.textContent === "closed");
  await done(page, "server-closed-en-night");
});

test("a stopped server is seen and found again, and the units are there", { skip }, async () => {
  const page = await signedIn({ locale: "en-GB", colorScheme: "light" });
  assert.ok((await page.locator(".list-tabs button:nth-child(3) b").innerText()) !== "0");
  await stop();
  const began = Date.now();
  await page.waitForSelector(".lost-banner", { timeout: 4_000 });
  console.log(`# a stopped server is seen after ${Date.now() - began} ms`);
  await start();
  await page.waitForSelector(".lost-banner", { state: "detached", timeout: 8_000 });
  assert.equal(await text(page, ".link"), "live");
  await done(page, "server-healed-en-day");
});
