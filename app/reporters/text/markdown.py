"""Build the Markdown of posts: headings, tables, folded parts and links, within GitHub's length limit.

The only HTML is `details`, `summary`, `sub`, `br` and, in a summary, `code`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.reporters.text.safety import code
from reviewers.context.snapshot import Snapshot
from reviewers.values.finding import Location, Side

# GitHub's limit is 65,536 characters (65,535 for a check run). Counting bytes is the strictest reading and leaves room for the marker.
MAX_BYTES = 65_000


@dataclass(frozen=True)
class Part:
    """A block of a comment. In a comment that is too long, parts with the highest `drop` are left out first; 0 always stays."""

    text: str
    drop: int = 0
    instead: str = ""


def assemble(parts: Sequence[Part], limit: int = MAX_BYTES) -> str:
    """The parts as one text within the limit in bytes."""
    kept = [part for part in parts if part.text]
    for drop in sorted({part.drop for part in kept if part.drop}, reverse=True):
        if size(_join(kept)) <= limit:
            break
        kept = [Part(part.instead) if part.drop == drop else part for part in kept]
    return _join(kept)


def size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def details(summary: str, body: str) -> str:
    """A folded part; `summary` must be Council's plain text, because it is not escaped."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>" if body else ""


def sub(text: str) -> str:
    return f"<sub>{text}</sub>"


def link(text: str, url: str) -> str:
    """A link; only its text without a URL. Neither is escaped."""
    return f"[{text}]({url})" if url else text


def table(header: str, ruler: str, rows: Sequence[Sequence[str]]) -> str:
    return "\n".join((header, ruler, *(f"| {' | '.join(row)} |" for row in rows))) if rows else ""


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def place(location: Location) -> str:
    """The path and lines, such as "auth/session.py:80–95"."""
    if location.path is None:
        return "the pull request"
    if location.line is None:
        return location.path
    if location.start_line is not None and location.start_line != location.line:
        return f"{location.path}:{location.start_line}–{location.line}"
    return f"{location.path}:{location.line}"


def where(location: Location, snapshot: Snapshot, web_url: str) -> str:
    """A location in the code, linked at its commit."""
    if location.path is None:
        return "the pull request"
    return link(code(place(location), cell=True), code_url(location, snapshot, web_url))


def code_url(location: Location, snapshot: Snapshot, web_url: str) -> str:
    """The URL of a location in the code, at its commit."""
    left = location.side is Side.LEFT
    root = f"{web_url.rstrip('/')}/{quote(snapshot.repository)}/blob/{snapshot.base_sha if left else snapshot.head_sha}"
    path = quote(location.path or "", safe="/", errors="replace")
    if location.line is None:
        return f"{root}/{path}"
    first = location.start_line if location.start_line is not None else location.line
    return f"{root}/{path}#L{first}" + (f"-L{location.line}" if first != location.line else "")


def _join(parts: Sequence[Part]) -> str:
    return "\n\n".join(part.text for part in parts if part.text)
