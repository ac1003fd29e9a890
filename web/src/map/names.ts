// A name for where an incident is when the record gives none: the nearest named street among the map tiles that are
// loaded. For reading only; what is dispatched goes by position. O(incidents without a name × points of named roads).
import type { Map as LibreMap } from "maplibre-gl";
import { distance_m, type LonLat } from "../geo";
import type { Lang } from "../lang";
import { MAP_SOURCE } from "./style";

const REACH_M = 90;
const found = new Map<string, { zh: string; en: string }>();

export function nameNear(position: LonLat | undefined, lang: Lang): string {
  return position ? (found.get(position.join())?.[lang] ?? "") : "";
}

function segment_m(p: LonLat, a: LonLat, b: LonLat): number {
  const k = Math.cos((p[1] * Math.PI) / 180), ax = (a[0] - p[0]) * k, ay = a[1] - p[1], dx = (b[0] - a[0]) * k, dy = b[1] - a[1];
  const along = dx || dy ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy))) : 0;
  return distance_m(p, [p[0] + (ax + along * dx) / k, p[1] + ay + along * dy]);
}

/** Looks up those that have no name yet; true when one was found. */
export function learnNames(map: LibreMap, positions: LonLat[]): boolean {
  const open = positions.filter((p) => !found.has(p.join()));
  if (!open.length) return false;
  const roads = map.querySourceFeatures(MAP_SOURCE, { sourceLayer: "road", filter: ["has", "name"] });
  let learnt = false;
  for (const p of open.slice(0, 200)) {
    let least = REACH_M, name: { zh: string; en: string } | null = null;
    for (const road of roads) {
      const g = road.geometry, lines = g.type === "LineString" ? [g.coordinates] : g.type === "MultiLineString" ? g.coordinates : [];
      for (const line of lines) {
        for (let i = 1; i < line.length; i++) {
          const d = segment_m(p, line[i - 1] as LonLat, line[i] as LonLat);
          if (d < least) {
            least = d;
            name = { zh: String(road.properties.name), en: String(road.properties.name_en ?? road.properties.name) };
          }
        }
      }
    }
    if (name) {
      found.set(p.join(), name);
      learnt = true;
    }
  }
  return learnt;
}
