// In which state the service is, what it means and what to do: the gravest alone, in plain words. The stream says it within a
// second; who has no stream, or hears nothing on it, asks. Nobody closes it: it goes when it is over.
import { useEffect } from "preact/hooks";
import type * as wire from "gen/api";
import { readTime, timeText } from "../age";
import { t, word } from "../lang";
import { api, set, state, useStore } from "../store";

const ASK_MS = 5_000;
export type Running = wire.State["state"] | "offline";
export interface Told {
  running: Running;
  text: string; // what it means
  deed: string; // what to do; may be empty
  grave: boolean; // calls are not going where they should
}

const told = (running: Running, text: string, deed = "", grave = true): Told => ({ running, text, deed, grave });

function spoolText(s: wire.State, zone?: string): string {
  const since = s.oldest_at ? timeText(readTime(s.oldest_at) ?? 0, zone) : "";
  if (s.reason === "draining") return t("web_state_draining", { n: s.pending });
  const why = word("spool_reason", s.reason ?? "record_failed");
  return s.pending > 0 && since ? t("web_state_spool", { why, n: s.pending, since }) : t("web_state_spool_empty", { why });
}

/** What to tell, the gravest first; null when all is well. */
export function toldOf(s: wire.State | null, lost: boolean, zone?: string): Told | null {
  if (lost) return told("offline", t("web_state_offline"), t("web_state_offline_deed"));
  if (!s) return null;
  if (s.state === "stopped") return told("stopped", t("web_state_stopped"), t("web_state_stopped_deed"));
  if (s.state === "unproven") return told("unproven", t("web_state_unproven"), t("web_state_unproven_deed"));
  if (s.state === "spool") return told("spool", spoolText(s, zone), t(s.reason === "draining" ? "web_state_draining_deed" : "web_state_spool_deed"), s.reason !== "draining");
  if (s.shedding.length > 0) return told("normal", t("web_state_shedding", { lanes: s.shedding.map((l) => word("lane", l)).join(t("web_list_comma")) }), "", false);
  if (s.state === "log_damaged") return told("log_damaged", t("web_health_log_damaged", { seq: s.log_first_bad ?? 0 }));
  if (s.tracks !== "normal") return told("normal", t("web_health_tracks"), "", false);
  return null;
}

export function Banner() {
  const s = useStore();
  useEffect(() => {
    const ask = () => void (state.service_ms > Date.now() - 2 * ASK_MS ? undefined : api.health().then((found) => found && set({ service: found })));
    ask();
    const timer = setInterval(ask, ASK_MS);
    return () => clearInterval(timer);
  }, []);
  const shown = toldOf(s.service, s.alone || s.life.link === "lost", s.view.zone);
  if (!shown) return null;
  return <p class={`lost-banner${shown.grave ? "" : " mild"}`} role="alert" data-state={shown.running}><b>{word("running", shown.running)}</b> {shown.text} {shown.deed}</p>;
}
