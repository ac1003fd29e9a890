// What happened, as sentences: each event with who, which unit, why, with what result, and how long it took since what
// it answers to. Pure: rows and names in, text out. O(rows).
import { ageText } from "./age";
import { codeName, t, word } from "./lang";
import type { TimelineRow } from "./model";

export interface Names {
  unit(id: string): string;
  incident(id: string): string;
}

/** What an order has seen so far. */
interface OrderStory {
  unit: string;
  sent_ms: number;
  expected_ms?: number;
  set_out_ms?: number;
  arrived_ms?: number;
}
interface Story {
  opened_ms?: number;
  arrived: boolean; // somebody was on scene
  orders: Map<string, OrderStory>;
  names: Names;
}

export interface Told {
  row: TimelineRow;
  text: string;
  by: string;
}

export function tellTimeline(rows: TimelineRow[], names: Names): Told[] {
  const story: Story = { arrived: false, orders: new Map(), names };
  return rows.map((row) => ({ row, text: tell(row, story), by: actorText(row) }));
}

function actorText(row: TimelineRow): string {
  return row.role === "system" ? t("web_by_system") : row.role ? t("web_by_actor", { actor: row.actor, role: word("role", row.role) }) : row.actor;
}

const text = (row: TimelineRow, name: string): string => {
  const v = row.data[name];
  return v === undefined ? "" : String(v);
};
const number = (row: TimelineRow, name: string): number | undefined => (typeof row.data[name] === "number" ? (row.data[name] as number) : undefined);
const type = (code: string): string => codeName("incident_types", code);
const priority = (row: TimelineRow): string => codeName("priorities", text(row, "priority"));
const list = (parts: string[]): string => parts.filter(Boolean).join(t("web_clause_comma"));

function tell(row: TimelineRow, story: Story): string {
  const kind = row.type.split("_")[0];
  const own = kind === "order" ? tellOrder(row, story) : kind === "incident" ? tellIncident(row, story) : kind === "call" ? tellCall(row) : "";
  return own || row.text;
}

function tellCall(row: TimelineRow): string {
  switch (row.type) {
    case "call_received": return t("web_event_call_received", { channel: word("channel", text(row, "channel")), type: type(text(row, "type")), priority: priority(row) });
    case "call_linked": return t("web_event_call_linked", { call: row.object });
    case "call_settled": return t("web_event_call_settled", { reason: word("settle_reason", text(row, "reason")) });
    case "call_looked": return t("web_event_call_looked", { call: row.object, purpose: row.purpose });
    case "call_erased": return t("web_event_erased", { what: word("erased", text(row, "class") || "all") });
    default: return "";
  }
}

function tellIncident(row: TimelineRow, story: Story): string {
  switch (row.type) {
    case "incident_opened":
      story.opened_ms = row.at_ms;
      return t("web_event_incident_opened", { type: type(text(row, "type")), priority: priority(row) });
    case "incident_classified": {
      const changes = list([
        text(row, "type") && t("web_change_type", { type: type(text(row, "type")) }), text(row, "found_type") && t("web_change_found", { type: type(text(row, "found_type")) }),
        text(row, "priority") && t("web_change_priority", { priority: priority(row) }), text(row, "gravity") && t("web_change_gravity", { gravity: word("gravity", text(row, "gravity")) }),
      ]);
      return t("web_event_incident_classified", { changes, reason: word("classify_reason", text(row, "reason")) });
    }
    case "incident_referred": return t("web_event_incident_referred", { to: word("referral_target", text(row, "to")), reason: word("referral_reason", text(row, "reason")) });
    case "incident_closed": {
      const result = word("result", text(row, "result"));
      return story.opened_ms === undefined ? t("web_event_incident_closed", { result }) : t("web_event_incident_closed_after", { result, age: ageText(row.at_ms - story.opened_ms) });
    }
    case "incident_looked": return t("web_event_incident_looked", { purpose: row.purpose });
    case "incident_erased": return t("web_event_erased", { what: word("erased", text(row, "class") || "all") });
    default: return "";
  }
}

function tellOrder(row: TimelineRow, story: Story): string {
  if (row.type === "order_sent") return tellSent(row, story);
  const order = story.orders.get(row.object), unit = order ? story.names.unit(order.unit) : row.object;
  const age = ageText(row.at_ms - (order?.sent_ms ?? row.at_ms));
  switch (row.type) {
    case "order_acknowledged": return t("web_event_order_acknowledged", { unit, age });
    case "order_set_out":
      if (order) order.set_out_ms = row.at_ms;
      return t("web_event_order_set_out", { unit, age });
    case "order_arrived": return tellArrived(row, story, order, unit);
    case "order_reported": {
      const found = text(row, "found_type"), injured = number(row, "injured"), helped = number(row, "helped");
      return list([t("web_event_order_reported", { unit, result: word("report_result", text(row, "result")) }), found && t("web_change_found", { type: type(found) }),
        injured ? t("web_report_injured_n", { n: injured }) : "", helped ? t("web_report_helped_n", { n: helped }) : ""]);
    }
    case "order_closed": return order?.arrived_ms !== undefined ? t("web_event_order_closed_after", { unit, age: ageText(row.at_ms - order.arrived_ms) }) : t("web_event_order_closed", { unit });
    case "order_cancelled": return t("web_event_order_cancelled", { unit, reason: word("cancel_reason", text(row, "reason")), age });
    case "order_diverted": return t("web_event_order_diverted", { unit, incident: story.names.incident(text(row, "to")), reason: word("divert_reason", text(row, "reason")) });
    case "order_looked": return t("web_event_order_looked", { unit, purpose: row.purpose });
    case "order_reminded": return t("web_event_order_reminded", { unit, what: word("order_clock", text(row, "clock")), n: number(row, "level") ?? 1 });
    case "order_erased": return t("web_event_erased", { what: word("erased", text(row, "class") || "all") });
    default: return "";
  }
}

function tellSent(row: TimelineRow, story: Story): string {
  const id = text(row, "unit"), expected_ms = number(row, "expected_travel_ms"), unit = story.names.unit(id);
  story.orders.set(row.object, { unit: id, sent_ms: row.at_ms, ...(expected_ms ? { expected_ms } : {}) });
  const said = text(row, "replaces") ? t("web_event_order_sent_instead", { unit }) : t("web_event_order_sent", { unit });
  return list([said, expected_ms ? t("web_event_expected", { age: ageText(expected_ms) }) : "",
    story.opened_ms !== undefined && story.orders.size === 1 ? t("web_event_after_opening", { age: ageText(row.at_ms - story.opened_ms) }) : ""]);
}

function tellArrived(row: TimelineRow, story: Story, order: OrderStory | undefined, unit: string): string {
  if (order) order.arrived_ms = row.at_ms;
  const took = order?.set_out_ms !== undefined ? row.at_ms - order.set_out_ms : undefined;
  const late = took !== undefined && order?.expected_ms !== undefined ? took - order.expected_ms : 0;
  const first = !story.arrived;
  story.arrived = true;
  return list([
    t("web_event_order_arrived", { unit }), took === undefined ? "" : t("web_event_travelled", { age: ageText(took) }),
    late > 30_000 ? t("web_event_later", { age: ageText(late) }) : late < -30_000 ? t("web_event_earlier", { age: ageText(-late) }) : "",
    first && story.opened_ms !== undefined ? t("web_event_response", { age: ageText(row.at_ms - story.opened_ms) }) : "",
  ]);
}
