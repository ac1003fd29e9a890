// What a refusal names by its name in the interface is named as on the screen. A field that api/ adds or drops stops the build here.
import type * as wire from "gen/api";
import { t, type MessageKey } from "./lang";

type Body = wire.CallReceiveBody | wire.CallLinkBody | wire.CallSettleBody | wire.CallLookBody | wire.IncidentOpenBody | wire.IncidentClassifyBody | wire.IncidentReferBody | wire.IncidentCloseBody | wire.IncidentLookBody
  | wire.OrderSendBody | wire.OrderReportBody | wire.OrderCancelBody | wire.OrderDivertBody | wire.OrderLookBody | wire.UnitSignOnBody | wire.UnitUnavailableBody | wire.ClosurePreviewBody | wire.ClosureOrderBody | wire.ClosureLiftBody
  | wire.ActApproveBody | wire.GlassReviewBody | wire.FlagOpenBody | wire.FlagReviewBody | wire.SessionOpenBody | wire.ReplaySetBody;
type Names<T> = T extends unknown ? keyof T : never;
type Word = { [K in MessageKey]: Parameters<typeof t<K>>["length"] extends 1 ? K : never }[MessageKey];

const WORDS: Record<Names<Body>, Word> = {
  account: "web_account", password: "web_password", code: "web_code", type: "web_call_type", found_type: "web_found_type", priority: "web_call_priority", gravity: "web_gravity", channel: "web_call_channel", via: "web_call_channel",
  address: "web_call_place", position: "web_call_place", words: "web_call_words", caller_name: "web_call_caller", caller_phone: "web_call_phone", source_id: "web_paper_number", occurred_at: "web_paper_at", call: "web_calls",
  incident: "web_call_join_to", unit: "web_units", to: "web_refer_to", reason: "web_reason", result: "web_result", note: "web_note", purpose: "web_look_what_for", case: "web_flag_look_case", policy: "web_recommend", expected_travel_ms: "web_recommend", replaces: "web_orders",
  injured: "web_injured", helped: "web_helped", officers: "web_officers", auxiliaries: "web_auxiliaries", shift_end_at: "web_shift_end", verdict: "web_glass_verdict",
  area: "web_closure_where", positions: "web_closure_where", road: "web_closure_where", both_ways: "web_closure_ways", bearing: "web_closure_ways", kind: "web_closure_kind", speed_kmh: "web_closure_speed", until: "web_closure_hours",
  speed: "web_replay_speed", automatic: "web_replay_automatic",
};

/** A refusal's sentence, its field's name in the reader's words. */
export function inWords(sentence: string, field: string | undefined): string {
  const word = field && (WORDS as Record<string, Word | undefined>)[field];
  return word ? sentence.replace(`'${field}'`, `'${t(word)}'`).replace(`“${field}”`, `“${t(word)}”`) : sentence;
}
