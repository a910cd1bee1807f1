"""Extracts why a job failed from its log, the cause first, within a budget; a passing log of the same job helps."""

from collections.abc import Mapping, Sequence

from reviewers.context.ci_log.decoding import as_utf8
from reviewers.context.ci_log.extract import Extract, LogBlock, LogLine, StepRange
from reviewers.context.ci_log.lines import LogLines
from reviewers.context.ci_log.references import references
from reviewers.context.ci_log.selection import Ranking, ShownLines, arrange_runs
from reviewers.context.ci_log.steps import failed_steps
from reviewers.context.ci_log.templates import mark_unseen
from reviewers.context.ci_log.weights import WEIGHTS, LineWeights
from reviewers.context.ci_log.worth import Scope, Worth

# If all useful lines take fewer tokens, their neighbors are shown as well.
ROOMY = 250


def extract(log: bytes, green: bytes | None = None, budget: int = 2_000) -> Extract:
    """The cause of a failure, within a budget of o200k tokens.

    `log` is raw, tens of megabytes at most, in UTF-8 or UTF-16; `green` is the log of the last run of the same job that passed.
    """
    return extracts(log, green, (budget,))[0]


def extracts(log: bytes, green: bytes | None, budgets: Sequence[int], weights: LineWeights = WEIGHTS) -> tuple[Extract, ...]:
    """Like `extract`, but for several budgets at the cost of one."""
    lines = LogLines(log)
    scope = Scope(lines, failed_steps(lines), None if green is None else mark_unseen(lines, as_utf8(green)))
    worth = Worth(scope, weights)
    worth.fill()
    most = max(budgets)
    ranking = Ranking(lines, worth.values, worth.lead, most)
    if ranking.tokens < ROOMY:
        worth.widen()
        ranking = Ranking(lines, worth.values, worth.lead, most)
    return tuple(_extract(scope, worth, ranking.take(budget), budget) for budget in budgets)


def _extract(scope: Scope, worth: Worth, selection: ShownLines, budget: int) -> Extract:
    blocks = [_block(selection.texts, worth, run) for run in arrange_runs(selection.texts, worth.lead)]
    return Extract(
        blocks=tuple(blocks),
        tokens=selection.tokens,
        budget=budget,
        complete=selection.complete,
        total_lines=len(scope.lines),
        steps=tuple(StepRange(first=step.first + 1, last=step.last + 1) for step in scope.steps),
        unseen=None if scope.unseen is None else sum(scope.unseen),
        references=references((line.number, line.text) for block in blocks for line in block.lines),
    )


def _block(texts: Mapping[int, str], worth: Worth, run: tuple[int, ...]) -> LogBlock:
    best = max(run, key=lambda line: (line in worth.reasons, worth.values[line]))
    return LogBlock(
        lines=tuple(LogLine(number=line + 1, text=texts[line]) for line in run),
        reason=worth.reasons.get(best, "end of the step" if worth.values[best] > 1 else "context"),
    )
