"""Which lines of a log are worth a closer look, found by literals at the speed of memory."""

from reviewers.context.ci_log.lines import Lines, windows
from reviewers.context.ci_log.steps import Step

# In a failed step (of a large log: near its end) every line is looked at; elsewhere, only one that holds a literal (in lower case).
NEAR = 3_000
MOST = 6_000
# A pass for one literal takes a tenth of a second for 100 MB, so a large log is searched for the first few only.
LARGE = 4 << 20
FEW = (b"error", b"fail", b"exception", b"fatal", b"panic", b"not found")
LITERALS = (
    *FEW,
    b"traceback",
    b"abort",
    b"no such file",
    b"cannot ",
    b"undefined ",
    b"timed out",
    b"exit code",
    b"not ok ",
    b"\xe2\x9c\x96",
    b"\xe2\x9c\x97",
    b"\xe2\x9c\x98",
    b"\xe2\x9c\x95",
)


def candidates(lines: Lines, steps: tuple[Step, ...]) -> list[int]:
    """Lines in order, counted from 0. Of more than `MOST`, the first third and the last two thirds."""
    found: set[int] = set()
    large = len(lines.data) > LARGE
    for step in steps or (Step(0, len(lines) - 1),):
        first = max(step.first, step.last - NEAR) if large else step.first
        found.update(range(first, min(step.last + 1, first + MOST // 3)))
        found.update(range(max(first, step.last + 1 - MOST), step.last + 1))
    literals = FEW if large else LITERALS
    for start, stop in windows(lines.data):
        window = lines.data[start:stop].lower()
        for literal in literals:
            at = window.find(literal)
            while at >= 0:
                found.add(lines.at(start + at))
                end = window.find(b"\n", at)
                at = window.find(literal, end) if end >= 0 else -1
    ordered = sorted(found)
    return ordered if len(ordered) <= MOST else ordered[: MOST // 3] + ordered[-(MOST - MOST // 3) :]
