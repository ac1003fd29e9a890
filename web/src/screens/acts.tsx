// Acts that take two persons, and glass broken in an emergency: what waits for a second person, and what nobody has reviewed yet.
import type * as wire from "gen/api";
import { useEffect, useState } from "preact/hooks";
import { dayText, readTime, timeText } from "../age";
import { t, word } from "../lang";
import { api, closePane, set, state, tell, useStore } from "../store";
import { DeedForm } from "./form";
import { may } from "./options";

const VERDICTS: wire.GlassReviewBody["verdict"][] = ["justified", "unjustified"];
const READ_EVERY_MS = 10_000;
const mayDecide = (): boolean => may("commander", "security_admin", "audit_admin", "oversight");

const shown = { requests: [] as wire.Request[], glass: [] as wire.Glass[] };

async function read(): Promise<void> {
  const [requests, glass] = await Promise.all([api.waitingRequests(), may("security_admin") && !may("commander", "oversight") ? { items: [] } : api.unreviewedGlass()]);
  shown.requests = requests.items;
  shown.glass = glass.items;
  set({});
}

/** Read while somebody who decides is signed in. */
export function useActs(): void {
  const s = useStore();
  useEffect(() => {
    if (!s.session || !mayDecide()) return;
    const again = () => void (state.life.link !== "lost" && read().catch(() => null)); // the next try comes by itself
    again();
    const timer = setInterval(again, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [s.session?.account]);
}

/** In the bar of those who decide; the number is of what waits for them. */
export function ActsButton() {
  const s = useStore();
  useActs();
  const count = shown.requests.filter((r) => !r.mine).length + shown.glass.filter((g) => !g.mine).length;
  if (!mayDecide()) return null;
  return <button class="plain acts-open" aria-pressed={s.pane === "acts"} onClick={() => set({ pane: "acts", sheet: "details", screen: "desk", help: false })}>{t("web_acts")}{count > 0 && <b class="badge">{count}</b>}</button>;
}

const at = (time: string): string => {
  const ms = readTime(time) ?? 0;
  return `${dayText(ms, state.view.zone)} ${timeText(ms, state.view.zone).slice(0, 5)}`;
};

function RequestRow({ request: r }: { request: wire.Request }) {
  const [deed, setDeed] = useState<"approve" | "refuse" | "">("");
  return (
    <li class="act" data-id={r.id}>
      <p><b>{word("act", r.act)}</b> {r.subject}{r.roles.length > 0 && ` → ${r.roles.map((role) => word("role", role)).join(t("web_list_comma"))}`}{r.days !== null && ` → ${t("web_act_days", { n: r.days })}`}</p>
      <p class="sub"><span class="id">{r.id}</span> {t("web_act_by", { account: r.asked_by, time: at(r.asked_at) })}{r.for_case && ` · ${r.for_case}`}</p>
      <p>{r.reason}</p>
      {r.mine ? <p class="hint">{t("web_act_mine")}</p> : !deed && <p><button class="plain" onClick={() => setDeed("approve")}>{t("web_act_approve")}</button> <button class="plain" onClick={() => setDeed("refuse")}>{t("web_act_refuse")}</button></p>}
      {deed && <DeedForm id={`${deed}-${r.id}`} title={deed === "approve" ? t("web_act_approve_title", { request: r.id }) : t("web_act_refuse_title", { request: r.id })} submit={deed === "approve" ? t("web_act_approve") : t("web_act_refuse")} close={() => setDeed("")}
        start={{}} fields={[{ kind: "text", name: "reason", label: t("web_reason"), max: 60 }]}
        send={(v, key) => api.decideRequest(r.id, deed, v.reason ? { reason: v.reason } : {}, key)} done={() => { tell(t("web_act_decided", { request: r.id })); void read().catch(() => null); }} />}
    </li>
  );
}

function GlassRow({ glass: g }: { glass: wire.Glass }) {
  const [open, setOpen] = useState(false);
  return (
    <li class="act" data-id={g.id}>
      <p><b>{t("web_glass_of", { subject: g.subject })}</b></p>
      <p class="sub"><span class="id">{g.id}</span> {t("web_act_by", { account: g.by, time: at(g.at) })} · {word("role", g.role)}</p>
      <p>{g.reason}</p>
      {g.mine ? <p class="hint">{t("web_glass_mine")}</p> : !open && <p><button class="plain" onClick={() => setOpen(true)}>{t("web_glass_review")}</button></p>}
      {open && <DeedForm id={`review-${g.id}`} title={t("web_glass_review_title", { glass: g.id })} submit={t("web_glass_review")} close={() => setOpen(false)} start={{ verdict: "" }}
        fields={[{ kind: "choice", name: "verdict", label: t("web_glass_verdict"), options: VERDICTS.map((v) => [v, word("verdict", v)]), needed: true }, { kind: "text", name: "reason", label: t("web_reason"), max: 60, needed: true }]}
        send={(v, key) => api.reviewGlass(g.id, { verdict: v.verdict as wire.GlassReviewBody["verdict"], reason: v.reason ?? "" }, key)} done={() => { tell(t("web_act_decided", { request: g.id })); void read().catch(() => null); }} />}
    </li>
  );
}

export function ActsLists() {
  useStore();
  return (
    <>
      <h3>{t("web_acts_waiting")}</h3>
      <ul class="acts">{shown.requests.map((r) => <RequestRow key={r.id} request={r} />)}</ul>
      {!shown.requests.length && <p class="empty">{t("web_acts_none")}</p>}
      <h3>{t("web_glass")}</h3>
      <ul class="acts">{shown.glass.map((g) => <GlassRow key={g.id} glass={g} />)}</ul>
      {!shown.glass.length && <p class="empty">{t("web_glass_none")}</p>}
    </>
  );
}

export function ActsPane() {
  return (
    <div class="pane acts-pane">
      <header class="pane-head"><h2>{t("web_acts")}</h2><button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
      <ActsLists />
    </div>
  );
}
