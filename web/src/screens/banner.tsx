// What one must know before anything else, the gravest alone: nothing is heard of the service, it takes no calls, or
// something of what it keeps is not sound. A fault that leaves the desk working is shown and may be read twice; nobody
// closes it.
import { useEffect, useState } from "preact/hooks";
import type { Health } from "gen/api";
import { t } from "../lang";
import { api, useStore } from "../store";

const ASK_MS = 5_000;

/** The sentence for the gravest fault, or "" when all is well. */
export function faultOf(health: Health | null): string {
  if (health?.state === "stopped") return t("web_health_stopped");
  if (health?.state === "disk_full") return t("web_health_disk_full");
  if (health?.state === "log_damaged") return t("web_health_log_damaged", { seq: health.log_first_bad ?? 0 });
  if (health && health.tracks !== "normal") return t("web_health_tracks");
  return "";
}

export function Banner() {
  const s = useStore(), [health, setHealth] = useState<Health | null>(null);
  useEffect(() => {
    const ask = () => void api.health().then((found) => found && setHealth(found));
    ask();
    const timer = setInterval(ask, ASK_MS);
    return () => clearInterval(timer);
  }, []);
  const text = s.life.link === "lost" ? t("web_link_lost_banner") : faultOf(health);
  return text ? <p class="lost-banner" role="alert">{text}</p> : null;
}
