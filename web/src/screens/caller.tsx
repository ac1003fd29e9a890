// The calls of an incident, and what is sealed of them. To see it one says what for; the looking is on record before the
// answer comes. What was seen lives in this component only: it is gone when the panel closes, and is kept nowhere.
import { useEffect, useState } from "preact/hooks";
import { timeText } from "../age";
import { t, word } from "../lang";
import type { Call, Incident, Sealed } from "../model";
import { api, set, state, useStore } from "../store";
import { DeedForm, typeText } from "./form";
import { may } from "./options";

const SHOWN = 5;

export function Calls({ incident, wanted, setWanted }: { incident: Incident; wanted: string; setWanted: (call: string) => void }) {
  const [calls, setCalls] = useState<Call[]>([]), [seen, setSeen] = useState<Record<string, Sealed>>({});
  const ids = incident.calls.slice(0, SHOWN), s = useStore();
  useEffect(() => {
    let gone = false;
    Promise.all(ids.map((id) => api.call(id))).then((all) => { if (!gone) setCalls(all); }, () => undefined);
    return () => { gone = true; };
  }, [incident.calls.join()]);
  const allowed = may("call_taker", "dispatcher", "commander");
  return (
    <section class="calls"><h3>{t("web_calls")}{incident.calls.length > 1 && <span class="count">{incident.calls.length}</span>}</h3>
      <ul>{ids.map((id, n) => {
        const call = calls.find((c) => c.id === id), shown = seen[id];
        return (
          <li key={id} class="call-row">
            <div class="call-head"><span class="what">{call ? <>{word("channel", call.channel)} <time>{timeText(call.received_ms, s.view.zone)}</time></> : id}</span>
              {call && call.type !== incident.type && <span class="where">{typeText(call.type)}</span>}
              {allowed && (shown ? <button class="plain" onClick={() => setSeen(({ [id]: _, ...rest }) => rest)}>{t("web_look_hide")}</button>
                : wanted !== id && <button onClick={() => setWanted(id)}>{t("web_look")} {n === 0 && <kbd>V</kbd>}</button>)}</div>
            {wanted === id && !shown && (
              <DeedForm id={`look-${id}`} title={t("web_look_title")} intro={t("web_look_intro")} submit={t("web_look_submit")} close={() => setWanted("")} done={() => setWanted("")}
                start={{ purpose: t("web_look_purpose", { type: typeText(incident.type), id: incident.id }) }}
                fields={[{ kind: "text", name: "purpose", label: t("web_look_what_for"), max: 60, needed: true }]}
                send={async (v) => {
                  const found = await api.look(id, v.purpose!, incident.id);
                  setSeen((all) => ({ ...all, [id]: found }));
                  set({ touched: state.touched + 1 }); // the timeline tells of it
                }} />)}
            {shown && <SealedFacts sealed={shown} />}
          </li>);
      })}</ul>
      {incident.calls.length > SHOWN && <p class="hint">{t("web_calls_more", { n: incident.calls.length - SHOWN })}</p>}
    </section>
  );
}

function SealedFacts({ sealed }: { sealed: Sealed }) {
  const at = sealed.position;
  const rows: [string, string | undefined][] = [[t("web_call_caller"), sealed.caller_name], [t("web_call_phone"), sealed.caller_phone], [t("web_call_place"), sealed.address],
    [t("web_position"), at && `${at[1].toFixed(5)}, ${at[0].toFixed(5)}`], [t("web_call_words"), sealed.words]];
  const told = rows.filter(([, text]) => text);
  return (
    <div class="sealed" role="region" aria-live="polite" aria-label={t("web_look_title")}>
      {told.length ? <dl>{told.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl> : <p class="empty">{sealed.erased ? t("web_look_erased") : t("web_look_nothing")}</p>}
      <p class="hint">{t("web_look_recorded", { account: state.session?.name ?? "" })}</p>
    </div>
  );
}

interface SeenNote {
  key: string;
  by: string;
  at_ms?: number;
  text: string;
}

/** The notes that were sealed with an incident and with the reports of its units; each look is on record. */
export function Notes({ incident, wanted, setWanted }: { incident: Incident; wanted: boolean; setWanted: (wanted: boolean) => void }) {
  const [seen, setSeen] = useState<SeenNote[] | null>(null), s = useStore();
  const reported = incident.orders.filter((o) => o.state === "reported" || o.state === "closed");
  if (!may("dispatcher", "commander")) return null;
  const look = async (purpose: string) => {
    const found: SeenNote[] = (await api.lookNotes(incident.id, purpose)).map((n) => ({ key: String(n.seq), by: n.actor, at_ms: n.at_ms, text: n.erased ? t("web_look_erased") : n.note }));
    for (const order of reported) {
      const { note, erased } = await api.lookOrder(order.id, purpose, incident.id);
      if (note || erased) found.push({ key: order.id, by: order.unitName, text: erased ? t("web_look_erased") : note });
    }
    setSeen(found.filter((n) => n.text));
    set({ touched: state.touched + 1 });
  };
  return (
    <section class="calls"><h3>{t("web_notes")}
      {seen ? <button class="plain" onClick={() => setSeen(null)}>{t("web_look_hide")}</button> : !wanted && <button class="plain" onClick={() => setWanted(true)}>{t("web_notes_look")} <kbd>S</kbd></button>}</h3>
      {wanted && !seen && <DeedForm id={`notes-${incident.id}`} title={t("web_notes")} intro={t("web_look_intro")} submit={t("web_look_submit")} close={() => setWanted(false)} done={() => setWanted(false)}
        start={{ purpose: t("web_look_purpose", { type: typeText(incident.type), id: incident.id }) }} fields={[{ kind: "text", name: "purpose", label: t("web_look_what_for"), max: 60, needed: true }]} send={(v) => look(v.purpose!)} />}
      {seen && <div class="sealed" role="region" aria-live="polite" aria-label={t("web_notes")}>
        {seen.length ? <dl>{seen.map((n) => <div key={n.key}><dt>{n.by}{n.at_ms !== undefined && <> {timeText(n.at_ms, s.view.zone)}</>}</dt><dd>{n.text}</dd></div>)}</dl> : <p class="empty">{t("web_look_nothing")}</p>}
        <p class="hint">{t("web_look_recorded", { account: s.session?.name ?? "" })}</p></div>}
    </section>
  );
}
