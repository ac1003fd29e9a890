// What those do who watch over the desk, on one screen: flags of the misuse watch (the audit administrator), the log and its heads (oversight
// too), what waits for a second person, emergencies without review. And the screen of those who see no board.
// Reading is an event, so it happens when somebody asks, never by a timer. An account that was opened stays on this screen only.
import type { ComponentChildren } from "preact";
import type * as wire from "gen/api";
import { useEffect, useState } from "preact/hooks";
import { dayText, readTime, timeText } from "../age";
import { t, word } from "../lang";
import { api, chooseLang, chooseLight, isNight, mayDecide, state, tell, useStore } from "../store";
import { AccountButton, AccountScreen } from "./account";
import { ActsLists, useActs } from "./acts";
import { Banner } from "./banner";
import { DeedForm } from "./form";
import { may } from "./options";
import { MapPane } from "../map/map";
import { LeaveDialog } from "./outbox";
import { PatrolPanel } from "./patrol";
import { RecordCard } from "./record";

const RESULTS: wire.FlagReviewBody["result"][] = ["explained", "referred", "mistaken"];
const HASH_SHOWN = 10;

const day = (time: string): string => dayText(readTime(time) ?? 0, state.view.zone);
const at = (time: string): string => `${day(time)} ${timeText(readTime(time) ?? 0, state.view.zone).slice(0, 5)}`;

function Looks({ opened }: { opened: wire.OpenedFlag }) {
  return (
    <>
      <p class="flag-account"><b>{t("web_flag_account", { account: opened.account })}</b></p>
      <table class="flag-looks">
        <thead><tr><th>{t("web_flag_look_at")}</th><th>{t("web_flag_look_record")}</th><th>{t("web_flag_look_case")}</th><th>{t("web_flag_look_purpose")}</th></tr></thead>
        <tbody>{opened.looks.map((l) => <tr key={l.seq}><td>{at(l.at)}</td><td>{l.record}</td><td>{l.for_case ?? "–"}</td><td>{l.purpose ?? "–"}</td></tr>)}</tbody>
      </table>
    </>
  );
}

function FlagRow({ flag: f, reviewed }: { flag: wire.Flag; reviewed: () => void }) {
  const [deed, setDeed] = useState<"see" | "review" | "">(""), [opened, setOpened] = useState<wire.OpenedFlag | null>(null);
  return (
    <li class="flag" data-id={f.id}>
      <p><b>{word("pattern", f.pattern)}</b>{f.subject && ` · ${f.subject}`}</p>
      <p>{t("web_flag_looks", { n: f.looks, role: word("role", f.role) })} · {t("web_flag_span", { from: at(f.first_at), to: at(f.last_at) })}</p>
      <p class="sub"><span class="hash" title={f.actor}>{t("web_flag_actor", { hash: f.actor.slice(0, HASH_SHOWN) })}</span> · {t("web_flag_until", { day: day(f.until) })}</p>
      {f.result && <p>{t("web_flag_result_by", { result: word("flag_result", f.result), account: f.reviewed_by ?? "", time: f.reviewed_at ? at(f.reviewed_at) : "" })}</p>}
      {opened && <Looks opened={opened} />}
      {!deed && <p class="flag-deeds">{!opened && <button class="see" onClick={() => setDeed("see")}>{t("web_flag_see")}</button>}{f.state === "open" && <button class="review" onClick={() => setDeed("review")}>{t("web_flag_review")}</button>}</p>}
      {deed === "see" && <DeedForm id={`see-${f.id}`} title={t("web_flag_see_title")} intro={t("web_flag_see_hint")} submit={t("web_flag_see")} close={() => setDeed("")}
        fields={[{ kind: "text", name: "purpose", label: t("web_reason"), max: 60, needed: true }]}
        send={async (v, key) => setOpened(await api.openFlag(f.id, { purpose: v.purpose ?? "" }, key))} done={() => setDeed("")} />}
      {deed === "review" && <DeedForm id={`flag-${f.id}`} title={t("web_flag_review_title")} intro={t("web_flag_review_hint")} submit={t("web_flag_review")} close={() => setDeed("")} start={{ result: "" }}
        fields={[{ kind: "choice", name: "result", label: t("web_flag_result"), options: RESULTS.map((r) => [r, word("flag_result", r)]), needed: true }]}
        send={(v, key) => api.reviewFlag(f.id, { result: v.result as wire.FlagReviewBody["result"] }, key)} done={() => { tell(t("web_flag_done")); reviewed(); }} />}
    </li>
  );
}

function FlagsCard() {
  const [kind, setKind] = useState<wire.Flag["state"]>("open"), [flags, setFlags] = useState<wire.Flags | null>(null), [problem, setProblem] = useState(""), [asked, ask] = useState(0);
  useEffect(() => {
    let gone = false;
    setProblem("");
    api.flags(kind).then((read) => { if (!gone) setFlags(read); }, (error) => { if (!gone) setProblem((error as Error).message); });
    return () => { gone = true; };
  }, [kind, asked]);
  const again = () => ask((n) => n + 1);
  const choose = (to: wire.Flag["state"], text: string) => <button aria-pressed={kind === to} onClick={() => { setFlags(null); setKind(to); again(); }}>{text}</button>;
  return (
    <section class="card flags">
      <header class="watch-head"><h2>{t("web_flags")}</h2>{choose("open", t("web_flags_open"))}{choose("reviewed", t("web_flags_reviewed"))}<button class="plain" onClick={again}>{t("web_flags_again")}</button></header>
      <p class="hint">{t("web_flags_hint")}</p>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {flags && !flags.complete && <p class="hint" role="status">{t("web_flags_partial")}</p>}
      <ul>{flags?.items.map((f) => <FlagRow key={f.id} flag={f} reviewed={again} />)}</ul>
      {flags?.items.length === 0 && <p class="empty">{kind === "open" ? t("web_flags_none") : t("web_flags_none_reviewed")}</p>}
    </section>
  );
}

/** Who watches over the desk sees the log; its flags are the audit administrator's alone. */
export const maySee = (): boolean => may("audit_admin", "oversight");

function Cards() {
  const flags = may("audit_admin"), log = maySee();
  return (
    <main class={log ? "watch" : "watch alone"}>
      {flags && <FlagsCard />}
      {log && !flags && <RecordCard />}
      <div class="watch-side">{flags && <RecordCard />}<section class="card acts-card"><h2>{t("web_acts")}</h2><ActsLists /></section></div>
    </main>
  );
}
/** Beside the board, of who works at the desk as well. */
export const WatchScreen = Cards;

function OfficeBar() {
  const s = useStore();
  return (
    <header class="bar">
      <span class="brand"><img src="./icon.svg" alt="" width="22" height="22" /><b>{t("web_brand")}</b> <span class="site">{s.view.map_source === "town" ? t("web_map_town") : s.view.site}</span>{s.session?.drill && <b class="drill">{t("web_drill")}</b>}</span>
      <span class="spring" />
      <button class="plain" lang={s.lang === "zh" ? "en" : "zh"} onClick={() => chooseLang(s.lang === "zh" ? "en" : "zh")}>{t("web_other_language")}</button>
      <button class="plain" onClick={() => chooseLight(isNight() ? "day" : "night")}>{isNight() ? t("web_light_day") : t("web_light_night")}</button>
      <AccountButton />
    </header>
  );
}

/** Planners and patrols: the patrol screens and the map, without the board. */
export function FieldScreen({ children }: { children: ComponentChildren }) {
  const s = useStore();
  return (
    <div class={`shell office field screen-${s.screen} sheet-${s.sheet}`}>
      <OfficeBar />
      <div class="banners"><Banner /></div>
      <main class="desk"><PatrolPanel /><MapPane /></main>
      {s.screen === "account" && <AccountScreen />}
      {s.leaving && <LeaveDialog />}
      {children}
    </div>
  );
}

/** Administrators and oversight: what waits for a second person, what nobody has reviewed; flags for the audit administrator. */
export function OfficeScreen({ children }: { children: ComponentChildren }) {
  const s = useStore(), decides = mayDecide(s.session?.roles ?? []), account = !decides || s.screen === "account";
  useActs();
  return (
    <div class={`shell office screen-${account ? "account" : "watch"}`}>
      <OfficeBar />
      <div class="banners"><Banner /></div>
      {account ? <AccountScreen only={!decides} /> : <Cards />}
      {s.leaving && <LeaveDialog />}
      {children}
    </div>
  );
}
