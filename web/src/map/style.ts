// The base map's look: the one template of definitions/style/map.json with the theme of the hour put in. A text "@name"
// stands for what the theme, or else "shared", has under it. Text is drawn by the browser with its own fonts: there is
// no glyph server.
import type { StyleSpecification } from "maplibre-gl";
import template from "../../../definitions/style/map.json";
import type { Lang } from "../lang";

export const MAP_SOURCE = "map";

function resolve(part: unknown, names: Record<string, unknown>): unknown {
  if (typeof part === "string" && part.startsWith("@")) return resolve(names[part.slice(1)], names);
  if (Array.isArray(part)) return part.map((p) => resolve(p, names));
  if (part && typeof part === "object") return Object.fromEntries(Object.entries(part).map(([key, p]) => [key, resolve(p, names)]));
  return part;
}

export function baseStyle(night: boolean, lang: Lang, tiles: string, attribution: string, maxzoom = 16): StyleSpecification {
  const style = resolve(template.style, { ...template.shared, ...template.themes[night ? "night" : "day"] }) as StyleSpecification;
  return {
    ...style,
    state: { ...style.state, language: { default: lang } },
    sources: { [MAP_SOURCE]: { type: "vector", tiles: [tiles], maxzoom, ...(attribution ? { attribution } : {}) } },
  };
}
