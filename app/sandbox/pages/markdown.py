"""Markdown as GitHub shows it, with all HTML escaped but the few tags that Council uses."""

import html
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ALLOWED = re.compile(r"</?(?:details|summary|sub|br|code)\s*/?>|<details open>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\] ")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def render(text: str) -> str:
    """HTML that is safe to show."""
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("task_box", _task_box)
    parser.core.ruler.push("task_boxes", _find_task_boxes)
    return str(parser.render(text))


def _find_task_boxes(state: StateCore) -> None:
    """A list item that begins with a pair of brackets is a task; an escaped bracket is none."""
    for before, token in pairwise(state.tokens):
        match = _TASK.match(token.content) if token.type == "inline" and before.type == "paragraph_open" else None
        if match and token.children and token.level > 2:
            token.children[0].content = token.children[0].content[len(match[0]) :]
            token.children.insert(0, Token("task_box", "", 0, meta={"ticked": match[1] != " "}))


def _task_box(_: Any, tokens: Sequence[Token], at: int, *__: object) -> str:  # noqa: ANN401 - the renderer itself
    return f'<input type="checkbox" disabled{" checked" if tokens[at].meta["ticked"] else ""}> '


def _html(_: Any, tokens: Sequence[Token], at: int, *__: object) -> str:  # noqa: ANN401 - the renderer itself
    text = COMMENT.sub("", tokens[at].content)
    kept, last = [], 0
    for tag in ALLOWED.finditer(text):
        kept += [html.escape(text[last : tag.start()]), tag[0]]
        last = tag.end()
    return "".join([*kept, html.escape(text[last:])])


def _fence(_: Any, tokens: Sequence[Token], at: int, *__: object) -> str:  # noqa: ANN401 - the renderer itself
    token = tokens[at]
    if token.info.strip() != "suggestion":
        return f"<pre><code>{html.escape(token.content)}</code></pre>"
    lines = "".join(f"<div>+ {html.escape(line)}</div>" for line in token.content.splitlines())
    return f'<div class="suggestion"><header>Suggested change</header>{lines or "<div>(delete these lines)</div>"}</div>'
