"""Verdicts and earlier answers as plain Markdown for agents and editors. Change here what MCP tools return."""

from app.reporters.text.evidence_text import evidence_lines
from app.reporters.text.history_text import utc_date
from app.reporters.text.markdown import place
from app.reporters.text.phrases import heading, how_sure, in_order, readings
from app.reporters.text.support_text import support
from app.store.questions.memory_search import Recalled
from reviewers.values.verdict import ProposalStanding, RankedFinding, Verdict


def verdict(given: Verdict) -> str:
    """The verdict, in the order of the summary comment."""
    partly = "" if given.incomplete or given.unreviewable else readings(given, str)
    blocks = [f"### {heading(given)}", given.incomplete or given.unreviewable or given.summary, f"{partly}." if partly else ""]
    blocks += [_finding(finding, given) for finding in in_order(given)]
    if given.plan:
        blocks.append("\n".join(["**Plan**", "", *(f"{number}. {step}" for number, step in enumerate(given.plan, 1))]))
    noted = [f"- {each.finding.title} ({place(each.finding.location)})" for each in given.standing(ProposalStanding.NOTED)]
    if noted:
        blocks.append("\n".join(["Minor findings:", "", *noted]))
    discarded = [f"- {each.seat}: {each.title} ({each.path}): {each.reason}" for each in given.discarded[:40]]
    if discarded:
        blocks.append("\n".join(["Discarded because the evidence is not valid:", "", *discarded]))
    seats = [f"- {seat.seat} {seat.opinion.value}: {seat.reason}" for seat in given.seats if seat.reason]
    if seats:
        blocks.append("\n".join(["Models:", "", *seats]))
    unseen = [f"- {each.path}: {each.reason}" for each in given.coverage.unseen[:20]]
    if unseen:
        blocks.append("\n".join(["Not read:", "", *unseen]))
    return "\n\n".join(block for block in blocks if block)


def earlier_answer(each: Recalled) -> str:
    """An earlier answer in three lines."""
    outcome = f"solution {each.resolved} solved it" if each.resolved else "it helped" if each.score > 0 else ""
    outcome = outcome or ("it did not help" if each.score < 0 else "no feedback yet")
    return f"{utc_date(each.at)} · asked: {each.question[:400]}\nanswered: {each.title}. {each.summary}\n{outcome}"


def _finding(ranked: RankedFinding, given: Verdict) -> str:
    finding = ranked.finding
    head = f"**{finding.title}** · {place(finding.location)} · {finding.severity} · {how_sure(ranked)} · {support(ranked, given)}"
    code = finding.suggestion or finding.sketch
    evidence = "\n".join(f"- evidence: {text}" for text in evidence_lines(ranked))
    return "\n\n".join(filter(None, (head, finding.body, evidence, f"```\n{code}\n```" if code else "")))
