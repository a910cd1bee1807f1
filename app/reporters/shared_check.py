"""The check run of a commit that is the head of several pull requests. Its conclusion is the worst of theirs; it lists each."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.github.publisher import Conclusion
from app.reporters.text.safety import line
from app.store.reviews.head_checks import FAILURE, CheckPart

_WORST_FIRST = (FAILURE, "action_required", "cancelled", "neutral", "success", "skipped")
_WORDS = {"": "under review", "action_required": "needs attention"}
_SHARED = re.compile(r"\d+ pull requests · #")
_LONGEST = 60_000


def combine(number: int, content: Conclusion | None, parts: Sequence[CheckPart], red: Sequence[int]) -> Conclusion:
    """The check run for all pull requests (`parts`) of a head.

    `number` is the pull request that is written for, `content` all that it says, None where only its title is known.
    `red` are the pull requests whose review of this head failed: what an author can have skipped does not hide that.
    """
    if not parts:
        return content or Conclusion("completed", "No longer needed", "No open pull request has this head.", conclusion="neutral")
    check_parts = [_held(part, red) for part in parts]
    content = content if any(part.number == number for part in check_parts) else None
    worst = min(check_parts, key=_badness)
    if len(check_parts) == 1:
        return content if content is not None and content.conclusion == check_parts[0].conclusion else _titled(check_parts[0], content)
    rows = [f"- #{part.number}: {_ended(part)} · {line(part.title)}" for part in check_parts]
    running = any(not part.conclusion for part in check_parts)
    ends = "The check is in progress until all are reviewed." if running else "The check has the worst of their conclusions."
    text = "\n".join([f"This commit is the head of {len(check_parts)} pull requests. {ends}", "", *rows])
    if content is not None and content.status == "completed":
        text = f"{text}\n\n**#{number}**\n\n{content.summary}"[:_LONGEST]
    title = f"{len(check_parts)} pull requests · #{worst.number}: {worst.title}"
    notes = content.annotations if content is not None else ()
    if running:
        return Conclusion("in_progress", title, text, annotations=notes)
    return Conclusion("completed", title, text, conclusion=worst.conclusion, annotations=notes)  # type: ignore[arg-type]


def read_part(number: int, content: Conclusion) -> CheckPart:
    """What a pull request reports on a completed check run that `combine` wrote: its row, or all of it if the run is not shared."""
    # Only our own title says that the first rows are ours, and not a model's.
    rows = content.summary.split("\n") if _SHARED.match(content.title) else []
    beginning = f"- #{number}: "
    row = next((each.removeprefix(beginning) for each in rows if each.startswith(beginning)), "")
    shown, _, title = row.partition(" · ")
    conclusion = next((word for word in _WORST_FIRST if _WORDS.get(word, word) == shown), "")
    if not conclusion:
        return CheckPart(number, content.conclusion, content.title, "verdict")
    return CheckPart(number, conclusion, title, "verdict")


def combine_group(parts: Sequence[CheckPart], *, unsaid: str, waits: bool) -> Conclusion:
    """The check run for a group of the merge queue.

    `unsaid` is the conclusion if one of its pull requests has none, "" if all have one; `waits` if that one can still get one.
    """
    rows = [f"- #{part.number}: {f'{_ended(part)} · ' if part.conclusion else ''}{line(part.title)}" for part in parts]
    text = "\n".join(["The pull requests of this merge group, with the review of each head:", "", *rows])
    said = [part.conclusion for part in parts if part.conclusion]
    if waits:
        return Conclusion("in_progress", "A pull request of this group is under review", text)
    worst = min((*said, *([unsaid] if unsaid else [])), key=_WORST_FIRST.index, default="neutral")
    first = next((part for part in parts if part.conclusion == worst), None)
    title = f"#{first.number}: {first.title}" if first is not None else "A pull request of this group was not reviewed"
    if first is not None and worst in {"success", "skipped"} and len(parts) > 1:
        title = f"{len(parts)} pull requests reviewed"
    return Conclusion("completed", title, text, conclusion=worst, source="verdict")  # type: ignore[arg-type]


def _ended(part: CheckPart) -> str:
    return _WORDS.get(part.conclusion, part.conclusion)


def _held(part: CheckPart, red: Sequence[int]) -> CheckPart:
    if part.source != "author" or not red or part.conclusion == FAILURE:
        return part
    failed = ", ".join(f"#{number}" for number in red)
    return replace(part, conclusion=FAILURE, title=f"{part.title} · the review of this commit failed ({failed})")


def _titled(part: CheckPart, content: Conclusion | None) -> Conclusion:
    """The remaining text of a pull request under the conclusion that applies."""
    if not part.conclusion:
        return Conclusion("in_progress", part.title, content.summary if content else "The verdict replaces this line.")
    text = content.summary if content is not None else f"#{part.number}: {line(part.title)}"
    if content is not None and part.conclusion != content.conclusion:
        text = f"{line(part.title)}\n\n{text}"
    return Conclusion("completed", part.title, text, conclusion=part.conclusion)  # type: ignore[arg-type]


def _badness(part: CheckPart) -> int:
    # A running review is neither good nor bad, so it gives the check its title only if nothing else does.
    return _WORST_FIRST.index(part.conclusion) if part.conclusion in _WORST_FIRST else len(_WORST_FIRST)
