// What is on the screen and what it rests on: the board, the choice made on it, the language and the light. Changes
// are told to listeners once per task, however many there were.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type * as wire from "gen/api";
import { Api, ApiError, incidentState, readCall, readIncident, readOrder, readPosition, readUnit, type IncidentRow, type Session, type View } from "./api";
import { readTime } from "./age";
import { SiteNames } from "./areas";
import { DeskClock } from "./clock";
import { readClosures, takeClosures } from "./closures";
import { setLang, type Lang } from "./lang";
import type { Board, Call, Order, Unit } from "./model";
import { trackMove, trackStart, type Track } from "./motion";
import { keepStream, lifeStart, type Life } from "./stream";

export type Pane = "call" | "outbox" | "paper" | "loose" | "incident" | "unit" | "closures" | "acts" | "none";
export type Screen = "desk" | "command" | "patrol" | "watch" | "account";
export type ListTab = "waiting" | "incidents" | "units";
export type Sheet = "map" | "incidents" | "units" | "details" | "command" | "patrol" | "watch" | "account";
export type Light = "auto" | "day" | "night";

export interface State {
  session: Session | null | undefined; // undefined: not asked yet
  view: View;
  board: Board;
  life: Life;
  lang: Lang;
  light: Light;
  screen: Screen;
  tab: ListTab;
  sheet: Sheet;
  pane: Pane;
  incident: string;
  unit: string;
  loose: string; // the call that is open for a decision
  alone: boolean; // the page was opened while nobody answered: who it is and what waits is known from this machine only
  recovery: string[]; // codes to get in without an authenticator, until their owner has kept them
  leaving: boolean; // asked to sign out while calls wait here
  replay: wire.Replay | null; // null: the desk runs on the time of the world
  help: boolean;
  service: wire.State | null; // what the server last said of itself, and when the stream last said it (the browser's clock)
  service_ms: number;
  notice: { text: string; kind: "good" | "bad"; at_ms: number } | null;
  /** Counts changes that the timeline and the recommendation of the open incident must follow. */
  touched: number;
}

const saved = (key: string): string => {
  try {
    return localStorage.getItem(`precinct.${key}`) ?? "";
  } catch {
    return "";
  }
};
const save = (key: string, value: string) => {
  try {
    localStorage.setItem(`precinct.${key}`, value);
  } catch {
    // private windows keep nothing; the choice then lasts until the page is closed
  }
};

export const api = new Api();
export const siteNames = new SiteNames();
export const tracks = new Map<string, Track>();
const firstLang: Lang = saved("lang") === "en" || saved("lang") === "zh" ? (saved("lang") as Lang) : navigator.language.startsWith("zh") ? "zh" : "en";
setLang(firstLang);

function emptyBoard(read_ms: number): Board {
  return { incidents: new Map(), orders: new Map(), units: new Map(), calls: new Map(), read_ms };
}
export const clock = new DeskClock(Date.now());
/** What the desk's clock shows now. */
export const deskNow = (): number => clock.now(Date.now());

export const state: State = {
  session: undefined, view: { site: "", targets: {}, attribution: "", map_source: "", tiles: "", maxzoom: 16 }, board: emptyBoard(0), life: lifeStart(Date.now()), lang: firstLang,
  light: (saved("light") as Light) || "auto", screen: "desk", tab: "waiting", sheet: "map", pane: "none", incident: "", unit: "", loose: "", alone: false, recovery: [], leaving: false, replay: null, help: false, service: null, service_ms: 0, notice: null, touched: 0,
};

type Listener = () => void;
const listeners = new Set<Listener>();
let queued = false;
export function changed(): void {
  if (queued) return;
  queued = true;
  queueMicrotask(() => {
    queued = false;
    for (const listener of [...listeners]) listener();
  });
}
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export function set(patch: Partial<State>): void {
  Object.assign(state, patch);
  changed();
}
export function useStore(): State {
  const [, again] = useState(0);
  // Not after the paint, as effects are: a change told between the two would never be seen.
  useLayoutEffect(() => onChange(() => again((n) => n + 1)) as () => void, []);
  return state;
}
function useTicks(read: () => number, every_ms: number): number {
  const [now, setNow] = useState(read());
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}
/** The desk's time, once a second: for everything that shows a time or an age of what happened. */
export const useNow = (every_ms = 1_000): number => useTicks(deskNow, every_ms);
/** The browser's time: only for how old the copy on this screen is. */
export const useWall = (every_ms = 1_000): number => useTicks(Date.now, every_ms);

export function chooseLang(lang: Lang): void {
  setLang(lang);
  save("lang", lang);
  document.documentElement.lang = lang;
  set({ lang });
}
export function chooseLight(light: Light): void {
  save("light", light);
  set({ light });
  applyLight();
}
export const isNight = (): boolean => (state.light === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : state.light === "night");
export function applyLight(): void {
  document.documentElement.dataset.light = isNight() ? "night" : "day";
  changed();
}
export function tell(text: string, kind: "good" | "bad" = "good"): void {
  set({ notice: { text, kind, at_ms: Date.now() } });
}
export function tellError(error: unknown): void {
  tell(error instanceof ApiError ? error.message : String(error), "bad");
}

export function openIncident(id: string): void {
  set({ incident: id, pane: "incident", sheet: "details", screen: "desk", help: false });
}
export function openUnit(id: string): void {
  set({ unit: id, pane: "unit", sheet: "details", screen: "desk", help: false });
}
export function openLoose(id: string): void {
  set({ loose: id, pane: "loose", sheet: "details", screen: "desk", help: false });
}
export function closePane(): void {
  set({ pane: "none", sheet: "map" });
}
export function openCall(): void {
  set({ pane: "call", sheet: "details", screen: "desk", help: false });
}

/** One's own account; from there back to where one was. */
let before: { screen: Screen; sheet: Sheet } = { screen: "desk", sheet: "map" };
export function openAccount(): void {
  if (state.alone) return; // nobody would answer
  if (state.screen !== "account") before = { screen: state.screen, sheet: state.sheet };
  set({ screen: "account", sheet: "account", help: false });
}
export function closeAccount(): void {
  set(before);
}

// --- the board ------------------------------------------------------------------------------------------------------
export function putUnit(unit: Unit): void {
  const before = state.board.units.get(unit.id);
  if (!unit.position && before?.position) unit.position = before.position;
  if (unit.position_ms === undefined && before?.position_ms !== undefined) unit.position_ms = before.position_ms; // objects tell no age
  const order = unit.order ? state.board.orders.get(unit.order) : undefined;
  if (order) unit.incident = order.incident;
  if (order?.state === "acknowledged" && unit.state === "sent") unit.state = "acknowledged";
  state.board.units.set(unit.id, unit);
  if (unit.position) moveUnit(unit.id, unit.position);
}
function moveUnit(id: string, to: [number, number]): void {
  const track = tracks.get(id), now = performance.now();
  if (track) trackMove(track, to, now);
  else tracks.set(id, trackStart(to, now));
}
export function putIncident(row: IncidentRow): void {
  const { status, orderIds, ...rest } = row, orders = orderIds.map((id) => state.board.orders.get(id)).filter((o): o is Order => o !== undefined);
  state.board.incidents.set(row.id, { ...rest, orders, state: incidentState(status, orders) });
}
export function putOrder(order: Order): void {
  const unit = state.board.units.get(order.unit), incident = state.board.incidents.get(order.incident);
  order.unitName = unit?.name ?? order.unit;
  state.board.orders.set(order.id, order);
  if (unit?.order === order.id) {
    unit.incident = order.incident;
    if (unit.state === "sent" && order.state === "acknowledged") unit.state = "acknowledged";
  }
  if (incident) {
    const others = incident.orders.filter((o) => o.id !== order.id);
    incident.orders = [...others, order].sort((a, b) => a.sent_ms - b.sent_ms);
    if (!["closed", "referred", "handled"].includes(incident.state)) incident.state = incidentState(incident.state, incident.orders);
  }
}

function putCall(call: Call): void {
  if (call.status === "received") state.board.calls.set(call.id, call);
  else state.board.calls.delete(call.id);
}

let seq = 0; // the board shows everything up to this event
const SHOWN_MS = 2_000, onSeq = new Set<() => void>();
/** A deed with what it did on the board: whoever did it goes on from there. Not for long: the stream may be slow, or gone. */
export async function shown<Taken extends { seq: number }>(deed: Promise<Taken>): Promise<Taken> {
  const made = await deed;
  if (state.life.link === "live" && seq < made.seq) await new Promise<void>((resolve) => {
    const end = () => { onSeq.delete(look); clearTimeout(timer); resolve(); }, timer = setTimeout(end, SHOWN_MS);
    const look = () => { if (seq >= made.seq) end(); };
    onSeq.add(look);
  });
  return made;
}
export async function readBoard(): Promise<void> {
  const [units, orders, incidents, calls, positions] = await Promise.all([api.units(), api.orders(), api.incidents(), api.openCalls(), api.positions()]);
  seq = Math.min(units.seq, orders.seq, incidents.seq, calls.seq); // what came between the lists is read again from the stream
  state.board = emptyBoard(Date.now());
  heardOf.clear();
  const known = new Set(units.rows.map((u) => u.id));
  for (const id of tracks.keys()) if (!known.has(id)) tracks.delete(id);
  orders.rows.forEach(putOrder);
  units.rows.forEach(putUnit);
  orders.rows.forEach(putOrder);
  incidents.rows.forEach(putIncident);
  calls.rows.forEach(putCall);
  takePositions(positions);
  void readClosures().catch(() => {});
  set({ touched: state.touched + 1 });
}
let heard = 0; // counts what the stream told of objects; heardOf: when it last told of each
const heardOf = new Map<string, number>();
export async function readIncidentAgain(id: string): Promise<void> {
  const asked = heard, isNews = (of: string) => (heardOf.get(of) ?? 0) <= asked; // else the stream told of it meanwhile, and this may be older
  const row = await api.incident(id), orders = await Promise.all(row.orderIds.map((o) => api.order(o)));
  for (const order of orders) if (isNews(order.id)) putOrder(order);
  if (isNews(id)) putIncident(row);
  set({ touched: state.touched + 1 });
}

function takePositions(frame: Partial<wire.Positions>): void {
  const at_ms = readTime(frame.at);
  if (at_ms !== undefined) clock.hear(at_ms, Date.now());
  for (const row of frame.positions ?? []) {
    const position = readPosition(row.position), unit = state.board.units.get(row.unit);
    if (!position || !unit) continue;
    unit.position = position;
    unit.position_ms = readTime(row.at) ?? deskNow();
    moveUnit(row.unit, position);
  }
}

export function takeReplay(replay: wire.Replay | null): void {
  if (replay) clock.replay(readTime(replay.at) ?? deskNow(), replay.speed, Date.now());
  else clock.live();
  set({ replay });
}

function takeService(service: wire.State): void {
  const before = JSON.stringify(state.service);
  state.service_ms = Date.now();
  if (JSON.stringify(service) !== before) set({ service });
}

function take(event: string, text: string): void {
  const data = JSON.parse(text) as unknown;
  if (event === "positions") takePositions(data as wire.Positions); // the canvas draws it; lists show ages by their own clock
  if (event === "state") takeService(data as wire.State);
  if (event === "replay") takeReplay(data as wire.Replay);
  if (event !== "change") return;
  const objects = ((data as wire.Change).objects ?? []) as { id?: unknown }[];
  for (const { id } of objects) if (typeof id === "string") heardOf.set(id, ++heard);
  const of = <T>(kind: string) => objects.filter((o) => typeof o.id === "string" && o.id.startsWith(kind)) as T[];
  of<wire.Unit>("U").map(readUnit).forEach(putUnit);
  of<wire.Order>("O").map(readOrder).forEach(putOrder);
  of<wire.Incident>("I").map(readIncident).forEach(putIncident);
  of<wire.Call>("C").map(readCall).forEach(putCall);
  takeClosures(of<wire.Closure>("L"));
  state.touched++;
  changed();
}

/** Times come with the service's own offset: clocks show it, wherever the reader sits. */
export function takeSession(session: Session): void {
  if (session.zone) state.view.zone = session.zone;
  save("session", JSON.stringify(session));
  set({ session, alone: false, recovery: [] });
}
/** Who was signed in on this machine last, for as long as nobody answers; no secret. */
export function lastSession(): Session | null {
  try {
    return (JSON.parse(saved("session") || "null") as Session | null) ?? null;
  } catch {
    return null;
  }
}
export function forgetSession(): void {
  save("session", "");
}
/** Signed out while nobody answered: the session ends as soon as somebody does, before anything else is asked. */
export async function endSession(): Promise<void> {
  forgetSession();
  save("left", "yes");
  await api.signOut();
  save("left", "");
}
export const hasLeft = (): boolean => saved("left") !== "";
export function hasCome(): void {
  save("left", "");
}

let stop: (() => void) | null = null;
/** Who has no role at the desk sees no board. Administrators and oversight decide and review (screens/watch.tsx); others, and those whose
 *  roles are kept back until they have a second factor, see their account. */
const DESK = ["call_taker", "dispatcher", "commander", "chief"], OFFICE = ["audit_admin", "security_admin", "oversight"];
export const isOffice = (roles: string[]): boolean => !DESK.some((r) => roles.includes(r));
export const mayDecide = (roles: string[]): boolean => OFFICE.some((r) => roles.includes(r));
/** A planner and a patrol see the patrol screens, and no board. */
export const isField = (roles: string[]): boolean => isOffice(roles) && ["planner", "patrol"].some((r) => roles.includes(r));
export async function startBoard(roles = state.session?.roles ?? []): Promise<void> {
  stop?.();
  stop = null;
  if (isOffice(roles)) {
    state.view = { ...state.view, ...(await api.view().catch(() => null)) }; // the name of the site
    return set(isField(roles) ? { screen: "patrol", sheet: "patrol" } : { screen: "watch", sheet: "watch" });
  }
  if (state.screen === "watch" || state.screen === "account") set({ screen: "desk", sheet: "map" });
  const [view, targets, replay] = await Promise.all([api.view().catch(() => null), api.targets().catch(() => ({})), api.replay().catch(() => null), readBoard()]);
  const features = (reply: Record<string, unknown>) => (Array.isArray(reply.features) ? reply.features : []);
  void api.geometry("/areas").then((reply) => { siteNames.setAreas(features(reply)); changed(); }, () => undefined);
  void api.geometry("/stations").then((reply) => { siteNames.setStations(features(reply)); changed(); }, () => undefined);
  state.view.targets = targets;
  takeReplay(replay);
  const seen = [...state.board.units.values()].flatMap((u) => (u.position ? [u.position] : []));
  if (view) state.view = { ...state.view, ...view };
  if (!state.view.centre && seen[0]) state.view.centre = seen[Math.floor(seen.length / 2)]!;
  stop = keepStream(() => "/api/v1/stream", {
    event: (e) => {
      take(e.event, e.data);
      if (e.id === undefined) return;
      seq = Number(e.id);
      for (const look of [...onSeq]) look();
    },
    life: (life) => {
      state.board.read_ms = life.link === "live" ? life.last_ms : state.board.read_ms;
      const link = state.life.link;
      state.life = life;
      if (link === life.link) return;
      if (life.link === "live") api.silent(false);
      if (link === "lost") state.touched++; // what could not be read meanwhile is read again
      changed();
      if (link === "lost") void api.replay().then(takeReplay, () => undefined); // another server may be there now
    },
    silent: () => api.silent(true),
    reset: readBoard,
    refused: () => set({ session: null }),
  }, String(seq));
}
export function stopBoard(): void {
  stop?.();
  stop = null;
}
