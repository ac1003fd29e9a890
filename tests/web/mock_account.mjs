// One's own account and the log, as the desk of mock.mjs answers: sessions, the second factor, the password; tree head and witnesses.
// The desk's `account` holds what a test wants to be so; replies are held against the OpenAPI document like all others.
const iso = (ms) => new Date(ms).toISOString();
const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
export const CODE = "123456", PASSWORD = "demo";
export const CODES = Array.from({ length: 10 }, (_, n) => `abcd${"efghjkmnpq"[n]}-2345${"6789abcdef"[n]}`);

export function accountOf() {
  const now = Date.now(), row = (session, address, more) => ({ session, address, opened_at: iso(now - 3.6e6), seen_at: iso(now - 60_000), expires_at: iso(now + 3.6e7), signed_by: "password", current: false, ...more });
  return { factor: "none", password: PASSWORD, waits: false,
    sessions: [row("0123456789ab", "127.0.0.1", { current: true }), row("00aa00aa00aa", "10.20.3.44", { signed_by: "code", opened_at: iso(now - 9e6), seen_at: iso(now - 2.4e6) }), row("00bb00bb00bb", "2001:db8:85a3::8a2e:370:7334", { opened_at: iso(now - 3e7), seen_at: iso(now - 3e6) })],
    log: { events: 1_480, head: { origin: "police.example/precinct/log", size: 1_460, root: "rfdDZeJ8X7lCTgGLGQd5bYwDfYwNV8J2sK2kSKv0dVQ=", up_to: iso(now - 7.2e6),
      note: "police.example/precinct/log\n1460\nrfdDZeJ8X7lCTgGLGQd5bYwDfYwNV8J2sK2kSKv0dVQ=\n\n— police.example/precinct/log Ytj8c3Jm0w9W4n5o1Yw0bP1kz0n2J5n8o4n2J5n8o4n2J5n8o4n2J5n8o4n2J5n8o4n2J5n8o4n2J5n8o4n2J5n8o4==\n" },
    witnesses: [{ name: "oversight.example/w1", size: 1_460, at: iso(now - 7e6) }, { name: "university.example/w2", size: 1_200, at: iso(now - 9e7) }, { name: "court.example/w3", size: null, at: null }],
    problem: null, verification: { state: "sound", verified: 1_480, events: 1_480, first_bad: null, why: null } } };
}

/** True when it was a request of this page, which is answered then. */
export function answerAccount(desk, { method, path, body }, { json, none, problem }) {
  const a = desk.account, needs = a.factor === "on" || a.factor === "again";
  const owner = () => {
    if (body.password !== a.password) return problem(403, "account and password do not belong together", "password") || true;
    if (needs && body.code !== CODE) return problem(403, body.code ? "this code is not right" : "this account has a second factor", "code") || true;
    return false;
  };
  switch (`${method} ${path}`) {
    case "GET /oversight/log": return json(200, a.log), true;
    case "GET /sessions": return json(200, { items: a.sessions }), true;
    case "DELETE /sessions": a.sessions = a.sessions.filter((s) => s.current); return none(), true;
    case "POST /session/password":
      if (owner()) return true;
      a.password = body.next;
      a.sessions = a.sessions.filter((s) => s.current);
      return none(), true;
    case "POST /session/factor":
      if (owner()) return true;
      a.waits = true;
      return json(201, { secret: SECRET, uri: `otpauth://totp/Precinct:demo?secret=${SECRET}&issuer=Precinct` }), true;
    case "POST /session/factor/confirm":
      if (body.code !== CODE) return problem(409, "this code is not right, or was used already"), true;
      Object.assign(a, { waits: false, factor: a.factor === "needed" ? "again" : "on" });
      return json(201, { codes: CODES }), true;
    case "POST /session/factor/remove":
      if (owner()) return true;
      a.factor = "none";
      return none(), true;
  }
  const one = method === "DELETE" && /^\/sessions\/(\w+)$/.exec(path);
  if (!one) return false;
  a.sessions = a.sessions.filter((s) => s.session !== one[1]);
  return none(), true;
}
