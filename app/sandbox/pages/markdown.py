"""Renders Markdown as GitHub does, with all HTML escaped except the few tags that Council uses."""

import html
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ALLOWED = re.compile(r"</?(?:details|summary|sub|br|code)\s*/?>|<details open>", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\] ")
_BOX = re.compile(r"(\s*[-*+] \[)([ xX])(?=\] )")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def render(text: str, boxes_at: str = "") -> str:
    """Safe HTML. `boxes_at` is the target of a ticked box, "" if nobody may tick one."""
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _html)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("task_box", _task_box)
    parser.core.ruler.push("task_boxes", _find_task_boxes)
    return str(parser.render(text, {"boxes_at": boxes_at}))


def press_box(text: str, line: int) -> str:
    """The text with the box on a line ticked or cleared. Unchanged if that line has none."""
    rows = text.split("\n")
    if 0 <= line < len(rows) and (match := _BOX.match(rows[line])):
        mark = " " if match[2] != " " else "x"
        rows[line] = f"{match[1]}{mark}{rows[line][match.end(2) :]}"
    return "\n".join(rows)


def _find_task_boxes(state: StateCore) -> None:
    """A list item that begins with a pair of brackets is a task, unless the bracket is escaped."""
    for before, token in pairwise(state.tokens):
        match = _TASK.match(token.content) if token.type == "inline" and before.type == "paragraph_open" else None
        if match and token.children and token.level > 2:
            token.children[0].content = token.children[0].content[len(match[0]) :]
            token.children.insert(0, Token("task_box", "", 0, meta={"ticked": match[1] != " ", "line": (token.map or [0])[0]}))


def _task_box(_: Any, tokens: Sequence[Token], at: int, __: object, env: Mapping[str, str]) -> str:  # noqa: ANN401 - the renderer itself
    """A box: a form's button if it may be ticked, because the pages have no script."""
    ticked, line = tokens[at].meta["ticked"], tokens[at].meta["line"]
    if not env.get("boxes_at"):
        return f'<input type="checkbox" disabled{" checked" if ticked else ""}> '
    state, mark = ("true", "☑") if ticked else ("false", "☐")
    about = f'role="checkbox" aria-checked="{state}" aria-label="{"Empty" if ticked else "Tick"}"'
    button = f'<button class="tick" {about} name="line" value="{line}">{mark}</button>'
    return f'<form class="tick" method="post" action="{html.escape(env["boxes_at"])}">{button}</form> '


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
