"""Join fixes of several findings into one patch. Change here which fixes are joined and how left-out ones are explained."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.reporters.text.finding_text import diff
from app.reporters.text.markdown import plural
from app.reporters.text.safety import fence, line
from reviewers.anchoring.suggestion import apply_suggestion
from reviewers.context.snapshot import Snapshot
from reviewers.values.finding import Side
from reviewers.values.verdict import RankedFinding

_NO_FIX = "no model proposed a fix for these lines; request one with `/council fix {}`"
_OVERLAP = "its fix changes the same lines as another fix"


@dataclass(frozen=True)
class JointPatch:
    """A unified diff, the findings that it fixes, and why the others are not in it."""

    diff: str
    settled: tuple[RankedFinding, ...]
    left_out: tuple[str, ...]

    def render(self) -> str:
        """The comment."""
        rows = [f"- `{ranked.short_id}` {line(ranked.finding.title)}" for ranked in self.settled]
        parts = [f"**One patch for {plural(len(self.settled), 'finding')}**\n\n" + "\n".join(rows)] if rows else []
        parts += [fence(self.diff, "diff")] if self.diff else []
        parts += ["Not in it:\n\n" + "\n".join(f"- {reason}" for reason in self.left_out)] if self.left_out else []
        return "\n\n".join(parts)


def join_patches(findings: Sequence[RankedFinding], snapshot: Snapshot) -> JointPatch:
    """The models' fixes of these findings in one diff. Of fixes that overlap, the first is used."""
    by_path: dict[str, list[RankedFinding]] = {}
    left_out: list[str] = []
    for ranked in findings:
        if _lines(ranked) is None or ranked.finding.suggestion is None:
            left_out.append(f"`{ranked.short_id}` {line(ranked.finding.title)}: {_NO_FIX.format(ranked.short_id)}")
        elif any(_overlap(ranked, other) for other in by_path.get(ranked.finding.location.path or "", ())):
            left_out.append(f"`{ranked.short_id}` {line(ranked.finding.title)}: {_OVERLAP}")
        else:
            by_path.setdefault(ranked.finding.location.path or "", []).append(ranked)
    diffs, settled = [], []
    for path, inside in sorted(by_path.items()):
        file = snapshot.file(path)
        head = changed = file.head if file is not None else None
        # Apply from the last line to the first, so that line numbers above stay valid.
        for ranked in sorted(inside, key=lambda one: one.finding.location.line or 0, reverse=True):
            after = apply_suggestion(changed, ranked.finding.location, ranked.finding.suggestion or "") if changed is not None else None
            if after is None:
                left_out.append(f"`{ranked.short_id}` {line(ranked.finding.title)}: {_NO_FIX.format(ranked.short_id)}")
            else:
                changed = after
                settled.append(ranked)
        if head is not None and changed is not None and changed != head:
            diffs.append(diff(path, head, changed))
    order = {ranked.fingerprint: place for place, ranked in enumerate(findings)}
    return JointPatch("\n".join(diffs), tuple(sorted(settled, key=lambda one: order[one.fingerprint])), tuple(left_out))


def _lines(ranked: RankedFinding) -> range | None:
    location = ranked.finding.location
    if location.line is None or location.side is not Side.RIGHT:
        return None
    return range(location.start_line or location.line, location.line + 1)


def _overlap(ranked: RankedFinding, other: RankedFinding) -> bool:
    mine, theirs = _lines(ranked), _lines(other)
    return mine is not None and theirs is not None and mine.start < theirs.stop and theirs.start < mine.stop
