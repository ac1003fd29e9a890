// A record that cannot be written, seen in a browser: the state is told in both languages, on a desk and on a phone; a call that is
// kept in the spool is told as taken and never as recorded; when the record is back it has its number and its incident. And a
// card of paper, entered by keyboard, once.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Town, done, openBrowser, root, signIn, skip, text } from "./serving.mjs";

let browser, town, world;
/** The machine that goes wrong on demand, of tests/api/bad_world.py. */
function badWorld(folder) {
  const [, source] = /SHIM = r"""(.*?)"""/s.exec(readFileSync(`${root}/tests/api/bad_world.py`, "utf8")), library = join(folder, "bad_world.so"), state = join(folder, "bad_world");
  execFileSync("gcc", ["-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", library, "-ldl"], { input: source });
  writeFileSync(state, Buffer.alloc(4096));
  const file = openSync(state, "r+"), set = (at, value) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(value)); writeSync(file, b, 0, 8, at * 8); };
  set(3, 1); // the record alone
  return { env: { LD_PRELOAD: library, BAD_WORLD: state }, full: (is) => set(0, Number(is)) };
}
before(async () => {
  if (skip) return;
  town = new Town(3_000);
  world = badWorld(town.folder);
  town.env = world.env;
  await town.serve();
  browser = await openBrowser();
});
after(async () => {
  world?.full(false);
  await browser?.close();
  await town?.remove();
});
const inPage = (page, path) => page.evaluate((p) => fetch(`/api/v1${p}`).then((r) => r.json()), path);
const shot = async (page, name) => { if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` }); };

test("a record without room is told at once, calls are taken, and none is called recorded before it is", { skip }, async (t) => {
  t.after(() => world.full(false));
  const page = await signIn(browser, town.port, { locale: "zh-CN", colorScheme: "light" });
  const phone = await signIn(browser, town.port, { locale: "en-GB", colorScheme: "dark", viewport: { width: 390, height: 844 } });
  world.full(true);
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("noise");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=place]:focus");
  await page.fill("textarea[name=words]", "kept while the disk is full");
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector('.lost-banner[data-state="spool"]');
  await page.waitForSelector('.outbox-strip[data-kept="1"][data-waiting="0"]');
  await page.waitForSelector('.lost-banner:has-text("库外暂存"):has-text("磁盘已满")');
  await page.waitForSelector('.outbox-strip:has-text("1 张已收下，正在入库")');
  await page.click(".outbox-strip");
  assert.match(await text(page, '.kept-call[data-stage="kept"]'), /回执 Q\d+/);
  await shot(page, "spool-zh-day");
  await phone.waitForSelector('.lost-banner[data-state="spool"]');
  await phone.waitForSelector('.lost-banner:has-text("Outside the record."):has-text("its disk is full")');
  assert.ok((await phone.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  await shot(phone, "spool-phone-en-night");
  world.full(false);
  await page.waitForSelector(".outbox-strip", { state: "detached" });
  await page.waitForSelector(".lost-banner", { state: "detached" });
  const { items } = await inPage(page, "/calls?limit=1000");
  assert.equal(items.length, 1);
  assert.ok(items[0].incident, "what was decided with it is done");
  await done(phone, "spool-over-phone-en-night");
  await done(page, "spool-over-zh-day");
});

test("cards of paper are entered one after the other, and a second time is told", { skip }, async () => {
  town.run("paper", "site", "--cards", "3", "--out", "cards.html");
  const [first, second] = [...new Set(town.read("cards.html").match(/\d{6}-\d{2}/g))];
  const page = await signIn(browser, town.port, { locale: "zh-CN", colorScheme: "light" });
  const before = await inPage(page, "/calls?limit=1000"), today = before.at.slice(0, 16);
  await page.keyboard.press("n");
  await page.click(".paper-open");
  const enter = async (card) => {
    await page.waitForSelector(".paper-pane input[name=card]:focus");
    await page.keyboard.type(card);
    await page.fill("input[name=at]", today);
    await page.fill("input[name=type]", "noise");
    await page.keyboard.press("Enter");
    await page.fill("textarea[name=words]", "a drum");
    await page.focus("textarea[name=words]");
    await page.keyboard.press("Control+Enter");
  };
  await page.waitForSelector(".paper-pane input[name=at]");
  await shot(page, "paper-form-zh-day");
  await enter(first.replace(/.$/, (d) => String((Number(d) + 1) % 10)));
  await page.waitForSelector(".paper-pane .field-error");
  await page.fill("input[name=card]", first.replace("-", ""));
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction((card) => document.querySelector(".notice")?.textContent.includes(card) && !document.querySelector(".paper-pane input[name=card]").value, first);
  await page.focus("input[name=card]");
  await enter(first);
  await page.waitForFunction(() => /已录入：接警单 C\d+/.test(document.querySelector(".paper-pane .field-error")?.textContent ?? ""));
  await shot(page, "paper-twice-zh-day");
  await page.fill("input[name=card]", second);
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction((card) => document.querySelector(".notice")?.textContent.includes(card) && !document.querySelector(".paper-pane input[name=card]").value, second);
  assert.equal((await inPage(page, "/calls?limit=1000")).items.length, before.items.length + 2);
  await done(page, "paper-zh-day");
});
