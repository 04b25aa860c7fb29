#!/usr/bin/env python3
"""Writes conversations.json: the conversations of conversations.py, and what Python's Jinja2 in transformers' environment makes of them
with chat.jinja. Needs jinja2 (made with 3.1.6 on Python 3.11).

    python3 make_fixtures.py
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "jinja"))

from conversations import CONVERSATIONS  # noqa: E402
from environments import ENVIRONMENTS  # noqa: E402


def main():
    with open(os.path.join(HERE, "chat.jinja"), encoding="utf-8") as file:
        template = ENVIRONMENTS["chat"].from_string(file.read())
    lines = []
    for conversation in CONVERSATIONS:
        try:
            outcome = {"output": template.render(**conversation["context"])}
        except Exception as error:  # any error of Jinja2 or Python counts
            outcome = {"error": str(error)}
        lines.append(json.dumps({**conversation, **outcome}))
    with open(os.path.join(HERE, "conversations.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


main()
