"""Change here how the summary reports what happened to earlier findings."""

from collections.abc import Sequence

from app.reporters.text.markdown import details
from app.reporters.text.safety import code, line
from reviewers.values.changes_since import ChangesSince, FindingStatus, TrackedFinding

_ORDER = (FindingStatus.FIXED, FindingStatus.OPEN, FindingStatus.MOVED, FindingStatus.OUTDATED)
_MOST = 40


def section(since: ChangesSince | None, head_sha: str) -> str:
    """The folded section; "" for the first review or if there is nothing to report."""
    if since is None or since.head_sha == head_sha:
        return ""
    counts = ", ".join(f"{len(found)} {fate}" for fate in _ORDER if (found := since.of(fate)))
    aside = [f"- {line(title)}" for title in since.set_aside[:_MOST]]
    parts = [
        " ".join(_notes(since)),
        "\n".join(_rows(since)),
        "\n".join(["Not listed because these lines were reviewed before:", "", *aside]) if aside else "",
    ]
    # GitHub reads no Markdown in a summary.
    between = f"<code>{since.head_sha[:7]}</code> → <code>{head_sha[:7]}</code>"
    return details(f"Since the last review ({between}): {counts or 'no earlier findings'}", "\n\n".join(part for part in parts if part))


def _notes(since: ChangesSince) -> list[str]:
    notes = ["The branch was rebased."] if since.rebased else []
    notes += ["The diff is unchanged, so no model was called again."] if since.unchanged else []
    return notes or ["That review had no findings to follow up."] * (not since.followed and not since.set_aside)


def _rows(since: ChangesSince) -> list[str]:
    return [f"- {fate}: {_row(each)}" for fate in _ORDER for each in _few(since.of(fate))]


def _row(each: TrackedFinding) -> str:
    where = f" · {code(f'{each.path}:{each.line}' if each.line else each.path)}" if each.path else ""
    return f"{line(each.title)}{where} · `{each.short_id}`"


def _few(followed: Sequence[TrackedFinding]) -> Sequence[TrackedFinding]:
    return followed[:_MOST]
