// Rounds as they are driven: the day's list for who leads, and a unit's own sheet, with the "four ones" on a page: one roll call, one
// checklist, one route, one public post; above them what to do next. It is made for a phone in one hand.
import { useEffect, useRef, useState } from "preact/hooks";
import { ageText, hourText, readTime } from "../age";
import { ApiError } from "../api";
import type { LonLat } from "../geo";
import { t, word } from "../lang";
import { flyTo } from "../map/map";
import { fitTo, patrol, setPatrol, showElse } from "../patrol";
import { doRound, readProof, readRound, readRounds, sheetLink, type Proof, type ProvedStop, type Round, type RoundRow, type RoundStop } from "../patrol_api";
import { deskNow, state, tell, tellError, useNow } from "../store";
import { DeedForm } from "./form";
import { may } from "./options";
import { siteDay } from "./patrol";
import { PrintStops } from "./print";
import { provedText } from "./proved";
import { RoundChecks, RoundNotes } from "./round_record";

const REASONS = ["was_there", "called_away", "road_blocked", "place_shut", "danger", "device_failed", "no_time"], AGAIN_MS = 3_000, LATE_MS = 60_000, PROOFS = ["tag", "position", "qr", "photo"], WANTING = ["late", "short", "missed", "unknown"], PROVED_MS = 20_000, HAZARDS_MOST = 16;
const at = (time: string): string => hourText(readTime(time) ?? 0, state.view.zone);
export const nameOfStop = (s: { name: string | null; id: string; kind: string; n?: number }): string => `${s.name && s.name !== s.id ? s.name : s.kind === "break" || s.kind === "fixed" ? word("duty_kind", s.kind) : s.id}${(s.n ?? 1) > 1 ? ` #${s.n}` : ""}`;

/** The round on the map: its line, and each stop by its number. */
function draw(r: Round): void {
  const stops = r.stops.filter((s) => s.status !== "left" && s.status !== "handed").map((s) => ({ type: "Feature", properties: { nth: s.status === "planned" ? String(s.stop) : "✓", colour: 0, unit: r.unit }, geometry: { type: "Point", coordinates: s.from } }));
  const line = r.route ? r.route.coordinates : r.stops.flatMap((s) => [s.from, s.to]);
  showElse([{ type: "Feature", properties: { unit: r.unit, colour: 0, faint: false, straight: !r.route }, geometry: { type: "LineString", coordinates: line } }, ...stops]);
}

/** What the crew says of a stop, before anybody judges it. */
const Reason = ({ stop: s, say }: { stop: RoundStop; say: (s: RoundStop, reason: string) => void }) => (
  <select class="reason" data-reason={s.stop} aria-label={t("web_round_why", { name: nameOfStop(s) })} value={s.reason ?? ""} onChange={(e) => say(s, e.currentTarget.value)}>
    <option value="" disabled>{t("web_round_why_none")}</option>{REASONS.map((x) => <option key={x} value={x}>{word("round_reason", x)}</option>)}</select>
);
function StopRow({ round: r, stop: s, proved, prove, say }: { round: Round; stop: RoundStop; proved: ProvedStop | undefined; prove: (s: RoundStop, proof: string) => void; say: (s: RoundStop, reason: string) => void }) {
  const [open, setOpen] = useState<"" | "prove" | "why">(""), mayProve = (s.status === "planned" || s.status === "missed") && r.state !== "ended", mayWhy = may("patrol") && (s.status !== "done" || WANTING.includes(proved?.state ?? "")) && r.state !== "planned";
  return (
    <li class={`stop status-${s.status}`} data-stop={s.stop} data-status={s.status} data-proved={proved?.state ?? ""}>
      <button class="row" onClick={() => s.from && flyTo(s.from, 16)}><span class={`duty-mark ${s.must ? "" : "should"}`}>{word("duty_mark", s.kind)}</span>
        <span class="what"><b>{s.stop}. {nameOfStop(s)}</b><span class="where">{word("duty_kind", s.kind)} · {at(s.start)}–{at(s.end)}</span></span>
        <span class="since"><b class={s.status === "missed" || s.status === "late" || s.status === "short" ? "late" : ""}>{word("round_status", s.status)}</b>{s.handed_to ? <span>→ {s.handed_to}</span> : s.taken_from && <span>← {s.taken_from}</span>}{s.proof && <span>{word("round_proof", s.proof)}{s.visited_from && ` ${at(s.visited_from)}`}</span>}</span></button>
      {proved && <p class={`proved ${WANTING.includes(proved.state) ? "wanting" : ""}`}>{provedText(proved, s.kind)}</p>}
      {s.reason && !mayWhy && <p class="proved">{t("web_round_says", { reason: word("round_reason", s.reason) })}</p>}
      {(mayProve || mayWhy) && !open && <span class="stop-deeds">{mayProve && <button class="plain prove" onClick={() => setOpen("prove")}>{t("web_round_prove")}</button>}{mayWhy && <button class="plain why" data-why={s.stop} onClick={() => setOpen("why")}>{s.reason ? t("web_round_says", { reason: word("round_reason", s.reason) }) : t("web_round_why_ask")}</button>}</span>}
      {open === "prove" && <Proofs stop={s} prove={(stop, proof) => { setOpen(""); prove(stop, proof); }} />}
      {open === "why" && <Reason stop={s} say={(stop, reason) => { setOpen(""); say(stop, reason); }} />}
    </li>
  );
}
const Proofs = ({ stop, prove }: { stop: RoundStop; prove: (s: RoundStop, proof: string) => void }) => (
  <span class="proofs" role="group" aria-label={t("web_round_proved_by")}>{PROOFS.map((p) => <button key={p} data-proof={p} class={p === "tag" ? "primary" : ""} onClick={() => prove(stop, p)}>{word("round_proof", p)}</button>)}</span>
);

export function Sheet({ id, back }: { id: string; back: (() => void) | null }) {
  const [r, setRound] = useState<Round | null>(null), [problem, setProblem] = useState(""), [form, setForm] = useState<"" | "call" | "log">(""), now = useNow(), fitted = useRef(""), [proof, setProof] = useState<Proof | null>(null);
  const read = () => readRound(id).then((found) => { if (fitted.current !== id) fitTo(found.stops.map((s) => s.from as LonLat)); fitted.current = id; setRound(found); setProblem(""); draw(found); }, (e: Error) => setProblem(e.message));
  useEffect(() => {
    void read();
    const timer = setInterval(() => void read(), AGAIN_MS);
    return () => { clearInterval(timer); showElse(null); };
  }, [id]);
  const begun = !!r && r.state !== "planned";
  useEffect(() => { // positions are matched to roads for it: less often than the rest
    if (!begun) return;
    const look = () => readProof(id).then(setProof, () => setProof(null));
    void look();
    const timer = setInterval(() => void look(), PROVED_MS);
    return () => clearInterval(timer);
  }, [id, begun]);
  if (!r) return <p class={problem ? "field-error" : "empty"} role="status">{problem || t("web_opening")}</p>;
  const prove = (s: RoundStop, proof: string) => void doRound(id, "visits", { stop: s.stop, proof }).then(() => { tell(t("web_round_proved", { name: nameOfStop(s) })); return read(); }, tellError);
  const say = (s: RoundStop, reason: string) => void doRound(id, "reasons", { stop: s.stop, reason }).then(() => read(), tellError);
  const next = r.next && r.stops.find((s) => s.stop === r.next!.stop), posts = r.stops.filter((s) => s.kind === "hold"), wait_ms = next ? (readTime(next.start) ?? 0) - now : 0;
  const end = () => doRound(id, "end", {}).then(() => read(), tellError);
  return (
    <section class="sheet" data-round={id}>
      <header class="sheet-head">{back && <button class="plain" onClick={back}>‹ {t("web_rounds")}</button>}<h2>{r.unit}</h2><span class="state">{word("round_state", r.state)}</span><span class="sub">{at(r.leave)}–{at(r.back)}</span></header>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {r.state === "left" && <p class="lost-banner" role="status">{t("web_round_left", { order: r.left_for ?? "" })}</p>}
      {r.changed && r.state !== "left" && <p class="sub" role="status">{r.changed.together ? t("web_round_changed", { time: at(r.changed.at), unit: r.changed.unit ?? "", order: r.changed.order ?? "" }) : t("web_round_relaid", { time: at(r.changed.at), order: r.changed.order ?? "" })}</p>}
      {next && r.state !== "left" && (
        <div class="next-stop"><p class="sub">{t("web_round_next")}</p><p class="next-name"><span class="duty-mark">{word("duty_mark", next.kind)}</span><b>{nameOfStop(next)}</b></p>
          <p class={wait_ms < -LATE_MS ? "late" : ""}>{at(next.start)}–{at(next.end)} · {wait_ms >= 0 ? t("web_round_in", { age: ageText(wait_ms) }) : t("web_round_behind", { age: ageText(-wait_ms) })}</p>
          <Proofs stop={next} prove={prove} /><button class="plain" onClick={() => next.from && flyTo(next.from, 16)}>{t("web_round_on_map")}</button></div>)}
      <ol class="four">
        <li><h3>{t("web_round_one_call")}</h3>{r.roll_call ? <p class="good">{t("web_round_called", { n: r.roll_call.present, time: at(r.roll_call.at) })} · {r.roll_call.kit_complete ? t("web_round_kit") : t("web_round_kit_not")}</p> : form !== "call" && <button class="primary" data-deed="roll-call" onClick={() => setForm("call")}>{t("web_round_call")}</button>}
          {form === "call" && <DeedForm id={`call-${id}`} title={t("web_round_call")} submit={t("web_round_call_done")} close={() => setForm("")} start={{ kit: "yes" }} fields={[{ kind: "number", name: "present", label: t("web_round_present"), min: 1, max: 100, needed: true }, { kind: "number", name: "wanted", label: t("web_round_wanted"), min: 0, max: 100 }, { kind: "choice", name: "kit", label: t("web_round_kit_q"), options: [["yes", t("web_round_kit")], ["no", t("web_round_kit_not")]], needed: true }]}
            send={(v, key) => doRound(id, "roll-call", { present: Number(v.present), ...(v.wanted ? { wanted: Number(v.wanted) } : {}), kit_complete: v.kit === "yes" }, key)} done={() => { setForm(""); void read(); }} />}</li>
        <li><h3>{t("web_round_one_list")} <span class="count">{r.done}/{r.total}</span></h3><ul class="stops">{r.stops.map((s) => <StopRow key={s.stop} round={r} stop={s} proved={proof?.positions === 0 ? undefined : proof?.stops.find((p) => p.stop === s.stop)} prove={prove} say={say} />)}</ul></li>
        <li><h3>{t("web_round_one_route")}</h3><p class="links"><button class="plain" onClick={() => fitTo(r.stops.map((s) => s.from as LonLat))}>{t("web_round_on_map")}</button>{["ics", "gpx", "geojson"].map((f) => <a key={f} href={sheetLink(id, f)} download={`${id}.${f}`}>{word("round_file", f)}</a>)}<button class="plain" onClick={() => print()}>{t("web_round_print")}</button></p>
          {proof?.off_route.map((o) => <p key={o.from} class="proved wanting">{t("web_followed_off")}: {at(o.from)}–{at(o.until)}, {t("web_proved_off", { m: Math.round(o.farthest_m) })}</p>)}</li>
        <li><h3>{t("web_round_one_post")}</h3>{posts.length ? posts.map((s) => <p key={s.stop}>{nameOfStop(s)} · {at(s.start)}–{at(s.end)}</p>) : <p class="sub">{t("web_round_post_start")}</p>}</li>
      </ol>
      <section class="log"><h3>{t("web_round_log")}</h3>{r.log && <p>{t("web_round_log_says", { km: r.log.km, helped: r.log.helped, handed: r.log.handed_over })}{r.log.hazards.length > 0 && ` · ${t("web_round_hazards")}: ${r.log.hazards.map((h) => word("hazard", h)).join(t("web_list_comma"))}`}</p>}
        {form === "log" ? <DeedForm id={`log-${id}`} title={t("web_round_log")} submit={t("web_round_log_write")} close={() => setForm("")} start={{ helped: "0", handed: "0" }} fields={[{ kind: "number", name: "km", label: t("web_round_km"), min: 0, max: 2000, needed: true }, { kind: "number", name: "helped", label: t("web_round_helped"), min: 0, max: 10000 }, { kind: "number", name: "handed", label: t("web_round_handed"), min: 0, max: 10000 }, { kind: "text", name: "hazards", label: t("web_round_hazards"), hint: t("web_round_hazards_hint"), max: 200 }]}
          send={(v, key) => doRound(id, "log", { km: Number(v.km), helped: Number(v.helped || 0), handed_over: Number(v.handed || 0), ...(v.hazards ? { hazards: v.hazards.split(/[\s,，、]+/).filter(Boolean).slice(0, HAZARDS_MOST) } : {}) }, key)} done={() => { setForm(""); void read(); }} />
          : <span class="acts"><button data-deed="log" onClick={() => setForm("log")}>{t("web_round_log_write")}</button>{r.state !== "ended" && r.state !== "planned" && <button onClick={() => void end()}>{t("web_round_end")}</button>}</span>}<RoundNotes round={r} again={() => void read()} /></section>
      <RoundChecks round={r} again={() => void read()} />
      <div class="on-paper sheet-paper" aria-hidden="true"><section><h1>{r.unit} · {id}</h1><p>{at(r.leave)}–{at(r.back)}</p><PrintStops stops={r.stops.filter((s) => s.status !== "handed").map((s) => ({ ...s, id: nameOfStop(s) }))} /><p class="sign">{t("web_duty_sign")}</p></section></div>
    </section>
  );
}

export function RoundsPage() {
  const [day, setDay] = useState(""), [rows, setRows] = useState<RoundRow[] | null>(null), [problem, setProblem] = useState(""), now = useNow();
  useEffect(() => {
    let gone = false;
    const read = () => readRounds(day).then((list) => { if (!gone) { setRows(list); setProblem(""); } }, (e: ApiError) => { if (!gone) { setRows([]); setProblem(e.message); } });
    void read();
    const timer = setInterval(() => void read(), AGAIN_MS);
    return () => { gone = true; clearInterval(timer); };
  }, [day]);
  if (patrol.round) return <Sheet key={patrol.round} id={patrol.round} back={() => setPatrol({ round: "" })} />;
  return (
    <section class="rounds">
      <label class="inline">{t("web_duty_date")}<input type="date" name="rounds-day" value={day || rows?.[0]?.leave.slice(0, 10) || siteDay(deskNow())} onChange={(e) => e.currentTarget.value && setDay(e.currentTarget.value)} /></label>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      <ul>{rows?.map((r) => <li key={r.id}><button class="row" data-round={r.id} onClick={() => setPatrol({ round: r.id })}><span class={`round-state state-${r.state}`} aria-hidden="true" />
        <span class="what"><b>{r.unit}</b><span class="where">{word("round_state", r.state)}{r.next ? ` · ${t("web_round_next")}: ${nameOfStop(r.next)} ${at(r.next.start)}` : ""}</span></span>
        <span class="since"><b>{r.done}/{r.total}</b><span class={r.late_s * 1000 > LATE_MS ? "late" : ""}>{r.late_s * 1000 > LATE_MS ? t("web_round_behind", { age: ageText(r.late_s * 1000) }) : (readTime(r.leave) ?? 0) > now ? t("web_round_leaves", { time: at(r.leave) }) : ""}</span></span></button></li>)}</ul>
      {rows?.length === 0 && !problem && <p class="empty">{t("web_rounds_none")}</p>}
    </section>
  );
}
