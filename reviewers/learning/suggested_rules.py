"""Change here how many decisions of people about findings suggest a rule for a repository, and which folder the rule is about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from reviewers.values.finding import Category
from reviewers.values.value import FrozenValue

# If five of five findings were wrong, more than half of all such findings are wrong with a chance of 98 % (Beta(6, 1) above 0.5).
_LEAST_FINDINGS = 5
# The findings of one or two pull requests have one cause: one author, one generated file, one bad hour.
_LEAST_PULL_REQUESTS = 3
# One of ten decisions may be a slip.
_LEAST_SHARE = 0.9
# An exclusion also hides what nobody has seen yet, so it takes more findings, of several kinds, and no confirmed one.
_LEAST_EXCLUDED = 8
_LEAST_EXCLUDED_CATEGORIES = 3
MOST_SUGGESTED = 10

# A folder's name comes from pull requests and ends up in a file that models read. Any other name is left to the folder above it.
_PLAIN = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,40}\Z")
_DEEPEST = 8


class RuleKind(StrEnum):
    """What a suggested rule changes: a folder is no longer reviewed, a kind of finding is reported less, or authors watch out for it."""

    EXCLUDE = "exclude"
    RELAX = "relax"
    WATCH = "watch"


class DecidedFinding(FrozenValue):
    """A finding that a person with write access dismissed (`confirmed` is False) or confirmed. `login` is "" if it is not known."""

    number: int
    fingerprint: str
    category: Category
    path: str
    confirmed: bool
    login: str = ""
    at: float = 0.0

    @property
    def id(self) -> str:
        """Its identity within the repository."""
        return f"{self.number}:{self.fingerprint}"


class SuggestedRule(FrozenValue):
    """A rule that people's decisions suggest. `folder` is "" for the whole repository; `category` is None for every kind.

    `evidence` are the decisions for the rule, oldest first; `against` is how many decisions in the folder speak against it.
    """

    kind: RuleKind
    folder: str
    category: Category | None
    evidence: tuple[DecidedFinding, ...]
    against: int = 0

    @property
    def key(self) -> str:
        """Its identity within the repository, whatever the evidence."""
        return f"{self.kind}:{self.category or ''}:{self.folder}"


def suggest_rules(decided: Iterable[DecidedFinding], settled: Iterable[str] = ()) -> tuple[SuggestedRule, ...]:
    """The rules that the decisions suggest, those with the most evidence first, at most `MOST_SUGGESTED`.

    Each decision counts for one rule, for the deepest folder with enough of them. `settled` are the ids of decisions that suggested a rule
    which a person already opened or dismissed; they suggest nothing more, but still count against a rule.
    """
    findings = sorted(decided, key=lambda finding: (finding.at, finding.id))
    left = {finding.id: finding for finding in findings}
    for used in settled:
        left.pop(used, None)
    rules: list[SuggestedRule] = []
    for rule in _candidates(findings):
        evidence = tuple(finding for finding in rule.evidence if finding.id in left)
        if _is_enough(rule, evidence):
            rules.append(rule.model_copy(update={"evidence": evidence}))
            for finding in evidence:
                del left[finding.id]
    return tuple(sorted(rules, key=lambda rule: (-len(rule.evidence), rule.key))[:MOST_SUGGESTED])


def read_key(key: str) -> SuggestedRule:
    """The rule of a key, without evidence. Raises ValueError if it is none."""
    kind, category, folder = key.split(":", 2)
    return SuggestedRule(kind=RuleKind(kind), folder=folder, category=Category(category) if category else None, evidence=())


def list_folders(path: str) -> tuple[str, ...]:
    """The folders of a path, the deepest first and the root ("") last, without those below a name that is not plain."""
    folders = [""]
    for name in path.split("/")[:-1][:_DEEPEST]:
        if not _PLAIN.match(name):
            break
        folders.append(f"{folders[-1]}/{name}".removeprefix("/"))
    return tuple(reversed(folders))


def _candidates(findings: Sequence[DecidedFinding]) -> Iterator[SuggestedRule]:
    """Every possible rule with all its evidence: exclusions first, because they cover the others, and deep folders first."""
    by_folder: dict[str, list[DecidedFinding]] = {}
    by_kind: dict[tuple[str, Category], list[DecidedFinding]] = {}
    for finding in findings:
        for folder in list_folders(finding.path):
            by_folder.setdefault(folder, []).append(finding)
            by_kind.setdefault((folder, finding.category), []).append(finding)
    # Without the root: a repository in which nothing is reviewed does not need Council. Groups that are too small are skipped here, because
    # a few thousand paths have tens of thousands of folders.
    for folder in sorted((name for name, group in by_folder.items() if name and len(group) >= _LEAST_EXCLUDED), key=_depth):
        yield _candidate(RuleKind.EXCLUDE, folder, None, by_folder[folder])
    large = sorted((key for key, group in by_kind.items() if len(group) >= _LEAST_FINDINGS), key=lambda key: (_depth(key[0]), key[1]))
    for kind in (RuleKind.RELAX, RuleKind.WATCH):
        for folder, category in large:
            # Security is never relaxed: one wrong dismissal costs more there than many useless findings.
            if kind is RuleKind.RELAX and category is Category.SECURITY:
                continue
            yield _candidate(kind, folder, category, by_kind[folder, category])


def _depth(folder: str) -> tuple[int, str]:
    """Sorts the deepest folders first and the root last."""
    return (-folder.count("/") - 1 if folder else 0, folder)


def _candidate(kind: RuleKind, folder: str, category: Category | None, findings: Sequence[DecidedFinding]) -> SuggestedRule:
    evidence = tuple(finding for finding in findings if finding.confirmed is (kind is RuleKind.WATCH))
    return SuggestedRule(kind=kind, folder=folder, category=category, evidence=evidence, against=len(findings) - len(evidence))


def _is_enough(rule: SuggestedRule, evidence: Sequence[DecidedFinding]) -> bool:
    if len({finding.number for finding in evidence}) < _LEAST_PULL_REQUESTS:
        return False
    if rule.kind is RuleKind.EXCLUDE:
        kinds = {finding.category for finding in evidence}
        return len(evidence) >= _LEAST_EXCLUDED and len(kinds) >= _LEAST_EXCLUDED_CATEGORIES and rule.against == 0
    return len(evidence) >= _LEAST_FINDINGS and len(evidence) >= _LEAST_SHARE * (len(evidence) + rule.against)
