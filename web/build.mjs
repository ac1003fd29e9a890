// Bundles the console into DIR (default ../build/web/dist): static files, no inline script or style, and holds it to
// its size: all JavaScript and CSS together at most 600 kB gzipped.
//   node build.mjs [DIR]          release
//   node build.mjs --pure FILE    the parts without a screen as one module, for tests/web
import * as esbuild from "esbuild";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const LIMIT_BYTES = 600_000;
const here = dirname(fileURLToPath(import.meta.url));
const common = { bundle: true, format: "esm", target: "es2021", tsconfig: join(here, "tsconfig.json"), absWorkingDir: here,
  logLevel: "warning", charset: "utf8" };

if (process.argv[2] === "--pure") {
  await esbuild.build({ ...common, entryPoints: ["src/pure.ts"], outfile: resolve(process.argv[3]), platform: "node" });
  process.exit(0);
}

// The page that checks a bundle of the log: one file that needs no other and may load none, by its own policy.
async function buildVerifier(file) {
  const options = { ...common, format: "iife", minify: true, write: false, legalComments: "none", charset: "ascii" };
  const [script, style] = (await Promise.all(["src/verify/page.ts", "src/verify/verify.css"].map((entry) => esbuild.build({ ...options, entryPoints: [entry] }))))
    .map((built) => built.outputFiles[0].text.trim());
  if (/<\/(script|style)/i.test(script + style)) throw new Error("the page would end too early");
  const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  writeFileSync(file, `<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>Precinct</title>
<!-- Holds noble-curves and noble-hashes, (c) Paul Miller, MIT licence: see NOTICE.txt of the release. -->
<style>${style}</style>
</head>
<body><script>${script}</script></body>
</html>
`);
}

const out = resolve(process.argv[2] ?? join(here, "../build/web/dist"));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
// The map library from its sources: its page and its worker share two thirds, which its own two files hold twice.
const maplibre = "node_modules/maplibre-gl";
await esbuild.build({ ...common, entryPoints: { app: "src/main.tsx", console: "src/console.css", "maplibre-gl-worker": `${maplibre}/src/source/worker.ts` },
  alias: { "maplibre-gl": `./${maplibre}/src/index.ts` }, outdir: out, splitting: true, minify: true, chunkNames: "part-[hash]", define: { "process.env.NODE_ENV": '"production"' }, legalComments: "none" });
cpSync(join(here, "public"), out, { recursive: true });
await buildVerifier(join(out, "verify-log.html"));
await esbuild.build({ ...common, entryPoints: { "service-worker": "src/service_worker.ts" }, outdir: out, format: "iife", minify: true });
// Its style without the rules of controls that the map does not have: nine tenths of it are their pictures.
const ABSENT = /geolocate|popup|marker|compass|fullscreen|shrink|terrain|globe|logo|user-location|cooperative/;
function withoutAbsent(css) {
  let kept = "";
  for (let at = 0, open; (open = css.indexOf("{", at)) >= 0;) {
    let end = open + 1;
    for (let depth = 1, quote = ""; depth; end++) {
      const c = css[end];
      if (quote) quote = c === quote ? "" : quote;
      else if (c === '"' || c === "'") quote = c;
      else depth += c === "{" ? 1 : c === "}" ? -1 : 0;
    }
    const head = css.slice(at, open), body = css.slice(open + 1, end - 1), nested = head.startsWith("@media") && withoutAbsent(body);
    const heads = head.split(",").filter((selector) => !ABSENT.test(selector));
    if (nested === false ? heads.length : nested) kept += `${nested === false ? heads.join(",") : head}{${nested === false ? body : nested}}`;
    at = end;
  }
  return kept;
}
writeFileSync(join(out, "maplibre-gl.css"), withoutAbsent(readFileSync(join(here, maplibre, "dist/maplibre-gl.css"), "utf8")));
// Everything that a release installs may be inside a bundle, so each package's licence is here.
const locked = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8")).packages;
const licence = (path) => {
  const file = readdirSync(join(here, path)).find((name) => /^licen[cs]e/i.test(name));
  return file ? readFileSync(join(here, path, file), "utf8").trim() : `${locked[path].license} licence; ${JSON.parse(readFileSync(join(here, path, "package.json"), "utf8")).author ?? "no author named"}`;
};
const notice = Object.keys(locked).filter((path) => path && !locked[path].dev).sort()
  .map((path) => `${path.slice("node_modules/".length)} ${locked[path].version}\n\n${licence(path)}\n`).join("\n\n---\n\n");
writeFileSync(join(out, "NOTICE.txt"), notice);

let total = 0;
for (const name of readdirSync(out).sort()) {
  if (!/\.(m?js|css)$/.test(name)) continue;
  const bytes = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  total += bytes;
  if (process.env.V) console.log(`${name} ${bytes}`);
}
console.log(`console: ${Math.ceil(total / 1000)} kB gzipped of ${LIMIT_BYTES / 1000}`);
if (total > LIMIT_BYTES) {
  console.error(`console: JavaScript and CSS are ${total} bytes gzipped, ${LIMIT_BYTES} are the limit`);
  process.exit(1);
}
