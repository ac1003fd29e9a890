// The base map's look, by day and by night: quiet greys, so that what happens is what has colour. Layer names are
// those of src/tiles/layers.h. Text is drawn by the browser with its own fonts: there is no glyph server.
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Lang } from "../lang";

interface Palette {
  ground: string; urban: string; green: string; water: string; building: string; rail: string;
  casing: string; minor: string; middle: string; major: string; motorway: string;
  text: string; halo: string; area: string; waterText: string;
}
const DAY: Palette = {
  ground: "#eef0f1", urban: "#e8ebed", green: "#dbe7d8", water: "#c3d7e6", building: "#dfe3e6", rail: "#c3c8cd",
  casing: "#d0d6db", minor: "#ffffff", middle: "#ffffff", major: "#fdf6e3", motorway: "#f7e3b5",
  text: "#3b4753", halo: "#f7f8f9", area: "#6b7f95", waterText: "#3f6b8f",
};
const NIGHT: Palette = {
  ground: "#12171d", urban: "#151b22", green: "#16221f", water: "#0d2030", building: "#1a222b", rail: "#2a333d",
  casing: "#0e1318", minor: "#252e38", middle: "#2d3843", major: "#384552", motorway: "#4a4a3f",
  text: "#a9b6c3", halo: "#10151b", area: "#6d86a1", waterText: "#5f8fb5",
};
const FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "sans-serif"];

const MAJOR = ["motorway", "trunk", "motorway_link", "trunk_link"], MIDDLE = ["primary", "secondary", "primary_link", "secondary_link"],
  TERTIARY = ["tertiary", "tertiary_link", "unclassified"];
type Filter = ["in", ["get", string], ["literal", string[]]];
const classIn = (names: string[]): Filter => ["in", ["get", "class"], ["literal", names]];

function roads(p: Palette): LayerSpecification[] {
  const line = (id: string, filter: unknown, colour: string, at12: number, at17: number, minzoom: number): LayerSpecification =>
    ({ id, type: "line", source: "base", "source-layer": "road", minzoom, filter: filter as never, layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colour, "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, at12 / 6, 12, at12, 17, at17] } });
  const rest: unknown = ["!", classIn([...MAJOR, ...MIDDLE, ...TERTIARY])];
  return [
    line("road-minor-case", rest, p.casing, 0.8, 11, 13), line("road-tertiary-case", classIn(TERTIARY), p.casing, 1.8, 14, 12),
    line("road-middle-case", classIn(MIDDLE), p.casing, 3, 19, 10), line("road-major-case", classIn(MAJOR), p.casing, 4, 22, 7),
    line("road-minor", rest, p.minor, 0.5, 9, 12), line("road-tertiary", classIn(TERTIARY), p.middle, 1.2, 12, 11),
    line("road-middle", classIn(MIDDLE), p.major, 2.1, 16, 9), line("road-major", classIn(MAJOR), p.motorway, 3, 19, 6),
  ];
}

function labels(p: Palette, lang: Lang): LayerSpecification[] {
  const name = (lang === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"]) as never;
  const text = (id: string, layer: string, extra: Record<string, unknown>, size: unknown, minzoom: number, colour = p.text): LayerSpecification =>
    ({ id, type: "symbol", source: "base", "source-layer": layer, minzoom, layout: { "text-field": name, "text-font": FONTS, "text-size": size, ...extra } as never,
      paint: { "text-color": colour, "text-halo-color": p.halo, "text-halo-width": 1.4 } });
  const along = { "symbol-placement": "line", "symbol-spacing": 320, "text-max-angle": 35, "text-padding": 4 };
  return [
    { ...text("road-name-minor", "road", along, 11, 15), filter: ["!", classIn([...MAJOR, ...MIDDLE, ...TERTIARY])] as never } as LayerSpecification,
    { ...text("road-name", "road", along, ["interpolate", ["linear"], ["zoom"], 12, 10.5, 17, 13.5], 12.5), filter: classIn([...MAJOR, ...MIDDLE, ...TERTIARY]) as never } as LayerSpecification,
    text("water-name", "water", { "text-max-width": 7 }, 12, 11, p.waterText),
    text("station-name", "station", { "text-offset": [0, 0.9], "text-anchor": "top" }, 11, 13),
    text("poi-name", "poi", { "text-max-width": 8, "text-padding": 12 }, 10.5, 15.5),
    text("place-name", "place_label", { "text-max-width": 8 }, ["interpolate", ["linear"], ["zoom"], 8, 12, 14, 17], 5),
  ];
}

export function baseStyle(night: boolean, lang: Lang, tiles: string, attribution: string, maxzoom = 16): StyleSpecification {
  const p = night ? NIGHT : DAY;
  const fill = (id: string, colour: string, minzoom = 0): LayerSpecification =>
    ({ id, type: "fill", source: "base", "source-layer": id, minzoom, paint: { "fill-color": colour } });
  return {
    version: 8,
    sources: { base: { type: "vector", tiles: [tiles], maxzoom, ...(attribution ? { attribution } : {}) } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": p.ground } },
      fill("landuse", p.urban), fill("green", p.green),
      // Rivers and streams are lines in the same layer: filled, they would be lakes.
      { ...fill("water", p.water), filter: ["==", ["geometry-type"], "Polygon"] } as LayerSpecification,
      { id: "waterway", type: "line", source: "base", "source-layer": "water", filter: ["==", ["geometry-type"], "LineString"],
        paint: { "line-color": p.water, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, 0.8, 17, 6] } },
      fill("building", p.building, 14),
      { id: "rail", type: "line", source: "base", "source-layer": "rail", minzoom: 11, paint: { "line-color": p.rail, "line-width": 1.4, "line-dasharray": [4, 2] } },
      ...roads(p),
      { id: "area-line", type: "line", source: "base", "source-layer": "area", paint: { "line-color": p.area, "line-width": 1.4, "line-opacity": 0.7, "line-dasharray": [5, 3] } },
      ...labels(p, lang),
    ],
  };
}
