#!/usr/bin/env python3
"""Writes jinja.json: what Python's Jinja2 makes of the templates in templates.py.

    python3 make_fixtures.py        # needs jinja2 (made with 3.1.6 on Python 3.11)

Environments: "jinja" are Jinja2's defaults, "eval" those of lm-evaluation-harness (StrictUndefined, trailing newline kept), "chat" those of
transformers (sandboxed, trim_blocks, lstrip_blocks, loop controls, its own tojson, raise_exception, a generation block). A template that
Jinja2 refuses has no output but the type of the error. What shows an address of memory is left out.
"""
import json
import os

from environments import ENVIRONMENTS
from templates import BLOCKS, CHAT, CONTEXT, EXPRESSIONS


def render(env, template):
    try:
        output = ENVIRONMENTS[env].from_string(template).render(**CONTEXT)
        return None if " at 0x" in output else {"output": output}
    except Exception as error:  # any error of Jinja2 or Python counts
        return {"error": type(error).__name__}


def main():
    cases = []

    def add(env, template):
        result = render(env, template)
        if result is not None:
            cases.append({"env": env, "template": template, **result})

    for template in [f"{{{{ {e} }}}}" for e in EXPRESSIONS.replace("\\\nb", "\\\x00b").split("\n")]:
        template = template.replace("\\\x00b", "\\\nb")
        for env in ("jinja", "eval"):
            add(env, template)
    for template in BLOCKS:
        for env in ENVIRONMENTS:
            add(env, template)
    for template in CHAT:
        add("chat", template)
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "jinja.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write('{"context": ' + json.dumps(CONTEXT) + ',\n"cases": [\n')
        file.write(",\n".join(json.dumps(case) for case in cases))
        file.write("\n]}\n")


main()
