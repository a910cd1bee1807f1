"""Make text from models and pull requests harmless. It is parsed as Markdown and written again with only chosen constructs.

Paragraphs, lists, quotes, emphasis and code stay. Constructs that GitHub would activate (mentions, references, SHAs, links, images,
HTML, emoji codes, math, diagrams, other bots' commands) stay readable, broken by an invisible U+200B or escaped.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.reporters.text.foreign_commands import break_accounts, break_line, indent_line, is_command

MAX_PROSE = 6_000
MAX_LINE = 200
MAX_NESTING = 3
# markdown-it takes 43 µs per bracket that can start a link: 6,000 of them blocked the worker for 0.3 s.
_MOST_BRACKETS = 300
BREAK = "\u200b"
BLOCK = "\n\n"

# GitHub renders these as diagrams or formulas, or offers to apply them.
_LIVE_FENCES = frozenset({"suggestion", "mermaid", "geojson", "topojson", "stl", "math"})
_LANGUAGE = re.compile(r"^[A-Za-z0-9+#-]{1,15}$")
_ESCAPED = re.compile(r"([\\`*_\[\]~])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;"}
_BLOCK_START = re.compile(r"^(?:(\d{1,9})([.)])|([-+=#]))")
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{7,64}(?![0-9A-Za-z])")
_BROKEN = (
    (re.compile(r"@"), "@" + BREAK),
    (re.compile(r"#(?=\d)"), "#" + BREAK),
    (re.compile(r"\b(GH|GHSA|CVE)-(?=\w)", re.I), r"\1-" + BREAK),
    (re.compile(r"\b(https?|ftp|mailto|xmpp|ssh|git):(?=\S)", re.I), r"\1:" + BREAK),
    (re.compile(r"\b(www)\.", re.I), r"\1" + BREAK + "."),
    # Also at the end, because Council's own text can add a colon there.
    (re.compile(r":(?=[\w+-]+(?::|$))"), ":" + BREAK),
)


def prose(text: str, limit: int = MAX_PROSE) -> str:
    """Markdown of one or more blocks."""
    return BLOCK.join(_blocks(_parsed(text, limit), MAX_NESTING)).strip()


def prose_after(lead: str, text: str, limit: int = MAX_PROSE) -> str:
    """The same after `lead`, on the same line if the text starts with a paragraph. A fence or list must start its own line."""
    tokens = _parsed(text, limit)
    is_paragraph = bool(tokens) and tokens[0].type == "paragraph_open"
    return f"{lead}{' ' if is_paragraph else BLOCK}{BLOCK.join(_blocks(tokens, MAX_NESTING)).strip()}".strip()


def prose_before(text: str, more: str, limit: int = MAX_PROSE) -> str:
    """The same before the sentence `more`, on the same line if the text is one line. Text on the line of a fence would not end it."""
    said = prose(text, limit)
    return (BLOCK if "\n" in said else " ").join(filter(None, (said, more)))


def line(text: str, limit: int = MAX_LINE) -> str:
    """Markdown of one line, also safe in a table cell."""
    tokens = _parser().parseInline(_few_brackets(" ".join(_plain(_cut(text, limit)).split())))
    return _block_start(_inline(tokens[0].children or [], cell=True)) if tokens else ""


def plain(text: str, limit: int = MAX_LINE) -> str:
    """One line for a place without Markdown where GitHub still looks for mentions, such as a check's title."""
    return _in_code(_dead(" ".join(_plain(_cut(text, limit)).split())))


def code(text: str, cell: bool = False) -> str:
    """A code span. With `cell`, bars are escaped, because a bar ends a table cell even in code."""
    text = break_accounts(_in_code(" ".join(_plain(text).split())))
    if not text:
        return ""
    if cell:
        text = text.replace("|", "\\|")
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fence(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    language = language if _LANGUAGE.match(language) and language.lower() not in _LIVE_FENCES else ""
    given = [_in_code(row) for row in _plain(text).rstrip("\n").split("\n")]
    rows = [indent_line(row) for row in given]
    note = (
        "\n\n<sub>One space was added before lines that a bot could read as a command.</sub>"
        if any(row.startswith(" ") and row != was for row, was in zip(rows, given, strict=True))
        else ""
    )
    return _fenced("\n".join(rows), language) + note


def suggestion(text: str) -> str | None:
    """A block that GitHub offers to apply, or None if the text would have to be changed to be harmless."""
    body = text.removesuffix("\n")
    rows = body.split("\n")
    # Tabs stay, because they are the file's indentation.
    if _plain(body) != body.replace("\t", "    ") or any(is_command(row) or _in_code(row) != row for row in rows):
        return None
    return _fenced(body, "suggestion")


def _parsed(text: str, limit: int) -> list[Token]:
    return _parser().parse(_few_brackets(_plain(_cut(text, limit))))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20})


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    # Format characters hide or reorder text. Joiners stay, because scripts and emoji need them. Surrogates cannot be sent.
    kept = (char for char in text if char in "\n\u200c\u200d" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "".join("\n" if char in "\u2028\u2029" else char for char in kept)


def _few_brackets(text: str) -> str:
    return text if text.count("[") <= _MOST_BRACKETS else text.replace("[", "\\[")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _dead(text: str) -> str:
    for pattern, replacement in _BROKEN:
        text = pattern.sub(replacement, text)
    return _HEX.sub(lambda found: BREAK.join(re.findall(".{1,6}", found[0])), text)


def _text(text: str) -> str:
    # Break first, then escape: a reference with an escape in its middle is still a reference when shown.
    escaped = _ESCAPED.sub(r"\\\1", _dead(text))
    return "".join(_ENTITIES.get(char, char) for char in escaped)


def _in_code(text: str) -> str:
    # Council recognizes its own comments by such a marker.
    return text.replace("<!--", "<" + BREAK + "!--")


def _block_start(text: str) -> str:
    text = break_line(text.lstrip())
    return _BLOCK_START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", text)


def _fenced(body: str, language: str) -> str:
    marks = "`" * max(3, _longest_run(body) + 1)
    return f"{marks}{language}\n{body}\n{marks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _inline(tokens: Sequence[Token], cell: bool = False) -> str:
    out: list[str] = []
    run = ""
    for token in tokens:
        mark = {"strong_open": "**", "strong_close": "**", "em_open": "*", "em_close": "*"}.get(token.type, "")
        if token.type == "code_inline":
            mark = code(token.content, cell)
        if mark:
            out += [_text(run)] if run else []
            run = ""
            # Two code spans that touch would become one run of backticks.
            out.append(BREAK + mark if mark.startswith("`") and out and out[-1].endswith("`") else mark)
        else:
            # Collect the text first, so that a dropped link cannot join "#" and "1" unbroken.
            run += " " if token.type in {"softbreak", "hardbreak"} else token.content
    return "".join([*out, _text(run)])


def _blocks(tokens: Sequence[Token], nesting: int) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _close(tokens, at) if token.nesting == 1 else at
        inner = tokens[at + 1 : end]
        if token.type in {"fence", "code_block"}:
            out.append(fence(token.content, token.info.split(" ")[0] if token.info else ""))
        elif token.type == "paragraph_open":
            out.append(_block_start(_inline(inner[0].children or [])))
        elif token.type == "heading_open":
            out.append(f"**{_inline(inner[0].children or [])}**")
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            out.append(_list(inner, token, nesting))
        elif token.type == "blockquote_open":
            out.append(_quote(_blocks(inner, nesting - 1), nesting))
        at = end + 1
    return [block for block in out if block.strip()]


def _list(tokens: Sequence[Token], opening: Token, nesting: int) -> str:
    rows: list[str] = []
    at, number = 0, 1
    while at < len(tokens):
        end = _close(tokens, at)
        mark = "- " if opening.type == "bullet_list_open" else f"{number}. "
        body = "\n\n".join(_blocks(tokens[at + 1 : end], nesting - 1))
        if body:
            rows.append(body if nesting <= 0 else mark + re.sub(r"\n(?!\n)", "\n" + " " * len(mark), body))
            number += 1
        at = end + 1
    return ("\n" if nesting > 0 else "\n\n").join(rows)


def _quote(blocks: Sequence[str], nesting: int) -> str:
    body = "\n\n".join(blocks)
    return body if nesting <= 0 or not body else "> " + body.replace("\n", "\n> ")


def _close(tokens: Sequence[Token], at: int) -> int:
    level = tokens[at].level
    return next(index for index in range(at + 1, len(tokens)) if tokens[index].level == level and tokens[index].nesting == -1)
