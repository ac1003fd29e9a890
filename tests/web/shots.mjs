// The pictures of docs/images, taken from a living town: node tests/web/shots.mjs DIR (tools/screenshots).
// Each picture is a place of the console that a reader of the documentation is told about; the town, its calls and the
// hour are always the same, what the units do is not.
import { mkdirSync } from "node:fs";
import { Town, openBrowser, signIn, skip } from "./serving.mjs";

const folder = process.argv[2];
if (!folder || skip) {
  console.error(skip || "usage: node tests/web/shots.mjs DIR");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const ZH = { locale: "zh-CN" }, EN = { locale: "en-GB" }, DAY = { colorScheme: "light" }, NIGHT = { colorScheme: "dark" }, PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const WORDS = { zh: { theft: "盗窃", said: "超市门口自行车被盗，嫌疑人往东离开" }, en: { theft: "theft", said: "Bicycle stolen in front of the supermarket, somebody left eastward" } };

const town = new Town(200_000);
await town.serve("--replay", town.callsFrom("T07:00"), "--speed", "600");
const browser = await openBrowser();
const inPage = (page, path) => page.evaluate((p) => fetch(`/api/v1${p}`).then((r) => r.json()), path);
const settled = async (page) => {
  await page.waitForFunction(() => !window.precinctMap.map || window.precinctMap.map.areTilesLoaded(), null, { timeout: 20_000 });
  await page.waitForTimeout(1_500);
  await page.waitForSelector(".notice", { state: "detached" }).catch(() => undefined);
};
async function keep(page, name) {
  await settled(page);
  await page.screenshot({ path: `${folder}/console-${name}.png` });
  if (page.faults.length) throw new Error(page.faults.join("; "));
  console.log(`console-${name}.png`);
}
const speed = (page, value) => page.evaluate((v) => fetch("/api/v1/replay", { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify({ speed: v }) }).then((r) => r.status), value);
const places = JSON.parse(town.read("town/places.geojson")).features.map((f) => ({ ...f.properties, at: f.geometry.coordinates })).filter((p) => p.name?.length >= 4);
const busyPlace = (n) => places[(n * 37) % places.length];
async function typeCall(page, lang, place) {
  await page.keyboard.press("n");
  await page.waitForSelector("input[name=type]:focus");
  await page.keyboard.type(WORDS[lang].theft);
  await page.keyboard.press("Enter");
  await page.waitForSelector("input[name=place]:focus");
  await page.keyboard.type(lang === "en" && place.name_en ? place.name_en : place.name);
  await page.waitForSelector(".combo ul.open li.on");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".place-state.good");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
}
/** Call entry with its duplicate, then the incident with its recommendation, then on its way with the timeline. */
async function callAndIncident(page, lang, look, place) {
  await typeCall(page, lang, place);
  await page.fill("textarea[name=words]", WORDS[lang].said);
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".incident-pane .ranked li.first .reason");
  await typeCall(page, lang, place);
  await page.waitForSelector(".duplicate");
  await page.fill("textarea[name=words]", WORDS[lang].said);
  await keep(page, `call-${look}`);
  await page.keyboard.press("Alt+1");
  await page.waitForSelector(".incident-pane .ranked li.first .reason");
  await page.waitForSelector(".incident-pane .timeline li");
  await page.keyboard.press("1");
  await page.waitForSelector(".orders .order");
  await page.waitForFunction(() => /出警|set out/.test(document.querySelector(".order-head .state")?.textContent), null, { timeout: 60_000 });
  await page.setViewportSize({ width: 1440, height: 1180 }); // down to its timeline
  await keep(page, `incident-${look}`);
  await page.setViewportSize({ width: 1440, height: 900 });
}

try {
  let page = await signIn(browser, town.port, { ...ZH, ...NIGHT });
  // To the busy hour at 600 times life, so that the charts have a day to show; then as slow as pictures need.
  for (let at = ""; at < "2026-06-01T17:10"; at = (await inPage(page, "/replay")).at) await page.waitForTimeout(500);
  await speed(page, 10);
  await page.waitForTimeout(8_000);
  await page.keyboard.press("i");
  await keep(page, "map-zh-night");
  await callAndIncident(page, "zh", "zh-night", busyPlace(1));
  await page.context().close();

  page = await signIn(browser, town.port, { ...EN, ...DAY });
  await page.keyboard.press("i");
  await keep(page, "map-en-day");
  await callAndIncident(page, "en", "en-day", busyPlace(2));
  await page.context().close();

  for (const [look, options] of [["zh-day", { ...ZH, ...DAY }], ["en-night", { ...EN, ...NIGHT }]]) {
    page = await signIn(browser, town.port, options);
    await page.keyboard.press("c");
    await page.waitForSelector(".chart canvas");
    await keep(page, `command-${look}`);
    await page.context().close();
  }
  const chosen = (await inPage(page = await signIn(browser, town.port, { ...ZH, ...DAY, ...PHONE }), "/incidents?status=dispatched&limit=1")).items[0];
  await keep(page, "phone-zh-day");
  await page.context().close();
  page = await signIn(browser, town.port, { ...EN, ...NIGHT, ...PHONE });
  await page.click(".phone-tabs button:nth-child(2)");
  await page.click(chosen ? `.row[data-id="${chosen.id}"]` : ".lists .row").catch(() => page.click(".lists .row"));
  await page.waitForSelector(".incident-pane .timeline li");
  await keep(page, "phone-en-night");
} finally {
  await browser.close();
  await town.remove();
}
