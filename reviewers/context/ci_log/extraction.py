"""The story: a failing log, perhaps a green one of the same job, and a budget; out comes what says why."""

from reviewers.context.ci_log.extract import Block, Extract, LogLine, StepRange
from reviewers.context.ci_log.lines import Lines
from reviewers.context.ci_log.references import references
from reviewers.context.ci_log.selection import clipped, runs, select
from reviewers.context.ci_log.steps import failed_steps
from reviewers.context.ci_log.templates import unseen
from reviewers.context.ci_log.worth import Scope, Worth

ROOMY = 8


def extract(log: bytes, green: bytes | None = None, budget: int = 2_000) -> Extract:
    """The cause of a failure, within a budget of o200k tokens.

    `log` is raw, tens of megabytes at most; `green` is the log of the last run of the same job that passed.
    """
    lines = Lines(log)
    scope = Scope(lines, failed_steps(lines), None if green is None else unseen(lines, green))
    worth = Worth(scope)
    worth.fill(budget)
    chosen, tokens = select(lines, worth.values, budget)
    if tokens < budget / ROOMY:
        worth.widen(chosen)
        chosen, tokens = select(lines, worth.values, budget)
    blocks = tuple(_block(lines, worth, run) for run in runs(chosen))
    return Extract(
        blocks=blocks,
        tokens=tokens,
        budget=budget,
        total_lines=len(lines),
        steps=tuple(StepRange(first=step.first + 1, last=step.last + 1) for step in scope.steps),
        unseen=None if scope.unseen is None else sum(scope.unseen),
        references=references((line.number, line.text) for block in blocks for line in block.lines),
    )


def _block(lines: Lines, worth: Worth, run: tuple[int, ...]) -> Block:
    best = max(run, key=lambda line: (line in worth.reasons, worth.values[line]))
    return Block(
        lines=tuple(LogLine(number=line + 1, text=clipped(lines.text(line))) for line in run),
        reason=worth.reasons.get(best, "end of the step" if worth.values[best] > 1 else "context"),
    )
