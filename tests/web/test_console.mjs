// The console in a real Chromium against the desk of mock.mjs: by keyboard, in both languages, on desktop and phone,
// with the stream cut and healed.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { test } from "node:test";
import { close, desk, open, sent, signIn, skip, text } from "./page.mjs";

test("a wrong password is refused with the server's sentence and what was typed stays", { skip }, async () => {
  const page = await open({ lang: "zh-CN" });
  await page.fill("input[name=account]", "demo");
  await page.fill("input[name=password]", "wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field-error");
  assert.equal(await text(page, ".field-error"), "账号或密码不正确");
  assert.equal(await page.inputValue("input[name=account]"), "demo");
  await close(page, "signin-zh-day");
});

test("an account with a second factor is asked for its code, which has the focus, by keyboard alone", { skip }, async () => {
  const page = await open({ lang: "zh-CN" });
  await page.fill("input[name=account]", "coded");
  await page.fill("input[name=password]", "demo");
  assert.equal(await page.locator("input[name=code]").count(), 0);
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=code]:focus");
  assert.equal(await page.locator(".field-error").count(), 0, "to be asked is no fault");
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".field-error");
  assert.equal(await page.inputValue("input[name=code]"), "", "a code counts once");
  await page.fill("input[name=code]", "123456");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".bar .who");
  await close(page, "signin-code-zh-day");
});

test("a call by keyboard alone, first recommendation taken, unit arrives, incident closed, all in the timeline", { skip }, async () => {
  const page = await open();
  await signIn(page);
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("lost");
  await page.keyboard.press("Enter");
  assert.equal(await page.inputValue("input[name=type]"), "lost property");
  await page.waitForSelector("input[name=place]:focus");
  await page.keyboard.type("hospital");
  await page.waitForSelector(".combo ul.open li.on");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".place-state.good");
  assert.equal(await page.isChecked("input[name=priority][value='4']"), true, "the priority follows the type");
  assert.equal(await page.evaluate(() => document.activeElement.value), "4", "and has the focus, to be changed by arrows");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Left a bag in the hall");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li");
  const call = desk.requests.find((r) => r.method === "POST" && r.path === "/calls");
  assert.deepEqual(Object.keys(JSON.parse(call.body)).sort(), ["address", "channel", "occurred_at", "position", "priority", "type", "words"]);
  assert.match(call.key, /^[0-9a-f-]{36}$/);
  assert.ok((await text(page, ".ranked li.first .reason")).length > 10, "the recommendation gives its reason");
  await page.click(".passed > button");
  assert.ok((await page.locator(".passed li .reason").count()) > 3, "every unit passed over has its reason");
  const unit = await text(page, ".ranked li.first .unit-name");
  await page.keyboard.press("1");
  await page.waitForSelector(".orders .order");
  assert.equal(await text(page, ".orders .unit-name"), unit);
  for (const state of ["acknowledged", "set out", "on scene"]) {
    await page.keyboard.press("g");
    await page.waitForFunction((want) => document.querySelector(".order-head .state")?.textContent === want, state);
  }
  await page.keyboard.press("g"); // at the scene the next step is the report
  await page.waitForSelector(".deed input[value=handled]:focus");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  await page.keyboard.type("theft");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction(() => document.querySelector(".order-head .state")?.textContent === "reported");
  assert.deepEqual(sent("report"), { result: "no_trace", found_type: "theft" });
  assert.equal(await text(page, ".pane-head h2"), "theft", "what was found on scene is what it is");
  assert.match(await text(page, ".pane .place"), /told as lost property/);
  await page.keyboard.press("g");
  await page.waitForFunction(() => document.querySelector(".order-head .state")?.textContent === "closed");
  await page.keyboard.press("x");
  await page.waitForSelector(".deed input:focus");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".facts .state")?.textContent === "closed");
  await page.waitForFunction(() => document.querySelector(".timeline")?.textContent.includes("Incident closed"));
  const story = await text(page, ".timeline ol");
  for (const said of ["Call taken (phone): lost property", "Incident opened", `${unit} sent, expected in 2 min`, `${unit} acknowledged after`, `${unit} set out`, `${unit} on scene`, "earlier than expected, response",
    `${unit} reports: nothing found, found on scene: theft`, `${unit} is done and free again`, "Incident closed: handled"]) assert.ok(story.includes(said), `${said}\n${story}`);
  assert.ok(!/undefined|null|\{|NaN/.test(story), story);
  await close(page, "incident-en-day");
});

test("duplicates are shown before saving and joining makes no second incident", { skip }, async () => {
  const page = await open({ lang: "zh-CN", scheme: "dark" });
  await signIn(page);
  const before_count = desk.incidents.size;
  await page.keyboard.press("n");
  await page.keyboard.type("盗窃");
  await page.keyboard.press("Enter");
  const at = [...desk.incidents.values()].find((i) => i.type === "theft" && i.status === "waiting").position;
  await page.keyboard.type(`${at[1].toFixed(5)}, ${at[0].toFixed(5)}`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".duplicate");
  assert.ok((await text(page, ".duplicate")).includes("盗窃"));
  assert.ok(!desk.requests.some((r) => r.method === "POST" && r.path === "/calls"), "nothing was saved yet");
  await page.waitForFunction(() => /按住宅处理/.test(document.querySelector(".earlier")?.textContent));
  assert.equal(await page.locator(".earlier button").count(), 0, "of a dwelling no number is told");
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/call-zh-night.png` });
  await page.keyboard.press("Alt+1");
  await page.waitForSelector(".incident-pane");
  assert.equal(desk.incidents.size, before_count);
  assert.ok(desk.requests.some((r) => /\/calls\/C\d+\/link/.test(r.path)));
  await close(page, "joined-zh-night");
});

test("what was typed is kept when saving fails, and a lost answer does not make a second call", { skip }, async () => {
  const page = await open();
  await signIn(page);
  await page.keyboard.press("n");
  await page.keyboard.type("noise");
  await page.keyboard.press("Enter");
  await page.keyboard.type("41.1650, -8.6000");
  await page.fill("textarea[name=words]", "Loud music since ten");
  desk.failNext = { status: 400, detail: "words: at most 10 bytes are expected", field: "words" };
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".field-error");
  assert.equal(await text(page, ".field-error"), "words: at most 10 bytes are expected");
  assert.equal(await page.inputValue("textarea[name=words]"), "Loud music since ten");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".call-pane", { state: "detached" });
  await page.keyboard.press("n");
  assert.equal(await page.inputValue("textarea[name=words]"), "Loud music since ten", "it is kept when the pane was closed");
  const calls = desk.calls.size;
  desk.dropAnswer = true;
  await page.focus("textarea[name=words]");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane");
  assert.equal(desk.calls.size, calls + 1, "saved once although the first answer was lost");
  await close(page, "kept-en-day");
});

test("a cut stream is seen, heals by itself, and a reset reads the board anew", { skip }, async () => {
  const page = await open({ lang: "zh-CN", scheme: "dark" });
  await signIn(page);
  desk.cutStreams(true);
  const began = Date.now();
  await page.waitForSelector(".lost-banner");
  console.log(`# a cut stream is seen after ${Date.now() - began} ms`); // that it is at most two seconds is tested on the state machine
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/lost-zh-night.png` });
  desk.addIncident({ type: "fire", priority: 1, at: Date.now(), position: [-8.61, 41.152] });
  desk.reset = true;
  desk.cutStreams(false);
  await page.waitForSelector(".lost-banner", { state: "detached" });
  await page.waitForFunction(() => [...document.querySelectorAll(".incident-row b")].some((b) => b.textContent === "火灾"));
  assert.match(desk.lastId, /^\d+$/, "the stream is taken up again by its last id");
  await close(page, "healed-zh-night");
});

test("a fault of the service is told at once, in the reader's language, and goes when it is mended", { skip }, async () => {
  const page = await open();
  await signIn(page);
  assert.equal(await page.locator(".lost-banner").count(), 0);
  desk.health = { state: "log_damaged", log_first_bad: 17 };
  await page.waitForSelector(".lost-banner");
  assert.match(await text(page, ".lost-banner"), /damaged from event 17 .*Calls are still taken/);
  desk.health = { state: "normal", tracks: "full" };
  await page.waitForFunction(() => /Positions of units/.test(document.querySelector(".lost-banner")?.textContent ?? ""));
  desk.health = {};
  await page.waitForSelector(".lost-banner", { state: "detached" });
  await close(page, "healthy-en-day");
});

test("a silent stream is not taken for a live one", { skip }, async () => {
  const page = await open();
  await signIn(page);
  desk.move = () => {}; // connections stay open, nothing comes
  await page.waitForSelector(".lost-banner");
  await page.waitForTimeout(2_500);
  assert.equal(await page.locator(".lost-banner").count(), 1, "an open connection alone does not make the board live");
  await close(page, "silent-en-day");
});

test("a reading that the stream has overtaken sets nothing back", { skip }, async () => {
  const page = await open();
  await signIn(page);
  const incident = desk.addIncident({ type: "robbery", priority: 1, at: Date.now(), position: [-8.611, 41.151] });
  const order = desk.addOrder(incident.id, [...desk.units.values()].find((u) => u.status === "available").id);
  desk.change("incident_opened", incident.id, order.id, order.unit);
  await page.keyboard.press("i");
  await page.click(`.incident-row[data-id=${incident.id}]`);
  await page.waitForSelector(".order-head .state");
  let release, late = 0;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route(`**/api/v1/orders/${order.id}`, async (route) => {
    const response = await route.fetch();
    late++;
    await held;
    await route.fulfill({ response });
  });
  const shows = (want) => page.waitForFunction((state) => document.querySelector(".order-head .state")?.textContent === state, want);
  await page.keyboard.press("g");
  await shows("acknowledged");
  while (!late) await page.waitForTimeout(20);
  desk.stepOrder(order, "set_out");
  desk.change("order_set_out", order.id, incident.id, order.unit);
  await shows("set out");
  const answered = page.waitForResponse((r) => r.url().endsWith(`/orders/${order.id}`));
  release();
  await answered;
  await page.waitForTimeout(200);
  assert.equal(await text(page, ".order-head .state"), "set out");
  await close(page, "overtaken-en-day");
});

test("a change reaches the lists, and every list shows the age of its data", { skip }, async () => {
  const page = await open({ lang: "en-GB", scheme: "dark" });
  await signIn(page);
  const incident = desk.addIncident({ type: "robbery", priority: 1, at: Date.now(), position: [-8.611, 41.151] });
  desk.change("incident_opened", incident.id);
  await page.waitForSelector(`.incident-row[data-id=${incident.id}]`);
  assert.equal(await text(page, ".list-head .age"), "live");
  await page.keyboard.press("u");
  await page.waitForSelector(".unit-row:focus");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".unit-pane");
  await page.keyboard.press("r");
  await page.waitForSelector('.unit-pane .acts button[aria-pressed="true"]');
  await page.waitForTimeout(800);
  await close(page, "unit-en-night");
});

test("language and light change everywhere at once and are remembered", { skip }, async () => {
  const page = await open({ lang: "zh-CN" });
  await signIn(page);
  assert.equal(await text(page, ".new-call"), "新接警 N");
  await page.keyboard.press("l");
  await page.waitForFunction(() => document.documentElement.lang === "en");
  await page.keyboard.press("d");
  await page.waitForFunction(() => document.documentElement.dataset.light === "night");
  const body = await page.locator("body").innerText();
  const chinese = body.replace(/[北河东]\d{3}|中文|[北河东][^\s]*派出所/g, "").match(/[\u4e00-\u9fff]+/g)?.filter((w) => !/[路街附近]/.test(w)) ?? [];
  assert.deepEqual(chinese.filter((w) => w !== "演示城" && w !== "虚构城镇"), [], "no Chinese word of the console is left on the English screen");
  await page.reload();
  await page.waitForSelector(".new-call");
  assert.equal(await text(page, ".new-call"), "New call N");
  await page.keyboard.press("?");
  await page.waitForSelector(".help[open]");
  await close(page, "help-en-night");
});

test("the commander sees figures with their n, and the charts are drawn", { skip }, async () => {
  const page = await open({ lang: "zh-CN" });
  await signIn(page);
  await page.keyboard.press("c");
  await page.waitForSelector(".chart canvas");
  const numbers = await page.locator(".figure dd").allInnerTexts();
  assert.equal(numbers[0].split("\n")[0], String([...desk.incidents.values()].filter((i) => i.status === "waiting").length));
  assert.match(numbers[5], /共 \d+ 起/);
  await page.click('.command-bar button:has-text("近 7 日")');
  await page.waitForFunction((n) => document.querySelectorAll(".figure dd")[3].textContent.startsWith(String(n)), desk.incidents.size);
  await page.click(".priorities tbody tr:nth-child(2) button");
  assert.match((await page.locator(".figure").nth(4).innerText()), /紧急[^]*\d+:\d\d[^]*目标 8:00/);
  await page.focus(".calls-card .chart");
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => /接警 \d+ 次/.test(document.querySelector(".calls-card .chart-told").textContent), null, { timeout: 30_000 });
  const painted = await page.evaluate(() => [...document.querySelectorAll(".chart canvas")].map((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0)));
  assert.deepEqual(painted, [true, true]);
  await page.waitForTimeout(400);
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/command-week-zh-day.png` });
  await page.click(".waits-card .incident-row");
  await page.waitForSelector(".incident-pane .ranked li", { state: "visible" });
  await close(page, "command-zh-day");
});

test("who may not ask for the record's figures gets those of the board, and is told so", { skip }, async () => {
  const page = await open({ scheme: "dark", roles: ["dispatcher"] });
  await signIn(page);
  await page.keyboard.press("c");
  await page.waitForSelector(".command-bar .hint");
  assert.match(await text(page, ".command-bar .hint"), /from the board/);
  await page.waitForSelector(".chart canvas");
  await close(page, "command-board-en-night");
});

test("on a phone map, lists, call and command are one thumb away and nothing is wider than the screen", { skip }, async () => {
  const page = await open({ lang: "zh-CN", phone: true });
  await signIn(page);
  for (const [n, selector] of [[2, ".lists"], [3, ".call-pane"], [4, ".lists"], [5, ".command"], [1, ".map"]]) {
    await page.click(`.phone-tabs button:nth-child(${n})`);
    await page.waitForSelector(selector, { state: "visible" });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
    const small = await page.locator(".phone-tabs button").evaluateAll((all) => all.filter((b) => b.getBoundingClientRect().height < 40).length);
    assert.equal(small, 0);
  }
  const shot = async (name) => { if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` }); };
  await page.click(".phone-tabs button:nth-child(5)");
  await page.waitForSelector(".chart canvas");
  await shot("phone-command-zh-day");
  await page.click(".phone-tabs button:nth-child(2)");
  await page.click(".incident-row");
  await page.waitForSelector(".ranked li");
  await page.waitForTimeout(1_500);
  await shot("phone-incident-zh-day");
  await page.click('.incident-acts button:has-text("更改分类")');
  await page.waitForSelector(".deed");
  await page.click('.deed label:has-text("重大")');
  await shot("phone-form-zh-day");
  const small = await page.locator(".deed button, .deed label:has(input[type=radio]), .deed input:not([type=radio]), .bar button").evaluateAll((all) => all.filter((b) => b.getClientRects().length && b.getBoundingClientRect().height < 44).map((b) => `${b.textContent} ${b.getBoundingClientRect().height}`));
  assert.deepEqual(small, [], "each is a thumb high");
  await page.click(".deed footer .primary");
  await page.waitForSelector(".deed", { state: "detached" });
  assert.deepEqual(sent("classify"), { reason: "caller_update", gravity: "major" });
  desk.startReplay(60);
  desk.move();
  await page.waitForSelector(".timebar");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, "the time bar fits too");
  await close(page, "phone-replay-zh-day");
});

test("keys that come faster than frames are drawn find what the key before opened", { skip }, async () => {
  const page = await open();
  await signIn(page);
  await page.evaluate(() => { const draw = window.requestAnimationFrame.bind(window); window.requestAnimationFrame = (f) => setTimeout(() => draw(f), 20_000); });
  await page.keyboard.press("u");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".unit-pane", { timeout: 15_000 });
  await page.keyboard.press("Escape");
  await page.keyboard.press("i");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".incident-pane .acts", { timeout: 15_000 });
  await page.keyboard.press("e");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".incident-pane button:focus", { timeout: 15_000 });
  await page.keyboard.press("n");
  await page.keyboard.type("noise");
  await page.keyboard.press("Alt+s");
  await page.waitForSelector(".settle button:focus", { timeout: 15_000 });
  await close(page, "fast-keys-en-day");
});

const weakText = (page) => page.evaluate(() => {
  const parse = (c) => c.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if ((c[3] ?? 1) > 0.9) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll(".shell *:not(.map *)")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(ground(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${e.className || e.tagName} "${e.textContent.slice(0, 20)}" ${ratio.toFixed(2)}`);
  }
  return [...new Set(found)];
});

test("all text has enough contrast by day and by night: lists, incident, form, what is sealed, time bar, unit, call, keys and command", { skip }, async () => {
  for (const scheme of ["light", "dark"]) {
    const page = await open({ scheme, replay: 60 });
    await signIn(page);
    await page.waitForSelector(".timebar");
    await page.click(".incident-row");
    await page.waitForSelector(".ranked li");
    await page.click(".passed > button");
    const weak = [];
    const look = async (where) => weak.push(...(await weakText(page)).map((w) => `${where}: ${w}`));
    await look("incident");
    await page.keyboard.press("v");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".sealed");
    await page.keyboard.press("f");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".deed .field-error");
    await look("form");
    await page.keyboard.press("Escape");
    await page.keyboard.press("u");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".unit-pane");
    await look("unit");
    await page.keyboard.press("n");
    await page.waitForSelector(".call-pane");
    await page.keyboard.press("Alt+s");
    await look("call");
    await page.keyboard.press("Escape");
    await page.locator(".shell").press("?");
    await page.waitForSelector(".help[open]");
    await look("keys");
    await page.keyboard.press("Escape");
    await page.keyboard.press("c");
    await page.waitForSelector(".priorities td");
    await look("command");
    assert.deepEqual(weak, [], scheme);
    await close(page, `command-en-${scheme}`);
  }
});

// What it costs is no test's to judge: `make bench` asks for the figures by PRECINCT_BENCH=FILE.
test("a thousand units move on their own canvas while the map stands", { skip }, async () => {
  const page = await open({ units: 1_000 });
  const began = Date.now();
  await page.reload();
  await page.waitForSelector("input[name=account]");
  const paint_ms = Date.now() - began;
  await signIn(page);
  await page.evaluate(() => window.precinctMap.map?.jumpTo({ zoom: 12.6 }));
  await page.waitForTimeout(2_000);
  const maps = () => page.evaluate(() => { window.mapFrames ??= (window.precinctMap.map.on("render", () => window.mapFrames++), 0); return window.mapFrames; });
  await page.evaluate(() => { window.precinctMap.overlay.cost_ms.length = 0; });
  const painted = await maps();
  await page.waitForTimeout(3_000);
  assert.ok((await maps()) - painted < 5, "the map is not painted anew for units that move");
  const cost = (await page.evaluate(() => [...window.precinctMap.overlay.cost_ms])).sort((a, b) => a - b);
  assert.ok(cost.length > 10, "units move between frames");
  if (process.env.PRECINCT_BENCH) {
    const at = (share) => cost[Math.min(cost.length - 1, Math.floor(cost.length * share))];
    appendFileSync(process.env.PRECINCT_BENCH, [
      { name: "console.frame_1000_units", unit: "ms", median: at(0.5), p90: at(0.9), p99: at(0.99), n: cost.length, target: 6 },
      { name: "console.useful_paint", unit: "ms", median: paint_ms, n: 1, target: 2000 }].map((row) => `${JSON.stringify(row)}\n`).join(""));
  }
  await close(page, "thousand-en-day");
});

const ASKED = { act: "unmask", status: "waiting", subject: "C17", for_case: "K-12", reason: "file 12", asked_at: "2026-01-01T08:00:00Z", decided_by: null, decided_at: null, roles: [], days: null, lapses_at: "2026-01-02T08:00:00Z" };
const GLASS = { subject: "C18", role: "dispatcher", reason: "screams", at: "2026-01-01T08:00:00Z", verdict: null, reviewed_by: null, mine: false };

for (const [lang, words] of [["zh-CN", ["双人审批", "查看范围外密封内容", "批准"]], ["en-GB", ["Two persons", "Look beyond one's scope", "Approve"]]])
  test(`what waits for a second person is listed, decided and reviewed (${lang})`, { skip }, async () => {
    const page = await open({ lang });
    desk.asked = [{ ...ASKED, id: "Q41", asked_by: "anna", mine: false }, { ...ASKED, id: "Q42", asked_by: "demo", mine: true }];
    desk.glass = [{ ...GLASS, id: "B43", by: "carl" }];
    await signIn(page);
    await page.waitForSelector(".acts-open .badge");
    assert.equal(await text(page, ".acts-open .badge"), "2");
    assert.ok((await text(page, ".acts-open")).includes(words[0]));
    await page.click(".acts-open");
    assert.ok((await text(page, '.act[data-id="Q41"]')).includes(words[1]));
    assert.equal(await page.locator('.act[data-id="Q42"] button').count(), 0, "nobody decides what he asked for");
    await page.click(`.act[data-id="Q41"] button:has-text("${words[2]}")`);
    await page.click('.act[data-id="Q41"] form button.primary');
    await page.waitForSelector('.act[data-id="Q41"]', { state: "detached" });
    assert.deepEqual(sent("approve"), {});
    await page.click('.act[data-id="B43"] button');
    await page.click('.act[data-id="B43"] input[value="justified"]', { force: true });
    await page.fill('.act[data-id="B43"] input[name="reason"]', "heard it");
    await page.click('.act[data-id="B43"] form button.primary');
    await page.waitForSelector('.act[data-id="B43"]', { state: "detached" });
    assert.deepEqual(sent("review"), { verdict: "justified", reason: "heard it" });
    await close(page, `acts-${lang.slice(0, 2)}`);
  });

test("who cannot decide is offered nothing to decide", { skip }, async () => {
  const page = await open({ roles: ["dispatcher"] });
  await signIn(page);
  assert.equal(await page.locator(".acts-open").count(), 0);
  await close(page, "acts-none");
});
