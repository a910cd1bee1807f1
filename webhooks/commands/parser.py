"""Read commands out of a comment: the first word of a line, outside quotes and code, is `/council` or the App's name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from webhooks.commands import COMMANDS

if TYPE_CHECKING:
    from markdown_it.token import Token

_PREFIX = "/council"
_MOST = 10
_LONGEST = 65_536
# What stands around a word and is no part of it: the end of a sentence, code marks, quotes.
_AROUND = "`.,:;!?…。！？'\"()"
# Shown by nobody, and left behind by editors and phones.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Call:
    """A known command and the rest of its line."""

    name: str
    argument: str


@dataclass(frozen=True)
class Unknown:
    """Something that looks like a command and is none; `message` is the answer."""

    message: str


def parse(body: str, slug: str = "") -> tuple[Call | Unknown, ...]:
    """The commands of a comment in order, ten at the most; `slug` is the App's name, by which it is mentioned."""
    names = _names(slug)
    folded = body.lower()
    if not any(name in folded for name in names):
        return ()
    found = [_read(line.text) for line in _lines(body[:_LONGEST]) if _is_command(line.text, names)]
    return tuple(found[:_MOST])


def besides(body: str, slug: str = "") -> str:
    """What a comment says beside its commands: their lines are taken out, by whatever name they call."""
    names = _names(slug)
    if not any(name in body.lower() for name in names):
        return body.strip()
    gone = {line.number for line in _lines(body[:_LONGEST]) if _is_command(line.text, names)}
    # The lines as Markdown counts them: https://spec.commonmark.org/0.31.2/#line-ending
    rows = re.split(r"\r\n|\n|\r", body)
    return "\n".join(row for number, row in enumerate(rows) if number not in gone).strip()


def new_commands(body: str, before: str, slug: str) -> tuple[Call | Unknown, ...]:
    """The commands that an edit added: those that stood there before were somebody else's, or were run already."""
    had = Counter(parse(before, slug))
    found: list[Call | Unknown] = []
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


def _read(line: str) -> Call | Unknown:
    words = line.translate(_INVISIBLE).split(maxsplit=2)
    name = words[1].lower().strip(_AROUND) if len(words) > 1 else ""
    if not name:
        return Call("help", "")
    if name in COMMANDS:
        return Call(name, words[2].strip() if len(words) > 2 else "")
    # Both libraries wait for the first comment that names us: a process that only records deliveries has no use for them.
    from rapidfuzz import process

    nearest = process.extractOne(name, COMMANDS.keys(), score_cutoff=60)
    shown = "".join(c for c in words[1][:40] if c.isalnum() or c in "-_")
    if nearest is None:
        return Unknown(f'Unknown command "{shown}". `/council help` lists them.')
    return Unknown(f'Unknown command "{shown}". Did you mean "{nearest[0]}"?')


class _Line(NamedTuple):
    """A line that is said, and its number in the comment, from 0."""

    text: str
    number: int


def _lines(body: str) -> Iterator[_Line]:
    """The lines of top-level paragraphs; quotes, lists, headings, code and HTML are skipped.

    Text above dashes is a paragraph too: the dashes begin a signature (RFC 3676, 4.3) or are meant as a rule.
    """
    from markdown_it import MarkdownIt

    # GitHub reads tables, and a cell may begin a line.
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    for before, token in pairwise(tokens):
        said = before.type == "paragraph_open" or (before.type == "heading_open" and before.markup == "-")
        if not said or before.level != 0 or not token.children:
            continue
        rows, row, first = token.content.split("\n"), -1, (token.map or (0, 0))[0]
        for line in _said(token.children):
            # A code span may run over several rows, so that a line is looked for behind the one before it.
            row = next((each for each in range(row + 1, len(rows)) if rows[each].strip().startswith(line.strip())), row + 1)
            yield _Line(line, first + row)


def _said(children: Sequence["Token"]) -> Iterator[str]:
    line = ""
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            yield line
            line = ""
        else:
            # What is not plain text is shown, not said: a mark before it keeps it from being a first word.
            line += child.content if child.type == "text" else f"`{child.content}"
    yield line
