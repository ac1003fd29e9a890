import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { ApiError } from "../api";
import { t } from "../lang";
import { api, chooseLang, hasCome, startBoard, takeSession, useStore } from "../store";

export function SignIn() {
  const s = useStore();
  const [account, setAccount] = useState(""), [password, setPassword] = useState(""), [error, setError] = useState(""), [busy, setBusy] = useState(false), [code, setCode] = useState(""), [asked, setAsked] = useState(false);
  const [provider, setProvider] = useState(false);
  useEffect(() => void api.signInWays().then((ways) => setProvider(ways.provider), () => undefined), []);
  useLayoutEffect(() => document.querySelector<HTMLInputElement>(asked ? "input[name=code]" : "input[name=account]")?.focus(), [asked]); // before the next key can arrive
  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError("");
    try {
      const session = await api.signIn(account.trim(), password, asked ? code.trim().toLowerCase() : "");
      hasCome();
      await startBoard(session.roles);
      takeSession(session);
    } catch (failed) {
      const wanted = failed instanceof ApiError && failed.problem?.type === "urn:precinct:sign_in_code";
      setAsked(asked || wanted);
      setCode("");
      setError(wanted ? "" : (failed as Error).message);
    }
    setBusy(false);
  };
  return (
    <main class="signin">
      <form onSubmit={submit}>
        <h1><img src="./icon.svg" alt="" width="40" height="40" /> {t("web_brand")}</h1>
        <label>{t("web_account")}<input name="account" autocomplete="username" required value={account} onInput={(e) => setAccount(e.currentTarget.value)} /></label>
        <label>{t("web_password")}<input name="password" type="password" autocomplete="current-password" required value={password} onInput={(e) => setPassword(e.currentTarget.value)} /></label>
        {asked && <label>{t("web_code")}<input name="code" autocomplete="one-time-code" inputMode="text" required maxLength={16} value={code} onInput={(e) => setCode(e.currentTarget.value)} /><span class="hint">{t("web_code_hint")}</span></label>}
        {error && <p class="field-error" role="alert">{error}</p>}
        <button class="primary" disabled={busy}>{busy ? t("web_signing_in") : t("web_sign_in")}</button>
        {provider && <a href="/api/v1/session/openid">{t("web_sign_in_provider")}</a>}
        <button type="button" class="plain" lang={s.lang === "zh" ? "en" : "zh"} onClick={() => chooseLang(s.lang === "zh" ? "en" : "zh")}>{t("web_other_language")}</button>
      </form>
    </main>
  );
}
