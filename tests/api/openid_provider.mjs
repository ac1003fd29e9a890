// A real provider of identities for the test: oidc-provider (npm) on loopback, with TLS when a key and a certificate are named. It says where it is, {"issuer": …}, then reads its one
// client as a line of JSON and says {"ready": true}. Its own pages for development ask for a name, which becomes the subject.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { default: Provider } = await import(pathToFileURL(process.argv[2]).href);
const [key, cert] = process.argv.slice(3).map((file) => readFileSync(file));
const server = cert ? createSecureServer({ key, cert }) : createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `${cert ? "https://localhost" : "http://127.0.0.1"}:${server.address().port}`;
console.log(JSON.stringify({ issuer }));
const line = await new Promise((done) => createInterface({ input: process.stdin }).once("line", done));
const provider = new Provider(issuer, {
  clients: [JSON.parse(line)],
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  cookies: { keys: ["only for a test"] },
  pkce: { required: () => true },
});
server.on("request", provider.callback());
console.log(JSON.stringify({ ready: true }));
