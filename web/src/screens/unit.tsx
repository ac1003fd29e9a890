import { useEffect, useState } from "preact/hooks";
import { ageText } from "../age";
import { unitStateWord } from "../api";
import { codeName, t } from "../lang";
import { flyTo, showReach } from "../map/map";
import { openIncident, set, tellError, useNow, useStore } from "../store";

export function UnitPane({ id }: { id: string }) {
  const s = useStore(), now = useNow(), unit = s.board.units.get(id);
  const [reach, setReach] = useState(false);
  useEffect(() => {
    if (unit?.position) flyTo(unit.position, 14);
    return () => void showReach(null).catch(() => undefined);
  }, [id]);
  if (!unit) return null;
  const toggle = () => {
    showReach(reach ? null : id).then(() => setReach(!reach), tellError);
  };
  const task = unit.incident ? s.board.incidents.get(unit.incident) : undefined;
  return (
    <div class="pane unit-pane">
      <header class="pane-head"><i class={`dot unit-${unit.state}`} aria-hidden="true" /><h2>{unit.name}</h2><span class="id">{unit.id}</span>
        <button class="plain" onClick={() => set({ pane: "none", sheet: "map" })} aria-label={t("web_close")}>×</button></header>
      {unit.simulated && <p class="simulated">{t("web_simulated_long")}</p>}
      <dl class="facts">
        <div><dt>{t("web_state")}</dt><dd class={`unit-text-${unit.state}`}>{unitStateWord(unit.state)}</dd></div>
        <div><dt>{t("web_kind")}</dt><dd>{codeName("unit_kinds", unit.kind)}</dd></div>
        {unit.station && <div><dt>{t("web_station")}</dt><dd>{unit.station}</dd></div>}
        <div><dt>{t("web_capabilities")}</dt><dd>{unit.capabilities.map((c) => codeName("capabilities", c)).join(s.lang === "zh" ? "、" : ", ")}</dd></div>
        <div><dt>{t("web_position")}</dt><dd>{unit.position_ms ? t("web_position_age", { age: ageText(now - unit.position_ms) }) : t("web_no_position")}</dd></div>
        {unit.incident && <div><dt>{t("web_task")}</dt><dd><button class="plain" onClick={() => openIncident(unit.incident!)}>{unit.incident} {task && codeName("incident_types", task.type)}</button></dd></div>}
      </dl>
      <button aria-pressed={reach} onClick={toggle} disabled={!unit.position}>{reach ? t("web_reach_hide") : t("web_reach_show")}</button>
    </div>
  );
}
