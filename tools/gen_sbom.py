#!/usr/bin/env python3
"""The list of materials (CycloneDX 1.5, JSON): what the program is linked with, what the console holds, what made them.

    tools/gen_sbom.py PROGRAM EPOCH >precinct.cdx.json

Shared libraries come from the program itself (ldd) with the Debian package and version that they were found in, the
console's packages from web/package-lock.json with their digests. What only builds has the scope 'excluded'. The same
machine and source give the same bytes: the time is EPOCH, the serial number follows from the content."""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import uuid

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def installed():
    """What dpkg knows of each installed package: {name: (version, architecture, source)}."""
    lines = run("dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture} ${source:Package} ${db:Status-Status}\\n").splitlines()
    return {words[0]: tuple(words[1:4]) for words in map(str.split, lines) if words[-1] == "installed"}


def owners(paths):
    """The Debian packages that own files: {path: package}. /lib and /usr/lib are one folder, and dpkg may know either name."""
    names = {path: {path, os.path.realpath(path), path.removeprefix("/usr"), "/usr" + path} for path in paths}
    every = sorted(name for group in names.values() for name in group)
    told = subprocess.run(["dpkg-query", "-S", *every], capture_output=True, text=True, check=False).stdout
    owner = {path: line.split(",")[0].split(":")[0] for line in told.splitlines() for path in [line.rpartition(": ")[2]]}
    found = {path: next((owner[name] for name in sorted(group) if name in owner), None) for path, group in names.items()}
    for path, package in found.items():
        if not package:
            sys.exit(f"{path}: no Debian package owns this library; the program has to be linked with Debian's")
    return found


def debian(package, known, scope):
    version, arch, source = known[package]
    purl = f"pkg:deb/debian/{package}@{urllib.parse.quote(version, safe='')}?arch={arch}&distro=bookworm"
    return {"type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl, "scope": scope,
            "properties": [{"name": "precinct:debian:source", "value": source}]}


def libraries(program):
    """Debian packages of the shared libraries: {package: is it named by the program itself}."""
    direct = set(re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", program)))
    paths = re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", run("ldd", program), re.M)
    found = {}
    for path, package in owners(paths).items():
        found[package] = found.get(package, False) or os.path.basename(path) in direct
    return found


def build_packages(known):
    section, names = "", []
    for line in read("tools/packages.txt").splitlines():
        if line.startswith("# "):
            section = line[2:]
        elif line.strip() and section in ("build", "package"):
            names.append(line.split("#")[0].strip())
    return [name for name in names if name in known and name != "tzdata"]


def npm(path, entry):
    name = entry.get("name", path.rpartition("node_modules/")[2])
    purl = f"pkg:npm/{urllib.parse.quote(name, safe='/')}@{entry['version']}"
    made = {"type": "library", "bom-ref": purl, "name": name, "version": entry["version"], "purl": purl,
            "scope": "excluded" if entry.get("dev") or "@types/" in path else "required"}
    if "integrity" in entry:
        kind, _, digest = entry["integrity"].partition("-")
        made["hashes"] = [{"alg": "SHA-" + kind[3:], "content": base64.b64decode(digest).hex()}]
    if "license" in entry:
        words = entry["license"]
        made["licenses"] = [{"expression": words} if " " in words else {"license": {"id": words}}]
    return made


def main():
    program, epoch = sys.argv[1], int(sys.argv[2])
    version = read("VERSION").strip()
    linked, known = libraries(program), installed()
    lock = json.loads(read("web/package-lock.json"))["packages"]
    entries = [npm(path, entry) for path, entry in lock.items() if path and not entry.get("optional")]
    # The lock names a package once for each folder it lies in; what is needed anywhere is needed.
    console = list({c["bom-ref"]: c for c in sorted(entries, key=lambda c: c["scope"])}.values())
    components = [debian(package, known, "required") for package in {*linked, "tzdata"}]
    components += [debian(package, known, "excluded") for package in build_packages(known) if package not in linked]
    components = sorted(components + console, key=lambda c: c["bom-ref"])
    own = f"pkg:generic/precinct@{version}"
    wanted = [c["bom-ref"] for c in components if c["scope"] == "required"]
    named = {package for package, direct in linked.items() if direct} | {"tzdata"} | set(lock[""]["dependencies"])
    about = {"type": "application", "bom-ref": own, "name": "precinct", "version": version, "purl": own,
             "licenses": [{"license": {"id": "Apache-2.0"}}], "description": "operating system of a local public-safety service"}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)), "component": about,
                     "tools": {"components": [{"type": "application", "name": "tools/gen_sbom.py", "version": version}]}},
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [c["bom-ref"] for c in components if c["name"] in named and c["bom-ref"] in wanted]}]}
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
    json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
