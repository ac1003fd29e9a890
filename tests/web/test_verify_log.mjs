// The page that checks a bundle of the log, in the real browser with no network: a good bundle verifies, and whatever was done to
// it — a bit, an event, the order, the signatures, all of it anew with the stolen key — is refused and it says where.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, sign } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { ready } from "./machine.mjs";
import { openBrowser, root, skip, Town } from "./serving.mjs";

const ORIGIN = "police.example/log", CALLS = 150, FLIPS = 150, SHOTS = process.env.PRECINCT_SHOTS;
let town, browser, verify, files, bundle;

/** Calls with sealed fields, through the desk. */
async function takeCalls(count) {
  const base = `http://127.0.0.1:${town.port}`, headers = { "Content-Type": "application/json", Origin: base };
  const opened = await fetch(`${base}/api/v1/session`, { method: "POST", headers, body: JSON.stringify({ account: "demo", password: "demo-password-1" }) });
  assert.equal(opened.status, 201, await opened.text());
  headers.Cookie = opened.headers.get("set-cookie").split(";")[0];
  for (let i = 0; i < count; i++) {
    const body = { channel: "phone", type: "theft", priority: 2, caller_name: "王小明", caller_phone: "13800000000", words: "自行车被盗" };
    const taken = await fetch(`${base}/api/v1/calls`, { method: "POST", headers: { ...headers, "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify(body) });
    assert.equal(taken.status, 201, await taken.text());
  }
}

const json = (...args) => JSON.parse(town.run(...args, "--json"));

before(async () => {
  if (skip) return;
  execFileSync("node", ["build.mjs", "--pure", `${root}/build/web/pure-verify.mjs`], { cwd: `${root}/web` });
  ({ verify } = await import(`${root}/build/web/pure-verify.mjs`));
  town = new Town(3000);
  await town.serve();
  await takeCalls(CALLS);
  files = { key: json("log", "key", "site", "--origin", ORIGIN).key };
  json("log", "heads", "site", "--out", "earlier");
  await takeCalls(CALLS);
  await town.stop();
  files.witness = json("log", "witness", "init", "w", "--name", "oversight.example/w1").key;
  json("log", "witness", "add", "w", "--log", files.key);
  json("log", "cosign", "site", "--witness", files.witness, "--request", "question");
  json("log", "witness", "cosign", "w", "--request", "question", "--response", "answer");
  json("log", "cosign", "site", "--witness", files.witness, "--response", "answer");
  files.size = json("log", "export", "site", "--bundle", "bundle", "--web", `${root}/build/web/dist`).events;
  files.earlier = town.read("earlier");
  bundle = readFileSync(join(town.folder, "bundle"));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await town?.remove();
});

async function open({ locale = "en-GB", viewport = { width: 1280, height: 900 }, noble = false } = {}) {
  const context = await browser.newContext({ locale, viewport, offline: true });
  const page = await ready(await context.newPage());
  page.on("console", (m) => { if (m.type() === "error") page.faults.push(m.text()); });
  page.on("request", (r) => { if (!r.url().startsWith("file:")) page.faults.push(`asked for ${r.url()}`); });
  if (noble) await page.addInitScript(() => { SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException("no Ed25519", "NotSupportedError")); });
  await page.goto(pathToFileURL(join(town.folder, "bundle.html")).href);
  return page;
}

async function check(page, bytes, { key = files.key, earlier = files.earlier, witnesses = files.witness } = {}) {
  await page.setInputFiles("#bundle", { name: "bundle", mimeType: "application/octet-stream", buffer: bytes });
  await page.fill("#key", key);
  await page.fill("#earlier", earlier);
  await page.fill("#witnesses", witnesses);
  await page.click("button.primary");
  await page.waitForSelector("#verdict");
  return { good: await page.locator("#verdict.good").count() === 1, open: await page.locator("#verdict.open").count() === 1, text: await page.innerText("#verdict") };
}

async function finish(page, name) {
  if (SHOTS) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
  const faults = page.faults;
  await page.context().close();
  assert.deepEqual(faults, []);
}

// --- archives of our own ---

function read(archive) {
  const members = [];
  for (let at = 0; archive[at]; ) {
    const name = archive.subarray(at, at + 100).toString().replace(/\0.*$/s, ""), size = parseInt(archive.subarray(at + 124, at + 135).toString(), 8);
    members.push({ name, bytes: archive.subarray(at + 512, at + 512 + size), at });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

function write(members) {
  const parts = members.map(({ name, bytes }) => {
    const head = Buffer.alloc(512);
    head.write(name);
    head.write(`0000644\x000000000\x000000000\x00${bytes.length.toString(8).padStart(11, "0")}\x0000000000000\x00        0`, 100, "latin1");
    head.write("ustar\x0000", 257, "latin1");
    head.write(`${head.reduce((n, b) => n + b, 0).toString(8).padStart(6, "0")}\x00 `, 148, "latin1");
    return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function entriesOf(archive) {
  return read(archive).filter((m) => m.name.startsWith("tile/entries/")).flatMap(({ bytes }) => {
    const entries = [];
    for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) entries.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
    return entries;
  });
}

/** The log of these entries with all of its hashes; its head signed with the site's own key, stolen, or left as it was. */
function forge(entries, { head, keys = read(bundle)[1].bytes, resign = true } = {}) {
  const tree = new verify.Tree(), rows = new verify.Rows(), tiles = [];
  for (let first = 0; first < entries.length; first += 256) {
    const part = entries.slice(first, first + 256), made = [];
    for (const entry of part) {
      const leaf = verify.leafOf(entry);
      tree.append(leaf);
      made.push(...rows.add(leaf));
    }
    tiles.push({ path: verify.tilePath("entries", first / 256, part.length), bytes: Buffer.concat(part.flatMap((e) => [Buffer.from([e.length >> 8, e.length & 255]), e])) }, ...made);
  }
  tiles.push(...rows.rest());
  const text = `${ORIGIN}\n${entries.length}\n${Buffer.from(tree.root()).toString("base64")}\n`;
  const note = head ?? (resign ? text + "\n" + signed(text) : read(bundle)[0].bytes.toString());
  return write([{ name: "checkpoint", bytes: Buffer.from(note) }, { name: "keys", bytes: keys }, ...tiles.map((t) => ({ name: t.path, bytes: Buffer.from(t.bytes) }))]);
}

/** A line of the site's key. */
function signed(text) {
  const seed = Buffer.from(readFileSync(join(town.folder, "site/log.key"), "utf8").trim().split("+").slice(4).join("+"), "base64").subarray(1);
  const secret = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
  const id = Buffer.from(files.key.split("+")[1], "hex");
  return `— ${ORIGIN} ${Buffer.concat([id, sign(null, Buffer.from(text), secret)]).toString("base64")}\n`;
}

test("a good bundle verifies and shows its events in plain words, without a network", { skip }, async () => {
  const page = await open();
  const found = await check(page, bundle);
  assert.ok(found.good, found.text);
  assert.match(found.text, new RegExp(`Verified: ${files.size} events`));
  assert.match(found.text, /Cosigned by the witness oversight\.example\/w1/);
  assert.match(found.text, /Continues your earlier tree head/);
  assert.match(found.text, /browser's own Ed25519/);
  assert.match((await check(page, bundle, { witnesses: "" })).text, /the first \d+ of \d+ events are those of your tree head; the log alone/);
  const last = await page.locator("#events > li").last();
  assert.match(await last.innerText(), /A call was taken\./);
  assert.match(await last.innerText(), /caller_name\s+sealed/);
  assert.equal(await page.locator("text=王小明").count(), 0);
  await page.fill("#goto", "1");
  await page.locator("#goto").press("Enter");
  await page.waitForFunction(() => document.querySelector("#events header b")?.textContent === "1");
  assert.equal(await page.locator("#events > li").count(), 256);
  assert.equal(execFileSync("cmp", [join(town.folder, "bundle.html"), `${root}/build/web/dist/verify-log.html`]).length, 0);
  await finish(page, "verify-desktop-en");
});

test("the page checks signatures itself where the browser cannot", { skip }, async () => {
  const page = await open({ noble: true });
  const found = await check(page, bundle);
  assert.ok(found.good, found.text);
  assert.match(found.text, /Ed25519 of this page/);
  const forged = Buffer.from(bundle), at = forged.indexOf("— ") + 60;
  forged[at] = forged[at] === 65 ? 66 : 65;
  assert.match((await check(page, forged)).text, /is false/);
  await finish(page, "verify-noble");
});

test("both languages, on a desk and on a phone, without a scrollbar sideways", { skip }, async () => {
  for (const [name, options] of [["desktop-zh", { locale: "zh-CN" }], ["phone-zh", { locale: "zh-CN", viewport: { width: 390, height: 844 } }], ["phone-en", { viewport: { width: 390, height: 844 } }]]) {
    const page = await open(options), chinese = name.endsWith("zh");
    const found = await check(page, bundle);
    assert.ok(found.good, found.text);
    assert.match(found.text, chinese ? /核验通过/ : /Verified/);
    assert.match(await page.locator("#events > li").last().innerText(), chinese ? /接到一次报警/ : /A call was taken/);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
    await page.click(`button[lang=${chinese ? "en" : "zh"}]`);
    assert.match(await page.innerText("#verdict"), chinese ? /Verified/ : /核验通过/);
    await page.click(`button[lang=${chinese ? "zh" : "en"}]`);
    await page.locator(name.startsWith("phone") ? "#verdict" : "#events > li:nth-child(4)").scrollIntoViewIfNeeded();
    await finish(page, `verify-${name}`);
  }
});

test("what nobody outside vouches for is not called verified", { skip }, async () => {
  const page = await open();
  for (const given of [{ key: "", earlier: "", witnesses: "" }, { earlier: "", witnesses: "" }, { key: "" }]) {
    const found = await check(page, bundle, given);
    assert.ok(found.open && !found.good, found.text);
    assert.match(found.text, /Nobody outside vouches/);
  }
  await finish(page, "verify-open");
});

test(`${FLIPS} single flipped bits anywhere are refused, and it says where`, { skip }, async () => {
  const page = await open(), members = read(bundle);
  let seed = 7;
  const dice = (n) => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0), seed % n);
  for (let i = 0; i < FLIPS; i++) {
    const at = i < 60 ? dice(2048) : dice(bundle.length), damaged = Buffer.from(bundle);
    damaged[at] ^= 1 << dice(8);
    const found = await check(page, damaged);
    assert.match(found.text, /^Refused/, `byte ${at}: ${found.text}`);
    const member = members.filter((m) => m.at <= at).at(-1), inEntries = member.name.startsWith("tile/entries") && at >= member.at + 512 && at < member.at + 512 + member.bytes.length;
    if (inEntries) assert.match(found.text, /Event \d+ is not|holds \d+ events/, `byte ${at}: ${found.text}`);
  }
  await finish(page, "verify-refused");
});

test("dropped, added, reordered, cut: refused without the log's key", { skip }, async () => {
  const page = await open(), entries = entriesOf(bundle), swapped = [...entries];
  assert.deepEqual(Buffer.compare(forge(entries, { resign: false }), bundle), 0, "an honest forge is the bundle itself");
  [swapped[40], swapped[41]] = [swapped[41], swapped[40]];
  const members = read(bundle), other = [...members];
  [other[2], other[3]] = [other[3], other[2]];
  for (const [name, bytes, says] of [
    ["an event is dropped", forge(entries.filter((_, i) => i !== 40), { resign: false }), /rewritten|In the place of event 41 stands event 42|was expected/],
    ["an event is added", forge([...entries, entries.at(-1)], { resign: false }), /was expected/],
    ["two change places", forge(swapped, { resign: false }), /first \d+ events are not|In the place of event 41 stands event 42/],
    ["members change places", write(other), /was expected/],
    ["a member is missing", write(members.filter((m) => m.name !== "tile/0/000")), /was expected/],
    ["the end is cut off", bundle.subarray(0, bundle.length - 3000), /ends at byte/],
    ["nothing is left", bundle.subarray(0, 0), /ends at byte 0/],
    ["something is behind", Buffer.concat([bundle, Buffer.from("x")]), /does not end at byte/],
    ["no archive at all", Buffer.alloc(5000, "rubbish "), /checkpoint was expected/],
  ]) {
    const found = await check(page, bytes);
    assert.match(found.text, /^Refused/, `${name}: ${found.text}`);
    assert.match(found.text, says, name);
  }
  await finish(page, "verify-dropped");
});

test("the whole log anew with the stolen key is refused for the reader's own head, and for the witness", { skip }, async () => {
  const page = await open(), entries = entriesOf(bundle), changed = entries.map((e, i) => (i === 10 ? Buffer.from(e.toString().replace('"priority":2', '"priority":4')) : e));
  assert.notDeepEqual(changed[10], entries[10]);
  const stolen = forge(changed), none = { earlier: "", witnesses: "" };
  assert.match((await check(page, stolen, { witnesses: "" })).text, /The first \d+ events are not those of your earlier tree head/);
  assert.match((await check(page, stolen, { earlier: "" })).text, /has not cosigned/);
  assert.ok((await check(page, stolen, none)).open, "without a head from outside and a witness nobody can tell, and the page says so");
  assert.match((await check(page, forge(entries.slice(0, 30)), { witnesses: "" })).text, /has 30 events, your earlier tree head \d+/);
  const numbered = entries.map((e, i) => (i === 20 ? entries[19] : e));
  assert.match((await check(page, forge(numbered), none)).text, /In the place of event 21 stands event 20/);
  await finish(page, "verify-rewritten");
});

test("mixed-up keys and heads are told", { skip }, async () => {
  const page = await open(), entries = entriesOf(bundle);
  town.run("init", "other", "--map", "town/map.osm.pbf");
  const namesake = json("log", "key", "other", "--origin", ORIGIN).key, stranger = files.key.replace("police", "polite");
  const members = read(bundle), keys = members[1].bytes.toString();
  const note = members[0].bytes.toString();
  for (const [given, says, bytes] of [
    [{ key: namesake }, /another log or signed with another key/],
    [{ key: stranger }, /has the id/],
    [{ key: files.witness }, /is the key of a witness/],
    [{ witnesses: files.key }, /is the key of a log/],
    [{ key: "rubbish" }, /is no public key/],
    [{ earlier: "rubbish" }, /no signed note/],
    [{ earlier: files.earlier.replace(/\n\d+\n/, "\n7\n") }, /is false/],
    [{ witnesses: json("log", "witness", "init", "w2", "--name", "w2").key }, /w2 has not cosigned/],
    [{}, /another log or signed with another key/, forge(entries, { keys: Buffer.from(keys.replace(files.key, namesake)) })],
    [{ witnesses: "" }, /whose key is not here/, forge(entries, { head: note, keys: Buffer.from(`${files.key}\n`) })],
    [{}, /has the id 00000000/, forge(entries, { keys: Buffer.from(`${files.key}\nw+00000000+${Buffer.alloc(33, 2).toString("base64")}\n`) })],
  ]) {
    const found = await check(page, bytes ?? bundle, given);
    assert.match(found.text, /^Refused/, found.text);
    assert.match(found.text, says);
  }
  await finish(page, "verify-mixed");
});

test("an empty log and one of 256 events verify", { skip }, async () => {
  const page = await open(), entries = entriesOf(bundle), none = { earlier: "", witnesses: "" };
  for (const size of [0, 1, 255, 256, 257]) {
    const found = await check(page, forge(entries.slice(0, size)), none);
    assert.match(found.text, new RegExp(`Sound in itself: ${size} events`));
  }
  await finish(page, "verify-sizes");
});
