// The commander's view: what comes in, how fast it is answered, what is left. The figures come from the board, and
// each says of how many cases it speaks.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { ageText, clockText } from "../age";
import { byHour, responses, unitsByState, type HourRow } from "../figures";
import { codeName, t } from "../lang";
import { openIncidents, type Priority, type UnitState } from "../model";
import { unitStateWord } from "../api";
import { isNight, openIncident, useNow, useStore, useWall } from "../store";
import { Age, IncidentRow, PriorityMark, walkRows } from "./lists";

const STATES: UnitState[] = ["available", "sent", "acknowledged", "under_way", "on_scene", "unavailable"];

function colours() {
  const css = getComputedStyle(document.documentElement), get = (name: string) => css.getPropertyValue(name).trim();
  return { ink: get("--ink-soft"), grid: get("--line"), bar: get("--accent"), p50: get("--good"), p90: get("--warn"), target: get("--bad") };
}

function Chart({ rows, build, look, label }: { rows: HourRow[]; build: (rows: HourRow[]) => { data: uPlot.AlignedData; options: Omit<uPlot.Options, "width" | "height"> }; look: string; label: string }) {
  const box = useRef<HTMLDivElement>(null), chart = useRef<uPlot | null>(null);
  useEffect(() => {
    const size = () => ({ width: Math.max(240, box.current!.clientWidth), height: Math.max(150, box.current!.clientHeight) });
    const { data, options } = build(rows);
    const made = new uPlot({ ...options, ...size() }, data, box.current!);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize(size()));
    watch.observe(box.current!);
    return () => { watch.disconnect(); made.destroy(); };
  }, [look]);
  useEffect(() => chart.current?.setData(build(rows).data), [rows]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}

const hourLabel = (rows: HourRow[], v: number): string => {
  const row = rows.find((r) => r.at_ms / 1000 === v);
  return row ? String(row.hour).padStart(2, "0") : "";
};

export function CommandScreen() {
  const s = useStore(), now = useNow(), wall = useWall();
  const [priority, setPriority] = useState<Priority | 0>(0);
  const zone = s.view.zone, target = priority ? s.view.targets[priority] ?? null : null;
  const all = [...s.board.incidents.values()].filter((i) => !priority || i.priority === priority), rows = byHour(all, now, 24, zone), r = responses(all, s.view.targets), counts = unitsByState(s.board.units.values());
  const open = openIncidents(s.board), waiting = open.filter((i) => i.state === "waiting"), onDuty = STATES.reduce((n, k) => n + counts[k], 0), within = r.within;
  const look = `${isNight()}|${s.lang}|${priority}|${Math.floor(now / 3_600_000)}`;
  const axes = (c: ReturnType<typeof colours>, unit: (v: number) => string): uPlot.Axis[] => [
    { stroke: c.ink, grid: { show: false }, ticks: { show: false }, space: 34, size: 26, splits: (u) => (u.data[0] as number[]).filter((_, i) => i % 3 === 2), values: (_, v) => v.map((x) => hourLabel(rows, x)), font: "11px system-ui" },
    { stroke: c.ink, grid: { stroke: c.grid, width: 1 }, ticks: { show: false }, size: 38, values: (_, v) => v.map(unit), font: "11px system-ui" },
  ];
  const common = { cursor: { show: false }, legend: { show: false } };
  const callsChart = (data: HourRow[]) => {
    const c = colours();
    return { data: [data.map((x) => x.at_ms / 1000), data.map((x) => x.incidents)] as uPlot.AlignedData, options: { ...common, padding: [12, 12, 0, 0] as uPlot.Padding, axes: axes(c, (v) => (Number.isInteger(v) ? String(v) : "")),
      scales: { x: { time: false, range: (_: uPlot, a: number, b: number): uPlot.Range.MinMax => [a - 2_000, b + 2_000] }, y: { range: (_: uPlot, __: number, b: number): uPlot.Range.MinMax => [0, Math.max(4, b * 1.15)] } },
      series: [{}, { fill: c.bar, stroke: c.bar, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.72, 60] }) }] } };
  };
  const responseChart = (data: HourRow[]) => {
    const c = colours(), min = (v: number | null) => (v === null ? null : v / 60_000);
    return { data: [data.map((x) => x.at_ms / 1000), data.map((x) => min(x.p50_ms)), data.map((x) => min(x.p90_ms)), data.map(() => min(target))] as uPlot.AlignedData,
      options: { ...common, padding: [12, 12, 0, 0] as uPlot.Padding, axes: axes(c, (v) => String(v)), scales: { x: { time: false }, y: { range: (_: uPlot, __: number, b: number): uPlot.Range.MinMax => [0, Math.max((target ?? 0) / 60_000, b || 5) * 1.15] } },
        series: [{}, { stroke: c.p50, width: 2, spanGaps: true, points: { size: 5, fill: c.p50 } }, { stroke: c.p90, width: 2, spanGaps: true, points: { size: 5, fill: c.p90 } }, { stroke: c.target, width: 1.5, dash: [6, 4], points: { show: false } }] } };
  };
  const figure = (name: string, value: string, note = "", kind = "") => <div class={`figure ${kind}`}><dt>{name}</dt><dd>{value}{note && <small>{note}</small>}</dd></div>;
  return (
    <section class="command" aria-label={t("web_screen_command")}>
      <div class="command-bar" role="group" aria-label={t("web_call_priority")}>
        {([0, 1, 2, 3, 4] as const).map((p) => <button key={p} aria-pressed={priority === p} onClick={() => setPriority(p)}>{p ? <><PriorityMark priority={p} />{codeName("priorities", String(p))}</> : t("web_all_priorities")}</button>)}
      </div>
      <dl class="figures">
        {figure(t("web_waiting"), String(waiting.length), waiting[0] ? t("web_longest", { age: ageText(now - Math.min(...waiting.map((i) => i.opened_ms))) }) : "", waiting.length ? "alarm" : "")}
        {figure(t("web_open_incidents"), String(open.length))}
        {figure(t("web_free_units"), `${counts.available} / ${onDuty}`)}
        {figure(t("web_response_p50"), r.p50_ms === null ? "–" : clockText(r.p50_ms), t("web_of_cases", { n: r.n }))}
        {figure(t("web_response_p90"), r.p90_ms === null ? "–" : clockText(r.p90_ms), target === null ? t("web_of_cases", { n: r.n }) : t("web_target", { target: clockText(target) }), target !== null && r.p90_ms !== null && r.p90_ms > target ? "alarm" : "")}
        {figure(t("web_within_target"), within === null ? "–" : `${Math.round(within * 100)} %`, t("web_of_cases", { n: r.n }))}
      </dl>
      <div class="card calls-card"><h2>{t("web_calls_by_hour")} <Age read_ms={s.board.read_ms} now={wall} /></h2><Chart rows={rows} build={callsChart} look={look} label={t("web_calls_by_hour")} /></div>
      <div class="card response-card"><h2>{t("web_response_by_hour")}</h2><p class="legend"><i class="k50" />{t("web_legend_p50")}<i class="k90" />{t("web_legend_p90")}{target !== null && <><i class="kt" />{t("web_legend_target")}</>}</p><Chart rows={rows} build={responseChart} look={look} label={t("web_response_by_hour")} /></div>
      <div class="card units-card"><h2>{t("web_units_by_state")}</h2>
        <ul class="bars">{STATES.map((k) => <li key={k}><span>{unitStateWord(k)}</span><span class="track"><i class={`unit-${k}`} style={{ width: `${(100 * counts[k]) / Math.max(1, onDuty)}%` }} /></span><b>{counts[k]}</b></li>)}</ul></div>
      <div class="card waits-card"><h2>{t("web_what_waits")}</h2><div class="rows" onKeyDown={walkRows}>{(waiting.length ? waiting : open).slice(0, 8).map((i) => <div key={i.id} onClick={() => openIncident(i.id)}><IncidentRow incident={i} now={now} chosen={false} /></div>)}{open.length === 0 && <p class="empty">{t("web_nothing_waits")}</p>}</div></div>
    </section>
  );
}
