// Times as people in the room read them. Every function takes "now": nothing here looks at a clock.
import { lang, t } from "./lang";

/** "12 s", "4 min", "2 h 05": how old something is. Never negative: a clock that is ahead shows 0 s. */
export function ageText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t("web_age_s", { n: s });
  const min = Math.floor(s / 60);
  if (min < 60) return t("web_age_min", { n: min });
  const h = Math.floor(min / 60);
  if (h < 24) return t("web_age_h", { h, min: String(min % 60).padStart(2, "0") });
  return t("web_age_d", { n: Math.floor(h / 24) });
}

/** "3:07": a running clock of minutes and seconds. */
export function clockText(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60, sec = String(s % 60).padStart(2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${sec}` : `${m}:${sec}`;
}

/** Data older than this is marked: nobody must take an old board for a live one. */
export const STALE_MS = 10_000;
export type Freshness = "fresh" | "late" | "stale";

export function freshness(age_ms: number): Freshness {
  return age_ms < 2_000 ? "fresh" : age_ms < STALE_MS ? "late" : "stale";
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang()}|${zone}|${Object.keys(options).join()}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", { ...options, hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) });
    formats.set(key, made);
  }
  return made;
}

export function timeText(ms: number, zone?: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

export function dayText(ms: number, zone?: string): string {
  return format(zone, { month: "short", day: "numeric", weekday: "short" }).format(ms);
}

/** A day among other days: "Mon 16". */
export function weekdayText(ms: number, zone?: string): string {
  return format(zone, { weekday: "short", day: "numeric" }).format(ms);
}

export function hourText(ms: number, zone?: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function hourOf(ms: number, zone?: string): number {
  return Number(format(zone, { hour: "2-digit" }).formatToParts(ms).find((p) => p.type === "hour")?.value ?? 0);
}

/** Times come as RFC 3339 text. */
export function readTime(v: unknown): number | undefined {
  const ms = typeof v === "string" ? Date.parse(v) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const DAY_MS = 86_400_000;
/** How far a zone such as "+08:00" is ahead of UTC. */
function shiftOf(zone: string | undefined): number {
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? "");
  return offset ? (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 * (offset[1] === "-" ? -1 : 1) : 0;
}
/** Midnight before, where the service is. */
export function dayStart(now_ms: number, zone?: string): number {
  const shift = shiftOf(zone);
  return Math.floor((now_ms + shift) / DAY_MS) * DAY_MS - shift;
}
/** The next time that the clock there shows "HH:MM". */
export function nextTime(text: string, now_ms: number, zone?: string): number | null {
  const match = /^(\d\d):(\d\d)$/.exec(text);
  if (!match) return null;
  const at = dayStart(now_ms, zone) + (Number(match[1]) * 60 + Number(match[2])) * 60_000;
  return at > now_ms ? at : at + DAY_MS;
}
