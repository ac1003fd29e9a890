// The patrol screens: beside the map a panel of four pages, below it the timeline of the plan in hand. On a phone the panel is a sheet over
// the map, and the timeline scrolls within it.
import { useEffect, useMemo, useState } from "preact/hooks";
import { dayStart, dayText } from "../age";
import { firstProblem, hoursText, minutesOf, type Plan, type Problem } from "../duty";
import { comparePlans } from "../gantt";
import { t, word } from "../lang";
import { edit, holdMap, isUnsaved, patrol, seeAll, setPatrol, undo, type Tab } from "../patrol";
import { adoptPlan, makePlan, readPlan, readPlans, readProblem, saveProblem, type PlanRow } from "../patrol_api";
import { api, deskNow, state, tell, tellError, useStore } from "../store";
import { DutyEdit } from "./duty_edit";
import { PlanView, costText } from "./duty_plan";
import { ChosenStop, GanttChart, GanttKey } from "./gantt";
import { may } from "./options";
import { PrintPlan } from "./print";
import { RoundsPage } from "./rounds";
import { Typed } from "./typed";
import { FollowedPage } from "./followed";
import { WherePage } from "./directed";

const AGAIN_MS = 1_000, SECONDS = [2, 10, 60], HOURS = ["08:00", "16:00"] as const;
/** Rounds are for their crew and who leads. */
const mayFollow = (): boolean => may("patrol", "commander");
export const mayPatrol = (): boolean => may("planner", "commander", "dispatcher", "patrol", "chief");
export const mayPlan = (): boolean => may("planner", "commander");

/** YYYY-MM-DD of the site's own day. */
export const siteDay = (ms: number): string => new Date(dayStart(ms, state.view.zone) + 12 * 3_600_000).toISOString().slice(0, 10);

async function open(): Promise<void> {
  if (patrol.read) return;
  const kept = await readProblem();
  setPatrol({ read: true, ...(kept ? { problem: kept, saved: kept } : {}) });
  seeAll();
}
async function begin(): Promise<void> {
  const units = (await api.units()).rows.filter((u) => u.state !== "off_duty").map((u) => ({ id: u.name, station: u.station, position: u.position }));
  setPatrol({ problem: firstProblem(t("web_duty_first_name"), siteDay(deskNow()), ...HOURS, units), undo: [] });
  seeAll();
}
async function openFile(file: File | undefined): Promise<void> {
  try {
    const problem = JSON.parse((await file?.text()) ?? "") as Problem;
    if (problem.format !== "precinct-duty-1" || !Array.isArray(problem.units)) throw new Error();
    setPatrol({ problem, undo: [], task: "", a: null, b: null });
    seeAll();
  } catch {
    if (file) tell(t("web_duty_file_wrong"), "bad");
  }
}
export function download(name: string, content: unknown): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function ProblemHead() {
  const p = patrol.problem!, unsaved = isUnsaved(), [busy, setBusy] = useState(false), [more, setMore] = useState(false);
  const change = (patch: Partial<Problem>) => { edit({ ...p, ...patch }); return true; };
  const hour = (which: "from" | "to") => (typed: string) => { const min = minutesOf(typed); return min !== null && change({ [which]: hoursText(min) }); };
  const save = async () => {
    setBusy(true);
    await saveProblem(p).then(() => { setPatrol({ saved: p }); tell(t("web_duty_saved")); }, tellError);
    setBusy(false);
  };
  return (
    <section class="duty-head">
      <p class="duty-title"><b>{p.name}</b> <span class="sub">{p.date} · {p.from}–{p.to}</span><button class="plain" aria-expanded={more} onClick={() => setMore(!more)}>{t("web_duty_change")}</button></p>
      {more && <div class="duty-fields"><label class="wide">{t("web_duty_name")}<Typed name="problem-name" maxLength={80} value={p.name} commit={(name) => change({ name })} /></label>
        <label>{t("web_duty_date")}<Typed name="problem-date" type="date" value={p.date} commit={(date) => !!date && change({ date })} /></label>
        <label>{t("web_duty_from")}<Typed name="problem-from" value={p.from} commit={hour("from")} /></label><label>{t("web_duty_to")}<Typed name="problem-to" value={p.to} commit={hour("to")} /></label></div>}
      <div class="acts"><button class={unsaved ? "primary" : ""} disabled={busy || !unsaved} data-deed="save" onClick={() => void save()}>{unsaved ? t("web_duty_save") : t("web_duty_is_saved")}</button>
        <button class="plain" disabled={!patrol.undo.length} onClick={undo}>{t("web_duty_undo")}</button><span class="spring" />
        <label class="plain file">{t("web_duty_open_file")}<input type="file" accept=".json,application/json" onChange={(e) => { void openFile(e.currentTarget.files?.[0]); e.currentTarget.value = ""; }} /></label>
        <button class="plain" onClick={() => download(`${p.date}-duty.json`, p)}>{t("web_duty_to_file")}</button></div>
    </section>
  );
}

function PlanRowView({ row }: { row: PlanRow }) {
  const a = patrol.a?.id === row.id, b = patrol.b?.id === row.id, ready = row.state === "made" || row.state === "adopted";
  const take = (as: "a" | "b") => readPlan(row.id).then((plan) => setPatrol(as === "a" ? { a: { id: row.id, plan }, b: b ? null : patrol.b, unit: "", stop: null } : { b: { id: row.id, plan } }), tellError);
  return (
    <li class={`plan-row ${a ? "on" : ""}`} data-plan={row.id} data-state={row.state}>
      <span class="what"><b>{row.name}</b> <span class="id">{row.id}</span><span class="where">{row.date} · {word("plan_state", row.state)}{row.author ? ` · ${row.author}` : ""}{ready && row.cost?.travel_s !== undefined ? ` · ${t("web_duty_travel", { time: costText("travel_s", row.cost.travel_s) })}` : ""}</span></span>
      {row.state === "making" && <progress max={1} value={row.progress ?? 0} aria-label={t("web_duty_making")} />}
      {ready && <span class="plan-acts">{row.feasible === false && <b class="late">{t("web_duty_left_short")}</b>}<button aria-pressed={a} onClick={() => void take("a")}>{t("web_duty_show")}</button>
        {patrol.a && !a && <button aria-pressed={b} onClick={() => (b ? setPatrol({ b: null }) : void take("b"))}>{t("web_duty_compare")}</button>}</span>}
    </li>
  );
}

function Plans() {
  const [rows, setRows] = useState<PlanRow[]>([]), [seconds, setSeconds] = useState(SECONDS[0]!), [seed, setSeed] = useState(1), [asked, setAsked] = useState(""), [busy, setBusy] = useState(false), [sure, setSure] = useState(false);
  const making = rows.some((r) => r.state === "making");
  const read = () => readPlans().then((list) => {
    setRows(list);
    const mine = list.find((r) => r.id === asked);
    if (!mine || mine.state === "making") return;
    setAsked("");
    if (mine.state === "made") readPlan(mine.id).then((plan) => setPatrol({ a: { id: mine.id, plan }, ...(patrol.a ? { b: patrol.a } : {}), unit: "", stop: null }), tellError);
    else tell(mine.reason || word("plan_state", mine.state), "bad");
  });
  useEffect(() => void read().catch(() => undefined), []);
  useEffect(() => {
    if (!making && !asked) return;
    const timer = setInterval(() => void read().catch(() => undefined), AGAIN_MS);
    return () => clearInterval(timer);
  }, [making, asked]);
  const make = async () => {
    setBusy(true);
    try {
      if (isUnsaved()) {
        const now = patrol.problem!;
        await saveProblem(now);
        setPatrol({ saved: now });
      }
      setAsked((await makePlan(seconds, seed)).id);
      setSeed(seed + 1);
      await read();
    } catch (error) {
      tellError(error);
    }
    setBusy(false);
  };
  const chosen = rows.find((r) => r.id === patrol.a?.id);
  const adopt = () => adoptPlan(chosen!.id).then(() => { tell(t("web_duty_adopted", { plan: chosen!.id })); setSure(false); return read(); }, tellError);
  return (
    <section class="plans">
      <div class="acts make-plan"><button class="primary" data-deed="make" disabled={busy || making || !patrol.problem} onClick={() => void make()}>{making ? t("web_duty_making") : t("web_duty_make")}</button>
        <label class="inline">{t("web_duty_seconds")}<select name="seconds" value={seconds} onChange={(e) => setSeconds(Number(e.currentTarget.value))}>{SECONDS.map((s) => <option key={s} value={s}>{t("web_age_s", { n: s })}</option>)}</select></label></div>
      <ul>{rows.map((r) => <PlanRowView key={r.id} row={r} />)}</ul>
      {patrol.a && <>
        <div class="acts plan-deeds">{mayPlan() && chosen?.state === "made" && (sure ? <><span>{t("web_duty_adopt_sure")}</span><button class="primary" data-deed="adopt-sure" onClick={() => void adopt()}>{t("web_duty_adopt_yes")}</button><button class="plain" onClick={() => setSure(false)}>{t("web_cancel")}</button></> : <button class="primary" data-deed="adopt" onClick={() => setSure(true)}>{t("web_duty_adopt")}</button>)}
          <button onClick={() => print()}>{t("web_duty_print")}</button><button class="plain" onClick={() => download(`${patrol.a!.id}-plan.json`, patrol.a!.plan)}>{t("web_duty_to_file")}</button><button class="plain" onClick={() => setPatrol({ a: null, b: null, unit: "", stop: null })}>{t("web_duty_hide")}</button></div>
        <PlanView a={patrol.a.plan} b={patrol.b?.plan ?? null} /></>}
    </section>
  );
}

function PlanPage() {
  const [problem, setProblem] = useState("");
  useEffect(() => void open().catch((e: Error) => setProblem(e.message)), []);
  if (problem) return <p class="field-error" role="alert">{problem}</p>;
  if (!patrol.read) return <p class="empty" role="status">{t("web_opening")}</p>;
  if (!patrol.problem) return (
    <div class="duty-first"><p>{t("web_duty_none")}</p><div class="acts"><button class="primary" data-deed="begin" onClick={() => void begin().catch(tellError)}>{t("web_duty_begin")}</button>
      <label class="plain file">{t("web_duty_open_file")}<input type="file" accept=".json,application/json" onChange={(e) => { void openFile(e.currentTarget.files?.[0]); e.currentTarget.value = ""; }} /></label></div></div>
  );
  return patrol.tab === "plan" ? <Plans /> : <><ProblemHead /><DutyEdit /></>;
}

function Timeline() {
  const a = patrol.a?.plan, b = patrol.b?.plan, [tall, setTall] = useState(false);
  const differing = useMemo(() => (a && b ? new Set(comparePlans(a, b).differences.map((d) => `${d.id}\n${d.n}`)) : null), [a, b]);
  if (!a) return null;
  const name = (plan: Plan, letter: string) => (b ? `${letter} ${plan.name}` : dayText(Date.parse(plan.date), "UTC"));
  return (
    <section class={`timeline-box ${tall ? "tall" : ""}`} aria-label={t("web_duty_gantt")}>
      <header><b>{t("web_duty_gantt")}</b><ChosenStop plan={a} /><button class="plain" aria-pressed={tall} onClick={() => setTall(!tall)}>{t("web_duty_taller")}</button></header>
      <GanttChart plan={a} beside={b ?? null} label={name(a, "A")} differing={differing} id="a" />{b && <GanttChart plan={b} beside={a} label={name(b, "B")} differing={differing} id="b" />}
      <GanttKey plan={a} />
    </section>
  );
}

export function PatrolPanel() {
  useStore();
  useEffect(holdMap, []);
  if (!mayPlan() && (patrol.tab === "tasks" || patrol.tab === "plan")) patrol.tab = mayFollow() ? "rounds" : may("dispatcher") ? "where" : "done";
  const planning = patrol.tab === "tasks" || patrol.tab === "plan";
  const tab = (name: Tab, text: string) => <button role="tab" aria-selected={patrol.tab === name} onClick={() => setPatrol({ tab: name })}>{text}</button>;
  return (
    <>
      <aside class="patrol" aria-label={t("web_screen_patrol")}>
        <div class="patrol-page">
          <nav class="patrol-tabs" role="tablist" aria-label={t("web_screen_patrol")}>{mayPlan() && tab("tasks", t("web_duty_tasks"))}{mayPlan() && tab("plan", t("web_duty_plans"))}{mayFollow() && tab("rounds", t("web_rounds"))}{may("planner", "commander", "chief") && tab("done", t("web_followed"))}{may("planner", "commander", "dispatcher") && tab("where", t("web_directed_tab"))}</nav>
          {planning && <PlanPage />}{patrol.tab === "rounds" && <RoundsPage />}{patrol.tab === "done" && <FollowedPage />}{patrol.tab === "where" && <WherePage />}
        </div>
        {planning && <Timeline />}
      </aside>
      {patrol.a && planning && <PrintPlan plan={patrol.a.plan} />}
    </>
  );
}
