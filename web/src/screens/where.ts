import { lang, t } from "../lang";
import { nameNear } from "../map/names";
import type { Incident } from "../model";
import { siteNames } from "../store";

/** Where an incident is, in words: the nearest street, else its area, else its coordinates. What the caller said is sealed. */
export function whereText(incident: Incident): string {
  const near = nameNear(incident.position, lang());
  if (near) return t("web_place_near", { name: near });
  const area = siteNames.area(incident.position, lang());
  if (area) return t("web_place_in", { name: area });
  return incident.position ? `${incident.position[1].toFixed(5)}, ${incident.position[0].toFixed(5)}` : t("web_place_unknown");
}
