// Where patrols were: streets by unit-minutes, of some days and an hour of the day or all. Of all crews together and of no street where fewer than
// three were; no unit is named. The map has the colours, the table the same in words.
import { useEffect, useState } from "preact/hooks";
import { dayText, hourText } from "../age";
import { t } from "../lang";
import { showPresence } from "../patrol";
import { readPresence, type Presence } from "../patrol_api";
import { byStreet, CLASSES, presenceClasses, presenceFeatures, presenceLimits, type PresenceClass } from "../presence";
import { deskNow, state } from "../store";
import { siteDay } from "./patrol";

const DAY_MS = 86_400_000, ALL_DAY = -1, AGAIN_MS = 700, SPANS = [1, 7, 28], ROWS = 40;
const hourWords = (hour: number): string => (hour === ALL_DAY ? t("web_presence_all_day") : `${String(hour).padStart(2, "0")}:00–${String(hour + 1).padStart(2, "0")}:00`);
const backFrom = (day: string, days: number): string => new Date(Date.parse(`${day}T12:00:00Z`) - (days - 1) * DAY_MS).toISOString().slice(0, 10);
/** Minutes as people say them: hours from two on. */
const long = (minutes: number): string => (minutes >= 120 && minutes % 60 === 0 ? t("web_presence_h", { n: minutes / 60 }) : t("web_age_min", { n: minutes }));
const classText = (c: PresenceClass): string => (c.until === null ? (c.from ? t("web_presence_from", { from: long(c.from) }) : t("web_presence_any")) : c.from ? t("web_presence_between", { from: long(c.from), until: long(c.until) }) : t("web_presence_below", { until: long(c.until) }));

function Legend({ found, limits }: { found: Presence; limits: number[] }) {
  const classes = presenceClasses(found.streets, limits), most = CLASSES - limits.length;
  return (
    <table class="presence-key"><caption>{t("web_presence_legend")}</caption><thead><tr><th><span class="unseen">{t("web_presence_colour")}</span></th><th>{t("web_presence_minutes")}</th><th>{t("web_presence_stretches")}</th><th>km</th></tr></thead>
      <tbody>{classes.map((c, n) => <tr key={c.from}><td><i class={`presence-mark pr${most + n}`} aria-hidden="true" /></td><th scope="row">{classText(c)}</th><td>{c.stretches}</td><td>{c.km.toFixed(1)}</td></tr>).reverse()}</tbody></table>
  );
}
function Streets({ found }: { found: Presence }) {
  const [all, setAll] = useState(false), rows = byStreet(found.streets);
  return (
    <div class="table-box" role="region" tabIndex={0} aria-label={t("web_presence_table")}>
      <table class="costs presence-table"><caption>{t("web_presence_table")}</caption><thead><tr><th>{t("web_presence_street")}</th><th>{t("web_presence_minutes")}</th><th>{t("web_presence_stretches")}</th></tr></thead>
        <tbody>{rows.slice(0, all ? rows.length : ROWS).map((r) => <tr key={r.name ?? ""}><th scope="row">{r.name ?? t("web_presence_unnamed")}</th><td>{r.unit_minutes || `< ${found.step_minutes}`}</td><td>{r.stretches}</td></tr>)}</tbody></table>
      {rows.length > ROWS && !all && <button class="plain" onClick={() => setAll(true)}>{t("web_presence_all", { n: rows.length })}</button>}
    </div>
  );
}
function Found({ found }: { found: Presence }) {
  const limits = presenceLimits(found.streets.map((s) => s.unit_minutes));
  useEffect(() => { showPresence(presenceFeatures(found.streets, limits)); }, [found]);
  const few = found.hidden > 0 && <p class="hint">{t("web_presence_hidden", { n: found.hidden, crews: found.least_crews })}</p>;
  if (!found.streets.length) return <><p class="empty" role="status">{found.hidden ? t("web_presence_few", { crews: found.least_crews }) : t("web_presence_none")}</p>{few}</>;
  return <>
    <Legend found={found} limits={limits} />
    {few}{found.left_off > 0 && <p class="hint">{t("web_presence_left_off", { n: found.left_off })}</p>}
    <Streets found={found} />
  </>;
}

export function PresencePage() {
  const [to, setTo] = useState(siteDay(deskNow())), [days, setDays] = useState(7), [hour, setHour] = useState(ALL_DAY), [found, setFound] = useState<Presence | null>(null), [problem, setProblem] = useState("");
  useEffect(() => {
    let gone = false, timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const reply = await readPresence(backFrom(to, days), to, hour === ALL_DAY ? null : hour);
        if (gone) return;
        setFound(reply);
        setProblem("");
        if (!reply.ready) timer = setTimeout(() => void read(), AGAIN_MS);
      } catch (error) {
        if (!gone) { setFound(null); setProblem((error as Error).message); }
      }
    };
    timer = setTimeout(() => void read(), 150); // who slides over the hours asks for the one where they stop
    return () => { gone = true; clearTimeout(timer); };
  }, [to, days, hour]);
  useEffect(() => () => showPresence(null), []);
  return (
    <section class="presence">
      <div class="presence-ask"><label>{t("web_presence_until")}<input type="date" name="presence-to" value={to} max={siteDay(deskNow())} onChange={(e) => e.currentTarget.value && setTo(e.currentTarget.value)} /></label>
        <label>{t("web_presence_days")}<select name="presence-days" value={days} onChange={(e) => setDays(Number(e.currentTarget.value))}>{SPANS.map((n) => <option key={n} value={n}>{n === 1 ? t("web_presence_day") : t("web_age_d", { n })}</option>)}</select></label>
        <label class="wide">{t("web_presence_hour")} <b>{hourWords(hour)}</b><input type="range" name="presence-hour" min={ALL_DAY} max={23} step={1} value={hour} aria-valuetext={hourWords(hour)} onInput={(e) => setHour(Number(e.currentTarget.value))} /></label></div>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {!problem && !found?.ready && <p role="status" class="empty">{t("web_presence_making")} <progress max={1} value={found?.progress ?? 0} aria-label={t("web_presence_making")} /></p>}
      {found?.ready && <><p class="sub">{dayText(Date.parse(`${found.from}T12:00:00Z`), "UTC")} – {dayText(Date.parse(`${found.to}T12:00:00Z`), "UTC")} · {hourWords(found.hour ?? ALL_DAY)}{found.as_of && ` · ${t("web_presence_as_of", { time: hourText(Date.parse(found.as_of), state.view.zone) })}`}</p><Found found={found} /></>}
      <p class="hint">{t("web_presence_hint", { crews: found?.least_crews ?? 3, step: found?.step_minutes ?? 5 })}</p>
    </section>
  );
}
