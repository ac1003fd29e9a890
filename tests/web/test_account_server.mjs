// One's own account and the screen of oversight against the real server: a second factor that lets in, sessions that end, a password that
// changes; a tree head with its witness, an emergency reviewed.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ready } from "./machine.mjs";
import { Town, done, openBrowser, signIn, skip, text } from "./serving.mjs";

const PASSWORD = "demo-password-1", NEXT = "four quiet words here", REASON = "heard through the wall";
let browser, town;
before(async () => {
  if (skip) return;
  town = new Town(12_000);
  town.run("user", "add", "site", "over", "--roles", "oversight", "--password-stdin");
  town.run("user", "add", "site", "carl", "--roles", "call_taker,dispatcher", "--password-stdin");
  await town.serve();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await town?.remove();
});

/** The code that an authenticator shows `steps` half minutes from now. */
function codeOf(secret, steps = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits = [...secret].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2))), count = Buffer.alloc(8);
  count.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(count).digest(), at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
async function knock(account, password, options = {}) {
  const page = await ready(await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })).newPage());
  await page.goto(`http://127.0.0.1:${town.port}/`);
  await page.fill("input[name=account]", account);
  await page.fill("input[name=password]", password);
  await page.keyboard.press("Enter");
  return page;
}

test("sessions, password and second factor of one's own, as the server keeps them", { skip }, async () => {
  const page = await signIn(browser, town.port, { locale: "en-GB" }), other = await signIn(browser, town.port, { locale: "zh-CN" }), third = await signIn(browser, town.port, { locale: "zh-CN" });
  await page.keyboard.press("y");
  await page.waitForFunction(() => document.querySelectorAll(".session").length === 3);
  assert.match(await text(page, ".session.current"), /at the server itself \(127\.0\.0\.1\)[^]*this one[^]*by password/);
  await page.click(".session:not(.current) .end");
  await page.waitForFunction(() => document.querySelectorAll(".session").length === 2);
  await page.click(".end-others");
  await page.click(".end-others-sure");
  await page.waitForFunction(() => document.querySelectorAll(".session").length === 1);
  for (const ended of [other, third]) {
    await ended.waitForSelector("input[name=account]"); // its stream ends with its session
    await done(ended, "server-session-ended-zh");
  }

  await page.click(".password .begin");
  await page.fill("input[name=password]", "not the password");
  await page.fill("input[name=next]", NEXT);
  await page.fill("input[name=repeated]", NEXT);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field:has(input[name=password]) .field-error");
  await page.fill("input[name=password]", PASSWORD);
  await page.fill("input[name=next]", "short");
  await page.fill("input[name=repeated]", "short");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field:has(input[name=next]) .field-error");
  await page.fill("input[name=next]", NEXT);
  await page.fill("input[name=repeated]", NEXT);
  await page.keyboard.press("Enter");
  await page.waitForSelector('form[data-form="password"]', { state: "detached" });

  await page.click(".factor .begin");
  await page.fill("input[name=password]", NEXT);
  await page.keyboard.press("Enter");
  await page.waitForSelector("svg.qr");
  const secret = (await text(page, ".secret")).replace(/\s/g, "");
  assert.ok((await page.getAttribute("a.uri", "href")).includes(secret));
  await page.fill("input[name=code]", codeOf(secret));
  await page.keyboard.press("Enter");
  await page.waitForSelector('.factor[data-factor="on"]');
  const codes = await page.locator(".recovery li").allInnerTexts();
  assert.equal(codes.length, 10);
  await page.click(".recovery .kept");
  await page.waitForSelector(".recovery", { state: "detached" });
  await page.click(".sign-out");
  await page.waitForSelector("input[name=account]");

  const again = await knock("demo", NEXT, { locale: "zh-CN", colorScheme: "dark" });
  await again.waitForSelector("input[name=code]:focus");
  await again.keyboard.type(codes[0]);
  await again.keyboard.press("Enter");
  await again.waitForSelector('[data-link="live"]');
  await again.keyboard.press("y");
  await again.waitForSelector('.factor[data-factor="on"]');
  assert.match(await text(again, ".session.current"), /密码加动态口令/);
  await again.click(".factor .remove");
  await again.fill('form[data-form="remove"] input[name=password]', NEXT);
  await again.fill('form[data-form="remove"] input[name=code]', codes[1]);
  await again.keyboard.press("Enter");
  await again.waitForSelector('.factor[data-factor="none"]');
  await done(again, "server-account-zh-night");
  const last = await knock("demo", NEXT);
  await last.waitForSelector('[data-link="live"]');
  await done(last, "server-account-left-en-day");
  await done(page, "server-account-signed-out-en-day");
});

test("oversight sees the head that was given out and its witness, and reviews an emergency", { skip }, async () => {
  const run = (...args) => JSON.parse(execFileSync(process.env.PRECINCT ?? join(process.cwd(), "build/release/precinct"), [...args, "--json"], { cwd: town.folder, encoding: "utf8" }).trim().split("\n").pop());
  const page = await knock("over", PASSWORD, { locale: "zh-CN" });
  await page.waitForSelector(".record .empty");
  assert.match(await text(page, ".record"), /尚未给出树头/);
  run("log", "key", "site", "--origin", "police.example/log");
  const given = run("log", "heads", "site").heads[0];
  const read = async (holds) => {
    await page.click(".record .card-head button");
    await page.waitForFunction(holds, null);
  };
  await read(() => document.querySelector(".record .root"));
  assert.match(await text(page, ".record"), new RegExp(`覆盖 ${given.events} 个事件`));
  const witness = run("log", "witness", "init", "w1", "--name", "oversight.example/w1").key;
  run("log", "witness", "add", "w1", "--log", run("log", "key", "site").key);
  run("log", "cosign", "site", "--witness", witness, "--request", "question");
  run("log", "witness", "cosign", "w1", "--request", "question", "--response", "answer");
  run("log", "cosign", "site", "--witness", witness, "--response", "answer");
  await read(() => document.querySelector('.witnesses li:not([data-mark="bad"])'));
  assert.match(await text(page, ".witnesses li"), /oversight\.example\/w1\s*(已联署此树头|最近联署)/);
  await page.waitForSelector(".record .verification[data-state=sound]");
  const carl = await knock("carl", PASSWORD);
  await carl.waitForSelector('[data-link="live"]');
  const glass = await carl.evaluate(async (reason) => {
    const post = (path, body) => fetch(`/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify(body) }).then((r) => r.json());
    const call = await post("/calls", { channel: "phone", type: "theft", priority: 2, words: "screams next door" });
    return (await post("/break_glass", { subject: call.id, reason })).id;
  }, REASON);
  await done(carl, "server-glass-en-day");
  const row = `.act[data-id="${glass}"]`;
  await page.waitForSelector(row); // read again by itself
  assert.match(await text(page, row), new RegExp(REASON));
  await page.click(`${row} button`);
  await page.click(`${row} input[value="justified"]`, { force: true });
  await page.fill(`${row} input[name=reason]`, "talked to the caller");
  await page.keyboard.press("Enter");
  await page.waitForSelector(row, { state: "detached" });
  await done(page, "server-oversight-zh-day");
});
