// The patrol part of the interface: what is asked and in which shape it comes.
import { ApiError, newKey } from "./api";
import type { Plan, Problem, Stop } from "./duty";
import type { LonLat } from "./geo";
import type { StreetPresence } from "./presence";
import { api } from "./store";

export interface PlanRow { id: string; name: string; date: string; state: string; progress?: number; feasible?: boolean; cost?: Plan["cost"]; author?: string; reason?: string }
const read = async <T>(path: string): Promise<T> => (await api.send<T>("GET", path)).data;

/** What is kept, or null when nothing is. */
export async function readProblem(): Promise<Problem | null> {
  try {
    return await read<Problem>("/patrol/problem");
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
export const saveProblem = (problem: Problem): Promise<unknown> => api.once("PUT", "/patrol/problem", problem);
export const readPlans = async (): Promise<PlanRow[]> => (await read<{ plans: PlanRow[] }>("/patrol/plans")).plans;
export const readPlan = async (id: string): Promise<Plan> => (await read<{ plan: Plan }>(`/patrol/plans/${id}`)).plan;
export interface PlanLines { lines: { unit: string; line: { type: string; coordinates: unknown } | null }[] }
export const readPlanLines = (id: string): Promise<PlanLines> => read<PlanLines>(`/patrol/plans/${id}/lines`);
export const makePlan = (seconds: number, seed: number): Promise<{ id: string }> => api.once("POST", "/patrol/plans", { seconds, seed }, newKey());
export const adoptPlan = (id: string): Promise<unknown> => api.once("POST", `/patrol/plans/${id}/adopt`, {});

export interface Next { stop: number; kind: string; id: string; name: string | null; at: LonLat; start: string }
export interface RoundRow { id: string; unit: string; state: string; leave: string; back: string; left_for: string | null; done: number; total: number; next: Next | null; late_s: number }
export interface RoundStop extends Stop { stop: number; name: string | null; n: number; must: boolean; status: string; proof: string | null; visited_from: string | null; visited_until: string | null; reason: string | null; handed_to: string | null; taken_from: string | null }
export interface Round extends RoundRow {
  roll_call: { at: string; present: number; wanted: number | null; kit_complete: boolean } | null; stops: RoundStop[]; route: { type: string; coordinates: LonLat[] } | null; post: LonLat;
  changed: { at: string; order: string | null; unit: string | null; together: boolean } | null;
  log: { at: string; km: number; hazards: string[]; helped: number; handed_over: number } | null; notes: number; checks: RoundCheck[];
}
/** answer: null while the crew has not spoken yet, for whoever may not know it before. */
export interface RoundCheck { number: number; kind: string; announced: boolean; at: string; stop: number | null; by: string; answer: string | null; word: string | null }
export interface RoundNote { seq: number; at: string; erased: boolean; note: string | null }
/** Of a day, or of the desk's own today: who has no stream does not know its clock in a replay. */
export const readRounds = async (day: string): Promise<RoundRow[]> => (await read<{ rounds: RoundRow[] }>(`/patrol/rounds${day && `?day=${day}`}`)).rounds;
export const readRound = (id: string): Promise<Round> => read<Round>(`/patrol/rounds/${id}`);
export interface ProvedStop { stop: number; state: string; proof: string | null; enter: string | null; leave: string | null; dwell_s: number | null; wanted_s: number | null; late_s: number | null; driven: number | null; gap_from: string | null; gap_until: string | null; called: boolean; contradicted: boolean }
export interface Proof { id: string; positions: number; stops: ProvedStop[]; off_route: { from: string; until: string; farthest_m: number; at: LonLat }[] }
export const readProof = (id: string): Promise<Proof> => read<Proof>(`/patrol/rounds/${id}/proof`);
export interface Adherence { told: boolean; least_crews: number; crews: number | null; done: number | null; late: number | null; short: number | null; missed: number | null; unknown: number | null; called: number | null }
export const readAdherence = (day: string): Promise<Adherence> => read<Adherence>(`/patrol/adherence?day=${day}`);
export interface Presence { from: string; to: string; hour: number | null; ready: boolean; progress: number; as_of: string | null; least_crews: number; step_minutes: number; hidden: number; left_off: number; streets: StreetPresence[] }
export const readPresence = (from: string, to: string, hour: number | null): Promise<Presence> => read<Presence>(`/patrol/presence?from=${from}&to=${to}${hour === null ? "" : `&hour=${hour}`}`);
export const sheetLink = (id: string, format: string): string => `/api/v1/patrol/rounds/${id}/sheet?format=${format}`;
export const doRound = (id: string, deed: "visits" | "roll-call" | "reasons" | "log" | "end" | "checks" | "check-answers" | "notes", body: object, key = newKey()): Promise<unknown> => api.once("POST", `/patrol/rounds/${id}/${deed}`, body, key);
/** Each look is on record before the answer comes. */
export const lookAtNotes = async (id: string, purpose: string): Promise<RoundNote[]> => (await api.send<{ notes: RoundNote[] }>("POST", `/patrol/rounds/${id}/look`, { body: { purpose } })).data.notes;

export interface Directed { id: string; state: string; name: string | null; at: LonLat; from: string; to: string; minutes: number; visits: number; reason: string | null; author: string | null; until: string }
export interface Owed { id: string; name: string | null; kind: string; visits: number; since: string }
export interface Level { level: number; share_percent: number; now: { ground: string; number: string | null; approver: string | null; until: string | null } | null }
export const readDirected = async (): Promise<Directed[]> => (await read<{ orders: Directed[] }>("/patrol/orders?state=open")).orders;
/** Those that are over, the newest first. */
export const readDirectedOver = async (most: number): Promise<Directed[]> => (await read<{ orders: Directed[] }>("/patrol/orders")).orders.filter((o) => o.state !== "open").slice(0, most);
export interface Judged { answer: string; change: number | null; low: number | null; high: number | null }
export const readHelped = (id: string): Promise<{ patrolled: Judged; neighbours: Judged }> => read(`/patrol/orders/${id}/helped`);
export const orderDirected = (body: object, key: string): Promise<unknown> => api.once("POST", "/patrol/orders", body, key);
export const endDirected = (id: string, reason: string, key: string): Promise<unknown> => api.once("POST", `/patrol/orders/${id}/end`, reason ? { reason } : {}, key);
export interface Where { day: string; recent_weeks: number; history_weeks: number; history_weeks_least: number; calls: number; hidden: number; cells: { area: string; from: string; until: string; recent: number; history: number; expected: number; low: number; high: number | null; rises: boolean }[] }
export const readWhere = (day: string): Promise<Where> => read<Where>(`/patrol/where?on=${day}`);
export const readDebt = async (): Promise<Owed[]> => (await read<{ debt: Owed[] }>("/patrol/debt")).debt;
export const readLevel = (): Promise<Level> => read<Level>("/patrol/level");
export const setLevel = (body: object, key: string): Promise<unknown> => api.once("POST", "/patrol/level", body, key);
