"""Read commands out of a comment: the first word of a line, outside quotes and code, is `/council` or the App's name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from webhooks.commands import COMMANDS

_PREFIX = "/council"
_MOST = 10
_LONGEST = 65_536


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
    found = [_read(line) for line in _lines(body[:_LONGEST]) if _first(line).rstrip(",:") in names]
    return tuple(found[:_MOST])


def mentions(body: str, slug: str) -> bool:
    """Whether the App is named anywhere outside quotes and code."""
    names = _names(slug)[1:]
    return any(word.strip(".,:;!?()").lower() in names for line in _lines(body[:_LONGEST]) for word in line.split())


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


def _first(line: str) -> str:
    return (line.split(maxsplit=1) or [""])[0].lower()


def _read(line: str) -> Call | Unknown:
    words = line.split(maxsplit=2)
    if len(words) == 1:
        return Call("help", "")
    name = words[1].lower()
    if name in COMMANDS:
        return Call(name, words[2].strip() if len(words) > 2 else "")
    # Both libraries wait for the first comment that names us: a process that only records deliveries has no use for them.
    from rapidfuzz import process

    nearest = process.extractOne(name, COMMANDS.keys(), score_cutoff=60)
    shown = "".join(c for c in words[1][:40] if c.isalnum() or c in "-_")
    if nearest is None:
        return Unknown(f'Unknown command "{shown}". `/council help` lists them.')
    return Unknown(f'Unknown command "{shown}". Did you mean "{nearest[0]}"?')


def _lines(body: str) -> Iterator[str]:
    """The lines of top-level paragraphs; quotes, lists, headings, code and HTML are skipped."""
    from markdown_it import MarkdownIt

    # GitHub reads tables, and a cell may begin a line.
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    for before, token in pairwise(tokens):
        if before.type != "paragraph_open" or before.level != 0 or not token.children:
            continue
        line = ""
        for child in token.children:
            if child.type in {"softbreak", "hardbreak"}:
                yield line
                line = ""
            else:
                # What is not plain text is shown, not said: a mark before it keeps it from being a first word.
                line += child.content if child.type == "text" else f"`{child.content}"
        yield line
