"""The result of log extraction: blocks of lines with their reasons, and what was left out."""

from reviewers.context.ci_log.references import Reference
from reviewers.context.ci_log.selection import GAP
from reviewers.values.value import FrozenValue


class LogLine(FrozenValue):
    """`number` counts from 1, as in editors and on GitHub; `text` is cleaned, and clipped if it was long."""

    number: int
    text: str


class LogBlock(FrozenValue):
    """A run of consecutive lines, and the reason of its most telling line."""

    lines: tuple[LogLine, ...]
    reason: str

    @property
    def first(self) -> int:
        return self.lines[0].number

    @property
    def last(self) -> int:
        return self.lines[-1].number


class StepRange(FrozenValue):
    """The lines of a failed step, counted from 1, inclusive."""

    first: int
    last: int


class Extract(FrozenValue):
    """The part of a log that is shown: `text` takes `tokens` of o200k, never more than the `budget`.

    The block with the cause comes first; the others follow in log order. `complete` means that no other line is worth its tokens, so the
    rest of the budget is saved.
    `unseen` is the number of lines that are in no passing run, None without a passing log to compare with.
    `references` are the code locations that the selected lines name.
    """

    blocks: tuple[LogBlock, ...]
    tokens: int
    budget: int
    complete: bool = False
    total_lines: int
    steps: tuple[StepRange, ...] = ()
    unseen: int | None = None
    references: tuple[Reference, ...] = ()

    @property
    def lines(self) -> tuple[LogLine, ...]:
        return tuple(line for block in self.blocks for line in block.lines)

    @property
    def text(self) -> str:
        """What a model gets: the blocks, separated by a line with a single mark."""
        return f"\n{GAP}\n".join("\n".join(line.text for line in block.lines) for block in self.blocks)

    @property
    def left_out(self) -> str:
        """One sentence for people: how much of the log is not shown."""
        kept = len(self.lines)
        rest = f"{self.total_lines - kept:,} of {self.total_lines:,} lines left out" if kept < self.total_lines else "nothing left out"
        return rest if self.unseen is None else f"{rest}; {self.unseen:,} lines were new against the last green run"
