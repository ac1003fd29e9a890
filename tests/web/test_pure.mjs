// The parts of the console that need no screen: words, ages, coordinates, duplicates, figures, motion, the life of
// the stream, and what the client does when an answer is lost.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
execFileSync("node", ["build.mjs", "--pure", `${root}/build/web/pure.mjs`], { cwd: `${root}/web` });
const p = await import(`${root}/build/web/pure.mjs`);
const HERE = [-8.61, 41.15];
const east = (m) => [HERE[0] + m / (111_195 * Math.cos((41.15 * Math.PI) / 180)), HERE[1]];
const incident = (over) => ({ id: "I1", type: "theft", priority: 3, gravity: "ordinary", state: "waiting", opened_ms: 0, position: HERE, told: "theft", calls: ["C1"], orders: [], ...over });

/** Pseudo-random numbers from a seed, so that a failure repeats. */
function dice(seed) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

test("words change with the language and take their parameters", () => {
  p.setLang("en");
  assert.equal(p.t("web_waiting_count", { n: 3 }), "Waiting: 3");
  p.setLang("zh");
  assert.equal(p.t("web_waiting_count", { n: 3 }), "待派 3");
  assert.equal(p.word("gravity", "major"), "重大");
  assert.equal(p.word("gravity", "never_heard"), "never heard");
});

test("types are found by code, zh and en, whole words first", () => {
  p.setLang("zh");
  assert.equal(p.findCodes("incident_types", "盗窃")[0].code, "theft");
  assert.equal(p.findCodes("incident_types", "THEFT")[0].code, "theft");
  assert.equal(p.findCodes("incident_types", "traffic")[0].code, "traffic_collision");
  assert.equal(p.findCodes("incident_types", "燃气")[0].code, "gas_leak");
  assert.deepEqual(p.findCodes("incident_types", "qqq"), []);
  for (const row of p.codeTable("incident_types")) {
    for (const typed of [row.code, row.zh, row.en]) assert.equal(p.findCodes("incident_types", typed)[0].code, row.code, typed);
  }
});

test("ages never run backwards and change unit where people do", () => {
  p.setLang("en");
  assert.equal(p.ageText(-5_000), "0 s");
  assert.equal(p.ageText(59_999), "59 s");
  assert.equal(p.ageText(60_000), "1 min");
  assert.equal(p.ageText(3_660_000), "1 h 01");
  assert.equal(p.ageText(86_400_000 * 2), "2 d");
  assert.equal(p.clockText(187_000), "3:07");
  assert.equal(p.clockText(3_723_000), "1:02:03");
  assert.deepEqual([0, 1_999, 2_000, 9_999, 10_000].map(p.freshness), ["fresh", "fresh", "late", "late", "stale"]);
});

test("coordinates are read as people write them, and numbers that are none are left alone", () => {
  assert.deepEqual(p.parseCoordinates("41.1496, -8.6109"), [-8.6109, 41.1496]);
  assert.deepEqual(p.parseCoordinates("39.9N 116.4E"), [116.4, 39.9]);
  assert.deepEqual(p.parseCoordinates("116.4E, 39.9N"), [116.4, 39.9]);
  assert.deepEqual(p.parseCoordinates("121.47，31.23"), [121.47, 31.23]);
  assert.deepEqual(p.parseCoordinates("S33.8; E151.2"), [151.2, -33.8]);
  for (const typed of ["人民路 12", "12 34", "100, 200", "91.5, 181.2", ""]) assert.equal(p.parseCoordinates(typed), null, typed);
});

test("duplicates are near, recent and alike, best first; each law alone shuts one out", () => {
  const call = { type: "theft", position: HERE, at_ms: 600_000 };
  const found = p.findDuplicates(call, [incident({ id: "I1", position: east(200) }), incident({ id: "I2", position: east(20) })]);
  assert.deepEqual(found.map((d) => d.incident.id), ["I2", "I1"]);
  const never = (over, why) => assert.equal(p.findDuplicates(call, [incident(over)]).length, 0, why);
  never({ position: east(320) }, "too far");
  never({ type: "noise", position: HERE }, "of another kind");
  never({ opened_ms: 600_000 - 3_600_000 }, "too old");
  never({ position: undefined }, "nowhere");
  assert.equal(p.findDuplicates({ ...call, position: undefined }, [incident({})]).length, 0);
  assert.equal(p.findDuplicates({ ...call, type: "fire" }, [incident({ type: "gas_leak", position: east(900) })]).length, 1, "a fire is seen from afar");
});

test("a nearer, younger or more alike incident never ranks lower", () => {
  const random = dice(7);
  for (let n = 0; n < 2_000; n++) {
    const away = random() * 250, age = random() * 3_000_000, call = { type: "theft", position: HERE, at_ms: 3_600_000 };
    const one = incident({ position: east(away), opened_ms: call.at_ms - age }), score = (i) => p.findDuplicates(call, [i])[0]?.score ?? 0;
    assert.ok(score(incident({ position: east(away * 0.9), opened_ms: call.at_ms - age })) >= score(one));
    assert.ok(score(incident({ position: east(away), opened_ms: call.at_ms - age * 0.9 })) >= score(one));
    assert.ok(score({ ...one, type: "robbery" }) <= score(one));
  }
});

test("percentiles are nearest-rank, as a plain count says", () => {
  const random = dice(3);
  for (let n = 1; n < 60; n++) {
    const sorted = Array.from({ length: n }, () => Math.floor(random() * 100)).sort((a, b) => a - b);
    for (const share of [0.5, 0.9, 1]) {
      const value = p.percentile(sorted, share);
      assert.ok(sorted.filter((x) => x <= value).length >= share * n && sorted.filter((x) => x < value).length < share * n);
    }
  }
  assert.equal(p.percentile([], 0.9), null);
});

test("the board's figures hold every incident of the span once, and responses count from the opening", () => {
  const now = 50 * 3_600_000 + 1_234_567, from = now - 23 * 3_600_000, all = [];
  for (let k = 0; k < 96; k++) all.push(incident({ id: `I${k}`, type: k % 3 ? "theft" : "noise", priority: [1, 2, 2, 3][k % 4], opened_ms: now - k * 1_800_000, arrived_ms: k % 5 ? now - k * 1_800_000 + 240_000 : undefined }));
  const f = p.boardFigures(all, { 1: 240_000, 2: 239_999 }, from, now), inside = all.filter((i) => i.opened_ms >= f.hours[0].at_ms), arrived = inside.filter((i) => i.arrived_ms);
  assert.equal(f.hours.length, 24);
  assert.equal(f.hours.reduce((n, h) => n + h.calls, 0), inside.length);
  assert.equal(f.types.reduce((n, x) => n + x.calls, 0), inside.length);
  assert.equal(f.priorities.reduce((n, x) => n + x.arrived, 0), arrived.length);
  assert.equal(f.responses.reduce((n, x) => n + x.arrived, 0), arrived.length, "each arrival stands in one hour");
  assert.deepEqual(f.priorities.map((x) => x.within), [1, 0, null, null], "without a target nothing is within it");
  const total = p.withinTarget(f), [one, two] = f.priorities;
  assert.deepEqual([total.n, total.share], [one.arrived + two.arrived, one.arrived / (one.arrived + two.arrived)]);
  assert.deepEqual(p.boardFigures([], {}, from, now).priorities.map((x) => x.p50_ms), [null, null, null, null]);
});

test("a day begins at the service's midnight, and a shift ends at the next such time", () => {
  const noon = Date.parse("2026-03-02T12:00:00+08:00");
  assert.equal(p.dayStart(noon, "+08:00"), Date.parse("2026-03-02T00:00:00+08:00"));
  assert.equal(p.dayStart(Date.parse("2026-03-02T01:00:00Z"), "-03:30"), Date.parse("2026-03-01T00:00:00-03:30"));
  assert.equal(p.nextTime("18:30", noon, "+08:00"), Date.parse("2026-03-02T18:30:00+08:00"));
  assert.equal(p.nextTime("06:00", noon, "+08:00"), Date.parse("2026-03-03T06:00:00+08:00"));
  assert.equal(p.nextTime("soon", noon, "+08:00"), null);
});

test("what waits stands first, then priority, then the longest wait", () => {
  const list = [incident({ id: "I1", priority: 1, state: "on_scene" }), incident({ id: "I2", priority: 4 }), incident({ id: "I3", priority: 2, opened_ms: 5 }), incident({ id: "I4", priority: 2, opened_ms: 1 }), incident({ id: "I5", state: "closed" })];
  assert.deepEqual(p.openIncidents({ incidents: new Map(list.map((i) => [i.id, i])) }).map((i) => i.id), ["I4", "I3", "I2", "I1"]);
});

test("a unit is drawn between its reports and never beyond them", () => {
  const track = p.trackStart(HERE, 0), target = p.mercator(east(100));
  p.trackMove(track, east(100), 1_000);
  const x0 = p.trackX(track, 1_000), half = p.trackX(track, 1_500), end = p.trackX(track, 9_000);
  assert.equal(x0, p.mercator(HERE)[0]);
  assert.ok(half > x0 && half < target[0]);
  assert.equal(end, target[0]);
  p.trackMove(track, east(5_000), 10_000);
  assert.equal(p.trackX(track, 10_000), p.mercator(east(5_000))[0], "a leap is not flown");
});

test("the event parser gives the same events however the bytes are cut", () => {
  const wire = ": hello\n\nid: 7\nevent: change\ndata: {\"a\":1}\n\nevent: positions\r\ndata: one\r\ndata: two\r\n\r\ndata:bare\n\nid: 9\nevent: reset\ndata: {}\n\n";
  const want = [{ id: "7", event: "change", data: '{"a":1}' }, { event: "positions", data: "one\ntwo" }, { event: "message", data: "bare" }, { id: "9", event: "reset", data: "{}" }];
  assert.deepEqual(new p.EventParser().feed(wire), want);
  const random = dice(11);
  for (let n = 0; n < 300; n++) {
    const parser = new p.EventParser(), got = [];
    for (let at = 0; at < wire.length; ) {
      const to = Math.min(wire.length, at + 1 + Math.floor(random() * 9));
      got.push(...parser.feed(wire.slice(at, to)));
      at = to;
    }
    assert.deepEqual(got, want);
  }
});

test("a silent or closed stream is lost within two seconds and lives again with the first byte", () => {
  let life = p.lifeStart(0);
  life = p.lifeStep(life, "open", 100);
  assert.equal(life.link, "connecting", "an open connection without a byte is no live board");
  life = p.lifeStep(life, "bytes", 200);
  assert.equal(life.link, "live");
  let lost_at = 0;
  for (let now = 200; !lost_at; now += 100) {
    life = p.lifeStep(life, "tick", now);
    if (life.link === "lost") lost_at = now;
  }
  assert.ok(lost_at - 200 <= 2_000, `seen after ${lost_at - 200} ms`);
  assert.equal(life.lost_ms, lost_at);
  const again = p.lifeStep(life, "closed", lost_at + 300);
  assert.equal(again.lost_ms, lost_at, "it is lost since the first failure, not the last");
  assert.ok(again.retry_at_ms - lost_at - 300 <= 2_000);
  assert.equal(p.lifeStep(again, "bytes", lost_at + 400).link, "live");
});

test("a page that stood still reads what came meanwhile before it calls the stream lost, once; a hidden one still sees it", () => {
  const live = p.lifeStep(p.lifeStep(p.lifeStart(0), "bytes", 100), "tick", 200);
  const woken = p.lifeStep(live, "tick", 6_000);
  assert.equal(woken.link, "live");
  assert.equal(p.lifeStep(p.lifeStep(woken, "bytes", 6_100), "tick", 6_200).link, "live");
  let life = woken, now = 6_000;
  for (; life.link === "live" && now < 60_000; now += 100) life = p.lifeStep(life, "tick", now + 100);
  assert.ok(now <= 6_800, `lost at ${now}`);
  for (life = live, now = 200; life.link === "live" && now < 60_000; now += 1_000) life = p.lifeStep(life, "tick", now + 1_000);
  assert.ok(now <= 4_200, `lost at ${now} where timers run once a second`);
});

test("a board is read anew however long it takes, and again when that failed", async () => {
  let now = 0, beats = 0;
  const asked = [], silent = [], wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)), fetched = globalThis.fetch;
  globalThis.fetch = async (_, { headers, signal }) => {
    asked.push(headers["Last-Event-ID"]);
    const body = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('id: 9\nevent: reset\ndata: {"seq":9}\n\n')); signal.addEventListener("abort", () => c.error(new Error("over"))); } });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  };
  const stop = p.keepStream(() => "/", { event() {}, life() {}, silent: () => silent.push(now), refused() {}, reset: async () => {
    await wait(300);
    now += 5_000; // the line is slow
    await wait(300);
    if (++beats === 1) throw new Error("half of it");
  } }, "4", () => now);
  while (beats < 2) { now += 100; await wait(20); }
  await wait(50);
  const lost = silent.length;
  while (asked.length < 3) { now += 500; await wait(20); }
  stop();
  globalThis.fetch = fetched;
  assert.deepEqual([lost, asked.slice(0, 3)], [0, ["4", "4", "9"]], "what failed is asked for again, what was read is not");
});

test("nobody waits for ever for an answer: reading over a silent line is given up at once, other requests after a while", async () => {
  const asked = [], api = new p.Api("", (path, { signal }) => new Promise((_, refuse) => { asked.push(path); signal.addEventListener("abort", () => refuse(new Error("over"))); }));
  const refused = (promise) => promise.then(() => "answered", (e) => e.status);
  const reading = [refused(api.units()), refused(api.session())], writing = api.send("POST", "/calls", { body: {}, within_ms: 50 });
  api.silent(true);
  assert.deepEqual(await Promise.all(reading), [0, 0]);
  assert.equal(await refused(writing), 0);
  assert.deepEqual(asked, ["/units?limit=1000", "/session", "/calls"]);
  api.silent(false);
  const map = new AbortController(), tile = refused(api.tile("/tiles/1", map.signal));
  api.silent(true);
  while (asked.filter((path) => path === "/tiles/1").length < 2) await new Promise((resolve) => setTimeout(resolve, 50)); // asked for again
  map.abort();
  assert.notEqual(await tile, "answered");
});

test("a lost answer is asked for again with the same key, a refusal is not", async () => {
  const keys = [];
  let mode = "lost";
  const fetcher = async (_, options) => {
    keys.push(options.headers["Idempotency-Key"]);
    if (mode === "lost" && keys.length < 3) throw new TypeError("network");
    if (mode === "refused") return new Response(JSON.stringify({ detail: "单元正忙", field: "unit" }), { status: 409, headers: { "Content-Type": "application/problem+json" } });
    return new Response(JSON.stringify({ id: "O1", seq: 5 }), { status: 201, headers: { "Content-Type": "application/json" } });
  };
  const api = new p.Api("/api/v1", fetcher);
  await api.sendUnit("I1", "U1", "key-1");
  assert.deepEqual(keys, ["key-1", "key-1", "key-1"]);
  mode = "refused";
  keys.length = 0;
  await assert.rejects(api.sendUnit("I1", "U1", "key-2"), (e) => e.status === 409 && e.field === "unit" && e.message === "单元正忙");
  assert.equal(keys.length, 1);
});

// --- what this console has taken ------------------------------------------------------------------------------------------

const CALL = { type: "theft", priority: 2, channel: "phone", address: "", words: "a bicycle", caller_name: "", caller_phone: "" };
/** A disk of the memory, a server that says what it is told to, and what it was asked. */
function aConsole(answers) {
  const asked = [], late = [], disk = new p.MemoryDisk();
  const send = async (path, body, key) => {
    asked.push({ path, body: JSON.stringify(body), key });
    const reply = await answers(path, body, key, asked.length);
    if ("status" in reply) throw Object.assign(new Error(reply.detail ?? "refused"), { status: reply.status, problem: reply });
    return reply;
  };
  const outbox = new p.Outbox(disk, send, undefined, (o) => late.push(o));
  let n = 0;
  const take = async (over = {}, via) => {
    const keys = { call: `call-${++n}`, incident: `incident-${n}` };
    await outbox.add("anna", 1_000 * n, p.deedOf({ ...CALL, ...over }, keys, 1_000 * n, via));
    return keys.call;
  };
  return { outbox, asked, late, take, stages: () => outbox.entries.map(p.stageOf) };
}
/** A server that takes each key once; `down` while nobody answers, and answers may be lost on their way. */
function aServer() {
  const made = new Map(), order = [];
  const server = { down: false, loses: () => false, order, answer: async (path, body, key) => {
    if (server.down) return { status: 0 };
    const before = made.get(key), text = path + JSON.stringify(body);
    if (before && before.text !== text) return { status: 409, detail: "the key was used" };
    const reply = before?.reply ?? { id: `${path === "/calls" ? "C" : "I"}${made.size + 1}` };
    if (!before) order.push({ path, body, key });
    made.set(key, { text, reply });
    return server.loses() ? { status: 0 } : reply;
  } };
  return server;
}

test("calls that wait are sent in order, once each, however often answers are lost", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = dice(seed), server = aServer(), c = aConsole(server.answer), keys = [];
    server.down = true;
    for (let n = 0; n < 10; n++) keys.push(await c.take());
    assert.equal(await c.outbox.run("anna"), false);
    assert.equal(c.outbox.entries.length, 10, "nothing is dropped while nobody answers");
    server.down = false;
    server.loses = () => random() < 0.5;
    for (let n = 0; n < 500 && c.outbox.entries.length; n++) {
      server.down = random() < 0.3;
      await c.outbox.run("anna");
    }
    assert.deepEqual(c.outbox.entries, []);
    assert.deepEqual(server.order.filter((r) => r.path === "/calls").map((r) => r.key), keys, `seed ${seed}`);
    assert.equal(server.order.length, 20, "ten calls and ten incidents");
    assert.deepEqual(c.late.map((o) => o.how), Array(10).fill("recorded"));
  }
});

test("a call that the spool keeps is not called recorded until the record has it; those after it are sent", async () => {
  let spooled = true;
  const c = aConsole(async (path, _, key) => (path !== "/calls" ? { id: "I9" } : spooled ? { receipt: `Q${key.slice(5)}` } : { id: `C${key.slice(5)}` }));
  await c.take();
  await c.take({ link: "I4" });
  const told = c.outbox.outcome("call-1", 10_000);
  assert.equal(await c.outbox.run("anna"), true);
  assert.deepEqual(await told, { how: "kept", receipt: "Q1" });
  assert.deepEqual(c.stages(), ["kept", "kept"]);
  await c.outbox.run("anna");
  assert.ok(c.late.every((o) => o.how !== "recorded") && c.asked.every((r) => r.path === "/calls"), "nothing is decided about it");
  spooled = false;
  await c.outbox.run("anna");
  assert.deepEqual(c.outbox.entries, []);
  assert.deepEqual(c.asked.slice(-4).map((r) => r.path), ["/calls", "/incidents", "/calls", "/calls/C2/link"]);
  assert.equal(new Set(c.asked.filter((r) => r.key === "call-1").map((r) => r.body)).size, 1, "the same body each time");
});

test("what is refused stays with its reason and stops nothing; 500 lets others pass, no answer stops all", async () => {
  const refuse = { "call-1": { status: 400, detail: "words: too long", field: "words" }, "call-2": { status: 409, detail: "the key was used" }, "call-3": { status: 500 } };
  const c = aConsole(async (path, _, key) => refuse[key] ?? { id: "C8" });
  for (let n = 0; n < 4; n++) await c.take();
  assert.equal(await c.outbox.run("anna"), false);
  assert.deepEqual(c.stages(), ["refused", "refused", "waiting"], "the fourth is in the record");
  assert.deepEqual(c.outbox.entries[0].deed.problem, { text: "words: too long", field: "words" });
  refuse["call-3"] = { status: 503 };
  await c.take();
  const before = c.asked.length;
  assert.equal(await c.outbox.run("anna"), false);
  assert.equal(c.asked.length, before + 1, "the order holds while nobody takes the first");
  await c.outbox.run("berta");
  assert.equal(c.asked.length, before + 1, "another account sends none of them");
});

test("a clock that runs ahead loses its time and not the call; a card keeps its own", async () => {
  const c = aConsole(async (path, body) => (body.occurred_at ? { status: 400, detail: "in the future", field: "occurred_at" } : { id: "C8" }));
  await c.take({}, "console");
  await c.take({}, "paper");
  await c.outbox.run("anna");
  assert.deepEqual(c.stages(), ["refused"]);
  assert.equal(c.outbox.entries[0].deed.body.via, "paper");
  assert.deepEqual(c.asked.slice(0, 2).map((r) => [r.key, "occurred_at" in JSON.parse(r.body)]), [["call-1", true], ["call-1", false]]);
});

test("a follow-up that is refused leaves a recorded call, and says so", async () => {
  const c = aConsole(async (path) => (path === "/calls" ? { id: "C8" } : { status: 409, detail: "I4 is closed" }));
  await c.take({ link: "I4" });
  await c.outbox.run("anna");
  assert.deepEqual(c.late, [{ how: "recorded", call: "C8", incident: "", undecided: "I4 is closed" }]);
  assert.deepEqual(c.outbox.entries, []);
});

test("a refusal without a sentence still says what to do, in the reader's language", () => {
  p.setLang("en");
  for (const status of [0, 401, 403, 404, 409, 412, 429, 503]) assert.ok(p.sentenceOf(status, {}).length > 15);
  assert.match(p.sentenceOf(418, {}), /418/);
  assert.equal(p.sentenceOf(409, { detail: "said by the server" }), "said by the server");
});

// --- the desk's clock ---------------------------------------------------------------------------------------------------

test("a refusal names its field as the screen does, and nothing else is touched", () => {
  const problem = { field: "caller_phone", detail: "“caller_phone”应为 1 至 40 字节的文本，实为 “words”" };
  p.setLang("zh");
  assert.equal(p.sentenceOf(400, problem), "“电话”应为 1 至 40 字节的文本，实为 “words”");
  p.setLang("en");
  assert.equal(p.sentenceOf(400, { field: "officers", detail: "'officers': a whole number from 0 to 1000 was expected, 2000 was found" }), "'Officers': a whole number from 0 to 1000 was expected, 2000 was found");
  assert.equal(p.sentenceOf(409, { detail: "'words' is no account" }), "'words' is no account");
});

test("the clock follows the earliest frames, a leap at once, and a replay at its speed", () => {
  const c = new p.DeskClock(1_000_000);
  for (const [local, late] of [[1_000, 300], [2_000, 40], [3_000, 700]]) c.hear(local + 9_000 - late, local);
  assert.equal(c.now(4_000), 4_000 + 9_000 - 40, "a late frame does not set it back");
  c.hear(500_000, 5_000);
  assert.equal(c.now(6_000), 501_000);
  c.replay(1_000_000, 60, 10_000);
  assert.equal(c.now(11_500), 1_090_000);
  c.hear(5, 11_500);
  assert.equal(c.now(11_500), 1_090_000, "positions do not set the clock of a replay");
  c.replay(1_090_000, 0, 12_000);
  assert.equal(c.now(99_000), 1_090_000, "a pause stands still");
  c.live();
  c.hear(200_000, 100_000);
  assert.equal(c.now(100_500), 200_500);
});

test("speeds go up and down by their steps and stay at the ends", () => {
  assert.deepEqual([0, 1, 10, 45, 600].map((v) => p.nextSpeed(v, 1)), [1, 10, 60, 60, 600]);
  assert.deepEqual([0, 1, 10, 45, 600, 1_000].map((v) => p.nextSpeed(v, -1)), [1, 1, 1, 10, 60, 600]);
  const replay = { from: "2026-03-02T00:00:00Z", to: "2026-03-09T00:00:00Z" };
  assert.deepEqual(["2026-03-01T00:00:00Z", "2026-03-05T12:00:00Z", "2026-04-01T00:00:00Z"].map((at) => p.progress(replay, Date.parse(at))), [0, 0.5, 1]);
});

// --- the timeline -------------------------------------------------------------------------------------------------------

const EVENTS = readdirSync(`${root}/events`).map((f) => JSON.parse(readFileSync(`${root}/events/${f}`, "utf8"))).filter((e) => "CIO".includes(e.object));
const SAMPLE = { id: (f) => `${f.kind}7`, code: (f) => (f.name === "policy" ? "nearest" : "theft"), int: (f) => f.max === 4 ? 2 : 3, ms: () => 150_000, enum: (f) => f.values[0], text: () => "x", bool: () => true };
const NAMES = { unit: (id) => `car ${id}`, incident: (id) => `noise (${id})` };
const row = (type, data, over = {}) => ({ seq: 1, at_ms: 600_000, type, object: "O7", text: "RAW", actor: "anna", role: "dispatcher", purpose: "a dispute", data, ...over });

test("every event of a call, an incident or an order is told by a sentence of its own, with each value of each list", () => {
  for (const lang of ["en", "zh"]) {
    p.setLang(lang);
    for (const event of EVENTS) {
      const open = event.fields.filter((f) => !f.sealed && SAMPLE[f.type] && !f.list);
      const data = Object.fromEntries(open.map((f) => [f.name, SAMPLE[f.type](f)]));
      const all = [data, ...open.filter((f) => f.type === "enum").flatMap((f) => f.values.map((v) => ({ ...data, [f.name]: v })))];
      for (const d of all) {
        const [, told] = p.tellTimeline([row("order_sent", { incident: "I1", unit: "U7" }, { at_ms: 0 }), row(event.name, d)], NAMES);
        assert.notEqual(told.text, "RAW", `${event.name} has no sentence`);
        assert.ok(!/[{}]|undefined|NaN|null/.test(told.text), `${event.name}: ${told.text}`);
        if (lang === "zh") assert.doesNotMatch(told.text.replace(/car U7|noise \(I7\)|[CIO]7|12345|a dispute/g, ""), /[A-Za-z]/, `${event.name}: ${told.text}`);
        if (lang === "en") assert.doesNotMatch(told.text, /[\u4e00-\u9fff_]/, `${event.name}: ${told.text}`);
      }
    }
  }
});

test("a story gives who, why and how long it took", () => {
  p.setLang("en");
  const told = p.tellTimeline([
    row("incident_opened", { type: "theft", priority: 2 }, { at_ms: 0, object: "I1" }), row("order_sent", { unit: "U1", expected_travel_ms: 120_000 }, { at_ms: 20_000 }),
    row("order_set_out", {}, { at_ms: 60_000 }), row("order_arrived", {}, { at_ms: 300_000 }), row("order_reported", { result: "no_trace", found_type: "noise", injured: 2 }, { at_ms: 400_000 }),
    row("order_closed", {}, { at_ms: 420_000 }), row("incident_closed", { result: "no_trace" }, { at_ms: 430_000, object: "I1", role: "system" })], NAMES);
  assert.deepEqual(told.map((r) => r.text), ["Incident opened: theft, urgent", "car U1 sent, expected in 2 min, 20 s after the incident was opened", "car U1 set out, 40 s after being sent",
    "car U1 on scene, 4 min on the way, 2 min later than expected, response 5 min", "car U1 reports: nothing found, found on scene: noise, injured: 2", "car U1 is done and free again, 2 min on scene",
    "Incident closed: nothing found, 7 min after it was opened"]);
  assert.deepEqual([told[0].by, told[6].by], ["anna, dispatcher", "by itself"]);
});

test("a position is named by the smallest area around it, holes apart, and a station by its name", () => {
  const square = (x, y, half) => [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half], [x - half, y - half]];
  const area = (name, name_en, ...rings) => ({ properties: { name, name_en }, geometry: { type: "Polygon", coordinates: rings } });
  const names = new p.SiteNames();
  names.setAreas([area("全城", "the town", square(0, 0, 1)), area("东社区", "", square(0.5, 0, 0.2), square(0.5, 0, 0.05)), { properties: { name: "两岸" }, geometry: { type: "MultiPolygon", coordinates: [[square(-0.5, 0, 0.1)], [square(-0.8, 0, 0.1)]] } }]);
  assert.deepEqual([[0.6, 0.1], [0.5, 0], [-0.8, 0.05], [0, 0.9], [3, 3]].map((at) => names.area(at, "zh")), ["东社区", "全城", "两岸", "全城", ""]);
  assert.deepEqual([names.area([0.6, 0.1], "en"), names.area([0, 0], "en"), names.area(undefined, "en")], ["东社区", "the town", ""]);
  names.setStations([{ properties: { id: "S1", name: "河滨派出所", name_en: "Riverside" } }]);
  assert.deepEqual([names.station("S1", "en"), names.station("S9", "zh")], ["Riverside", "S9"]);
});
