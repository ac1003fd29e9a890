// The commander's view: what comes in, how fast it is answered against the target of each priority, what is left. Every
// figure says of how many cases it speaks, and how old it is.
import { useEffect, useMemo, useState } from "preact/hooks";
import uPlot from "uplot";
import { ageText, clockText, dayStart, dayText, hourOf, hourText, weekdayText } from "../age";
import { ApiError, unitStateWord } from "../api";
import { boardFigures, unitsByState, withinTarget, type Figures, type PriorityFigure } from "../figures";
import { codeName, t } from "../lang";
import { openIncidents, type Priority, type UnitState } from "../model";
import { api, deskNow, isNight, state, useNow, useStore, useWall } from "../store";
import { Chart } from "./chart";
import { typeText } from "./form";
import { Age, IncidentRow, PriorityMark, walkRows } from "./lists";

type Span = "today" | "week";
const STATES: UnitState[] = ["available", "sent", "acknowledged", "under_way", "on_scene", "unavailable"];
const HOUR_MS = 3_600_000, WEEK_MS = 7 * 24 * HOUR_MS, AGAIN_MS = 10_000;

const spanStart = (span: Span, now_ms: number): number => (span === "today" ? dayStart(now_ms, state.view.zone) : dayStart(now_ms - WEEK_MS, state.view.zone) + 24 * HOUR_MS);

/** Asked anew while one looks; who may not ask for the record's figures gets those of the board. */
function useFigures(span: Span): { figures: Figures | null; read_ms: number; problem: string } {
  const [found, setFound] = useState<{ figures: Figures | null; read_ms: number; problem: string }>({ figures: null, read_ms: Date.now(), problem: "" });
  useEffect(() => {
    let gone = false;
    const ask = async () => {
      const now = deskNow(), from = spanStart(span, now);
      try {
        const figures = await api.figures(from, now);
        if (!gone) setFound({ figures, read_ms: Date.now(), problem: "" });
      } catch (error) {
        const own = error instanceof ApiError && (error.status === 403 || error.status === 404);
        if (own && !gone) setFound({ figures: boardFigures(state.board.incidents.values(), state.view.targets, from, now), read_ms: Date.now(), problem: "" });
        else if (!gone) setFound((f) => ({ ...f, problem: (error as Error).message }));
      }
    };
    void ask();
    const timer = setInterval(() => { if (state.life.link === "live") void ask(); }, AGAIN_MS);
    return () => { gone = true; clearInterval(timer); };
  }, [span]);
  return found;
}

const duration = (ms: number | null): string => (ms === null ? "–" : clockText(ms));
const percent = (share: number | null): string => (share === null ? "–" : `${Math.round(share * 100)} %`);

function Tile({ name, value, note = "", kind = "" }: { name: string; value: string; note?: string; kind?: string }) {
  return <div class={`figure ${kind}`}><dt>{name}</dt><dd>{value}<small>{note || "\u00a0"}</small></dd></div>;
}

/** The labels of the hours: every third of a day, or the days of a week. */
function hourLabel(at_ms: number, span: Span): string {
  const zone = state.view.zone, hour = hourOf(at_ms, zone);
  if (span === "week") return hour === 12 ? weekdayText(at_ms, zone) : "";
  return hour % 3 === 0 ? String(hour).padStart(2, "0") : "";
}
/** The hours of a whole day or week, in seconds, from the first of the figures on. */
const spanHours = (figures: Figures, span: Span): number[] => Array.from({ length: Math.max(figures.hours.length, span === "today" ? 24 : 168) }, (_, n) => ((figures.hours[0]?.at_ms ?? 0) + n * HOUR_MS) / 1000);
const hourSpan = (at_ms: number): string => `${dayText(at_ms, state.view.zone)} ${hourText(at_ms, state.view.zone)}–${hourText(at_ms + HOUR_MS, state.view.zone)}`;

function CallsChart({ figures, span, look }: { figures: Figures; span: Span; look: string }) {
  const data = useMemo(() => [figures.hours.map((h) => h.at_ms / 1000), figures.hours.map((h) => h.calls)] as uPlot.AlignedData, [figures]);
  const tell = (n: number) => { const h = figures.hours[n]!; return `${hourSpan(h.at_ms)}: ${h.calls === null ? t("web_withheld") : t("web_calls_n", { n: h.calls })}`; };
  return <Chart label={t("web_calls_by_hour")} data={data} look={look} hours={spanHours(figures, span)} top={4} x={(v) => hourLabel(v * 1000, span)} y={(v) => (Number.isInteger(v) ? String(v) : "")} tell={tell}
    series={(c) => [{ fill: c.bar, stroke: c.bar, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.78, 60] }) }]} />;
}

function ResponseChart({ figures, priority, span, look }: { figures: Figures; priority: Priority; span: Span; look: string }) {
  const target = figures.priorities.find((p) => p.priority === priority)?.target_ms ?? null;
  const { data, rows } = useMemo(() => {
    const byHour = new Map(figures.responses.filter((r) => r.priority === priority).map((r) => [r.at_ms, r])), min = (ms: number | undefined | null) => (ms === undefined || ms === null ? null : ms / 60_000);
    const found = figures.hours.map((h) => byHour.get(h.at_ms));
    return { rows: found, data: [figures.hours.map((h) => h.at_ms / 1000), found.map((r) => min(r?.p50_ms)), found.map((r) => min(r?.p90_ms)), found.map(() => min(target))] as uPlot.AlignedData };
  }, [figures, priority, target]);
  const tell = (n: number) => { const r = rows[n]; return `${hourSpan(figures.hours[n]!.at_ms)}: ${r ? t("web_response_told", { p50: clockText(r.p50_ms), p90: clockText(r.p90_ms), n: r.arrived }) : t("web_response_nothing")}`; };
  return <Chart label={t("web_response_by_hour")} data={data} look={`${look}|${priority}`} hours={spanHours(figures, span)} top={Math.max(5, ((target ?? 0) / 60_000) * 1.25)} x={(v) => hourLabel(v * 1000, span)} y={(v) => (Number.isInteger(v) ? String(v) : "")} tell={tell}
    series={(c) => [{ stroke: c.p50, width: 2, spanGaps: true, points: { size: 5, fill: c.p50 } }, { stroke: c.p90, width: 2, spanGaps: true, dash: [8, 3], points: { size: 5, fill: c.p90 } }, { stroke: c.target, width: 1.5, dash: [3, 4], points: { show: false } }]} />;
}

function PriorityTable({ figures, chosen, choose }: { figures: Figures; chosen: Priority; choose: (p: Priority) => void }) {
  const late = (p: PriorityFigure, ms: number | null) => (ms !== null && p.target_ms !== null && ms > p.target_ms ? "late" : "");
  return (
    <table class="priorities"><thead><tr><th>{t("web_call_priority")}</th><th>p50</th><th>p90</th><th>{t("web_legend_target")}</th><th>{t("web_within_target")}</th><th>{t("web_cases")}</th></tr></thead>
      <tbody>{figures.priorities.map((p) => (
        <tr key={p.priority} class={p.priority === chosen ? "chosen" : ""}>
          <th><button class="plain" aria-pressed={p.priority === chosen} onClick={() => choose(p.priority)}><PriorityMark priority={p.priority} />{codeName("priorities", String(p.priority))}</button></th>
          <td class={late(p, p.p50_ms)}>{duration(p.p50_ms)}</td><td class={late(p, p.p90_ms)}>{duration(p.p90_ms)}</td><td>{duration(p.target_ms)}</td><td>{percent(p.within)}</td><td>{p.arrived}</td>
        </tr>))}</tbody></table>
  );
}

function Bars({ rows, total }: { rows: { key: string; name: string; n: number; kind?: string }[]; total: number }) {
  return <ul class="bars">{rows.map((r) => <li key={r.key}><span title={r.name}>{r.name}</span><span class="track"><i class={r.kind ?? ""} style={{ width: `${(100 * r.n) / Math.max(1, total)}%` }} /></span><b>{r.n}</b></li>)}</ul>;
}

export function CommandScreen() {
  const s = useStore(), now = useNow(), wall = useWall(), [span, setSpan] = useState<Span>("today"), [priority, setPriority] = useState<Priority>(1);
  const { figures, read_ms, problem } = useFigures(span);
  const counts = unitsByState(s.board.units.values()), open = openIncidents(s.board), waiting = open.filter((i) => i.state === "waiting"), onDuty = STATES.reduce((n, k) => n + counts[k], 0);
  const look = `${isNight()}|${s.lang}|${span}|${figures?.hours.length ?? 0}`, within = figures ? withinTarget(figures) : { share: null, n: 0 };
  const total = figures?.hours.reduce((n, h) => n + (h.calls ?? 0), 0) ?? 0, types = figures?.types.slice(0, 6) ?? [], first = figures?.priorities.find((p) => p.priority === priority);
  const spanButton = (name: Span, text: string) => <button aria-pressed={span === name} onClick={() => setSpan(name)}>{text}</button>;
  return (
    <section class="command" aria-label={t("web_screen_command")}>
      <header class="command-bar"><span class="speeds" role="group" aria-label={t("web_span")}>{spanButton("today", t("web_span_today"))}{spanButton("week", t("web_span_week"))}</span>
        {figures?.ofBoard && <span class="hint">{t("web_figures_of_board")}</span>}{figures && figures.least > 1 && <span class="hint">{t("web_figures_least", { n: figures.least })}</span>}
        <span class="spring" />{problem && <span class="late" role="alert">{problem}</span>}<Age read_ms={read_ms} now={wall} slack_ms={AGAIN_MS + 2_000} /></header>
      <dl class="figures">
        <Tile name={t("web_waiting")} value={String(waiting.length)} note={waiting[0] ? t("web_longest", { age: ageText(now - Math.min(...waiting.map((i) => i.opened_ms))) }) : t("web_nothing_waits")} kind={waiting.length ? "alarm" : ""} />
        <Tile name={t("web_open_incidents")} value={String(open.length)} />
        <Tile name={t("web_free_units")} value={`${counts.available} / ${onDuty}`} note={t("web_off_duty_count", { n: counts.off_duty })} />
        <Tile name={t("web_calls")} value={String(total)} note={span === "today" ? t("web_span_today") : t("web_span_week")} />
        <Tile name={t("web_response_p90_of", { priority: codeName("priorities", String(priority)) })} value={duration(first?.p90_ms ?? null)} note={first?.target_ms ? t("web_target", { target: clockText(first.target_ms) }) : ""} kind={first?.p90_ms && first.target_ms && first.p90_ms > first.target_ms ? "alarm" : ""} />
        <Tile name={t("web_within_target")} value={percent(within.share)} note={t("web_of_cases", { n: within.n })} />
      </dl>
      <div class="card calls-card"><h2>{t("web_calls_by_hour")}</h2>{figures && <CallsChart figures={figures} span={span} look={look} />}</div>
      <div class="card types-card"><h2>{t("web_calls_by_type")}</h2>{types.length ? <Bars rows={types.map((r) => ({ key: r.type ?? "", name: r.type ? typeText(r.type) : t("web_types_other"), n: r.calls, kind: "of-type" }))} total={types[0]!.calls} /> : <p class="empty">{t("web_no_calls_yet")}</p>}</div>
      <div class="card response-card"><h2>{t("web_response_by_hour")}</h2>
        <p class="legend"><PriorityMark priority={priority} />{codeName("priorities", String(priority))}<i class="k50" />{t("web_legend_p50")}<i class="k90" />{t("web_legend_p90")}{first?.target_ms && <><i class="kt" />{t("web_legend_target")}</>}</p>
        {figures && <ResponseChart figures={figures} priority={priority} span={span} look={look} />}</div>
      <div class="card table-card"><h2>{t("web_response_by_priority")}</h2>{figures && <PriorityTable figures={figures} chosen={priority} choose={setPriority} />}</div>
      <div class="card waits-card"><h2>{waiting.length ? t("web_what_waits") : t("web_open_incidents")} <Age read_ms={s.board.read_ms} now={wall} /></h2><div class="rows" onKeyDown={walkRows}>{(waiting.length ? waiting : open).slice(0, 8).map((i) => <IncidentRow key={i.id} incident={i} now={now} chosen={false} />)}{open.length === 0 && <p class="empty">{t("web_nothing_waits")}</p>}</div></div>
      <div class="card units-card"><h2>{t("web_units_by_state")}</h2><Bars rows={STATES.map((k) => ({ key: k, name: unitStateWord(k), n: counts[k], kind: `unit-${k}` }))} total={onDuty} /></div>
    </section>
  );
}
