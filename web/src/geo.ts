// Small geometry for lists and pictures. Travel times come from the server; nothing here decides who is near.
export type LonLat = [number, number];

/** Metres between two positions on a sphere (haversine); 0.5 % off at worst, and only ever shown rounded. */
export function distance_m(a: LonLat, b: LonLat): number {
  const rad = Math.PI / 180;
  const dLat = (b[1] - a[1]) * rad, dLon = (b[0] - a[0]) * rad;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Web-Mercator, the whole world as 0…1. */
export function mercator(p: LonLat): LonLat {
  const s = Math.sin((Math.max(-85, Math.min(85, p[1])) * Math.PI) / 180);
  return [p[0] / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
}

/** "41.1496, -8.6109", "-8.6109 41.1496 E…": coordinates as people write them, else null. Latitude comes first, as it
 *  is spoken, unless only the other reading is possible or letters say which is which. */
export function parseCoordinates(typed: string): LonLat | null {
  const match = /^\s*([NSEWnsew]?)\s*([-+]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSEWnsew]?)\s*(?:[,;，；]\s*|\s+)([NSEWnsew]?)\s*([-+]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSEWnsew]?)\s*$/.exec(typed);
  if (!match) return null;
  const letter = [(match[1] || match[3] || "").toUpperCase(), (match[4] || match[6] || "").toUpperCase()];
  const value = [Number(match[2]), Number(match[5])];
  if (!letter[0] && !letter[1] && !/\.\d/.test(match[2]!) && !/\.\d/.test(match[5]!)) return null; // "12 34" is no position
  let first = 0; // which of the two is the latitude
  if (/[EW]/.test(letter[0]!) || /[NS]/.test(letter[1]!)) first = 1;
  else if (!letter[0] && !letter[1] && Math.abs(value[0]!) > 90) first = 1;
  const lat = value[first]! * (letter[first] === "S" ? -1 : 1);
  const lon = value[1 - first]! * (letter[1 - first] === "W" ? -1 : 1);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

/** Circle as a ring of n points; for pictures only. */
export function circle(centre: LonLat, radius_m: number, n = 48): LonLat[] {
  const dLat = radius_m / 111_195, dLon = dLat / Math.cos((centre[1] * Math.PI) / 180);
  return Array.from({ length: n + 1 }, (_, i): LonLat => {
    const a = (i / n) * 2 * Math.PI;
    return [centre[0] + dLon * Math.cos(a), centre[1] + dLat * Math.sin(a)];
  });
}
