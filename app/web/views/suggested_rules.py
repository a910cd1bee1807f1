"""The view of a repository's suggested rules. Change here what a suggestion says about its evidence, and where it leads on GitHub."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from app.configuration.suggested_change import FileChange, title_of
from app.store.reviews.suggested_rules import FindingLink, RuleDecision
from reviewers.learning.suggested_rules import DecidedFinding, RuleKind, SuggestedRule, read_key

# GitHub answers 414 to longer addresses.
_LONGEST_ADDRESS = 7_000
_CONTEXT = 3
# Characters of whole files on one page, which stays below 50 kB when it is sent. Where they end, the lines of the change have to do.
_MOST_WHOLE = 80_000
# Of a rule's findings. More of them convince nobody, and a rule may have thousands.
_MOST_LINES = 20


@dataclass(frozen=True)
class EvidenceLine:
    """One decision; `link` is None if no run with the finding is stored any more."""

    finding: DecidedFinding
    link: FindingLink | None


@dataclass(frozen=True)
class Suggestion:
    """A suggested rule with the change that it asks for. `lines` are its newest findings, the newest first.

    `whole`: the page has the whole new file.
    """

    rule: SuggestedRule
    change: FileChange
    lines: tuple[EvidenceLine, ...]
    whole: bool

    @property
    def title(self) -> str:
        return title_of(self.rule)

    @property
    def earlier(self) -> int:
        """How many more findings the rule has than are shown."""
        return len(self.rule.evidence) - len(self.lines)

    @property
    def summary(self) -> str:
        """What people did, in one or two sentences."""
        count, pulls = len(self.rule.evidence), len({finding.number for finding in self.rule.evidence})
        verb = "confirmed" if self.rule.kind is RuleKind.WATCH else "dismissed"
        against = f" {self.rule.against} other {'decision' if self.rule.against == 1 else 'decisions'} in the same place did not agree."
        return f"{count} findings were {verb} in {pulls} pull requests{self._people()}.{against if self.rule.against else ''}"

    def _people(self) -> str:
        named = Counter(finding.login for finding in self.rule.evidence if finding.login)
        if not named:
            return ""
        people = [f"{login} ({count})" for login, count in sorted(named.items(), key=lambda each: (-each[1], each[0]))[:5]]
        others = len(self.rule.evidence) - sum(named.values())
        return f" by {', '.join(people)}{f' and others ({others})' if others else ''}"

    @property
    def diff(self) -> tuple[tuple[str, str], ...]:
        """The lines of the diff, each with its mark: "+", "-", "@" or " "."""
        before, after = self.change.before.splitlines(), self.change.after.splitlines()
        found = list(difflib.unified_diff(before, after, lineterm="", n=_CONTEXT))[2:]
        lines = tuple((line[0], line[1:] if line[0] != "@" else line) for line in found)
        return lines[1:] if self.change.is_new else lines


@dataclass(frozen=True)
class SettledRule:
    """A rule that somebody opened or dismissed."""

    title: str
    decision: RuleDecision


def list_settled(decisions: Iterable[RuleDecision]) -> tuple[SettledRule, ...]:
    """The rules of earlier decisions, which are stored by their keys."""
    return tuple(SettledRule(title_of(read_key(decision.key)), decision) for decision in decisions)


def list_shown(rule: SuggestedRule) -> tuple[DecidedFinding, ...]:
    """The findings of a rule that its suggestion shows, the newest first."""
    return rule.evidence[-_MOST_LINES:][::-1]


def list_suggestions(rules: Mapping[SuggestedRule, FileChange], links: Mapping[str, FindingLink]) -> tuple[Suggestion, ...]:
    """The suggestions of a page, in the order of the rules. `links` are of the shown findings, by their ids."""
    found, left = [], _MOST_WHOLE
    for rule, change in rules.items():
        lines = tuple(EvidenceLine(finding, links.get(finding.id)) for finding in list_shown(rule))
        whole = not change.is_new and len(change.after) <= left
        left -= len(change.after) if whole else 0
        found.append(Suggestion(rule, change, lines, whole))
    return tuple(found)


def editor_url(web_url: str, full_name: str, branch: str, change: FileChange) -> str:
    """GitHub's editor for the changed file, in which the person proposes the change under their own name.

    GitHub fills in a new file from the address. It does not fill in a file that exists.
    """
    place, path = f"{web_url.rstrip('/')}/{full_name}", quote(change.path)
    if not change.is_new:
        return f"{place}/edit/{quote(branch)}/{path}"
    filled = f"{place}/new/{quote(branch)}?{urlencode({'filename': change.path, 'value': change.after})}"
    return filled if len(filled) <= _LONGEST_ADDRESS else f"{place}/new/{quote(branch)}?{urlencode({'filename': change.path})}"
