// The timeline of a plan: a row for each unit, its work as buttons along the hours, ways and waits between them. It scrolls within its
// own box; the arrow keys go from work to work, Tab comes in and goes out.
import { useMemo, useRef } from "preact/hooks";
import { hourText, readTime } from "../age";
import { findTask, lockOf, lockTask, nameOf, type Plan } from "../duty";
import { ganttOf, stepBar, stopAt, type Bar, type Gantt } from "../gantt";
import { t, word } from "../lang";
import { edit, patrol, setPatrol, seeTask, unitColour } from "../patrol";
import { deskNow, state } from "../store";

const HOUR_PX = 84;
const clock = (ms: number): string => hourText(ms, state.view.zone);
export const barText = (b: Pick<Bar, "kind" | "id" | "n">, many: boolean): string => (b.kind === "break" || b.kind === "fixed" ? word("duty_kind", b.kind) : `${nameOf(patrol.problem, b.id)}${many ? ` #${b.n}` : ""}`);

export function GanttChart({ plan, beside, label, differing, id }: { plan: Plan; beside: Plan | null; label: string; differing: Set<string> | null; id: string }) {
  const zone = state.view.zone, g: Gantt = useMemo(() => ganttOf(plan, zone, beside), [plan, zone, beside]), box = useRef<HTMLDivElement>(null);
  const many = useMemo(() => new Set(plan.routes.flatMap((r) => r.stops.filter((s) => (s.n ?? 1) > 1).map((s) => s.id))), [plan]);
  const span = g.to_ms - g.from_ms, percent = (ms: number) => `${(100 * ms) / span}%`, now = deskNow();
  const first = g.rows.flatMap((r) => r.bars.map((b) => ({ unit: r.unit, b }))).find(({ b }) => b.kind !== "travel" && b.kind !== "wait");
  const at = patrol.stop && g.rows.some((r) => r.unit === patrol.stop!.unit && r.bars.some((b) => b.stop === patrol.stop!.stop)) ? patrol.stop : first && { unit: first.unit, stop: first.b.stop };
  const onKey = (e: KeyboardEvent) => {
    const button = (e.target as HTMLElement).closest<HTMLElement>(".bar-work");
    const next = button && stepBar(g, button.dataset.unit!, Number(button.dataset.stop), e.key);
    if (!next) return;
    e.preventDefault();
    setPatrol({ stop: next });
    box.current!.querySelector<HTMLElement>(`[data-unit="${CSS.escape(next.unit)}"][data-stop="${next.stop}"]`)?.focus();
  };
  const choose = (unit: string, b: Bar) => {
    setPatrol({ stop: { unit, stop: b.stop } });
    if (b.kind !== "break" && b.kind !== "fixed") seeTask(b.id);
  };
  return (
    <div class="gantt" ref={box} data-plan={id} onKeyDown={onKey} role="group" aria-label={label}>
      <div class="gantt-in" style={{ minWidth: `${110 + g.hours.length * HOUR_PX}px` }}>
        <div class="gantt-hours" aria-hidden="true"><b>{label}</b><span class="gantt-time">{g.hours.map((h) => <i key={h.at_ms} style={{ left: percent(h.at_ms - g.from_ms) }}>{String(h.hour).padStart(2, "0")}:00</i>)}</span></div>
        {g.rows.map((r) => (
          <div key={r.unit} class={`gantt-row u${unitColour(r.unit)} ${patrol.unit === r.unit ? "on" : patrol.unit ? "faint" : ""}`} role="group" aria-label={r.unit}>
            <button class="gantt-unit" aria-pressed={patrol.unit === r.unit} onClick={() => setPatrol({ unit: patrol.unit === r.unit ? "" : r.unit, stop: null })}><i class="unit-mark" aria-hidden="true" />{r.unit}</button>
            <span class="gantt-time" style={{ backgroundSize: `${100 / g.hours.length}% 100%` }}>
              {r.bars.map((b) => {
                const place = { left: percent(b.from_ms - g.from_ms), width: percent(b.to_ms - b.from_ms) };
                if (b.kind === "travel" || b.kind === "wait") return <i key={`${b.kind}${b.from_ms}`} class={`bar-${b.kind}`} style={place} title={`${word("duty_kind", b.kind)} ${clock(b.from_ms)}–${clock(b.to_ms)}`} />;
                const on = at?.unit === r.unit && at.stop === b.stop, name = barText(b, many.has(b.id)), hours = `${clock(b.from_ms)}–${clock(b.to_ms)}`;
                return <button key={b.stop} class={`bar-work bar-${b.kind} ${differing?.has(`${b.id}\n${b.n}`) ? "differs" : ""}`} style={place} tabIndex={on ? 0 : -1} aria-pressed={patrol.stop?.unit === r.unit && patrol.stop.stop === b.stop}
                  data-unit={r.unit} data-stop={b.stop} title={`${name} ${hours}`} aria-label={`${word("duty_kind", b.kind)} ${name}, ${r.unit}, ${hours}`} onClick={() => choose(r.unit, b)}><b aria-hidden="true">{word("duty_mark", b.kind)}</b> <span>{name}</span></button>;
              })}
              {now > g.from_ms && now < g.to_ms && <i class="gantt-now" style={{ left: percent(now - g.from_ms) }} aria-hidden="true" />}
            </span>
          </div>))}
      </div>
    </div>
  );
}
/** What the marks of the timeline mean: those that it has. */
export function GanttKey({ plan }: { plan: Plan }) {
  const kinds = [...new Set(plan.routes.flatMap((r) => r.stops.map((s) => s.kind)))];
  return <p class="gantt-key">{kinds.map((k) => <span key={k}><b>{word("duty_mark", k)}</b>{word("duty_kind", k)}</span>)}{["travel", "wait"].map((k) => <span key={k}><i class={`bar-${k}`} aria-hidden="true" />{word("duty_kind", k)}</span>)}</p>;
}
/** The stop that is chosen in the plan: what, who, when; and whether it stays with that unit when a plan is made again. */
export function ChosenStop({ plan }: { plan: Plan }) {
  const at = patrol.stop, stop = at && stopAt(plan, at.unit, at.stop), p = patrol.problem;
  if (!at || !stop) return <span class="hint">{t("web_duty_gantt_keys")}</span>;
  const begin = readTime(stop.start) ?? 0, locked = lockOf(p, stop.id, stop.n ?? 1), may = p && findTask(p, stop.id) && stop.kind !== "area";
  return (
    <span class="chosen-stop" role="status"><b>{barText({ kind: stop.kind, id: stop.id, n: stop.n ?? 1 }, (stop.n ?? 1) > 1)}</b> {at.unit} {clock(begin)}–{clock(readTime(stop.end) ?? 0)}
      {may && <button data-deed="lock" aria-pressed={!!locked} onClick={() => edit(lockTask(p, stop.id, stop.n ?? 1, locked ? "" : at.unit))}>{locked ? t("web_duty_unlock", { unit: locked.unit }) : t("web_duty_lock_to", { unit: at.unit })}</button>}</span>
  );
}
