// Cards of paper that were written on while nothing else worked: one after the other, each entered once. The number is checked
// here and by the server; a card that somebody has entered before is told with the call that it is.
import type * as wire from "gen/api";
import { useState } from "preact/hooks";
import { ApiError, newKey } from "../api";
import { readCard } from "../card";
import { keepCall, outbox } from "../keeper";
import { t } from "../lang";
import type { NewCall, Priority } from "../model";
import { deedOf } from "../outbox";
import { closePane, deskNow, openCall, state, tell, useStore } from "../store";
import { DeedForm, type Values } from "./form";
import { CHANNELS, options } from "./options";

const FIELD: Record<string, string> = { source_id: "card", occurred_at: "at", address: "address", words: "words", type: "type", caller_name: "caller_name", caller_phone: "caller_phone" };
const refuse = (field: string, text: string): never => {
  throw new ApiError(400, { field } as Partial<wire.Problem>, text);
};

async function enter(v: Values, key: string): Promise<void> {
  const card = readCard(v.card!) ?? refuse("card", t("web_paper_number_wrong"));
  const at_ms = Date.parse(`${v.at}:00${state.view.zone ?? ""}`);
  if (!(at_ms <= deskNow())) refuse("at", t("web_paper_time_wrong"));
  const call: NewCall = { type: v.type!, priority: Number(v.priority) as Priority, channel: v.channel!, address: v.address ?? "", words: v.words ?? "", caller_name: v.caller_name ?? "", caller_phone: v.caller_phone ?? "",
    ...(v.then === "settled" ? { settle: "advice" as const } : { undecided: true }) };
  const made = await keepCall(at_ms, deedOf(call, { call: key, incident: newKey() }, at_ms, "paper", card));
  if (made.how === "refused") {
    const entry = outbox.entries.find((e) => e.deed?.keys.call === key);
    if (entry) await outbox.remove(entry.order); // it stands in the form
    refuse(FIELD[made.field] ?? (/\d{6}-\d{2}/.test(made.text) ? "card" : ""), made.text);
  }
  if (made.how === "recorded") tell(t("web_paper_entered", { card, call: made.call }));
  else tell(t("web_outbox_here", { n: outbox.of(state.session!.account).length }));
}

export function PaperPane() {
  const [n, setN] = useState(0);
  useStore();
  return (
    <div class="pane paper-pane">
      <header class="pane-head"><h2>{t("web_paper")}</h2><button class="plain" onClick={openCall}>{t("web_new_call")}</button><button class="plain close" onClick={closePane} aria-label={t("web_close")}>×</button></header>
      <DeedForm key={n} id={`paper-${n}`} title={t("web_paper_title")} intro={t("web_paper_hint")} submit={t("web_paper_enter")} close={closePane} start={{ channel: "phone", priority: "3", then: "open" }}
        fields={[{ kind: "text", name: "card", label: t("web_paper_number"), hint: "000123-20", max: 12, needed: true }, { kind: "datetime-local", name: "at", label: t("web_paper_at"), needed: true },
          { kind: "type", name: "type", label: t("web_call_type"), needed: true }, { kind: "priority", name: "priority", label: t("web_call_priority"), needed: true },
          { kind: "text", name: "address", label: t("web_call_place"), max: 130 }, { kind: "long", name: "words", label: t("web_call_words"), max: 1300 },
          { kind: "text", name: "caller_name", label: t("web_call_caller"), max: 60 }, { kind: "text", name: "caller_phone", label: t("web_call_phone"), max: 40 },
          { kind: "select", name: "channel", label: t("web_call_channel"), options: options("channel", CHANNELS), needed: true },
          { kind: "choice", name: "then", label: t("web_paper_then"), options: [["open", t("web_paper_open")], ["settled", t("web_paper_settled")]], needed: true }]}
        send={enter} done={() => setN(n + 1)} />
    </div>
  );
}
