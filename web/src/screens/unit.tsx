// One unit: what it does and can, on and off duty, available or not and why, its reach, and in a replay who drives it.
import type * as wire from "gen/api";
import { useEffect, useState } from "preact/hooks";
import { ageText, nextTime, timeText } from "../age";
import { newKey, unitStateWord } from "../api";
import { codeName, lang, t, word } from "../lang";
import { flyTo, showReach } from "../map/map";
import type { Unit } from "../model";
import { api, closePane, deskNow, openIncident, shown, siteNames, state, tellError, useNow, useStore } from "../store";
import { DeedForm, usePaneKeys } from "./form";
import { may, mayLead, options, UNAVAILABLE_REASONS } from "./options";
import { whereText } from "./where";

type UnitForm = "sign_on" | "unavailable";
function UnitDeed({ unit, form, close }: { unit: Unit; form: UnitForm; close: () => void }) {
  const common = { id: `${form}-${unit.id}`, close, done: close };
  if (form === "unavailable") {
    return <DeedForm {...common} title={t("web_unavailable_title", { unit: unit.name })} submit={t("web_make_unavailable")} start={{ reason: "" }}
      fields={[{ kind: "choice", name: "reason", label: t("web_reason"), options: options("unavailable_reason", UNAVAILABLE_REASONS), needed: true }]}
      send={(v, key) => shown(api.makeUnavailable(unit.id, { reason: v.reason as wire.UnitUnavailableBody["reason"] }, key))} />;
  }
  return <DeedForm {...common} title={t("web_sign_on_title", { unit: unit.name })} submit={t("web_sign_on")} start={{ officers: String(unit.officers || 2), auxiliaries: String(unit.auxiliaries || 0), shift_end_at: "" }} fields={[
    { kind: "number", name: "officers", label: t("web_officers"), min: 0, max: 1000, needed: true }, { kind: "number", name: "auxiliaries", label: t("web_auxiliaries"), min: 0, max: 1000, needed: true },
    { kind: "time", name: "shift_end_at", label: t("web_shift_end") }]}
    send={(v, key) => {
      const end = nextTime(v.shift_end_at ?? "", deskNow(), state.view.zone);
      return shown(api.signOn(unit.id, { officers: Number(v.officers), auxiliaries: Number(v.auxiliaries), ...(end !== null ? { shift_end_at: new Date(end).toISOString() } : {}) }, key));
    }} />;
}

function Facts({ unit, now }: { unit: Unit; now: number }) {
  const task = unit.incident ? state.board.incidents.get(unit.incident) : undefined, zone = state.view.zone;
  const fact = (name: string, value: preact.ComponentChildren, kind = "") => <div><dt>{name}</dt><dd class={kind}>{value}</dd></div>;
  return (
    <dl class="facts">
      {fact(t("web_state"), <>{unitStateWord(unit.state)}{unit.reason && `: ${word("unavailable_reason", unit.reason)}`} {unit.since_ms !== undefined && <span class="since">{t("web_since", { age: ageText(now - unit.since_ms) })}</span>}</>, `unit-text-${unit.state}`)}
      {fact(t("web_position"), unit.position_ms ? t("web_ago", { age: ageText(now - unit.position_ms) }) : t("web_no_position"))}
      {fact(t("web_kind"), codeName("unit_kinds", unit.kind))}
      {unit.station && fact(t("web_station"), siteNames.station(unit.station, lang()))}
      {unit.state !== "off_duty" && fact(t("web_crew"), t("web_crew_of", { officers: unit.officers, auxiliaries: unit.auxiliaries }))}
      {unit.state !== "off_duty" && unit.shift_end_ms !== undefined && fact(t("web_shift_end"), timeText(unit.shift_end_ms, zone))}
      {fact(t("web_capabilities"), unit.capabilities.map((c) => codeName("capabilities", c)).join(t("web_list_comma")))}
      {task && fact(t("web_task"), <button class="plain" onClick={() => openIncident(task.id)}>{codeName("incident_types", task.type)}, {whereText(task)}</button>)}
    </dl>
  );
}

export function UnitPane({ id }: { id: string }) {
  const s = useStore(), now = useNow(), unit = s.board.units.get(id);
  const [reach, setReach] = useState(false), [form, setForm] = useState<UnitForm | null>(null), [busy, setBusy] = useState(false);
  useEffect(() => {
    if (unit?.position) flyTo(unit.position, 14);
    return () => void showReach(null).catch(() => undefined);
  }, [id]);
  const toggleReach = () => void showReach(reach ? null : id).then(() => setReach(!reach), tellError);
  const step = (name: Parameters<typeof api.stepUnit>[1]) => {
    setBusy(true);
    void api.stepUnit(id, name, newKey()).catch(tellError).then(() => setBusy(false));
  };
  const free = unit && (unit.state === "available" || unit.state === "unavailable"), off = unit?.state === "off_duty";
  const mine = may("patrol", "dispatcher", "commander"), drive = unit && s.replay && mayLead() ? (unit.simulated ? "take_over" : "hand_back") : null;
  const deeds = {
    o: mine && off ? () => setForm("sign_on") : mine && free ? () => step("sign_off") : undefined,
    a: mine && unit?.state === "available" ? () => setForm("unavailable") : mine && unit?.state === "unavailable" ? () => step("available") : undefined,
    h: drive ? () => step(drive) : undefined, r: unit?.position ? toggleReach : undefined,
  };
  usePaneKeys(deeds);
  if (!unit) return null;
  return (
    <div class="pane unit-pane">
      <header class="pane-head"><i class={`dot unit-${unit.state}`} aria-hidden="true" /><h2>{unit.name}</h2>
        <button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
      {unit.simulated && <p class="simulated long">{t("web_simulated_long")}</p>}
      <Facts unit={unit} now={now} />
      {form ? <UnitDeed key={form} unit={unit} form={form} close={() => setForm(null)} /> : (
        <div class="acts">
          {deeds.o && <button class={off ? "primary" : ""} disabled={busy} onClick={deeds.o}>{off ? t("web_sign_on") : t("web_sign_off")} <kbd>O</kbd></button>}
          {deeds.a && <button class={unit.state === "unavailable" ? "primary" : ""} disabled={busy} onClick={deeds.a}>{unit.state === "unavailable" ? t("web_make_available") : t("web_make_unavailable")} <kbd>A</kbd></button>}
          {deeds.h && <button disabled={busy} onClick={deeds.h}>{drive === "take_over" ? t("web_take_over") : t("web_hand_back")} <kbd>H</kbd></button>}
          <button aria-pressed={reach} onClick={toggleReach} disabled={!unit.position}>{reach ? t("web_reach_hide") : t("web_reach_show")} <kbd>R</kbd></button>
        </div>)}
    </div>
  );
}
