// The one place that talks to the server: paths, headers, and turning replies into the shapes of model.ts.
//
//   writing    each attempt of one deed carries the same Idempotency-Key, so that a retry cannot do it twice;
//              If-Match where the thing has a version
//   refusals   problem+json becomes ApiError: a sentence in the reader's language, and the field it is about
import type { LonLat } from "./geo";
import { lang, t, word } from "./lang";
import type { Incident, IncidentState, NewCall, Order, OrderState, Place, Priority, Recommendation, TimelineRow, Unit, UnitState } from "./model";

export interface Problem {
  type?: string;
  title?: string;
  detail?: string;
  status?: number;
  field?: string;
  code?: string;
}

export class ApiError extends Error {
  constructor(readonly status: number, readonly problem: Problem, sentence: string) {
    super(sentence);
  }
  get field(): string {
    return this.problem.field ?? "";
  }
}

/** What to tell the reader: the server's own sentence when it gave one, else what the status means here. */
export function sentenceOf(status: number, problem: Problem): string {
  if (problem.detail) return problem.detail;
  if (status === 0) return t("web_error_unreachable");
  if (status === 401) return t("web_error_signed_out");
  if (status === 403) return t("web_error_forbidden");
  if (status === 404) return t("web_error_gone");
  if (status === 409 || status === 412) return t("web_error_changed");
  if (status === 429 || status === 503) return t("web_error_busy");
  return problem.title ?? t("web_error_other", { status });
}

type Json = Record<string, unknown>;
const text = (v: unknown): string => (typeof v === "string" ? v : "");
const list = (v: unknown): Json[] => (Array.isArray(v) ? (v as Json[]) : []);
const texts = (v: unknown): string[] => (Array.isArray(v) ? v.map(String) : []);
/** Times come as RFC 3339 text. */
export const readTime = (v: unknown): number | undefined => {
  const ms = typeof v === "string" ? Date.parse(v) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
};
const some = <T extends object>(o: T): T => {
  for (const key of Object.keys(o) as (keyof T)[]) if (o[key] === undefined) delete o[key];
  return o;
};

export function readPosition(v: unknown): LonLat | undefined {
  return Array.isArray(v) && typeof v[0] === "number" && typeof v[1] === "number" ? [v[0], v[1]] : undefined;
}
export const writePosition = (p: LonLat): LonLat => [Math.round(p[0] * 1e7) / 1e7, Math.round(p[1] * 1e7) / 1e7];

export interface Session {
  account: string;
  name: string;
  roles: string[];
  drill: boolean;
  zone?: string; // "+08:00"
}

/** What the map and the clocks need to know of the site. */
export interface View {
  site: string;
  zone?: string;
  target_ms: number;
  attribution: string; // HTML
  map_source: string; // whose the map is: own, openstreetmap, town
  centre?: LonLat;
  zoom?: number;
  tiles: string;
  maxzoom: number;
}

export class Api {
  constructor(private readonly base = "/api/v1", private readonly fetcher: typeof fetch = (...a) => fetch(...a)) {}

  async send(method: string, path: string, options: { body?: unknown; key?: string; match?: string } = {}): Promise<{ data: Json; etag: string }> {
    let reply: Response;
    try {
      reply = await this.fetcher(this.base + path, {
        method, credentials: "same-origin", cache: "no-store",
        headers: {
          Accept: "application/json", "Accept-Language": lang(),
          ...(options.body !== undefined ? { "Content-Type": "application/json" } : {}),
          ...(options.key ? { "Idempotency-Key": options.key } : {}),
          ...(options.match ? { "If-Match": options.match } : {}),
        },
        ...(options.body !== undefined ? { body: JSON.stringify(options.body) } : {}),
      });
    } catch {
      throw new ApiError(0, {}, sentenceOf(0, {}));
    }
    const type = reply.headers.get("Content-Type") ?? "";
    const data = (/json/.test(type) ? await reply.json().catch(() => ({})) : {}) as Json;
    if (!reply.ok) throw new ApiError(reply.status, data as Problem, sentenceOf(reply.status, data as Problem));
    return { data, etag: reply.headers.get("ETag") ?? "" };
  }

  /** A deed that must happen once: tried again with the same key while the answer is unknown or the server is busy. */
  async once(method: string, path: string, body: unknown, key = newKey(), match?: string, tries = 3): Promise<Json> {
    for (let n = 1; ; n++) {
      try {
        return (await this.send(method, path, { body, key, ...(match ? { match } : {}) })).data;
      } catch (error) {
        const again = error instanceof ApiError && (error.status === 0 || error.status === 503 || error.status === 429);
        if (!again || n >= tries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300 * n));
      }
    }
  }

  // --- session ---------------------------------------------------------------------------------------------------
  async session(): Promise<Session | null> {
    try {
      return readSession((await this.send("GET", "/session")).data);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  }
  async signIn(account: string, password: string): Promise<Session> {
    return readSession((await this.send("POST", "/session", { body: { account, password }, key: newKey() })).data);
  }
  async signOut(): Promise<void> {
    await this.send("DELETE", "/session", { key: newKey() });
  }

  /** TileJSON of the base map: where its tiles are, what it covers, whose it is. */
  async view(): Promise<Partial<View>> {
    const { data } = await this.send("GET", "/tiles.json");
    const c = Array.isArray(data.center) ? (data.center as number[]) : null, b = Array.isArray(data.bounds) ? (data.bounds as number[]) : null;
    const centre: LonLat | undefined = c ? [c[0]!, c[1]!] : b ? [(b[0]! + b[2]!) / 2, (b[1]! + b[3]!) / 2] : undefined;
    return some({ site: text(data.name), attribution: text(data.attribution), map_source: text(data.map_source), tiles: texts(data.tiles)[0] ?? "", maxzoom: Number(data.maxzoom ?? 16), centre, zoom: c ? Number(c[2]) : undefined }) as Partial<View>;
  }

  // --- reading ---------------------------------------------------------------------------------------------------
  private async all<T>(path: string, read: (row: Json) => T): Promise<{ rows: T[]; seq: number }> {
    const rows: T[] = [];
    let seq = 0;
    for (let cursor = "", first = true; first || cursor; first = false) {
      const { data } = await this.send("GET", path + (cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : ""));
      rows.push(...list(data.items).map(read));
      if (first) seq = Number(data.seq ?? 0);
      cursor = text(data.next);
    }
    return { rows, seq };
  }
  incidents = () => this.all("/incidents?limit=1000", readIncident);
  orders = () => this.all("/orders?limit=1000", readOrder);
  units = () => this.all("/units?limit=1000", readUnit);
  async positions(): Promise<unknown> {
    return (await this.send("GET", "/positions")).data.positions;
  }
  async incident(id: string): Promise<IncidentRow> {
    const { data, etag } = await this.send("GET", `/incidents/${id}`);
    return { ...readIncident(data), etag };
  }
  async order(id: string): Promise<Order> {
    const { data, etag } = await this.send("GET", `/orders/${id}`);
    return { ...readOrder(data), etag };
  }
  async unit(id: string): Promise<Unit> {
    const { data, etag } = await this.send("GET", `/units/${id}`);
    return { ...readUnit(data), etag };
  }
  async recommendation(incident: string, policy = ""): Promise<Recommendation> {
    const { data } = await this.send("GET", `/incidents/${incident}/recommendation${policy ? `?policy=${policy}` : ""}`);
    return {
      policy: text(data.policy),
      ranked: list(data.ranked).map((r) => ({ unit: text(r.unit), name: text(r.name), travel_ms: seconds(r.travel_s) ?? 0, ...(text(r.divert) ? { divert: text(r.divert) } : {}), reasons: reasons(r) })),
      passed: list(data.passed).map((r) => some({ unit: text(r.unit), name: text(r.name), travel_ms: seconds(r.travel_s), reasons: reasons(r) })),
    } as Recommendation;
  }
  async timeline(incident: string): Promise<TimelineRow[]> {
    return (await this.all(`/incidents/${incident}/timeline`, (r) => ({ id: String(r.seq ?? ""), at_ms: readTime(r.at) ?? 0, text: text(r.text), actor: text(r.actor) }))).rows;
  }
  async places(typed: string, near?: LonLat): Promise<Place[]> {
    const at = near ? `&lon=${near[0].toFixed(5)}&lat=${near[1].toFixed(5)}` : "";
    const { data } = await this.send("GET", `/places?q=${encodeURIComponent(typed)}${at}&limit=8`);
    return list(data.items).flatMap((r) => {
      const position = readPosition(r.position);
      return position ? [{ name: text(r.name), detail: text(r.detail), kind: text(r.kind), position, dwelling: r.dwelling !== "no", estimated: r.estimated === true }] : [];
    });
  }
  async geometry(path: string): Promise<Json> {
    return (await this.send("GET", path)).data;
  }

  // --- deeds -----------------------------------------------------------------------------------------------------
  /** Takes the call, then joins it to an incident or opens one for it. Both steps have keys of their own, kept by the
   *  caller, so that a second try after a lost answer makes neither a second call nor a second incident. */
  async takeCall(call: NewCall, keys: CallKeys): Promise<{ call: string; incident: string }> {
    const body: Json = { type: call.type, priority: call.priority, channel: call.channel };
    if (call.position) body.position = writePosition(call.position);
    for (const field of ["address", "words", "caller_name", "caller_phone"] as const) if (call[field]) body[field] = call[field];
    const id = text((await this.once("POST", "/calls", body, keys.call)).id);
    if (call.link) {
      await this.once("POST", `/calls/${id}/link`, { incident: call.link, reason: "same_event" }, keys.incident);
      return { call: id, incident: call.link };
    }
    const opened = await this.once("POST", "/incidents", {
      call: id, type: call.type, priority: call.priority, gravity: "ordinary", ...(call.position ? { position: writePosition(call.position) } : {}),
    }, keys.incident);
    return { call: id, incident: text(opened.id) };
  }
  /** A unit that is under way elsewhere is taken off that order in the same deed. */
  async sendUnit(incident: string, unit: string, key: string, policy = "", divert = ""): Promise<void> {
    if (divert) {
      await this.once("POST", `/orders/${divert}/divert`, { to: incident, reason: "more_urgent" }, key);
      return;
    }
    await this.once("POST", "/orders", { incident, unit, ...(policy ? { policy } : {}) }, key);
  }
  async stepOrder(order: Order, step: string, key: string, body: Json = {}): Promise<void> {
    await this.once("POST", `/orders/${order.id}/${step}`, body, key, order.etag);
  }
  async closeIncident(incident: Incident, result: string, key: string): Promise<void> {
    await this.once("POST", `/incidents/${incident.id}/close`, { result }, key, incident.etag);
  }
}

const seconds = (v: unknown): number | undefined => (typeof v === "number" ? v * 1000 : undefined);
const reasons = (r: Json): string[] => (Array.isArray(r.reasons) ? r.reasons.map(String) : text(r.reason) ? [text(r.reason)] : []);

export function newKey(): string {
  return crypto.randomUUID();
}

export interface CallKeys {
  call: string;
  incident: string;
}
/** An incident as the list gives it: its orders are a list of their own, joined in store.ts. */
export type IncidentRow = Omit<Incident, "orders" | "state"> & { status: string; orderIds: string[] };

function zoneOf(time: string): { zone?: string } {
  const zone = /[+-]\d\d:\d\d$/.exec(time)?.[0];
  try {
    if (zone) new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone ? { zone } : {};
  } catch {
    return {}; // an older browser, which shows its own time
  }
}

function readSession(data: Json): Session {
  const account = text(data.account);
  return { account, name: text(data.name) || account, roles: texts(data.roles), drill: data.drill === true, ...zoneOf(text(data.expires_at)) };
}

export function readOrder(r: Json): Order {
  const status = text(r.status);
  return some({
    id: text(r.id), unit: text(r.unit), unitName: "", incident: text(r.incident), state: (status === "on_scene" ? "arrived" : status) as OrderState,
    sent_ms: readTime(r.sent_at) ?? 0, acknowledged_ms: readTime(r.acknowledged_at), set_out_ms: readTime(r.set_out_at), arrived_ms: readTime(r.arrived_at),
    closed_ms: readTime(r.closed_at), expected_ms: typeof r.expected_travel_s === "number" ? r.expected_travel_s * 1000 : undefined,
  }) as Order;
}

export function readIncident(r: Json): IncidentRow {
  return some({
    id: text(r.id), type: text(r.found_type) || text(r.type), priority: (Number(r.priority) || 3) as Priority, gravity: text(r.gravity), status: text(r.status),
    opened_ms: readTime(r.opened_at) ?? 0, arrived_ms: readTime(r.first_arrival_at), closed_ms: readTime(r.ended_at), position: readPosition(r.position), placeKnown: r.place_known === true,
    place: text(r.place), calls: texts(r.calls), orderIds: texts(r.orders),
  }) as IncidentRow;
}

/** An incident is as far as its foremost open order. */
export function incidentState(status: string, orders: Order[]): IncidentState {
  if (status === "closed" || status === "referred" || status === "handled") return status;
  const has = (...states: OrderState[]) => orders.some((o) => states.includes(o.state));
  if (status === "on_scene" || has("arrived", "reported")) return "on_scene";
  if (has("set_out")) return "under_way";
  return status === "dispatched" || has("sent", "acknowledged") ? "sent" : "waiting";
}

const UNIT_STATES: Record<string, UnitState> = {
  available: "available", at_station: "available", dispatched: "sent", en_route: "under_way", on_scene: "on_scene", unavailable: "unavailable", off_duty: "off_duty",
};
export function readUnit(r: Json): Unit {
  return some({
    id: text(r.id), name: text(r.name), kind: text(r.kind), station: text(r.station), capabilities: texts(r.capabilities),
    state: UNIT_STATES[text(r.status)] ?? "unavailable", position: readPosition(r.position), position_ms: readTime(r.position_at), order: text(r.order) || undefined,
    simulated: r.simulated === true,
  }) as Unit;
}

export function unitStateWord(state: UnitState): string {
  return word("unit_state", state);
}
