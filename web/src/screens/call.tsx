// A call, by keyboard alone: type, place, priority, words; duplicates and earlier events are shown while one types and
// before anything is saved. What was typed stays until the server has it, also when the pane is closed meanwhile.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ageText } from "../age";
import { ApiError, newKey } from "../api";
import { findDuplicates } from "../duplicates";
import { afterDrawing, whileSaving } from "../focus";
import { codeName, codeTable, findCodes, lang, t, word } from "../lang";
import { isAlone, keepCall, outbox } from "../keeper";
import { mapLink, showMarker } from "../map/map";
import type { NewCall, Priority } from "../model";
import { deedOf, type CallKeys, type Entry } from "../outbox";
import { closePane, deskNow, openCall, openIncident, set, state, tell, useNow, useStore, useWall } from "../store";
import { Combo } from "./combo";
import { EarlierHere } from "./history";
import { PriorityMark } from "./lists";
import { CHANNELS, options, SETTLE_REASONS } from "./options";
import { PlaceInput } from "./places";
import { whereText } from "./where";

interface Draft extends NewCall {
  typeText: string;
  placeText: string;
  prioritySet: boolean; // by hand; else it follows the type
  started_ms: number;
}
const fresh = (): Draft => ({ type: "", typeText: "", priority: 3, prioritySet: false, channel: "phone", address: "", placeText: "", words: "", caller_name: "", caller_phone: "", started_ms: Date.now() });
const newKeys = (): CallKeys => ({ call: newKey(), incident: newKey() });
let kept: { draft: Draft; keys: CallKeys; mended?: Entry } | null = null;

/** Opens a call that was refused, to be mended: what is saved then takes its place. */
export function mendCall(entry: Entry): void {
  const call = entry.deed!.call;
  kept = { draft: { ...fresh(), ...call, typeText: codeName("incident_types", call.type), placeText: call.address || (call.position ? `${call.position[1].toFixed(5)}, ${call.position[0].toFixed(5)}` : ""), prioritySet: true }, keys: newKeys(), mended: entry };
  openCall();
}
/** Saves a call: on this machine's disk first, then with the server. True when the form has done its part. */
async function saveCall(call: NewCall, keys: CallKeys, mended: Entry | undefined, refused: (field: string, text: string) => void): Promise<boolean> {
  const made_ms = mended?.made_ms ?? deskNow(), made = await keepCall(made_ms, deedOf(call, keys, made_ms, mended?.deed?.body.via === "console" || isAlone() ? "console" : undefined), mended?.order);
  if (made.how === "refused") {
    const entry = outbox.entries.find((e) => e.deed?.keys.call === keys.call);
    if (kept?.keys.call !== keys.call) return true; // the form holds something else by now: it stays in the list
    if (entry) await outbox.remove(entry.order);
    delete kept.mended; // what it replaced is gone
    refused(made.field, made.text);
    return false;
  }
  const isShown = kept?.keys.call === keys.call && state.pane === "call"; // else somebody has gone on to something else
  if (kept?.keys.call === keys.call) kept = null;
  if (made.how === "waiting") tell(t("web_outbox_here", { n: outbox.of(state.session!.account).length }));
  else if (made.how === "kept") tell(t("web_call_kept", { receipt: made.receipt }));
  else if (made.undecided) tell(t("web_outbox_undecided", { call: made.call, why: made.undecided }), "bad");
  else tell(call.link ? t("web_call_linked", { call: made.call, incident: made.incident }) : call.settle ? t("web_call_settled", { call: made.call }) : t("web_call_saved", { call: made.call }));
  if (isShown && made.how === "recorded" && made.incident) openIncident(made.incident);
  else if (isShown) closePane();
  return true;
}

export function CallPane() {
  const s = useStore(), now = useNow(), wall = useWall();
  const [draft, setDraft] = useState<Draft>(() => kept?.draft ?? fresh());
  const [problem, setProblem] = useState<{ field: string; text: string } | null>(null);
  const [busy, setBusy] = useState(false), [settling, setSettling] = useState(false);
  const keys = useRef(kept?.keys ?? newKeys()), form = useRef<HTMLFormElement>(null);
  kept = { ...(kept?.mended ? { mended: kept.mended } : {}), draft, keys: keys.current };
  const change = (patch: Partial<Draft>) => {
    setProblem(null);
    keys.current = newKeys(); // another content is another deed
    setDraft((d) => ({ ...d, ...patch }));
  };

  useLayoutEffect(() => { // before the next key can arrive
    form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus();
    mapLink.pick = (at) => change({ position: at, placeText: `${at[1].toFixed(5)}, ${at[0].toFixed(5)}`, address: "" });
    return () => {
      mapLink.pick = null;
    };
  }, []);
  useEffect(() => showMarker(draft.position ?? null), [draft.position]);

  const types = useMemo(() => findCodes("incident_types", draft.typeText), [draft.typeText, s.lang]);
  const duplicates = findDuplicates({ type: draft.type, ...(draft.position ? { position: draft.position } : {}), at_ms: now }, s.board.incidents.values());

  const save = async (how: Pick<NewCall, "link" | "settle"> = {}) => {
    const row = draft.type ? undefined : types[0];
    const type = draft.type || (draft.typeText && row ? row.code : "");
    if (!type) {
      setProblem({ field: "type", text: t("web_call_type_missing") });
      form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus();
      return;
    }
    setBusy(true);
    try {
      const { typeText: _, placeText: __, prioritySet: ___, started_ms: ____, ...call } = draft;
      await whileSaving(form.current!, closePane, () => saveCall({ ...call, type, ...how }, keys.current, kept?.mended, (field, text) => setProblem({ field, text })));
    } catch (error) {
      setProblem({ field: error instanceof ApiError ? error.field : "", text: (error as Error).message });
    }
    setBusy(false);
  };
  const settle = () => {
    setSettling(!settling);
    if (!settling) afterDrawing(() => form.current?.querySelector<HTMLElement>(".settle button")?.focus());
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.altKey && e.code === "KeyS") {
      e.preventDefault();
      settle();
    }
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      void save();
    }
    const n = Number(e.code.replace("Digit", ""));
    const wanted = e.altKey && n >= 1 ? duplicates[n - 1] : undefined;
    if (wanted) {
      e.preventDefault();
      void save({ link: wanted.incident.id });
    }
  };
  const error = (field: string) => problem?.field === field && <p class="field-error" role="alert">{problem.text}</p>;

  return (
    <form class="pane call-pane" autocomplete="off" ref={form} onKeyDown={onKey} onSubmit={(e) => { e.preventDefault(); void save(); }} aria-label={t("web_new_call")}>
      <header class="pane-head"><h2>{t("web_new_call")}</h2><span class="since">{t("web_call_running", { age: ageText(wall - draft.started_ms) })}</span>
        {!state.alone && <button type="button" class="plain paper-open" onClick={() => set({ pane: "paper" })}>{t("web_paper")}</button>}
        <button type="button" class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>

      <Combo name="type" label={t("web_call_type")} value={draft.typeText} placeholder={t("web_call_type_hint")} options={types.slice(0, 12)} optionKey={(r) => r.code}
        option={(r) => <><PriorityMark priority={r.priority ?? 3} /><span class="what">{codeName("incident_types", r.code)}</span><span class="code">{lang() === "zh" ? r.en : r.zh}</span></>}
        onInput={(typed) => change({ typeText: typed, type: "" })} autoFirst
        onChoose={(r) => change({ type: r.code, typeText: codeName("incident_types", r.code), ...(draft.prioritySet ? {} : { priority: (r.priority ?? 3) as Priority }) })} />
      {error("type")}
      <PlaceInput name="place" label={t("web_call_place")} value={draft.placeText} failed={(text) => setProblem({ field: "address", text: isAlone() ? t("web_outbox_place") : text })}
        typed={(text, at) => {
          change({ placeText: text, address: at ? "" : text });
          setDraft(({ position: _, ...rest }) => (at ? { ...rest, position: at } : rest));
        }}
        chosen={(place) => change({ placeText: place.name, address: place.name, position: place.position })} />
      <p class={`place-state ${draft.position ? "good" : ""}`}>{draft.position ? t("web_call_place_found", { lat: draft.position[1].toFixed(5), lon: draft.position[0].toFixed(5) }) : t("web_call_place_open")}</p>
      {error("address")}{error("position")}

      <fieldset class="prios"><legend>{t("web_call_priority")}</legend>
        {codeTable("priorities").map((r) => (
          <label key={r.code} class={draft.priority === Number(r.code) ? "on" : ""}><input type="radio" name="priority" value={r.code} checked={draft.priority === Number(r.code)}
            onChange={() => change({ priority: Number(r.code) as Priority, prioritySet: true })} /><PriorityMark priority={Number(r.code)} />{codeName("priorities", r.code)}</label>))}
      </fieldset>{error("priority")}
      <label>{t("web_call_words")}<textarea name="words" rows={3} maxLength={1300} value={draft.words} onInput={(e) => change({ words: e.currentTarget.value })} /></label>{error("words")}
      <div class="two">
        <label>{t("web_call_caller")}<input name="caller_name" maxLength={60} autocomplete="off" value={draft.caller_name} onInput={(e) => change({ caller_name: e.currentTarget.value })} /></label>
        <label>{t("web_call_phone")}<input name="caller_phone" maxLength={40} inputMode="tel" autocomplete="off" value={draft.caller_phone} onInput={(e) => change({ caller_phone: e.currentTarget.value })} /></label>
      </div>{error("caller_name")}{error("caller_phone")}
      <label>{t("web_call_channel")}<select name="channel" value={draft.channel} onChange={(e) => change({ channel: e.currentTarget.value })}>{options("channel", CHANNELS).map(([c, name]) => <option key={c} value={c}>{name}</option>)}</select></label>

      {duplicates.length > 0 && (
        <section class="duplicates" role="region" aria-live="polite" aria-label={t("web_duplicates")}>
          <h3>{t("web_duplicates")}</h3>
          {duplicates.map((d, n) => (
            <div class="duplicate" key={d.incident.id}>
              <PriorityMark priority={d.incident.priority} />
              <span class="what"><b>{codeName("incident_types", d.incident.type)}</b> <span class="where">{whereText(d.incident)}</span><br />
                <span class="where">{d.incident.id} · {t("web_duplicate_near", { m: Math.round(d.distance_m / 10) * 10, age: ageText(d.age_ms) })} · {word("incident_state", d.incident.state)}</span></span>
              <button type="button" disabled={busy} onClick={() => void save({ link: d.incident.id })}>{t("web_duplicate_join")} <kbd>Alt {n + 1}</kbd></button>
            </div>))}
        </section>)}
      <EarlierHere position={draft.position} />

      {problem && !["type", "address", "position", "priority", "words", "caller_name", "caller_phone"].includes(problem.field) && <p class="field-error" role="alert">{problem.text} {t("web_kept")}</p>}
      {settling && (
        <fieldset class="chips settle"><legend>{t("web_call_settle_why")}</legend>
          {options("settle_reason", SETTLE_REASONS).map(([reason, name], n) => <button type="button" key={reason} disabled={busy} autofocus={n === 0} onClick={() => void save({ settle: reason as typeof SETTLE_REASONS[number] })}>{name}</button>)}
        </fieldset>)}
      <footer class="pane-foot"><button class="primary" disabled={busy}>{busy ? t("web_saving") : duplicates.length ? t("web_call_save_new") : t("web_call_save")} <kbd>Ctrl ↵</kbd></button>
        <button type="button" aria-expanded={settling} onClick={settle}>{t("web_call_settle")} <kbd>Alt S</kbd></button>
        <button type="button" class="plain" onClick={() => { kept = null; keys.current = newKeys(); setDraft(fresh()); setProblem(null); setSettling(false); form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus(); }}>{t("web_call_clear")}</button></footer>
    </form>
  );
}

/** Signing out leaves nothing of it for who comes next. */
export function forgetDraft(): void {
  kept = null;
}
