"""Change here how an answer reads on GitHub: its progress, the advice, and why there is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.reporters.text.markdown import Part, assemble, details, link, plural, sub, table
from app.reporters.text.phrases import confidence_text, cost
from app.reporters.text.safety import code, line, prose, prose_after
from reviewers.values.advice import Advice, Missing, RankedSolution
from reviewers.values.solution import Citation, Facet
from reviewers.values.verdict import Outcome, ProposalStanding, SeatReport, Stance

_VIEW, _FEW, _SUMMARY = 1_500, 12, 4_000
_STANCES = {Stance.CONFIRM: "for", Stance.REJECT: "against", Stance.UNSURE: "unsure of"}
_THINKING = "### Council · working"
# The earlier heading: comments with it can still be edited.
_WAS_THINKING = "### Council · thinking"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_AGAIN = "Ask again with `/council {specialist} …`."


@dataclass(frozen=True)
class Offered:
    """A similar earlier answer; `resolved` is the number of the solution that worked, 0 if unknown."""

    title: str
    url: str
    resolved: int
    place: str = ""


@dataclass(frozen=True)
class SeatLine:
    """The progress of one seat; `outcome` is None until it ends."""

    seat: str
    outcome: Outcome | None = None
    seconds: float = 0.0


def is_progress(body: str) -> bool:
    """Whether a comment of Council's only shows progress."""
    return body.startswith((_THINKING, _WAS_THINKING))


def progress(seats: Sequence[SeatLine], seconds: float, stage: str, earlier: Sequence[Offered], marker: str) -> str:
    """The comment while the models work."""
    answered = sum(seat.outcome is Outcome.ANSWERED for seat in seats)
    head = f"{_THINKING}: {answered} of {plural(len(seats), 'model')} answered ({seconds:.0f} s)"
    if not seats:
        head = f"{_THINKING}: reading the question and the repository ({seconds:.0f} s)"
    if stage == "critique":
        head = f"{_THINKING}: the models judge each other's answers"
    if stage == "synthesis":
        head = f"{_THINKING}: writing the answer"
    rows = [(line(seat.seat), _doing(seat)) for seat in seats]
    seated = table("| seat | |", "|---|---|", rows) if rows else ""
    return assemble([Part(head), Part(_earlier(earlier)), Part(seated), Part(marker)])


def render(advice: Advice, earlier: Sequence[Offered], marker: str, budget_left: str = "", evidence: str = "") -> str:
    """The answer; `evidence` is folded text from Council that supports it."""
    best = advice.best
    if advice.incomplete or best is None:
        return _none(advice, marker, evidence)
    solution = best.solution
    parts = [
        Part(f"### {line(solution.title)} · {confidence_text(best.confidence, calibrated=best.calibrated)}"),
        Part(_earlier(earlier)),
        Part(_unproven(advice.missing)),
        Part(prose_after("**Do this:**", advice.summary, _SUMMARY)),
        Part("\n".join(_proof(solution.citations[:5]))),
        Part("\n\n".join(prose_after(f"**{_facet(facet)}:**", facet.text, _VIEW) for facet in solution.facets)),
        Part(_plan(advice)),
        Part(_alternatives([each for each in advice.ranked if each.number > 1])),
        Part(prose_after("**What would settle it:**", advice.settle, _VIEW) if advice.settle else ""),
        Part(_missing([missing for missing in advice.missing if not missing.essential])),
        Part(evidence, drop=3),
        Part(details(f"What each expert said: {_answered(advice)}", "\n\n".join(_expert(advice, seat) for seat in advice.seats)), drop=1),
        Part(_left_out(advice), drop=2),
        Part(_foot(advice, budget_left)),
        Part(marker),
    ]
    return assemble(parts)


def refusal_line(reason: str, marker: str) -> str:
    """A refusal: one line instead of an answer."""
    return f"{reason}\n\n{marker}"


def _none(advice: Advice, marker: str, evidence: str) -> str:
    if advice.incomplete:
        head = f"### Council could not answer this: {_answered(advice)} answered"
        why = [f"- {line(seat.seat)} {seat.opinion.value}{f': {line(seat.reason)}' if seat.reason else ''}" for seat in advice.seats]
        said = "\n".join(why) or f"{line(advice.incomplete).capitalize()}. An admin of this server can set a provider's key."
    else:
        head = "### Council has no answer"
        gone = [f"- {line(each.title)}: {line(each.reason)}" for each in advice.discarded[:_FEW]]
        gone += [f"- {line(each.solution.title)}: {line(each.why)}" for each in advice.ranked[:_FEW]]
        said = "\n".join(["All proposals were discarded:", "", *gone]) if gone else "No model proposed anything."
    wanted = _missing(advice.missing)
    again = _AGAIN.format(specialist=advice.specialist)
    return assemble([Part(head), Part(said), Part(wanted), Part(again), Part(evidence, drop=1), Part(_foot(advice, "")), Part(marker)])


def _facet(facet: Facet) -> str:
    return "CWE" if facet.name == "cwe" else facet.name.capitalize()


def _doing(seat: SeatLine) -> str:
    if seat.outcome is None:
        return "…"
    mark = "✓" if seat.outcome is Outcome.ANSWERED else f"{seat.outcome.value} ·"
    return f"{mark} {seat.seconds:.0f} s"


def _earlier(earlier: Sequence[Offered]) -> str:
    rows = [f"{link(line(each.title), each.url)}{f' ({each.place})' if each.place else ''}{_did(each)}" for each in earlier]
    if not rows:
        return ""
    solved = any(offered.resolved for offered in earlier)
    return f"**{'Solved' if solved else 'Asked'} before:** " + " · ".join(rows)


def _did(offered: Offered) -> str:
    return f", where solution {offered.resolved} worked" if offered.resolved else ""


def _unproven(missing: Sequence[Missing]) -> str:
    """The information without which the answer stays uncertain."""
    wanted = [each for each in missing if each.essential]
    if not wanted:
        return ""
    return "\n".join(["**Needed for a certain answer:**", "", *_asked_for(wanted)])


def _missing(missing: Sequence[Missing]) -> str:
    return "\n".join(["**Would help:**", "", *_asked_for(missing)]) if missing else ""


def _asked_for(missing: Iterable[Missing]) -> list[str]:
    return [f"- {each.name}{f': {code(each.command)}' if each.command else ''}" for each in missing]


def _proof(citations: Sequence[Citation]) -> list[str]:
    return [f"- {_place(citation)}: {code(citation.quote.strip()[:160])}" for citation in citations]


def _place(citation: Citation) -> str:
    lines = f"{citation.line}–{citation.end_line}" if citation.end_line != citation.line else f"{citation.line}"
    return link(code(f"{citation.source}:{lines}"), citation.url)


def _plan(advice: Advice) -> str:
    steps = [f"{number}. {_step(step)}" for number, step in enumerate(advice.plan, 1)]
    if advice.verify:
        steps.append(f"{len(steps) + 1}. Verify: {_command(advice.verify)}")
    best = advice.best
    cost_of_it = f" ({best.solution.effort}, {best.solution.risk} risk)" if best else ""
    return "\n".join([f"**Plan**{cost_of_it}", "", *steps]) if steps else ""


def _step(text: str) -> str:
    return line(text, 600)


def _command(text: str) -> str:
    """Format a command as code and a sentence as text."""
    words = text.split()
    bare = "`" not in text and len(words) <= 16 and words[:1] != [] and words[0].islower() and not text.endswith(".")
    return code(text) if bare else line(text, 600)


def _alternatives(ranked: Sequence[RankedSolution]) -> str:
    rows = [
        (
            str(solution.number),
            line(solution.solution.title) + (" (disputed)" if solution.standing is ProposalStanding.DISPUTED else ""),
            confidence_text(solution.confidence, calibrated=solution.calibrated),
            f"{solution.solution.effort}, {solution.solution.risk}",
            _for_and_against(solution),
        )
        for solution in ranked
    ]
    return table("| | Alternative | Confidence | Effort, risk | For and against |", "|:-:|---|---|---|---|", rows)


def _for_and_against(ranked: RankedSolution) -> str:
    backing = len(ranked.raised_by) + len(ranked.by(Stance.CONFIRM))
    against = ranked.by(Stance.REJECT)
    why = next((vote.evidence for vote in against if vote.evidence), "")
    parts = [f"{_number(backing)} {'model' if backing == 1 else 'models'} for"]
    if against:
        parts.append(f"{_number(len(against))} against" + (f": {line(why)}" if why else ""))
    return "; ".join(parts)


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _expert(advice: Advice, seat: SeatReport) -> str:
    head = f"**{line(seat.seat)}** {seat.opinion.value}{f': {line(seat.reason)}' if seat.reason else ''} · {seat.seconds:.0f} s"
    view = next((prose(each.text, _VIEW) for each in advice.views if each.seat == seat.seat and each.text), "")
    rows = [f"- proposed: {_named(solution)}" for solution in advice.ranked if seat.seat in solution.raised_by]
    for solution in advice.ranked:
        rows += [
            f"- {_STANCES[vote.stance]}: {_named(solution)}: {line(vote.evidence)}" for vote in solution.votes if vote.seat == seat.seat
        ]
    gone = (discarded for discarded in advice.discarded if discarded.seat == seat.seat)
    rows += [f"- discarded: {line(each.title)}: {line(each.reason)}" for each in gone]
    return "\n\n".join(filter(None, (head, view, "\n".join(rows[:40]))))


def _named(ranked: RankedSolution) -> str:
    return f"{ranked.number}. {line(ranked.solution.title)}" if ranked.number else f"{line(ranked.solution.title)} (rejected)"


def _left_out(advice: Advice) -> str:
    rows = [f"- {line(each.path)}: {line(each.reason)}" for each in advice.dropped[:_FEW]]
    more = len(advice.dropped) - len(rows)
    return details(f"Not read: {len(advice.dropped)}", "\n".join([*rows, *([f"- … and {more} more"] if more > 0 else [])]))


def _answered(advice: Advice) -> str:
    return f"{advice.answered} of {plural(len(advice.seats), 'model')}"


def _foot(advice: Advice, budget_left: str) -> str:
    facts = [plural(len(advice.seats), "model"), cost(advice.usage.cost_usd), f"{advice.seconds:.0f} s"]
    facts += [line(budget_left)] if budget_left else []
    if advice.best is not None and not advice.incomplete:
        facts += [f"follow up with `/council {advice.specialist} …`", f"`/council resolved {advice.best.number}` if it helped"]
    return sub(" · ".join(facts))
