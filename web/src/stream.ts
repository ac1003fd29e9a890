// The live stream: parser, life as a state machine, and the loop that keeps it open.
//
// The parser follows the HTML standard's event-stream format. The life of the stream is a pure function of what came
// in and when, so that "a lost stream is seen within two seconds" is a test and not a hope. The server sends at least
// one frame a second; silence longer than SILENCE_MS counts as lost even while the connection looks open.

export interface StreamEvent {
  id?: string;
  event: string;
  data: string;
}

/** Feed it text as it comes; it returns the events that are complete. */
export class EventParser {
  private rest = "";
  private data: string[] = [];
  private event = "";
  private id: string | undefined;

  feed(chunk: string): StreamEvent[] {
    const out: StreamEvent[] = [];
    this.rest += chunk;
    for (;;) {
      const match = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!match) return out;
      const line = this.rest.slice(0, match.index);
      this.rest = this.rest.slice(match.index + match[0].length);
      if (line === "") {
        if (this.data.length) out.push({ ...(this.id !== undefined ? { id: this.id } : {}), event: this.event || "message", data: this.data.join("\n") });
        this.data = [];
        this.event = "";
        this.id = undefined;
        continue;
      }
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
      if (field === "data") this.data.push(value);
      else if (field === "event") this.event = value;
      else if (field === "id") this.id = value;
    }
  }
}

export const SILENCE_MS = 1_800;
// An old machine may itself stand still for that long. What came meanwhile has not been read yet, and gets the time to be, once.
const STOOD_STILL_MS = 700, READING_MS = 600;
const RETRY_MS = [250, 500, 1_000, 2_000];
// How long an attempt may go without an answer. A browser keeps idle connections and uses them first; after a silent
// break all of them are dead, and each attempt uses up one. So the first attempts are short: they are given up and the
// next ones tried until a new connection is made.
const ANSWER_MS = [1_000, 1_000, 1_000, 1_000, 1_500, 2_000, 3_000];
const BEAT_MS = 3_000; // from the answer to the first proof of life

export type Link = "connecting" | "live" | "lost";
export interface Life {
  link: Link;
  last_ms: number; // when anything last came in
  ticked_ms: number; // when it was last asked how late it is
  excused: boolean; // since it was last heard
  lost_ms: number; // since when it is lost
  tries: number;
  retry_at_ms: number;
}
export type Happening = "open" | "bytes" | "closed" | "tick";

export function lifeStart(now_ms: number): Life {
  return { link: "connecting", last_ms: now_ms, ticked_ms: now_ms, excused: false, lost_ms: 0, tries: 0, retry_at_ms: now_ms };
}

export function lifeStep(life: Life, what: Happening, now_ms: number): Life {
  const lost = (): Life => ({
    ...life,
    link: "lost",
    lost_ms: life.link === "lost" ? life.lost_ms : now_ms,
    tries: life.tries + 1,
    retry_at_ms: now_ms + (RETRY_MS[Math.min(life.tries, RETRY_MS.length - 1)] ?? 2_000),
  });
  switch (what) {
    case "open": // a connection without a byte is not yet a live board
      return { ...life, last_ms: now_ms };
    case "bytes":
      return { ...life, excused: false, link: "live", last_ms: now_ms, lost_ms: 0, tries: 0, retry_at_ms: 0 };
    case "closed":
      return lost();
    case "tick": {
      const stoodStill = now_ms - life.ticked_ms > STOOD_STILL_MS, asked = { ...life, ticked_ms: now_ms };
      if (life.link === "lost" || now_ms - life.last_ms <= SILENCE_MS) return asked;
      return stoodStill && !life.excused ? { ...asked, excused: true, last_ms: now_ms - SILENCE_MS + READING_MS } : { ...lost(), ticked_ms: now_ms };
    }
  }
}

export interface StreamHandlers {
  event(event: StreamEvent): void;
  life(life: Life): void;
  /** Nothing comes any more over a connection that looks open: none of those to this server can be trusted. */
  silent(): void;
  /** The server says that it no longer has what was missed: everything must be read anew. */
  reset(): Promise<void>;
  refused(status: number): void;
}

/** Opens the stream and keeps it open until the returned function is called. */
export function keepStream(url: () => string, handlers: StreamHandlers, lastId = "", now = () => Date.now()): () => void {
  let life = lifeStart(now()), stopped = false, abort: AbortController | null = null, generation = 0, asked = 0, isReading = false;
  const step = (what: Happening) => {
    const next = lifeStep(life, what, now());
    const changed = next.link !== life.link;
    life = next;
    if (life.link === "live") asked = 0;
    if (changed || what === "bytes") handlers.life(life);
  };
  const run = async (mine: number) => {
    abort = new AbortController();
    const parser = new EventParser(), decoder = new TextDecoder();
    try {
      const reply = await fetch(url(), {
        headers: { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) },
        signal: abort.signal, cache: "no-store", credentials: "same-origin",
      });
      if (reply.status === 401 || reply.status === 403) {
        stopped = true;
        handlers.refused(reply.status);
        return;
      }
      if (!reply.ok || !reply.body) throw new Error(String(reply.status));
      if (mine !== generation) return;
      step("open");
      life = { ...life, retry_at_ms: now() + BEAT_MS };
      const reader = reply.body.getReader();
      let chunks = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (mine !== generation) return;
        if (done) break;
        const events = parser.feed(decoder.decode(value, { stream: true }));
        // The greeting of a connection is no proof that the desk behind it lives; an event is, and so is a second beat.
        if (events.length || ++chunks > 1 || life.link === "live") step("bytes");
        for (const event of events) {
          if (event.event === "reset") {
            isReading = true; // as long as it takes: a slow line is no silent one, and half a board is none
            await handlers.reset().finally(() => { isReading = false; });
            lastId = event.id ?? "";
            continue;
          }
          handlers.event(event);
          if (event.id !== undefined) lastId = event.id;
        }
      }
    } catch {
      // what went wrong shows as "lost"; the loop below tries again
    }
    if (mine === generation && !stopped) step("closed");
  };
  const tick = () => {
    if (stopped) return;
    if (isReading) life = { ...life, last_ms: now() };
    const before = life.link;
    step("tick");
    if (before !== "lost" && life.link === "lost") {
      generation++;
      abort?.abort();
      handlers.silent();
    }
    if (life.link === "lost" && now() >= life.retry_at_ms) {
      life = { ...life, retry_at_ms: now() + (ANSWER_MS[Math.min(asked++, ANSWER_MS.length - 1)] ?? BEAT_MS), last_ms: now() };
      abort?.abort();
      void run(++generation);
    }
  };
  const timer = setInterval(tick, 100);
  void run(++generation);
  return () => {
    stopped = true;
    generation++;
    clearInterval(timer);
    abort?.abort();
  };
}
