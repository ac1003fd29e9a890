// What the tests on the mock share: a desk of the town for each page, a browser, signing in by keyboard, and what is checked
// of every page at its end. PRECINCT_SHOTS=DIR keeps pictures; PRECINCT_SLOW=6 makes every browser six times slower (machine.mjs).
//
// No test of a page may fail because the machine is slow. So each waits for what a person would wait for before the next key: the form
// gone (`save`), the word there (`shows`); it counts nothing that may still be coming (`until`), and measures no time.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromiumPath, openBrowser, ready, root } from "./machine.mjs";
import { Desk, serve } from "./mock.mjs";

export { root, until } from "./machine.mjs";
export const skip = chromiumPath ? false : "chromium is not installed";
const servers = [];
export let desk;
let browser, server;

before(async () => {
  if (!skip) browser = await openBrowser();
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
  const context = await browser.newContext({ viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 }, locale: lang, timezoneId: "UTC", colorScheme: scheme, reducedMotion });
  const page = await ready(await context.newPage());
  await page.goto(server.url);
  await page.waitForSelector("input[name=account]");
  return page;
}
export async function signIn(page) {
  await page.waitForSelector("input[name=account]:focus");
  await page.keyboard.type("demo");
  await page.keyboard.press("Tab");
  await page.keyboard.type("demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-link="live"]');
}
/** Saves the form that is open, by keyboard, and sees it gone: what changed is told before the form has its answer. */
export async function save(page, key = "Control+Enter") {
  await page.keyboard.press(key);
  await page.waitForSelector(".deed", { state: "detached" });
}
/** Waits until an element has this text, or one that matches. */
export const shows = (page, selector, want) => page.waitForFunction(([s, w, isPattern]) => { const told = document.querySelector(s)?.textContent; return told !== undefined && (isPattern ? new RegExp(w).test(told) : told === w); },
  [selector, want.source ?? want, want instanceof RegExp]);
/** Presses a key and gives what the element said at that moment: a list may be another a moment later. */
export async function pressSeeing(page, key, selector) {
  await page.evaluate((s) => addEventListener("keydown", () => { window.seenAtKey = document.querySelector(s)?.textContent; }, { capture: true, once: true }), selector);
  await page.keyboard.press(key);
  return page.evaluate(() => window.seenAtKey);
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
