// Left: what waits, all open incidents, all units. Every list says how old it is.
import { useState } from "preact/hooks";
import { ageText, clockText, freshness } from "../age";
import { codeName, lang, t, word } from "../lang";
import { openIncidents, openOrders, unitOrder, WAIT_LIMIT_MS, type Call, type Incident, type Unit } from "../model";
import { unitStateWord } from "../api";
import { whereText } from "./where";
import { openIncident, openLoose, openUnit, set, siteNames, state, useNow, useStore, useWall } from "../store";

const POSITION_LATE_MS = 120_000; // an older position is marked
const SHOWN = 120; // rows drawn at once; the filter reaches the others

/** slack_ms: how old the data may become before that is worth a colour. */
export function Age({ read_ms, now, slack_ms = 0 }: { read_ms: number; now: number; slack_ms?: number }) {
  const age = Math.max(0, now - read_ms - slack_ms);
  return <span class={`age age-${freshness(age)}`}>{freshness(age) === "fresh" ? t("web_data_now") : t("web_data_age", { age: ageText(age + slack_ms) })}</span>;
}

/** Arrow keys walk the rows of a list; Enter is the row's own. */
export function walkRows(e: KeyboardEvent): void {
  const step = e.key === "ArrowDown" || e.key === "j" ? 1 : e.key === "ArrowUp" || e.key === "k" ? -1 : 0;
  if (!step) return;
  const rows = [...(e.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".row")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  e.preventDefault();
}

export function PriorityMark({ priority }: { priority: number }) {
  return <span class={`prio prio-${priority}`} title={codeName("priorities", String(priority))}>{priority}</span>;
}

export function IncidentRow({ incident, now, chosen }: { incident: Incident; now: number; chosen: boolean }) {
  const waits = incident.state === "waiting", age = now - incident.opened_ms, late = waits && age > WAIT_LIMIT_MS[incident.priority];
  const units = openOrders(incident).map((o) => o.unitName || o.unit).join(" ");
  return (
    <button class={`row incident-row ${chosen ? "chosen" : ""}`} data-id={incident.id} aria-current={chosen} onClick={() => openIncident(incident.id)}>
      <PriorityMark priority={incident.priority} />
      <span class="what"><b>{codeName("incident_types", incident.type)}</b> <span class="where">{whereText(incident)}</span></span>
      <span class="since"><b class={late ? "late" : ""}>{clockText(age)}</b><span class={`state state-${incident.state}`}>{word("incident_state", incident.state)}</span></span>
      {(units || incident.calls.length > 1) && <span class="sub">{units && <span class="units">{units}</span>}{incident.calls.length > 1 && <span>{t("web_calls_count", { n: incident.calls.length })}</span>}</span>}
    </button>
  );
}

function CallRow({ call, now, chosen }: { call: Call; now: number; chosen: boolean }) {
  return (
    <button class={`row call-open ${chosen ? "chosen" : ""}`} data-id={call.id} aria-current={chosen} onClick={() => openLoose(call.id)}>
      <PriorityMark priority={call.priority} />
      <span class="what"><b>{codeName("incident_types", call.type)}</b> <span class="where">{t("web_call_by", { channel: word("channel", call.channel) })}</span></span>
      <span class="since"><b class="late">{clockText(now - call.received_ms)}</b><span class="state state-waiting">{t("web_call_undecided")}</span></span>
    </button>
  );
}

function UnitRow({ unit, now, chosen }: { unit: Unit; now: number; chosen: boolean }) {
  const age = unit.position_ms ? now - unit.position_ms : null, task = unit.incident ? state.board.incidents.get(unit.incident) : undefined;
  const where = task ? `${codeName("incident_types", task.type)} · ${whereText(task)}` : unit.reason ? word("unavailable_reason", unit.reason) : [codeName("unit_kinds", unit.kind), siteNames.station(unit.station, lang())].filter(Boolean).join(" · ");
  return (
    <button class={`row unit-row ${chosen ? "chosen" : ""}`} data-id={unit.id} aria-current={chosen} onClick={() => openUnit(unit.id)}>
      <i class={`dot unit-${unit.state}`} aria-hidden="true" />
      <span class="what"><b>{unit.name}{unit.simulated && <span class="simulated">{t("web_simulated")}</span>}</b> <span class="where">{where}</span></span>
      <span class="since"><span class={`state unit-text-${unit.state}`}>{unitStateWord(unit.state)}</span>
        {unit.state !== "off_duty" && <span class={age !== null && age > POSITION_LATE_MS ? "late" : ""}>{age === null ? t("web_no_position") : t("web_position_age", { age: ageText(age) })}</span>}</span>
    </button>
  );
}

export function Lists() {
  const s = useStore(), now = useNow(), wall = useWall();
  const [filter, setFilter] = useState(""), [off, setOff] = useState(false);
  const want = filter.trim().toLowerCase(), has = (...texts: string[]) => !want || texts.some((x) => x.toLowerCase().includes(want));
  const open = openIncidents(s.board), waiting = open.filter((i) => i.state === "waiting");
  const incidents = (s.tab === "waiting" ? waiting : open).filter((i) => has(i.id, whereText(i), i.type, codeName("incident_types", i.type), ...i.orders.map((o) => o.unitName)));
  const onDuty = [...s.board.units.values()].filter((u) => u.state !== "off_duty").length, offDuty = s.board.units.size - onDuty;
  const calls = [...s.board.calls.values()].filter((c) => s.tab !== "units" && has(c.id, c.type, codeName("incident_types", c.type))).sort((a, b) => a.priority - b.priority || a.received_ms - b.received_ms);
  const units = [...s.board.units.values()].filter((u) => (off || u.state !== "off_duty") && has(u.id, u.name, siteNames.station(u.station, lang()), unitStateWord(u.state), codeName("unit_kinds", u.kind))).sort(unitOrder);
  const tab = (name: typeof s.tab, text: string, n: number) => (
    <button role="tab" aria-selected={s.tab === name} class={name === "waiting" && n > 0 ? "alarm" : ""} onClick={() => set({ tab: name, sheet: name === "units" ? "units" : "incidents" })}>{text} <b>{n}</b></button>
  );
  const rows = s.tab === "units" ? units.length : incidents.length + calls.length;
  return (
    <section class="lists" aria-label={t("web_lists")}>
      <div class="list-tabs" role="tablist">{tab("waiting", t("web_waiting"), waiting.length + s.board.calls.size)}{tab("incidents", t("web_incidents"), open.length)}{tab("units", t("web_units"), onDuty)}</div>
      <div class="list-head"><input type="search" placeholder={t("web_filter")} aria-label={t("web_filter")} value={filter} onInput={(e) => setFilter(e.currentTarget.value)} /><Age read_ms={s.board.read_ms} now={wall} /></div>
      <div class="rows" onKeyDown={walkRows}>
        {calls.map((c) => <CallRow key={c.id} call={c} now={now} chosen={s.pane === "loose" && s.loose === c.id} />)}
        {s.tab === "units"
          ? units.slice(0, SHOWN).map((u) => <UnitRow key={u.id} unit={u} now={now} chosen={s.pane === "unit" && s.unit === u.id} />)
          : incidents.slice(0, SHOWN).map((i) => <IncidentRow key={i.id} incident={i} now={now} chosen={s.pane === "incident" && s.incident === i.id} />)}
        {rows === 0 && <p class="empty">{want ? t("web_filter_nothing") : s.tab === "waiting" ? t("web_nothing_waits_hint") : s.tab === "units" ? t("web_no_units") : t("web_no_incidents")}</p>}
        {s.tab === "units" && offDuty > 0 && <button class="plain off-duty" aria-expanded={off} onClick={() => setOff(!off)}><span aria-hidden="true">{off ? "▾" : "▸"}</span> {t("web_off_duty_count", { n: offDuty })}</button>}
        {rows > SHOWN && <p class="empty">{t("web_more_rows", { n: rows - SHOWN })}</p>}
      </div>
    </section>
  );
}
