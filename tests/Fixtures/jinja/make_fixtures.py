#!/usr/bin/env python3
"""Writes jinja.json: what Python's Jinja2 makes of the templates in templates.py.

    python3 make_fixtures.py        # needs jinja2 (made with 3.1.6 on Python 3.11)

Environments: "jinja" are Jinja2's defaults, "eval" those of lm-evaluation-harness (StrictUndefined, trailing newline kept), "chat" those of
transformers (sandboxed, trim_blocks, lstrip_blocks, loop controls, its own tojson, raise_exception, a generation block). A template that
Jinja2 refuses has no output but the type of the error. What shows an address of memory is left out.
"""
import json
import os

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

from templates import BLOCKS, CHAT, CONTEXT, EXPRESSIONS


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_render"), [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


def chat_environment():
    def to_json(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
    env.filters["tojson"] = to_json
    env.globals["raise_exception"] = raise_exception
    return env


ENVIRONMENTS = {
    "jinja": jinja2.sandbox.ImmutableSandboxedEnvironment(),
    "eval": jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True),
    "chat": chat_environment(),
}


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
