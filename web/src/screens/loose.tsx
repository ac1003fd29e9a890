// A call that was taken and about which nobody has decided: open an incident for it, join it to one, or settle it.
import type * as wire from "gen/api";
import { useState } from "preact/hooks";
import { ageText, timeText } from "../age";
import { codeName, t, word } from "../lang";
import { openIncidents } from "../model";
import { api, closePane, openIncident, shown, state, tell, useNow, useStore } from "../store";
import { DeedForm, usePaneKeys } from "./form";
import { PriorityMark } from "./lists";
import { options, SETTLE_REASONS } from "./options";
import { whereText } from "./where";

type LooseForm = "open" | "join" | "settle";

export function LoosePane({ id }: { id: string }) {
  const s = useStore(), now = useNow(), call = s.board.calls.get(id), [form, setForm] = useState<LooseForm | null>(null);
  usePaneKeys({ e: call && (() => setForm("open")), f: call && (() => setForm("join")), x: call && (() => setForm("settle")) });
  const head = <header class="pane-head">{call && <PriorityMark priority={call.priority} />}<h2>{call ? codeName("incident_types", call.type) : t("web_call_decided")}</h2><span class="id">{id}</span>
    <button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>;
  if (!call) return <div class="pane">{head}<p class="empty">{t("web_call_decided_hint")}</p></div>;
  const close = () => setForm(null), incidents = openIncidents(state.board);
  return (
    <div class="pane loose-pane">
      {head}
      <p class="hint">{t("web_call_open_hint")}</p>
      <dl class="facts"><div><dt>{t("web_call_channel")}</dt><dd>{word("channel", call.channel)}</dd></div>
        <div><dt>{t("web_call_received")}</dt><dd>{timeText(call.received_ms, s.view.zone)} <span class="since">{t("web_ago", { age: ageText(now - call.received_ms) })}</span></dd></div></dl>
      {!form && <div class="acts"><button class="primary" onClick={() => setForm("open")}>{t("web_call_open_incident")} <kbd>E</kbd></button>
        <button onClick={() => setForm("join")}>{t("web_call_join")} <kbd>F</kbd></button><button onClick={() => setForm("settle")}>{t("web_call_settle")} <kbd>X</kbd></button></div>}
      {form === "open" && <DeedForm id={`open-${id}`} title={t("web_call_open_incident")} submit={t("web_call_open_incident")} close={close} start={{ priority: String(call.priority) }}
        fields={[{ kind: "place", name: "position", label: t("web_call_place"), needed: true }, { kind: "priority", name: "priority", label: t("web_call_priority"), needed: true }]}
        send={async (v, key) => {
          const [lon, lat] = v.position!.split(",").map(Number);
          const made = await shown(api.openIncident({ type: call.type, priority: Number(v.priority) as 1, position: [lon!, lat!] }, id, key));
          if (state.pane === "loose" && state.loose === id) openIncident(made.id);
        }} done={close} />}
      {form === "join" && <DeedForm id={`join-${id}`} title={t("web_call_join")} submit={t("web_call_join")} close={close}
        fields={[{ kind: "select", name: "incident", label: t("web_call_join_to"), options: incidents.map((i) => [i.id, `${i.priority} · ${codeName("incident_types", i.type)} · ${whereText(i)}`]), needed: true }]}
        send={(v, key) => shown(api.linkCall(id, v.incident!, key))} done={(v) => openIncident(v.incident!)} />}
      {form === "settle" && <DeedForm id={`settle-${id}`} title={t("web_call_settle")} submit={t("web_call_settle")} close={close} start={{ reason: "advice" }}
        fields={[{ kind: "choice", name: "reason", label: t("web_reason"), options: options("settle_reason", SETTLE_REASONS), needed: true }]}
        send={(v, key) => shown(api.settleCall(id, v.reason as wire.CallSettleBody["reason"], key))} done={() => { tell(t("web_call_settled", { call: id })); closePane(); }} />}
    </div>
  );
}
