// A chart that can be read without a mouse: it takes the focus, arrows walk its hours, and the hour under the cursor is
// told as a sentence beside the title.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

export interface Colours {
  ink: string;
  grid: string;
  bar: string;
  p50: string;
  p90: string;
  target: string;
}
function colours(): Colours {
  const css = getComputedStyle(document.documentElement), get = (name: string) => css.getPropertyValue(name).trim();
  return { ink: get("--ink-soft"), grid: get("--line"), bar: get("--accent"), p50: get("--good"), p90: get("--warn"), target: get("--bad") };
}

interface ChartProps {
  label: string;
  data: uPlot.AlignedData;
  series: (c: Colours) => uPlot.Series[];
  top: number; // the least upper end of the scale
  hours: number[]; // of the whole span, in seconds; the data may end before
  x: (v: number) => string; // the label of an hour, empty for most
  y: (v: number) => string;
  tell: (index: number) => string;
  look: string; // drawn anew when it changes: language, light, span
}

export function Chart(p: ChartProps) {
  const box = useRef<HTMLDivElement>(null), chart = useRef<uPlot | null>(null), [at, setAt] = useState<number | null>(null), now = useRef(p);
  now.current = p;
  useLayoutEffect(() => {
    const size = () => ({ width: Math.max(200, box.current!.clientWidth), height: Math.max(120, box.current!.clientHeight) });
    const c = colours(), axis = { stroke: c.ink, ticks: { show: false }, font: "11px system-ui" };
    const made = new uPlot({
      ...size(), padding: [10, 14, 0, 0], legend: { show: false }, series: [{}, ...p.series(c)],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      hooks: { setCursor: [(u) => setAt(u.cursor.left !== undefined && u.cursor.left >= 0 ? u.cursor.idx ?? null : null)] },
      scales: { x: { time: false, range: () => [now.current.hours[0]! - 1_800, now.current.hours[now.current.hours.length - 1]! + 1_800] }, y: { range: (_, __, b) => [0, Math.max(now.current.top, (b || 0) * 1.12)] } },
      axes: [{ ...axis, grid: { show: false }, size: 24, space: 4, splits: () => now.current.hours.filter((v) => now.current.x(v)), values: (_, all) => all.map((v) => now.current.x(v)) },
        { ...axis, grid: { stroke: c.grid, width: 1 }, size: 40, values: (_, all) => all.map((v) => now.current.y(v)) }],
    }, p.data, box.current!);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize(size()));
    watch.observe(box.current!);
    return () => { watch.disconnect(); made.destroy(); };
  }, [p.look]);
  const shown = useRef("");
  useLayoutEffect(() => {
    const text = JSON.stringify(p.data);
    if (text !== shown.current) chart.current?.setData(p.data);
    shown.current = text;
  }, [p.data]);
  const walk = (e: KeyboardEvent) => {
    const u = chart.current, step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!u || !step) return;
    e.preventDefault();
    const n = u.data[0].length, next = Math.min(n - 1, Math.max(0, (at ?? (step > 0 ? -1 : n)) + step));
    u.setCursor({ left: u.valToPos(u.data[0][next]!, "x"), top: 10 });
  };
  return <div class="chart-box">
    <p class="chart-told" aria-live="polite">{at !== null && at < p.data[0].length ? p.tell(at) : ""}</p>
    <div class="chart" ref={box} role="img" tabIndex={0} aria-label={p.label} onKeyDown={walk} onBlur={() => chart.current?.setCursor({ left: -10, top: -10 })} />
  </div>;
}
