// What of the day's rounds is proved, and by what: counts over all units, and what was missed, late or too short, one by one in the order
// of the day. No unit and no person is set beside another.
import { useEffect, useState } from "preact/hooks";
import { hourText, readTime } from "../age";
import { t, word } from "../lang";
import { flyTo } from "../map/map";
import { setPatrol, showElse } from "../patrol";
import { readRound, readRounds, type Round, type RoundStop } from "../patrol_api";
import { deskNow, state } from "../store";
import { siteDay } from "./patrol";
import { nameOfStop } from "./rounds";

const AGAIN_MS = 10_000, STATUSES = ["done", "late", "short", "missed", "left", "planned"], PROOFS = ["tag", "position", "photo", "qr"], TOLD = ["missed", "late", "short", "left"];
const at = (time: string): string => hourText(readTime(time) ?? 0, state.view.zone);
const judged = (s: RoundStop): boolean => s.kind !== "break" && s.kind !== "fixed";

export function FollowedPage() {
  const [day, setDay] = useState(siteDay(deskNow())), [rounds, setRounds] = useState<Round[] | null>(null), [problem, setProblem] = useState("");
  useEffect(() => {
    let gone = false, timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const found: Round[] = [];
        for (const row of await readRounds(day)) if (!gone) found.push(await readRound(row.id));
        if (gone) return;
        setRounds(found);
        setProblem("");
        showElse(found.flatMap((r) => r.stops.filter((s) => TOLD.includes(s.status)).map((s) => ({ type: "Feature", properties: { nth: word("round_status", s.status), colour: 1, unit: "" }, geometry: { type: "Point", coordinates: s.from } }))));
      } catch (error) {
        if (!gone) { setRounds([]); setProblem((error as Error).message); }
      }
      if (!gone) timer = setTimeout(() => void read(), AGAIN_MS);
    };
    void read();
    return () => { gone = true; clearTimeout(timer); showElse(null); };
  }, [day]);
  const stops = (rounds ?? []).flatMap((r) => r.stops.filter(judged).map((s) => ({ r, s }))), count = (of: (s: RoundStop) => boolean) => stops.filter(({ s }) => of(s)).length;
  const told = stops.filter(({ s }) => TOLD.includes(s.status)).sort((a, b) => (readTime(a.s.start) ?? 0) - (readTime(b.s.start) ?? 0));
  return (
    <section class="followed">
      <label class="inline">{t("web_duty_date")}<input type="date" name="followed-day" value={day} onChange={(e) => e.currentTarget.value && setDay(e.currentTarget.value)} /></label>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {stops.length > 0 && <>
        <dl class="facts followed-counts">{STATUSES.map((v) => <div key={v} data-status={v}><dt>{word("round_status", v)}</dt><dd class={v === "missed" && count((s) => s.status === v) ? "late" : ""}><b>{count((s) => s.status === v)}</b></dd></div>)}</dl>
        <h3>{t("web_round_proved_by")}</h3><p class="sub">{PROOFS.map((p) => `${word("round_proof", p)} ${count((s) => s.proof === p)}`).join(" · ")}</p>
        <h3>{t("web_followed_told")}<span class="count">{told.length}</span></h3>
        <ul class="told">{told.map(({ r, s }) => <li key={`${r.id}${s.stop}`}><button class="row" data-status={s.status} onClick={() => s.from && flyTo(s.from, 15)}><span class="duty-mark left">{word("duty_mark", s.kind)}</span><span class="what"><b>{nameOfStop(s)}</b><span class="where">{at(s.start)}–{at(s.end)} · {r.unit}</span></span><span class="since"><b class="late">{word("round_status", s.status)}</b>{s.visited_from && <span>{at(s.visited_from)}–{at(s.visited_until ?? s.visited_from)}</span>}</span></button>
          <button class="plain" onClick={() => setPatrol({ tab: "rounds", round: r.id })}>{t("web_followed_sheet")}</button></li>)}</ul>
        {!told.length && <p class="good">{t("web_followed_all")}</p>}</>}
      {rounds && !stops.length && !problem && <p class="empty">{t("web_rounds_none")}</p>}
      <p class="hint">{t("web_followed_hint")}</p>
    </section>
  );
}
