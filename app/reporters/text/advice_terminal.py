"""Change here how the terminal shows an answer. Its order is that of the answer comment."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.reporters.text.markdown import plural
from app.reporters.text.phrases import confidence_text, cost
from reviewers.values.advice import Advice, RankedSolution
from reviewers.values.verdict import Stance


def render(advice: Advice, run: str) -> RenderableType:
    """The answer as text for a terminal."""
    best = advice.best
    if advice.incomplete or best is None:
        head = advice.incomplete or "no model proposed a solution whose evidence is valid"
        return Group(Text(f"Council could not answer: {_clean(head)}", style="bold"), *_missing(advice), _seats(advice))
    solution = best.solution
    blocks: list[RenderableType] = [
        Text(f"{_clean(solution.title)} · {confidence_text(best.confidence, calibrated=best.calibrated)}", style="bold"),
        Text(),
        Text(_clean(advice.summary)),
        Text(),
    ]
    blocks += [
        Text(f"  {_clean(citation.source)}:{citation.line}  {_clean(citation.quote)[:120]}", style="cyan")
        for citation in solution.citations[:5]
    ]
    blocks += [Text.assemble((f"{facet.name.capitalize()}: ", "bold"), _clean(facet.text)) for facet in solution.facets]
    steps = [*advice.plan, *([f"Verify: {advice.verify}"] if advice.verify else [])]
    blocks += [Text("Plan", style="bold"), *(Text(f"  {number}. {_clean(step)}") for number, step in enumerate(steps, 1)), Text()]
    for each in advice.ranked:
        if each.number > 1:
            blocks += _alternative(each)
    if advice.settle:
        blocks += [Text.assemble(("What would settle it: ", "bold"), _clean(advice.settle)), Text()]
    return Group(*blocks, *_missing(advice), _seats(advice), Text(_closing(advice, run), style="dim"))


def _alternative(ranked: RankedSolution) -> list[RenderableType]:
    against = ranked.by(Stance.REJECT)
    why = next((vote.evidence for vote in against if vote.evidence), "")
    confidence = confidence_text(ranked.confidence, calibrated=ranked.calibrated)
    facts = f"{confidence} · {ranked.solution.effort}, {ranked.solution.risk} · {ranked.why}"
    rows: list[RenderableType] = [Text(f"{ranked.number}. {_clean(ranked.solution.title)}")]
    rows.append(Padding(Text(_clean(facts), style="dim"), (0, 0, 0, 3)))
    if why:
        rows.append(Padding(Text(f"against: {_clean(why)}"), (0, 0, 0, 3)))
    return [*rows, Text()]


def _missing(advice: Advice) -> list[RenderableType]:
    if not advice.missing:
        return []
    head = "Needed for a certain answer:" if any(missing.essential for missing in advice.missing) else "Would help:"
    rows = [Text(f"  {each.name}{f': {each.command}' if each.command else ''}") for each in advice.missing]
    return [Text(head, style="yellow"), *rows, Text()]


def _seats(advice: Advice) -> Table:
    grid = Table.grid(padding=(0, 2))
    for seat in advice.seats:
        why = f": {_clean(seat.reason)}" if seat.reason else ""
        grid.add_row(f"  {_clean(seat.seat)}", f"{seat.opinion.value}{why}", cost(seat.usage.cost_usd))
    return grid


def _closing(advice: Advice, run: str) -> str:
    left = f" · not read: {', '.join(_clean(each.path) for each in advice.dropped[:5])}" if advice.dropped else ""
    seats = f"{advice.answered} of {plural(len(advice.seats), 'model')} answered"
    return f"\n{seats} · {cost(advice.usage.cost_usd)} · {advice.seconds:.0f} s · {run}{left}"


def _clean(text: str) -> str:
    """Without control characters, so that text from a model cannot control the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
