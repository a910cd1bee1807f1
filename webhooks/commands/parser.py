"""Parses the commands of a comment: a line outside quotes and code whose first word is `/council` or the App's name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from webhooks.commands import COMMANDS

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_PREFIX = "/council"
_MOST = 10
_LONGEST = 65_536
# Signs around a word that are not part of it: the end of a sentence, code marks, quotes.
_AROUND = "`.,:;!?…。！？'\"()"
# Invisible characters that editors and phones leave behind.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
# markdown-it takes up to 40 µs per line and 4 µs per character of a paragraph, so the middle of a longer comment is ignored.
_MOST_LINES, _LONGEST_PARAGRAPHS, _NEAR = 1_500, 24_000, 100
# Line ends as Markdown defines them: https://spec.commonmark.org/0.31.2/#line-ending
_LINE_END = re.compile(r"\r\n|\n|\r")
# Only lines that begin with one of these need inline parsing: links, images and emphasis begin with another sign.
_INLINE = ("text", "newline", "escape", "backticks", "html_inline")


@dataclass(frozen=True)
class ParsedCommand:
    """A known command and the rest of its line."""

    name: str
    argument: str


@dataclass(frozen=True)
class Unknown:
    """An unknown command; `message` is the answer."""

    message: str


def parse(body: str, slug: str = "") -> tuple[ParsedCommand | Unknown, ...]:
    """The commands of a comment in order, at most ten; `slug` is the App's name, by which people mention it."""
    return tuple(_read(line.text) for line in islice(_command_lines(body, _names(slug)), _MOST))


def may_hold_command(text: str, slug: str = "") -> bool:
    """Whether a text contains one of our names at all; far cheaper than parsing it as Markdown."""
    folded = text.lower()
    return any(name in folded for name in _names(slug))


def text_without_commands(body: str, slug: str = "") -> str:
    """The comment without its command lines, whatever name they use."""
    if not may_hold_command(body, slug):
        return body.strip()
    gone = {line.number for line in _command_lines(body, _names(slug))}
    return "\n".join(row for number, row in enumerate(_LINE_END.split(body)) if number not in gone).strip()


def new_commands(body: str, before: str, slug: str) -> tuple[ParsedCommand | Unknown, ...]:
    """The commands that an edit added; earlier ones belong to another person or have already run."""
    had = Counter(parse(before, slug))
    found: list[ParsedCommand | Unknown] = []
    for call in parse(body, slug):
        if had[call]:
            had[call] -= 1
        else:
            found.append(call)
    return tuple(found)


def _names(slug: str) -> tuple[str, ...]:
    name = slug.lower()
    return (_PREFIX, f"@{name}", f"@{name}[bot]") if name else (_PREFIX,)


def _is_command(line: str, names: tuple[str, ...]) -> bool:
    return (line.translate(_INVISIBLE).split(maxsplit=1) or [""])[0].lower().rstrip(",:.;!?…") in names


def _read(line: str) -> ParsedCommand | Unknown:
    words = line.translate(_INVISIBLE).split(maxsplit=2)
    name = words[1].lower().strip(_AROUND) if len(words) > 1 else ""
    if not name:
        return ParsedCommand("help", "")
    if name in COMMANDS:
        return ParsedCommand(name, words[2].strip() if len(words) > 2 else "")
    # Both libraries load with the first comment that names us, because a process that only records deliveries does not need them.
    from rapidfuzz import process

    nearest = process.extractOne(name, COMMANDS.keys(), score_cutoff=60)
    shown = "".join(c for c in words[1][:40] if c.isalnum() or c in "-_")
    if nearest is None:
        return Unknown(f'Unknown command "{shown}". `/council help` lists them.')
    return Unknown(f'Unknown command "{shown}". Did you mean "{nearest[0]}"?')


class _Line(NamedTuple):
    """A line of plain text, and its number in the comment, from 0."""

    text: str
    number: int


def _command_lines(body: str, names: tuple[str, ...]) -> Iterator[_Line]:
    """The lines that contain a command. Nothing is parsed unless a line of the text itself begins with a name."""
    rows = _LINE_END.split(body[:_LONGEST])
    if not any(_is_command(row.lstrip("\\ \t"), names) for row in rows):
        return
    skipped = max(len(rows) - _MOST_LINES, 0)
    half = _MOST_LINES // 2
    for line in _said_lines("\n".join((*rows[:half], *rows[half + skipped :])), names):
        yield line._replace(number=line.number + (skipped if line.number >= half else 0))


def _said_lines(text: str, names: tuple[str, ...]) -> Iterator[_Line]:
    """The lines of top-level paragraphs that contain a command; quotes, lists, headings, code and HTML are skipped."""
    markdown, left = _markdown(), _LONGEST_PARAGRAPHS
    for before, token in pairwise(markdown.parse(text)):
        rows = token.content.split("\n")
        begins = any(_is_command(row.lstrip("\\ \t"), names) for row in rows)
        # Text above dashes is a paragraph too: the dashes begin a signature (RFC 3676, 4.3) or are meant as a rule.
        is_text = before.type == "paragraph_open" or (before.type == "heading_open" and before.markup == "-")
        if not is_text or before.level != 0 or not begins or left <= 0:
            continue
        children: list[Token] = []
        markdown.inline.parse(token.content[:left], markdown, {}, children)
        left -= len(token.content)
        row, first = -1, (token.map or (0, 0))[0]
        for said in _said(children):
            # A code span may cover several rows, so the search for a line begins after the one before it.
            row = next((at for at in range(row + 1, min(row + _NEAR, len(rows))) if rows[at].strip().startswith(said.strip())), row + 1)
            if _is_command(said, names):
                yield _Line(said, first + row)


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # GitHub renders tables, and a cell may begin a line.
    markdown = MarkdownIt("commonmark").enable(["table"]).disable("inline")
    markdown.inline.ruler.enableOnly(list(_INLINE))
    markdown.inline.ruler2.enableOnly(["fragments_join"])
    return markdown


def _said(children: Sequence["Token"]) -> Iterator[str]:
    line = ""
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            yield line
            line = ""
        else:
            # Inline markup is quoted rather than plain text: a mark before it keeps it from being a first word.
            line += child.content if child.type in ("text", "text_special") else f"`{child.content}`"
    yield line
