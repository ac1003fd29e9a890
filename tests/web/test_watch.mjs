// What an account sees that is administrator only: flags of the misuse watch, what waits for a second person, emergencies without
// review; no board. In both languages, on desktop and phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, desk, open, sent, skip, text, until } from "./page.mjs";

const FLAG = { id: "a1".repeat(16), pattern: "same_record", state: "open", actor: "0b".repeat(16), role: "dispatcher", first_at: "2026-01-05T22:10:00Z", last_at: "2026-01-07T01:30:00Z", until: "2026-01-31T00:00:00Z",
  looks: 4, seqs: [41, 55, 60, 71], subject: "C17", result: null, reviewed_by: null, reviewed_at: null };
const OTHER = { ...FLAG, id: "c3".repeat(16), pattern: "off_shift", actor: "0d".repeat(16), looks: 3, seqs: [80, 81, 82], subject: null };
const ASKED = { id: "Q41", act: "unmask", status: "waiting", subject: "C17", for_case: "K-12", reason: "file 12", asked_by: "anna", mine: false, asked_at: "2026-01-01T08:00:00Z", decided_by: null, decided_at: null, roles: [], days: null, lapses_at: "2026-01-02T08:00:00Z" };
const GLASS = { id: "B43", by: "carl", subject: "C18", role: "dispatcher", reason: "screams", at: "2026-01-01T08:00:00Z", verdict: null, reviewed_by: null, mine: false };

async function enter(options) {
  const page = await open(options), { hurried } = options;
  if (hurried) { // a timer of the page runs ten times as often
    await page.addInitScript(() => { const set = window.setInterval; window.setInterval = (deed, every, ...rest) => set(deed, every / 10, ...rest); });
    await page.reload();
    await page.waitForSelector("input[name=account]");
  }
  desk.flags = [{ ...FLAG }, { ...OTHER }];
  desk.asked = [ASKED];
  desk.glass = [GLASS];
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  return page;
}
const reads = () => desk.requests.filter((r) => r.method === "GET" && r.path.startsWith("/misuse/flags")).length;

for (const [lang, phone, words] of [["zh-CN", false, ["反复查看同一记录", "查看账号", "账号 nosy", "系工作需要"]], ["en-GB", false, ["The same record again and again", "See the account", "Account nosy", "explained by the work"]],
  ["zh-CN", true, ["反复查看同一记录", "查看账号", "账号 nosy", "系工作需要"]], ["en-GB", true, ["The same record again and again", "See the account", "Account nosy", "explained by the work"]]])
  test(`the audit administrator opens and reviews flags without seeing a board (${lang}${phone ? ", phone" : ""})`, { skip }, async () => {
    const page = await enter({ lang, phone, roles: ["audit_admin"], scheme: phone ? "dark" : "light" }), flag = `.flag[data-id="${FLAG.id}"]`;
    await page.waitForSelector(flag);
    assert.ok((await text(page, flag)).includes(words[0]));
    assert.ok(!(await page.content()).includes("nosy"), "no name before it is opened");
    await page.waitForSelector('.act[data-id="Q41"]');
    await page.waitForSelector('.act[data-id="B43"]');
    await page.click(`${flag} .see`);
    await page.fill(`${flag} input[name=purpose]`, "complaint 12");
    await page.keyboard.press("Enter");
    await page.waitForSelector(`${flag} .flag-account`);
    assert.equal(await text(page, `${flag} .flag-account`), words[2]);
    assert.equal(await page.locator(`${flag} .flag-looks tbody tr`).count(), 4);
    assert.deepEqual(sent("open"), { purpose: "complaint 12" });
    if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/watch-opened-${lang.slice(0, 2)}${phone ? "-phone" : ""}.png` });
    await page.click(`${flag} .review`);
    await page.click(`${flag} input[value="explained"]`, { force: true });
    await page.click(`${flag} form button.primary`);
    await page.waitForSelector(flag, { state: "detached" });
    assert.deepEqual(sent("review"), { result: "explained" });
    await page.click(".watch-head button:nth-of-type(2)");
    await page.waitForSelector(flag);
    assert.ok((await text(page, flag)).includes(words[3]));
    assert.equal(await page.locator(`${flag} .review`).count(), 0, "a reviewed flag is not reviewed again");
    assert.ok(!desk.requests.some((r) => /^\/(incidents|units|orders|calls|stream|positions)/.test(r.path)), "nothing of the board was asked for");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
    await close(page, `watch-${lang.slice(0, 2)}${phone ? "-phone" : ""}`);
  });

test("flags are read when somebody asks, never by themselves", { skip }, async () => {
  const page = await enter({ roles: ["audit_admin"], hurried: true }), asked = () => desk.requests.filter((r) => r.path.startsWith("/requests")).length;
  await page.waitForSelector(".flag");
  const first = reads(), before = asked();
  assert.ok(await until(asked, (n) => n >= before + 3) >= before + 3, "what waits for a second person is read by a timer");
  assert.equal(reads(), first, "each reading stands in the record: a timer makes none");
  await page.click(".watch-head button.plain");
  await page.waitForFunction(() => document.querySelectorAll(".flag").length === 2);
  await close(page, "watch-reads");
});

test("oversight and the security administrator decide without flags or board", { skip }, async () => {
  for (const role of ["oversight", "security_admin"]) {
    const page = await enter({ roles: [role] });
    await page.waitForSelector('.act[data-id="Q41"]');
    assert.equal(await page.locator(".flag, .watch-head, .desk").count(), 0);
    assert.equal(reads(), 0);
    await close(page, `office-${role}`);
  }
});

test("who works at the desk and audits finds the flags beside the board; others do not", { skip }, async () => {
  let page = await enter({ roles: ["dispatcher", "audit_admin"] });
  await page.waitForSelector('[data-link="live"]');
  assert.equal(reads(), 0, "not read before they are asked for");
  await page.click(".tabs button:nth-child(3)");
  await page.waitForSelector(".flag");
  await page.click(".tabs button:nth-child(1)");
  await page.waitForSelector(".flag", { state: "detached" });
  await close(page, "watch-beside");
  page = await enter({ roles: ["dispatcher", "commander"] });
  await page.waitForSelector('[data-link="live"]');
  assert.equal(await page.locator(".tabs button").count(), 3, "the desk, its figures, patrol");
  await close(page, "watch-none");
});
