// What this console has taken and the record has not: how many, of whom, in which state; what was refused, to be mended or
// struck out. Signing out asks first while something waits. And the screen of a console that was opened while nobody answers:
// the call form and what waits, nothing that would look like a board.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayText, timeText } from "../age";
import { codeName, t, word } from "../lang";
import { isAlone, outbox, wakeOutbox } from "../keeper";
import { stageOf, type Entry } from "../outbox";
import { api, chooseLang, closePane, endSession, openCall, set, startBoard, state, stopBoard, takeSession, tellError, useStore } from "../store";
import { Banner } from "./banner";
import { CallPane, forgetDraft, mendCall } from "./call";
import { forgetForms } from "./form";
import { PriorityMark } from "./lists";

const shownEntries = (): Entry[] => outbox.entries.filter((e) => !outbox.isAwaited(e));

/** Below the banner, while anything waits. */
export function OutboxStrip() {
  const s = useStore(), mine = shownEntries().filter((e) => e.account === s.session?.account), others = outbox.entries.filter((e) => e.account !== s.session?.account);
  const count = (stage: string) => mine.filter((e) => stageOf(e) === stage).length;
  const waiting = count("waiting"), kept = count("kept"), refused = count("refused");
  if (!mine.length && !others.length) return null;
  return (
    <button class={`outbox-strip${refused ? " refused" : ""}`} aria-live="polite" data-waiting={waiting} data-kept={kept} data-refused={refused} onClick={() => set({ pane: "outbox", sheet: "details", screen: "desk", help: false })}>
      {waiting > 0 && <b>{t("web_outbox_waiting", { n: waiting })}</b>}{kept > 0 && <b>{t("web_outbox_kept", { n: kept })}</b>}{refused > 0 && <b class="bad">{t("web_outbox_to_mend", { n: refused })}</b>}
      {others.length > 0 && <span>{t("web_outbox_others", { n: others.length, account: [...new Set(others.map((e) => e.account))].join(t("web_list_comma")) })}</span>}
    </button>
  );
}

function Row({ entry: e }: { entry: Entry }) {
  const [sure, setSure] = useState(false), stage = stageOf(e), call = e.deed?.call, zone = state.view.zone;
  return (
    <li class="kept-call" data-stage={stage}>
      <p>{call && <PriorityMark priority={call.priority} />} <b>{call ? codeName("incident_types", call.type) : t("web_outbox_unreadable")}</b> <time>{dayText(e.made_ms, zone)} {timeText(e.made_ms, zone)}</time>
        <span class={`state ${stage === "refused" ? "late" : ""}`}>{word("outbox_stage", stage)}</span></p>
      {call?.address && <p class="where">{call.address}</p>}
      {stage === "kept" && <p class="where">{t("web_outbox_receipt", { receipt: e.deed!.receipt! })}</p>}
      {e.deed?.problem && <p class="field-error">{e.deed.problem.text}</p>}
      {stage === "refused" && <p class="acts">{call && <button class="primary" onClick={() => mendCall(e)}>{t("web_outbox_mend")}</button>}
        {sure ? <><span>{t("web_outbox_strike_sure")}</span><button onClick={() => void outbox.remove(e.order)}>{t("web_outbox_strike")}</button><button class="plain" onClick={() => setSure(false)}>{t("web_cancel")}</button></>
          : <button class="plain" onClick={() => setSure(true)}>{t("web_outbox_strike")}</button>}</p>}
    </li>
  );
}

function OutboxList() {
  const s = useStore(), mine = shownEntries().filter((e) => e.account === s.session?.account), others = outbox.entries.length - outbox.of(s.session?.account ?? "").length;
  return <>
    <p class="hint">{t("web_outbox_hint")}</p>
    {mine.length ? <ol class="kept-calls">{mine.map((e) => <Row key={e.order} entry={e} />)}</ol> : <p class="empty">{t("web_outbox_none")}</p>}
    {others > 0 && <p class="hint">{t("web_outbox_others", { n: others, account: [...new Set(outbox.entries.map((e) => e.account).filter((a) => a !== s.session?.account))].join(t("web_list_comma")) })}</p>}
    {mine.some((e) => stageOf(e) !== "refused") && !isAlone() && <footer class="pane-foot"><button onClick={wakeOutbox}>{t("web_outbox_send")}</button></footer>}
  </>;
}
export function OutboxPane() {
  useStore();
  return (
    <div class="pane outbox-pane">
      <header class="pane-head"><h2>{t("web_outbox")}</h2><button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
      <OutboxList />
    </div>
  );
}

// --- signing out ------------------------------------------------------------------------------------------------------
async function leave(): Promise<void> {
  await endSession().catch(tellError);
  stopBoard();
  forgetForms();
  forgetDraft();
  set({ session: null, pane: "none", screen: "desk", sheet: "map", recovery: [], alone: false, leaving: false });
}
/** Asks first when calls of this account wait here. */
export function signOut(): void {
  if (outbox.of(state.session?.account ?? "").length) set({ leaving: true });
  else void leave();
}
export function LeaveDialog() {
  const s = useStore(), box = useRef<HTMLDialogElement>(null), mine = outbox.of(s.session?.account ?? "");
  const stay = () => set({ leaving: false });
  useLayoutEffect(() => box.current?.querySelector("button")?.focus(), []);
  const strike = async () => {
    for (const e of mine) await outbox.remove(e.order);
    await leave();
  };
  return (
    <dialog class="leave" open ref={box} aria-label={t("web_leave_title", { n: mine.length })} onKeyDown={(e) => { if (e.key === "Escape") { e.stopPropagation(); stay(); } }}>
      <h2>{t("web_leave_title", { n: mine.length })}</h2>
      <p>{t("web_leave_hint", { account: s.session?.account ?? "" })}</p>
      <div class="acts"><button class="primary" onClick={stay}>{t("web_leave_stay")}</button><button onClick={() => void leave()}>{t("web_leave_keep")}</button>
        <button class="danger" onClick={() => void strike()}>{t("web_leave_strike", { n: mine.length })}</button></div>
    </dialog>
  );
}

// --- opened while nobody answers ----------------------------------------------------------------------------------------
const ASK_MS = 1_500;
export function AloneScreen() {
  const s = useStore();
  useEffect(() => {
    let busy = false;
    const ask = async () => {
      if (busy) return;
      busy = true;
      const found = await api.session().catch(() => undefined);
      if (found) {
        await startBoard().then(() => takeSession(found), () => undefined);
        wakeOutbox();
      } else if (found === null) set({ session: null, alone: false });
      busy = false;
    };
    const timer = setInterval(() => void ask(), ASK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="shell alone">
      <header class="bar"><span class="brand"><img src="./icon.svg" alt="" width="22" height="22" /><b class="kept-brand">{t("web_brand")}</b></span><button class="primary new-call-alone" onClick={openCall}>{t("web_new_call")} <kbd>N</kbd></button><span class="spring" />
        <button class="plain" lang={s.lang === "zh" ? "en" : "zh"} onClick={() => chooseLang(s.lang === "zh" ? "en" : "zh")}>{t("web_other_language")}</button>
        <button class="plain" title={t("web_sign_out")} onClick={signOut}>{s.session?.name}</button></header>
      <div class="banners"><Banner /></div>
      <main class="alone-main">
        <section class="alone-form">{s.pane === "call" ? <CallPane /> : <div class="pane"><p class="hint">{t("web_alone_hint")}</p><p><button class="primary" onClick={openCall}>{t("web_new_call")}</button></p></div>}</section>
        <section class="alone-list pane" aria-label={t("web_outbox")}><h2>{t("web_outbox")} {s.session && shownEntries().length > 0 && <span class="count">{shownEntries().length}</span>}</h2><OutboxList /></section>
      </main>
      {s.leaving && <LeaveDialog />}
    </div>
  );
}
