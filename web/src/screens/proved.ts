// What positions and tags say of one stop, in a sentence.
import { hourText, readTime } from "../age";
import { t, word } from "../lang";
import type { ProvedStop } from "../patrol_api";
import { state } from "../store";

const at = (time: string | null): string => hourText(readTime(time ?? "") ?? 0, state.view.zone);
const minutes = (s: number | null): number => Math.round((s ?? 0) / 60);

export function provedText(p: ProvedStop, kind: string): string {
  const parts = [word("proved_state", p.state)];
  if (p.proof) parts.push(word("round_proof", p.proof));
  if (p.enter && p.leave) parts.push(`${at(p.enter)}–${at(p.leave)}`);
  if (p.state === "late" && p.late_s) parts.push(t("web_round_behind", { age: t("web_age_min", { n: minutes(p.late_s) }) }));
  if (p.state === "short") parts.push(kind === "line" ? t("web_proved_driven", { percent: Math.round(100 * (p.driven ?? 0)) }) : t("web_proved_dwell", { n: minutes(p.dwell_s), of: minutes(p.wanted_s) }));
  if (p.gap_from && p.gap_until) parts.push(t("web_proved_gap", { from: at(p.gap_from), until: at(p.gap_until) }));
  if (p.called) parts.push(word("round_status", "left"));
  if (p.contradicted) parts.push(t("web_proved_contradicted"));
  return parts.join(" · ");
}
