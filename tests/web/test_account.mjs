// One's own account in a real Chromium against the desk of mock.mjs: the second factor from the QR code to the recovery codes, by keyboard;
// sessions; the password; in both languages, by day and night, on desktop and phone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CODE, CODES } from "./mock_account.mjs";
import { close, desk, open, sent, signIn, skip, text } from "./page.mjs";

const shot = async (page, name) => { if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png`, fullPage: true }); };
const narrow = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll(".account *")].every((e) => e.getBoundingClientRect().right <= innerWidth + 1));
const was = (method, path) => desk.requests.filter((r) => r.method === method && r.path === path).length;
async function enter(page) {
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
}

test("the second factor is set up by keyboard alone: password, QR code, code, recovery codes that stay until they are kept", { skip }, async () => {
  const page = await open({ lang: "en-GB" });
  await signIn(page);
  await page.keyboard.press("y");
  await page.waitForSelector('.factor[data-factor="none"]');
  await page.focus(".factor .begin");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=password]:focus");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.field:has(input[name=password]) .field-error');
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector("svg.qr");
  await page.waitForSelector("input[name=code]:focus");
  assert.equal((await text(page, ".secret")).replace(/\s/g, ""), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
  assert.match(await page.getAttribute("a.uri", "href"), /^otpauth:\/\/totp\//);
  await shot(page, "account-setup-en-day");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".set-up .field-error");
  assert.equal(await page.inputValue("input[name=code]"), "", "a code counts once");
  await page.keyboard.type("123 456");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".recovery .kept:focus");
  assert.deepEqual(sent("confirm"), { code: CODE }, "spaces are how authenticators show it");
  assert.deepEqual(await page.locator(".recovery li").allInnerTexts(), CODES);
  await page.waitForSelector('.factor[data-factor="on"]');
  await shot(page, "account-recovery-en-day");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".account", { state: "detached" });
  await page.keyboard.press("y");
  await page.waitForSelector(".recovery li");
  await page.click(".recovery .kept");
  await page.waitForSelector(".recovery", { state: "detached" });
  assert.ok(!(await page.content()).includes(CODES[0]));
  await close(page, "account-on-en-day");
});

test("what the QR code shows is the address of the secret: read back from its picture", { skip }, async () => {
  const page = await open({ lang: "zh-CN", scheme: "dark" });
  await signIn(page);
  await page.click(".bar .who");
  await page.click(".factor .begin");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector("svg.qr");
  const drawn = await page.evaluate(async () => {
    const svg = document.querySelector("svg.qr"), side = svg.viewBox.baseVal.width, dark = new Set(svg.querySelector("path").getAttribute("d").match(/M\d+ \d+/g).map((m) => m.slice(1)));
    return { side, rows: Array.from({ length: side }, (_, y) => Array.from({ length: side }, (_, x) => dark.has(`${x} ${y}`))), white: svg.querySelector("rect").getAttribute("fill"), uri: document.querySelector("a.uri").textContent };
  });
  assert.equal(drawn.white, "#fff", "dark on light by night too");
  const around = drawn.rows.flatMap((row, y) => row.filter((_, x) => Math.min(x, y, drawn.side - 1 - x, drawn.side - 1 - y) < 4));
  assert.ok(around.length > 0 && !around.some(Boolean), "four modules of white around it");
  assert.equal(read(drawn.rows.slice(4, -4).map((row) => row.slice(4, -4))), drawn.uri);
  await shot(page, "account-setup-zh-night");
  await close(page, "account-qr-zh-night");
});

/** A reader of QR codes of byte mode, after ISO/IEC 18004, without mending: what is drawn has no faults. Blocks are told apart by version at
 *  level M. */
function read(m) {
  const size = m.length, version = (size - 17) / 4;
  const blocks = { 4: [[32], [32]], 5: [[43], [43]], 6: [[27], [27], [27], [27]], 7: [[31], [31], [31], [31]], 8: [[38], [38], [39], [39]] }[version].map(([n]) => n);
  const bits15 = [];
  for (const x of [0, 1, 2, 3, 4, 5, 7, 8]) bits15.push(m[8][x]);
  for (const y of [7, 5, 4, 3, 2, 1, 0]) bits15.push(m[y][8]);
  const format = bits15.reduce((v, b) => (v << 1) | (b ? 1 : 0), 0) ^ 0x5412, mask = (format >> 10) & 7;
  assert.equal(format >> 13, 0, "level M");
  const masks = [(x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3), (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2];
  const far = size - 7, marks = version < 7 ? [6, size - 7] : [6, 6 + (far - 6) / 2, far];
  const aligned = (x, y) => marks.some((a) => marks.some((b) => !((a === 6 && (b === 6 || b === far)) || (a === far && b === 6)) && Math.abs(x - a) <= 2 && Math.abs(y - b) <= 2));
  const reserved = (x, y) => (x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9) || x === 6 || y === 6 || aligned(x, y) || (version >= 7 && ((x < 6 && y >= size - 11) || (y < 6 && x >= size - 11)));
  const bits = [];
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let n = 0; n < size; n++) {
      const y = up ? size - 1 - n : n;
      for (const x of [right, right - 1]) if (!reserved(x, y)) bits.push(m[y][x] !== (masks[mask](x, y) === 0));
    }
  }
  const bytes = Array.from({ length: Math.floor(bits.length / 8) }, (_, n) => bits.slice(8 * n, 8 * n + 8).reduce((v, b) => (v << 1) | (b ? 1 : 0), 0));
  const parts = blocks.map(() => []);
  let at = 0;
  for (let n = 0; n < Math.max(...blocks); n++) blocks.forEach((length, b) => { if (n < length) parts[b].push(bytes[at++]); });
  const data = parts.flat(), bit = (from, count) => Array.from({ length: count }, (_, n) => (data[(from + n) >> 3] >> (7 - ((from + n) & 7))) & 1).reduce((v, b) => (v << 1) | b, 0);
  assert.equal(bit(0, 4), 4, "byte mode");
  return Buffer.from(Array.from({ length: bit(4, 8) }, (_, n) => bit(12 + 8 * n, 8))).toString();
}

test("it is removed with password and code; set up anew it asks for the one in force", { skip }, async () => {
  const page = await open({ lang: "zh-CN" });
  desk.account.factor = "on";
  await signIn(page);
  await page.keyboard.press("y");
  await page.waitForSelector('.factor[data-factor="on"]');
  await page.click(".factor .begin");
  await page.waitForSelector('form[data-form="begin"] input[name=code]');
  await page.keyboard.press("Escape");
  await page.waitForSelector('form[data-form="begin"]', { state: "detached" });
  assert.equal(await page.locator(".account").count(), 1, "Esc closes the form, not the page");
  await page.click(".factor .remove");
  await page.fill('form[data-form="remove"] input[name=password]', "demo");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field:has(input[name=code]) .field-error");
  assert.equal(was("POST", "/session/factor/remove"), 0, "nothing is sent without a code");
  await page.fill('form[data-form="remove"] input[name=code]', CODE);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.factor[data-factor="none"]');
  await page.waitForSelector('form[data-form="remove"]', { state: "detached" });
  assert.deepEqual(sent("remove"), { password: "demo", code: CODE });
  await close(page, "account-removed-zh-day");
});

for (const [lang, phone, scheme, alone] of [["en-GB", false, "light", "You are signed in here only"], ["zh-CN", true, "dark", "仅在此处登录"], ["zh-CN", false, "dark", "仅在此处登录"], ["en-GB", true, "light", "You are signed in here only"]])
  test(`one's own sessions are shown and ended, one and all others (${lang}${phone ? ", phone" : ""})`, { skip }, async () => {
    const page = await open({ lang, phone, scheme }), name = `${lang.slice(0, 2)}${phone ? "-phone" : ""}`;
    await signIn(page);
    await page.click(".bar .who");
    await page.waitForSelector(".session.current");
    assert.equal(await page.locator(".session").count(), 3);
    assert.equal(await page.locator(".session:first-child.current .end").count(), 0, "this one ends by signing out");
    assert.match(await text(page, '.session[data-session="00aa00aa00aa"]'), /10\.20\.3\.44/);
    await shot(page, `account-${name}`);
    assert.ok(await narrow(page), "nothing is wider than the screen");
    await page.click('.session[data-session="00aa00aa00aa"] .end');
    await page.waitForSelector('.session[data-session="00aa00aa00aa"]', { state: "detached" });
    assert.equal(was("DELETE", "/sessions/00aa00aa00aa"), 1);
    await page.click(".end-others");
    await page.waitForSelector(".end-others-sure:focus");
    assert.equal(was("DELETE", "/sessions"), 0, "asked once more");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".session").length === 1);
    assert.equal(await text(page, ".sessions .empty"), alone);
    await close(page, `account-alone-${name}`);
  });

test("the password is changed: repeated, refused where it is wrong, and nothing of it stays in the page", { skip }, async () => {
  const page = await open({ lang: "en-GB", scheme: "dark" });
  await signIn(page);
  await page.keyboard.press("y");
  await page.click(".password .begin");
  await page.waitForSelector("input[name=password]:focus");
  assert.deepEqual(await page.locator('form[data-form="password"] input:not([hidden])').evaluateAll((all) => all.map((i) => [i.type, i.autocomplete])), [["password", "current-password"], ["password", "new-password"], ["password", "new-password"]]);
  await page.keyboard.type("demo");
  await page.keyboard.press("Tab");
  await page.keyboard.type("four quiet words here");
  await page.keyboard.press("Tab");
  await page.keyboard.type("four quiet words");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field:has(input[name=repeated]) .field-error");
  await page.waitForSelector("input[name=repeated]:focus");
  assert.equal(was("POST", "/session/password"), 0);
  await page.fill("input[name=repeated]", "four quiet words here");
  await page.keyboard.press("Enter");
  await page.waitForSelector('form[data-form="password"]', { state: "detached" });
  assert.deepEqual(sent("password"), { password: "demo", next: "four quiet words here" });
  await page.waitForFunction(() => document.querySelectorAll(".session").length === 1); // the others ended with it
  await page.click(".password .begin");
  assert.deepEqual(await page.locator('form[data-form="password"] input:not([hidden])').evaluateAll((all) => all.map((i) => i.value)), ["", "", ""], "what was typed is not kept");
  await shot(page, "account-password-en-night");
  await close(page, "account-password-en-night");
});

test("whose roles wait for a second factor sets it up without a board, and is told to sign in again", { skip }, async () => {
  const page = await open({ lang: "zh-CN", phone: true, roles: [] });
  desk.account.factor = "needed";
  await enter(page);
  await page.waitForSelector('.account .factor[data-factor="needed"]');
  await page.waitForSelector(".bar .waits-mark");
  await shot(page, "account-needed-zh-phone");
  await page.click(".factor .begin");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.fill("input[name=code]", CODE);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.factor[data-factor="again"]');
  await page.waitForSelector(".recovery li");
  assert.ok(await narrow(page), "nothing is wider than the screen");
  assert.ok(!desk.requests.some((r) => /^\/(incidents|units|orders|calls|stream|positions|requests|break_glass)/.test(r.path)), "nothing else was asked for");
  await shot(page, "account-recovery-zh-phone");
  await page.click(".sign-out");
  await page.waitForSelector("input[name=account]");
  assert.ok(!(await page.content()).includes(CODES[0]));
  await close(page, "account-left-zh-phone");
});

test("all text of the page has contrast of 4.5 : 1 or more by day and night", { skip }, async () => {
  for (const scheme of ["light", "dark"]) {
    const page = await open({ lang: "en-GB", scheme });
    desk.account.factor = "needed";
    await signIn(page);
    await page.click(".bar .who");
    await page.waitForSelector(".session");
    await page.click(".factor .begin");
    const poor = await page.evaluate(() => {
      const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4, colour = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
      const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
      const ground = (e) => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
      return [...document.querySelectorAll(".account *, .bar *")].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility()).map((e) => {
        const [a, b] = [light(colour(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        return [((a + 0.05) / (b + 0.05)).toFixed(2), e.className || e.tagName, e.textContent.slice(0, 30)];
      }).filter(([ratio]) => Number(ratio) < 4.5);
    });
    assert.deepEqual(poor, []);
    await close(page, `account-contrast-${scheme}`);
  }
});
