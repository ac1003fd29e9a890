// One's own account: the second factor, where one is signed in, the password. It tells of nobody else. What is typed here is kept nowhere:
// these forms are not those of form.tsx, which keep what was typed until it is done.
import type * as wire from "gen/api";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { encode } from "uqr";
import { dayText, readTime, timeText } from "../age";
import { ApiError } from "../api";
import { focusNext } from "../focus";
import { t, word } from "../lang";
import { api, chooseLight, closeAccount, isNight, openAccount, set, state, tell, tellError, useStore } from "../store";
import { signOut } from "./outbox";

/** In the bar: who one is, and the way to one's account. A mark: roles wait for a second factor. */
export function AccountButton() {
  const s = useStore(), waits = s.session?.factor === "needed" || s.session?.factor === "again";
  return <button class="plain who" title={t("web_account_page")} aria-pressed={s.screen === "account"} onClick={openAccount}>{waits && <b class="waits-mark" title={t("web_factor_needed_mark")}>!</b>}{s.session?.name}</button>;
}

// --- a form of secrets ------------------------------------------------------------------------------------------------
interface Secret {
  name: string;
  label: string;
  kind: "password" | "new" | "code" | "digits"; // code: also one of letters
  hint?: string;
}
const FILLED_BY = { password: "current-password", new: "new-password", code: "one-time-code", digits: "one-time-code" } as const;
const isCode = (f: Secret): boolean => f.kind === "code" || f.kind === "digits";

/** The password, and the code of the authenticator where there is one. */
function ownerFields(label: string): Secret[] {
  const coded = state.session?.factor === "on" || state.session?.factor === "again";
  return [{ name: "password", label, kind: "password" }, ...(coded ? [{ name: "code", label: t("web_code"), kind: "code" as const, hint: t("web_code_hint") }] : [])];
}

interface SecretFormProps {
  name: string;
  title: string;
  intro?: string;
  fields: Secret[];
  submit: string;
  send: (values: Record<string, string>) => Promise<void>;
  close: () => void;
}

function SecretForm({ name, title, intro, fields, submit, send, close }: SecretFormProps) {
  const form = useRef<HTMLFormElement>(null), [problem, setProblem] = useState<{ field: string; text: string } | null>(null), [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLInputElement>("input:not([hidden])")?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const fail = (field: string, text: string) => {
    setProblem({ field, text });
    form.current?.querySelector<HTMLInputElement>(`input[name="${field || fields[0]!.name}"]`)?.focus();
  };
  const go = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    const values = Object.fromEntries([...new FormData(form.current!)].map(([k, v]) => [k, String(v)]));
    if (values.code !== undefined) values.code = values.code.replace(/\s/g, "").toLowerCase();
    const missing = fields.find((f) => !values[f.name]);
    if (missing) return fail(missing.name, t("web_form_needed"));
    setBusy(true);
    setProblem(null);
    try {
      await send(values);
    } catch (error) {
      const field = error instanceof ApiError ? error.field : "", code = form.current?.querySelector<HTMLInputElement>("input[name=code]");
      if (code) code.value = ""; // each counts once
      fail(fields.some((f) => f.name === field) ? field : "", (error as Error).message);
    }
    setBusy(false);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    close();
  };
  return (
    <form class="deed secret-form" data-form={name} ref={form} onSubmit={go} onKeyDown={onKey} aria-label={title} noValidate>
      <h3>{title}</h3>
      {intro && <p class="hint">{intro}</p>}
      <input type="text" name="username" autocomplete="username" value={state.session?.account} hidden readOnly />
      {fields.map((f) => (
        <div key={f.name} class="field">
          <label>{f.label}<input name={f.name} type={isCode(f) ? "text" : "password"} inputMode={f.kind === "digits" ? "numeric" : "text"} autocomplete={FILLED_BY[f.kind]} maxLength={isCode(f) ? 16 : 200} required /></label>
          {f.hint && <p class="hint">{f.hint}</p>}
          {problem?.field === f.name && <p class="field-error" role="alert">{problem.text}</p>}
        </div>))}
      {problem?.field === "" && <p class="field-error" role="alert">{problem.text}</p>}
      <footer><button class="primary" disabled={busy}>{busy ? t("web_saving") : submit}</button><button type="button" class="plain" onClick={close}>{t("web_cancel")} <kbd>Esc</kbd></button></footer>
    </form>
  );
}

// --- the second factor --------------------------------------------------------------------------------------------------
const QUIET = 4; // modules of white around, as readers want

/** Dark whatever the light of the room: that is what cameras read. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: "M", border: 0 }), side = size + 2 * QUIET;
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ""))).join("");
  return <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t("web_factor_qr")} shape-rendering="crispEdges"><rect width={side} height={side} fill="#fff" /><path d={path} fill="#000" /></svg>;
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text).then(() => tell(t("web_copied")), () => tell(t("web_copy_failed"), "bad"));
}

/** The session as the server sees it now; codes that were just given stay on the screen. */
async function readSessionAgain(): Promise<void> {
  const session = await api.session();
  if (session) set({ session });
}

function Recovery({ codes }: { codes: string[] }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>(".kept")?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const done = () => {
    set({ recovery: [] });
    focusNext(".factor button");
  };
  return (
    <div class="recovery deed" ref={box} role="group" aria-label={t("web_recovery")}>
      <h3>{t("web_recovery")}</h3>
      <p class="hint">{t("web_recovery_hint")}</p>
      <ol>{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ol>
      <footer><button class="primary kept" onClick={done}>{t("web_recovery_kept")}</button><button onClick={() => void copy(codes.join("\n"))}>{t("web_copy")}</button></footer>
    </div>
  );
}

function SetUp({ made, setMade, close }: { made: wire.Factor; setMade: (made: null) => void; close: () => void }) {
  const confirm = async (v: Record<string, string>) => {
    const recovery = await api.confirmFactor({ code: v.code! });
    setMade(null);
    set({ recovery });
    await readSessionAgain().catch(() => undefined);
  };
  return (
    <div class="set-up">
      <div class="scan"><QrCode text={made.uri} />
        <div><p>{t("web_factor_scan")}</p>
          <p class="hint">{t("web_factor_secret")}</p><p><code class="secret">{made.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code> <button class="plain" onClick={() => void copy(made.secret)}>{t("web_copy")}</button></p>
          <p class="hint">{t("web_factor_uri")}</p><p><a class="uri" href={made.uri}>{made.uri}</a></p></div></div>
      <SecretForm name="confirm" title={t("web_factor_confirm_title")} intro={t("web_factor_confirm_hint")} submit={t("web_factor_confirm")} fields={[{ name: "code", label: t("web_code"), kind: "digits" }]} send={confirm} close={close} />
    </div>
  );
}

function FactorCard() {
  const s = useStore(), factor = s.session!.factor, has = factor === "on" || factor === "again";
  const [step, setStep] = useState<"" | "begin" | "remove">(""), [made, setMade] = useState<wire.Factor | null>(null);
  const close = () => {
    setStep("");
    setMade(null);
    focusNext(".factor .begin");
  };
  const remove = async (v: Record<string, string>) => {
    await api.removeFactor({ password: v.password!, code: v.code ?? "" });
    await readSessionAgain();
    tell(t("web_factor_removed"));
    close();
  };
  const idle = !step && !made && s.recovery.length === 0;
  return (
    <section class="card factor" data-factor={factor}>
      <h2>{t("web_factor")}</h2>
      <p class={`factor-state ${factor === "on" ? "good" : factor === "none" ? "" : "warn"}`}>{word("factor_state", factor)}</p>
      <p class="hint">{t("web_factor_hint")}</p>
      {idle && <p class="acts"><button class={has ? "begin" : "begin primary"} onClick={() => setStep("begin")}>{has ? t("web_factor_anew") : t("web_factor_begin")}</button>{has && <button class="remove" onClick={() => setStep("remove")}>{t("web_factor_remove")}</button>}</p>}
      {step === "begin" && !made && <SecretForm name="begin" title={has ? t("web_factor_anew") : t("web_factor_begin")} intro={t("web_owner_hint")} submit={t("web_factor_next")} fields={ownerFields(t("web_password"))} close={close}
        send={async (v) => { setMade(await api.beginFactor({ password: v.password!, ...(v.code ? { code: v.code } : {}) })); setStep(""); }} />}
      {step === "remove" && <SecretForm name="remove" title={t("web_factor_remove")} intro={t("web_factor_remove_hint")} submit={t("web_factor_remove")} fields={ownerFields(t("web_password"))} send={remove} close={close} />}
      {made && <SetUp made={made} setMade={setMade} close={close} />}
      {s.recovery.length > 0 && <Recovery codes={s.recovery} />}
    </section>
  );
}

// --- sessions ------------------------------------------------------------------------------------------------------------
const at = (time: string | null): string => {
  const ms = readTime(time);
  return ms === undefined ? "–" : `${dayText(ms, state.view.zone)} ${timeText(ms, state.view.zone).slice(0, 5)}`;
};
const whereFrom = (address: string | null): string => (!address ? t("web_session_unknown_address") : /^(127\.|::1$)/.test(address) ? t("web_session_here", { address }) : address);

function SessionsCard() {
  const [rows, setRows] = useState<wire.SessionRow[] | null>(null), [problem, setProblem] = useState(""), [sure, setSure] = useState(false), [asked, ask] = useState(0);
  useEffect(() => {
    let gone = false;
    setProblem("");
    api.sessions().then((read) => { if (!gone) setRows(read); }, (error) => { if (!gone) setProblem((error as Error).message); });
    return () => { gone = true; };
  }, [asked]);
  const read = () => ask((n) => n + 1);
  const end = async (deed: () => Promise<void>, told: string) => {
    setSure(false);
    await deed().then(() => tell(told), tellError);
    read();
    focusNext(".sessions .again");
  };
  const others = rows?.filter((r) => !r.current).length ?? 0, order = rows && [...rows.filter((r) => r.current), ...rows.filter((r) => !r.current)];
  return (
    <section class="card sessions">
      <header class="card-head"><h2>{t("web_sessions")}</h2><button class="plain again" onClick={read}>{t("web_flags_again")}</button></header>
      <p class="hint">{t("web_sessions_hint")}</p>
      {problem && <p class="field-error" role="alert">{problem}</p>}
      <ul>{order?.map((r) => (
        <li key={r.session} class={r.current ? "session current" : "session"} data-session={r.session}>
          <p><b>{whereFrom(r.address)}</b>{r.current && <span class="this-one">{t("web_session_current")}</span>}<span class="sub">{word("signed_by", r.signed_by)}</span></p>
          <p class="sub times"><span>{t("web_session_since", { time: at(r.opened_at) })}</span><span>{t("web_session_seen", { time: at(r.seen_at) })}</span><span>{t("web_session_until", { time: at(r.expires_at) })}</span></p>
          {!r.current && <button class="end" onClick={() => void end(() => api.endSession(r.session), t("web_session_ended"))}>{t("web_session_end")}</button>}
        </li>))}</ul>
      {rows && others === 0 && <p class="empty">{t("web_sessions_alone")}</p>}
      {others > 0 && <p class="acts">{sure ? <><span>{t("web_sessions_end_sure", { n: others })}</span><button class="danger end-others-sure" onClick={() => void end(() => api.endOtherSessions(), t("web_sessions_ended"))}>{t("web_sessions_end_others")}</button><button class="plain" onClick={() => setSure(false)}>{t("web_cancel")}</button></>
        : <button class="end-others" onClick={() => { setSure(true); focusNext(".end-others-sure"); }}>{t("web_sessions_end_others")}</button>}</p>}
    </section>
  );
}

// --- the password ----------------------------------------------------------------------------------------------------------
function PasswordCard({ changed }: { changed: () => void }) {
  const [open, setOpen] = useState(false);
  useStore();
  const close = () => {
    setOpen(false);
    focusNext(".password .begin");
  };
  const change = async (v: Record<string, string>) => {
    if (v.next !== v.repeated) throw new ApiError(0, { field: "repeated" }, t("web_password_differs"));
    await api.changePassword({ password: v.password!, next: v.next!, ...(v.code ? { code: v.code } : {}) });
    tell(t("web_password_changed"));
    changed();
    close();
  };
  return (
    <section class="card password">
      <h2>{t("web_password")}</h2>
      <p class="hint">{t("web_password_hint")}</p>
      {!open ? <p class="acts"><button class="begin" onClick={() => setOpen(true)}>{t("web_password_change")}</button></p>
        : <SecretForm name="password" title={t("web_password_change")} submit={t("web_password_change")} send={change} close={close}
          fields={[...ownerFields(t("web_password_now")), { name: "next", label: t("web_password_next"), kind: "new", hint: t("web_password_rule") }, { name: "repeated", label: t("web_password_repeat"), kind: "new" }]} />}
    </section>
  );
}

/** `only`: this account has nothing else to see here. */
export function AccountScreen({ only = false }: { only?: boolean }) {
  const s = useStore(), session = s.session!, [changes, setChanges] = useState(0);
  return (
    <main class="account" aria-label={t("web_account_page")}>
      <header class="account-head"><div><h1>{t("web_account_page")} <span class="id">{session.account}</span></h1>
        <p class="hint">{session.roles.length ? session.roles.map((r) => word("role", r)).join(t("web_list_comma")) : t("web_account_no_roles")}</p></div>
        <span class="spring" /><button class="plain light" onClick={() => chooseLight(isNight() ? "day" : "night")}>{isNight() ? t("web_light_day") : t("web_light_night")}</button><button class="sign-out" onClick={signOut}>{t("web_sign_out")}</button>
        {!only && <button class="plain close" onClick={closeAccount} aria-label={t("web_close")}>× <kbd>Esc</kbd></button>}</header>
      {only && <p class="account-only">{session.factor === "needed" ? t("web_account_only_factor") : session.factor === "again" ? t("web_factor_state_again") : t("web_account_only")}</p>}
      <FactorCard />
      <div class="account-side"><SessionsCard key={changes} /><PasswordCard changed={() => setChanges((n) => n + 1)} /></div>
    </main>
  );
}
