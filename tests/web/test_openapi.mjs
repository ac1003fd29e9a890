// The OpenAPI document against the recommended rules of Redocly's linter (those of `redocly lint`): no error, no warning.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const { createConfig, lintFromString } = createRequire(`${root}/web/package.json`)("@redocly/openapi-core");
const read = () => JSON.parse(readFileSync(`${root}/build/gen/openapi.json`, "utf8"));
const lint = async (document) => {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
  return problems.map((p) => `${p.severity} ${p.ruleId}: ${p.message} ${p.location[0]?.pointer ?? ""}`);
};

test("the document passes the recommended rules", async () => {
  // Signing in with a provider is a way through a browser: its success is to be sent on.
  const sentOn = Object.entries(read().paths).filter(([, operations]) => operations.get?.responses["302"]).map(([path]) => path.replaceAll("/", "~1"));
  const isSentOn = (problem) => sentOn.some((path) => problem.includes("operation-2xx-response") && problem.endsWith(`#/paths/${path}/get/responses`));
  assert.deepEqual((await lint(read())).filter((problem) => !isSentOn(problem)), []);
});

test("the linter sees a reference to nothing, a parameter left out, an endpoint without success and two of one name", async () => {
  for (const [rule, spoil] of [
    ["no-unresolved-refs", (d) => { delete d.components.schemas.call; }],
    ["path-parameters-defined", (d) => { d.paths["/api/v1/calls/{call}"].get.parameters = []; }],
    ["operation-2xx-response", (d) => { delete d.paths["/api/v1/calls"].get.responses["200"]; }],
    ["operation-operationId-unique", (d) => { d.paths["/api/v1/calls"].get.operationId = "units_list"; }],
  ]) {
    const document = read();
    spoil(document);
    assert.ok((await lint(document)).some((p) => p.includes(rule)), rule);
  }
});
