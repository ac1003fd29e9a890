// The page that checks a bundle of the log with no network and no server: it reads the file, says what is so, and shows the
// events in plain words.
import { events as eventWords } from "gen/web_messages";

import { lang, type MessageKey, setLang, t, word } from "../lang";
import { entriesOf, type Verdict, verifyBundle } from "./bundle";
import { hex, Refusal, signatureWay } from "./note";

type Child = Node | string | null | false;

function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Record<string, string | boolean | ((event: Event) => void)> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return made;
}

interface State { file: File | null; key: string; earlier: string; witnesses: string; busy: number | null; verdict: Verdict | null; refusal: Refusal | null; stretch: number }
const state: State = { file: null, key: "", earlier: "", witnesses: "", busy: null, verdict: null, refusal: null, stretch: 0 };

const time = (ms: number): string => new Intl.DateTimeFormat(lang() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }).format(ms) + " UTC";

async function run(): Promise<void> {
  if (!state.file || state.busy !== null) return;
  state.verdict = state.refusal = null;
  state.busy = 0;
  draw();
  let shown = 0;
  try {
    const witnesses = state.witnesses.split("\n").map((line) => line.trim()).filter(Boolean);
    state.verdict = await verifyBundle({ file: state.file, key: state.key, earlier: state.earlier, witnesses, progress: (done) => {
      if (Date.now() - shown < 200) return;
      shown = Date.now();
      state.busy = done;
      document.querySelector("progress")?.setAttribute("value", String(done));
    } });
    state.stretch = Math.max(0, state.verdict.stretches.length - 1);
  } catch (error) {
    state.refusal = error instanceof Refusal ? error : new Refusal("web_verify_unreadable", { reason: String(error) });
  }
  state.busy = null;
  draw();
}

const refusalText = (refusal: Refusal): string => (t as (key: MessageKey, params: Refusal["params"]) => string)(refusal.key, refusal.params);

// --- what goes in ---

function fileField(): HTMLElement {
  const input = el("input", { type: "file", id: "bundle", change: (event) => {
    state.file = (event.target as HTMLInputElement).files?.[0] ?? null;
    state.verdict = state.refusal = null;
    draw();
  } });
  return el("label", { class: "file", for: "bundle" }, el("span", {}, t("web_verify_file")), input,
    el("em", {}, state.file ? `${state.file.name} (${state.file.size.toLocaleString(lang() === "zh" ? "zh-CN" : "en-GB")} B)` : t("web_verify_choose")));
}

function textField(name: "key" | "earlier" | "witnesses", label: string, hint: string, rows: number): HTMLElement {
  const field = el("textarea", { id: name, rows: String(rows), spellcheck: "false", autocomplete: "off", input: (event) => { state[name] = (event.target as HTMLTextAreaElement).value; } });
  field.value = state[name];
  return el("label", { for: name }, el("span", {}, label), field, el("small", {}, hint));
}

function form(): HTMLElement {
  return el("form", { submit: (event) => { event.preventDefault(); void run(); } },
    fileField(),
    textField("key", t("web_verify_key"), t("web_verify_key_hint"), 2),
    textField("earlier", t("web_verify_earlier"), t("web_verify_earlier_hint"), 5),
    textField("witnesses", t("web_verify_witnesses"), t("web_verify_witnesses_hint"), 2),
    el("button", { type: "submit", class: "primary", disabled: !state.file || state.busy !== null }, t("web_verify_run")));
}

// --- what comes out ---

function row(good: boolean, text: string, more?: string): HTMLElement {
  return el("li", { class: good ? "good" : "open" }, el("b", {}, good ? "✓" : "–"), el("span", {}, text, more ? el("small", {}, more) : null));
}

function verdictBox(v: Verdict): HTMLElement {
  const outside = v.keyWasGiven && (v.earlier !== undefined || v.asked.length > 0);
  return el("section", { class: `verdict ${outside ? "good" : "open"}`, id: "verdict", role: "status" },
    el("h2", {}, !outside ? t("web_verify_open", { size: v.size }) : v.asked.length ? t("web_verify_good", { size: v.size }) : t("web_verify_good_part", { earlier: v.earlier ?? 0, size: v.size })),
    el("ul", {},
      row(v.keyWasGiven, v.keyWasGiven ? t("web_verify_signed", { origin: v.origin }) : t("web_verify_signed_own", { origin: v.origin }), `${v.key.name}+${v.key.id}`),
      row(true, t("web_verify_hashed", { size: v.size }), hex(v.root)),
      v.earlier !== undefined ? row(true, t("web_verify_continues", { earlier: v.earlier })) : row(false, t("web_verify_no_earlier")),
      ...(v.cosigned.length ? v.cosigned.map((c) => row(v.asked.some((a) => a.name === c.name), v.asked.some((a) => a.name === c.name) ? t("web_verify_cosigned", { name: c.name, time: time(c.time_s * 1000) }) : t("web_verify_cosigned_unknown", { name: c.name, time: time(c.time_s * 1000) }))) : [row(false, t("web_verify_no_witness"))])),
    el("p", { class: "way" }, signatureWay() === "browser" ? t("web_verify_way_browser") : t("web_verify_way_page")));
}

function refusalBox(refusal: Refusal): HTMLElement {
  return el("section", { class: "verdict bad", id: "verdict", role: "alert" }, el("h2", {}, t("web_verify_refused")), el("p", {}, refusalText(refusal)), el("p", { class: "way" }, t("web_verify_refused_hint")));
}

interface Stored { seq: number; type: string; recorded_at: number; occurred_at: number; actor: string; role: string; object: string; purpose?: string; data: Record<string, unknown> }

const isSealed = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value) && ["c", "k", "n"].every((member) => member in value);

function fieldsOf(event: Stored): HTMLElement | null {
  const fields = Object.entries(event.data);
  if (!fields.length) return null;
  return el("dl", {}, ...fields.map(([name, value]) => el("div", {}, el("dt", {}, name),
    isSealed(value) ? el("dd", { class: "sealed" }, t("web_verify_sealed")) : el("dd", {}, typeof value === "string" ? value : JSON.stringify(value)))));
}

function eventRow(stored: Uint8Array): HTMLElement {
  const raw = new TextDecoder().decode(stored), event = JSON.parse(raw) as Stored, words = eventWords[event.type];
  const role = word("role", event.role), who = event.role === "system" ? t("web_by_system") : t("web_by_actor", { actor: event.actor, role });
  return el("li", {},
    el("header", {}, el("b", {}, String(event.seq)), el("strong", {}, words ? words[lang()] : event.type.replace(/_/g, " ")), el("code", {}, event.object)),
    el("p", {}, time(event.recorded_at), " · ", who, event.purpose ? ` · ${event.purpose}` : ""),
    event.occurred_at !== event.recorded_at && el("p", {}, t("web_verify_occurred", { time: time(event.occurred_at) })),
    fieldsOf(event),
    el("details", {}, el("summary", {}, t("web_verify_bytes")), el("pre", {}, raw)));
}

async function drawEvents(v: Verdict, into: HTMLElement): Promise<void> {
  const stretch = v.stretches[state.stretch];
  if (!stretch || !state.file) return;
  const bytes = new Uint8Array(await state.file.slice(stretch.at, stretch.at + stretch.length).arrayBuffer());
  const go = (to: number) => () => { state.stretch = to; void drawEvents(v, into); };
  into.replaceChildren(
    el("h2", {}, t("web_verify_events", { first: stretch.first, last: stretch.first + stretch.count - 1, size: v.size })),
    el("nav", {},
      el("button", { type: "button", disabled: state.stretch === 0, click: go(state.stretch - 1) }, t("web_verify_before")),
      el("button", { type: "button", disabled: state.stretch >= v.stretches.length - 1, click: go(state.stretch + 1) }, t("web_verify_after")),
      el("label", {}, t("web_verify_goto"), el("input", { type: "number", min: "1", max: String(v.size), id: "goto", change: (event) => {
        const seq = Number((event.target as HTMLInputElement).value);
        if (seq >= 1 && seq <= v.size) go(Math.floor((seq - 1) / 256))();
      } }))),
    el("ol", { id: "events" }, ...(entriesOf(bytes) ?? []).map(eventRow)));
}

function languages(): HTMLElement {
  const choose = (to: "zh" | "en", label: string) => el("button", { type: "button", lang: to, "aria-pressed": String(lang() === to), click: () => { setLang(to); draw(); } }, label);
  return el("div", { class: "languages" }, choose("zh", "中文"), choose("en", "English"));
}

function draw(): void {
  document.documentElement.lang = lang();
  document.title = t("web_verify_title");
  const list = el("section", { class: "events" });
  // A file field cannot be filled by a page: the one that holds the choice is kept.
  const kept = document.querySelector<HTMLInputElement>("#bundle");
  document.body.replaceChildren(el("main", {},
    el("header", { class: "top" }, el("h1", {}, t("web_verify_title")), languages()),
    el("p", { class: "lead" }, t("web_verify_lead")),
    form(),
    state.busy !== null && el("section", { class: "verdict", id: "busy" }, el("p", {}, t("web_verify_busy")), el("progress", { value: String(state.busy), max: "1" })),
    state.refusal && refusalBox(state.refusal),
    state.verdict && verdictBox(state.verdict),
    state.verdict && state.verdict.size > 0 && list,
    el("footer", {}, t("web_verify_trust"))));
  const fresh = document.querySelector<HTMLInputElement>("#bundle");
  if (kept?.files?.length && fresh) fresh.replaceWith(kept);
  if (state.verdict) void drawEvents(state.verdict, list);
}

setLang(navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
draw();
