"""Change here how posts show evidence: the lines that support or refute a finding."""

from collections.abc import Sequence

from app.reporters.text.markdown import code_url, link
from app.reporters.text.safety import code
from reviewers.context.snapshot import Snapshot
from reviewers.values.finding import Evidence, Location
from reviewers.values.look_record import LookRecord
from reviewers.values.verdict import ProposalStanding, RankedFinding, Stance

_MOST, _MOST_LOOKS = 3, 8
_AGAINST = (ProposalStanding.DISPUTED, ProposalStanding.REJECTED)


def looked_around(looks: Sequence[LookRecord]) -> str:
    """One clause on where a seat looked in the repository."""
    shown = [f"{look.kind} {code(look.target)}" for look in looks if not look.refused]
    more = f" and {len(shown) - _MOST_LOOKS} more" if len(shown) > _MOST_LOOKS else ""
    return f"looked around: {', '.join(shown[:_MOST_LOOKS])}{more}" if shown else "looked around: nothing new"


def evidence_of(ranked: RankedFinding) -> tuple[Evidence, ...]:
    """The finding's own evidence, then lines of other files that the votes which decided its standing rest on."""
    side = Stance.REJECT if ranked.standing in _AGAINST else Stance.CONFIRM
    found = [*ranked.finding.evidence, *(vote.proof for vote in ranked.by(side) if vote.proof is not None)]
    own = ranked.finding.location.path
    return tuple(dict.fromkeys(evidence for evidence in found if evidence.path != own or evidence in ranked.finding.evidence))[:_MOST]


def evidence_list(ranked: RankedFinding, snapshot: Snapshot, web_url: str) -> str:
    """A Markdown list of the lines, each with a link; "" if there are none."""
    rows = [f"- {_linked(each, snapshot, web_url)}: {code(_first_line(each))}" for each in evidence_of(ranked)]
    return "\n".join(["Evidence:", "", *rows]) if rows else ""


def evidence_link(ranked: RankedFinding, snapshot: Snapshot, web_url: str) -> str:
    """A clause with a link to the first line, for a table cell; "" if there are none."""
    found = evidence_of(ranked)
    return f" · evidence in {_linked(found[0], snapshot, web_url)}" if found else ""


def evidence_lines(ranked: RankedFinding) -> list[str]:
    """Each line as plain text with its location."""
    return [f"{each.path}:{each.line}: {_first_line(each)}" for each in evidence_of(ranked)]


def evidence_place(evidence: Evidence, snapshot: Snapshot, web_url: str) -> str:
    """The location of a line, linked."""
    return _linked(evidence, snapshot, web_url)


def _linked(evidence: Evidence, snapshot: Snapshot, web_url: str) -> str:
    place = f"{evidence.path}:{evidence.line}"
    if any(evidence.path == check.name for check in snapshot.failing_checks):
        return code(place, cell=True)
    return link(code(place, cell=True), code_url(Location(path=evidence.path, line=evidence.line), snapshot, web_url))


def _first_line(evidence: Evidence) -> str:
    return evidence.quote.strip().split("\n", 1)[0]
