// Where patrols were, as a map shows it: classes of unit-minutes with round limits, streets of one name together. Pure.
export interface StreetPresence { name: string | null; unit_minutes: number; length_m: number; line: { type: string; coordinates: unknown } }
export interface PresenceClass { from: number; until: number | null; stretches: number; km: number }

export const CLASSES = 5;
const ROUND = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960, 1440, 1920, 2880, 4320, 5760, 8640, 14400, 28800, 57600];

/** The lower limits of at most CLASSES classes, each with about as many streets: 0 and round numbers above it. */
export function presenceLimits(minutes: number[]): number[] {
  const sorted = [...minutes].sort((a, b) => a - b), limits = [0];
  for (let n = 1; n < CLASSES; n++) {
    const at = sorted[Math.floor((n * sorted.length) / CLASSES)] ?? 0, limit = ROUND.find((r) => r >= at) ?? ROUND[ROUND.length - 1]!;
    if (sorted.some((m) => m >= limit) && sorted.some((m) => m >= limits[limits.length - 1]! && m < limit)) limits.push(limit);
  }
  return limits;
}
export function classOf(limits: number[], minutes: number): number {
  let n = limits.length - 1;
  while (n > 0 && minutes < limits[n]!) n--;
  return n;
}
/** What the legend says of each class. */
export function presenceClasses(streets: StreetPresence[], limits: number[]): PresenceClass[] {
  const all = limits.map((from, n) => ({ from, until: limits[n + 1] ?? null, stretches: 0, km: 0 }));
  for (const s of streets) {
    const of = all[classOf(limits, s.unit_minutes)]!;
    of.stretches++;
    of.km += s.length_m / 1000;
  }
  return all;
}
export interface NamedStreet { name: string | null; unit_minutes: number; stretches: number; km: number }
/** Stretches of one name together, by name; what has none stands last. */
export function byStreet(streets: StreetPresence[]): NamedStreet[] {
  const named = new Map<string, NamedStreet>();
  for (const s of streets) {
    const row = named.get(s.name ?? "") ?? { name: s.name, unit_minutes: 0, stretches: 0, km: 0 };
    named.set(s.name ?? "", { ...row, unit_minutes: row.unit_minutes + s.unit_minutes, stretches: row.stretches + 1, km: row.km + s.length_m / 1000 });
  }
  return [...named.values()].sort((a, b) => Number(a.name === null) - Number(b.name === null) || b.unit_minutes - a.unit_minutes || (a.name ?? "").localeCompare(b.name ?? ""));
}
/** A class on the map: wider and stronger the longer. The widest class is CLASSES - 1, however few there are. */
export const presenceFeatures = (streets: StreetPresence[], limits: number[]): unknown[] =>
  [...streets].reverse().map((s) => ({ type: "Feature", properties: { presence: CLASSES - limits.length + classOf(limits, s.unit_minutes), minutes: s.unit_minutes }, geometry: s.line }));
