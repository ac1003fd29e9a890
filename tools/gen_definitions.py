#!/usr/bin/env python3
"""definitions/** -> definitions.c: the shipped files inside the binary (arguments: output file, files)."""
import sys


def main():
    out, paths = sys.argv[1], sorted(sys.argv[2:])
    with open(out, "w", encoding="utf-8") as f:
        f.write("/* Generated from definitions/ by tools/gen_definitions.py. */\n#include \"site/definition.h\"\n\n")
        for number, path in enumerate(paths):
            with open(path, "rb") as source:
                data = source.read()
            f.write(f"static const unsigned char bytes_{number}[] = {{\n")
            for at in range(0, len(data), 24):
                f.write("    " + ", ".join(str(byte) for byte in data[at:at + 24]) + ",\n")
            f.write("    0};\n\n")
        f.write("const pct_definition pct_definitions[] = {\n")
        for number, path in enumerate(paths):
            name = path.removeprefix("definitions/")
            f.write(f'    {{"{name}", {{(const char *)bytes_{number}, sizeof bytes_{number} - 1}}}},\n')
        f.write("    {NULL, {NULL, 0}}};\n")


main()
