// One form for every deed that needs more than a click: fields described as data, all by keyboard, the server's refusal
// at the field it is about, and what was typed kept until the deed is done (also when the form is closed meanwhile).
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, newKey } from "../api";
import { afterDrawing, whileSaving } from "../focus";
import { codeName, codeTable, findCodes, lang, t } from "../lang";
import { state, tellError } from "../store";
import { Combo } from "./combo";
import { PriorityMark } from "./lists";
import { PlaceInput } from "./places";

export type Values = Record<string, string>;
interface FieldBase {
  name: string;
  label: string;
  needed?: boolean;
}
export type Field = FieldBase & (
  | { kind: "choice" | "select"; options: [string, string][] }
  | { kind: "priority" }
  | { kind: "type"; hint?: string }
  | { kind: "place" }
  | { kind: "number"; min: number; max: number }
  | { kind: "long" | "text" | "time" | "datetime-local"; max?: number; hint?: string });

interface FormProps {
  id: string; // what was typed is kept under it
  title: string;
  intro?: string;
  fields: Field[];
  start?: Values;
  submit: string;
  send: (values: Values, key: string) => Promise<unknown>;
  done: (values: Values) => void;
  close: () => void;
}

/** What is open: a form may be drawn anew while it is saved, and is still the same one. */
const place = (): string => [state.screen, state.pane, state.incident, state.unit, state.loose].join();
const kept = new Map<string, { values: Values; key: string }>();
export const typeText = (code: string | undefined): string => (code ? codeName("incident_types", code) : "");
/** Signing out leaves nothing of it for who comes next. */
export const forgetForms = (): void => kept.clear();

export function DeedForm(p: FormProps) {
  const first = kept.get(p.id) ?? { values: { ...p.start }, key: newKey() };
  const [values, setValues] = useState<Values>(first.values), key = useRef(first.key), form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<{ field: string; text: string } | null>(null), [busy, setBusy] = useState(false);
  useLayoutEffect(() => { // before the next key can arrive
    const first = form.current!.querySelector<HTMLElement>("[data-field]")!;
    form.current!.scrollIntoView({ block: "nearest" });
    (first.querySelector<HTMLElement>("input:checked") ?? first.querySelector<HTMLElement>("input, select, textarea"))?.focus();
    const pane = form.current!.closest(".pane");
    return () => afterDrawing(() => { // the focus stays in the pane: Tab goes on from there
      if (document.activeElement === document.body) pane?.querySelector<HTMLElement>(".acts button, .close")?.focus();
    });
  }, []);
  const fail = (field: string, text: string) => {
    setProblem({ field, text });
    form.current?.querySelector<HTMLElement>(`[data-field="${field}"] :is(input, select, textarea)`)?.focus();
  };
  const change = (name: string, value: string) => {
    setProblem(null);
    key.current = newKey(); // another content is another deed
    const next = { ...values, [name]: value };
    kept.set(p.id, { values: next, key: key.current });
    setValues(next);
  };
  const submit = async () => {
    if (busy) return;
    const missing = p.fields.find((f) => f.needed && !values[f.name]);
    if (missing) return fail(missing.name, t("web_form_needed"));
    setBusy(true);
    kept.set(p.id, { values, key: key.current });
    const at = place();
    let isLeft = false;
    try {
      await whileSaving(form.current!, () => { isLeft = true; p.close(); }, async () => {
        await p.send(values, key.current);
        kept.delete(p.id);
        if (!isLeft && place() === at) p.done(values); // else somebody has gone on to something else
        return true;
      });
    } catch (error) {
      const field = error instanceof ApiError ? error.field : "";
      if (!form.current) tellError(error);
      fail(p.fields.some((f) => f.name === field) ? field : "", (error as Error).message);
    }
    setBusy(false);
  };
  const onKey = (e: KeyboardEvent) => {
    const long = (e.target as HTMLElement).tagName === "TEXTAREA";
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey || (!long && (e.target as HTMLElement).matches("input:not([role=combobox]), select")))) {
      e.preventDefault();
      void submit();
    } else if (e.key === "Escape" && !e.defaultPrevented) {
      e.preventDefault();
      e.stopPropagation();
      p.close();
    }
  };
  return (
    <form class="deed" autocomplete="off" ref={form} onKeyDown={onKey} onSubmit={(e) => { e.preventDefault(); void submit(); }} aria-label={p.title} noValidate>
      <h3>{p.title}</h3>
      {p.intro && <p class="hint">{p.intro}</p>}
      {p.fields.map((f) => (
        <div key={f.name} class={`field field-${f.kind}`} data-field={f.name}>
          <FieldInput field={f} value={values[f.name] ?? ""} change={(v) => change(f.name, v)} form={p.id} />
          {problem?.field === f.name && <p class="field-error" role="alert">{problem.text}</p>}
        </div>))}
      {problem?.field === "" && <p class="field-error" role="alert">{problem.text} {t("web_kept")}</p>}
      <footer><button class="primary" disabled={busy}>{busy ? t("web_saving") : p.submit} <kbd>Ctrl ↵</kbd></button>
        <button type="button" class="plain" onClick={p.close}>{t("web_cancel")} <kbd>Esc</kbd></button></footer>
    </form>
  );
}

function Chips({ name, label, value, options, change }: { name: string; label: string; value: string; options: [string, ComponentChildren][]; change: (v: string) => void }) {
  return (
    <fieldset class="chips"><legend>{label}</legend>
      {options.map(([code, text]) => (
        <label key={code} class={value === code ? "on" : ""}><input type="radio" name={name} value={code} checked={value === code} onChange={() => change(code)} />{text}</label>))}
    </fieldset>
  );
}

function FieldInput({ field: f, value, change, form }: { field: Field; value: string; change: (v: string) => void; form: string }) {
  const name = `${form}-${f.name}`;
  switch (f.kind) {
    case "choice": return <Chips name={name} label={f.label} value={value} options={f.options} change={change} />;
    case "priority": return <Chips name={name} label={f.label} value={value} change={change}
      options={codeTable("priorities").map((r) => [r.code, <><PriorityMark priority={Number(r.code)} />{codeName("priorities", r.code)}</>])} />;
    case "select": return <label>{f.label}<select name={f.name} value={value} onChange={(e) => change(e.currentTarget.value)}><option value="">{t("web_form_choose")}</option>{f.options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}</select></label>;
    case "place": return <PositionInput field={f} value={value} change={change} />;
    case "type": return <TypeInput field={f} value={value} change={change} />;
    case "number": return <label>{f.label}<input name={f.name} type="number" inputMode="numeric" min={f.min} max={f.max} value={value} onInput={(e) => change(e.currentTarget.value)} /></label>;
    case "long": return <label>{f.label}<textarea name={f.name} rows={2} maxLength={f.max} placeholder={f.hint} value={value} onInput={(e) => change(e.currentTarget.value)} /></label>;
    default: return <label>{f.label}<input name={f.name} type={f.kind} maxLength={f.max} placeholder={f.hint} autocomplete="off" value={value} onInput={(e) => change(e.currentTarget.value)} /></label>;
  }
}

/** An incident type by code or name; empty is "as it is". */
function TypeInput({ field, value, change }: { field: Field & { kind: "type" }; value: string; change: (v: string) => void }) {
  const [typed, setTyped] = useState(typeText(value));
  const rows = useMemo(() => findCodes("incident_types", typed).slice(0, 12), [typed]);
  return <Combo name={field.name} label={field.label} value={typed} placeholder={field.hint ?? t("web_call_type_hint")} options={rows} optionKey={(r) => r.code} autoFirst quiet
    option={(r) => <><PriorityMark priority={r.priority ?? 3} /><span class="what">{codeName("incident_types", r.code)}</span><span class="code">{lang() === "zh" ? r.en : r.zh}</span></>}
    onInput={(text) => { setTyped(text); change(findCodes("incident_types", text).find((r) => [r.code, r.zh, r.en].some((n) => n.toLowerCase() === text.trim().toLowerCase()))?.code ?? ""); }}
    onChoose={(r) => { setTyped(typeText(r.code)); change(r.code); }} />;
}

/** A place; its value is "lon,lat". */
function PositionInput({ field, value, change }: { field: Field; value: string; change: (v: string) => void }) {
  const [typed, setTyped] = useState(value.split(",").reverse().join(", ")), [failed, setFailed] = useState("");
  return <>
    <PlaceInput name={field.name} label={field.label} value={typed} failed={setFailed} typed={(text, at) => { setTyped(text); setFailed(""); change(at ? at.join() : ""); }} chosen={(p) => { setTyped(p.name); change(p.position.join()); }} />
    {failed && <p class="field-error">{failed}</p>}
  </>;
}

/** Does this key belong to what somebody types or chooses? */
export const isTyping = (e: KeyboardEvent): boolean => (e.target as HTMLElement).closest("input:not([type=checkbox]), textarea, select") !== null;

/** Keys of a pane: they work while nobody types. */
export function usePaneKeys(keys: Record<string, (() => void) | undefined | false>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (isTyping(e) || e.ctrlKey || e.altKey || e.metaKey) return;
      const deed = latest.current[e.key.toLowerCase()];
      if (!deed) return;
      e.preventDefault();
      deed();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
