// What the console knows: the shapes the screens work with. api.ts turns replies of the server into these, so that a
// change of a reply is a change in one file.
import type { LonLat } from "./geo";

export type Priority = 1 | 2 | 3 | 4;
export type OrderState = "sent" | "acknowledged" | "set_out" | "arrived" | "reported" | "closed" | "cancelled" | "diverted";
export type UnitState = "available" | "sent" | "acknowledged" | "under_way" | "on_scene" | "unavailable" | "off_duty";
export type IncidentState = "waiting" | "sent" | "under_way" | "on_scene" | "handled" | "referred" | "closed";

export interface Order {
  id: string;
  unit: string;
  unitName: string;
  incident: string;
  state: OrderState;
  sent_ms: number;
  acknowledged_ms?: number;
  set_out_ms?: number;
  arrived_ms?: number;
  closed_ms?: number;
  expected_ms?: number;
  etag?: string;
}

export interface Call {
  id: string;
  status: string; // received: nobody has decided about it yet
  channel: string;
  type: string;
  priority: Priority;
  received_ms: number;
  incident?: string;
}

/** What is sealed of a call. Shown to who looked, for as long as the panel is open; kept nowhere. */
export interface Sealed {
  erased: boolean;
  caller_name?: string;
  caller_phone?: string;
  address?: string;
  words?: string;
  position?: LonLat;
}

/** Earlier calls near a place. Of a dwelling, which every place is that is not known to be public, type and time only. */
export interface Earlier {
  dwelling: boolean;
  days: number;
  radius_m: number;
  calls: { type: string; at_ms: number; incident?: string; result?: string }[];
}

export interface Incident {
  id: string;
  type: string; // as found on scene, else as told
  told: string;
  priority: Priority;
  gravity: string;
  state: IncidentState;
  opened_ms: number;
  arrived_ms?: number; // of the first unit
  closed_ms?: number;
  position?: LonLat;
  calls: string[];
  orders: Order[];
  etag?: string;
}

export interface Unit {
  id: string;
  name: string;
  kind: string;
  station: string;
  capabilities: string[];
  officers: number;
  auxiliaries: number;
  state: UnitState;
  since_ms?: number; // in this state
  shift_end_ms?: number;
  reason?: string; // why it is not available
  position?: LonLat;
  position_ms?: number;
  order?: string;
  incident?: string;
  simulated: boolean;
  etag?: string;
}

export interface Candidate {
  unit: string;
  name: string;
  travel_ms: number;
  divert?: string; // the order it would be taken off
  reasons: string[];
}
export interface PassedOver {
  unit: string;
  name: string;
  travel_ms?: number;
  reasons: string[];
}
export interface Recommendation {
  policy: string;
  note: string; // what one must know of the ranking, in the reader's language; "": nothing
  ranked: Candidate[];
  passed: PassedOver[];
}

export interface TimelineRow {
  seq: number;
  at_ms: number;
  type: string; // of the event
  object: string;
  text: string; // what the event says of itself, where the console has no sentence of its own
  actor: string;
  role: string;
  purpose: string; // where one had to be given
  data: Record<string, string | number | boolean>;
}

export interface Place {
  name: string;
  detail: string;
  kind: string;
  position: LonLat;
  dwelling: boolean; // also where it is not known
  estimated: boolean; // the house number is not on the map
}

export interface NewCall {
  type: string;
  priority: Priority;
  channel: string;
  position?: LonLat;
  address: string;
  words: string;
  caller_name: string;
  caller_phone: string;
  link?: string; // the incident it is joined to
  settle?: "advice" | "misdial" | "silent" | "nuisance" | "repeat"; // nobody needs to be sent
  undecided?: boolean; // stays among the open calls
}

export interface Board {
  incidents: Map<string, Incident>;
  orders: Map<string, Order>;
  units: Map<string, Unit>;
  calls: Map<string, Call>; // those that nobody has decided about
  read_ms: number; // when the board was last known to be true
}

/** Waiting first, then by priority, then the one that waits longest: the order of every list of incidents. */
export function incidentOrder(a: Incident, b: Incident): number {
  return Number(b.state === "waiting") - Number(a.state === "waiting") || a.priority - b.priority || a.opened_ms - b.opened_ms || (a.id < b.id ? -1 : 1);
}

export function openIncidents(board: Board): Incident[] {
  return [...board.incidents.values()].filter((i) => i.state !== "closed" && i.state !== "referred").sort(incidentOrder);
}

export function openOrders(incident: Incident): Order[] {
  return incident.orders.filter((o) => o.state !== "closed" && o.state !== "cancelled" && o.state !== "diverted");
}

const UNIT_ORDER: UnitState[] = ["available", "sent", "acknowledged", "under_way", "on_scene", "unavailable", "off_duty"];
export function unitOrder(a: Unit, b: Unit): number {
  return UNIT_ORDER.indexOf(a.state) - UNIT_ORDER.indexOf(b.state) || a.name.localeCompare(b.name, undefined, { numeric: true });
}

/** Limits of waiting by priority until somebody is sent; beyond it the row is marked. */
export const WAIT_LIMIT_MS: Record<Priority, number> = { 1: 60_000, 2: 120_000, 3: 600_000, 4: 1_800_000 };
