// The orders of an incident: how far each is, its next step by one key, and recall, report and divert with their reasons.
import type * as wire from "gen/api";
import { ageText, clockText, timeText } from "../age";
import { newKey } from "../api";
import { codeName, t, word } from "../lang";
import { openIncidents, type Incident, type Order } from "../model";
import { api, openIncident, openUnit, readIncidentAgain, shown, state, tell, tellError } from "../store";
import { DeedForm, type Field } from "./form";
import { CANCEL_REASONS, DIVERT_REASONS, mayLead, may, options, REPORT_RESULTS } from "./options";
import { whereText } from "./where";

export type OrderForm = "cancel" | "report" | "divert";
const STEP: Partial<Record<Order["state"], "acknowledge" | "set_out" | "arrive" | "close">> = { sent: "acknowledge", acknowledged: "set_out", set_out: "arrive", reported: "close" };
const stepKeys = new Map<string, string>(); // one key for each step, so that a second click is the same deed

/** The step that comes next: at the scene it is the report, which asks for a result. */
export function nextStep(order: Order): "acknowledge" | "set_out" | "arrive" | "close" | "report" | null {
  return order.state === "arrived" ? "report" : STEP[order.state] ?? null;
}

export async function takeStep(order: Order): Promise<void> {
  const step = STEP[order.state];
  if (!step) return;
  const name = `${order.id}${step}`, key = stepKeys.get(name) ?? newKey();
  stepKeys.set(name, key);
  try {
    await api.stepOrder(order, step, key);
    stepKeys.delete(name);
  } catch (error) {
    tellError(error);
  }
  await readIncidentAgain(order.incident).catch(() => undefined);
}

const STEPS: [string, keyof Order][] = [["sent", "sent_ms"], ["acknowledged", "acknowledged_ms"], ["set_out", "set_out_ms"], ["arrived", "arrived_ms"]];

export function OrderCard({ order, now, keys, form, show }: { order: Order; now: number; keys: boolean; form: OrderForm | null; show: (form: OrderForm | null) => void }) {
  const due = order.set_out_ms && order.expected_ms && !order.arrived_ms && order.state === "set_out" ? order.set_out_ms + order.expected_ms - now : null;
  const zone = state.view.zone, unit = state.board.units.get(order.unit), over = order.state === "closed" || order.state === "cancelled" || order.state === "diverted";
  const next = may("patrol", "dispatcher", "commander") ? nextStep(order) : null, early = order.state === "sent" || order.state === "acknowledged" || order.state === "set_out";
  const hint = (key: string) => keys && <kbd>{key}</kbd>;
  return (
    <li class="order">
      <div class="order-head"><button class="plain unit-name" onClick={() => openUnit(order.unit)}>{order.unitName}</button>
        {unit?.simulated && !over && <span class="simulated">{t("web_simulated")}</span>}
        <span class={`state order-${order.state}`}>{word("order_state", order.state)}</span>
        {due !== null && <span class={due < 0 ? "late" : "due"}>{due < 0 ? t("web_overdue", { age: ageText(-due) }) : t("web_due_in", { age: ageText(due) })}</span>}</div>
      <ol class="clocks">{STEPS.map(([name, field], n) => {
        const at = order[field] as number | undefined, before = n ? (order[STEPS[n - 1]![1]] as number | undefined) : undefined;
        return <li key={name} class={at ? "done" : ""}><span>{word("order_state", name)}</span><time>{at ? timeText(at, zone) : "–"}</time>{at && before && <small>+{clockText(at - before)}</small>}</li>;
      })}</ol>
      {form ? <OrderDeed order={order} form={form} close={() => show(null)} /> : !over && (
        <div class="acts">
          {next && <button class="primary" onClick={() => (next === "report" ? show("report") : void takeStep(order))}>{word("order_step", next)} {hint("G")}</button>}
          {early && mayLead() && <button onClick={() => show("divert")}>{t("web_divert")} {hint("T")}</button>}
          {early && mayLead() && <button onClick={() => show("cancel")}>{word("order_step", "cancel")} {hint("B")}</button>}
        </div>)}
    </li>
  );
}

const number = (v: string | undefined): number | undefined => (v ? Number(v) : undefined);
const incidentText = (i: Incident): string => `${i.priority} · ${codeName("incident_types", i.type)} · ${whereText(i)} · ${word("incident_state", i.state)}`;

function OrderDeed({ order, form, close }: { order: Order; form: OrderForm; close: () => void }) {
  const unit = order.unitName, id = `${form}-${order.id}`;
  const done = () => {
    close();
    void readIncidentAgain(order.incident).catch(() => undefined);
  };
  if (form === "cancel") {
    return <DeedForm id={id} title={t("web_cancel_title", { unit })} submit={word("order_step", "cancel")} close={close} done={done} start={{ reason: "not_needed" }}
      fields={[{ kind: "choice", name: "reason", label: t("web_reason"), options: options("cancel_reason", CANCEL_REASONS), needed: true }]}
      send={(v, key) => shown(api.cancelOrder(order, { reason: v.reason as wire.OrderCancelBody["reason"] }, key))} />;
  }
  if (form === "divert") {
    const others = openIncidents(state.board).filter((i) => i.id !== order.incident);
    const fields: Field[] = [
      { kind: "select", name: "to", label: t("web_divert_to"), options: others.map((i) => [i.id, incidentText(i)]), needed: true },
      { kind: "choice", name: "reason", label: t("web_reason"), options: options("divert_reason", DIVERT_REASONS), needed: true }];
    return <DeedForm id={id} title={t("web_divert_title", { unit })} submit={t("web_divert")} close={close} start={{ reason: "more_urgent", to: others[0]?.id ?? "" }} fields={fields}
      done={(v) => { done(); tell(t("web_diverted", { unit })); openIncident(v.to!); }}
      send={(v, key) => shown(api.divert(order.id, { to: v.to!, reason: v.reason as wire.OrderDivertBody["reason"] }, key))} />;
  }
  const fields: Field[] = [
    { kind: "choice", name: "result", label: t("web_result"), options: options("report_result", REPORT_RESULTS), needed: true },
    { kind: "type", name: "found_type", label: t("web_found_type"), hint: t("web_found_type_hint") },
    { kind: "number", name: "injured", label: t("web_injured"), min: 0, max: 100_000 }, { kind: "number", name: "helped", label: t("web_helped"), min: 0, max: 100_000 },
    { kind: "long", name: "note", label: t("web_note"), max: 600, hint: t("web_note_hint") }];
  return <DeedForm id={id} title={t("web_report_title", { unit })} submit={word("order_step", "report")} close={close} done={done} start={{ result: "handled" }} fields={fields}
    send={(v, key) => {
      const injured = number(v.injured), helped = number(v.helped);
      return shown(api.reportOrder(order, { result: v.result as wire.OrderReportBody["result"], ...(v.found_type ? { found_type: v.found_type } : {}), ...(injured !== undefined ? { injured } : {}), ...(helped !== undefined ? { helped } : {}), ...(v.note ? { note: v.note } : {}) }, key));
    }} />;
}
