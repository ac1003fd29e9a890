// Keeps the outbox going: sends what waits as soon as somebody answers, tells what became of it, and lets one page of this
// console do it at a time.
import { ApiError } from "./api";
import { t } from "./lang";
import { MemoryDisk, Outbox, stageOf, type Deed, type Outcome, type Send } from "./outbox";
import { BrowserDisk } from "./outbox_disk";
import { api, changed, onChange, state, tell } from "./store";

const ANSWER_MS = 8_000; // a request without an answer is given up, and sent again later
const WAIT_MS = 4_000; // how long a call-taker waits for the number of a call
const RETRY_MS = [300, 700, 1_500, 3_000, 5_000], KEPT_MS = 3_000;

const send: Send = async (path, body, key) => (await api.send<{ id?: string; receipt?: string }>("POST", path, { body, key, within_ms: ANSWER_MS })).data;
let recorded = 0; // in this run, of those that nobody waits for
function late(outcome: Outcome): void {
  if (outcome.how === "recorded") recorded++;
  if (outcome.how === "recorded" && outcome.undecided) tell(t("web_outbox_undecided", { call: outcome.call, why: outcome.undecided }), "bad");
  if (outcome.how === "refused") tell(t("web_outbox_refused", { why: outcome.text }), "bad");
}
const pages = typeof BroadcastChannel === "function" ? new BroadcastChannel("precinct.outbox") : null;
let isTold = false; // by another page: not told back
export const outbox = new Outbox(new BrowserDisk(), send, () => {
  if (!isTold) pages?.postMessage("");
  changed();
}, late);
if (pages) pages.onmessage = () => {
  isTold = true;
  void outbox.read().catch(() => undefined).then(() => { isTold = false; });
};

let tries = 0, next_ms = 0, link = state.life.link;
async function pump(): Promise<void> {
  const account = state.session?.account;
  if (!account || state.alone || !outbox.of(account).some((e) => stageOf(e) !== "refused")) return;
  next_ms = Date.now() + ANSWER_MS;
  const run = async (lock?: Lock | null) => (lock === null ? true : outbox.run(account)); // null: another page does it
  const isAnswered = await (navigator.locks ? navigator.locks.request("precinct.outbox", { ifAvailable: true }, run) : run()).catch(() => false);
  if (recorded && outbox.of(account).every((e) => stageOf(e) !== "waiting")) {
    tell(t("web_outbox_recorded", { n: recorded }));
    recorded = 0;
  }
  const came = isAnswered && outbox.of(account).some((e) => stageOf(e) === "waiting"); // while the others were sent
  next_ms = came ? 0 : Date.now() + (isAnswered ? KEPT_MS : RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]!);
  tries = isAnswered ? 0 : tries + 1;
}
/** Sends at once what waits. */
export function wakeOutbox(): void {
  tries = 0;
  next_ms = 0;
  void pump();
}
export function keepOutbox(): void {
  void outbox.read().catch(() => undefined);
  setInterval(() => void (Date.now() >= next_ms && pump()), 150);
  onChange(() => {
    if (link === state.life.link) return;
    link = state.life.link;
    if (link === "live") wakeOutbox();
    if (link === "lost") outbox.waitNoLonger();
  });
}

/** Is nobody there to take a call now? */
export const isAlone = (): boolean => state.alone || state.life.link === "lost";

/** Writes a call down, then sends it: what is known of it when the call-taker has waited long enough. "waiting" says that it
 *  is safe on this machine; an error, that it is nowhere but in the form. */
export async function keepCall(made_ms: number, deed: Deed, instead = 0): Promise<Outcome> {
  const account = state.session!.account, known = outbox.outcome(deed.keys.call, isAlone() ? 0 : WAIT_MS);
  try {
    await outbox.add(account, made_ms, deed, instead);
  } catch (error) {
    outbox.waitNoLonger();
    if (error instanceof DOMException && error.name === "ConstraintError") return { how: "waiting" }; // it is there already
    return straight(account, made_ms, deed);
  }
  wakeOutbox();
  return known;
}
/** Without a disk: once, and the form keeps it. */
async function straight(account: string, made_ms: number, deed: Deed): Promise<Outcome> {
  const once = new Outbox(new MemoryDisk(), send), known = once.outcome(deed.keys.call, WAIT_MS);
  await once.add(account, made_ms, deed);
  if (!(await once.run(account))) once.waitNoLonger();
  const outcome = await known;
  if (outcome.how === "waiting") throw new ApiError(0, {}, t("web_outbox_no_disk"));
  return outcome;
}
