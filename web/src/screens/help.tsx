// The keys, by where they work.
import { useLayoutEffect, useRef } from "preact/hooks";
import { t, type MessageKey } from "../lang";
import { set, useStore } from "../store";

type Keys = [string, MessageKey][];
const EVERYWHERE: Keys = [["N", "web_key_new_call"], ["W", "web_key_waiting"], ["I", "web_key_incidents"], ["U", "web_key_units"], ["K", "web_closures"], ["↑ ↓ Enter", "web_key_move"], ["/", "web_key_filter"],
  ["M", "web_key_map"], ["C", "web_key_command"], ["J", "web_screen_patrol"], ["Y", "web_account_page"], ["L", "web_key_language"], ["D", "web_key_light"], ["Esc", "web_key_close"], ["?", "web_key_help"]];
const CALL: Keys = [["Ctrl Enter", "web_key_save"], ["Alt 1 – 5", "web_key_join"], ["Alt S", "web_key_settle"]];
const INCIDENT: Keys = [["1 – 5", "web_key_send"], ["G", "web_key_step"], ["T", "web_key_divert"], ["B", "web_key_cancel"], ["E", "web_key_classify"], ["F", "web_key_refer"], ["V", "web_key_look"], ["S", "web_key_notes"], ["X", "web_key_close_incident"]];
const UNIT: Keys = [["O", "web_key_duty"], ["A", "web_key_available"], ["R", "web_key_reach"], ["H", "web_key_drive"]];
const CLOSURES: Keys = [["A", "web_closure_new"], ["Ctrl Enter", "web_key_save"], ["↑ ↓ ← → Enter", "web_key_mark"], ["Backspace", "web_key_unmark"]];
const REPLAY: Keys = [["P", "web_key_pause"], [", .", "web_key_speed"]];

function Group({ title, keys }: { title: string; keys: Keys }) {
  return (
    <section><h3>{title}</h3>
      <dl>{keys.map(([key, what]) => <div key={key}><dt>{key.split(" ").map((k) => (k === "–" ? k : <kbd key={k}>{k}</kbd>))}</dt><dd>{(t as (k: MessageKey) => string)(what)}</dd></div>)}</dl></section>
  );
}

export function Help() {
  const s = useStore(), box = useRef<HTMLDialogElement>(null), before = useRef(document.activeElement as HTMLElement | null);
  useLayoutEffect(() => {
    box.current?.querySelector("button")?.focus();
    return () => before.current?.focus();
  }, []);
  return (
    <dialog class="help" open ref={box} aria-label={t("web_help_title")}>
      <header><h2>{t("web_help_title")}</h2><button onClick={() => set({ help: false })}>{t("web_close")} <kbd>Esc</kbd></button></header>
      <div class="help-groups">
        <Group title={t("web_help_everywhere")} keys={EVERYWHERE} />
        <Group title={t("web_help_incident")} keys={INCIDENT} />
        <div><Group title={t("web_new_call")} keys={CALL} /><Group title={t("web_help_unit")} keys={UNIT} /><Group title={t("web_closures")} keys={CLOSURES} />{s.replay && <Group title={t("web_replay")} keys={REPLAY} />}</div>
      </div>
    </dialog>
  );
}
