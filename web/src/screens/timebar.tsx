// The time bar of a replay: what the desk's clock shows, how fast it runs, how far it has come, whether it keeps up, and
// who dispatches what nobody touches.
import { ageText, dayText, timeText } from "../age";
import { t } from "../lang";
import { BEHIND_MS, nextSpeed, progress, SPEEDS } from "../replay";
import { api, deskNow, state, takeReplay, tellError, useNow, useStore } from "../store";
import { mayLead } from "./options";

let resumeAt = 60; // the speed before the pause
export function steer(change: { speed?: number; automatic?: boolean }): void {
  if (state.replay?.speed) resumeAt = state.replay.speed;
  if (state.replay) takeReplay({ ...state.replay, ...change, at: new Date(deskNow()).toISOString() }); // at once; the answer corrects it
  api.steerReplay(change).then(takeReplay, tellError);
}
export function pauseOrPlay(): void {
  if (state.replay && !state.replay.finished) steer({ speed: state.replay.speed ? 0 : resumeAt });
}
export function stepSpeed(step: 1 | -1): void {
  if (state.replay && !state.replay.finished) steer({ speed: nextSpeed(state.replay.speed, step) });
}

export function TimeBar() {
  const s = useStore(), now = useNow(250), r = s.replay;
  if (!r) return null;
  const zone = s.view.zone, share = progress(r, now), behind = r.behind_ms > BEHIND_MS, lead = mayLead() && !r.finished, paused = r.speed === 0;
  return (
    <section class="timebar" aria-label={t("web_replay")}>
      <b class="timebar-name">{t("web_replay")}</b>
      <button class="play" disabled={!lead} aria-label={paused ? t("web_replay_play") : t("web_replay_pause")} onClick={pauseOrPlay}><span aria-hidden="true">{paused ? "▶" : "❚❚"}</span></button>
      <span class="speeds" role="group" aria-label={t("web_replay_speed")}>
        {SPEEDS.map((v) => <button key={v} disabled={!lead} aria-pressed={r.speed === v} onClick={() => steer({ speed: v })}>{v}×</button>)}
      </span>
      <time class="timebar-now"><b>{timeText(now, zone)}</b> <span>{dayText(now, zone)}</span></time>
      <span class="timebar-track" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={t("web_replay_progress")}><i style={{ width: `${share * 100}%` }} /></span>
      <span class="timebar-count">{t("web_replay_calls", { done: r.calls_done, total: r.calls_total })}</span>
      <span class={`timebar-state ${behind ? "late" : ""}`} role="status">{r.finished ? t("web_replay_finished") : behind ? t("web_replay_behind", { age: ageText(r.behind_ms) }) : paused ? t("web_replay_paused") : t("web_replay_on_time")}</span>
      <label class="automatic"><input type="checkbox" checked={r.automatic} disabled={!lead} onChange={(e) => steer({ automatic: e.currentTarget.checked })} />{t("web_replay_automatic")}</label>
    </section>
  );
}
