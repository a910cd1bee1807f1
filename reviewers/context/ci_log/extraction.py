"""The story: a failing log, perhaps a green one of the same job, and a budget; out comes what says why."""

from reviewers.context.ci_log.lines import Lines
from reviewers.context.ci_log.selection import GAP, clipped, runs, select
from reviewers.context.ci_log.steps import failed_steps
from reviewers.context.ci_log.templates import unseen
from reviewers.context.ci_log.worth import Scope, Worth
from reviewers.value import Value


class LogLine(Value):
    """`number` counts from 1."""

    number: int
    text: str


class Block(Value):
    """An unbroken run of lines, and what the most telling of them says."""

    lines: tuple[LogLine, ...]
    reason: str


class Extract(Value):
    blocks: tuple[Block, ...]
    tokens: int

    @property
    def text(self) -> str:
        return f"\n{GAP}\n".join("\n".join(line.text for line in block.lines) for block in self.blocks)

LEAST=0.0
GREENLEAST=0.0
def extract(log: bytes, green: bytes | None = None, budget: int = 2_000) -> Extract:
    lines = Lines(log)
    scope = Scope(lines, failed_steps(lines), None if green is None else unseen(lines, green))
    worth = Worth(scope)
    worth.fill(budget)
    chosen, tokens = select(lines, worth.values, budget, LEAST if green is None else GREENLEAST)
    blocks = []
    for run in runs(chosen):
        best = max(run, key=lambda line: (line in worth.reasons, worth.values[line]))
        blocks.append(Block(lines=tuple(LogLine(number=line + 1, text=clipped(lines.text(line))) for line in run), reason=worth.reasons.get(best, "context")))
    return Extract(blocks=tuple(blocks), tokens=tokens)
