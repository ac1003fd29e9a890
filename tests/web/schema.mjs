// Holds requests and replies against the OpenAPI document that api/ generates: the mock of the tests answers as the
// server is described, or the test fails. Knows the part of JSON Schema that tools/gen_api.py writes, and stops at a
// word it does not know.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const KNOWN = new Set(["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum", "maxLength", "minLength", "pattern", "enum", "format", "anyOf", "description", "$ref"]);
const document = JSON.parse(readFileSync(fileURLToPath(new URL("../../build/gen/openapi.json", import.meta.url)), "utf8"));
const TYPES = { string: (v) => typeof v === "string", integer: Number.isInteger, number: (v) => typeof v === "number", boolean: (v) => typeof v === "boolean", null: (v) => v === null,
  array: Array.isArray, object: (v) => typeof v === "object" && v !== null && !Array.isArray(v) };

/** What is wrong with a value: sentences with the place, none when all is well. */
export function faults(schema, value, where = "reply") {
  for (const word of Object.keys(schema)) if (!KNOWN.has(word)) return [`${where}: the schema says ${word}, which this test does not know`];
  if (schema.$ref) return faults(document.components.schemas[schema.$ref.split("/").pop()], value, where);
  if (schema.anyOf) return schema.anyOf.some((s) => !faults(s, value, where).length) ? [] : [`${where}: ${JSON.stringify(value)} is none of ${JSON.stringify(schema.anyOf)}`];
  if (schema.type && !TYPES[schema.type](value)) return [`${where}: ${schema.type} was expected, ${JSON.stringify(value)?.slice(0, 60)} was found`];
  if (schema.enum && !schema.enum.includes(value)) return [`${where}: one of ${schema.enum} was expected, ${value} was found`];
  if (typeof value === "string") return faultsOfText(schema, value, where);
  if (typeof value === "number") return (schema.minimum ?? -Infinity) <= value && value <= (schema.maximum ?? Infinity) ? [] : [`${where}: ${value} is out of range`];
  if (Array.isArray(value)) {
    const few = value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity) ? [`${where}: ${value.length} items`] : [];
    return [...few, ...(schema.items ? value.flatMap((v, n) => faults(schema.items, v, `${where}[${n}]`)) : [])];
  }
  if (schema.type !== "object") return [];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${where}.${name} is missing`);
  return [...missing, ...Object.entries(value).flatMap(([name, v]) => (schema.properties?.[name] ? faults(schema.properties[name], v, `${where}.${name}`)
    : schema.additionalProperties === false ? [`${where}.${name} is not described`] : []))];
}
function faultsOfText(schema, value, where) {
  if (schema.pattern && !new RegExp(schema.pattern).test(value)) return [`${where}: ${value} does not fit ${schema.pattern}`];
  if (schema.format === "date-time" && !(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value) && Date.parse(value))) return [`${where}: a time was expected, ${value} was found`];
  const bytes = Buffer.byteLength(value);
  return bytes < (schema.minLength ?? 0) || bytes > (schema.maxLength ?? Infinity) ? [`${where}: ${bytes} bytes`] : [];
}

/** The description of an endpoint and the path it is described under. */
export function endpoint(method, path) {
  for (const [pattern, methods] of Object.entries(document.paths)) {
    const described = methods[method.toLowerCase()];
    if (described && new RegExp(`^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`).test(path)) return { pattern, ...described };
  }
  return null;
}
export function requestFaults(method, path, body) {
  const at = endpoint(method, path), schema = at?.requestBody?.content["application/json"].schema;
  if (!at) return [`${method} ${path} is not described`];
  return schema ? faults(schema, body, `${method} ${at.pattern}: body`) : [];
}
export function replyFaults(method, path, status, body) {
  const at = endpoint(method, path);
  if (!at) return [`${method} ${path} is not described`];
  const reply = at.responses[status] ?? at.responses[`${Math.floor(status / 100)}XX`];
  if (!reply) return [`${method} ${at.pattern}: a reply ${status} is not described`];
  const schema = reply.content?.["application/json"]?.schema ?? reply.content?.["application/problem+json"]?.schema;
  return schema ? faults(schema, body, `${method} ${at.pattern} ${status}`) : [];
}
export const schemaFaults = (name, value) => faults({ $ref: `#/components/schemas/${name}` }, value, name);
