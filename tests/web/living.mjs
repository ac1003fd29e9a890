// The living town in a real page, for tools/smoke: sign in as printed, see units move on the canvas.
//   ACCOUNT=… PASSWORD=… node tests/web/living.mjs URL CHROMIUM
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const [url, executablePath] = process.argv.slice(2);
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const { chromium } = await import(`${root}/web/node_modules/playwright-core/index.mjs`);
const browser = await chromium.launch({ executablePath, args: FLAGS });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: "zh-CN" });
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on("pageerror", (e) => faults.push(e.message));
  await page.goto(url);
  await page.fill("input[name=account]", process.env.ACCOUNT);
  await page.fill("input[name=password]", process.env.PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-link="live"]');
  await page.waitForFunction(() => window.precinctMap?.map?.loaded());
  await page.evaluate(() => window.precinctMap.map.jumpTo({ zoom: 11.5 }));
  const look = () => page.evaluate(() => {
    const { overlay } = window.precinctMap, canvas = [...document.querySelectorAll(".map canvas")].find((c) => !c.closest(".map-base"));
    return { picture: canvas.toDataURL(), units: overlay.seen.slice(0, overlay.seenCount).filter((s) => s.kind === "unit").map(({ id, x, y }) => [id, x, y]) };
  });
  const print = (picture) => createHash("sha256").update(picture).digest("hex");
  await page.waitForTimeout(1_000);
  const before = await look();
  let moved = [], after = before;
  for (let n = 0; n < 40 && moved.length < 2; n++) {
    await page.waitForTimeout(500);
    after = await look();
    const was = new Map(before.units.map(([id, x, y]) => [id, [x, y]]));
    moved = after.units.filter(([id, x, y]) => was.has(id) && Math.hypot(x - was.get(id)[0], y - was.get(id)[1]) > 3);
  }
  if (faults.length) throw new Error(`script errors: ${faults.join("; ")}`);
  if (moved.length < 2) throw new Error(`${before.units.length} units on the map, ${moved.length} of them moved in 20 s`);
  if (print(before.picture) === print(after.picture)) throw new Error("the canvas was not drawn anew");
  console.log(`in Chromium ${after.units.length} units on the map, ${moved.length} of them seen moving`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
}
