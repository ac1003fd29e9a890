// Closures: what is closed or slowed, by whom, why, until when; lifting one; closing or slowing roads, or an area by its corners, by
// mouse, touch or keyboard alone, with the roads and what they cut off shown before anything is saved.
import type * as wire from "gen/api";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ageText, dayText, timeText } from "../age";
import { ApiError, newKey } from "../api";
import { whileSaving } from "../focus";
import { closedLines, closures, closuresVersion, readLines, type Closure } from "../closures";
import type { LonLat } from "../geo";
import { t, word } from "../lang";
import { drawClosures, showClosing } from "../map/closures";
import { flyTo, mapLink } from "../map/map";
import { api, closePane, deskNow, set, shown, state, tell, tellError, useNow, useStore } from "../store";
import { DeedForm, usePaneKeys } from "./form";
import { walkRows } from "./lists";
import { mayLead } from "./options";
import { PlaceInput } from "./places";

const keysOf = <K extends string>(all: Record<K, 1>): K[] => Object.keys(all) as K[];
const REASONS = keysOf<wire.ClosureOrderBody["reason"]>({ works: 1, flood: 1, crash: 1, event: 1, damage: 1, other: 1 });
const LIFTS = keysOf<wire.ClosureLiftBody["reason"]>({ cleared: 1, mistake: 1, replaced: 1 });
const HOURS = [1, 4, 12, 24, 72, 168], HOURS_MOST = 90 * 24, HOUR_MS = 3_600_000;
const SPEEDS = [5, 10, 20, 30], SPEED_MOST = 120, CORNERS_LEAST = 3;
const WAYS = ["both", "0", "45", "90", "135", "180", "225", "270", "315"];

export function openClosures(): void {
  set({ pane: "closures", sheet: "details", screen: "desk", help: false });
}

/** How many roads are closed: in the bar, and on a phone over the map. */
export function ClosuresButton({ place = "in-bar" }: { place?: "in-bar" | "on-map" }) {
  const s = useStore();
  return <button class={`plain closures-open ${place}`} aria-pressed={s.pane === "closures"} onClick={openClosures}>{t("web_closures")}{closures.size > 0 && <b class="badge">{closures.size}</b>} <kbd>K</kbd></button>;
}

/** Draws what is closed whenever that has changed. */
export function useClosedLines(): void {
  const s = useStore();
  useEffect(() => drawClosures(mapLink.map), [closuresVersion]);
  useEffect(() => void (s.session && readLines()), [s.lang]);
}

const endText = (ms: number): string => `${dayText(ms, state.view.zone)} ${timeText(ms, state.view.zone).slice(0, 5)}`;
const streets = (id: string): string => {
  const lines = closedLines.get(id);
  if (!lines) return "";
  const names = lines.names.slice(0, 3).join(t("web_list_comma"));
  return names ? `${names}${lines.names.length > 3 ? " …" : ""}` : t("web_closure_unnamed", { n: lines.segments });
};

function ClosureRow({ closure: c, now }: { closure: Closure; now: number }) {
  const [lifting, setLifting] = useState(false), lines = closedLines.get(c.id), first = lines?.line[0];
  const middle = first && first[Math.floor(first.length / 2)];
  return (
    <li class="closure" data-id={c.id}>
      <button class="row" disabled={!middle} onClick={() => middle && flyTo(middle, 16)}>
        <i class={`closure-mark ${c.speedKmh ? "slow" : ""}`} aria-hidden="true" />
        <span class="what"><b>{word("closure_reason", c.reason)}</b> <span class="where">{streets(c.id)}</span></span>
        <span class="since"><b>{t("web_closure_until", { time: endText(c.until_ms) })}</b><span>{t("web_closure_left", { age: ageText(c.until_ms - now) })}</span></span>
      </button>
      <p class="sub">{c.speedKmh && <b>{t("web_closure_kmh", { n: c.speedKmh })}</b>}<span class="id">{c.id}</span> {t("web_closure_by", { author: c.author, age: ageText(now - c.ordered_ms) })}{!c.bothWays && ` · ${t("web_closure_one_way")}`}
        {lines && lines.missing > 0 && <b class="late"> {t("web_closure_missing", { n: lines.missing })}</b>}
        {mayLead() && !lifting && <button class="plain lift" onClick={() => setLifting(true)}>{t("web_closure_lift")}</button>}</p>
      {lifting && <DeedForm id={`lift-${c.id}`} title={t("web_closure_lift_title", { closure: c.id })} submit={t("web_closure_lift")} close={() => setLifting(false)} start={{ reason: "cleared" }}
        fields={[{ kind: "choice", name: "reason", label: t("web_reason"), options: LIFTS.map((l) => [l, word("closure_lift", l)]), needed: true }]}
        send={(v, key) => shown(api.liftClosure(c.id, { reason: v.reason as wire.ClosureLiftBody["reason"] }, key))} done={() => tell(t("web_closure_lifted", { closure: c.id }))} />}
    </li>
  );
}

/** Positions of a closure to be, kept while the pane is closed. */
const draft = { points: [] as LonLat[], area: false, key: newKey() };
const cutOff = (found: { cut_off: wire.CutOff | null }): string => found.cut_off?.text ?? "";

function CloseForm({ close }: { close: () => void }) {
  const [points, setPoints] = useState(draft.points), [typed, setTyped] = useState(""), [preview, setPreview] = useState<wire.Closing | null>(null);
  const [reason, setReason] = useState<wire.ClosureOrderBody["reason"]>("works"), [hours, setHours] = useState("4"), [way, setWay] = useState("both");
  const [area, setArea] = useState(draft.area), [speed, setSpeed] = useState(""); // "": close
  const [problem, setProblem] = useState(""), [busy, setBusy] = useState(false), asked = useRef(0), latest = useRef(points), coordinates = useRef<LonLat | null>(null), form = useRef<HTMLFormElement>(null);
  const change = (next: LonLat[]) => {
    latest.current = draft.points = next;
    draft.key = newKey();
    setPoints(next);
  };
  const enough = points.length >= (area ? CORNERS_LEAST : 1), slow = speed !== "", goodSpeed = !slow || (Number(speed) >= 1 && Number(speed) <= SPEED_MOST);
  const what = { ...(area ? { area: points } : { positions: points, ...(way === "both" ? {} : { both_ways: false, bearing: Number(way) }) }), ...(slow ? { kind: "slow" as const, speed_kmh: Math.round(Number(speed)) } : {}) };
  const toForm = () => form.current?.querySelector<HTMLElement>("input[name=closure-place]")?.focus();
  useLayoutEffect(() => { // before the next key can arrive
    document.body.classList.add("picking");
    mapLink.unpick = () => change(latest.current.slice(0, -1));
    mapLink.pickDone = toForm;
    mapLink.pick = (at) => change([...latest.current, [Number(at[0].toFixed(6)), Number(at[1].toFixed(6))]]);
    toForm();
    return () => {
      mapLink.pick = mapLink.unpick = mapLink.pickDone = null;
      document.body.classList.remove("picking");
      showClosing(mapLink.map, [], []);
    };
  }, []);
  useEffect(() => {
    const mine = ++asked.current;
    setProblem("");
    if (!enough || !goodSpeed) {
      setPreview(null);
      showClosing(mapLink.map, [], points, area);
      return;
    }
    api.previewClosure(what).then((found) => {
      if (mine !== asked.current) return;
      setPreview(found);
      showClosing(mapLink.map, (found.lines as { coordinates: LonLat[][] }).coordinates, points, area);
    }, (error: Error) => {
      if (mine !== asked.current) return;
      setPreview(null);
      setProblem(error.message);
      showClosing(mapLink.map, [], points, area);
    });
  }, [points, way, area, speed, state.lang]);
  const end_ms = deskNow() + Number(hours) * HOUR_MS;
  const submit = async () => {
    if (busy) return;
    if (!enough) return setProblem(area ? t("web_closure_needs_area") : t("web_closure_needs_place"));
    if (!goodSpeed) return setProblem(t("web_closure_needs_speed", { n: SPEED_MOST }));
    if (!(Number(hours) > 0 && Number(hours) <= HOURS_MOST)) return setProblem(t("web_closure_needs_end", { n: HOURS_MOST }));
    setBusy(true);
    try {
      await whileSaving(form.current!, close, async () => {
        const made = await shown(api.orderClosure({ ...what, reason, until: new Date(end_ms).toISOString() }, draft.key));
        change([]);
        draft.area = false;
        tell(`${slow ? t("web_closure_made_slow", { closure: made.id, n: speed }) : t("web_closure_made", { closure: made.id })}${made.cut_off ? ` · ${cutOff(made)}` : ""}`);
        close();
        return true;
      });
    } catch (error) {
      if (!form.current) tellError(error);
      setProblem(error instanceof ApiError ? error.message : String(error));
    }
    setBusy(false);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      void submit();
    } else if (e.key === "Enter" && coordinates.current && (e.target as HTMLElement).matches("[role=combobox]")) {
      e.preventDefault();
      const at = coordinates.current;
      coordinates.current = null;
      setTyped("");
      change([...latest.current, at]);
    } else if (e.key === "Escape" && !e.defaultPrevented) {
      e.preventDefault();
      e.stopPropagation();
      close();
    }
  };
  return (
    <form class="deed close-roads" autocomplete="off" ref={form} onKeyDown={onKey} onSubmit={(e) => { e.preventDefault(); void submit(); }} aria-label={t("web_closure_new")} noValidate>
      <h3>{t("web_closure_new")}</h3>
      <fieldset class="chips"><legend>{t("web_closure_kind")}</legend>
        <label class={slow ? "" : "on"}><input type="radio" name="closure-kind" checked={!slow} onChange={() => setSpeed("")} />{t("web_closure_kind_close")}</label>
        <label class={slow ? "on" : ""}><input type="radio" name="closure-kind" checked={slow} onChange={() => setSpeed(String(SPEEDS[1]))} />{t("web_closure_kind_slow")}</label></fieldset>
      {slow && <fieldset class="chips"><legend>{t("web_closure_speed")}</legend>
        {SPEEDS.map((v) => <label key={v} class={speed === String(v) ? "on" : ""}><input type="radio" name="closure-speed" checked={speed === String(v)} onChange={() => setSpeed(String(v))} />{v}</label>)}
        <label class="other-hours"><input name="closure-speed-own" type="number" min={1} max={SPEED_MOST} aria-label={t("web_closure_speed")} value={speed} onInput={(e) => setSpeed(e.currentTarget.value || "0")} /></label></fieldset>}
      <fieldset class="chips"><legend>{t("web_closure_where")}</legend>
        {[false, true].map((a) => <label key={String(a)} class={area === a ? "on" : ""}><input type="radio" name="closure-where" checked={area === a} onChange={() => { draft.area = a; draft.key = newKey(); setArea(a); }} />{a ? t("web_closure_where_area") : t("web_closure_where_roads")}</label>)}
        <button type="button" class="plain on-map-button" onClick={() => { mapLink.map?.getCanvas().focus(); }}>{t("web_closure_on_map")}</button></fieldset>
      <p class="hint">{area ? t("web_closure_area_hint") : t("web_closure_pick_hint")} {t("web_closure_map_keys")}</p>
      <PlaceInput name="closure-place" label={t("web_closure_place")} value={typed} failed={setProblem} typed={(text, at) => { setTyped(text); coordinates.current = at; }} chosen={(p) => { setTyped(""); change([...latest.current, p.position]); }} />
      {points.length > 0 && <ul class="closing-points">{points.map((p, n) => (
        <li key={n}>{area && <span>{t("web_closure_corner", { n: n + 1 })}&nbsp;</span>}<span class="id">{p[1].toFixed(5)}, {p[0].toFixed(5)}</span><button type="button" class="plain" aria-label={t("web_closure_remove_point", { n: n + 1 })} onClick={() => change(points.filter((_, i) => i !== n))}>×</button></li>))}</ul>}
      <p class="closing-preview" role="status">{preview && <>{slow ? t("web_closure_preview_slow", { n: preview.segments }) : t("web_closure_preview", { n: preview.segments })} <b>{preview.names.slice(0, 6).join(t("web_list_comma"))}</b></>}</p>
      {preview?.cut_off && <p class="cut-off" role="alert">{cutOff(preview)}</p>}
      <fieldset class="chips"><legend>{t("web_reason")}</legend>
        {REASONS.map((r) => <label key={r} class={reason === r ? "on" : ""}><input type="radio" name="closure-reason" checked={reason === r} onChange={() => setReason(r)} />{word("closure_reason", r)}</label>)}</fieldset>
      {!area && <label>{t("web_closure_ways")}<select name="closure-way" value={way} onChange={(e) => setWay(e.currentTarget.value)}>{WAYS.map((w) => <option key={w} value={w}>{word("closure_way", w)}</option>)}</select></label>}
      <fieldset class="chips"><legend>{t("web_closure_hours")}</legend>
        {HOURS.map((h) => <label key={h} class={hours === String(h) ? "on" : ""}><input type="radio" name="closure-hours" checked={hours === String(h)} onChange={() => setHours(String(h))} />{h < 24 ? t("web_closure_h", { n: h }) : t("web_closure_d", { n: h / 24 })}</label>)}
        <label class="other-hours"><input name="closure-hours-own" type="number" min={1} max={HOURS_MOST} aria-label={t("web_closure_hours")} value={hours} onInput={(e) => setHours(e.currentTarget.value)} /></label></fieldset>
      {Number(hours) > 0 && <p class="hint">{t("web_closure_until", { time: endText(end_ms) })}</p>}
      {problem && <p class="field-error" role="alert">{problem}</p>}
      <footer><button class="primary" disabled={busy || !preview}>{busy ? t("web_saving") : slow ? t("web_closure_slow_roads") : t("web_closure_close_road")} <kbd>Ctrl ↵</kbd></button>
        <button type="button" class="plain" onClick={close}>{t("web_cancel")} <kbd>Esc</kbd></button></footer>
    </form>
  );
}

export function ClosuresPane() {
  const now = useNow(), [form, setForm] = useState(false);
  useStore();
  usePaneKeys({ a: mayLead() && (() => setForm(true)) });
  const rows = [...closures.values()].sort((a, b) => a.until_ms - b.until_ms || (a.id < b.id ? -1 : 1));
  return (
    <div class="pane closures-pane">
      <header class="pane-head"><h2>{t("web_closures")}</h2><button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
      {form ? <CloseForm close={() => setForm(false)} /> : mayLead() && <div class="acts"><button class="primary" onClick={() => setForm(true)}>{t("web_closure_new")} <kbd>A</kbd></button></div>}
      <ul class="closures" onKeyDown={walkRows}>{rows.map((c) => <ClosureRow key={c.id} closure={c} now={now} />)}</ul>
      {!rows.length && <p class="empty">{t("web_closures_none")}</p>}
    </div>
  );
}
