// One incident: what it is, who is sent, whom to send and why (and why not the others), and all that happened.
import { useEffect, useRef, useState } from "preact/hooks";
import { ageText, clockText, timeText } from "../age";
import { newKey } from "../api";
import { codeName, t, word } from "../lang";
import { flyTo } from "../map/map";
import { openOrders, type Candidate, type Incident, type Order, type Recommendation, type TimelineRow } from "../model";
import { api, openUnit, readIncidentAgain, set, state, tell, tellError, useNow, useStore } from "../store";
import { Age, PriorityMark } from "./lists";
import { whereText } from "./where";

const NEXT: Partial<Record<Order["state"], string[]>> = { sent: ["acknowledge", "cancel"], acknowledged: ["set_out", "cancel"], set_out: ["arrive", "cancel"], arrived: ["report", "close"], reported: ["close"] };
const RESULTS = ["handled", "no_trace", "false_alarm", "advice", "withdrawn"];

function OrderCard({ order, now, act }: { order: Order; now: number; act: (order: Order, step: string) => void }) {
  const due = order.set_out_ms && order.expected_ms && !order.arrived_ms ? order.set_out_ms + order.expected_ms - now : null;
  const marks: [string, number | undefined][] = [["sent", order.sent_ms], ["acknowledged", order.acknowledged_ms], ["set_out", order.set_out_ms], ["arrived", order.arrived_ms]];
  const zone = state.view.zone;
  return (
    <li class="order">
      <div class="order-head"><button class="plain unit-name" onClick={() => openUnit(order.unit)}>{order.unitName}</button><span class={`state order-${order.state}`}>{word("order_state", order.state)}</span>
        {due !== null && <span class={due < 0 ? "late" : ""}>{due < 0 ? t("web_overdue", { age: ageText(-due) }) : t("web_due_in", { age: ageText(due) })}</span>}</div>
      <ol class="clocks">{marks.map(([name, at]) => <li key={name} class={at ? "done" : ""}><span>{word("order_state", name)}</span><time>{at ? timeText(at, zone) : "–"}</time></li>)}</ol>
      <div class="acts">{(NEXT[order.state] ?? []).map((step) => <button key={step} class={step === "cancel" ? "plain" : ""} onClick={() => act(order, step)}>{word("order_step", step)}</button>)}</div>
    </li>
  );
}

function Recommend({ incident, onSent }: { incident: Incident; onSent: () => void }) {
  const s = useStore(), now = useNow();
  const [found, setFound] = useState<{ r: Recommendation; at_ms: number } | null>(null), [problem, setProblem] = useState(""), [busy, setBusy] = useState("");
  const [passed, setPassed] = useState(false), keys = useRef(new Map<string, string>()), list = useRef<HTMLOListElement>(null);
  const ask = () => api.recommendation(incident.id).then((r) => { setFound({ r, at_ms: Date.now() }); setProblem(""); }, (e: Error) => setProblem(e.message));
  useEffect(() => { void ask(); }, [incident.id, incident.state, incident.orders.length, s.lang]);
  useEffect(() => {
    const timer = setInterval(() => { if (state.life.link === "live") void ask(); }, 10_000);
    return () => clearInterval(timer);
  }, [incident.id]);
  const send = async (c: Candidate) => {
    setBusy(c.unit);
    const key = keys.current.get(c.unit) ?? newKey();
    keys.current.set(c.unit, key);
    try {
      await api.sendUnit(incident.id, c.unit, key, found?.r.policy, c.divert);
      keys.current.delete(c.unit);
      tell(t("web_sent", { unit: c.name, incident: incident.id }));
      onSent();
    } catch (e) {
      tellError(e);
      void ask();
    }
    setBusy("");
  };
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if ((e.target as HTMLElement).closest("input, textarea, select") || e.ctrlKey || e.altKey || e.metaKey) return;
      const c = /^[1-9]$/.test(e.key) ? found?.r.ranked[Number(e.key) - 1] : undefined;
      if (c && !busy) void send(c);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return (
    <section class="recommend">
      <h3>{t("web_recommend")} {found && <Age read_ms={found.at_ms} now={now} slack_ms={12_000} />}<button class="plain" onClick={ask}>{t("web_ask_again")}</button></h3>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {found && found.r.ranked.length === 0 && <p class="empty">{t("web_recommend_none")}</p>}
      <ol class="ranked" ref={list}>
        {found?.r.ranked.slice(0, 5).map((c, n) => (
          <li key={c.unit} class={n === 0 ? "first" : ""}>
            <div class="ranked-head"><button class="plain unit-name" onClick={() => openUnit(c.unit)}>{c.name}</button><b class="travel">{clockText(c.travel_ms)}</b>
              <button class={n === 0 ? "primary" : ""} disabled={busy !== ""} onClick={() => void send(c)}>{c.divert ? t("web_divert") : t("web_send")} <kbd>{n + 1}</kbd></button></div>
            {c.reasons.map((r) => <p class="reason" key={r}>{r}</p>)}
          </li>))}
      </ol>
      {found && found.r.passed.length > 0 && (
        <div class="passed"><button class="plain" aria-expanded={passed} onClick={() => setPassed(!passed)}>{passed ? "▾" : "▸"} {t("web_passed", { n: found.r.passed.length })}</button>
          {passed && <ul>{found.r.passed.slice(0, 60).map((p) => <li key={p.unit}><b>{p.name}</b> {p.travel_ms !== undefined && <span class="travel">{clockText(p.travel_ms)}</span>}{p.reasons.map((r) => <p class="reason" key={r}>{r}</p>)}</li>)}</ul>}</div>)}
    </section>
  );
}

function Timeline({ id, touched }: { id: string; touched: number }) {
  const [rows, setRows] = useState<TimelineRow[] | null>(null), [problem, setProblem] = useState(""), s = useStore();
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => api.timeline(id).then((r) => { if (!gone) { setRows(r); setProblem(""); } }, (e: Error) => { if (!gone) setProblem(e.message); }), 150);
    return () => { gone = true; clearTimeout(timer); };
  }, [id, touched, s.lang]);
  const zone = s.view.zone;
  return (
    <section class="timeline"><h3>{t("web_timeline")}</h3>
      {problem && <p class="field-error">{problem}</p>}
      <ol>{[...(rows ?? [])].reverse().map((r) => <li key={r.id}><time>{timeText(r.at_ms, zone)}</time><span>{r.text}{r.actor && <em> {r.actor}</em>}</span></li>)}</ol>
    </section>
  );
}

export function IncidentPane({ id }: { id: string }) {
  const s = useStore(), now = useNow(), incident = s.board.incidents.get(id);
  const [result, setResult] = useState("handled"), keys = useRef(new Map<string, string>());
  const [mine, setMine] = useState(0);
  useEffect(() => {
    if (incident?.position) flyTo(incident.position, 14);
    if (!incident) readIncidentAgain(id).then(() => setMine((n) => n + 1), tellError);
  }, [id]);
  if (!incident) return <div class="pane"><header class="pane-head"><h2>{id}</h2><button class="plain" onClick={() => set({ pane: "none", sheet: "map" })} aria-label={t("web_close")}>×</button></header><p class="empty">{t("web_opening")}</p></div>;
  const again = () => readIncidentAgain(id).then(() => setMine((n) => n + 1), () => undefined);
  const deed = async (name: string, run: (key: string) => Promise<void>) => {
    const key = keys.current.get(name) ?? newKey();
    keys.current.set(name, key);
    try {
      await run(key);
      keys.current.delete(name);
    } catch (e) {
      tellError(e);
    }
    void again();
  };
  const act = (order: Order, step: string) => void deed(order.id + step, (key) => api.stepOrder(order, step, key, step === "cancel" ? { reason: "not_needed" } : step === "report" ? { result: "handled" } : {}));
  const open = openOrders(incident), over = incident.state === "closed" || incident.state === "referred";
  const past = incident.orders.filter((o) => !open.includes(o));
  return (
    <div class="pane incident-pane">
      <header class="pane-head"><PriorityMark priority={incident.priority} /><h2>{codeName("incident_types", incident.type)}</h2><span class="id">{incident.id}</span>
        <button class="plain" onClick={() => set({ pane: "none", sheet: "map" })} aria-label={t("web_close")}>×</button></header>
      <p class="place">{whereText(incident)}</p>
      <dl class="facts">
        <div><dt>{t("web_state")}</dt><dd class={`state state-${incident.state}`}>{word("incident_state", incident.state)}</dd></div>
        <div><dt>{t("web_opened")}</dt><dd>{timeText(incident.opened_ms, s.view.zone)} <span class="since">{t("web_ago", { age: ageText(now - incident.opened_ms) })}</span></dd></div>
        <div><dt>{t("web_gravity")}</dt><dd>{word("gravity", incident.gravity)}</dd></div>
        <div><dt>{t("web_calls")}</dt><dd>{incident.calls.join(" ")}</dd></div>
      </dl>
      {open.length > 0 && <section><h3>{t("web_orders")}</h3><ul class="orders">{open.map((o) => <OrderCard key={o.id} order={o} now={now} act={act} />)}</ul></section>}
      {!over && <Recommend incident={incident} onSent={() => void again()} />}
      {!over && open.length === 0 && past.length > 0 && (
        <section class="close-incident"><h3>{t("web_close_incident")}</h3><div class="two"><select aria-label={t("web_result")} value={result} onChange={(e) => setResult(e.currentTarget.value)}>{RESULTS.map((r) => <option key={r} value={r}>{word("result", r)}</option>)}</select>
          <button class="primary" onClick={() => void deed("close", (key) => api.closeIncident(incident, result, key))}>{t("web_close_incident")}</button></div></section>)}
      {past.length > 0 && <section><h3>{t("web_past_orders")}</h3><ul class="orders">{past.map((o) => <OrderCard key={o.id} order={o} now={now} act={act} />)}</ul></section>}
      <Timeline id={id} touched={s.touched + mine} />
    </div>
  );
}
