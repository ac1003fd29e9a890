// The duty problem: what there is to do, drawn on the map by mouse, finger or keyboard, and changed in the fields of what is chosen.
import { useLayoutEffect, useState } from "preact/hooks";
import { addTask, changeTask, findTask, isMust, KIND, LISTS, lockOf, lockTask, nameOf, readWindows, removeTask, tasksOf, windowsText, type Found, type List, type Task } from "../duty";
import type { LonLat } from "../geo";
import { leftOut } from "../gantt";
import { t, word } from "../lang";
import { mapLink } from "../map/map";
import { edit, patrol, seeTask, setPatrol } from "../patrol";
import { PlaceInput } from "./places";
import { Typed } from "./typed";

const DRAWN: List[] = ["points", "lines", "holds", "areas"], LEAST: Partial<Record<List, number>> = { lines: 2, areas: 3 };
const DIRECTIONS = ["either", "forward", "backward", "both"], MOVES = ["drive", "walk", "cycle"], LOCKS_MOST = 8;

function endAdding(): void {
  const adding = patrol.adding;
  if (!adding || !patrol.problem) return;
  if (adding.points.length < (LEAST[adding.list] ?? 1)) return setPatrol({ adding: null });
  const { problem, id } = addTask(patrol.problem, adding.list, adding.points);
  edit(problem, { adding: null, task: id });
}
function take(at: LonLat): void {
  if (patrol.moving && patrol.problem) {
    const task = findTask(patrol.problem, patrol.task)?.task;
    return edit(task?.at ? changeTask(patrol.problem, patrol.task, { at: [Number(at[0].toFixed(6)), Number(at[1].toFixed(6))] }) : patrol.problem, { moving: false });
  }
  if (!patrol.adding) return;
  const adding = { ...patrol.adding, points: [...patrol.adding.points, at] };
  setPatrol({ adding });
  if (!LEAST[adding.list]) endAdding();
}
/** While something is placed, clicks on the map, and Enter under its cross, are positions. */
function usePicking(on: boolean): void {
  useLayoutEffect(() => {
    if (!on) return;
    document.body.classList.add("picking");
    mapLink.pick = take;
    mapLink.unpick = () => patrol.adding && setPatrol({ adding: { ...patrol.adding, points: patrol.adding.points.slice(0, -1) } });
    mapLink.pickDone = () => { if (patrol.adding?.points.length) endAdding(); else setPatrol({ adding: null, moving: false }); };
    return () => {
      mapLink.pick = mapLink.unpick = mapLink.pickDone = null;
      document.body.classList.remove("picking");
    };
  }, [on]);
}

function Adding() {
  const { adding, moving } = patrol, [typed, setTyped] = useState(""), [failed, setFailed] = useState("");
  usePicking(!!adding || moving);
  if (!adding && !moving) return (
    <div class="acts" role="group" aria-label={t("web_duty_add")}>{DRAWN.map((list) => <button key={list} class="add" data-add={list} onClick={() => setPatrol({ adding: { list, points: [] }, task: "" })}>＋ {word("duty_kind", KIND[list])}</button>)}</div>
  );
  const least = adding ? (LEAST[adding.list] ?? 1) : 1, n = adding?.points.length ?? 0;
  return (
    <div class="deed placing" role="group" aria-label={t("web_duty_add")}>
      <p role="status"><b>{adding ? word("duty_kind", KIND[adding.list]) : nameOf(patrol.problem, patrol.task)}</b> · {adding && least > 1 ? t("web_duty_place_many", { n, least }) : t("web_duty_place_one")}</p>
      <p class="hint">{t("web_closure_map_keys")}</p>
      <PlaceInput name="duty-place" label={t("web_closure_place")} value={typed} failed={setFailed} typed={(text) => { setTyped(text); setFailed(""); }} chosen={(p) => { setTyped(""); take(p.position); }} />
      {failed && <p class="field-error">{failed}</p>}
      <footer>{least > 1 && <button class="primary" disabled={n < least} onClick={endAdding}>{t("web_duty_place_done")}</button>}
        <button class="plain on-map-button" onClick={() => mapLink.map?.getCanvas().focus()}>{t("web_closure_on_map")}</button><button class="plain" onClick={() => setPatrol({ adding: null, moving: false })}>{t("web_cancel")}</button></footer>
    </div>
  );
}

type Fields = (keyof Task)[];
const FIELDS: Record<List, Fields> = {
  points: ["visits", "minutes", "gap_minutes", "windows"], lines: ["passes", "gap_minutes", "windows", "direction", "moves"], holds: ["windows"], areas: ["unit_minutes_per_hour", "windows"],
  premises: ["minutes", "last_seen", "within_days", "windows"], checks: ["minutes", "windows"], orders: ["visits", "minutes", "windows", "reason", "until"],
};
/** A field that is taken when one leaves it; what cannot be is told beside it, and the old value stays. */
function Field({ found: { task }, name }: { found: Found; name: keyof Task }) {
  const [bad, setBad] = useState(false), label = word("duty_field", name), change = (patch: Partial<Task>) => edit(changeTask(patrol.problem!, task.id, patch));
  if (name === "direction" || name === "moves") {
    const options = name === "moves" ? MOVES : DIRECTIONS;
    return <label>{label}<select name={name} value={task[name] ?? options[0]} onChange={(e) => change({ [name]: e.currentTarget.value })}>{options.map((o) => <option key={o} value={o}>{word("duty_way", o)}</option>)}</select></label>;
  }
  if (name === "windows") return (
    <label class="wide">{label}<Typed name={name} aria-invalid={bad} placeholder={`${patrol.problem!.from}–${patrol.problem!.to}`} value={windowsText(task.windows)} commit={(typed) => {
      const windows = readWindows(typed);
      setBad(!windows);
      if (windows) change({ windows: windows.length ? windows : undefined as never });
      return !!windows;
    }} />{bad && <span class="field-error" role="alert">{t("web_duty_windows_wrong")}</span>}</label>);
  if (name === "name" || name === "reason" || name === "until" || name === "last_seen") return <label class={name === "name" || name === "reason" ? "wide" : ""}>{label}<Typed name={name} type={name === "until" || name === "last_seen" ? "date" : "text"} maxLength={120} value={task[name] ?? ""} commit={(typed) => change({ [name]: typed || undefined })} /></label>;
  return <label>{label}<Typed name={name} type="number" inputMode="numeric" min={name === "gap_minutes" ? 0 : 1} max={1440} aria-invalid={bad} value={String(task[name] ?? "")} placeholder={name === "visits" || name === "passes" ? "1" : ""} commit={(typed) => {
    const n = Number(typed), good = typed === "" || (Number.isFinite(n) && n >= (name === "gap_minutes" ? 0 : 1) && n <= 1440);
    setBad(!good);
    if (good) change({ [name]: typed === "" ? undefined : n });
    return good;
  }} />{bad && <span class="field-error" role="alert">{t("web_duty_number_wrong")}</span>}</label>;
}

function TaskForm({ found }: { found: Found }) {
  const { list, task } = found, p = patrol.problem!, times = Math.min(LOCKS_MOST, list === "points" || list === "orders" ? task.visits ?? 1 : list === "lines" ? task.passes ?? 1 : 1);
  return (
    <section class="deed task-form" aria-label={task.name || task.id} data-task={task.id}>
      <h3><span class="duty-mark">{word("duty_mark", KIND[list])}</span>{word("duty_kind", KIND[list])} <span class="id">{task.id}</span><button class="plain" aria-label={t("web_close")} onClick={() => setPatrol({ task: "" })}>×</button></h3>
      <div class="duty-fields"><Field found={found} name="name" />{FIELDS[list].map((f) => <Field key={`${task.id}${f}`} found={found} name={f} />)}</div>
      <label class="check"><input name="must" type="checkbox" checked={isMust(list, task)} onChange={(e) => edit(changeTask(p, task.id, { must: e.currentTarget.checked }))} />{t("web_duty_must")}</label>
      {list !== "areas" && <div class="duty-fields">{Array.from({ length: times }, (_, i) => i + 1).map((n) => <label key={n}>{times > 1 ? t("web_duty_lock_n", { n }) : t("web_duty_lock")}
        <select name={`lock-${n}`} value={lockOf(p, task.id, n)?.unit ?? ""} onChange={(e) => edit(lockTask(p, task.id, n, e.currentTarget.value))}><option value="">{t("web_duty_any_unit")}</option>{p.units.map((u) => <option key={u.id} value={u.id}>{u.name ?? u.id}</option>)}</select></label>)}</div>}
      <footer>{task.at && <button onClick={() => setPatrol({ moving: true })}>{t("web_duty_move")}</button>}<button class="danger" onClick={() => edit(removeTask(p, task.id), { task: "" })}>{t("web_duty_remove")}</button></footer>
    </section>
  );
}
/** What a task asks for, in a line. */
function asks({ list, task }: Found): string {
  const n = list === "lines" ? task.passes ?? 1 : task.visits ?? 1;
  const parts = [list === "areas" ? t("web_duty_presence", { n: task.unit_minutes_per_hour ?? 0 }) : list === "lines" ? t("web_duty_passes_n", { n }) : list === "points" || list === "orders" ? t("web_duty_visits_n", { n }) : "", windowsText(task.windows), list === "orders" ? task.reason ?? "" : ""];
  return parts.filter(Boolean).join(" · ");
}
export function DutyEdit() {
  const p = patrol.problem!, [typed, setTyped] = useState(""), left = leftOut(patrol.a?.plan ?? null), chosen = findTask(p, patrol.task), wanted = typed.trim().toLowerCase();
  const rows = tasksOf(p).filter(({ task }) => !wanted || task.id.toLowerCase().includes(wanted) || (task.name ?? "").toLowerCase().includes(wanted));
  return (
    <section class="duty-edit">
      <Adding />
      {chosen && !patrol.adding && !patrol.moving && <TaskForm key={chosen.task.id} found={chosen} />}
      <p class="duty-counts">{LISTS.filter((l) => p[l]?.length).map((l) => <span key={l}>{word("duty_kind", KIND[l])} <b>{p[l]!.length}</b></span>)}<span>{t("web_units")} <b>{p.units.length}</b></span></p>
      {tasksOf(p).length > 8 && <input type="search" aria-label={t("web_duty_find")} placeholder={t("web_duty_find")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />}
      <ul class="duty-list">{rows.map((f) => (
        <li key={f.task.id}><button class={`row ${patrol.task === f.task.id ? "chosen" : ""}`} data-id={f.task.id} onClick={() => seeTask(f.task.id)}>
          <span class={`duty-mark ${isMust(f.list, f.task) ? "" : "should"} ${left.has(f.task.id) ? "left" : ""}`}>{word("duty_mark", KIND[f.list])}</span>
          <span class="what"><b>{f.task.name || f.task.id}</b><span class="where">{asks(f) || " "}</span></span>
          <span class="since">{left.has(f.task.id) && <b class="late">{t("web_duty_left_short")}</b>}{lockOf(p, f.task.id) && <span>{t("web_duty_locked", { unit: lockOf(p, f.task.id)!.unit })}</span>}</span></button></li>))}</ul>
      {!rows.length && <p class="empty">{wanted ? t("web_duty_found_none") : t("web_duty_nothing")}</p>}
    </section>
  );
}
