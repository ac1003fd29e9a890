// What the tests on the real server and the pictures share: a generated town that is served, a line to it that can go
// silent, and a browser that signs in.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromiumPath, ready, root } from "./machine.mjs";

export { openBrowser, openBrowserIn, root, until } from "./machine.mjs";
const precinct = process.env.PRECINCT ?? `${root}/build/release/precinct`;
/** Why the tests cannot run here, or false. */
export const skip = !chromiumPath ? "chromium is not installed" : !existsSync(precinct) ? "the program is not built" : false;
const ACCOUNT = "demo", PASSWORD = "demo-password-1";

/** A generated town and the server of its site. The port stays the same when the server is started again. */
export class Town {
  constructor(people, seed = 1) {
    this.folder = mkdtempSync(join(tmpdir(), "precinct-web-"));
    this.port = 0;
    this.run("town", "town", "--people", String(people), "--seed", String(seed), "--days", "2");
    this.run("init", "site", "--map", "town/map.osm.pbf", "--areas", "town/areas.geojson", "--stations", "town/stations.geojson", "--places", "town/places.geojson", "--units", "town/units.csv", "--drill");
    this.addUser(ACCOUNT, "call_taker,dispatcher,commander,chief");
  }
  addUser(account, roles) {
    this.run("user", "add", "site", account, "--roles", roles, "--password-stdin");
  }
  run(...args) {
    const asks = args.includes("--password-stdin"); // who does not read may have ended before we have written
    return execFileSync(precinct, args, { cwd: this.folder, stdio: [asks ? "pipe" : "ignore", "pipe", "inherit"], ...(asks ? { input: `${PASSWORD}\n` } : {}), encoding: "utf8" });
  }
  read(name) {
    return readFileSync(join(this.folder, name), "utf8");
  }
  /** The town's calls from a local time on ("T16:40"), as a file for --replay. */
  callsFrom(time) {
    const [head, ...rows] = this.read("town/calls.csv").trim().split("\n"), column = head.split(",").indexOf("time_local");
    const first = rows.findIndex((row) => row.split(",")[column].slice(10) >= time);
    writeFileSync(join(this.folder, "calls.csv"), [head, ...rows.slice(first)].join("\n") + "\n");
    return "calls.csv";
  }
  async serve(...options) {
    this.server = spawn(precinct, ["serve", "site", "--listen", `127.0.0.1:${this.port}`, "--positions", "0", "--web", `${root}/build/web/dist`, "--json", ...options], { cwd: this.folder, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...this.env } });
    const line = await new Promise((resolve) => {
      createInterface({ input: this.server.stdout }).once("line", resolve);
      this.server.once("exit", (code) => resolve(`the server ended with ${code}`));
    });
    assert.match(line, /"ready"/, line);
    this.port = Number(new URL(JSON.parse(line).ready).port);
  }
  stop(signal = "SIGTERM") {
    return new Promise((resolve) => {
      if (!this.server || this.server.exitCode !== null || this.server.signalCode !== null) return resolve();
      this.server.once("exit", resolve);
      this.server.kill(signal);
    });
  }
  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A wire between browser and server. Silent, it takes and answers nothing and closes nothing, as a dead radio link does;
 * what was silent once stays so, new connections after `speak` pass. */
export class Wire {
  constructor(town) {
    this.silent = false;
    this.pairs = new Set();
    this.listener = createServer((near) => {
      const far = connect(town.port, "127.0.0.1"), pair = { near, far, dead: this.silent };
      this.pairs.add(pair);
      const pass = (from, to) => from.on("data", (bytes) => { if (!pair.dead) to.write(bytes); }).on("error", () => to.destroy()).on("close", () => { if (!pair.dead) to.destroy(); });
      pass(near, far);
      pass(far, near);
    });
  }
  async open() {
    await new Promise((resolve) => this.listener.listen(0, "127.0.0.1", resolve));
    this.port = this.listener.address().port;
    return this;
  }
  hush() {
    this.silent = true;
    for (const pair of this.pairs) pair.dead = true;
  }
  speak() {
    this.silent = false;
  }
  close() {
    for (const { near, far } of this.pairs) near.destroy(), far.destroy();
    this.listener.close();
  }
}

export async function signIn(browser, port, options = {}, account = ACCOUNT, there = '[data-link="live"]') {
  const page = await ready(await (browser.newContext ? await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options }) : browser).newPage());
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.fill("input[name=account]", account);
  await page.fill("input[name=password]", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector(there);
  return page;
}
/** No script error, nothing refused by the content security policy. PRECINCT_SHOTS=DIR keeps a picture. */
export async function done(page, name) {
  if (process.env.PRECINCT_SHOTS) await page.screenshot({ path: `${process.env.PRECINCT_SHOTS}/${name}.png` });
  const faults = page.faults;
  await page.context().close();
  assert.deepEqual(faults, []);
}
export const text = (page, selector) => page.locator(selector).first().innerText();

/** Where the units on the screen are, by id, in pixels. */
export const unitsSeen = (page) => page.evaluate(() => Object.fromEntries(window.precinctMap.overlay.seen.slice(0, window.precinctMap.overlay.seenCount).filter((s) => s.kind === "unit").map(({ id, x, y }) => [id, [x, y]])));
