// Plans: make one, watch it come, see what it does and what it leaves out, hold two side by side, adopt one.
import { useMemo } from "preact/hooks";
import { hourText, readTime } from "../age";
import { COSTS, gapOf, nameOf, type Cost, type Plan, type Unmet } from "../duty";
import { comparePlans, type Difference, type Visit } from "../gantt";
import { t, word } from "../lang";
import { patrol, seeTask, setPatrol, unitColour } from "../patrol";
import { state } from "../store";
import { barText } from "./gantt";

const at = (ms: number): string => hourText(ms, state.view.zone);
const MINUTES: Cost[] = ["travel_s", "imbalance_s"], SHARE = 100;
export function costText(cost: Cost, value: number | undefined): string {
  if (value === undefined || value === null) return "–";
  if (cost === "musts_left" || cost === "shoulds_left") return String(Math.round(value * SHARE) / SHARE);
  if (cost === "spread") return value.toFixed(2);
  if (MINUTES.includes(cost)) return t("web_age_min", { n: Math.round(value / 60) });
  return t("web_age_s", { n: Math.round(value) });
}
/** Why something is left out, in the reader's own words. */
export function unmetText(u: Unmet): string {
  const others = (u.with ?? []).filter((id) => id !== u.id).map((id) => nameOf(patrol.problem, id)).join(t("web_list_comma"));
  if (u.reason !== "time" || !u.with?.length) return word("duty_left", u.reason);
  return others ? t("web_duty_left_time_with", { others }) : t("web_duty_left_itself");
}
export const visitText = (id: string, n: number | undefined, kind: string): string => barText({ id, n: n ?? 1, kind }, (n ?? 1) > 1);

function LeftOut({ plan }: { plan: Plan }) {
  if (!plan.unmet.length) return <p class="good">{t("web_duty_left_none")}</p>;
  const musts = plan.unmet.filter((u) => u.must).length;
  return (
    <section class="left-out"><h3>{t("web_duty_left", { n: plan.unmet.length })}{musts > 0 && <b class="late">{t("web_duty_left_musts", { n: musts })}</b>}</h3>
      <ul>{plan.unmet.map((u) => <li key={`${u.id}${u.n}`}><button class="row" data-left={u.id} onClick={() => seeTask(u.id)}><span class={`duty-mark ${u.must ? "left" : "should"}`}>{word("duty_mark", u.kind)}</span><span class="what"><b>{visitText(u.id, u.n, u.kind)}</b><span class="reason">{unmetText(u)}</span></span></button></li>)}</ul></section>
  );
}
function Costs({ a, b }: { a: Plan; b: Plan | null }) {
  return (
    <table class="costs"><thead><tr><th>{t("web_duty_cost")}</th><th>{b ? "A" : t("web_duty_cost_plan")}</th>{b && <th>B</th>}<th>{t("web_duty_bound")}</th></tr></thead>
      <tbody>{COSTS.filter((c) => typeof (a.cost[c] ?? b?.cost[c]) === "number").map((c) => {
        const gap = gapOf(a, c), va = a.cost[c] ?? 0, vb = b?.cost[c] ?? 0;
        return <tr key={c}><th scope="row">{word("duty_cost", c)}</th><td class={b && va < vb ? "better" : ""}>{costText(c, va)}</td>{b && <td class={vb < va ? "better" : ""}>{costText(c, vb)}</td>}
          <td>{a.bound?.[c] ? <>{costText(c, a.bound[c])}{gap !== null && <small> +{(gap * SHARE).toFixed(1)} %</small>}</> : "–"}</td></tr>;
      })}</tbody></table>
  );
}
function Rounds({ plan }: { plan: Plan }) {
  return (
    <ul class="duty-units">{plan.routes.map((r) => <li key={r.unit}><button class={`row ${patrol.unit === r.unit ? "chosen" : ""}`} aria-pressed={patrol.unit === r.unit} data-unit={r.unit} onClick={() => setPatrol({ unit: patrol.unit === r.unit ? "" : r.unit, stop: null })}>
      <i class={`unit-mark u${unitColour(r.unit)}`} aria-hidden="true" /><span class="what"><b>{r.unit}</b><span class="where">{r.stops.length ? `${at(readTime(r.leave) ?? 0)}–${at(readTime(r.back) ?? 0)}` : t("web_duty_idle")}</span></span>
      <span class="since"><b>{t("web_duty_stops_n", { n: r.stops.filter((s) => s.kind !== "break" && s.kind !== "fixed").length })}</b><span>{t("web_duty_travel", { time: t("web_age_min", { n: Math.round(r.travel_s / 60) }) })}</span></span></button></li>)}</ul>
  );
}

const who = (v: Visit | null): string => (v ? `${v.unit} ${at(v.start_ms)}` : t("web_duty_not_in"));
const DIFFERENCES_SHOWN = 60;
function Compared({ a, b }: { a: Plan; b: Plan }) {
  const c = useMemo(() => comparePlans(a, b), [a, b]), count = (what: Difference["what"]) => c.differences.filter((d) => d.what === what).length;
  return (
    <section class="compared"><h3>{t("web_duty_differences", { n: c.differences.length, same: c.same })}</h3>
      <p class="sub">{(["only_a", "only_b", "unit", "time"] as const).filter(count).map((w) => `${word("duty_diff", w)} ${count(w)}`).join(" · ")}</p>
      <div class="table-box"><table class="costs"><thead><tr><th>{t("web_units")}</th><th>A</th><th>B</th></tr></thead><tbody>{c.units.map((u) => <tr key={u.unit}><th scope="row"><i class={`unit-mark u${unitColour(u.unit)}`} aria-hidden="true" />{u.unit}</th>{([[u.a, u.travelA_s], [u.b, u.travelB_s]] as const).map(([n, s], i) => <td key={i}>{t("web_duty_stops_n", { n })}<small> {t("web_age_min", { n: Math.round(s / 60) })}</small></td>)}</tr>)}</tbody></table></div>
      <ul class="differences">{c.differences.slice(0, DIFFERENCES_SHOWN).map((d) => <li key={`${d.id}${d.n}`}><button class="row" data-diff={d.what} onClick={() => seeTask(d.id)}><span class="duty-mark">{word("duty_mark", d.kind)}</span><span class="what"><b>{visitText(d.id, d.n, d.kind)}</b><span class="where">{word("duty_diff", d.what)}</span></span><span class="since"><span>A {who(d.a)}</span><span>B {who(d.b)}</span></span></button></li>)}</ul>
      {c.differences.length > DIFFERENCES_SHOWN && <p class="hint">{t("web_duty_more", { n: c.differences.length - DIFFERENCES_SHOWN })}</p>}
    </section>
  );
}
export function PlanView({ a, b }: { a: Plan; b: Plan | null }) {
  return <>
    <p class={`plan-says ${a.feasible ? "good" : "late"}`} role="status">{a.feasible ? t("web_duty_feasible") : t("web_duty_infeasible")}</p>
    <Costs a={a} b={b} />
    {b ? <Compared a={a} b={b} /> : <><Rounds plan={a} /><LeftOut plan={a} /></>}
  </>;
}
