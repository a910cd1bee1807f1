"""Findings that say the same become one proposal: the same place and a like text, whatever order they came in."""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from rapidfuzz import fuzz

from reviewers.council.fingerprint import distinct, short_ids
from reviewers.finding import Finding
from reviewers.value import Value
from reviewers.verdict import Critique, Proposal

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "but",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "no",
        "not",
        "of",
        "on",
        "only",
        "or",
        "should",
        "so",
        "than",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "used",
        "uses",
        "using",
        "when",
        "which",
        "while",
        "will",
        "with",
        "without",
        "would",
        "may",
        "might",
        "must",
        "code",
        "line",
        "value",
        "function",
        "method",
    ]
)

_NEVER = 2.0


class MergeRules(Value):
    """How alike two findings must be, by how near they stand; one seat's own findings must be nearly equal."""

    near: int = 3
    same_kind: float = 0.20
    overlapping: float = 0.40
    close: float = 0.52
    same_file: float = 0.68
    far: float = 0.92
    no_place: float = 0.85
    one_seat: float = 0.85


def merge(findings: Iterable[Finding], rules: MergeRules = MergeRules()) -> tuple[Proposal, ...]:  # noqa: B008 - frozen
    """Average-link clusters of alike findings, each worded by its medoid."""
    ordered = sorted(findings, key=_key)
    margins = {(one, two): _margin(ordered[one], ordered[two], rules) for one, two in combinations(range(len(ordered)), 2)}
    clusters = [[index] for index in range(len(ordered))]
    while True:
        best = max(
            ((_linkage(one, two, margins), -at, -to) for (at, one), (to, two) in combinations(enumerate(clusters), 2)),
            default=(0.0, 0, 0),
        )
        if best[0] <= 0:
            break
        at, to = -best[1], -best[2]
        clusters[at] += clusters.pop(to)
    return _proposals([[ordered[index] for index in cluster] for cluster in clusters])


def pool(proposals: Sequence[Proposal], critiques: Iterable[Critique], needed: int = 2) -> tuple[tuple[Proposal, ...], dict[str, str]]:
    """Proposals joined where enough critics took them for the same, and the new id of every old one."""
    tally: dict[tuple[str, str], set[str]] = {}
    for critique in critiques:
        for first, second in critique.same:
            tally.setdefault((min(first, second), max(first, second)), set()).add(critique.seat)
    root = {proposal.id: proposal.id for proposal in proposals}
    for (first, second), critics in sorted(tally.items()):
        if len(critics) >= needed and first in root and second in root:
            old, new = sorted((root[first], root[second]), reverse=True)
            root = {key: new if value == old else value for key, value in root.items()}
    groups: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        groups.setdefault(root[proposal.id], []).append(proposal)
    joined = []
    for name, group in groups.items():
        lead = min(group, key=lambda each: (-len(each.supporters), -each.finding.severity.weight, each.id))
        joined.append(
            Proposal(id=name, finding=lead.finding, supporters=tuple(sorted({seat for each in group for seat in each.supporters})))
        )
    return tuple(joined), root


def likeness(one: Finding, two: Finding) -> float:
    """How alike two findings are worded, in [0, 1]; the title counts as much as the rest."""
    titles = fuzz.token_sort_ratio(_words(one.title), _words(two.title)) / 100
    subset = fuzz.token_set_ratio(_words(one.title), _words(two.title)) / 100
    whole = _shared(_words(f"{one.title} {one.body}"), _words(f"{two.title} {two.body}"))
    return 0.5 * max(titles, 0.85 * subset) + 0.5 * whole


def _shared(one: str, two: str) -> float:
    first, second = set(one.split()), set(two.split())
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def _words(text: str) -> str:
    found = (word.lower() for word in _WORD.findall(text))
    return " ".join(_stem(word) for word in found if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("ing", "ied", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _margin(one: Finding, two: Finding, rules: MergeRules) -> float:
    """How far above its threshold the likeness of two findings is; never above it across files."""
    like = likeness(one, two)
    threshold = _threshold(one, two, rules)
    if one.seat == two.seat:
        threshold = max(threshold, rules.one_seat)
    return like - threshold


def _threshold(one: Finding, two: Finding, rules: MergeRules) -> float:
    here, there = one.location, two.location
    if here.path != there.path:
        return _NEVER
    if here.path is None:
        return rules.no_place
    if here.line is None or there.line is None:
        return rules.close if one.quote.strip() and one.quote.strip() == two.quote.strip() else rules.same_file
    if here.side != there.side:
        return rules.same_file
    gap = max((here.start_line or here.line) - there.line, (there.start_line or there.line) - here.line)
    if gap <= 0:
        # One kind of defect on the very same line is rarely two; another kind on it often is.
        return rules.same_kind if one.category is two.category else rules.overlapping
    if gap <= rules.near:
        return rules.close
    # The same mistake is often made twice in a file; within one function it is more likely told twice.
    if one.symbol and two.symbol:
        return rules.same_file if one.symbol == two.symbol else _NEVER
    return rules.far


def _linkage(one: list[int], two: list[int], margins: dict[tuple[int, int], float]) -> float:
    pairs = [margins[min(a, b), max(a, b)] for a in one for b in two]
    # A pair that must not be one (another file) is not outvoted by the others.
    return -1.0 if min(pairs) <= -1.0 else round(sum(pairs) / len(pairs), 9)


def _proposals(clusters: list[list[Finding]]) -> tuple[Proposal, ...]:
    leads = [_medoid(cluster) for cluster in clusters]
    names = short_ids(distinct(leads))
    made = [
        Proposal(id=name, finding=lead, supporters=tuple(sorted({finding.seat for finding in cluster})))
        for name, lead, cluster in zip(names, leads, clusters, strict=True)
    ]
    return tuple(sorted(made, key=lambda proposal: proposal.id))


def _medoid(cluster: list[Finding]) -> Finding:
    """The wording most like the others'; where that ties, the one with a line, then the graver one."""
    anchored = [finding for finding in cluster if finding.location.line is not None] or cluster
    return min(anchored, key=lambda each: (-round(sum(likeness(each, other) for other in cluster), 9), -each.severity.weight, _key(each)))


def _key(finding: Finding) -> tuple[str, int, str, str, str, str]:
    return (finding.location.path or "", finding.location.line or 0, finding.title, finding.body, finding.seat, finding.model_dump_json())
