// What is closed, on the map: a calm line with the dashes of barrier tape; what is slowed: a row of dots, so that nobody needs the colour
// to tell them apart; and, lighter, what is about to be either, with the outline of its area.
import type { GeoJSONSource, Map as LibreMap } from "maplibre-gl";
import { closedLines } from "../closures";
import type { LonLat } from "../geo";

const EMPTY = { type: "FeatureCollection" as const, features: [] };
const feature = (type: string, coordinates: unknown, properties = {}) => ({ type: "Feature" as const, properties, geometry: { type, coordinates } });
const collection = (features: unknown[]) => ({ type: "FeatureCollection" as const, features }) as never;
const WIDTH = ["interpolate", ["exponential", 1.4], ["zoom"], 11, 2.5, 14, 5, 17, 11] as never;
let pending: { lines: LonLat[][]; points: LonLat[]; area: boolean } = { lines: [], points: [], area: false };

export function addClosureLayers(map: LibreMap, night: boolean): void {
  const tape = night ? "#e0705f" : "#a33a2c", gap = night ? "#2a1512" : "#fff3ef", plan = night ? "#f0b45a" : "#9a5b00";
  for (const id of ["closed", "closing"]) if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: EMPTY });
  if (map.getLayer("closed-line")) return;
  const round = { "line-cap": "round" as const, "line-join": "round" as const };
  const slow = night ? "#f0c04a" : "#7a5a00", closed = ["!", ["get", "slow"]] as never, onlyLines = ["==", ["geometry-type"], "LineString"] as never;
  map.addLayer({ id: "closed-line", type: "line", source: "closed", filter: closed, layout: round, paint: { "line-color": tape, "line-width": WIDTH, "line-opacity": 0.85 } });
  map.addLayer({ id: "closed-tape", type: "line", source: "closed", filter: closed, minzoom: 13, paint: { "line-color": gap, "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 13, 1.5, 17, 5] as never, "line-dasharray": [1.6, 2.2] } });
  map.addLayer({ id: "slowed-line", type: "line", source: "closed", filter: ["get", "slow"] as never, layout: round, paint: { "line-color": slow, "line-width": WIDTH, "line-opacity": 0.95, "line-dasharray": [0.01, 1.7] } });
  map.addLayer({ id: "closing-area", type: "fill", source: "closing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": plan, "fill-opacity": 0.14 } });
  map.addLayer({ id: "closing-edge", type: "line", source: "closing", filter: ["get", "edge"] as never, paint: { "line-color": plan, "line-width": 2 } });
  map.addLayer({ id: "closing-line", type: "line", source: "closing", filter: ["all", onlyLines, ["!", ["to-boolean", ["get", "edge"]]]] as never, layout: round, paint: { "line-color": plan, "line-width": WIDTH, "line-opacity": 0.75, "line-dasharray": [1, 1.6] } });
  map.addLayer({ id: "closing-point", type: "circle", source: "closing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": plan, "circle-stroke-width": 1.5, "circle-stroke-color": gap } });
}

export function drawClosures(map: LibreMap | null): void {
  (map?.getSource("closed") as GeoJSONSource | undefined)?.setData(collection([...closedLines.values()].map((c) => feature("MultiLineString", c.line, { slow: c.speed_kmh !== null }))));
  const { lines, points, area } = pending, plan = [feature("MultiLineString", lines, { edge: false }), ...points.map((p) => feature("Point", p))];
  if (area && points.length > 1) plan.push(feature("LineString", points.length > 2 ? [...points, points[0]] : points, { edge: true }));
  if (area && points.length > 2) plan.push(feature("Polygon", [[...points, points[0]]]));
  (map?.getSource("closing") as GeoJSONSource | undefined)?.setData(collection(plan));
}

/** What a form is about to close or slow: shown before it is saved. */
export function showClosing(map: LibreMap | null, lines: LonLat[][], points: LonLat[], area = false): void {
  pending = { lines, points, area };
  drawClosures(map);
}
