// Calls this console has taken and the record has not acknowledged yet. Each is written down here, on this machine's disk,
// before its first byte leaves, and goes only when the record has it and what was decided with it (outbox_disk.ts).
//
//   waiting ──201──► recorded ──follow-up──► gone         one request at a time, in the order they were taken, always the same
//      │ └──202──► kept ──asked again: 201──┘             body under the same key: however often it is sent, it is one call
//      └──4xx──► refused          shown with the reason; mended or struck out by a person, never dropped
//
// No answer, 429 and 5xx leave an entry as it is; the order holds, what comes after it waits. Of an entry under way nothing is
// known when the answer is lost: it is sent again, never as a new one. Entries belong to the account that typed them.
import type * as wire from "gen/api";
import type { NewCall } from "./model";

export interface CallKeys {
  call: string;
  incident: string;
}
/** What is sealed of an entry on the disk: all but whose it is, when it was taken and its key. */
export interface Deed {
  call: NewCall; // as it was typed, for mending
  body: wire.CallReceiveBody; // as it is sent: never changed while its answer may be lost
  keys: CallKeys;
  recorded?: string; // the call's number, once the record has it
  receipt?: string; // of the spool
  problem?: { text: string; field: string };
}
export interface Entry {
  order: number;
  account: string;
  made_ms: number;
  deed: Deed | null; // null: cannot be read any more
}
export type Stage = "waiting" | "kept" | "refused";
export const stageOf = (e: Entry): Stage => (!e.deed || e.deed.problem ? "refused" : e.deed.receipt && !e.deed.recorded ? "kept" : "waiting");

/** The disk. `add` resolves when the entry is on it, and refuses a second one under the same key. */
export interface OutboxDisk {
  all(): Promise<Entry[]>; // in the order they were added
  add(account: string, made_ms: number, deed: Deed, instead?: number): Promise<void>; // instead: struck out in the same step
  put(entry: Entry): Promise<void>;
  remove(order: number): Promise<void>;
}

/** For a browser that keeps nothing: what is in it is gone with the page, and nobody is told otherwise. */
export class MemoryDisk implements OutboxDisk {
  private entries: Entry[] = [];
  private last = 0;
  all = () => Promise.resolve([...this.entries]);
  put = () => Promise.resolve();
  async add(account: string, made_ms: number, deed: Deed, instead = 0): Promise<void> {
    if (this.entries.some((e) => e.deed?.keys.call === deed.keys.call)) throw new Error("this key is there");
    this.entries = [...this.entries.filter((e) => e.order !== instead), { order: ++this.last, account, made_ms, deed }];
  }
  async remove(order: number): Promise<void> {
    this.entries = this.entries.filter((e) => e.order !== order);
  }
}

/** What became of an entry: gone from here, or why not. */
export type Outcome =
  | { how: "recorded"; call: string; incident: string; undecided: string } // undecided: why the follow-up was refused
  | { how: "kept"; receipt: string }
  | { how: "refused"; text: string; field: string }
  | { how: "waiting" };

interface Refusal {
  status: number;
  problem: { field?: string };
  message: string;
}
export type Send = (path: string, body: object, key: string) => Promise<{ id?: string; receipt?: string }>;

/** What to do with those after it: send them; send them, and this one later; wait. */
type Went = "on" | "later" | "stop";

/** Nobody answered, or not now: the same request may succeed later. */
const mayPass = (status: number): boolean => status === 0 || status === 401 || status === 408 || status === 429 || status >= 500;

export function deedOf(call: NewCall, keys: CallKeys, made_ms: number, via?: "console" | "paper", card = ""): Deed {
  const body: wire.CallReceiveBody = { type: call.type, priority: call.priority, channel: call.channel as wire.CallReceiveBody["channel"], occurred_at: new Date(made_ms).toISOString() };
  if (call.position) body.position = [Math.round(call.position[0] * 1e7) / 1e7, Math.round(call.position[1] * 1e7) / 1e7];
  for (const field of ["address", "words", "caller_name", "caller_phone"] as const) if (call[field]) body[field] = call[field];
  if (via) body.via = via;
  if (card) body.source_id = card;
  return { call, body, keys };
}

export class Outbox {
  entries: Entry[] = [];
  private running = false;
  private waiters = new Map<string, (outcome: Outcome) => void>();

  /** late: what became of an entry that nobody waits for. */
  constructor(private readonly disk: OutboxDisk, private readonly send: Send, private readonly changed: () => void = () => undefined, private readonly late: (outcome: Outcome) => void = () => undefined) {}

  /** Reads the disk, which another page of this console may have written to. */
  async read(): Promise<void> {
    this.entries = await this.disk.all();
    this.changed();
  }
  /** On the disk when it resolves. */
  async add(account: string, made_ms: number, deed: Deed, instead = 0): Promise<void> {
    await this.disk.add(account, made_ms, deed, instead);
    await this.read();
  }
  async remove(order: number): Promise<void> {
    await this.disk.remove(order);
    await this.read();
  }
  of(account: string): Entry[] {
    return this.entries.filter((e) => e.account === account);
  }
  /** What becomes of the call with this key, or "waiting" when nothing is known within the time. */
  outcome(key: string, within_ms: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        this.waiters.delete(key);
        resolve(outcome);
        this.changed();
      };
      const timer = setTimeout(() => end({ how: "waiting" }), within_ms);
      this.waiters.set(key, end);
    });
  }

  /** Sends what waits of one account, in order; false when nobody takes it now. One run at a time. */
  async run(account: string): Promise<boolean> {
    if (this.running) return true;
    this.running = true;
    try {
      await this.read();
      let isAll = true;
      for (const entry of this.of(account)) {
        if (stageOf(entry) === "refused") continue;
        const went = await this.one(entry);
        if (went === "stop") return false;
        if (went === "later") isAll = false;
      }
      return isAll;
    } finally {
      this.running = false;
      await this.read();
    }
  }

  isAwaited(entry: Entry): boolean {
    return this.waiters.has(entry.deed?.keys.call ?? "");
  }
  /** Nobody answers: whoever waits may go on. */
  waitNoLonger(): void {
    for (const end of [...this.waiters.values()]) end({ how: "waiting" });
  }
  private tell(key: string, outcome: Outcome): void {
    (this.waiters.get(key) ?? this.late)(outcome);
  }
  private async one(entry: Entry): Promise<Went> {
    const deed = entry.deed!;
    try {
      if (!deed.recorded && !(await this.receive(entry, deed))) return "on";
    } catch (error) {
      const { status, problem, message } = error as Refusal;
      if (mayPass(status ?? 0)) return status === 500 ? "later" : "stop";
      if (problem?.field === "occurred_at" && deed.body.via !== "paper" && deed.body.occurred_at) { // this machine's clock is wrong; nothing was taken under the key
        delete deed.body.occurred_at;
        await this.disk.put(entry);
        return this.one(entry);
      }
      deed.problem = { text: message, field: problem?.field ?? "" };
      await this.disk.put(entry);
      this.tell(deed.keys.call, { how: "refused", ...deed.problem });
      return "on";
    }
    return this.followUp(entry, deed);
  }
  private async receive(entry: Entry, deed: Deed): Promise<boolean> {
    const taken = await this.send("/calls", deed.body, deed.keys.call);
    if (taken.receipt) {
      const news = deed.receipt !== taken.receipt;
      deed.receipt = taken.receipt;
      if (news) await this.disk.put(entry);
      if (news) this.tell(deed.keys.call, { how: "kept", receipt: taken.receipt });
      return false;
    }
    deed.recorded = taken.id!;
    await this.disk.put(entry);
    return true;
  }
  /** What was decided with the call. A refusal here leaves a recorded call among the open ones: somebody else decides. */
  private async followUp(entry: Entry, { call, recorded, keys }: Deed): Promise<Went> {
    let incident = call.link ?? "", undecided = "";
    try {
      if (call.link) await this.send(`/calls/${recorded}/link`, { incident: call.link, reason: "same_event" }, keys.incident);
      else if (call.settle) await this.send(`/calls/${recorded}/settle`, { reason: call.settle }, keys.incident);
      else if (!call.undecided) {
        const body: wire.IncidentOpenBody = { call: recorded!, type: call.type, priority: call.priority, gravity: "ordinary" };
        if (entry.deed!.body.position) body.position = entry.deed!.body.position;
        incident = (await this.send("/incidents", body, keys.incident)).id!;
      }
    } catch (error) {
      const { status, message } = error as Refusal;
      if (mayPass(status ?? 0)) return status === 500 ? "later" : "stop";
      incident = "";
      undecided = message;
    }
    await this.disk.remove(entry.order);
    this.tell(keys.call, { how: "recorded", call: recorded!, incident, undecided });
    return "on";
  }
}
