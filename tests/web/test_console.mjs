// The console in a real Chromium against the desk of mock.mjs: signing in, a call and its incident by keyboard, and the stream cut,
// silent and healed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, desk, open, pressSeeing, save, sent, shows, signIn, skip, text, until } from "./page.mjs";

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
  const unit = await pressSeeing(page, "1", ".ranked li.first .unit-name");
  await page.waitForSelector(".orders .order");
  assert.equal(await text(page, ".orders .unit-name"), unit);
  for (const state of ["acknowledged", "set out", "on scene"]) {
    await page.keyboard.press("g");
    await shows(page, ".order-head .state", state);
  }
  await page.keyboard.press("g"); // at the scene the next step is the report
  await page.waitForSelector(".deed input[value=handled]:focus");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Tab");
  await page.keyboard.type("theft");
  await page.keyboard.press("Enter");
  await save(page);
  await shows(page, ".order-head .state", "reported");
  assert.deepEqual(sent("report"), { result: "no_trace", found_type: "theft" });
  assert.equal(await text(page, ".pane-head h2"), "theft", "what was found on scene is what it is");
  assert.match(await text(page, ".pane .place"), /told as lost property/);
  await page.keyboard.press("g");
  await shows(page, ".order-head .state", "closed");
  await page.waitForSelector('.incident-acts button:has-text("Close")');
  await page.keyboard.press("x");
  await page.waitForSelector(".deed input:focus");
  await save(page, "Enter");
  await shows(page, ".facts .state", "closed");
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
  await page.waitForSelector("input[name=type]:focus");
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
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type("noise");
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=place]:focus");
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
  await page.waitForSelector(".lost-banner", { state: "detached" });
  desk.health = { state: "log_damaged", log_first_bad: 17 };
  await shows(page, ".lost-banner", /damaged from event 17 .*Calls are still taken/);
  desk.health = { state: "normal", tracks: "full" };
  await shows(page, ".lost-banner", /Positions of units/);
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
  await page.keyboard.press("g");
  await shows(page, ".order-head .state", "acknowledged");
  await until(() => late);
  desk.stepOrder(order, "set_out");
  desk.change("order_set_out", order.id, incident.id, order.unit);
  await shows(page, ".order-head .state", "set out");
  const answered = page.waitForResponse((r) => r.url().endsWith(`/orders/${order.id}`));
  release();
  await answered;
  await page.waitForTimeout(500);
  assert.equal(await text(page, ".order-head .state"), "set out");
  await close(page, "overtaken-en-day");
});
