// The shell: bar, lists left, map in the middle, details right; on a phone the same panes as sheets over the map.
import { useEffect, useLayoutEffect } from "preact/hooks";
import { ageText, dayText, timeText } from "../age";
import { focusNext, useFocusNext } from "../focus";
import { t } from "../lang";
import { MapPane, showMarker } from "../map/map";
import { openIncidents } from "../model";
import { chooseLang, chooseLight, isField, isNight, isOffice, openCall, closeAccount, closePane, openAccount, set, state, useNow, useStore, useWall, type Sheet } from "../store";
import { AccountButton, AccountScreen } from "./account";
import { ActsButton, ActsPane } from "./acts";
import { Banner } from "./banner";
import { CallPane } from "./call";
import { ClosuresButton, ClosuresPane, openClosures, useClosedLines } from "./closures";
import { CommandScreen } from "./command";
import { isTyping } from "./form";
import { Help } from "./help";
import { IncidentPane } from "./incident";
import { Lists } from "./lists";
import { LoosePane } from "./loose";
import { AloneScreen, LeaveDialog, OutboxPane, OutboxStrip } from "./outbox";
import { PaperPane } from "./paper";
import { mayPatrol, PatrolPanel } from "./patrol";
import { SignIn } from "./signin";
import { pauseOrPlay, stepSpeed, TimeBar } from "./timebar";
import { UnitPane } from "./unit";
import { FieldScreen, maySee, OfficeScreen, WatchScreen } from "./watch";

function onKey(e: KeyboardEvent): void {
  if (e.key === "Escape") {
    if (state.help) set({ help: false });
    else if (state.screen === "account") closeAccount();
    else if (state.pane !== "none") {
      const opened = state.pane === "unit" ? state.unit : state.pane === "incident" ? state.incident : state.loose;
      closePane();
      focusNext(`.lists .row[data-id="${opened}"]`); // where one came from
    }
    return;
  }
  if (isTyping(e) || e.ctrlKey || e.metaKey || e.altKey || !state.session) return;
  const tab = (name: typeof state.tab) => {
    set({ tab: name, screen: "desk", sheet: name === "units" ? "units" : "incidents" });
    focusNext(".lists .row");
  };
  const everywhere: Record<string, () => void> = { y: openAccount, l: () => chooseLang(state.lang === "zh" ? "en" : "zh"), d: () => chooseLight(isNight() ? "day" : "night") };
  const deeds: Record<string, () => void> = isOffice(state.session.roles) ? everywhere : {
    ...everywhere, n: openCall, k: openClosures, w: () => tab("waiting"), i: () => tab("incidents"), u: () => tab("units"), c: () => set({ screen: state.screen === "command" ? "desk" : "command", sheet: "command" }), j: () => mayPatrol() && set({ screen: state.screen === "patrol" ? "desk" : "patrol", sheet: "patrol" }),
    "?": () => set({ help: !state.help }),
    m: () => { set({ screen: "desk", sheet: "map" }); focusNext(".maplibregl-canvas"); },
    "/": () => focusNext(".lists input"), p: pauseOrPlay, ",": () => stepSpeed(-1), ".": () => stepSpeed(1),
  };
  const deed = deeds[e.key.toLowerCase()];
  if (deed) {
    e.preventDefault();
    deed();
  }
}

function LinkState() {
  const s = useStore(), now = useWall(500);
  const { link, lost_ms } = s.life;
  const word = link === "live" ? t("web_link_live") : link === "connecting" ? t("web_link_connecting") : t("web_link_lost", { age: ageText(now - lost_ms) });
  return <span class={`link link-${link}`} role="status" data-link={link}><i aria-hidden="true" />{word}</span>;
}

/** In a replay the time bar shows the desk's clock. */
function Clock() {
  const now = useNow(), zone = state.view.zone;
  if (state.replay) return null;
  return <time class="clock"><b>{timeText(now, zone)}</b> <span>{dayText(now, zone)}</span></time>;
}

function Bar() {
  const s = useStore(), waiting = openIncidents(s.board).filter((i) => i.state === "waiting").length + s.board.calls.size;
  const screen = (name: typeof s.screen, text: string) => (
    <button class="tab" aria-pressed={s.screen === name} onClick={() => set({ screen: name, sheet: name === "desk" ? "map" : name })}>{text}</button>
  );
  return (
    <header class="bar">
      <span class="brand"><img src="./icon.svg" alt="" width="22" height="22" /><b>{t("web_brand")}</b> <span class="site">{s.view.map_source === "town" ? t("web_map_town") : s.view.site}</span>{s.session?.drill && <b class="drill">{t("web_drill")}</b>}</span>
      <nav class="tabs" aria-label={t("web_screens")}>{screen("desk", t("web_screen_desk"))}{screen("command", t("web_screen_command"))}{maySee() && screen("watch", t("web_screen_watch"))}{mayPatrol() && screen("patrol", t("web_screen_patrol"))}</nav>
      <button class="primary new-call" onClick={openCall}>{t("web_new_call")} <kbd>N</kbd></button>
      <ClosuresButton />
      <ActsButton />
      <span class="spring" />
      {waiting > 0 && <button class="waits" onClick={() => set({ tab: "waiting", screen: "desk", sheet: "incidents" })}>{t("web_waiting_count", { n: waiting })}</button>}
      <LinkState />
      <Clock />
      <button class="plain" lang={s.lang === "zh" ? "en" : "zh"} onClick={() => chooseLang(s.lang === "zh" ? "en" : "zh")}>{t("web_other_language")}</button>
      <button class="plain light" onClick={() => chooseLight(isNight() ? "day" : "night")}>{isNight() ? t("web_light_day") : t("web_light_night")}</button>
      <button class="plain" aria-label={t("web_key_help")} onClick={() => set({ help: !s.help })}>?</button>
      <AccountButton />
    </header>
  );
}

function Notice() {
  const s = useStore(), now = useWall();
  const shown = s.notice && now - s.notice.at_ms < (s.notice.kind === "bad" ? 12_000 : 4_000) ? s.notice : null;
  return <div class="notices" aria-live="polite">{shown && <p class={`notice ${shown.kind}`} role={shown.kind === "bad" ? "alert" : undefined}>{shown.text} <button class="plain" aria-label={t("web_close")} onClick={() => set({ notice: null })}>×</button></p>}</div>;
}

function PhoneTabs() {
  const s = useStore();
  const tab = (sheet: Sheet, text: string, icon: string, deed: () => void, badge = 0) => (
    <button key={sheet + text} aria-pressed={s.sheet === sheet && (sheet !== "details" || s.pane === "call")} onClick={deed}><span aria-hidden="true">{icon}</span>{text}{badge > 0 && <b class="badge">{badge}</b>}</button>
  );
  const waiting = openIncidents(s.board).filter((i) => i.state === "waiting").length + s.board.calls.size;
  return (
    <nav class="phone-tabs" aria-label={t("web_screens")}>
      {tab("map", t("web_map"), "◎", () => set({ sheet: "map", screen: "desk" }))}
      {tab("incidents", t("web_incidents"), "◆", () => set({ sheet: "incidents", tab: "incidents", screen: "desk" }), waiting)}
      {tab("details", t("web_new_call"), "＋", openCall)}
      {tab("units", t("web_units"), "▲", () => set({ sheet: "units", tab: "units", screen: "desk" }))}
      {tab("command", t("web_screen_command"), "▤", () => set({ sheet: "command", screen: "command" }))}
      {maySee() && tab("watch", t("web_screen_watch"), "◉", () => set({ sheet: "watch", screen: "watch" }))}
      {mayPatrol() && tab("patrol", t("web_screen_patrol"), "⟳", () => set({ sheet: "patrol", screen: "patrol" }))}
    </nav>
  );
}

export function App() {
  const s = useStore();
  useLayoutEffect(() => { // before the first key can arrive
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useClosedLines();
  useFocusNext();
  useEffect(() => {
    if (s.pane !== "call") showMarker(null);
  }, [s.pane]);
  if (s.session === undefined) return <p class="opening" role="status">{t("web_opening")}</p>;
  if (s.session === null) return <><SignIn /><Notice /></>;
  if (s.alone) return <><AloneScreen /><Notice /></>;
  if (isField(s.session.roles)) return <FieldScreen><Notice /></FieldScreen>;
  if (isOffice(s.session.roles)) return <OfficeScreen><Notice /></OfficeScreen>;
  return (
    <div class={`shell screen-${s.screen} sheet-${s.sheet} pane-${s.pane}`}>
      <Bar />
      <TimeBar />
      <div class="banners"><Banner /><OutboxStrip /></div>
      <main class="desk">
        {s.screen === "patrol" ? <PatrolPanel /> : <Lists />}
        <MapPane />
        <ClosuresButton place="on-map" />
        {s.pane !== "none" && s.screen !== "patrol" && (
          <aside class="details">
            {s.pane === "call" && <CallPane />}
            {s.pane === "outbox" && <OutboxPane />}
            {s.pane === "paper" && <PaperPane />}
            {s.pane === "loose" && <LoosePane key={s.loose} id={s.loose} />}
            {s.pane === "incident" && <IncidentPane key={s.incident} id={s.incident} />}
            {s.pane === "closures" && <ClosuresPane />}
            {s.pane === "acts" && <ActsPane />}
            {s.pane === "unit" && <UnitPane key={s.unit} id={s.unit} />}
          </aside>
        )}
      </main>
      {s.screen === "command" && <CommandScreen />}
      {s.screen === "watch" && maySee() && <WatchScreen />}
      {s.screen === "account" && <AccountScreen />}
      <PhoneTabs />
      {s.help && <Help />}
      {s.leaving && <LeaveDialog />}
      <Notice />
    </div>
  );
}
