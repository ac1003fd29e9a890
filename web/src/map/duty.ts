// The duty problem and the rounds of a plan on the map, and the hand that drags them. What a task is stands in its mark, not only in
// its colour; a must that the plan leaves out has a red ring with a dash through its line.
import type { GeoJSONSource, Map as LibreMap, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import template from "../../../definitions/style/map.json";
import { COLOURS } from "../duty";
import type { LonLat } from "../geo";
import { CLASSES } from "../presence";
import { word } from "../lang";

type Features = { properties: Record<string, unknown> }[];
/** What the screen shows; it sets this and draws. `move` is told while something is dragged, `drop` once at its end. */
export const dutyScene: { problem: Features; routes: Features; presence: Features; choose: ((id: string, kind: string) => void) | null; move: ((id: string, n: number, to: LonLat) => void) | null; drop: (() => void) | null } =
  { problem: [], routes: [], presence: [], choose: null, move: null, drop: null };

const collection = (features: unknown[]) => ({ type: "FeatureCollection" as const, features }) as never;
const is = (...kinds: string[]) => ["in", ["get", "kind"], ["literal", kinds]] as never;
const shape = (type: string) => ["==", ["geometry-type"], type] as never;
const flag = (name: string, yes: unknown, no: unknown) => ["case", ["to-boolean", ["get", name]], yes, no] as never;
const MARKED = ["point", "hold", "premises", "check", "order"], HIT = ["duty-handle", "duty-mark", "duty-post", "duty-line", "duty-area", "duty-route"];

export function addDutyLayers(map: LibreMap, night: boolean): void {
  const css = getComputedStyle(document.documentElement), ink = (name: string) => css.getPropertyValue(name).trim();
  const colours = template.themes[night ? "night" : "day"], halo = colours.halo, must = ink("--accent"), bad = ink("--bad"), paper = ink("--panel"), soft = ink("--ink-soft");
  for (const id of ["duty", "rounds", "presence"]) if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: collection([]) });
  if (map.getLayer("duty-area")) return drawDuty(map);
  const unit = ["match", ["get", "colour"], ...Array.from({ length: COLOURS }, (_, n) => [n, ink(`--u${n}`)]).flat(), soft] as never;
  const round = { "line-cap": "round" as const, "line-join": "round" as const }, of = flag("left", bad, must);
  const step = (from: number, by: number) => ["+", from, ["*", by, ["get", "presence"]]] as never, shades = ["match", ["get", "presence"], ...Array.from({ length: CLASSES }, (_, n) => [n, ink(`--pr${n}`)]).flat(), soft] as never;
  const below = map.getStyle().layers.find((l) => l.type === "symbol")?.id; // streets keep their names above it
  map.addLayer({ id: "presence-wide", type: "line", source: "presence", layout: round, paint: { "line-color": paper, "line-width": step(4.5, 1.3) } }, below);
  map.addLayer({ id: "presence", type: "line", source: "presence", layout: round, paint: { "line-color": shades, "line-width": step(2.5, 1.3) } }, below);
  map.addLayer({ id: "duty-area", type: "fill", source: "duty", filter: shape("Polygon"), paint: { "fill-color": ["case", is("forbidden"), bad, must] as never, "fill-opacity": flag("chosen", 0.22, 0.1) } });
  map.addLayer({ id: "duty-edge", type: "line", source: "duty", filter: shape("Polygon"), paint: { "line-color": ["case", is("forbidden"), bad, of] as never, "line-width": flag("chosen", 3, 1.6), "line-dasharray": [3, 2] } });
  map.addLayer({ id: "duty-route-wide", type: "line", source: "rounds", layout: round, filter: shape("LineString"), paint: { "line-color": paper, "line-width": 6.5, "line-opacity": flag("faint", 0, 0.75) } });
  map.addLayer({ id: "duty-route", type: "line", source: "rounds", layout: round, filter: ["all", shape("LineString"), ["!", ["to-boolean", ["get", "straight"]]]] as never, paint: { "line-color": unit, "line-width": 3.5, "line-opacity": flag("faint", 0.18, 0.95) } });
  map.addLayer({ id: "duty-route-straight", type: "line", source: "rounds", filter: ["all", shape("LineString"), ["to-boolean", ["get", "straight"]]] as never, paint: { "line-color": unit, "line-width": 2.5, "line-opacity": flag("faint", 0.18, 0.95), "line-dasharray": [2, 1.5] } });
  map.addLayer({ id: "duty-line-wide", type: "line", source: "duty", filter: shape("LineString"), layout: round, paint: { "line-color": paper, "line-width": flag("chosen", 11, 8), "line-opacity": 0.7 } });
  map.addLayer({ id: "duty-line", type: "line", source: "duty", filter: shape("LineString"), layout: round, paint: { "line-color": of, "line-width": flag("chosen", 7, 4), "line-opacity": 0.8 } });
  map.addLayer({ id: "duty-post", type: "circle", source: "duty", filter: is("post"), paint: { "circle-radius": 4, "circle-color": paper, "circle-stroke-width": 2, "circle-stroke-color": soft } });
  map.addLayer({ id: "duty-mark", type: "circle", source: "duty", filter: is(...MARKED), paint: { "circle-radius": flag("chosen", 13, 9.5), "circle-color": flag("must", of, paper), "circle-stroke-width": flag("chosen", 3.5, 2), "circle-stroke-color": ["case", ["to-boolean", ["get", "must"]], paper, of] as never } });
  map.addLayer({ id: "duty-handle", type: "circle", source: "duty", filter: is("handle"), paint: { "circle-radius": 8, "circle-color": paper, "circle-stroke-width": 3, "circle-stroke-color": must } });
  const letters = ["match", ["get", "kind"], ...MARKED.flatMap((k) => [k, word("duty_mark", k)]), ""] as never, names = { "text-font": template.shared.fonts as never, "text-size": 12, "text-padding": 3 };
  map.addLayer({ id: "duty-letter", type: "symbol", source: "duty", filter: is(...MARKED), layout: { ...names, "text-field": letters, "text-size": 11, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": flag("must", paper, of) } });
  map.addLayer({ id: "duty-name", type: "symbol", source: "duty", minzoom: 12.5, filter: ["!", is("handle", "post")] as never, layout: { ...names, "text-field": ["get", "label"] as never, "text-anchor": "left", "text-offset": [1.1, 0], "text-max-width": 9 },
    paint: { "text-color": flag("left", bad, ink("--ink")), "text-halo-color": halo, "text-halo-width": 1.8 } });
  map.addLayer({ id: "duty-route-name", type: "symbol", source: "rounds", filter: ["!", ["to-boolean", ["get", "faint"]]] as never, layout: { ...names, "symbol-placement": "line", "symbol-spacing": 260, "text-field": ["get", "unit"] as never }, paint: { "text-color": unit, "text-halo-color": halo, "text-halo-width": 2.2 } });
  map.addLayer({ id: "duty-order", type: "symbol", source: "rounds", filter: shape("Point"), layout: { ...names, "text-field": ["get", "nth"] as never, "text-size": 12.5, "text-offset": [0, -1.35], "text-allow-overlap": true }, paint: { "text-color": unit, "text-halo-color": halo, "text-halo-width": 2.4 } });
  drawDuty(map);
}

export function drawDuty(map: LibreMap | null): void {
  (map?.getSource("duty") as GeoJSONSource | undefined)?.setData(collection(dutyScene.problem));
  (map?.getSource("presence") as GeoJSONSource | undefined)?.setData(collection(dutyScene.presence));
  (map?.getSource("rounds") as GeoJSONSource | undefined)?.setData(collection(dutyScene.routes));
}

const REACH_PX = 6, FAR_PX = 4;
/** What lies under a position of the screen: the bend before the mark, the mark before the line. */
function under(map: LibreMap, x: number, y: number): Record<string, unknown> | null {
  const layers = HIT.filter((l) => map.getLayer(l)), found = layers.length ? map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers }) : [];
  return found.sort((a, b) => HIT.indexOf(a.layer.id) - HIT.indexOf(b.layer.id))[0]?.properties ?? null;
}
/** A click chooses; true when it was one for us. */
export function clickDuty(map: LibreMap, x: number, y: number): boolean {
  if (!dutyScene.choose) return false;
  const hit = under(map, x, y);
  dutyScene.choose(String(hit?.unit ?? hit?.id ?? ""), hit?.unit ? "unit" : String(hit?.kind ?? ""));
  return true;
}
export const overDuty = (map: LibreMap, x: number, y: number): boolean => dutyScene.choose !== null && under(map, x, y) !== null;

/** Drags a mark or a bend, by mouse or by one finger. */
export function dragDuty(map: LibreMap): void {
  const begin = (e: MapMouseEvent | MapTouchEvent) => {
    if (!dutyScene.move || ("points" in e && e.points.length > 1)) return;
    const hit = under(map, e.point.x, e.point.y), kind = String(hit?.kind ?? "");
    if (!hit || (kind !== "handle" && !MARKED.includes(kind))) return;
    e.preventDefault(); // the map stays where it is
    const from = e.point, move = "points" in e ? "touchmove" : "mousemove", end = "points" in e ? "touchend" : "mouseup";
    let far = false;
    const go = (to: MapMouseEvent | MapTouchEvent) => {
      far ||= Math.hypot(to.point.x - from.x, to.point.y - from.y) > FAR_PX;
      if (far) dutyScene.move?.(String(hit.id), Number(hit.n ?? 0), [to.lngLat.lng, to.lngLat.lat]);
    };
    const stop = () => {
      map.off(move, go);
      if (far) dutyScene.drop?.();
    };
    map.on(move, go);
    map.once(end, stop);
    if (end === "touchend") map.once("touchcancel", stop);
  };
  map.on("mousedown", begin);
  map.on("touchstart", begin);
}
