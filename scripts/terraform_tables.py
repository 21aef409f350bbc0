#!/usr/bin/env python3
"""Writes the tables of inputs and outputs in the READMEs of modules/ and env/ from their declarations.

    terraform_tables.py            writes them
    terraform_tables.py --check    exits 1 when one is not current
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.M | re.S)
# A default that takes more than this is looked up rather than read in a table.
LONGEST_DEFAULT = 40


def blocks(path, kind):
    return [(name, body) for found, name, body in BLOCK.findall(path.read_text()) if found == kind]


def argument(body, name):
    found = re.search(rf"^  {name}\s*= (.*)$", body, re.M)
    return found.group(1) if found else None


def description(body):
    return argument(body, "description").strip('"')


def inputs(path):
    yield "| name | type | default | what it is |\n|---|---|---|---|\n"
    for name, body in blocks(path, "variable"):
        kind = argument(body, "type")
        kind = "map(object)" if kind.startswith("map(object(") else kind
        default = argument(body, "default")
        if default is None:
            default = "required"
        elif len(default) <= LONGEST_DEFAULT:
            default = f"`{default}`"
        else:
            default = "see [`variables.tf`](variables.tf)"
        yield f"| `{name}` | `{kind}` | {default} | {description(body)} |\n"


def outputs(path):
    yield "| name | what it is |\n|---|---|\n"
    for name, body in blocks(path, "output"):
        yield f"| `{name}` | {description(body)} |\n"


def current(folder):
    text = (folder / "README.md").read_text()
    prose = text[: text.index("## Inputs\n")]
    tables = ["## Inputs\n\n", *inputs(folder / "variables.tf"), "\n## Outputs\n\n", *outputs(folder / "outputs.tf")]
    return prose + "".join(tables)


def main():
    stale = []
    for variables in sorted([*ROOT.glob("modules/*/variables.tf"), *ROOT.glob("env/*/variables.tf")]):
        readme = variables.parent / "README.md"
        text = current(variables.parent)
        if readme.read_text() != text:
            stale.append(str(readme.relative_to(ROOT)))
            if "--check" not in sys.argv:
                readme.write_text(text)
    if stale and "--check" in sys.argv:
        sys.exit("error: not current: " + ", ".join(stale) + "; run `make docs`")


if __name__ == "__main__":
    main()
