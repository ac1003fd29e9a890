// What those see who watch over the desk: tree head, witnesses and verification beside what they decide and review; both languages, desktop
// and phone, against the desk of mock.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, desk, open, sent, skip, text } from "./page.mjs";

const ASKED = { id: "Q41", act: "unmask", status: "waiting", subject: "C17", for_case: "K-12", reason: "file 12", asked_by: "anna", mine: false, asked_at: "2026-01-01T08:00:00Z", decided_by: null, decided_at: null, roles: [], days: null, lapses_at: "2026-01-02T08:00:00Z" };
const GLASS = { id: "B43", by: "carl", subject: "C18", role: "dispatcher", reason: "screams", at: "2026-01-01T08:00:00Z", verdict: null, reviewed_by: null, mine: false };

async function enter(options, change = () => undefined) {
  const page = await open(options);
  desk.asked = [ASKED];
  desk.glass = [GLASS];
  desk.flags = [];
  change(desk.account.log);
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".record-facts");
  return page;
}

for (const [lang, phone, scheme, words] of [["en-GB", false, "light", ["Over 1460 events", "20 events came after it", "Sound: all 1480 events verified", "cosigned this head on", "has cosigned none of the last heads"]], ["zh-CN", false, "dark", ["覆盖 1460 个事件", "其后新增 20 个事件", "完好：1480 个事件均已校验", "已联署此树头", "近期树头均未联署"]],
  ["zh-CN", true, "light", ["覆盖 1460 个事件", "其后新增 20 个事件", "完好：1480 个事件均已校验", "已联署此树头", "近期树头均未联署"]], ["en-GB", true, "dark", ["Over 1460 events", "20 events came after it", "Sound: all 1480 events verified", "cosigned this head on", "has cosigned none of the last heads"]]])
  test(`oversight sees head, witnesses, verification, and decides beside them (${lang}${phone ? ", phone" : ""})`, { skip }, async () => {
    const page = await enter({ lang, phone, scheme, roles: ["oversight"] }), name = `${lang.slice(0, 2)}${phone ? "-phone" : ""}`, card = await text(page, ".record");
    for (const said of words) assert.ok(card.includes(said), `${said}\n${card}`);
    assert.equal(await text(page, ".record .root"), desk.account.log.head.root);
    assert.deepEqual(await page.locator(".witnesses li").evaluateAll((all) => all.map((li) => li.dataset.mark)), ["good", "warn", "bad"]);
    assert.equal(await page.locator(".record .verification[data-state=sound]").count(), 1);
    await page.click(".note summary");
    assert.ok((await text(page, ".note pre")).startsWith("police.example/precinct/log\n1460\n"), "the note is there to be compared");
    await page.waitForSelector('.act[data-id="Q41"]');
    assert.ok(!/undefined|null|\{|NaN/.test(card), card);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll(".watch *")].every((e) => e.getBoundingClientRect().right <= innerWidth + 1)), true, "nothing is wider than the screen");
    if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/oversight-${name}.png` });
    await page.click('.act[data-id="B43"] button');
    await page.click('.act[data-id="B43"] input[value="justified"]', { force: true });
    await page.fill('.act[data-id="B43"] input[name=reason]', "heard it myself");
    await page.keyboard.press("Enter");
    await page.waitForSelector('.act[data-id="B43"]', { state: "detached" });
    assert.deepEqual(sent("review"), { verdict: "justified", reason: "heard it myself" });
    assert.ok(!desk.requests.some((r) => /^\/(incidents|units|orders|calls|stream|positions|misuse|accounts)/.test(r.path)), "no board, no flags, no list of accounts");
    await close(page, `oversight-reviewed-${name}`);
  });

test("a damaged log, a log that is shorter than its head, and no head at all are said in words", { skip }, async () => {
  let page = await enter({ roles: ["audit_admin"] }, (log) => Object.assign(log, { events: 900, verification: { state: "damaged", verified: 40, events: 900, first_bad: 41, why: "event 41: the bytes are not those that were hashed" } }));
  await page.waitForSelector(".record .verification[data-state=damaged]");
  const card = await text(page, ".record");
  assert.match(card, /Damaged: event 41 is not what was written/);
  assert.match(card, /event 41: the bytes are not those that were hashed/);
  assert.match(await text(page, ".record small.bad[role=alert]"), /only 900 events: it was cut/);
  await page.waitForSelector(".flags"); // the audit administrator has them on the same screen
  await close(page, "oversight-damaged-en");
  page = await enter({ roles: ["oversight"], lang: "zh-CN", scheme: "dark" }, (log) => Object.assign(log, { head: null, witnesses: [], verification: { state: "running", verified: 700, events: 1_480, first_bad: null, why: null } }));
  const none = await text(page, ".record");
  for (const said of ["尚未给出树头", "precinct log heads", "未设见证方", "目前完好：已校验 700 / 1480 个事件"]) assert.ok(none.includes(said), `${said}\n${none}`);
  assert.equal(await page.locator(".note").count(), 0);
  await close(page, "oversight-none-zh");
});

test("who works at the desk and watches over it as well has all of it on a screen beside the board; who does not watch has none", { skip }, async () => {
  const page = await open({ roles: ["dispatcher", "oversight"] });
  desk.asked = [ASKED];
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-link="live"]');
  const asked = () => desk.requests.filter((r) => r.path === "/oversight/log").length;
  assert.equal(asked(), 0, "not read before it is asked for");
  await page.click(".tabs button:nth-child(3)");
  await page.waitForSelector(".record-facts");
  await page.waitForSelector('.act[data-id="Q41"]');
  await page.keyboard.press("y");
  await page.waitForSelector(".account");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".record-facts");
  await page.click(".tabs button:nth-child(1)");
  await page.waitForSelector(".record-facts", { state: "detached" });
  await close(page, "oversight-beside-en");
});
