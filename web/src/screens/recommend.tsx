// Whom to send and why, and why not the others. The answer is asked for again when the incident changes and every ten
// seconds; the keys 1 to 9 send.
import { useEffect, useRef, useState } from "preact/hooks";
import { clockText } from "../age";
import { newKey } from "../api";
import { t } from "../lang";
import type { Candidate, Incident, Recommendation } from "../model";
import { api, openUnit, state, tell, tellError, useStore, useWall } from "../store";
import { usePaneKeys } from "./form";
import { Age } from "./lists";
import { mayLead } from "./options";

export function Recommend({ incident, onSent }: { incident: Incident; onSent: () => void }) {
  const s = useStore(), wall = useWall();
  const [found, setFound] = useState<{ r: Recommendation; at_ms: number } | null>(null), [problem, setProblem] = useState(""), [busy, setBusy] = useState("");
  const [passed, setPassed] = useState(false), keys = useRef(new Map<string, string>());
  const ask = () => api.recommendation(incident.id).then((r) => { setFound({ r, at_ms: Date.now() }); setProblem(""); }, (e: Error) => setProblem(e.message));
  useEffect(() => { void ask(); }, [incident.id, incident.state, incident.priority, incident.type, incident.orders.length, s.lang]);
  useEffect(() => {
    const timer = setInterval(() => { if (state.life.link === "live") void ask(); }, 10_000);
    return () => clearInterval(timer);
  }, [incident.id]);
  const send = async (c: Candidate | undefined) => {
    if (!c || busy || !mayLead()) return;
    setBusy(c.unit);
    const key = keys.current.get(c.unit) ?? newKey();
    keys.current.set(c.unit, key);
    try {
      await api.sendUnit(incident.id, c.unit, key, found?.r.policy, c.divert);
      keys.current.delete(c.unit);
      tell(t("web_sent", { unit: c.name }));
      onSent();
    } catch (e) {
      tellError(e);
      void ask();
    }
    setBusy("");
  };
  const ranked = found?.r.ranked.slice(0, 5) ?? [];
  usePaneKeys(Object.fromEntries(ranked.map((c, n) => [String(n + 1), () => void send(c)])));
  const reasons = (all: string[]) => all.map((r) => <p class="reason" key={r}>{r}</p>);
  return (
    <section class="recommend">
      <h3>{t("web_recommend")} {found && <Age read_ms={found.at_ms} now={wall} slack_ms={12_000} />}<button class="plain" onClick={ask}>{t("web_ask_again")}</button></h3>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {found?.r.note && <p class="hint" role="status">{found.r.note}</p>}
      {found && ranked.length === 0 && <p class="empty">{t("web_recommend_none")}</p>}
      <ol class="ranked">
        {ranked.map((c, n) => (
          <li key={c.unit} class={n === 0 ? "first" : ""}>
            <div class="ranked-head"><button class="plain unit-name" onClick={() => openUnit(c.unit)}>{c.name}</button><b class="travel">{clockText(c.travel_ms)}</b>
              {mayLead() && <button class={n === 0 ? "primary" : ""} disabled={busy !== ""} onClick={() => void send(c)}>{c.divert ? t("web_divert") : t("web_send")} <kbd>{n + 1}</kbd></button>}</div>
            {reasons(c.reasons)}
          </li>))}
      </ol>
      {found && found.r.passed.length > 0 && (
        <div class="passed"><button class="plain" aria-expanded={passed} onClick={() => setPassed(!passed)}><span aria-hidden="true">{passed ? "▾" : "▸"}</span> {t("web_passed", { n: found.r.passed.length })}</button>
          {passed && <ul>{found.r.passed.slice(0, 100).map((p) => <li key={p.unit}><b>{p.name}</b> {p.travel_ms !== undefined && <span class="travel">{clockText(p.travel_ms)}</span>}{reasons(p.reasons)}</li>)}</ul>}</div>)}
    </section>
  );
}
