// Earlier calls at a place. A place that is not known to be public counts as a dwelling: type and time only, 30 days.
import { dayText, timeText } from "../age";
import { earlierHere } from "../duplicates";
import type { LonLat } from "../geo";
import { t } from "../lang";
import { useNow, useStore } from "../store";
import { typeText } from "./form";

export function EarlierHere({ position }: { position: LonLat | undefined; but?: string[] }) {
  const s = useStore(), now = useNow(10_000);
  if (!position) return null;
  const rows = earlierHere(position, now, s.board.incidents.values());
  return (
    <section class="earlier"><h3>{t("web_earlier")}</h3>
      {rows.length === 0 ? <p class="empty">{t("web_earlier_none")}</p>
        : <ul>{rows.slice(0, 6).map((e) => <li key={`${e.at_ms}${e.type}`}><span>{typeText(e.type)}</span> <time>{dayText(e.at_ms, s.view.zone)} {timeText(e.at_ms, s.view.zone)}</time></li>)}</ul>}
    </section>
  );
}
