"""Writes the summary of a verdict: in the chair's words if they keep to the list, else as plain text of ours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from reviewers import prompts
from reviewers.criteria import CriterionResult
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import SynthesisAnswer, SynthesisAnswerWithChanges, SynthesisAnswerWithCriteria
from reviewers.seats.prompt_json import json_lines
from reviewers.seats.structured_query import StructuredQuery
from reviewers.values.brief import Brief
from reviewers.values.verdict import ProposalStanding, RankedFinding, Usage
from reviewers.walkthrough import GroupLine, lines_of

_FRONT = (ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED)
_UNSAID = (ProposalStanding.REJECTED, ProposalStanding.DISMISSED)
_TOKENS = 2_000
_LONGEST, _LONGEST_NOTE = 900, 200
_VERDICT = re.compile(r"\b(?:lgtm|approv(?:e|ed|al|ing)|looks good|safe to merge|ready to merge)\b", re.IGNORECASE)
# Phrases that a chair may use only if nothing is in front.
_ALL_CLEAR = re.compile(
    r"\b(?:nothing (?:here )?(?:to fix|needs|was found|is wrong)|no (?:issues?|problems?|findings?|bugs?) (?:were|was|is|are|found)\b"
    r"|false positives?|harmless|(?:can|may) be merged|needs? no (?:change|fix))",
    re.IGNORECASE,
)
_ENDINGS = "c|cc|cpp|cs|css|go|h|hpp|html|java|js|json|jsx|kt|php|py|pyi|rb|rs|scala|scss|sh|sql|swift|tf|toml|ts|tsx|vue|yaml|yml"
_A_FILE = re.compile(rf"[\w.-]*\w\.(?:{_ENDINGS})")
_NAMED = re.compile(rf"`(?P<quoted>[^`\n]+)`|(?<![\w./-])(?P<file>[\w./-]*\w\.(?:{_ENDINGS})\b)")
_JOINTS = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class RankedMaterial:
    """The material for the chair: the ranked findings, the seats' descriptions of groups of files, and the criteria of closed issues."""

    ranked: Sequence[RankedFinding]
    lines: Sequence[Sequence[GroupLine]] = ()
    criteria: Sequence[CriterionResult] = ()

    @property
    def answer(self) -> type[SynthesisAnswer]:
        """The answer form with exactly the parts that need words."""
        if any(criterion.proofs for criterion in self.criteria):
            return SynthesisAnswerWithCriteria
        return SynthesisAnswerWithChanges if any(self.lines) else SynthesisAnswer


class Wording(NamedTuple):
    """What a person reads first. `by` is the chair's name, "" for plain text; `problem` says why it is plain.

    `plan_order` says why the steps depend on their order, "" if any order will do. `changes` is a sentence per group,
    `notes` one per criterion of a closed issue, by its number.
    """

    summary: str
    plan: tuple[str, ...]
    usage: Usage
    by: str = ""
    problem: str = ""
    plan_order: str = ""
    changes: tuple[GroupLine, ...] = ()
    notes: Mapping[int, str] = MappingProxyType({})


async def synthesise(chair: Model, brief: Brief, ranking: RankedMaterial, questioning: StructuredQuery, seconds: float) -> Wording:
    """The chair's summary and plan, or the plain ones if the chair fails or does not repeat the list exactly."""
    ranked = ranking.ranked
    findings = [finding for finding in ranked if finding.standing not in _UNSAID]
    request = ModelRequest(
        purpose="synthesis",
        system=prompts.text("system"),
        prefix="",
        prompt=_question(brief, findings, ranking),
        answer=ranking.answer,
        max_output_tokens=_TOKENS,
        seconds=seconds,
    )
    try:
        answer = await questioning.ask(request, lambda response: _checked(response, findings))
    except (ModelError, parsing.Unusable) as error:
        return plain_summary(ranked)._replace(usage=questioning.usage, problem=str(error))
    steps = tuple(step.strip() for step in answer.plan if step.strip())
    changes = lines_of(((line.group, line.text) for line in answer.changes), brief.groups)
    known = "\n".join((_known(findings), *(line.text for lines in ranking.lines for line in lines)))
    changes = tuple(line for line in changes if not unknown_name(line.text, known))
    notes = _notes(answer, ranking.criteria)
    wording = Wording(answer.summary.strip(), plain_summary(ranked).plan, questioning.usage, chair.name, changes=changes, notes=notes)
    if not _keeps_to(steps, [finding for finding in findings if finding.standing in _FRONT]):
        return wording
    return wording._replace(plan=steps, plan_order=answer.plan_order.strip())


def plain_summary(ranked: Sequence[RankedFinding]) -> Wording:
    """One or two sentences, and a step per finding in front, made only from the list."""
    front = [finding for finding in ranked if finding.standing in _FRONT]
    disputed = sum(finding.standing is ProposalStanding.DISPUTED for finding in ranked)
    noted = sum(finding.standing is ProposalStanding.NOTED for finding in ranked)
    rest = [f"{number} {name}" for number, name in ((disputed, "disputed"), (noted, "minor")) if number]
    if not front:
        return Wording("Nothing to fix was found." + (f" {_and(rest)}." if rest else ""), (), Usage())
    first = front[0].finding
    lead = f"{first.title.rstrip('.')} (`{_where(front[0])}`)."
    more = [f"{len(front) - 1} more to fix"] if len(front) > 1 else []
    return Wording(lead + (f" {_and(more + rest)}." if more or rest else ""), tuple(_step(finding) for finding in front), Usage())


def _notes(answer: SynthesisAnswerWithCriteria, criteria: Sequence[CriterionResult]) -> dict[int, str]:
    """The sentences on criteria that name nothing beyond the criterion and its lines."""
    notes: dict[int, str] = {}
    for note in answer.criteria:
        result = criteria[note.criterion - 1] if 1 <= note.criterion <= len(criteria) else None
        text = " ".join(note.text.split())
        if result is None or not result.proofs or not text or len(text) > _LONGEST_NOTE or passes_verdict(text):
            continue
        known = "\n".join((result.text, *(f"{proof.path}\n{proof.quote}" for proof in result.proofs)))
        if not unknown_name(text, known):
            notes.setdefault(note.criterion, text)
    return notes


def _checked(response: ModelResponse, listed: Sequence[RankedFinding]) -> SynthesisAnswerWithCriteria:
    answer = parsing.synthesis(response.text, response.truncated)
    if answer.order != [finding.short_id for finding in listed]:
        raise parsing.Unusable("`order` does not repeat the given ids")
    summary = answer.summary.strip()
    if not summary:
        raise parsing.Unusable("the summary is empty")
    if len(summary) > _LONGEST:
        raise parsing.Unusable(f"the summary is longer than {_LONGEST} characters")
    if _VERDICT.search(summary):
        raise parsing.Unusable("the summary passes its own verdict")
    if _ALL_CLEAR.search(summary) and any(finding.standing in _FRONT for finding in listed):
        raise parsing.Unusable("the summary says that there is nothing to fix")
    if strange := unknown_name("\n".join((summary, answer.plan_order, *answer.plan)), _known(listed)):
        raise parsing.Unusable(f"it names what no finding names: {strange}")
    return answer


def _question(brief: Brief, listed: Sequence[RankedFinding], ranking: RankedMaterial) -> str:
    lines = ranking.lines
    question = prompts.render("synthesis", ranking=json_lines(_row(finding) for finding in listed), language=brief.language)
    said = [(number, [line.text for line in (*chain(*lines),) if line.group == number]) for number in range(1, len(brief.groups) + 1)]
    rows: list[dict[str, str | int | None]] = [
        {"group": number, "name": brief.groups[number - 1].name, "lines": " | ".join(texts)} for number, texts in said if texts
    ]
    if rows:
        question += f"\n\n{prompts.render('walkthrough_chair', changes=json_lines(rows))}"
    judged: list[dict[str, str | int | None]] = [
        {"criterion": number, "text": each.text, "status": each.status, "path": each.proofs[0].path, "quote": each.proofs[0].quote}
        for number, each in enumerate(ranking.criteria, 1)
        if each.proofs
    ]
    return f"{question}\n\n{prompts.render('criteria_chair', criteria=json_lines(judged))}" if judged else question


def _known(listed: Sequence[RankedFinding]) -> str:
    return "\n".join(f"{_where(each)}\n{each.finding.title}\n{each.finding.body}\n{each.finding.quote}" for each in listed)


def passes_verdict(text: str) -> bool:
    """Whether a text says that the change is good or may be merged, which no model's text may say."""
    return bool(_VERDICT.search(text) or _ALL_CLEAR.search(text))


def unknown_name(text: str, known: str) -> str:
    """The first file or quoted name in a text that is not in the known material, or "": the chair invented it or took it from elsewhere."""
    known = known.lower()
    for match in _NAMED.finditer(text):
        said = match["quoted"] or match["file"]
        parts = [part.lower() for part in _JOINTS.split(said) if len(part) > 2]
        files = [part for part in parts if _A_FILE.fullmatch(part)]
        # A command for verification combines known words with its own; a file is known or invented.
        if any(part not in known for part in files) or sum(part in known for part in parts) * 2 < len(parts):
            return said[:80]
    return ""


def _keeps_to(steps: Sequence[str], front: Sequence[RankedFinding]) -> bool:
    """Whether there is one step per finding, in order, each naming its file; one more step may say how to verify."""
    if len(steps) not in {len(front), len(front) + 1}:
        return False
    names = [(finding.finding.location.path or "").rsplit("/", 1)[-1] for finding in front]
    return all(name in step for name, step in zip(names, steps, strict=False))


def _row(ranked: RankedFinding) -> dict[str, str | int | None]:
    finding = ranked.finding
    return {
        "id": ranked.short_id,
        "title": finding.title,
        "standing": str(ranked.standing),
        "path": finding.location.path,
        "line": finding.location.start_line or finding.location.line,
        "severity": str(finding.severity),
        "body": finding.body,
    }


def _step(ranked: RankedFinding) -> str:
    verb = "Check" if ranked.standing is ProposalStanding.UNCONFIRMED else "Fix"
    return f"{verb} `{_where(ranked)}`: {ranked.finding.title.rstrip('.')}."


def _where(ranked: RankedFinding) -> str:
    where = ranked.finding.location
    if where.path is None:
        return "pull request"
    if where.line is None:
        return where.path
    return f"{where.path}:{where.start_line}–{where.line}" if where.start_line else f"{where.path}:{where.line}"


def _and(parts: list[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]
