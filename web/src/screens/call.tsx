// A call, by keyboard alone: type, place, priority, words; duplicates and earlier events are shown while one types and
// before anything is saved. What was typed stays until the server has it, also when the pane is closed meanwhile.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ageText, dayText, timeText } from "../age";
import { ApiError, newKey, type CallKeys } from "../api";
import { earlierHere, findDuplicates } from "../duplicates";
import { parseCoordinates } from "../geo";
import { codeName, codeTable, findCodes, t, word } from "../lang";
import { flyTo, mapLink, showMarker } from "../map/map";
import type { NewCall, Place, Priority } from "../model";
import { api, openIncident, set, state, tell, useNow, useStore } from "../store";
import { Combo } from "./combo";
import { PriorityMark } from "./lists";
import { whereText } from "./where";

const CHANNELS = ["phone", "text", "app", "three_way", "alarm", "walk_in", "patrol"];

interface Draft extends NewCall {
  typeText: string;
  placeText: string;
  known: boolean; // the place is a street, crossing or named place of the gazetteer
  prioritySet: boolean; // by hand; else it follows the type
  started_ms: number;
}
const fresh = (): Draft => ({ type: "", typeText: "", priority: 3, prioritySet: false, channel: "phone", address: "", placeText: "", known: false, words: "", caller_name: "", caller_phone: "", started_ms: Date.now() });
const newKeys = (): CallKeys => ({ call: newKey(), incident: newKey() });
let kept: { draft: Draft; keys: CallKeys } | null = null;

export function CallPane() {
  const s = useStore(), now = useNow();
  const [draft, setDraft] = useState<Draft>(() => kept?.draft ?? fresh());
  const [problem, setProblem] = useState<{ field: string; text: string } | null>(null);
  const [busy, setBusy] = useState(false), [places, setPlaces] = useState<Place[]>([]);
  const keys = useRef(kept?.keys ?? newKeys()), asked = useRef(0), form = useRef<HTMLFormElement>(null);
  kept = { draft, keys: keys.current };
  const change = (patch: Partial<Draft>) => {
    setProblem(null);
    keys.current = newKeys(); // another content is another deed
    setDraft((d) => ({ ...d, ...patch }));
  };

  useLayoutEffect(() => { // before the next key can arrive
    form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus();
    mapLink.pick = (at) => change({ position: at, placeText: `${at[1].toFixed(5)}, ${at[0].toFixed(5)}`, address: "", known: false });
    return () => {
      mapLink.pick = null;
    };
  }, []);
  useEffect(() => showMarker(draft.position ?? null), [draft.position]);

  const types = useMemo(() => findCodes("incident_types", draft.typeText), [draft.typeText, s.lang]);
  const duplicates = findDuplicates({ type: draft.type, ...(draft.position ? { position: draft.position } : {}), at_ms: now }, s.board.incidents.values());
  const earlier = earlierHere(draft.position, draft.known, now, s.board.incidents.values());

  const typePlace = (typed: string) => {
    const at = parseCoordinates(typed);
    change({ placeText: typed, address: typed, known: false, ...(at ? { position: at } : {}) });
    if (!at) setDraft((d) => { const { position: _, ...rest } = d; return rest as Draft; });
    const mine = ++asked.current;
    if (at || typed.trim().length < 1) {
      setPlaces([]);
      if (at) flyTo(at);
      return;
    }
    setTimeout(() => {
      if (mine !== asked.current) return;
      api.places(typed, mapLink.map ? [mapLink.map.getCenter().lng, mapLink.map.getCenter().lat] : undefined).then((found) => {
        if (mine === asked.current) setPlaces(found);
      }, (error: Error) => {
        if (mine === asked.current) setProblem({ field: "address", text: error.message });
      });
    }, 60);
  };
  const choosePlace = (p: Place) => {
    asked.current++;
    setPlaces([]);
    change({ placeText: p.name, address: p.name, position: p.position, known: !p.dwelling });
    flyTo(p.position);
  };

  const save = async (link?: string) => {
    const row = draft.type ? undefined : types[0];
    const type = draft.type || (draft.typeText && row ? row.code : "");
    if (!type) {
      setProblem({ field: "type", text: t("web_call_type_missing") });
      form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus();
      return;
    }
    setBusy(true);
    try {
      const made = await api.takeCall({ ...draft, type, ...(link ? { link } : {}) }, keys.current);
      kept = null;
      tell(link ? t("web_call_linked", { call: made.call, incident: link }) : t("web_call_saved", { call: made.call }));
      const incident = made.incident || link;
      if (incident) openIncident(incident);
      else set({ pane: "none", sheet: "map" });
    } catch (error) {
      setProblem({ field: error instanceof ApiError ? error.field : "", text: (error as Error).message });
    }
    setBusy(false);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      void save();
    }
    const n = Number(e.code.replace("Digit", ""));
    const wanted = e.altKey && n >= 1 ? duplicates[n - 1] : undefined;
    if (wanted) {
      e.preventDefault();
      void save(wanted.incident.id);
    }
  };
  const error = (field: string) => problem?.field === field && <p class="field-error" role="alert">{problem.text}</p>;

  return (
    <form class="pane call-pane" ref={form} onKeyDown={onKey} onSubmit={(e) => { e.preventDefault(); void save(); }} aria-label={t("web_new_call")}>
      <header class="pane-head"><h2>{t("web_new_call")}</h2><span class="since">{t("web_call_running", { age: ageText(now - draft.started_ms) })}</span>
        <button type="button" class="plain" onClick={() => set({ pane: "none", sheet: "map" })} aria-label={t("web_close")}>×</button></header>

      <Combo name="type" label={t("web_call_type")} value={draft.typeText} placeholder={t("web_call_type_hint")} options={types.slice(0, 12)} optionKey={(r) => r.code}
        option={(r) => <><PriorityMark priority={r.priority ?? 3} /><span class="what">{codeName("incident_types", r.code)}</span><span class="code">{r.code}</span></>}
        onInput={(typed) => change({ typeText: typed, type: "" })} autoFirst
        onChoose={(r) => change({ type: r.code, typeText: codeName("incident_types", r.code), ...(draft.prioritySet ? {} : { priority: (r.priority ?? 3) as Priority }) })} />
      {error("type")}
      <Combo name="place" label={t("web_call_place")} value={draft.placeText} placeholder={t("web_call_place_hint")} options={places} optionKey={(p) => `${p.name}${p.position}`}
        option={(p) => <><span class="what">{p.name}</span><span class="code">{p.estimated ? t("web_place_estimated") : p.detail || word("place_kind", p.kind)}</span></>} onInput={typePlace} onChoose={choosePlace} autoFirst />
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
      <label>{t("web_call_channel")}<select name="channel" value={draft.channel} onChange={(e) => change({ channel: e.currentTarget.value })}>{CHANNELS.map((c) => <option key={c} value={c}>{word("channel", c)}</option>)}</select></label>

      {duplicates.length > 0 && (
        <section class="duplicates" role="region" aria-live="polite" aria-label={t("web_duplicates")}>
          <h3>{t("web_duplicates")}</h3>
          {duplicates.map((d, n) => (
            <div class="duplicate" key={d.incident.id}>
              <PriorityMark priority={d.incident.priority} />
              <span class="what"><b>{codeName("incident_types", d.incident.type)}</b> <span class="where">{whereText(d.incident)}</span><br />
                <span class="where">{d.incident.id} · {t("web_duplicate_near", { m: Math.round(d.distance_m / 10) * 10, age: ageText(d.age_ms) })} · {word("incident_state", d.incident.state)}</span></span>
              <button type="button" disabled={busy} onClick={() => void save(d.incident.id)}>{t("web_duplicate_join")} <kbd>Alt {n + 1}</kbd></button>
            </div>))}
        </section>)}
      {draft.position && (
        <section class="earlier"><h3>{t("web_earlier")}</h3>
          {earlier.length === 0 ? <p class="empty">{t("web_earlier_none")}</p>
            : <ul>{earlier.slice(0, 6).map((e) => <li key={`${e.at_ms}${e.type}`}><span>{codeName("incident_types", e.type)}</span> <time>{dayText(e.at_ms, s.view.zone)} {timeText(e.at_ms, s.view.zone)}</time>{e.id && <button type="button" class="plain" onClick={() => openIncident(e.id!)}>{e.id}</button>}</li>)}</ul>}
          {!draft.known && <p class="hint">{t("web_earlier_dwelling")}</p>}
        </section>)}

      {problem && !["type", "address", "position", "priority", "words", "caller_name", "caller_phone"].includes(problem.field) && <p class="field-error" role="alert">{problem.text} {t("web_kept")}</p>}
      <footer class="pane-foot"><button class="primary" disabled={busy}>{busy ? t("web_saving") : duplicates.length ? t("web_call_save_new") : t("web_call_save")} <kbd>Ctrl ↵</kbd></button>
        <button type="button" class="plain" onClick={() => { kept = null; keys.current = newKeys(); setDraft(fresh()); setPlaces([]); setProblem(null); form.current?.querySelector<HTMLInputElement>("input[name=type]")?.focus(); }}>{t("web_call_clear")}</button></footer>
    </form>
  );
}

export const draftOpen = (): boolean => kept !== null && state.pane !== "call";
