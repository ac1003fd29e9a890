// One incident: what it is, who is sent, whom to send and why, what can be done with it, and all that happened.
import type * as wire from "gen/api";
import { useEffect, useState } from "preact/hooks";
import { ageText, timeText } from "../age";
import { codeName, t, word } from "../lang";
import { flyTo } from "../map/map";
import { openOrders, type Incident, type Order, type TimelineRow } from "../model";
import { response_ms } from "../figures";
import { tellTimeline } from "../timeline";
import { api, closePane, readIncidentAgain, shown, state, tell, tellError, useNow, useStore } from "../store";
import { Calls, Notes } from "./caller";
import { DeedForm, typeText, usePaneKeys, type Field } from "./form";
import { EarlierHere } from "./history";
import { PriorityMark } from "./lists";
import { CLASSIFY_REASONS, GRAVITIES, may, mayLead, options, REFERRAL_REASONS, REFERRAL_TARGETS, RESULTS } from "./options";
import { nextStep, OrderCard, takeStep, type OrderForm } from "./orders";
import { Recommend } from "./recommend";
import { whereText } from "./where";

export type IncidentForm = "classify" | "refer" | "close";

function Timeline({ id, touched }: { id: string; touched: number }) {
  const [rows, setRows] = useState<TimelineRow[]>([]), [problem, setProblem] = useState(""), s = useStore();
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => api.timeline(id).then((r) => { if (!gone) { setRows(r); setProblem(""); } }, (e: Error) => { if (!gone) setProblem(e.message); }), 150);
    return () => { gone = true; clearTimeout(timer); };
  }, [id, touched, s.lang]);
  const nameOf = (incident: string): string => {
    const i = s.board.incidents.get(incident);
    return i ? t("web_incident_named", { type: typeText(i.type), id: incident }) : incident;
  };
  const told = tellTimeline(rows, { unit: (u) => s.board.units.get(u)?.name ?? u, incident: nameOf });
  return (
    <section class="timeline"><h3>{t("web_timeline")}</h3>
      {problem && <p class="field-error">{problem}</p>}
      <ol>{[...told].reverse().map(({ row, text, by }) => <li key={row.seq} class={`kind-${row.type.split("_")[0]}`}><time>{timeText(row.at_ms, s.view.zone)}</time><span>{text} <em>{by}</em></span></li>)}</ol>
    </section>
  );
}

function IncidentDeed({ incident, form, close }: { incident: Incident; form: IncidentForm; close: () => void }) {
  const done = () => {
    close();
    void readIncidentAgain(incident.id).catch(() => undefined);
  };
  const note: Field = { kind: "long", name: "note", label: t("web_note"), max: 600, hint: t("web_note_hint") };
  const common = { id: `${form}-${incident.id}`, close, done };
  if (form === "classify") {
    const onScene = incident.state === "on_scene" || incident.state === "handled", now = { priority: String(incident.priority), gravity: incident.gravity };
    const send = async (v: Record<string, string>, key: string) => {
      const changed = (name: "priority" | "gravity") => v[name] !== now[name];
      await shown(api.classify(incident, {
        reason: v.reason as wire.IncidentClassifyBody["reason"], ...(v.type ? { type: v.type } : {}), ...(v.found_type ? { found_type: v.found_type } : {}), ...(v.note ? { note: v.note } : {}),
        ...(changed("priority") ? { priority: Number(v.priority) } : {}), ...(changed("gravity") ? { gravity: v.gravity as wire.IncidentOpenBody["gravity"] } : {}),
      }, key));
      tell(t("web_classified"));
    };
    return <DeedForm {...common} title={t("web_classify_title")} submit={t("web_classify_submit")} send={send} start={{ ...now, reason: onScene ? "on_scene" : "caller_update" }} fields={[
      { kind: "type", name: onScene ? "found_type" : "type", label: onScene ? t("web_found_type") : t("web_call_type"), hint: t("web_type_unchanged", { type: typeText(incident.type) }) },
      { kind: "priority", name: "priority", label: t("web_call_priority") }, { kind: "choice", name: "gravity", label: t("web_gravity"), options: options("gravity", GRAVITIES) },
      { kind: "choice", name: "reason", label: t("web_reason"), options: options("classify_reason", CLASSIFY_REASONS), needed: true }, note]} />;
  }
  if (form === "refer") {
    return <DeedForm {...common} title={t("web_refer_title")} intro={t("web_refer_intro")} submit={t("web_refer")} start={{ reason: "not_police" }} fields={[
      { kind: "choice", name: "to", label: t("web_refer_to"), options: options("referral_target", REFERRAL_TARGETS), needed: true },
      { kind: "choice", name: "reason", label: t("web_reason"), options: options("referral_reason", REFERRAL_REASONS), needed: true }, note]}
      send={(v, key) => shown(api.refer(incident, { to: v.to as wire.IncidentReferBody["to"], reason: v.reason as wire.IncidentReferBody["reason"], ...(v.note ? { note: v.note } : {}) }, key))} />;
  }
  return <DeedForm {...common} title={t("web_close_incident")} submit={t("web_close_incident")} start={{ result: "handled" }}
    fields={[{ kind: "choice", name: "result", label: t("web_result"), options: options("result", RESULTS), needed: true }, note]}
    send={(v, key) => shown(api.closeIncident(incident, { result: v.result as wire.IncidentCloseBody["result"], ...(v.note ? { note: v.note } : {}) }, key))} />;
}

function Facts({ incident, now }: { incident: Incident; now: number }) {
  const response = response_ms(incident), waits = incident.state === "waiting";
  return (
    <dl class="facts">
      <div><dt>{t("web_state")}</dt><dd class={`state state-${incident.state}`}>{word("incident_state", incident.state)}</dd></div>
      <div><dt>{t("web_opened")}</dt><dd>{timeText(incident.opened_ms, state.view.zone)} <span class="since">{t("web_ago", { age: ageText(now - incident.opened_ms) })}</span></dd></div>
      <div><dt>{t("web_gravity")}</dt><dd>{word("gravity", incident.gravity)}</dd></div>
      <div><dt>{t("web_response")}</dt><dd>{response !== null ? ageText(response) : waits ? t("web_response_waits") : t("web_response_open")}</dd></div>
    </dl>
  );
}

function PaneHead({ id }: { id: string }) {
  const incident = state.board.incidents.get(id);
  return (
    <header class="pane-head">{incident && <PriorityMark priority={incident.priority} />}<h2>{incident ? codeName("incident_types", incident.type) : t("web_opening")}</h2><span class="id">{id}</span>
      <button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
  );
}

export function IncidentPane({ id }: { id: string }) {
  const s = useStore(), now = useNow(), incident = s.board.incidents.get(id);
  const [form, setForm] = useState<IncidentForm | null>(null), [orderForm, setOrderForm] = useState<{ order: string; form: OrderForm } | null>(null), [look, setLook] = useState(""), [notes, setNotes] = useState(false);
  useEffect(() => {
    if (incident?.position) flyTo(incident.position, 14);
    if (!incident) readIncidentAgain(id).catch(tellError);
  }, [id]);
  const open = incident ? openOrders(incident) : [], over = !incident || incident.state === "closed" || incident.state === "referred";
  const show = (next: IncidentForm | null) => { setOrderForm(null); setForm(next); };
  const showOrder = (order: Order, next: OrderForm | null) => { setForm(null); setOrderForm(next && { order: order.id, form: next }); };
  const first = open[0], early = first && ["sent", "acknowledged", "set_out"].includes(first.state), step = first && nextStep(first);
  const can = { classify: !over && may("patrol", "dispatcher", "commander"), refer: !over && open.length === 0 && may("call_taker", "dispatcher", "commander"), close: !over && open.length === 0 && mayLead() };
  usePaneKeys({
    e: can.classify && (() => show("classify")), f: can.refer && (() => show("refer")), x: can.close && (() => show("close")), s: () => setNotes(true), v: () => setLook(incident?.calls[0] ?? ""),
    g: first && step ? () => (step === "report" ? showOrder(first, "report") : void takeStep(first)) : undefined, t: early && mayLead() && (() => showOrder(first, "divert")), b: early && mayLead() && (() => showOrder(first, "cancel")),
  });
  if (!incident) return <div class="pane"><PaneHead id={id} /><p class="empty">{t("web_opening")}</p></div>;
  const past = incident.orders.filter((o) => !open.includes(o));
  const card = (o: Order) => <OrderCard key={o.id} order={o} now={now} keys={o === first} form={orderForm?.order === o.id ? orderForm.form : null} show={(f) => showOrder(o, f)} />;
  return (
    <div class="pane incident-pane">
      <PaneHead id={id} />
      <p class="place">{whereText(incident)}{incident.told !== incident.type && <span class="where">{t("web_told_as", { type: typeText(incident.told) })}</span>}</p>
      <Facts incident={incident} now={now} />
      {!form && (can.classify || can.refer || can.close) && (
        <div class="acts incident-acts">
          {can.classify && <button onClick={() => show("classify")}>{t("web_classify")} <kbd>E</kbd></button>}
          {can.refer && <button onClick={() => show("refer")}>{t("web_refer")} <kbd>F</kbd></button>}
          {can.close && <button class={past.length ? "primary" : ""} onClick={() => show("close")}>{t("web_close_incident")} <kbd>X</kbd></button>}
        </div>)}
      {form && <IncidentDeed key={form} incident={incident} form={form} close={() => setForm(null)} />}
      {open.length > 0 && <section><h3>{t("web_orders")}</h3><ul class="orders">{open.map(card)}</ul></section>}
      {!over && <Recommend incident={incident} onSent={() => void readIncidentAgain(id).catch(() => undefined)} />}
      <Calls incident={incident} wanted={look} setWanted={setLook} />
      <Notes incident={incident} wanted={notes} setWanted={setNotes} />
      <EarlierHere position={incident.position} but={incident.id} />
      {past.length > 0 && <section><h3>{t("web_past_orders")}</h3><ul class="orders">{past.map(card)}</ul></section>}
      <Timeline id={id} touched={s.touched} />
    </div>
  );
}
