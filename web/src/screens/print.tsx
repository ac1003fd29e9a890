// What goes on paper: a sheet for each round of a plan, its stops in their order with their hours, and a place to tick.
import { hourText, readTime } from "../age";
import { nameOf, type Plan, type Stop } from "../duty";
import { t, word } from "../lang";
import { patrol } from "../patrol";
import { state } from "../store";

const at = (time: string): string => hourText(readTime(time) ?? 0, state.view.zone);
export function PrintStops({ stops }: { stops: Stop[] }) {
  return (
    <table><thead><tr><th>#</th><th>{t("web_duty_when")}</th><th>{t("web_duty_what")}</th><th>{t("web_duty_where")}</th><th>{t("web_duty_tick")}</th></tr></thead>
      <tbody>{stops.map((s, n) => <tr key={n}><td>{n + 1}</td><td>{at(s.start)}–{at(s.end)}</td><td>{word("duty_kind", s.kind)}{(s.n ?? 1) > 1 && ` ${s.n}`}</td><td>{s.kind === "break" ? "" : nameOf(patrol.problem, s.id)}</td><td class="tick" /></tr>)}</tbody></table>
  );
}
export function PrintPlan({ plan }: { plan: Plan }) {
  return (
    <div class="on-paper" aria-hidden="true">{plan.routes.map((r) => {
      const unit = patrol.problem?.units.find((u) => u.id === r.unit);
      return <section key={r.unit}><h1>{r.unit} · {plan.name}</h1><p>{plan.date} · {at(r.leave)}–{at(r.back)}{unit?.crew?.length ? ` · ${unit.crew.join(t("web_list_comma"))}` : ""}</p><PrintStops stops={r.stops} /><p class="sign">{t("web_duty_sign")}</p></section>;
    })}</div>
  );
}
