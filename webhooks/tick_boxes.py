"""The checkboxes below a summary comment: their Markdown, and which ones an edit ticked. Change here what a checkbox can do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADING = "Act on findings"
REVIEW = "review again"
_BOX = r"[-*+] \[(?P<mark>[ xX])\] (?P<does>dismiss `(?P<id>[0-9a-f]{4,64})`|review again)[^\n]*"
_LINE = re.compile(_BOX)
# Only the list that our own footer ends: a model's text can quote checkboxes in a code block, but not between these two.
_SECTION = re.compile(
    rf"(?<![^\n])<details><summary>{HEADING}</summary>\n+(?P<rows>(?:[-*+] \[[ xX]\] [^\n]*\n+)+)</details>\n+"
    r"<sub>[^\n]*</sub>\n+<!-- council:summary [^\n>]*+(?<=--)>(?:\s*+<!-- council:state [^\n>]*+(?<=--)>)?+\s*+\Z"
)
_MARK = re.compile(r"^([-*+] \[)[ xX](\] )", re.MULTILINE)


@dataclass(frozen=True)
class Tick:
    """A ticked checkbox: `name` is a command, `short_id` the finding it is about, "" for a review."""

    name: str
    short_id: str = ""


def render_box(does: str, *, ticked: bool = False) -> str:
    """One checkbox as a line of Markdown."""
    return f"- [{'x' if ticked else ' '}] {does}"


def read_ticks(before: str, after: str) -> tuple[Tick, ...]:
    """The checkboxes that an edit ticked, by their ids and never by their place.

    An edit that also changed other text is based on an older version of the comment: its empty boxes say nothing about the newer ones.
    """
    before, after = _lines(before), _lines(after)
    was, now = _states(before), _states(after)
    is_current = _MARK.sub(r"\1 \2", before) == _MARK.sub(r"\1 \2", after)
    ticks: list[Tick] = []
    for does, ticked in now.items():
        if ticked and not was.get(does, False):
            ticks.append(Tick("dismiss", does) if does != REVIEW else Tick("review"))
        elif not ticked and was.get(does, False) and is_current and does != REVIEW:
            ticks.append(Tick("restore", does))
    return tuple(ticks)


def _lines(body: str) -> str:
    """A browser sends line ends as CRLF."""
    return body.replace("\r\n", "\n").replace("\r", "\n")


def _states(body: str) -> Mapping[str, bool]:
    """Whether each box is ticked, by its finding's id or its other purpose; a duplicate id is ignored."""
    section = _SECTION.search(body)
    found: dict[str, list[bool]] = {}
    rows: Sequence[str] = section["rows"].split("\n") if section else ()
    for row in rows:
        if match := _LINE.match(row):
            found.setdefault(match["id"] or REVIEW, []).append(match["mark"] != " ")
    return {does: marks[0] for does, marks in found.items() if len(marks) == 1}
