"""The change of a file that a suggested rule asks for. Change here the words that it adds to council.yml and to AGENTS.md.

The words are ours alone: of findings and pull requests only a folder's checked name and the category get into a file that models read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.configuration.council_yml import CONFIG_PATH
from app.configuration.council_yml_edit import append_item
from reviewers.learning.suggested_rules import RuleKind, SuggestedRule
from reviewers.values.finding import Category

AGENTS_PATH = "AGENTS.md"
HEADING = "## What reviews found here"
_MOST_INSTRUCTIONS = 50

# When a finding of this kind is worth a report although most were dismissed.
RELAXED: Mapping[Category, str] = {
    Category.CORRECTNESS: "Report a correctness finding here only with an input that gives a wrong result.",
    Category.CONCURRENCY: "Report a concurrency finding here only with an order of steps that goes wrong.",
    Category.DATA: "Report a data finding here only if stored data can be lost or become wrong.",
    Category.ERRORS: "Report a finding about error handling here only if an error is lost or stops more than it has to.",
    Category.PERFORMANCE: "Report a performance finding here only with the size of input at which it matters.",
    Category.API: "Report a finding about the interface here only if an existing caller breaks.",
    Category.TESTS: "Report a finding about tests here only with a defect that the tests would let pass.",
    Category.BUILD: "Report a finding about the build here only if a build or a deployment fails.",
    Category.MAINTAINABILITY: "Report a finding about maintainability here only if the code says something that it does not do.",
    Category.STYLE: "Do not report findings about style here.",
    Category.DOCS: "Report a finding about documentation here only if it says something wrong.",
}
# What to check before a pull request is opened.
WATCHED: Mapping[Category, str] = {
    Category.CORRECTNESS: "check edge cases: empty, missing, repeated and very large input",
    Category.SECURITY: "check who can send each input and what it can reach",
    Category.CONCURRENCY: "check what happens if two callers run at the same time",
    Category.DATA: "check that no step can lose stored data or leave it half written",
    Category.ERRORS: "check every path on which a call fails",
    Category.PERFORMANCE: "check the cost with the largest input that can occur",
    Category.API: "check that existing callers go on to work",
    Category.TESTS: "check that each test fails without the change",
    Category.BUILD: "check that the build and the deployment still work",
    Category.MAINTAINABILITY: "check that names and structure say what the code does",
    Category.STYLE: "check the style of the surrounding code",
    Category.DOCS: "check that the documentation still says what the code does",
}


@dataclass(frozen=True)
class RepositoryTexts:
    """The files of the default branch, "" where there is none, and the settings that apply with them."""

    council_yml: str
    agents_md: str
    settings: Mapping[str, object]


@dataclass(frozen=True)
class FileChange:
    """A file's text before and after. `before` is "" for a new file."""

    path: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return not self.before


def title_of(rule: SuggestedRule) -> str:
    """The rule in a few words, without a name that a stranger chose except the checked folder's."""
    where = f"`{rule.folder}/`" if rule.folder else "this repository"
    kind = rule.category.value if rule.category else ""
    return {
        RuleKind.EXCLUDE: f"Do not review {where}",
        RuleKind.RELAX: f"Report fewer findings about {kind} in {where}",
        RuleKind.WATCH: f"Tell authors to watch out for {kind} in {where}",
    }[rule.kind]


def change_for(rule: SuggestedRule, texts: RepositoryTexts) -> FileChange | None:
    """The change that puts a rule into effect. None if it is in effect already, or if the file cannot be extended.

    Dismissals say what reviewers should do: that is a setting. Confirmed findings say what authors should do, which no setting can express.
    """
    if rule.kind is RuleKind.WATCH:
        after = _add_sentence(texts.agents_md, _sentence(rule))
        return None if after == texts.agents_md else FileChange(AGENTS_PATH, texts.agents_md, after)
    key = "review.paths" if rule.kind is RuleKind.EXCLUDE else "review.path_instructions"
    applied = texts.settings.get(key)
    before = list(applied) if isinstance(applied, list) else []
    item: object = f"!{rule.folder}/**" if rule.kind is RuleKind.EXCLUDE else _instruction(rule)
    if item in before or (rule.kind is RuleKind.RELAX and len(before) >= _MOST_INSTRUCTIONS):
        return None
    edited = append_item(texts.council_yml, key, before, item)
    return None if edited is None else FileChange(CONFIG_PATH, texts.council_yml, edited)


def _instruction(rule: SuggestedRule) -> dict[str, object]:
    paths = f"{rule.folder}/**" if rule.folder else "**"
    return {"paths": [paths], "text": RELAXED[rule.category] if rule.category else ""}


def _sentence(rule: SuggestedRule) -> str:
    where = f"In `{rule.folder}/`" if rule.folder else "Everywhere"
    return f"- {where}, {WATCHED[rule.category] if rule.category else ''}."


def _add_sentence(text: str, sentence: str) -> str:
    """The text with a sentence at the end of its section, or with a new section. Unchanged if the sentence is there."""
    lines = text.splitlines()
    if sentence in lines:
        return text
    if HEADING not in lines:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{HEADING}\n\n{sentence}\n"
    start = lines.index(HEADING) + 1
    end = next((number for number in range(start, len(lines)) if lines[number].startswith("#")), len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    blank = [""] if end == start else []
    return "\n".join([*lines[:end], *blank, sentence, *lines[end:]]) + "\n"
