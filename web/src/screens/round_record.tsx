// What is written of a round beside its stops: notes of its log, which are sealed and read with a look on record, and supervision checks, on
// which the crew has the first word.
import { useState } from "preact/hooks";
import { hourText, readTime } from "../age";
import { t, word } from "../lang";
import { doRound, lookAtNotes, type Round, type RoundCheck, type RoundNote } from "../patrol_api";
import { state, tellError } from "../store";
import { DeedForm } from "./form";
import { may } from "./options";
import { nameOfStop } from "./rounds";

const NOTE_MOST = 500, FOUND = ["reached", "not_reached", "on_post", "not_on_post"], WORDS = ["agreed", "was_there", "called_away", "on_break", "no_signal", "danger", "device_failed"];
const at = (time: string): string => hourText(readTime(time) ?? 0, state.view.zone);
interface Part { round: Round; again: () => void }

export function RoundNotes({ round: r, again }: Part) {
  const [form, setForm] = useState<"" | "note" | "look">(""), [notes, setNotes] = useState<RoundNote[] | null>(null);
  const closed = () => setForm("");
  return (
    <div class="round-notes">
      {notes?.map((n) => <p key={n.seq} data-note={n.seq}>{at(n.at)} · {n.erased ? t("web_look_erased") : n.note}</p>)}
      {form === "note" ? <DeedForm id={`note-${r.id}`} title={t("web_round_note")} intro={t("web_round_note_hint")} submit={t("web_round_note")} close={closed} fields={[{ kind: "long", name: "note", label: t("web_round_notes"), max: NOTE_MOST, needed: true }]}
        send={(v, key) => doRound(r.id, "notes", { note: v.note }, key)} done={() => { closed(); setNotes(null); again(); }} />
        : form === "look" ? <DeedForm id={`notes-${r.id}`} title={t("web_round_notes")} intro={t("web_look_intro")} submit={t("web_look_submit")} close={closed} fields={[{ kind: "text", name: "purpose", label: t("web_look_what_for"), max: 200, needed: true }]}
          send={(v) => lookAtNotes(r.id, v.purpose ?? "").then(setNotes)} done={closed} />
          : <span class="acts">{r.state !== "planned" && <button data-deed="note" onClick={() => setForm("note")}>{t("web_round_note")}</button>}{r.notes > 0 && !notes && <button data-deed="look" onClick={() => setForm("look")}>{t("web_round_notes_read", { n: r.notes })}</button>}</span>}
    </div>
  );
}

function CheckRow({ round: r, check: c, again }: Part & { check: RoundCheck }) {
  const stop = r.stops.find((s) => s.stop === c.stop), say = (chosen: string) => void doRound(r.id, "check-answers", { number: c.number, word: chosen }).then(again, tellError);
  return (
    <li data-check={c.number}><b>{c.answer ? word("check_answer", c.answer) : word("check_kind", c.kind)}</b>{!c.answer && <span class="sub"> {t("web_check_hidden")}</span>}
      <p class="sub">{at(c.at)} · {t(c.announced ? "web_check_announced" : "web_check_unannounced")}{stop && ` · ${nameOfStop(stop)}`} · {c.by}</p>
      {may("patrol") ? <select class="check-word" data-word={c.number} aria-label={t("web_check_say")} value={c.word ?? ""} onChange={(e) => say(e.currentTarget.value)}><option value="" disabled>{t("web_check_say")}</option>{WORDS.map((w) => <option key={w} value={w}>{word("check_word", w)}</option>)}</select>
        : c.word && <p>{t("web_check_say")}: {word("check_word", c.word)}</p>}</li>
  );
}

/** Of this round and its duty; they are not counted. */
export function RoundChecks({ round: r, again }: Part) {
  const [open, setOpen] = useState(false), lead = may("commander") && r.state !== "planned";
  if (!lead && !r.checks.length) return null;
  return (
    <section class="checks"><h3>{t("web_checks")}</h3>
      <ul>{r.checks.map((c) => <CheckRow key={c.number} round={r} check={c} again={again} />)}</ul>
      {lead && (open ? <DeedForm id={`check-${r.id}`} title={t("web_check_new")} intro={t("web_check_hint")} submit={t("web_check_new")} close={() => setOpen(false)} start={{ announced: "no" }}
        fields={[{ kind: "choice", name: "answer", label: t("web_check_found"), options: FOUND.map((f) => [f, word("check_answer", f)]), needed: true }, { kind: "choice", name: "announced", label: t("web_check_announced_q"), options: [["no", t("web_check_unannounced")], ["yes", t("web_check_announced")]], needed: true }, { kind: "select", name: "stop", label: t("web_check_post"), options: [["", "–"], ...r.stops.map((s): [string, string] => [String(s.stop), `${s.stop}. ${nameOfStop(s)}`])] }]}
        send={(v, key) => doRound(r.id, "checks", { kind: v.answer!.endsWith("reached") ? "phone" : "field", announced: v.announced === "yes", answer: v.answer, ...(v.stop ? { stop: Number(v.stop) } : {}) }, key)} done={() => { setOpen(false); again(); }} />
        : <span class="acts"><button data-deed="check" onClick={() => setOpen(true)}>{t("web_check_new")}</button></span>)}</section>
  );
}
