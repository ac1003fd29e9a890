// The site's areas: those at the top of their first partition (station areas, districts) lightly filled, outlined and named from
// afar. Nearer by, the base map's own lines and names of all partitions take over.
import type { GeoJSONSource, Map as LibreMap } from "maplibre-gl";
import template from "../../../definitions/style/map.json";
import type { Lang } from "../lang";
import { api } from "../store";

interface Area {
  type: "Feature";
  properties: { partition?: string; parent?: string; name: string; name_en?: string };
  geometry: unknown;
}
let shown: Area[] | null = null;

const collection = () => ({ type: "FeatureCollection", features: shown ?? [] }) as never;

async function read(map: LibreMap): Promise<void> {
  shown = [];
  const { features } = (await api.geometry("/areas").catch(() => ({ features: [] }))) as { features: Area[] };
  const first = features[0]?.properties.partition;
  shown = features.filter((f) => f.properties.partition === first && !f.properties.parent);
  (map.getSource("areas") as GeoJSONSource | undefined)?.setData(collection());
}

export function addAreaLayers(map: LibreMap, night: boolean, lang: Lang): void {
  const colours = template.themes[night ? "night" : "day"], name = lang === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
  if (!map.getSource("areas")) map.addSource("areas", { type: "geojson", data: collection() });
  if (map.getLayer("areas-fill")) return;
  map.addLayer({ id: "areas-fill", type: "fill", source: "areas", maxzoom: 15, paint: { "fill-color": colours.area, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0.07, 14, 0.03, 15, 0] as never } });
  map.addLayer({ id: "areas-line", type: "line", source: "areas", layout: { "line-join": "round" }, paint: { "line-color": colours.area, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 2] as never, "line-opacity": 0.45 } });
  map.addLayer({ id: "areas-name", type: "symbol", source: "areas", minzoom: 9, maxzoom: 14.5,
    layout: { "text-field": name as never, "text-font": template.shared.fonts as never, "text-size": ["interpolate", ["linear"], ["zoom"], 10, 12, 14, 16] as never, "text-max-width": 8, "text-letter-spacing": 0.06, "text-padding": 6 },
    paint: { "text-color": colours.area_text, "text-halo-color": colours.halo, "text-halo-width": 1.6 } });
  if (!shown) void read(map);
}
