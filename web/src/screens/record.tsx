// The log as the desk tells of it: its newest tree head, who has cosigned it, and what verification beside the desk has last said. No event
// and no person is shown here. Nothing on it proves anything by itself: it says what to compare with a witness or an exported bundle.
import type * as wire from "gen/api";
import { useEffect, useState } from "preact/hooks";
import { dayText, readTime, timeText } from "../age";
import { t } from "../lang";
import { api, state, tell } from "../store";

const READ_EVERY_MS = 10_000;
const at = (time: string | null): string => {
  const ms = readTime(time) ?? 0;
  return `${dayText(ms, state.view.zone)} ${timeText(ms, state.view.zone)}`;
};

function Verification({ of: v }: { of: wire.LogVerification }) {
  const done = { n: v.verified, all: v.events };
  if (v.state === "sound") return <span class="good">{t("web_log_sound", { n: v.verified })}</span>;
  if (v.state === "running") return <span>{t("web_log_running", done)}</span>;
  return <span class="bad">{v.state === "damaged" ? t("web_log_damaged", { seq: v.first_bad ?? 0 }) : t("web_log_unreadable")}{v.why && <small>{v.why}</small>}</span>;
}

function Witness({ of: w, head }: { of: wire.LogWitness; head: wire.TreeHead | null }) {
  const mark = w.size === null ? "bad" : w.size === head?.size ? "good" : "warn";
  return (
    <li data-mark={mark}><b>{w.name}</b> <span class={mark}>{w.size === null ? t("web_witness_none") : w.size === head?.size ? t("web_witness_this", { time: at(w.at) }) : t("web_witness_older", { n: w.size, time: at(w.at) })}</span></li>
  );
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text).then(() => tell(t("web_copied")), () => tell(t("web_copy_failed"), "bad"));
}

function Head({ log, head: h }: { log: wire.OversightLog; head: wire.TreeHead }) {
  const after = log.events - h.size;
  return (
    <>
      <div><dt>{t("web_head")}</dt><dd>{t("web_head_size", { n: h.size })}{h.up_to && <small>{t("web_head_up_to", { time: at(h.up_to) })}</small>}
        {after < 0 ? <small class="bad" role="alert">{t("web_head_ahead", { n: log.events })}</small> : after > 0 && <small>{t("web_head_after", { n: after })}</small>}</dd></div>
      <div><dt>{t("web_head_root")}</dt><dd><code class="root">{h.root}</code></dd></div>
      <div><dt>{t("web_head_signed")}</dt><dd><code>{h.origin}</code></dd></div>
    </>
  );
}

export function RecordCard() {
  const [log, setLog] = useState<wire.OversightLog | null>(null), [problem, setProblem] = useState(""), [asked, ask] = useState(0);
  useEffect(() => {
    let gone = false;
    const read = () => api.oversightLog().then((found) => { if (!gone) { setLog(found); setProblem(""); } }, (error) => { if (!gone) setProblem((error as Error).message); });
    void read();
    const timer = setInterval(() => void read(), READ_EVERY_MS);
    return () => { gone = true; clearInterval(timer); };
  }, [asked]);
  const head = log?.head ?? null;
  return (
    <section class="card record">
      <header class="card-head"><h2>{t("web_log")}</h2><button class="plain" onClick={() => ask((n) => n + 1)}>{t("web_flags_again")}</button></header>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      {log && (
        <>
          <dl class="record-facts">
            <div><dt>{t("web_log_events")}</dt><dd>{t("web_log_events_n", { n: log.events })}</dd></div>
            <div class="verification" data-state={log.verification.state}><dt>{t("web_log_verification")}</dt><dd><Verification of={log.verification} /></dd></div>
            {head && <Head log={log} head={head} />}
            <div><dt>{t("web_witnesses")}</dt><dd>{log.witnesses.length ? <ul class="witnesses">{log.witnesses.map((w) => <Witness key={w.name} of={w} head={head} />)}</ul> : <span class="warn">{t("web_witnesses_none")}</span>}</dd></div>
          </dl>
          {log.problem && <p class="field-error" role="alert">{log.problem}</p>}
          {!head && !log.problem && <p class="empty">{t("web_head_none")} <code>precinct log key</code> <code>precinct log heads</code></p>}
          {head && <details class="note"><summary>{t("web_head_note")}</summary><pre tabIndex={0}>{head.note}</pre><button onClick={() => void copy(head.note)}>{t("web_copy")}</button></details>}
          <p class="hint">{t("web_log_hint")}</p>
        </>
      )}
    </section>
  );
}
