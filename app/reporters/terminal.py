"""Change here how the terminal shows a verdict: its first line, findings with code, the plan, seats and cost."""

from collections.abc import Callable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from app.reporters.text import author_text
from app.reporters.text.evidence_text import evidence_lines
from app.reporters.text.markdown import place, plural
from app.reporters.text.phrases import (
    SHOWN,
    cost,
    count_models,
    heading,
    how_sure,
    in_order,
    readings,
    reason,
    severity_mark,
)
from app.reporters.text.support_text import support
from reviewers.context.snapshot import Snapshot
from reviewers.values.finding import Discarded, Finding, Location, Severity, Side
from reviewers.values.verdict import ProposalStanding, RankedFinding, SeatReport, Verdict

_STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "bold yellow", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
_AROUND = 2
_ALONE = "No model was called; only the static analyzers ran."


def render(verdict: Verdict, snapshot: Snapshot, link: Callable[[Location], str] = lambda _: "") -> RenderableType:
    """The verdict in the order of the summary comment; `link` gives a location's URL for terminals that support links."""
    blocks: list[RenderableType] = [Text(_first_line(verdict), style="bold", no_wrap=True, overflow="ignore"), Text()]
    if verdict.unreviewable:
        blocks += [Text(f"  {_clean(verdict.unreviewable)}"), Text()]
    elif not verdict.incomplete and (partly := readings(verdict, _clean)):
        blocks += [Text(f"{partly}."), Text()]
    if written := author_text.author_sentence(snapshot, verdict):
        blocks += [Text(written), Text()]
    if verdict.summary and verdict.standing(*SHOWN):
        blocks += [Text(_clean(verdict.summary)), Text()]
    for ranked in in_order(verdict):
        blocks += [*_finding(ranked, verdict, snapshot, link(ranked.finding.location)), Text()]
    if verdict.plan and verdict.standing(*SHOWN):
        blocks += [Text("Plan", style="bold"), *(Text(f"  {n}. {_clean(step)}") for n, step in enumerate(verdict.plan, 1)), Text()]
    noted = len(verdict.standing(ProposalStanding.NOTED))
    if noted:
        blocks += [Text(f"{plural(noted, 'minor finding')}", style="dim"), *map(_note, verdict.standing(ProposalStanding.NOTED)), Text()]
    if verdict.discarded:
        blocks += [Text(f"Discarded: {plural(len(verdict.discarded), 'claim')}", style="dim"), *map(_ghost, verdict.discarded), Text()]
    if not verdict.incomplete and not verdict.unreviewable and not any(seat.is_model for seat in verdict.seats):
        blocks.append(Text(_ALONE))
    return Group(*blocks, _seats(verdict.seats), Text(_closing(verdict), style="dim"))


def _first_line(verdict: Verdict) -> str:
    return f"{heading(verdict)}: {_clean(reason(verdict))}" if verdict.incomplete else heading(verdict)


def _finding(ranked: RankedFinding, verdict: Verdict, snapshot: Snapshot, url: str) -> list[RenderableType]:
    finding = ranked.finding
    where = (_clean(place(finding.location)), Style(color="cyan", link=url or None))
    head = Text.assemble(f"{severity_mark(ranked)} ", (_clean(finding.title), _STYLES[finding.severity]), "  ", where)
    facts = Text(f"   {finding.severity} · {how_sure(ranked)} · {support(ranked, verdict)}", style="dim")
    parts: list[RenderableType] = [head, facts]
    if frame := _frame(finding, snapshot):
        parts.append(Padding(frame, (0, 0, 0, 3)))
    parts.append(Padding(Text(_clean(finding.body)), (0, 0, 0, 3)))
    parts += [Padding(Text(f"evidence: {_clean(text)}", style="cyan"), (0, 0, 0, 3)) for text in evidence_lines(ranked)]
    return parts


def _frame(finding: Finding, snapshot: Snapshot) -> Syntax | None:
    """The lines around the finding's location, from its side of the diff."""
    location = finding.location
    file = snapshot.file(location.path or "")
    content = None if file is None else file.base if location.side is Side.LEFT else file.head
    if content is None or location.line is None:
        return None
    first = location.start_line or location.line
    lines = content.count("\n") + 1
    return Syntax(
        _clean(content, lines=True),
        Syntax.guess_lexer(location.path or ""),
        theme="ansi_dark",
        background_color="default",
        line_numbers=True,
        line_range=(max(1, first - _AROUND), min(lines, location.line + _AROUND)),
        highlight_lines=set(range(first, location.line + 1)),
        word_wrap=True,
    )


def _note(ranked: RankedFinding) -> Text:
    return Text(f"  {_clean(ranked.finding.title)}  {_clean(place(ranked.finding.location))}", style="dim")


def _ghost(claim: Discarded) -> Text:
    return Text(f"  {_clean(claim.seat)}: {_clean(claim.title)}  {_clean(claim.path)}: {_clean(claim.reason)}", style="dim")


def _seats(seats: Sequence[SeatReport]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for seat in seats:
        tokens = f"{seat.usage.input_tokens + seat.usage.output_tokens:,} tokens" if seat.is_model else ""
        why = f": {_clean(seat.reason)}" if seat.reason else ""
        grid.add_row(f"  {_clean(seat.seat)}", f"{seat.opinion.value}{why}", tokens, cost(seat.usage.cost_usd) if seat.is_model else "")
    return grid


def _closing(verdict: Verdict) -> str:
    coverage = verdict.coverage
    seats = f"{sum(seat.complete for seat in verdict.voters)} of {len(verdict.voters)} {count_models(verdict)} complete"
    unseen = f" · not read: {', '.join(_clean(each.path) for each in coverage.unseen[:5])}" if coverage.unseen else ""
    seen = f"{coverage.seen} of {plural(coverage.files, 'file')} read"
    return f"\n{seats} · {seen} · {cost(verdict.usage.cost_usd)} · {verdict.seconds:.0f} s{unseen}"


def _clean(text: str, *, lines: bool = False) -> str:
    """Without control characters, so that text from a model or file cannot control the terminal."""
    kept = "\n\t" if lines else ""
    return "".join(c if c.isprintable() or c in kept else " " for c in text)
