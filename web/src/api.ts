// The one place that talks to the server: paths, headers, and turning replies into the shapes of model.ts. What comes and
// what goes is typed by gen/api, which the same files write that the server is built from.
//
//   writing    each attempt of one deed carries the same Idempotency-Key, so that a retry cannot do it twice;
//              If-Match where the thing has a version
//   refusals   problem+json becomes ApiError: a sentence in the reader's language, and the field it is about
import type * as wire from "gen/api";
import { readTime } from "./age";
import { inWords } from "./fields";
import { readFigures, type Figures } from "./figures";
import type { LonLat } from "./geo";
import { lang, t, word } from "./lang";
import type { Call, Earlier, Incident, IncidentState, NewCall, Order, OrderState, Place, Priority, Recommendation, Sealed, TimelineRow, Unit, UnitState } from "./model";

export { readTime };
export type Problem = Partial<wire.Problem>;

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
  if (problem.detail) return inWords(problem.detail, problem.field);
  if (status === 0) return t("web_error_unreachable");
  if (status === 401) return t("web_error_signed_out");
  if (status === 403) return t("web_error_forbidden");
  if (status === 404) return t("web_error_gone");
  if (status === 409 || status === 412) return t("web_error_changed");
  if (status === 429 || status === 503) return t("web_error_busy");
  return problem.title ?? t("web_error_other", { status });
}

/** Without the members that have no value: absent and unknown are the same to the screens. */
const some = <T extends object>(o: { [K in keyof T]: T[K] | undefined }): T => {
  for (const key of Object.keys(o) as (keyof T)[]) if (o[key] === undefined) delete o[key];
  return o as T;
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
  factor: NonNullable<wire.Session["second_factor"]>;
  zone?: string; // "+08:00"
}

/** What the map and the clocks need to know of the site. */
export interface View {
  site: string;
  zone?: string;
  targets: Partial<Record<Priority, number>>;
  attribution: string; // HTML
  map_source: string; // whose the map is: own, openstreetmap, town
  centre?: LonLat;
  zoom?: number;
  tiles: string;
  maxzoom: number;
}

interface Page<Row> {
  items: Row[];
  next?: string | null;
  seq?: number;
  at?: string;
}
/** What an endpoint takes: the whole body, or nothing. */
type Empty = Record<string, never>;

const ANSWER_MS = 20_000, LOST_MS = 3_000, HEALTH_MS = 4_500, TILE_AGAIN_MS = 2_000;

export class Api {
  private readonly reading = new Set<AbortController>();
  private isSilent = false;
  constructor(private readonly base = "/api/v1", private readonly fetcher: typeof fetch = (...a) => fetch(...a)) {}

  /** Given up when nobody answers in time: a browser has few connections to a server, and one that hangs is one less. */
  async send<Reply>(method: string, path: string, options: { body?: unknown; key?: string; match?: string; within_ms?: number } = {}): Promise<{ data: Reply; etag: string }> {
    let reply: Response, data: unknown;
    const over = new AbortController(), timer = setTimeout(() => over.abort(), options.within_ms ?? (method === "GET" && this.isSilent ? LOST_MS : ANSWER_MS));
    if (method === "GET") this.reading.add(over);
    try {
      reply = await this.fetcher(this.base + path, {
        method, credentials: "same-origin", cache: "no-store", signal: over.signal,
        headers: {
          Accept: "application/json", "Accept-Language": lang(),
          ...(options.body !== undefined ? { "Content-Type": "application/json" } : {}),
          ...(options.key ? { "Idempotency-Key": options.key } : {}),
          ...(options.match ? { "If-Match": options.match } : {}),
        },
        ...(options.body !== undefined ? { body: JSON.stringify(options.body) } : {}),
      });
      const malformed = (error: Error) => { if (over.signal.aborted) throw error; return {}; };
      data = /json/.test(reply.headers.get("Content-Type") ?? "") ? await reply.json().catch(malformed) : {};
    } catch {
      throw new ApiError(0, {}, sentenceOf(0, {}));
    } finally {
      clearTimeout(timer);
      this.reading.delete(over);
    }
    if (!reply.ok) throw new ApiError(reply.status, data as Problem, sentenceOf(reply.status, data as Problem));
    return { data: data as Reply, etag: reply.headers.get("ETag") ?? "" };
  }
  /** Nothing comes over the line any more, or it does again. What is being read will not come and holds no connection from now on; what
   *  is being written is asked for again, with its key. */
  silent(is: boolean): void {
    this.isSilent = is;
    if (is) for (const over of [...this.reading]) over.abort();
  }
  private async get<Reply>(path: string): Promise<Reply> {
    return (await this.send<Reply>("GET", path)).data;
  }

  /** A deed that must happen once: tried again with the same key while the answer is unknown or the server is busy. */
  async once<Body extends object, Reply = wire.Taken>(method: string, path: string, body: Body, key = newKey(), match?: string, tries = 3): Promise<Reply> {
    for (let n = 1; ; n++) {
      try {
        return (await this.send<Reply>(method, path, { body, key, ...(match ? { match } : {}) })).data;
      } catch (error) {
        const again = error instanceof ApiError && (error.status === 0 || error.status === 503 || error.status === 429);
        if (!again || n >= tries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300 * n));
      }
    }
  }

  /** How the service is, also when it takes no calls (503); null when nobody answers. */
  async health(): Promise<wire.Health | null> {
    const over = new AbortController(), timer = setTimeout(() => over.abort(), HEALTH_MS);
    const reply = await this.fetcher("/healthz", { cache: "no-store", signal: over.signal }).catch(() => null);
    clearTimeout(timer);
    return reply && (reply.ok || reply.status === 503) ? ((await reply.json().catch(() => null)) as wire.Health | null) : null;
  }

  // --- session ---------------------------------------------------------------------------------------------------
  async session(): Promise<Session | null> {
    try {
      return readSession(await this.get<wire.Session>("/session"));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  }
  /** `code`: of the second factor, once the server has asked for it. */
  async signIn(account: string, password: string, code = ""): Promise<Session> {
    const body: wire.SessionOpenBody = code ? { account, password, code } : { account, password };
    return readSession((await this.send<wire.Session>("POST", "/session", { body, key: newKey() })).data);
  }
  /** Which ways to sign in there are besides a password. */
  async signInWays(): Promise<wire.Ways> {
    return this.get<wire.Ways>("/session/ways");
  }
  async signOut(): Promise<void> {
    const { data } = await this.send<Partial<wire.SignedOut>>("DELETE", "/session", { key: newKey() });
    if (data.onward) location.assign(data.onward); // the provider of identities signs out, too, and sends the browser back
  }

  // --- one's own account: tried once each, since a password or a code counts as a try ----------------------------
  async sessions(): Promise<wire.SessionRow[]> {
    return (await this.get<wire.Sessions>("/sessions")).items;
  }
  async endSession(session: string): Promise<void> {
    await this.send("DELETE", `/sessions/${session}`, { key: newKey() });
  }
  async endOtherSessions(): Promise<void> {
    await this.send("DELETE", "/sessions", { key: newKey() });
  }
  async changePassword(body: wire.PasswordChangeBody): Promise<void> {
    await this.send("POST", "/session/password", { body, key: newKey() });
  }
  async beginFactor(body: wire.FactorBeginBody): Promise<wire.Factor> {
    return (await this.send<wire.Factor>("POST", "/session/factor", { body, key: newKey() })).data;
  }
  /** Gives the recovery codes, this once. */
  async confirmFactor(body: wire.FactorConfirmBody): Promise<string[]> {
    return (await this.send<wire.Recovery>("POST", "/session/factor/confirm", { body, key: newKey() })).data.codes;
  }
  async removeFactor(body: wire.FactorRemoveBody): Promise<void> {
    await this.send("POST", "/session/factor/remove", { body, key: newKey() });
  }
  oversightLog(): Promise<wire.OversightLog> {
    return this.get<wire.OversightLog>("/oversight/log");
  }

  /** TileJSON of the base map: where its tiles are, what it covers, whose it is. */
  async view(): Promise<Partial<View>> {
    const data = await this.get<wire.TileJson>("/tiles.json");
    const c = data.center, b = data.bounds;
    const centre: LonLat | undefined = c ? [c[0]!, c[1]!] : b ? [(b[0]! + b[2]!) / 2, (b[1]! + b[3]!) / 2] : undefined;
    return some<Partial<View>>({ site: data.name, attribution: data.attribution, map_source: data.map_source, tiles: data.tiles[0] ?? "", maxzoom: data.maxzoom, centre, zoom: c?.[2] });
  }

  // --- reading ---------------------------------------------------------------------------------------------------
  private async all<Row, T>(path: string, read: (row: Row) => T): Promise<{ rows: T[]; seq: number; at_ms?: number }> {
    const rows: T[] = [];
    let seq = 0, at_ms: number | undefined;
    for (let cursor = "", first = true; first || cursor; first = false) {
      const page = await this.get<Page<Row>>(path + (cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : ""));
      rows.push(...page.items.map(read));
      if (first) seq = page.seq ?? 0;
      if (first) at_ms = readTime(page.at);
      cursor = page.next ?? "";
    }
    return { rows, seq, ...(at_ms !== undefined ? { at_ms } : {}) };
  }
  incidents = () => this.all("/incidents?limit=1000", readIncident);
  orders = () => this.all("/orders?limit=1000", readOrder);
  units = () => this.all("/units?limit=1000", readUnit);
  /** Calls that nobody has decided about yet. */
  openCalls = () => this.all("/calls?status=received&limit=1000", readCall);
  positions = () => this.get<wire.Positions>("/positions");
  async incident(id: string): Promise<IncidentRow> {
    const { data, etag } = await this.send<wire.Incident>("GET", `/incidents/${id}`);
    return { ...readIncident(data), etag };
  }
  async order(id: string): Promise<Order> {
    const { data, etag } = await this.send<wire.Order>("GET", `/orders/${id}`);
    return { ...readOrder(data), etag };
  }
  async call(id: string): Promise<Call> {
    return readCall(await this.get<wire.Call>(`/calls/${id}`));
  }
  async recommendation(incident: string, policy = ""): Promise<Recommendation> {
    const data = await this.get<wire.Recommendation>(`/incidents/${incident}/recommendation${policy ? `?policy=${policy}` : ""}`);
    return {
      policy: data.policy,
      note: data.note ?? "",
      ranked: data.ranked.map((r) => ({ unit: r.unit, name: r.name ?? r.unit, travel_ms: (r.travel_s ?? 0) * 1000, ...(r.divert ? { divert: r.divert } : {}), reasons: r.reason ? [r.reason] : [] })),
      passed: data.passed.map((r) => ({ unit: r.unit, name: r.name ?? r.unit, ...(r.travel_s !== null ? { travel_ms: r.travel_s * 1000 } : {}), reasons: r.reason ? [r.reason] : [] })),
    };
  }
  async timeline(incident: string): Promise<TimelineRow[]> {
    return (await this.get<wire.Timeline>(`/incidents/${incident}/timeline`)).items.map(readTimelineRow);
  }
  async places(typed: string, near?: LonLat): Promise<Place[]> {
    const at = near ? `&lon=${near[0].toFixed(5)}&lat=${near[1].toFixed(5)}` : "";
    const { items } = await this.get<wire.PlaceHits>(`/places?q=${encodeURIComponent(typed)}${at}&limit=8`);
    const names = (r: wire.PlaceHit) => (lang() === "en" && r.detail && r.kind !== "address" ? { name: r.detail, detail: r.name } : { name: r.name, detail: r.detail });
    return items.map((r) => ({ ...names(r), kind: r.kind, position: r.position, dwelling: r.dwelling !== "no", estimated: r.estimated }));
  }
  /** Within how many ms the first unit should be there, by priority; those of the site, where it has any. */
  async targets(): Promise<Partial<Record<Priority, number>>> {
    const { priorities } = await this.get<wire.Codes>("/codes");
    return Object.fromEntries(priorities.flatMap((r) => (r.target_s ? [[r.priority, r.target_s * 1000]] : [])));
  }
  openClosures = async (): Promise<wire.Closure[]> => (await this.all("/closures?status=open&limit=1000", (r: wire.Closure) => r)).rows;
  async previewClosure(body: wire.ClosurePreviewBody): Promise<wire.Closing> {
    return (await this.send<wire.Closing>("POST", "/closures/preview", { body })).data;
  }
  orderClosure(body: wire.ClosureOrderBody, key: string): Promise<wire.ClosureTaken> {
    return this.once("POST", "/closures", body, key);
  }
  liftClosure(id: string, body: wire.ClosureLiftBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/closures/${id}/lift`, body, key);
  }
  waitingRequests = (): Promise<wire.Requests> => this.get<wire.Requests>("/requests?status=waiting");
  unreviewedGlass = (): Promise<wire.Glasses> => this.get<wire.Glasses>("/break_glass?unreviewed=true");
  decideRequest(id: string, deed: "approve" | "refuse", body: wire.ActApproveBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/requests/${id}/${deed}`, body, key);
  }
  reviewGlass(id: string, body: wire.GlassReviewBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/break_glass/${id}/review`, body, key);
  }
  /** Flags of the misuse watch; each reading is on record. */
  flags = (state: wire.Flag["state"]): Promise<wire.Flags> => this.get<wire.Flags>(`/misuse/flags?state=${state}`);
  openFlag(id: string, body: wire.FlagOpenBody, key: string): Promise<wire.OpenedFlag> {
    return this.once("POST", `/misuse/flags/${id}/open`, body, key);
  }
  reviewFlag(id: string, body: wire.FlagReviewBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/misuse/flags/${id}/review`, body, key);
  }
  /** A tile, for as long as the map wants it: one that hangs holds no connection for long, and is asked for again. */
  async tile(url: string, wanted: AbortSignal): Promise<ArrayBuffer> {
    for (; !wanted.aborted; await new Promise((resolve) => setTimeout(resolve, TILE_AGAIN_MS))) {
      const over = new AbortController(), end = () => over.abort(), timer = setTimeout(end, this.isSilent ? LOST_MS : ANSWER_MS);
      wanted.addEventListener("abort", end);
      this.reading.add(over);
      try {
        const reply = await this.fetcher(url, { signal: over.signal });
        if (reply.ok) return await reply.arrayBuffer();
        if (reply.status < 500) return new ArrayBuffer(0); // there is none
      } catch {
        // nobody answers, or nobody wants it any more
      } finally {
        clearTimeout(timer);
        wanted.removeEventListener("abort", end);
        this.reading.delete(over);
      }
    }
    throw new DOMException("not wanted any more", "AbortError");
  }
  /** GeoJSON, as the map takes it. */
  async geometry(path: string): Promise<Record<string, unknown>> {
    return this.get(path);
  }

  async earlier(near: LonLat): Promise<Earlier> {
    const data = await this.get<wire.EarlierCalls>(`/calls/earlier?near=${writePosition(near).join()}`);
    return { dwelling: data.dwelling, days: data.days, radius_m: data.radius_m,
      calls: data.items.map((r) => some<Earlier["calls"][number]>({ type: r.type, at_ms: readTime(r.received_at) ?? 0, incident: r.incident ?? undefined, result: r.result ?? undefined })) };
  }
  async figures(from_ms: number, to_ms: number): Promise<Figures> {
    const span = [from_ms, to_ms].map((ms) => encodeURIComponent(new Date(ms).toISOString()));
    return readFigures(await this.get<wire.Figures>(`/figures?from=${span[0]}&to=${span[1]}`));
  }
  /** Null where the server does not replay. */
  async replay(): Promise<wire.Replay | null> {
    try {
      return await this.get<wire.Replay>("/replay");
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }
  async steerReplay(body: wire.ReplaySetBody): Promise<wire.Replay> {
    return (await this.send<wire.Replay>("POST", "/replay", { body, key: newKey() })).data;
  }

  // --- deeds -----------------------------------------------------------------------------------------------------
  linkCall(call: string, incident: string, key: string): Promise<wire.Taken> {
    return this.once<wire.CallLinkBody>("POST", `/calls/${call}/link`, { incident, reason: "same_event" }, key);
  }
  openIncident(call: Pick<NewCall, "type" | "priority" | "position">, id: string, key: string): Promise<wire.Taken> {
    return this.once<wire.IncidentOpenBody>("POST", "/incidents", {
      call: id, type: call.type, priority: call.priority, gravity: "ordinary", ...(call.position ? { position: writePosition(call.position) } : {}),
    }, key);
  }
  settleCall(call: string, reason: wire.CallSettleBody["reason"], key: string): Promise<wire.Taken> {
    return this.once<wire.CallSettleBody>("POST", `/calls/${call}/settle`, { reason }, key);
  }
  /** Opens what is sealed of a call. The looking is on record before the answer comes; each look counts, so that there is
   *  no key and no second try by itself. */
  async look(call: string, purpose: string, matter: string): Promise<Sealed> {
    const body: wire.CallLookBody = { purpose, case: matter }, { data } = await this.send<wire.CallSecrets>("POST", `/calls/${call}/look`, { body });
    return some<Sealed>({ erased: data.erased, caller_name: data.caller_name ?? undefined, caller_phone: data.caller_phone ?? undefined, address: data.address ?? undefined, words: data.words ?? undefined, position: readPosition(data.position) });
  }
  async lookNotes(incident: string, purpose: string): Promise<{ seq: number; at_ms: number; actor: string; erased: boolean; note: string }[]> {
    const body: wire.IncidentLookBody = { purpose, case: incident }, { data } = await this.send<wire.IncidentSecrets>("POST", `/incidents/${incident}/look`, { body });
    return data.notes.map((n) => ({ seq: n.seq, at_ms: readTime(n.at) ?? 0, actor: n.actor, erased: n.erased, note: n.note ?? "" }));
  }
  async lookOrder(order: string, purpose: string, matter: string): Promise<{ erased: boolean; note: string }> {
    const body: wire.OrderLookBody = { purpose, case: matter }, { data } = await this.send<wire.OrderSecrets>("POST", `/orders/${order}/look`, { body });
    return { erased: data.erased, note: data.note ?? "" };
  }
  /** A unit that is under way elsewhere is taken off that order in the same deed. */
  async sendUnit(incident: string, unit: string, key: string, policy = "", divert = ""): Promise<void> {
    if (divert) await this.divert(divert, { to: incident, reason: "more_urgent" }, key);
    else await this.once<wire.OrderSendBody>("POST", "/orders", { incident, unit, ...(policy ? { policy } : {}) }, key);
  }
  divert(order: string, body: wire.OrderDivertBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/orders/${order}/divert`, body, key);
  }
  stepOrder(order: Order, step: "acknowledge" | "set_out" | "arrive" | "close", key: string): Promise<wire.Taken> {
    return this.once<Empty>("POST", `/orders/${order.id}/${step}`, {}, key, order.etag);
  }
  reportOrder(order: Order, body: wire.OrderReportBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/orders/${order.id}/report`, body, key, order.etag);
  }
  cancelOrder(order: Order, body: wire.OrderCancelBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/orders/${order.id}/cancel`, body, key, order.etag);
  }
  classify(incident: Incident, body: wire.IncidentClassifyBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/incidents/${incident.id}/classify`, body, key, incident.etag);
  }
  refer(incident: Incident, body: wire.IncidentReferBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/incidents/${incident.id}/refer`, body, key, incident.etag);
  }
  closeIncident(incident: Incident, body: wire.IncidentCloseBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/incidents/${incident.id}/close`, body, key, incident.etag);
  }
  signOn(unit: string, body: wire.UnitSignOnBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/units/${unit}/sign_on`, body, key);
  }
  makeUnavailable(unit: string, body: wire.UnitUnavailableBody, key: string): Promise<wire.Taken> {
    return this.once("POST", `/units/${unit}/unavailable`, body, key);
  }
  stepUnit(unit: string, step: "sign_off" | "available" | "take_over" | "hand_back", key: string): Promise<wire.Taken> {
    return this.once<Empty>("POST", `/units/${unit}/${step}`, {}, key);
  }
}

export function newKey(): string {
  return crypto.randomUUID();
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

function readSession(data: wire.Session): Session {
  return { account: data.account, name: data.account, roles: data.roles, drill: data.drill, factor: data.second_factor ?? "none", ...zoneOf(data.expires_at) };
}

export function readCall(r: wire.Call): Call {
  return { id: r.id, status: r.status, channel: r.channel, type: r.type, priority: r.priority as Priority, received_ms: readTime(r.received_at) ?? 0, ...(r.incident ? { incident: r.incident } : {}) };
}

function readTimelineRow(r: wire.TimelineRow): TimelineRow {
  const data = r.data && typeof r.data === "object" ? (r.data as TimelineRow["data"]) : {};
  return { seq: r.seq, at_ms: readTime(r.at) ?? 0, type: r.type, object: r.object, text: r.text, actor: r.actor, role: r.role, purpose: r.purpose ?? "", data };
}

export function readOrder(r: wire.Order): Order {
  return some<Order>({
    id: r.id, unit: r.unit, unitName: "", incident: r.incident, state: (r.status === "on_scene" ? "arrived" : r.status) as OrderState,
    sent_ms: readTime(r.sent_at) ?? 0, acknowledged_ms: readTime(r.acknowledged_at), set_out_ms: readTime(r.set_out_at), arrived_ms: readTime(r.arrived_at),
    closed_ms: readTime(r.closed_at), expected_ms: r.expected_travel_s === null ? undefined : r.expected_travel_s * 1000, etag: undefined,
  });
}

export function readIncident(r: wire.Incident): IncidentRow {
  return some<IncidentRow>({
    id: r.id, type: r.found_type || r.type, told: r.type, priority: r.priority as Priority, gravity: r.gravity, status: r.status,
    opened_ms: readTime(r.opened_at) ?? 0, arrived_ms: readTime(r.first_arrival_at), closed_ms: readTime(r.ended_at), position: readPosition(r.position),
    calls: r.calls, orderIds: r.orders, etag: undefined,
  });
}

/** An incident is as far as its foremost open order. */
export function incidentState(status: string, orders: Order[]): IncidentState {
  if (status === "closed" || status === "referred" || status === "handled") return status;
  const has = (...states: OrderState[]) => orders.some((o) => states.includes(o.state));
  if (status === "on_scene" || has("arrived", "reported")) return "on_scene";
  if (has("set_out")) return "under_way";
  return status === "dispatched" || has("sent", "acknowledged") ? "sent" : "waiting";
}

const UNIT_STATES: Record<wire.Unit["status"], UnitState> = {
  available: "available", at_station: "available", dispatched: "sent", en_route: "under_way", on_scene: "on_scene", unavailable: "unavailable", off_duty: "off_duty",
};
export function readUnit(r: wire.Unit): Unit {
  return some<Unit>({
    id: r.id, name: r.name, kind: r.kind ?? "", station: r.station ?? "", capabilities: r.capabilities, officers: r.officers, auxiliaries: r.auxiliaries,
    state: UNIT_STATES[r.status] ?? "unavailable", since_ms: readTime(r.status_since), shift_end_ms: readTime(r.shift_end_at), reason: r.unavailable_reason ?? undefined,
    position: readPosition(r.position), position_ms: undefined, order: r.order ?? undefined, incident: undefined,
    simulated: r.simulated, etag: undefined,
  });
}

export function unitStateWord(state: UnitState): string {
  return word("unit_state", state);
}
