// What is closed, on the map: a calm line with the dashes of barrier tape, and, lighter, what is about to be closed.
import type { GeoJSONSource, Map as LibreMap } from "maplibre-gl";
import { closedLines } from "../closures";
import type { LonLat } from "../geo";

const EMPTY = { type: "FeatureCollection" as const, features: [] };
const collection = (lines: LonLat[][]) => ({ type: "FeatureCollection" as const, features: [{ type: "Feature" as const, properties: {}, geometry: { type: "MultiLineString" as const, coordinates: lines } }] });
const WIDTH = ["interpolate", ["exponential", 1.4], ["zoom"], 11, 2.5, 14, 5, 17, 11] as never;
let pending: { lines: LonLat[][]; points: LonLat[] } = { lines: [], points: [] };

export function addClosureLayers(map: LibreMap, night: boolean): void {
  const tape = night ? "#e0705f" : "#a33a2c", gap = night ? "#2a1512" : "#fff3ef", plan = night ? "#f0b45a" : "#9a5b00";
  for (const id of ["closed", "closing"]) if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: EMPTY });
  if (map.getLayer("closed-line")) return;
  const round = { "line-cap": "round" as const, "line-join": "round" as const };
  map.addLayer({ id: "closed-line", type: "line", source: "closed", layout: round, paint: { "line-color": tape, "line-width": WIDTH, "line-opacity": 0.85 } });
  map.addLayer({ id: "closed-tape", type: "line", source: "closed", minzoom: 13, paint: { "line-color": gap, "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 13, 1.5, 17, 5] as never, "line-dasharray": [1.6, 2.2] } });
  map.addLayer({ id: "closing-line", type: "line", source: "closing", layout: round, paint: { "line-color": plan, "line-width": WIDTH, "line-opacity": 0.75, "line-dasharray": [1, 1.6] } });
  map.addLayer({ id: "closing-point", type: "circle", source: "closing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": plan, "circle-stroke-width": 1.5, "circle-stroke-color": gap } });
}

export function drawClosures(map: LibreMap | null): void {
  (map?.getSource("closed") as GeoJSONSource | undefined)?.setData(collection([...closedLines.values()].flatMap((c) => c.line)));
  const plan = collection(pending.lines) as { type: "FeatureCollection"; features: unknown[] };
  for (const p of pending.points) plan.features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: p } });
  (map?.getSource("closing") as GeoJSONSource | undefined)?.setData(plan as never);
}

/** What a form is about to close: shown before it is saved. */
export function showClosing(map: LibreMap | null, lines: LonLat[][], points: LonLat[]): void {
  pending = { lines, points };
  drawClosures(map);
}
