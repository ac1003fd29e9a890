// The console alone: the server is killed and started again while calls are taken, the page and the browser are closed and opened
// meanwhile. Each call is in the record once, in order, and nothing was called recorded before it was. What is refused is
// mended, what waits is asked about before signing out, and the browser's disk holds none of it in clear.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as mocked from "./page.mjs";
import { Town, done, openBrowser, openBrowserIn, signIn, skip, text, until } from "./serving.mjs";
import { ready } from "./machine.mjs";

const CANARY = "the canary keeps quiet";
let browser, town;
before(async () => {
  if (skip) return;
  town = new Town(3_000);
  await town.serve();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});

const inPage = (page, path) => page.evaluate((p) => fetch(`/api/v1${p}`).then((r) => r.json()), path);
const calls = async (page) => (await inPage(page, "/calls?limit=1000")).items;
const waits = (page, n) => page.waitForFunction((want) => Number(document.querySelector(".outbox-strip")?.dataset.waiting ?? document.querySelectorAll('.kept-call[data-stage="waiting"]').length) === want, n);
const shot = async (page, name) => { if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` }); };
/** One call by keyboard; `after` says what is to be seen then. */
async function take(page, words, seen) {
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("noise");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("input[name=type]").value.length > 3);
  await page.fill("textarea[name=words]", words);
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".call-pane", { state: "detached" });
  if (seen) await page.waitForSelector(seen);
  await page.keyboard.press("Escape");
}
/** What was told of each call that is in the record, in its order. */
async function wordsTold(page) {
  const told = [];
  for (const { id } of await calls(page)) {
    told.push(await page.evaluate(async (call) => (await (await fetch(`/api/v1/calls/${call}/look`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ purpose: "test", case: call }) })).json()).words, id));
  }
  return told;
}
/** The sentences that were shown as notices since it was called. */
async function hearNotices(page) {
  await page.evaluate(() => {
    window.notices = [];
    new MutationObserver(() => { const told = document.querySelector(".notice")?.textContent; if (told) window.notices.push(told); }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

test("ten calls while the server is killed and started again are ten calls, in order, and none twice", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "light" });
  const words = Array.from({ length: 10 }, (_, n) => `call number ${n}`);
  for (const w of words.slice(0, 3)) await take(page, w, ".incident-pane");
  await town.stop("SIGKILL");
  await page.waitForSelector(".lost-banner[data-state=offline]");
  await page.waitForSelector(".notice", { state: "detached" });
  await hearNotices(page);
  for (const w of words.slice(3, 6)) await take(page, w);
  await waits(page, 3);
  assert.match(await text(page, ".outbox-strip"), /^3 calls wait at this console, not in the record yet/);
  assert.ok((await page.evaluate(() => window.notices)).every((n) => !/is saved|in the record now/.test(n) && /not in the record yet/.test(n)), "nothing is called recorded that is not");
  await shot(page, "alone-en-day");
  await town.serve();
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  await page.waitForSelector('[data-link="live"]');
  await take(page, words[6], ".incident-pane");
  // Killed as soon as the next one is on its way: whether it was taken is not known to anybody.
  const sent = page.waitForRequest((r) => r.method() === "POST" && r.url().endsWith("/api/v1/calls"));
  const saving = take(page, words[7]);
  await sent;
  await town.stop("SIGKILL");
  await saving;
  await page.waitForSelector(".lost-banner[data-state=offline]");
  for (const w of words.slice(8)) await take(page, w);
  await town.serve();
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  await page.waitForSelector('[data-link="live"]');
  assert.deepEqual(await wordsTold(page), words);
  assert.ok((await calls(page)).every((c) => c.incident), "each has its incident");
  assert.equal((await inPage(page, "/incidents?limit=1000")).items.length, 10);
  await done(page, "alone-back-en-day");
  await town.stop();
  town.run("log", "export", "site", "--out", "events");
  const events = town.read("events").trim().split("\n").map((line) => JSON.parse(line)).filter((e) => e.type === "call_received");
  assert.deepEqual(events.map((e) => e.data.via ?? null).map((via) => via === "console"), words.map((_, n) => (n >= 3 && n < 6) || n >= 8), "those taken alone say so");
  for (const e of events.slice(3, 6)) assert.ok(e.occurred_at < e.recorded_at, "with the time of their taking");
});

test("what was taken alone survives a reload and a restart of the browser, is sealed on its disk, and gone when it was acknowledged", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "precinct-browser-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let desk = await openBrowserIn(folder, { locale: "zh-CN", colorScheme: "dark" });
  t.after(() => desk.close());
  if (town.server.exitCode !== null || town.server.signalCode !== null) await town.serve();
  let page = await signIn(desk, town.port);
  const before = (await calls(page)).length;
  await page.waitForFunction(async () => (await (await caches.open("precinct.console")).keys()).length > 5 && (await navigator.serviceWorker.ready).active?.state === "activated");
  await town.stop("SIGKILL");
  await page.waitForSelector(".lost-banner[data-state=offline]");
  await take(page, `${CANARY} 1`);
  await take(page, `${CANARY} 2`);
  await waits(page, 2);
  assert.equal(await page.evaluate(async () => {
    const db = await new Promise((ok) => { const r = indexedDB.open("precinct"); r.onsuccess = () => ok(r.result); });
    const all = (name) => new Promise((ok) => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => ok(r.result); });
    const [{ key }] = await all("outbox_key"), rows = await all("outbox");
    const told = await crypto.subtle.exportKey("raw", key).then(() => "exported", (e) => e.name);
    db.close();
    return `${rows.length} ${Object.keys(rows[0]).sort().join()} ${told}`;
  }), "2 account,iv,key,made_ms,order,sealed InvalidAccessError");
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.fill("textarea[name=words]", `${CANARY} while it is typed`); // a browser keeps what stands in forms, for its next start
  await page.waitForTimeout(5_000); // it does so some seconds later
  await page.reload();
  await page.waitForSelector(".shell.alone .kept-call[data-stage=waiting]");
  await waits(page, 2); // a reload keeps them
  assert.match(await text(page, ".lost-banner"), /离线/);
  assert.equal(await page.locator(".lists, .map").count(), 0, "and shows nothing that looks like a board");
  for (; await page.locator(".call-pane").count(); await page.waitForTimeout(100)) await page.keyboard.press("Escape"); // the list of types first
  await take(page, `${CANARY} 3`);
  await page.waitForFunction(() => document.querySelectorAll(".kept-call").length === 3);
  await shot(page, "alone-reload-zh-night");
  await desk.close();
  const holds = (name) => ["utf8", "utf16le"].some((coding) => readFileSync(join(folder, name)).includes(Buffer.from(CANARY, coding)));
  assert.deepEqual(walk(folder).filter(holds), [], "no file of the browser holds it in clear");
  desk = await openBrowserIn(folder, { locale: "zh-CN", colorScheme: "dark" });
  page = await ready(await desk.newPage());
  await page.goto(`http://127.0.0.1:${town.port}/`);
  await page.waitForFunction(() => document.querySelectorAll(".kept-call[data-stage=waiting]").length === 3);
  await town.serve();
  await page.waitForSelector('[data-link="live"]');
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  assert.deepEqual((await wordsTold(page)).slice(before), [1, 2, 3].map((n) => `${CANARY} ${n}`));
  assert.equal(await page.evaluate(async () => {
    const db = await new Promise((ok) => { const r = indexedDB.open("precinct"); r.onsuccess = () => ok(r.result); });
    const count = (name) => new Promise((ok) => { const r = db.transaction(name).objectStore(name).count(); r.onsuccess = () => ok(r.result); });
    return `${await count("outbox")} ${await count("outbox_key")}`;
  }), "0 0", "neither the calls nor the key that sealed them is left");
  await desk.close();
});
function walk(folder, under = "") {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? walk(folder, join(under, e.name)) : e.isFile() ? [join(under, e.name)] : []));
}

test("what is refused is shown with its reason and kept, mended or struck out", { skip }, async () => {
  const page = await mocked.open({ lang: "en-GB", scheme: "dark" }), { desk } = mocked;
  await mocked.signIn(page);
  desk.cutStreams(true);
  desk.down = true;
  await page.waitForSelector(".lost-banner[data-state=offline]");
  await take(page, "first");
  await take(page, "second");
  await waits(page, 2);
  const had = desk.calls.size;
  desk.failNext = { status: 400, detail: "words: not these", field: "words" };
  desk.down = false;
  desk.cutStreams(false);
  await page.waitForSelector('.outbox-strip[data-refused="1"][data-waiting="0"]');
  assert.equal(desk.calls.size, had + 1, "the other one was sent");
  await page.waitForSelector('[data-link="live"]');
  await page.click(".outbox-strip");
  await page.waitForSelector('.kept-call[data-stage="refused"] .field-error');
  assert.equal(await text(page, ".kept-call .field-error"), "words: not these");
  await shot(page, "outbox-refused-en-night");
  await page.click(".kept-call .primary");
  await page.waitForSelector(".call-pane");
  assert.equal(await page.inputValue("textarea[name=words]"), "first", "as it was typed");
  await page.fill("textarea[name=words]", "the first, mended");
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane");
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  const bodies = desk.requests.filter((r) => r.method === "POST" && r.path === "/calls").map((r) => ({ key: r.key, ...JSON.parse(r.body) }));
  const mended = bodies.pop(), refused = bodies.find((b) => b.words === "first");
  assert.deepEqual([mended.words, mended.via, mended.occurred_at], ["the first, mended", "console", refused.occurred_at], "with the time of its taking");
  assert.notEqual(mended.key, refused.key);
  await mocked.close(page, "outbox-mended-en-night");
});

test("signing out asks while calls wait here; they stay for who typed them, or are struck out", { skip }, async () => {
  const page = await mocked.open({ lang: "zh-CN", phone: true }), { desk } = mocked;
  await mocked.signIn(page);
  desk.cutStreams(true);
  desk.down = true;
  await page.waitForSelector(".lost-banner[data-state=offline]");
  await take(page, CANARY);
  await waits(page, 1);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > 391 && !e.closest(".map")).map((e) => e.outerHTML.slice(0, 80))), []);
  await page.click(".outbox-strip");
  await page.waitForSelector(".outbox-pane .kept-call");
  await shot(page, "outbox-phone-zh-day");
  const leave = async () => {
    await page.evaluate(() => document.querySelector(".who").click());
    await page.click(".sign-out");
  };
  await leave();
  await page.waitForSelector(".leave");
  assert.match(await text(page, ".leave h2"), /1 张/);
  await shot(page, "outbox-leave-phone-zh-day");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".leave", { state: "detached" });
  await leave();
  await page.click('.leave button:has-text("退出并保留")');
  await page.waitForSelector("input[name=account]");
  desk.down = false;
  desk.cutStreams(false);
  const had = desk.calls.size;
  await page.waitForTimeout(1_000);
  assert.equal(desk.calls.size, had, "nothing is sent while nobody is signed in");
  await page.reload();
  await mocked.signIn(page);
  assert.equal(await until(() => desk.calls.size, (size) => size > had), had + 1, "sent when its typist is back");
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  desk.cutStreams(true);
  desk.down = true;
  await page.waitForSelector(".lost-banner[data-state=offline]");
  await take(page, CANARY);
  await waits(page, 1);
  await leave();
  await page.click(".leave .danger");
  await page.waitForSelector("input[name=account]");
  assert.equal(await page.evaluate(() => new Promise((ok) => { const r = indexedDB.open("precinct"); r.onsuccess = () => { const c = r.result.transaction("outbox").objectStore("outbox").count(); c.onsuccess = () => ok(c.result); }; })), 0);
  desk.down = false;
  desk.cutStreams(false);
  await mocked.close(page, "outbox-left-phone-zh-day");
});
