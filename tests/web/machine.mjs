// The browser of the tests, on machines of any speed. PRECINCT_SLOW=6: every page computes six times slower than the machine does.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const SLOW = Number(process.env.PRECINCT_SLOW ?? 1), PATIENCE_MS = 90_000;

const chromium = async () => (await import(`${root}/web/node_modules/playwright-core/index.mjs`)).chromium;
export const openBrowser = async () => (await chromium()).launch({ executablePath: chromiumPath, args: FLAGS });
/** A browser whose folder outlives it, as one on a desk. */
export const openBrowserIn = async (folder, options = {}) => (await chromium()).launchPersistentContext(folder, { executablePath: chromiumPath, args: FLAGS, viewport: { width: 1440, height: 900 }, ...options });

/** A new page, made ready: its faults are kept; it is patient, and so is its call-taker (WAIT_MS of keeper.ts): how soon a number comes
 *  is the machine's matter. */
export async function ready(page) {
  page.setDefaultTimeout(PATIENCE_MS);
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push(e.message));
  page.on("console", (m) => { if (/Content Security Policy|Refused to/.test(m.text())) page.faults.push(m.text()); });
  await page.addInitScript((ms) => { const set = window.setTimeout; window.setTimeout = (deed, after, ...rest) => set(deed, after === 4_000 ? ms : after, ...rest); }, PATIENCE_MS);
  if (SLOW > 1) await (await page.context().newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOW });
  return page;
}

/** Looks again and again until it is so; the last look, which the test then judges. */
export async function until(look, isSo = Boolean) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || Date.now() > end) return seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
