// What is ordered beside the plan: directed patrol orders (a place, its hours, why, by whom, until when: at most 14 days, never a dwelling),
// what earlier shifts still owe, and the duty level.
import { useEffect, useState } from "preact/hooks";
import { dayText, readTime } from "../age";
import type { LonLat } from "../geo";
import { fill, t, word } from "../lang";
import { flyTo } from "../map/map";
import { showElse } from "../patrol";
import { endDirected, orderDirected, readDebt, readDirected, readDirectedOver, readHelped, readLevel, readWhere, setLevel, type Where, type Directed, type Judged, type Level, type Owed } from "../patrol_api";
import { deskNow, state, tell, tellError } from "../store";
import { DeedForm } from "./form";
import { may } from "./options";
import { mayPlan, siteDay } from "./patrol";

const DAY_MS = 86_400_000, DAYS_MOST = 14, DAYS = ["1", "3", "7", "14"], LEVELS = ["3", "2", "1"], GROUNDS = ["everyday", "holiday", "event", "emergency"], SHARES: Record<string, string> = { 3: "30", 2: "50", 1: "100" };
const day = (time: string): string => dayText(readTime(time) ?? 0, state.view.zone);
const pin = (o: Directed) => ({ type: "Feature", properties: { nth: o.name ?? o.id, colour: 5, unit: "" }, geometry: { type: "Point", coordinates: o.at } });

function DirectedRow({ order: o, again }: { order: Directed; again: () => void }) {
  const [sure, setSure] = useState(false);
  return (
    <li class="closure" data-id={o.id}><button class="row" onClick={() => flyTo(o.at, 16)}><span class="duty-mark">{word("duty_mark", "order")}</span><span class="what"><b>{o.name ?? o.id}</b><span class="where">{o.reason}</span></span>
      <span class="since"><b>{o.from}–{o.to}</b><span>{t("web_duty_visits_n", { n: o.visits })} · {t("web_age_min", { n: o.minutes })}</span></span></button>
      <p class="sub"><span class="id">{o.id}</span> {o.author} · {t("web_directed_until", { day: day(o.until) })}{mayPlan() && !sure && <button class="plain lift" onClick={() => setSure(true)}>{t("web_directed_end")}</button>}</p>
      {sure && <DeedForm id={`end-${o.id}`} title={t("web_directed_end")} submit={t("web_directed_end")} close={() => setSure(false)} fields={[{ kind: "text", name: "reason", label: t("web_reason"), max: 200 }]} send={(v, key) => endDirected(o.id, v.reason ?? "", key)} done={again} />}</li>
  );
}
const OVER_SHOWN = 10, number = (n: number | null): string => (n === null ? "∞" : n.toFixed(2));
const judged = (j: Judged): string => fill(word("helped", j.answer), { change: number(j.change), low: number(j.low), high: number(j.high) });
/** An order that is over: whether it helped is read when it is asked for. */
function OverRow({ order: o }: { order: Directed }) {
  const [answer, setAnswer] = useState<{ patrolled: Judged; neighbours: Judged } | null>(null);
  return (
    <li data-id={o.id}><b>{o.name ?? o.id}</b><p class="sub"><span class="id">{o.id}</span> {o.from}–{o.to} · {t("web_directed_until", { day: day(o.until) })}{!answer && <button class="plain" data-deed="helped" onClick={() => void readHelped(o.id).then(setAnswer, tellError)}>{t("web_directed_helped")}</button>}</p>
      {answer && <p role="status">{judged(answer.patrolled)} {t("web_directed_around")} {judged(answer.neighbours)}</p>}</li>
  );
}
const CELLS_SHOWN = 30;
/** Where and when calls for service rise against their own history: counts and intervals as they are, no colour; what to do about it a named person decides. */
function WhereSheet() {
  const [on, setOn] = useState(siteDay(deskNow())), [w, put] = useState<Where | null>(null), [problem, setProblem] = useState("");
  useEffect(() => void readWhere(on).then((found) => { put(found); setProblem(""); }, (e: Error) => { put(null); setProblem(e.message); }), [on]);
  const rising = (w?.cells ?? []).filter((c) => c.rises);
  return (
    <section class="where-sheet"><h3>{t("web_where")}</h3><label class="inline">{t("web_duty_date")}<input type="date" name="where-day" value={on} onChange={(e) => e.currentTarget.value && setOn(e.currentTarget.value)} /></label>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {w && <p class="hint" role="status">{w.history_weeks < w.history_weeks_least ? t("web_where_short", { n: w.history_weeks, least: w.history_weeks_least }) : t("web_where_base", { recent: w.recent_weeks, history: w.history_weeks, hidden: w.hidden })}</p>}
      {rising.length > 0 && <div class="table-box"><table class="costs"><thead><tr><th>{t("web_duty_where")}</th><th>{t("web_duty_when")}</th><th>{t("web_where_calls")}</th><th>{t("web_where_expected")}</th><th>{t("web_where_times")}</th></tr></thead>
        <tbody>{rising.slice(0, CELLS_SHOWN).map((c) => <tr key={c.area + c.from}><th scope="row">{c.area}</th><td>{c.from}–{c.until}</td><td>{c.recent}</td><td>{c.expected.toFixed(1)}</td><td>{c.low.toFixed(1)}–{c.high === null ? "∞" : c.high.toFixed(1)}</td></tr>)}</tbody></table></div>}
      {w && w.history_weeks >= w.history_weeks_least && !rising.length && <p class="empty">{t("web_where_none")}</p>}</section>
  );
}
export function WherePage() {
  const [orders, setOrders] = useState<Directed[]>([]), [over, setOver] = useState<Directed[]>([]), [debt, setDebt] = useState<Owed[]>([]), [level, putLevel] = useState<Level | null>(null), [form, setForm] = useState<"" | "order" | "level">("");
  const read = () => { void readDirected().then((list) => { setOrders(list); showElse(list.map(pin)); }, tellError); if (mayPlan()) { void readDebt().then(setDebt, tellError); void readDirectedOver(OVER_SHOWN).then(setOver, tellError); } void readLevel().then(putLevel, tellError); };
  useEffect(() => { read(); return () => showElse(null); }, []);
  const closed = () => { setForm(""); read(); };
  return (
    <section class="directed">
      <h3>{t("web_level")} {level && <b class="level-now">{word("level", String(level.level))}</b>}{level && <span class="sub">{t("web_level_share", { n: level.share_percent })}</span>}{may("commander") && form !== "level" && <button class="plain" data-deed="level" onClick={() => setForm("level")}>{t("web_level_set")}</button>}</h3>
      {level?.now && <p class="sub">{word("level_ground", level.now.ground)} · {[level.now.number, level.now.approver].filter(Boolean).join(" · ")}{level.now.until && ` · ${t("web_directed_until", { day: day(level.now.until) })}`}</p>}
      {form === "level" && <DeedForm id="duty-level" title={t("web_level_set")} submit={t("web_level_set")} close={() => setForm("")} start={{ level: "2", share: "50", days: "1" }}
        fields={[{ kind: "choice", name: "level", label: t("web_level"), options: LEVELS.map((l) => [l, word("level", l)]), needed: true }, { kind: "choice", name: "ground", label: t("web_level_ground"), options: GROUNDS.map((g) => [g, word("level_ground", g)]), needed: true }, { kind: "number", name: "share", label: t("web_level_share_q"), min: 1, max: 100 }, { kind: "choice", name: "days", label: t("web_level_days"), options: DAYS.map((d) => [d, t("web_age_d", { n: d })]) }, { kind: "text", name: "number", label: t("web_level_number"), max: 64, needed: true }, { kind: "text", name: "approver", label: t("web_level_approver"), max: 64, needed: true }]}
        send={(v, key) => setLevel({ level: Number(v.level), ground: v.ground, share_percent: Number(v.share || SHARES[v.level!]), number: v.number, approver: v.approver, from: new Date(deskNow()).toISOString(), ...(v.level === "3" ? {} : { until: new Date(deskNow() + Number(v.days || 1) * DAY_MS).toISOString() }) }, key)} done={closed} />}
      <h3>{t("web_directed")}<span class="count">{orders.length}</span></h3>
      {mayPlan() && (form === "order" ? <DeedForm id="directed" title={t("web_directed_new")} intro={t("web_directed_hint")} submit={t("web_directed_give")} close={() => setForm("")} start={{ from: "20:00", to: "23:00", visits: "2", minutes: "10", days: "7" }}
        fields={[{ kind: "text", name: "name", label: t("web_duty_name"), max: 120, needed: true }, { kind: "place", name: "at", label: t("web_duty_where"), needed: true }, { kind: "text", name: "from", label: t("web_duty_from"), max: 5, needed: true }, { kind: "text", name: "to", label: t("web_duty_to"), max: 5, needed: true }, { kind: "number", name: "visits", label: word("duty_field", "visits"), min: 1, max: 24 }, { kind: "number", name: "minutes", label: word("duty_field", "minutes"), min: 1, max: 240 },
          { kind: "text", name: "reason", label: t("web_reason"), max: 200, needed: true }, { kind: "choice", name: "days", label: t("web_directed_days", { n: DAYS_MOST }), options: DAYS.map((d) => [d, t("web_age_d", { n: d })]), needed: true }]}
        send={(v, key) => orderDirected({ name: v.name, at: v.at!.split(",").map(Number) as LonLat, from: v.from, to: v.to, visits: Number(v.visits || 1), minutes: Number(v.minutes || 5), reason: v.reason, until: new Date(deskNow() + Number(v.days) * DAY_MS).toISOString() }, key)} done={() => { tell(t("web_directed_given")); closed(); }} />
        : <div class="acts"><button class="primary" data-deed="directed" onClick={() => setForm("order")}>{t("web_directed_new")}</button></div>)}
      <ul class="closures">{orders.map((o) => <DirectedRow key={o.id} order={o} again={read} />)}</ul>
      {!orders.length && <p class="empty">{t("web_directed_none")}</p>}
      {over.length > 0 && <><h3>{t("web_directed_over")}</h3><ul class="directed-over">{over.map((o) => <OverRow key={o.id} order={o} />)}</ul></>}
      {may("commander", "chief", "analyst") && <WhereSheet />}
      {mayPlan() && <><h3>{t("web_debt")}<span class="count">{debt.length}</span></h3><p class="hint">{t("web_debt_hint")}</p>
        <ul>{debt.map((d) => <li key={d.id} class="debt-row"><span class="duty-mark left">{word("duty_mark", d.kind)}</span><b>{d.name ?? d.id}</b><span class="sub">{t("web_debt_n", { n: d.visits })} · {t("web_debt_since", { day: day(d.since) })}</span></li>)}</ul>{!debt.length && <p class="empty">{t("web_debt_none")}</p>}</>}
    </section>
  );
}
