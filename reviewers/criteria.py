"""Acceptance criteria of the issues that a change closes: change here what counts as one, and when one is met."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from reviewers.context.snapshot import LinkedIssue
from reviewers.values.finding import Evidence
from reviewers.values.value import FrozenValue

MOST, LONGEST = 10, 200
_READ = 20_000
_MOST_PROOFS = 2
_NAMES = (
    r"acceptance criteria|definition of done|akzeptanzkriterien|abnahmekriterien|crit[eè]res d['’]acceptation"
    r"|criterios de aceptaci[oó]n|crit[eé]rios de aceita[cç][aã]o|受け入れ(?:条件|基準)|验收标准"
)
_HEADING = re.compile(rf"^(?:#{{1,6}}[ \t]++|\*\*|__)?(?:{_NAMES})[ \t:*_#]*+$", re.I)
_ANY_HEADING = re.compile(r"^(?:#{1,6}[ \t]|\*\*[^*\n]{1,100}\*\*:?[ \t]*$)")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<box>\[[ xX]\][ \t]+)?(?P<text>\S.*)$")
# An unclosed block runs to the end, as in Markdown.
_HIDDEN = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|<!--.*?(?:-->|\Z)", re.S)


class CriterionStatus(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "cannot tell"


class Criterion(FrozenValue):
    """One requirement of an issue, on one row."""

    issue: int
    text: str


class CriterionWord(FrozenValue):
    """One seat's answer on the criterion of that number, counted from 1; `proof` is None if its quote does not hold."""

    criterion: int
    status: CriterionStatus
    proof: Evidence | None = None


class CriterionResult(FrozenValue):
    """A criterion with the answers that passed the gate: by `seats`, with `proofs` as their lines; `note` is the chair's sentence, or "".

    `is_earlier`: it comes from the previous review, and nothing new touches its lines.
    """

    issue: int
    text: str
    status: CriterionStatus
    seats: tuple[str, ...] = ()
    proofs: tuple[Evidence, ...] = ()
    note: str = ""
    is_earlier: bool = False


class Witness(FrozenValue):
    """A seat with the vendor of its model, and its answers."""

    seat: str
    vendor: str
    words: tuple[CriterionWord, ...]


def read_criteria(issues: Sequence[LinkedIssue]) -> tuple[Criterion, ...]:
    """The criteria of the issues that the change closes: the list under such a heading, else the task list; at most ten."""
    criteria = [Criterion(issue=issue.number, text=text) for issue in issues if issue.closes for text in _items(issue.body)]
    return tuple(dict.fromkeys(criteria))[:MOST]


def decide(criteria: Sequence[Criterion], witnesses: Sequence[Witness]) -> tuple[CriterionResult, ...]:
    """Each criterion's result: not met if one seat shows a line, met if two of different vendors do, else unclear."""
    return tuple(_decided(number, criterion, witnesses) for number, criterion in enumerate(criteria, 1))


def joined_words(words: Iterable[CriterionWord]) -> tuple[CriterionWord, ...]:
    """One answer per criterion for a seat that read in parts, because one part may contain what another one lacks."""
    best: dict[int, CriterionWord] = {}
    order = (CriterionStatus.MET, CriterionStatus.NOT_MET, CriterionStatus.UNKNOWN)
    for word in words:
        criterion_word = best.get(word.criterion)
        if criterion_word is None or (word.proof is None, order.index(word.status)) < (
            criterion_word.proof is None,
            order.index(criterion_word.status),
        ):
            best[word.criterion] = word
    return tuple(best[number] for number in sorted(best))


def add_notes(results: Sequence[CriterionResult], notes: Mapping[int, str]) -> tuple[CriterionResult, ...]:
    """The results with the chair's sentences, by number; unclear results get none."""
    return tuple(
        result.model_copy(update={"note": notes.get(number, "") if result.proofs else ""}) for number, result in enumerate(results, 1)
    )


def carry_results(now: Sequence[CriterionResult], before: Sequence[CriterionResult], touched: Iterable[str]) -> tuple[CriterionResult, ...]:
    """The results; for unclear ones, the previous review's result if nothing new touches the files of its lines."""
    changed = set(touched)
    known = {(each.issue, each.text): each for each in before if each.proofs and not changed & {proof.path for proof in each.proofs}}

    def carried(result: CriterionResult) -> CriterionResult:
        earlier = known.get((result.issue, result.text))
        return result if earlier is None or result.proofs else earlier.model_copy(update={"is_earlier": True})

    return tuple(carried(result) for result in now)


def _decided(number: int, criterion: Criterion, witnesses: Sequence[Witness]) -> CriterionResult:
    words = [(witness, word) for witness in witnesses for word in witness.words if word.criterion == number]
    said = [(witness, word, word.proof) for witness, word in words if word.proof is not None]
    against = [each for each in said if each[1].status is CriterionStatus.NOT_MET]
    favor = [each for each in said if each[1].status is CriterionStatus.MET]
    status, deciding = CriterionStatus.UNKNOWN, []
    if against:
        status, deciding = CriterionStatus.NOT_MET, against
    elif len({witness.vendor for witness, _, _ in favor}) > 1:
        status, deciding = CriterionStatus.MET, favor
    return CriterionResult(
        issue=criterion.issue,
        text=criterion.text,
        status=status,
        seats=tuple(dict.fromkeys(witness.seat for witness, _, _ in deciding)),
        proofs=tuple(dict.fromkeys(proof for _, _, proof in deciding))[:_MOST_PROOFS],
    )


def _items(body: str) -> list[str]:
    rows = _HIDDEN.sub(" ", body[:_READ]).replace("\r\n", "\n").split("\n")
    listed, tasks, inside = [], [], False
    for row in rows:
        if _HEADING.match(row.strip()):
            inside = True
        elif _ANY_HEADING.match(row.strip()):
            inside = False
        elif item := _ITEM.match(row[:1_000]):
            text = " ".join(item["text"].split())
            text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
            listed += [text] if inside else []
            tasks += [text] if item["box"] else []
    return listed or tasks
