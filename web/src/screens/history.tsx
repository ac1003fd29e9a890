// Earlier calls at a place. A place that is not known to be public counts as a dwelling: type and time only, 30 days.
import { useEffect, useState } from "preact/hooks";
import { dayText, hourText } from "../age";
import type { LonLat } from "../geo";
import { t, word } from "../lang";
import type { Earlier } from "../model";
import { api, openIncident, state, useStore } from "../store";
import { typeText } from "./form";
import { may } from "./options";

const SHOWN = 6;

/** `but`: the incident at hand, which is not earlier than itself. */
export function EarlierHere({ position, but = "" }: { position: LonLat | undefined; but?: string }) {
  const s = useStore(), [found, setFound] = useState<Earlier | null>(null), [problem, setProblem] = useState(""), [all, setAll] = useState(false);
  const asked = position && may("call_taker", "dispatcher", "commander") ? position.join() : "";
  useEffect(() => {
    let gone = false;
    setFound(null);
    setAll(false);
    const timer = setTimeout(() => {
      if (asked) api.earlier(position!).then((e) => { if (!gone) { setFound(e); setProblem(""); } }, (e: Error) => { if (!gone) setProblem(e.message); });
    }, 200);
    return () => { gone = true; clearTimeout(timer); };
  }, [asked]);
  if (!asked) return null;
  const own = state.board.incidents.get(but), zone = s.view.zone;
  // Of a dwelling no numbers are told: the incident's own first call is known by its time.
  const calls = (found?.calls ?? []).filter((c) => c.incident !== but && !(own && !c.incident && c.type === own.told && Math.abs(c.at_ms - own.opened_ms) < 90_000));
  return (
    <section class="earlier"><h3>{t("web_earlier")}{found && <span class="count">{calls.length}</span>}</h3>
      {problem && <p class="field-error">{problem}</p>}
      {found && calls.length === 0 && <p class="empty">{t("web_earlier_none", { days: found.days, m: found.radius_m })}</p>}
      <ul>{calls.slice(0, all ? 100 : SHOWN).map((c) => (
        <li key={`${c.at_ms}${c.type}`}><span class="what">{typeText(c.type)}{c.result && <span class="where"> {word("result", c.result)}</span>}</span>
          <time>{dayText(c.at_ms, zone)} {hourText(c.at_ms, zone)}</time>{c.incident && <button type="button" class="plain" onClick={() => openIncident(c.incident!)}>{c.incident}</button>}</li>))}</ul>
      {calls.length > SHOWN && !all && <button type="button" class="plain more" onClick={() => setAll(true)}>{t("web_earlier_more", { n: calls.length - SHOWN })}</button>}
      {found?.dwelling && calls.length > 0 && <p class="hint">{t("web_earlier_dwelling")}</p>}
    </section>
  );
}
