// What of the day's rounds is done: what crews report and what positions and tags prove, side by side, as sums of three crews and more; and what was
// missed, late or too short, one by one in the order of the day, with the crew's own word. No unit and no person is set beside another.
import { useEffect, useState } from "preact/hooks";
import { hourText, readTime } from "../age";
import { ApiError } from "../api";
import { t, word } from "../lang";
import { flyTo } from "../map/map";
import { patrol, setPatrol, showElse } from "../patrol";
import { readAdherence, readProof, readRound, readRounds, type Adherence, type Proof, type ProvedStop, type Round, type RoundStop } from "../patrol_api";
import { deskNow, state } from "../store";
import { may } from "./options";
import { siteDay } from "./patrol";
import { PresencePage } from "./presence";
import { nameOfStop } from "./rounds";
import { provedText } from "./proved";

const AGAIN_MS = 15_000, STATUSES = ["done", "late", "short", "missed", "left", "planned"], PROVED: Record<string, keyof Adherence | undefined> = { done: "done", late: "late", short: "short", missed: "missed", left: "called", unknown: "unknown" };
const PROOFS = ["tag", "position", "road", "qr", "photo"], TOLD = ["missed", "late", "short", "left"], FOUND = ["missed", "late", "short", "unknown"], LEAST_CREWS = 3;
const at = (time: string): string => hourText(readTime(time) ?? 0, state.view.zone);
const judged = (s: RoundStop): boolean => s.kind !== "break" && s.kind !== "fixed";

interface Day { rounds: Round[]; proofs: Map<string, Proof>; sums: Adherence | null; over: string }
/** Rounds of a day that is over are shown to nobody, their sums are. */
async function readDay(day: string, gone: () => boolean): Promise<Day> {
  const found: Day = { rounds: [], proofs: new Map(), sums: null, over: "" };
  if (may("planner", "commander", "chief")) found.sums = await readAdherence(day);
  if (!may("commander") || gone()) return found;
  try {
    for (const row of await readRounds(day)) {
      if (gone()) return found;
      found.rounds.push(await readRound(row.id));
      if (row.state !== "planned") found.proofs.set(row.id, await readProof(row.id));
    }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    found.over = error.message;
  }
  return found;
}

interface Line { r: Round; s: RoundStop; proved: ProvedStop | undefined }
function Sums({ lines, sums, crews }: { lines: Line[]; sums: Adherence | null; crews: number }) {
  const said = crews >= LEAST_CREWS, proved = !!sums?.told, count = (of: (l: Line) => boolean) => lines.filter(of).length, dash = <span class="sub">–</span>;
  if (!said && !proved) return <p class="hint" role="status">{t("web_followed_few", { n: sums?.least_crews ?? LEAST_CREWS })}</p>;
  const rows = [...STATUSES.slice(0, -1), "unknown", "planned"];
  return <>
    <table class="costs followed-counts"><caption>{t("web_followed_sums")}</caption><thead><tr><th><span class="unseen">{t("web_followed")}</span></th><th>{t("web_followed_said")}</th><th>{t("web_followed_proved")}</th></tr></thead>
      <tbody>{rows.map((v) => <tr key={v} data-status={v}><th scope="row">{v === "unknown" ? word("proved_state", v) : word("round_status", v)}</th><td>{said && v !== "unknown" ? count(({ s }) => s.status === v) : dash}</td><td>{proved && PROVED[v] ? String(sums![PROVED[v]!]) : dash}</td></tr>)}</tbody></table>
    {said && <p class="sub">{t("web_round_proved_by")}: {PROOFS.map((p) => `${word("round_proof", p)} ${count(({ s, proved: q }) => (q?.proof ?? s.proof) === p)}${p === "qr" || p === "photo" ? ` ${t("web_followed_weaker")}` : ""}`).join(" · ")}</p>}
  </>;
}
function Told({ l: { r, s, proved } }: { l: Line }) {
  const text = proved && provedText(proved, s.kind);
  return (
    <li><button class="row" data-status={s.status} data-proved={proved?.state ?? ""} onClick={() => s.from && flyTo(s.from, 15)}><span class="duty-mark left">{word("duty_mark", s.kind)}</span>
      <span class="what"><b>{nameOfStop(s)}</b><span class="where">{at(s.start)}–{at(s.end)} · {r.unit}</span>{text && <span class="where proved">{t("web_followed_proved")}: {text}</span>}</span>
      <span class="since"><b class={TOLD.includes(s.status) ? "late" : ""}>{word("round_status", s.status)}</b>{s.proof && <span>{word("round_proof", s.proof)}</span>}{s.reason && <span>{word("round_reason", s.reason)}</span>}</span></button>
      <button class="plain" onClick={() => setPatrol({ tab: "rounds", round: r.id })}>{t("web_followed_sheet")}</button></li>
  );
}
function Visits() {
  const [day, setDay] = useState(siteDay(deskNow())), [found, setFound] = useState<Day | null>(null), [problem, setProblem] = useState("");
  useEffect(() => {
    let gone = false, timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const now = await readDay(day, () => gone);
        if (gone) return;
        setFound(now);
        setProblem("");
        const points = now.rounds.flatMap((r) => r.stops.filter((s) => TOLD.includes(s.status)).map((s) => ({ type: "Feature", properties: { nth: word("round_status", s.status), colour: 1, unit: "" }, geometry: { type: "Point", coordinates: s.from } })));
        showElse(points);
      } catch (error) {
        if (!gone) { setFound({ rounds: [], proofs: new Map(), sums: null, over: "" }); setProblem((error as Error).message); }
      }
      if (!gone) timer = setTimeout(() => void read(), AGAIN_MS);
    };
    void read();
    return () => { gone = true; clearTimeout(timer); showElse(null); };
  }, [day]);
  const silent = [...(found?.proofs.values() ?? [])].filter((p) => !p.positions).length, proofOf = (id: string) => { const p = found!.proofs.get(id); return p?.positions ? p : undefined; };
  const lines: Line[] = (found?.rounds ?? []).flatMap((r) => r.stops.filter(judged).map((s) => ({ r, s, proved: proofOf(r.id)?.stops.find((p) => p.stop === s.stop) })));
  const told = lines.filter(({ s, proved }) => TOLD.includes(s.status) || FOUND.includes(proved?.state ?? "")).sort((a, b) => (readTime(a.s.start) ?? 0) - (readTime(b.s.start) ?? 0));
  const waiting = lines.filter(({ proved }) => proved?.state === "crew_first").length, off = [...(found?.proofs.values() ?? [])].flatMap((p) => p.off_route), crews = new Set((found?.rounds ?? []).filter((r) => r.stops.some(judged)).map((r) => r.unit)).size;
  return (
    <section class="followed">
      <label class="inline">{t("web_duty_date")}<input type="date" name="followed-day" value={day} onChange={(e) => e.currentTarget.value && setDay(e.currentTarget.value)} /></label>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {!found && !problem && <p class="empty" role="status">{t("web_opening")}</p>}
      {found && (lines.length > 0 || found.sums?.told) && <Sums lines={lines} sums={found.sums} crews={crews} />}
      {found?.over && <p class="hint">{found.over}</p>}
      {lines.length > 0 && <>
        <h3>{t("web_followed_told")}<span class="count">{told.length}</span></h3>
        <ul class="told">{told.map((l) => <Told key={`${l.r.id}${l.s.stop}`} l={l} />)}</ul>
        {silent > 0 && <p class="hint">{t("web_followed_silent", { n: silent })}</p>}
        {waiting > 0 && <p class="hint" data-waiting={waiting}>{t("web_followed_waiting", { n: waiting })}</p>}
        {!told.length && !waiting && <p class="good">{t("web_followed_all")}</p>}
        <h3>{t("web_followed_off")}<span class="count">{off.length}</span></h3>
        {off.length ? <ul class="told">{off.map((o) => <li key={o.from}><button class="row" data-off onClick={() => flyTo(o.at, 14)}><span class="duty-mark left" aria-hidden="true">↗</span><span class="what"><b>{at(o.from)}–{at(o.until)}</b><span class="where">{t("web_proved_off", { m: Math.round(o.farthest_m) })}</span></span></button></li>)}</ul> : <p class="sub">{t("web_followed_off_none")}</p>}</>}
      {found && !lines.length && !found.sums?.told && !found.over && !problem && <p class="empty">{t("web_rounds_none")}</p>}
      <p class="hint">{t("web_followed_hint")}</p>
    </section>
  );
}

export function FollowedPage() {
  const part = (name: typeof patrol.done, text: string) => <button aria-pressed={patrol.done === name} data-part={name} onClick={() => setPatrol({ done: name })}>{text}</button>;
  return <>
    <div class="parts" role="group" aria-label={t("web_followed")}>{part("visits", t("web_followed_visits"))}{part("presence", t("web_presence"))}</div>
    {patrol.done === "presence" ? <PresencePage /> : <Visits />}
  </>;
}
