// What the tests on the mock share: a desk of the town for each page, a browser, signing in by keyboard, and what is checked
// of every page at its end. PRECINCT_SHOTS=DIR keeps pictures.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { Desk, serve } from "./mock.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const chromium_path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
export const skip = chromium_path ? false : "chromium is not installed";
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const servers = [];
export let desk;
let browser, server;

before(async () => {
  if (skip) return;
  const { chromium } = await import(`${root}/web/node_modules/playwright-core/index.mjs`);
  browser = await chromium.launch({ executablePath: chromium_path, args: FLAGS });
});
after(async () => {
  await browser?.close();
  servers.forEach((s) => s.close());
});

export async function open({ lang = "en-GB", scheme = "light", phone = false, units = 40, replay = 0, roles, reducedMotion = "no-preference" } = {}) {
  desk = new Desk({ units, dist: `${root}/build/web/dist` });
  if (replay) desk.startReplay(replay);
  if (roles) desk.roles = roles;
  desk.seed();
  server = await serve(desk);
  servers.push(server);
  const context = await browser.newContext({ viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 }, locale: lang, colorScheme: scheme, reducedMotion });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push(e.message));
  page.on("console", (m) => { if (/Content Security Policy|Refused to/.test(m.text())) page.faults.push(m.text()); });
  await page.goto(server.url);
  await page.waitForSelector("input[name=account]");
  return page;
}
export async function signIn(page) {
  await page.waitForSelector("input[name=account]:focus").catch(() => page.focus("input[name=account]"));
  await page.keyboard.type("demo");
  await page.keyboard.press("Tab");
  await page.keyboard.type("demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-link="live"]');
}
export async function close(page, name) {
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` });
  const faults = page.faults;
  await page.context().close();
  server.close();
  assert.deepEqual(desk.faults, [], "what went and came is as api/ describes it");
  assert.deepEqual(faults, [], "no script error, nothing refused by the content security policy");
}
/** The last body that was sent to a deed of this name. */
export const sent = (deed) => JSON.parse(desk.requests.filter((r) => r.method === "POST" && r.path.endsWith(`/${deed}`)).pop()?.body ?? "null");
export const text = (page, selector) => page.locator(selector).first().innerText();
