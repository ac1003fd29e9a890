// A desk of the town for the browser tests: the endpoints the console uses, a board that commands change, and a stream that
// can be cut. Every request and every reply is held against the OpenAPI document (desk.faults). It decides nothing that the
// real server decides: it sends whom it is told to send and moves units along the grid.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { accountOf, answerAccount } from "./mock_account.mjs";
import { replyFaults, requestFaults, schemaFaults } from "./schema.mjs";
import { at, centre, half, node, streets, tile } from "./town.mjs";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain" };
export const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const SCHEMAS = { change: "change", positions: "positions", replay: "replay" }; // frames of the stream
const iso = (ms) => (ms ? new Date(ms).toISOString() : null);

export class Desk {
  constructor({ units = 40, dist }) {
    Object.assign(this, { dist, seq: 100, calls: new Map(), incidents: new Map(), orders: new Map(), units: new Map(), keys: new Map(), streams: new Set(), log: [], requests: [], faults: [], cut: false, failNext: null, replay: null, account: accountOf() });
    this.now = () => Date.now();
    const kinds = ["car", "car", "car", "motorcycle", "foot", "van"], stations = ["北城派出所", "河滨派出所", "东门派出所"];
    for (let n = 0; n < units; n++) {
      const id = `U${this.seq++}`, i = ((n * 7) % (2 * half - 2)) - half + 1, j = ((n * 11) % (2 * half - 2)) - half + 1;
      this.units.set(id, { id, name: `${["北", "河", "东"][n % 3]}${100 + n}`, station: stations[n % 3], kind: kinds[n % kinds.length], capabilities: n % 5 ? ["patrol"] : ["patrol", "medical"], officers: 2, auxiliaries: n % 2,
        status: n % 13 === 12 ? "unavailable" : n % 17 === 16 ? "off_duty" : "available", reason: "meal", since: this.now() - 1_200_000, simulated: true, order: null, i, j, di: n % 2 ? 1 : 0, dj: n % 2 ? 0 : 1, share: 0 });
    }
  }

  seed() {
    const past = (min, i, j, type, priority, arrive_s) => this.addIncident({ type, priority, at: this.now() - min * 60_000, position: node(i, j), arrive_s });
    const kinds = [["assault", 1], ["traffic_collision", 2], ["noise", 4], ["theft", 3], ["neighbour_dispute", 3], ["medical_assist", 2], ["disturbance", 2], ["alarm", 2]];
    for (let n = 0; n < 150; n++) {
      const [type, priority] = kinds[n % kinds.length];
      past(75 + ((n * n * 37) % 1300), (n * 5) % 30 - 15, (n * 3) % 30 - 15, type, priority, 120 + ((n * 53) % 300));
    }
    past(41, -4, 5, "lost_property", 4);
    past(9, 3, -1, "traffic_obstruction", 3);
    past(3.2, 1, 2, "theft", 3);
    past(0.7, -2, 1, "assault", 1);
    const free = [...this.units.values()].filter((u) => u.status === "available");
    for (const [n, step] of [[0, "set_out"], [1, "arrive"], [2, "acknowledge"], [3, "set_out"]]) {
      const incident = this.addIncident({ type: ["medical_assist", "domestic_dispute", "gas_leak", "alarm"][n], priority: [2, 2, 1, 2][n], at: this.now() - (4 + n * 3) * 60_000, position: node(n * 3 - 5, n * 2 - 4) });
      const order = this.addOrder(incident.id, free[n].id, this.now() - (3 + n * 2) * 60_000);
      for (const s of ["acknowledge", "set_out", "arrive"]) { this.stepOrder(order, s, order.sent + 40_000 * (["acknowledge", "set_out", "arrive"].indexOf(s) + 1)); if (s === step) break; }
    }
  }

  addIncident({ type, priority, at: opened, position, arrive_s, call }) {
    const callId = call ?? `C${this.seq++}`, id = `I${this.seq++}`;
    if (!call) {
      this.calls.set(callId, { id: callId, status: "served", channel: "phone", type, priority, received: opened, incident: id });
      this.note(id, "call_received", callId, { channel: "phone", type, priority }, opened);
    }
    const incident = { id, status: arrive_s ? "closed" : "waiting", type, found_type: null, priority, gravity: "ordinary", position, opened, arrived: arrive_s ? opened + arrive_s * 1000 : 0, ended: arrive_s ? opened + 1_800_000 : 0, calls: [callId], orders: [] };
    this.incidents.set(id, incident);
    this.note(id, "incident_opened", id, { call: callId, type, priority, gravity: "ordinary" }, opened);
    return incident;
  }
  /** A line of an incident's timeline. */
  note(incident, type, object, data = {}, at = this.now()) {
    this.log.push({ incident, type, object, data, at });
  }
  addOrder(incident, unit, sent = this.now(), replaces = undefined) {
    const order = { id: `O${this.seq++}`, status: "sent", incident, unit, sent };
    this.orders.set(order.id, order);
    const i = this.incidents.get(incident), u = this.units.get(unit);
    i.orders.push(order.id);
    i.status = "dispatched";
    Object.assign(u, { status: "dispatched", order: order.id, since: sent });
    this.note(incident, "order_sent", order.id, { incident, unit, policy: "nearest", expected_travel_ms: 150_000, ...(replaces ? { replaces } : {}) }, sent);
    return order;
  }
  stepOrder(order, step, when = this.now(), data = {}) {
    const u = this.units.get(order.unit), i = this.incidents.get(order.incident);
    const to = { acknowledge: ["acknowledged", "dispatched", "acknowledged"], set_out: ["set_out", "en_route", "set_out"], arrive: ["on_scene", "on_scene", "arrived"], report: ["reported", "on_scene", "reported"],
      close: ["closed", "available", "closed"], cancel: ["cancelled", "available", "cancelled"], divert: ["diverted", "available", "diverted"] }[step];
    order.status = to[0];
    order[to[2]] = when;
    Object.assign(u, { status: to[1], since: when });
    if (step === "arrive") { i.status = "on_scene"; i.arrived ||= when; }
    if (step === "report" && data.found_type) i.found_type = data.found_type;
    if (to[1] === "available") { u.order = null; i.status = step === "close" ? "handled" : "waiting"; }
    this.note(order.incident, `order_${to[2]}`, order.id, data, when);
  }

  callView = (c) => ({ id: c.id, status: c.status, channel: c.channel, type: c.type, priority: c.priority, received_at: iso(c.received), incident: c.incident });
  incidentView = (i) => ({ id: i.id, status: i.status, type: i.type, found_type: i.found_type, priority: i.priority, gravity: i.gravity, position: i.position, opened_at: iso(i.opened), first_arrival_at: iso(i.arrived), ended_at: iso(i.ended), calls: i.calls, orders: i.orders });
  orderView = (o) => ({ id: o.id, status: o.status, incident: o.incident, unit: o.unit, sent_at: iso(o.sent), acknowledged_at: iso(o.acknowledged), set_out_at: iso(o.set_out), arrived_at: iso(o.arrived), reported_at: iso(o.reported), closed_at: iso(o.closed),
    cancelled_at: iso(o.cancelled), diverted_at: iso(o.diverted), expected_travel_s: 150, reminder_at: null, reminders: 0 });
  unitView = (u) => ({ id: u.id, name: u.name, station: u.station, status: u.status, kind: u.kind, capabilities: u.capabilities, officers: u.officers, auxiliaries: u.auxiliaries, status_since: iso(u.since), shift_end_at: iso(u.shift_end), order: u.order, unavailable_reason: u.status === "unavailable" ? u.reason : null, position: this.where(u), simulated: this.replay !== null && u.simulated });
  where(u) {
    const a = node(u.i, u.j), b = node(u.i + u.di, u.j + u.dj);
    return [a[0] + (b[0] - a[0]) * u.share, a[1] + (b[1] - a[1]) * u.share];
  }
  view(id) {
    const by = { C: [this.calls, this.callView], I: [this.incidents, this.incidentView], O: [this.orders, this.orderView], U: [this.units, this.unitView] }[id[0]];
    return by?.[0].has(id) ? by[1](by[0].get(id)) : null;
  }

  move() {
    for (const u of this.units.values()) {
      if (u.status !== "available" && u.status !== "en_route") continue;
      u.share += 0.1;
      if (u.share < 1) continue;
      Object.assign(u, { i: u.i + u.di, j: u.j + u.dj, share: 0 });
      const turn = (u.i * 3 + u.j * 5) % 4;
      [u.di, u.dj] = [[1, 0], [0, 1], [-1, 0], [0, -1]][(turn + 4) % 4];
      if (Math.abs(u.i + u.di) > half) u.di = -u.di;
      if (Math.abs(u.j + u.dj) > half) u.dj = -u.dj;
    }
    const now = iso(this.now());
    if (this.replay) this.emit(null, "replay", this.replayView());
    this.emit(null, "positions", { at: now, positions: [...this.units.values()].map((u) => ({ unit: u.id, position: this.where(u), at: now, speed_kmh: 40, heading: null, simulated: this.replay !== null && u.simulated })) });
  }
  /** A week of invented calls, on a clock that runs `speed` times as fast as ours. */
  startReplay(speed = 60) {
    const from = Date.parse("2026-03-02T00:00:00Z");
    this.replay = { from, to: from + 7 * 86_400_000, at: from + 30 * 3_600_000, wall: Date.now(), speed, automatic: true, behind: 0, finished: false };
    this.now = () => this.replay.at + (Date.now() - this.replay.wall) * this.replay.speed;
  }
  replayView() {
    const r = this.replay, share = (this.now() - r.from) / (r.to - r.from);
    return { at: iso(this.now()), speed: r.speed, from: iso(r.from), to: iso(r.to), calls_done: Math.round(5_120 * share), calls_total: 5_120, behind_ms: r.behind, automatic: r.automatic, finished: r.finished };
  }
  steerReplay({ speed, automatic }) {
    Object.assign(this.replay, { at: this.now(), wall: Date.now(), ...(speed !== undefined ? { speed } : {}), ...(automatic !== undefined ? { automatic } : {}) });
  }
  emit(id, event, data) {
    if (SCHEMAS[event]) this.faults.push(...schemaFaults(SCHEMAS[event], data));
    const text = (id === null ? "" : `id: ${id}\n`) + `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const s of this.streams) s.write(text);
  }
  change(type, ...ids) {
    this.seq++;
    const objects = ids.map((id) => this.view(id)), kinds = { C: "call", I: "incident", O: "order", U: "unit" };
    objects.forEach((o) => this.faults.push(...schemaFaults(kinds[o.id[0]], o)));
    this.emit(this.seq, "change", { seq: this.seq, type, at: iso(this.now()), objects });
    return this.seq;
  }
  cutStreams(on) {
    this.cut = on;
    if (on) for (const s of this.streams) s.destroy();
  }

  recommend(incident, zh) {
    const i = this.incidents.get(incident), ranked = [], passed = [];
    const far = (u) => { const p = this.where(u); return !i.position ? 0 : Math.hypot((p[0] - i.position[0]) * 83_000, (p[1] - i.position[1]) * 111_000); };
    for (const u of this.units.values()) {
      const s = Math.round(30 + far(u) / 9);
      if (u.status === "off_duty") continue;
      if (u.status === "available") ranked.push({ unit: u.id, name: u.name, travel_s: s, divert: null, code: "free", reason: zh ? `空闲，约 ${Math.ceil(s / 60)} 分钟可到，能力符合` : `Free, about ${Math.ceil(s / 60)} min away, has what is needed` });
      else passed.push({ unit: u.id, name: u.name, travel_s: s, divert: null, code: "busy", reason: u.status === "unavailable" ? (zh ? "暂不可派：用餐" : "Not available: meal") : zh ? `正在处置更紧急的警情 ${this.orders.get(u.order)?.incident ?? ""}` : `Busy with a more urgent incident ${this.orders.get(u.order)?.incident ?? ""}` });
    }
    ranked.sort((a, b) => a.travel_s - b.travel_s);
    return { incident, policy: "nearest", at: iso(this.now()), ranked: ranked.slice(0, 5), passed: [...passed, ...ranked.slice(5, 12).map((r) => ({ ...r, reason: zh ? `比首选远 ${r.travel_s - ranked[0].travel_s} 秒` : `${r.travel_s - ranked[0].travel_s} s farther than the first` }))] };
  }
}

const PLACES = [
  { name: "人民广场", name_en: "People's Square", kind: "place", p: at(60, 120) }, { name: "市第一医院", name_en: "First Hospital", kind: "place", p: at(-900, 700) },
  { name: "火车站", name_en: "Railway Station", kind: "place", p: at(1100, -1300) },
  ...streets.map((s) => ({ name: s.name, name_en: s.name_en, kind: "street", p: s.line[half] })),
  ...[[0, 0], [2, 3], [-3, 1]].map(([i, j]) => ({ name: `${streets[2 * (j + half)].name}与${streets[2 * (i + half) + 1].name}路口`, name_en: `${streets[2 * (j + half)].name_en} at ${streets[2 * (i + half) + 1].name_en}`, kind: "crossing", p: node(i, j) })),
];

export function serve(desk) {
  const send = (res, status, body, type, headers = {}) => {
    if (res.asked) desk.faults.push(...replyFaults(...res.asked, status, body));
    res.writeHead(status, { "Content-Type": type, ...headers });
    res.end(JSON.stringify(body));
  };
  const problem = (res, status, detail, field) => send(res, status, { type: "urn:precinct:test", title: "refused", status, detail, ...(field ? { field } : {}) }, "application/problem+json");
  const json = (res, status, body, headers = {}) => send(res, status, body, "application/json", headers);
  const page = (items, view) => ({ items: [...items.values()].map(view), next: null, seq: desk.seq, at: iso(desk.now()) });
  const session = { account: "demo", roles: desk.roles ?? ["call_taker", "dispatcher", "commander"], expires_at: iso(Date.now() + 3.6e6), drill: true, get second_factor() { return desk.account.factor; } };

  const commands = (path, body) => {
    const acts = /^\/(?:requests|break_glass)\/([QB]\d+)\/\w+$/.exec(path);
    if (acts) {
      for (const list of ["asked", "glass"]) desk[list] = (desk[list] ?? []).filter((r) => r.id !== acts[1]);
      return { id: acts[1], seq: desk.seq };
    }
    const flag = /^\/misuse\/flags\/(\w+)\/(open|review)$/.exec(path);
    if (flag) {
      const f = desk.flags.find((row) => row.id === flag[1]);
      if (flag[2] === "open") return { reply: { seq: desk.seq, flag: f.id, account: "nosy", looks: f.seqs.map((seq, n) => ({ seq, at: iso(Date.parse(f.first_at) + n * 3.6e6), record: f.subject ?? `C${40 + n}`, for_case: f.subject ?? `C${40 + n}`, purpose: "ring back" })) } };
      Object.assign(f, { state: "reviewed", result: body.result, reviewed_by: "demo", reviewed_at: iso(desk.now()) });
      return { id: "W77", seq: desk.seq };
    }
    const [, kind, id, step] = /^\/(\w+)(?:\/([CIOU]\d+))?(?:\/(\w+))?$/.exec(path) ?? [];
    if (kind === "calls" && !id) {
      const made = `C${desk.seq++}`;
      desk.calls.set(made, { id: made, status: "received", channel: body.channel, type: body.type, priority: body.priority, received: desk.now(), incident: null, body });
      return { id: made, seq: desk.change("call_received", made) };
    }
    if (kind === "calls") return callCommand(desk.calls.get(id), step, body);
    if (kind === "incidents" && !id) {
      const call = desk.calls.get(body.call), i = desk.addIncident({ type: body.type, priority: body.priority, at: desk.now(), position: body.position ?? null, call: body.call });
      if (call) {
        Object.assign(call, { status: "linked", incident: i.id });
        desk.note(i.id, "call_received", call.id, { channel: call.channel, type: call.type, priority: call.priority }, call.received);
        desk.log.push(...desk.log.splice(-2).reverse());
      }
      return { id: i.id, seq: desk.change("incident_opened", i.id, ...(call ? [call.id] : [])) };
    }
    if (kind === "incidents") return incidentCommand(desk.incidents.get(id), step, body);
    if (kind === "orders" && !id) {
      const u = desk.units.get(body.unit);
      if (u.status !== "available") return { refused: 409, detail: `${u.name} 正在执行处警单 ${u.order}，不能再派`, field: "unit" };
      const o = desk.addOrder(body.incident, body.unit);
      return { id: o.id, seq: desk.change("order_sent", o.id, o.incident, o.unit) };
    }
    if (kind === "orders") return orderCommand(desk.orders.get(id), step, body);
    return kind === "units" && id ? unitCommand(desk.units.get(id), step, body) : null;
  };
  const callCommand = (call, step, body) => {
    if (step === "look") {
      desk.log.push({ incident: call.incident, type: "call_looked", object: call.id, data: {}, at: desk.now(), purpose: body.purpose });
      const told = call.body ?? { caller_name: "王芳", caller_phone: "13800000000", address: "解放路 12 号 3 单元", words: "楼下有人打架，有一人受伤" };
      return { reply: { seq: desk.seq, erased: false, caller_name: told.caller_name ?? null, caller_phone: told.caller_phone ?? null, address: told.address ?? null, words: told.words ?? null, position: told.position ?? null } };
    }
    if (step === "settle") {
      call.status = "settled";
      return { id: call.id, seq: desk.change("call_settled", call.id) };
    }
    const i = desk.incidents.get(body.incident);
    i.calls.push(call.id);
    Object.assign(call, { status: "linked", incident: i.id });
    desk.note(i.id, "call_linked", call.id, { incident: i.id, reason: "same_event" });
    return { id: call.id, seq: desk.change("call_linked", call.id, i.id) };
  };
  const incidentCommand = (i, step, { note, ...body }) => {
    if (step === "look") {
      desk.log.push({ incident: i.id, type: "incident_looked", object: i.id, data: {}, at: desk.now(), purpose: body.purpose });
      return { reply: { seq: desk.seq, notes: (i.notes ?? []).map((text, n) => ({ seq: n + 1, at: iso(desk.now()), type: "incident_classified", actor: "demo", erased: false, note: text })) } };
    }
    if (note) (i.notes ??= []).push(note);
    const { reason, ...found } = body;
    if (step === "classify") Object.assign(i, found);
    else Object.assign(i, { status: step === "close" ? "closed" : "referred", ended: desk.now() });
    const type = { classify: "incident_classified", refer: "incident_referred", close: "incident_closed" }[step];
    desk.note(i.id, type, i.id, body);
    return { id: i.id, seq: desk.change(type, i.id) };
  };
  const orderCommand = (o, step, { note, ...body }) => {
    if (step === "look") return { reply: { seq: desk.seq, erased: false, note: o.note ?? null } };
    if (note) o.note = note;
    desk.stepOrder(o, step, desk.now(), body);
    if (step !== "divert") return { id: o.id, seq: desk.change(`order_${step}`, o.id, o.incident, o.unit) };
    const next = desk.addOrder(body.to, o.unit, desk.now(), o.id);
    return { id: next.id, seq: desk.change("order_diverted", o.id, o.incident) && desk.change("order_sent", next.id, next.incident, o.unit) };
  };
  const unitCommand = (u, step, body) => {
    if (step === "take_over" || step === "hand_back") {
      u.simulated = step === "hand_back";
      desk.change("unit_driven", u.id);
      return { none: true };
    }
    const to = { sign_on: "available", sign_off: "off_duty", available: "available", unavailable: "unavailable" }[step];
    const { shift_end_at: end, ...crew } = body;
    Object.assign(u, crew, { status: to, since: desk.now() }, end ? { shift_end: Date.parse(end) } : {});
    return { id: u.id, seq: desk.change(`unit_${step}`, u.id) };
  };

  /** Of the town's squares and crossings the incidents; of everything else type and time. */
  const earlier = ([lon, lat]) => {
    const near = ([x, y], m) => Math.hypot((x - lon) * 83_800, (y - lat) * 111_195) <= m, known = PLACES.some((p) => p.kind !== "street" && near(p.p, 30));
    const items = [...desk.incidents.values()].filter((i) => i.position && near(i.position, 50)).sort((a, b) => b.opened - a.opened)
      .map((i) => ({ type: i.type, received_at: iso(i.opened), incident: known ? i.id : null, result: known && i.status === "closed" ? "handled" : null }));
    return { dwelling: !known, days: known ? 365 : 30, radius_m: 50, items };
  };
  const figures = (from, to) => {
    const first = Math.floor(from / 3.6e6), hours = Array.from({ length: Math.floor(to / 3.6e6) - first + 1 }, (_, n) => ({ hour: iso((first + n) * 3.6e6), calls: 0 }));
    const types = new Map(), responses = new Map(), all = new Map();
    const put = (map, key, v) => map.set(key, [...(map.get(key) ?? []), v]);
    for (const i of desk.incidents.values()) {
      const n = Math.floor(i.opened / 3.6e6) - first;
      if (!hours[n]) continue;
      hours[n].calls++;
      types.set(i.type, (types.get(i.type) ?? 0) + 1);
      if (i.arrived) { put(responses, `${n} ${i.priority}`, i.arrived - i.opened); put(all, i.priority, i.arrived - i.opened); }
    }
    const rank = (list, p) => list.sort((a, b) => a - b)[Math.ceil(list.length * p) - 1] / 1000, targets = [300, 480, 900, 1800];
    const within = (list, priority) => list.filter((ms) => ms <= targets[priority - 1] * 1000).length / list.length;
    return { from: iso(first * 3.6e6), to: iso((first + hours.length) * 3.6e6), at: iso(desk.now()), groups_of_at_least: 1, open: 8, hours, types: [...types].map(([type, calls]) => ({ type, calls })),
      priorities: [1, 2, 3, 4].map((priority) => { const l = all.get(priority); return { priority, arrived: l ? l.length : null, p50_s: l ? rank(l, 0.5) : null, p90_s: l ? rank(l, 0.9) : null, within_target: l ? within(l, priority) : null, target_s: targets[priority - 1] }; }),
      responses: [...responses].map(([key, l]) => { const [n, priority] = key.split(" ").map(Number); return { hour: hours[n].hour, priority, arrived: l.length, p50_s: rank(l, 0.5), p90_s: rank(l, 0.9), within_target: within(l, priority) }; }) };
  };

  const read = (res, path, query, zh) => {
    let m;
    if (path === "/session") return json(res, 200, session);
    if (path === "/calls") return json(res, 200, page(new Map([...desk.calls].filter(([, c]) => !query.get("status") || c.status === query.get("status"))), desk.callView));
    if (path === "/calls/earlier") return json(res, 200, earlier(query.get("near").split(",").map(Number)));
    if (path === "/figures") return desk.roles && !desk.roles.includes("commander") ? problem(res, 403, "not for this role") : json(res, 200, figures(Date.parse(query.get("from")), Date.parse(query.get("to"))));
    if (path === "/replay") return desk.replay ? json(res, 200, desk.replayView()) : problem(res, 404, "this server does not replay");
    if (path === "/incidents") return json(res, 200, page(desk.incidents, desk.incidentView));
    if (path === "/orders") return json(res, 200, page(desk.orders, desk.orderView));
    if (path === "/units") return json(res, 200, page(desk.units, desk.unitView));
    if (path === "/closures") return json(res, 200, { items: [], next: null, seq: desk.seq, at: iso(desk.now()) });
    if (path === "/requests") return json(res, 200, { items: desk.asked ?? [] });
    if (path === "/break_glass") return json(res, 200, { items: desk.glass ?? [], unreviewed: (desk.glass ?? []).length });
    if (path === "/misuse/flags") return json(res, 200, { items: (desk.flags ?? []).filter((f) => f.state === query.get("state")), open: (desk.flags ?? []).filter((f) => f.state === "open").length, complete: true });
    if (path === "/closures.geojson") return json(res, 200, { type: "FeatureCollection", features: [] });
    if (path === "/areas" || path === "/stations") return json(res, 200, { type: "FeatureCollection", features: [] });
    if (path === "/positions") return json(res, 200, { at: iso(desk.now()), positions: [...desk.units.values()].map((u) => ({ unit: u.id, position: desk.where(u), at: iso(desk.now()), speed_kmh: null, heading: null, simulated: desk.replay !== null && u.simulated })) });
    if (path === "/codes") return json(res, 200, { priorities: [300, 480, 900, 1800].map((s, n) => ({ priority: n + 1, en: `priority ${n + 1}`, zh: `${n + 1} 级`, target_s: s })), incident_types: [], capabilities: [], unit_kinds: [] });
    if (path === "/tiles.json") return json(res, 200, { tilejson: "3.0.0", bounds: [centre[0] - 0.1, centre[1] - 0.1, centre[0] + 0.1, centre[1] + 0.1], name: zh ? "演示城" : "Demo town", tiles: ["/tiles/base/{z}/{x}/{y}.pbf"], minzoom: 0, maxzoom: 16, center: [...centre, 14], attribution: zh ? "虚构城镇" : "Generated town", map_source: "town", vector_layers: [] });
    if (path === "/places") {
      const q = (query.get("q") ?? "").toLowerCase();
      return json(res, 200, { items: PLACES.filter((p) => p.name.includes(q) || p.name_en.toLowerCase().includes(q)).slice(0, 8).map((p) => ({ name: p.name, detail: p.name_en, kind: p.kind, position: p.p, distance_m: null, estimated: false, dwelling: "no" })) });
    }
    if ((m = /^\/incidents\/(I\d+)\/recommendation$/.exec(path))) return json(res, 200, desk.recommend(m[1], zh));
    if ((m = /^\/incidents\/(I\d+)\/timeline$/.exec(path))) return json(res, 200, { items: desk.log.flatMap((r, n) => (r.incident === m[1] ? [{ seq: n + 1, at: iso(r.at), type: r.type, object: r.object, actor: "demo", role: "dispatcher", purpose: r.purpose ?? null, text: r.type, data: r.data }] : [])) });
    if ((m = /^\/orders\/(O\d+)\/route$/.exec(path))) {
      const o = desk.orders.get(m[1]), u = desk.units.get(o.unit), to = desk.incidents.get(o.incident).position, line = [desk.where(u)];
      let [i, j] = [u.i, u.j];
      const far = (a, b) => Math.hypot(node(a, b)[0] - to[0], node(a, b)[1] - to[1]);
      for (let n = 0; n < 60 && far(i, j) > 1e-9; n++) {
        const next = [[i + 1, j], [i - 1, j], [i, j + 1], [i, j - 1]].sort((a, b) => far(...a) - far(...b))[0];
        if (far(...next) >= far(i, j)) break;
        [i, j] = next;
        line.push(node(i, j));
      }
      return json(res, 200, { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } });
    }
    if ((m = /^\/units\/(U\d+)\/isochrone$/.exec(path))) {
      const [x, y] = desk.where(desk.units.get(m[1])), r = [...Array(33).keys()].map((k) => { const a = (k % 32) / 32 * 2 * Math.PI, d = 900 + 250 * Math.cos(4 * a); return [x + d / 83_800 * Math.cos(a), y + d / 111_195 * Math.sin(a)]; });
      return json(res, 200, { type: "Feature", properties: { minutes: 5 }, geometry: { type: "Polygon", coordinates: [r] } });
    }
    const thing = (m = /^\/(?:calls|incidents|orders|units)\/([CIOU]\d+)$/.exec(path)) && desk.view(m[1]);
    return thing ? json(res, 200, thing, { ETag: `"${desk.seq}"` }) : problem(res, 404, "not found");
  };

  const server = createServer(async (req, res) => {
    if (desk.down) return req.socket.destroy();
    const url = new URL(req.url, "http://mock"), zh = (req.headers["accept-language"] ?? "").startsWith("zh");
    res.setHeader("Content-Security-Policy", CSP);
    res.setHeader("X-Content-Type-Options", "nosniff");
    let m;
    if ((m = /^\/tiles\/base\/(\d+)\/(\d+)\/(\d+)\.pbf$/.exec(url.pathname))) {
      const bytes = tile(Number(m[1]), Number(m[2]), Number(m[3]));
      res.writeHead(bytes.length ? 200 : 204, { "Content-Type": "application/vnd.mapbox-vector-tile" });
      return res.end(bytes.length ? bytes : undefined);
    }
    if (url.pathname === "/healthz") {
      res.asked = ["GET", "/healthz"];
      return json(res, 200, { state: "normal", reason: null, pending: 0, oldest_at: null, proved_at: null, shedding: [], tracks: "normal", log_first_bad: null, version: "mock", log_events: desk.seq, log_verified: desk.seq, ...desk.health });
    }
    if (!url.pathname.startsWith("/api/v1")) {
      const file = join(desk.dist, normalize(url.pathname === "/" ? "/index.html" : url.pathname));
      if (!file.startsWith(desk.dist) || !existsSync(file) || !statSync(file).isFile()) return problem(res, 404, "no such file");
      res.writeHead(200, { "Content-Type": TYPES[file.slice(file.lastIndexOf("."))] ?? "application/octet-stream" });
      return createReadStream(file).pipe(res);
    }
    const path = url.pathname.slice(7), signed = (req.headers.cookie ?? "").includes("precinct_session=t");
    let text = "";
    for await (const part of req) text += part;
    res.asked = [req.method, url.pathname];
    if (res.asked && req.method === "POST") desk.faults.push(...requestFaults(req.method, url.pathname, text ? JSON.parse(text) : {}));
    desk.requests.push({ method: req.method, path, key: req.headers["idempotency-key"], body: text });
    if (path === "/session" && req.method === "POST") {
      const body = JSON.parse(text);
      if (body.account === "coded" && body.code !== "123456") return send(res, 401, { type: `urn:precinct:sign_in_code${body.code ? "_wrong" : ""}`, title: "refused", status: 401, detail: body.code ? "口令不正确" : "请输入动态口令" }, "application/problem+json");
      return body.password === "demo" ? json(res, 201, session, { "Set-Cookie": "precinct_session=t; Path=/; HttpOnly; SameSite=Strict" }) : problem(res, 401, zh ? "账号或密码不正确" : "The account or the password is wrong", "password");
    }
    if (!signed) return problem(res, 401, zh ? "请先登录" : "Sign in first");
    if (path === "/session" && req.method === "DELETE") { res.writeHead(204, { "Set-Cookie": "precinct_session=; Path=/; Max-Age=0" }); return res.end(); }
    if (path === "/stream") {
      if (desk.cut) return req.socket.destroy();
      res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      desk.streams.add(res);
      res.write(": open\n\n");
      desk.lastId = req.headers["last-event-id"] ?? "";
      if (desk.reset && desk.lastId !== desk.resetAt) { desk.resetAt = String(desk.seq); res.write(`id: ${desk.seq}\nevent: reset\ndata: {"seq":${desk.seq}}\n\n`); }
      return res.on("close", () => desk.streams.delete(res));
    }
    if (answerAccount(desk, { method: req.method, path, body: text ? JSON.parse(text) : {} }, { json: (status, body) => json(res, status, body), none: () => { res.writeHead(204); res.end(); }, problem: (...of) => problem(res, ...of) })) return;
    if (req.method === "GET") return read(res, path, url.searchParams, zh);
    if (desk.failNext) {
      const fail = desk.failNext;
      desk.failNext = null;
      return fail === "drop" ? req.socket.destroy() : problem(res, fail.status, fail.detail, fail.field);
    }
    const key = req.headers["idempotency-key"];
    if (!key && !path.endsWith("/look")) return problem(res, 400, "Idempotency-Key is missing");
    if (path === "/replay") { desk.steerReplay(JSON.parse(text)); return json(res, 200, desk.replayView()); }
    if (key && desk.keys.has(key)) { const kept = desk.keys.get(key); return kept.text === text ? json(res, kept.status, kept.reply) : problem(res, 409, "key used for another body"); }
    const made = commands(path, text ? JSON.parse(text) : {});
    if (!made) return problem(res, 404, "no such endpoint");
    if (made.refused) return problem(res, made.refused, made.detail, made.field);
    const reply = made.reply ?? made, status = made.reply ? 200 : made.none ? 204 : 201;
    if (key) desk.keys.set(key, { text, reply, status });
    if (desk.dropAnswer) { desk.dropAnswer = false; return req.socket.destroy(); }
    if (status === 204) { res.writeHead(204); return res.end(); }
    return json(res, status, reply);
  });
  server.keepAliveTimeout = 60_000;
  const timer = setInterval(() => desk.move(), 1_000);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => { clearInterval(timer); for (const s of desk.streams) s.destroy(); server.closeAllConnections(); server.close(); },
  })));
}
