// Names of the site's own areas and stations, in both languages: where an incident is when no street near it is loaded,
// and what a unit's station is called. Pure; a look-up is O(points of the areas) and kept.
import type { LonLat } from "./geo";
import type { Lang } from "./lang";

interface Named {
  zh: string;
  en: string;
}
interface Area extends Named {
  polygons: LonLat[][][];
  size: number;
}
interface Feature {
  properties?: Record<string, unknown> | null;
  geometry?: { type: string; coordinates: unknown } | null;
}

const namesOf = (f: Feature): Named => {
  const zh = String(f.properties?.name ?? ""), en = String(f.properties?.name_en ?? "");
  return { zh: zh || en, en: en || zh };
};

export function inside(p: LonLat, rings: LonLat[][]): boolean {
  let odd = false; // holes turn it back
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i]!, b = ring[j]!;
      if (a[1] > p[1] !== b[1] > p[1] && p[0] < a[0] + ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1])) odd = !odd;
    }
  }
  return odd;
}

/** Twice the area of a ring in square degrees: only to tell a small area from a large one. */
const sizeOf = (ring: LonLat[]): number => Math.abs(ring.reduce((sum, a, i) => { const b = ring[(i + 1) % ring.length]!; return sum + a[0] * b[1] - b[0] * a[1]; }, 0));

export class SiteNames {
  private areas: Area[] = [];
  private stations = new Map<string, Named>();
  private known = new Map<string, Named | null>();

  setAreas(features: Feature[]): void {
    this.known.clear();
    this.areas = features.flatMap((f) => {
      const g = f.geometry, names = namesOf(f);
      const polygons = (g?.type === "Polygon" ? [g.coordinates] : g?.type === "MultiPolygon" ? g.coordinates : []) as LonLat[][][];
      return names.zh && polygons.length ? [{ ...names, polygons, size: polygons.reduce((sum, p) => sum + sizeOf(p[0] ?? []), 0) }] : [];
    }).sort((a, b) => a.size - b.size);
  }
  setStations(features: Feature[]): void {
    this.stations = new Map(features.flatMap((f) => (typeof f.properties?.id === "string" && namesOf(f).zh ? [[f.properties.id, namesOf(f)]] : [])));
  }
  /** The smallest area around a position. */
  area(p: LonLat | undefined, lang: Lang): string {
    if (!p) return "";
    const key = p.join();
    if (!this.known.has(key)) this.known.set(key, this.areas.find((a) => a.polygons.some((rings) => inside(p, rings))) ?? null);
    return this.known.get(key)?.[lang] ?? "";
  }
  station(id: string, lang: Lang): string {
    return this.stations.get(id)?.[lang] ?? id;
  }
}
