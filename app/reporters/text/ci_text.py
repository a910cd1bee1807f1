"""Change here how the summary explains red CI: the changed lines that a log names, and the lines of the log."""

import re

from app.reporters.text.markdown import MAX_BYTES, code_url, details, link, plural, size, sub
from app.reporters.text.safety import code, fence, line
from reviewers.context.redaction import mask
from reviewers.context.snapshot import FailingCheck, LogReference, Snapshot
from reviewers.values.finding import Location

# The location, which the link already shows.
_NAMED = re.compile(r"^[\w./\\-]{1,240}:\d{1,6}(?::\d{1,5})?:? ?")
HEADING = "Why CI is red: "
_LINES, _PLACES, _WIDTH = 30, 5, 200
_PLAIN_URL = re.compile(r"[\w:/?&=#%.,~-]+", re.ASCII)
_OPENS, _CLOSES = f"<details><summary>{HEADING}", "</details>"


def section(snapshot: Snapshot, web_url: str) -> str:
    """The folded section; "" if no check failed."""
    checks = snapshot.failing_checks
    heading = f"{HEADING}{plural(len(checks), 'job')}{_whose(checks)}" if checks else ""
    return details(heading, "\n\n".join(_check(snapshot, check, web_url) for check in checks))


def put_in(body: str, text: str) -> str:
    """The summary with the section replaced, or added before the first folded part. Unchanged if it would be too long."""
    start = body.find(_OPENS)
    if start >= 0 and (end := body.find(_CLOSES, start)) >= 0:
        changed = body[:start] + text + body[end + len(_CLOSES) :]
    else:
        at = next((found for mark in ("<details>", "<sub>") if (found := body.find(mark)) >= 0), len(body))
        changed = f"{body[:at]}{text}\n\n{body[at:]}"
    return changed if size(changed) <= MAX_BYTES else body


def _whose(checks: tuple[FailingCheck, ...]) -> str:
    fresh = [check for check in checks if not check.red_before]
    if not fresh:
        return ", already red on the base branch"
    if any(place.touched for check in fresh for place in check.places):
        return ", caused by this change"
    return ", in files of this change" if any(check.places for check in fresh) else ""


def _check(snapshot: Snapshot, check: FailingCheck, web_url: str) -> str:
    # Link only to this GitHub, and only if no character can end the link early.
    ours = check.url.startswith(web_url.rstrip("/") + "/") and _PLAIN_URL.fullmatch(check.url)
    before = f" · already red on {code(snapshot.base_ref)}" if check.red_before else ""
    parts = [f"**{link(line(check.name), check.url if ours else '')}**{before}"]
    parts.append("\n".join(f"- {_place(snapshot, place, web_url)}" for place in check.places[:_PLACES]))
    rows = check.excerpt or check.lines
    shown = mask("\n".join(rows)).split("\n")[:_LINES] if rows else []
    parts.append(fence("\n".join(text[:_WIDTH] for text in shown)) if shown else "The log could not be read.")
    rest = link("full log", check.url) if ours else "see the full log"
    parts.append(sub(f"{check.left_out} · {rest}") if check.left_out else "")
    return "\n\n".join(filter(None, parts))


def _place(snapshot: Snapshot, place: LogReference, web_url: str) -> str:
    at = link(code(f"{place.path}:{place.line}"), code_url(Location(path=place.path, line=place.line), snapshot, web_url))
    text = _NAMED.sub("", place.text)
    said = code(mask(text)[:_WIDTH]) if text else ""
    return f"{at} {said}".strip() + ("" if place.touched else " (outside the diff)")
