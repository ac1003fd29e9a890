#!/usr/bin/env python3
"""api/*.json -> api_table.c, api_handlers.h, openapi.json, api.ts (arguments: output directory, folder of events, api files).

Each file describes one resource: its endpoints (path, method, rights, parameters, body, replies) and the schemas of its
replies. A schema is a list of fields; the same words describe what comes in and what goes out. An endpoint that submits
a command names the event the command asks for, and its body is that event's fields. What a description may say is
checked here, with the file and the endpoint named. With --docs FILE instead of the directory, the reference page
docs/reference/api.md is written, with --rights FILE docs/reference/rights.md."""
import json
import os
import re
import sys

from descriptions import INT_MAX, ROLES, TEXT_MAX, Problems, c_string

KINDS = "CIOUAKRZLPSQBTMWNDGXV"
TYPES = ["text", "code", "int", "real", "bool", "id", "time", "position", "road", "enum", "object", "json"]
FIELD_KEYS = {"name", "type", "optional", "null", "list", "min", "max", "kind", "values", "schema", "en", "zh", "empty", "rest"}
FILE_KEYS = {"resource", "en", "zh", "endpoints", "schemas"}
ENDPOINT_KEYS = {"name", "method", "path", "en", "zh", "rights", "handler", "command", "event", "path_parameters", "query",
                 "body", "replies", "events", "occurred", "unmasks", "aside", "may_be_open"}
METHODS = ["GET", "POST", "PUT", "DELETE"]
SCOPES = ["site", "area", "assigned", "own"]  # as in src/access/identity.h
LIST_MAX = 100000
JSON_MAX = 1 << 20
OCCURRED = "When it happened, of what was written down elsewhere first: not in the future, at most 30 days ago."


def is_name(text):
    return isinstance(text, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,47}", text) is not None


def check_number(problems, where, field):
    low, high = field.get("min", 0), field.get("max", INT_MAX)
    good = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high))
    if not good or not low <= high:
        problems.say(where, "min and max: numbers with min <= max were expected")


def check_field(problems, where, field, incoming):
    if not isinstance(field, dict) or not is_name(field.get("name")):
        problems.say(where, f"a field is a JSON object with a lower_case name; {field!r} was found")
        return
    where = f"{where}.{field['name']}"
    kind = field.get("type")
    if kind not in TYPES:
        problems.say(where, f"type: one of {', '.join(TYPES)} was expected, {kind!r} was found")
        return
    for key in sorted(set(field) - FIELD_KEYS):
        problems.say(where, f"unknown key {key!r}")
    for key in ("optional", "null", "empty"):
        if not isinstance(field.get(key, False), bool):
            problems.say(where, f"{key}: true or false was expected")
    if kind in ("int", "real"):
        check_number(problems, where, field)
    if incoming and kind == "text" and not (isinstance(field.get("max"), int) and 0 < field["max"] <= TEXT_MAX):
        problems.say(where, f"max: the most bytes, 1 to {TEXT_MAX}, were expected of a text that comes in")
    if kind == "id" and not (isinstance(field.get("kind"), str) and len(field["kind"]) == 1 and field["kind"] in KINDS):
        problems.say(where, f"kind: one letter of {KINDS} was expected, {field.get('kind')!r} was found")
    values = field.get("values")
    if kind == "enum" and not (isinstance(values, list) and values and all(isinstance(v, str) and v for v in values)):
        problems.say(where, "values: a list of names was expected")
    if kind == "object" and not is_name(field.get("schema")):
        problems.say(where, "schema: the name of a schema was expected")
    if incoming and kind == "object":
        problems.say(where, f"type {kind} does not come in: bodies are flat")
    if incoming and kind == "json" and not (isinstance(field.get("max"), int) and 0 < field["max"] <= JSON_MAX):
        problems.say(where, f"max: the most bytes, 1 to {JSON_MAX}, were expected of a document that comes in; its own reader checks it")
    if "list" in field and not (isinstance(field["list"], int) and 1 <= field["list"] <= LIST_MAX):
        problems.say(where, f"list: the most items, 1 to {LIST_MAX}, were expected")


def check_fields(problems, where, fields, incoming):
    if not isinstance(fields, list):
        problems.say(where, "a list of fields was expected")
        return
    for field in fields:
        check_field(problems, where, field, incoming)
    names = [f.get("name") for f in fields if isinstance(f, dict)]
    for name in sorted({n for n in names if names.count(n) > 1}, key=str):
        problems.say(where, f"{name!r} is described twice")


def check_rights(problems, where, rights):
    """Deny by default: who may, and how far, stands here or nobody may."""
    if rights in ("open", "signed_in"):
        return
    if not isinstance(rights, dict) or not rights:
        problems.say(where, f'rights: "open", "signed_in" or a scope for each role, {{"dispatcher": "area"}}, were expected; '
                            f"scopes are {', '.join(SCOPES)}; {rights!r} was found")
        return
    for role, scope in rights.items():
        if role not in ROLES:
            problems.say(where, f"rights: {role!r} is no role; roles are {', '.join(ROLES)}")
        if scope not in SCOPES:
            problems.say(where, f"rights: {role}: {scope!r} is no scope; scopes are {', '.join(SCOPES)}")


def check_path(problems, where, endpoint):
    path, parameters = endpoint["path"], endpoint.get("path_parameters", [])
    if not isinstance(path, str) or not re.fullmatch(r"(/[a-z0-9_.{}-]+)+", path):
        problems.say(where, f"path: /words/{{parameter}} was expected, {path!r} was found")
        return
    check_fields(problems, where, parameters, True)
    described = sorted(p.get("name", "") for p in parameters if isinstance(p, dict))
    if sorted(re.findall(r"\{(\w+)\}", path)) != described:
        problems.say(where, f"path_parameters: those of {path} were expected, {described} are described")
    for parameter in parameters:
        if isinstance(parameter, dict) and "rest" in parameter and not path.endswith("/{%s}" % parameter.get("name")):
            problems.say(where, f"{parameter.get('name')}: what takes the rest of the path is its end")
        if isinstance(parameter, dict) and (parameter.get("optional") or "list" in parameter):
            problems.say(where, f"{parameter.get('name')}: a part of the path is one value and required")


def check_event(problems, where, endpoint, events):
    """A command's body is its event's fields, and its roles are among those that may cause the event."""
    event = events.get(endpoint.get("event"))
    if event is None:
        problems.say(where, f"event: a file of events/ was expected, {endpoint.get('event')!r} was found")
        return
    if "command" in endpoint and not is_name(endpoint["command"]):
        problems.say(where, f"command: the name of a command was expected, {endpoint['command']!r} was found")
    if "body" in endpoint:
        problems.say(where, "body: a command's body is its event's fields; describe none")
    rights = endpoint["rights"] if isinstance(endpoint["rights"], dict) else {}
    for role in [r for r in rights if r not in event["rights"]]:
        problems.say(where, f"rights: {role!r} may not cause {event['name']}")
    if endpoint["rights"] in ("open", "signed_in"):
        problems.say(where, "rights: a command needs its roles")


def check_endpoint(problems, path, endpoint, events):
    if not isinstance(endpoint, dict) or not is_name(endpoint.get("name")):
        problems.say(path, f"an endpoint is a JSON object with a lower_case name; {endpoint!r} was found")
        return
    where = f"{path}: {endpoint['name']}"
    missing = [key for key in ("method", "path", "en", "zh", "rights", "replies") if key not in endpoint]
    for key in missing:
        problems.say(where, f"{key} is missing")
    for key in sorted(set(endpoint) - ENDPOINT_KEYS):
        problems.say(where, f"unknown key {key!r}")
    if missing:
        return
    for language in ("en", "zh"):
        if not str(endpoint[language]).strip():
            problems.say(where, f"the sentence in {language} is missing")
    if endpoint["method"] not in METHODS:
        problems.say(where, f"method: one of {', '.join(METHODS)} was expected, {endpoint['method']!r} was found")
    check_path(problems, where, endpoint)
    check_rights(problems, where, endpoint["rights"])
    check_fields(problems, where, endpoint.get("query", []), True)
    if ("handler" in endpoint) == ("command" in endpoint):
        problems.say(where, "either a handler or a command was expected")
    elif "command" in endpoint:
        check_event(problems, where, endpoint, events)
    elif "event" in endpoint:  # the handler makes the command from a body of its own
        check_event(problems, where, {k: v for k, v in endpoint.items() if k != "body"}, events)
    elif not is_name(endpoint["handler"]):
        problems.say(where, f"handler: a name was expected, {endpoint['handler']!r} was found")
    check_fields(problems, where, endpoint.get("body", []), True)
    if "occurred" in endpoint and ("command" not in endpoint or endpoint["occurred"] is not True):
        problems.say(where, "occurred: true, of a command, was expected")
    if endpoint["method"] == "GET" and ("body" in endpoint or "command" in endpoint):
        problems.say(where, "a GET has no body and submits nothing")
    replies = endpoint["replies"]
    if not isinstance(replies, dict) or not any(str(code)[:1] in "23" for code in replies):
        problems.say(where, "replies: a schema's name or a media type for each status, a 2xx or 3xx among them, was expected")
        return
    for code, reply in replies.items():
        if not re.fullmatch(r"[2-5]\d\d", code) or not isinstance(reply, str):
            problems.say(where, f"replies: {code!r}: a status and the name of a schema, a media type or nothing were expected")


def check_references(problems, resources):
    schemas = {}
    for r in resources:
        for name, fields in r["schemas"].items():
            if name in schemas:
                problems.say(r["file"], f"schema {name!r} stands in {schemas[name][0]} already")
            schemas[name] = (r["file"], fields)
    for name, (path, fields) in schemas.items():
        for field in fields:
            if field.get("type") == "object" and field.get("schema") not in schemas:
                problems.say(f"{path}: {name}.{field['name']}", f"there is no schema {field.get('schema')!r}")
    seen, names = {}, {}
    for r in resources:
        for e in r["endpoints"]:
            where = f"{r['file']}: {e['name']}"
            key = (e["method"], re.sub(r"\{\w+\}", "{}", e["path"]))
            if key in seen:
                problems.say(where, f"{e['method']} {e['path']} is taken by {seen[key]}")
            seen[key] = e["name"]
            if e["name"] in names:
                problems.say(where, f"the name stands in {names[e['name']]} already")
            names[e["name"]] = r["file"]
            for code, reply in e["replies"].items():
                if reply and "/" not in reply and reply not in schemas:
                    problems.say(where, f"replies: {code}: there is no schema {reply!r}")
            for name in [n for n in e.get("events", []) if n not in schemas]:
                problems.say(where, f"events: there is no schema {name!r}")


def load_events(folder):
    events = {}
    for leaf in sorted(os.listdir(folder)):
        if leaf.endswith(".json"):
            with open(os.path.join(folder, leaf), encoding="utf-8") as source:
                event = json.load(source)
            events[event["name"]] = event
    return events


def body_of_event(event):
    """An event's fields in the words of this file."""
    fields = []
    for f in [f for f in event["fields"] if not f.get("ours")]:
        field = {"name": f["name"], "type": {"ms": "time"}.get(f["type"], f["type"])}
        for key in ("min", "max", "kind", "values", "list"):
            if key in f:
                field[key] = f[key]
        if f.get("optional") or "list" in f:
            field["optional"] = True
        fields.append(field)
    return fields


def load(event_folder, paths):
    problems, resources, events = Problems(), [], load_events(event_folder)
    for path in sorted(paths):
        try:
            with open(path, encoding="utf-8") as source:
                resource = json.load(source)
        except ValueError as why:
            problems.say(path, f"not valid JSON: {why}")
            continue
        if not isinstance(resource, dict):
            problems.say(path, "a JSON object was expected")
            continue
        before = len(problems)
        for key in sorted(FILE_KEYS - set(resource)):
            problems.say(path, f"{key} is missing")
        for key in sorted(set(resource) - FILE_KEYS):
            problems.say(path, f"unknown key {key!r}")
        if len(problems) > before:
            continue
        if os.path.basename(path) != f"{resource['resource']}.json":
            problems.say(path, f"the file is not named after its resource {resource['resource']!r}")
        if not isinstance(resource["endpoints"], list) or not isinstance(resource["schemas"], dict):
            problems.say(path, "endpoints: a list, and schemas: an object, were expected")
            continue
        for name, fields in resource["schemas"].items():
            check_fields(problems, f"{path}: schema {name}", fields, False)
        for endpoint in resource["endpoints"]:
            check_endpoint(problems, path, endpoint, events)
        resource["file"] = path
        resources.append(resource)
    if not problems:
        check_references(problems, resources)
    if problems:
        sys.exit("\n".join(problems))
    for r in resources:
        for e in r["endpoints"]:
            e["fields"] = body_of_event(events[e["event"]]) if "command" in e else e.get("body", [])
            if e.get("occurred"):
                e["fields"].append({"name": "occurred_at", "type": "time", "optional": True, "en": OCCURRED})
    return resources


# --- C --------------------------------------------------------------------------------------------------------------


def c_field(field, prefix):
    flags = [f"PCT_API_{flag}" for flag, has in (("OPTIONAL", field.get("optional")), ("LIST", "list" in field)) if has]
    parts = [f".name = {c_string(field['name'])}", f".type = PCT_API_{field['type'].upper()}"]
    if flags:
        parts.append(".flags = " + " | ".join(flags))
    if field["type"] in ("int", "real"):
        parts.append(f".min = {int(field.get('min', 0))}, .max = {int(field.get('max', INT_MAX))}")
    if field["type"] == "json":
        parts.append(f".max = {field['max']}")
    if field["type"] == "text":
        parts.append(f".min = {0 if field.get('empty') else 1}, .max = {field['max']}")
    if field["type"] == "id":
        parts.append(f".kind = '{field['kind']}'")
    if field["type"] == "enum":
        parts.append(f".values = {prefix}_{field['name']}")
    if "list" in field:
        parts.append(f".list_max = {field['list']}")
    return "    {" + ", ".join(parts) + "},\n"


def write_fields(f, prefix, fields):
    for field in fields:
        if field["type"] == "enum":
            values = ", ".join(c_string(v) for v in field["values"])
            f.write(f"static const char *const {prefix}_{field['name']}[] = {{{values}, NULL}};\n")
    if fields:
        f.write(f"static const pct_api_field {prefix}[] = {{\n")
        f.writelines(c_field(field, prefix) for field in fields)
        f.write("};\n")


def c_roles(roles):
    return " | ".join(f"1u << PCT_ROLE_{role.upper()}" for role in roles)


def c_endpoint(e):
    path = e["path"][:-1] + "*}" if any(p.get("rest") for p in e.get("path_parameters", [])) else e["path"]
    parts = [f".name = {c_string(e['name'])}, .method = {c_string(e['method'])}, .path = {c_string(path)}"]
    if isinstance(e["rights"], dict):
        parts.append(f".entry = PCT_ENTRY_ROLES, .rights = {c_roles(e['rights'])}")
        scopes = {scope: [role for role, given in e["rights"].items() if given == scope] for scope in SCOPES}
        bits = ", ".join(f"[PCT_SCOPE_{scope.upper()}] = {c_roles(roles)}" for scope, roles in scopes.items() if roles)
        parts.append(f".scopes = {{{bits}}}")
    else:
        parts.append(f".entry = PCT_ENTRY_{e['rights'].upper()}")
    if e.get("unmasks"):  # shows what is sealed: beyond the scope by broken glass or two persons
        parts.append(".unmasks = true")
    if e.get("may_be_open"):  # to everybody, where the site says so
        parts.append(".may_be_open = true")
    if e.get("aside"):  # takes long: on the thread for signing in
        parts.append(".aside = true")
    for key, source in (("path", "path_parameters"), ("query", "query"), ("body", "fields")):
        if e.get(source):
            name = {"path": "path_fields", "query": "query", "body": "body"}[key]
            parts.append(f".{name} = {e['name']}_{key}, .{name.replace('_fields', '')}_count = {len(e[source])}")
    if "event" in e and "command" not in e:
        parts.append(f".event = PCT_EVENT_{e['event'].upper()}")
    if "command" in e:
        parts.append(f".command = PCT_COMMAND_{e['command'].upper()}, .event = PCT_EVENT_{e['event'].upper()}")
        parts.append(".handle = pct_resource_command")
    else:
        parts.append(f".handle = pct_resource_{e['handler']}")
    good = next(code for code in sorted(e["replies"]) if code[0] in "23")
    parts.append(f".success = {good}")
    return "    {" + ",\n     ".join(parts) + "},\n"


def write_c(out, resources, document):
    endpoints = [e for r in resources for e in r["endpoints"]]
    handlers = sorted({e.get("handler", "command") for e in endpoints})
    with open(os.path.join(out, "api_handlers.h"), "w", encoding="utf-8") as f:
        f.write("/* Generated from api/ by tools/gen_api.py: what src/resource implements. */\n#ifndef PCT_API_HANDLERS_H\n"
                "#define PCT_API_HANDLERS_H\n\n#include \"resource/endpoint.h\"\n\n")
        f.writelines(f"pct_status pct_resource_{h}(pct_exchange *exchange, pct_error *error);\n" for h in handlers)
        f.write("\n#endif\n")
    with open(os.path.join(out, "api_table.c"), "w", encoding="utf-8") as f:
        f.write("/* Generated from api/ by tools/gen_api.py. */\n#include \"api_handlers.h\"\n\n")
        for e in endpoints:
            for key, source in (("path", "path_parameters"), ("query", "query"), ("body", "fields")):
                write_fields(f, f"{e['name']}_{key}", e.get(source, []))
        f.write("\nconst pct_endpoint pct_endpoints[] = {\n")
        f.writelines(c_endpoint(e) for e in endpoints)
        f.write(f"}};\nconst size_t pct_endpoint_count = {len(endpoints)};\n\nstatic const char document[] = {{\n")
        for start in range(0, len(document), 25):
            f.write("    " + " ".join(f"{ord(ch)}," for ch in document[start:start + 25]) + "\n")
        f.write("};\nconst pct_text pct_openapi_document = {document, sizeof document};\n")


# --- OpenAPI 3.1 ----------------------------------------------------------------------------------------------------


def schema_of(field):
    kind = field["type"]
    if kind in ("text", "code"):
        schema = {"type": "string"}
        if "max" in field:
            schema["maxLength"] = field["max"]
    elif kind in ("int", "real"):
        schema = {"type": "integer" if kind == "int" else "number"}
        for key, word in (("min", "minimum"), ("max", "maximum")):
            if key in field:
                schema[word] = field[key]
    elif kind == "bool":
        schema = {"type": "boolean"}
    elif kind == "id":
        schema = {"type": "string", "pattern": f"^{field['kind']}[1-9][0-9]*$"}
    elif kind == "time":
        schema = {"type": "string", "format": "date-time"}
    elif kind == "position":
        schema = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    elif kind == "road":
        schema = {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3}
    elif kind == "enum":
        schema = {"type": "string", "enum": field["values"]}
    elif kind == "object":
        schema = {"$ref": f"#/components/schemas/{field['schema']}"}
    else:
        schema = {}
    if "list" in field:
        schema = {"type": "array", "items": schema, "maxItems": field["list"]}
    if field.get("null"):
        schema = {"anyOf": [schema, {"type": "null"}]}
    if "en" in field and "$ref" not in schema:
        schema["description"] = field["en"]
    return schema


def object_of(fields):
    schema = {"type": "object", "properties": {f["name"]: schema_of(f) for f in fields}, "additionalProperties": False}
    required = [f["name"] for f in fields if not f.get("optional")]
    if required:
        schema["required"] = required
    return schema


def parameter_of(field, place):
    if place == "query" and field["type"] == "position":
        schema = {"type": "string", "description": "lon,lat;lon,lat;… in degrees" if "list" in field else "lon,lat in degrees"}
    elif place == "query" and "list" in field:
        schema = {"type": "string", "description": "several, set apart by commas"}
    else:
        schema = schema_of(field)
    parameter = {"name": field["name"], "in": place, "required": place == "path" or not field.get("optional"), "schema": schema}
    return {**parameter, "x-rest": True} if field.get("rest") else parameter  # slashes included, which OpenAPI has no word for


def reply_of(code, reply):
    entry = {"description": {"2": "Done.", "3": "Elsewhere.", "4": "Refused.", "5": "Not possible now."}[code[0]]}
    if reply and "/" in reply:
        entry["content"] = {media: {"schema": {"type": "string"}} for media in reply.split(" ")}  # one of them, as the request says
    elif reply:
        entry["content"] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{reply}"}}}
    return entry


def operation_of(resource, e):
    operation = {"operationId": e["name"], "summary": e["en"].rstrip("."), "description": e["zh"], "tags": [resource["resource"]]}
    parameters = [parameter_of(p, "path") for p in e.get("path_parameters", [])]
    parameters += [parameter_of(q, "query") for q in e.get("query", [])]
    if "event" in e:
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": True,
                           "schema": {"type": "string", "minLength": 8, "maxLength": 64}})
        parameters.append({"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    if parameters:
        operation["parameters"] = parameters
    if e["fields"]:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": object_of(e["fields"])}}}
    operation["responses"] = {code: reply_of(code, reply) for code, reply in sorted(e["replies"].items())}
    if e.get("events"):  # of a stream: what the data of each event may be
        schema = operation["responses"]["200"]["content"]["text/event-stream"]["schema"]
        schema["contentMediaType"] = "application/json"
        schema["contentSchema"] = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in e["events"]]}
    problem = {"description": "Refused: a problem after RFC 9457.",
               "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}}
    operation["responses"]["4XX"] = problem
    operation["responses"]["5XX"] = problem
    if e["rights"] == "open":
        operation["security"] = []
    elif isinstance(e["rights"], dict):
        operation["x-roles"] = list(e["rights"])
        operation["x-scopes"] = e["rights"]
    return operation


def openapi_of(resources, version):
    paths, schemas = {}, {}
    for r in resources:
        for name, fields in r["schemas"].items():
            schemas[name] = object_of(fields)
        for e in r["endpoints"]:
            paths.setdefault(e["path"], {})[e["method"].lower()] = operation_of(r, e)
    return {"openapi": "3.1.0",
            "info": {"title": "Precinct", "version": version, "summary": "The operating system of a local public-safety service",
                     "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{"url": "/"}],
            "tags": [{"name": r["resource"], "description": f"{r['en']} {r['zh']}"} for r in resources],
            "security": [{"session": []}],
            "paths": paths,
            "components": {"schemas": dict(sorted(schemas.items())),
                           "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "precinct_session",
                                                           "description": "Set by POST /api/v1/session; called __Host-session on TLS."}}}}


# --- TypeScript and the page -----------------------------------------------------------------------------------------


def ts_type(field):
    kind = field["type"]
    ts = {"text": "string", "code": "string", "int": "number", "real": "number", "bool": "boolean", "id": "string",
          "time": "string", "position": "[number, number]", "road": "[number, number, number]", "json": "unknown"}.get(kind)
    if kind == "enum":
        ts = " | ".join(json.dumps(v) for v in field["values"])
    if kind == "object":
        ts = ts_name(field["schema"])
    if "list" in field:
        ts = f"({ts})[]" if " " in ts else f"{ts}[]"
    return ts + (" | null" if field.get("null") else "")


def ts_name(name):
    return "".join(part.capitalize() for part in name.split("_"))


def write_ts(path, resources):
    with open(path, "w", encoding="utf-8") as f:
        f.write("// Generated from api/ by tools/gen_api.py.\n")
        for r in resources:
            for name, fields in sorted(r["schemas"].items()):
                f.write(f"\nexport interface {ts_name(name)} {{\n")
                f.writelines(f"  {x['name']}{'?' if x.get('optional') else ''}: {ts_type(x)};\n" for x in fields)
                f.write("}\n")
            for e in r["endpoints"]:
                if e["fields"]:
                    f.write(f"\n/** {e['en']} {e['method']} {e['path']} */\nexport interface {ts_name(e['name'])}Body {{\n")
                    f.writelines(f"  {x['name']}{'?' if x.get('optional') else ''}: {ts_type(x)};\n" for x in e["fields"])
                    f.write("}\n")


def write_docs(f, resources):
    f.write("# The interface of the server\n\nGenerated from `api/` by `tools/gen_api.py --docs`; the same files give the "
            "routing table, the OpenAPI 3.1 document (`GET /api/v1/openapi.json`) and the TypeScript types.\n\n"
            "Errors are `application/problem+json` in the language of `Accept-Language`. A command needs an `Idempotency-Key`; "
            "`201` means that its events are on disk.\n")
    for r in resources:
        f.write(f"\n## {r['resource']}\n{r['en']} {r['zh']}\n\n| endpoint | does | who |\n|---|---|---|\n")
        for e in r["endpoints"]:
            who = ", ".join(e["rights"]) if isinstance(e["rights"], dict) else e["rights"].replace("_", " ")
            f.write(f"| `{e['method']} {e['path']}` | {e['en']} {e['zh']} | {who} |\n")


RIGHTS_HEAD = """# Rights: who may do what, and how far

Generated from `api/` by `tools/gen_api.py --rights`; the server's table comes from the same files, and `tests/unit/test_rights.c` and
`tests/api/test_rights.py` try them both ways. What does not stand here nobody may. How rights are given: [0030](../decisions/0030-rights.md).

| scope | reaches |
|---|---|
| site | every object of the site |
| area | objects in the areas of the account, and those of no known area; all for an account without areas |
| assigned | the unit that the account is bound to from its sign-on to its sign-off, that unit's open order, its incident and its calls; incidents assigned by name |
| own | what the account itself made |

An object beyond the scope is answered like one that does not exist (404); a role without the right is refused (403). Lists, the stream and
recommendations leave out what the scope does not reach.
"""


def write_rights(f, resources):
    f.write(RIGHTS_HEAD)
    f.write("\n## By role\n\n| role | site | area | assigned | own |\n|---|---|---|---|---|\n")
    entries = [e for r in resources for e in r["endpoints"]]
    for role in ROLES:
        cells = [str(sum(e["rights"].get(role) == scope for e in entries if isinstance(e["rights"], dict)) or "") for scope in SCOPES]
        f.write(f"| {role} | {' | '.join(cells)} |\n")
    f.write("\nNumbers of endpoints. Every role may sign in, see its session and sign out, and see the map and the code tables.\n")
    for r in resources:
        f.write(f"\n## {r['resource']}\n\n| endpoint | site | area | assigned | own |\n|---|---|---|---|---|\n")
        for e in r["endpoints"]:
            if isinstance(e["rights"], dict):
                cells = [", ".join(role for role, given in e["rights"].items() if given == scope) for scope in SCOPES]
            else:
                cells = [{"open": "everybody, not signed in", "signed_in": "everybody who is signed in"}[e["rights"]], "", "", ""]
            f.write(f"| `{e['method']} {e['path']}` | {' | '.join(cells)} |\n")


def main():
    arguments = sys.argv[1:]
    pages = {"--docs": write_docs, "--rights": write_rights}
    write = pages.get(arguments[0])
    docs = arguments[1] if write else None
    if docs:
        arguments = arguments[1:]
    resources = load(arguments[1], arguments[2:])
    if docs:
        with open(docs, "w", encoding="utf-8") as f:
            write(f, resources)
        return
    out = arguments[0]
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "VERSION"), encoding="utf-8") as f:
        version = f.read().strip()
    document = json.dumps(openapi_of(resources, version), separators=(",", ":"))
    with open(os.path.join(out, "openapi.json"), "w", encoding="utf-8") as f:
        f.write(document + "\n")
    write_c(out, resources, document)
    write_ts(os.path.join(out, "api.ts"), resources)


main()
