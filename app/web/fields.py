"""The settings as a form. Change here what each key is called, what it does, and which values it offers."""

from dataclasses import dataclass
from enum import StrEnum

import app.github.repository_config as config
from reviewers.council.presets import Preset
from reviewers.finding import Severity


class Kind(StrEnum):
    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    LINES = "lines"
    CHECKS = "checks"
    MODELS = "models"
    VENDORS = "vendors"
    RULES = "rules"


@dataclass(frozen=True)
class Field:
    """One key of the form; `choices` are its values where they are few."""

    key: str
    label: str
    help: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the form, which is also its anchor on the page."""
        return self.key.replace(".", "-")

    @property
    def words(self) -> str:
        """The words by which the page's search finds it."""
        return f"{self.key} {self.label} {self.help} {' '.join(self.choices)}".lower()

    def explain(self, problem: str) -> str:
        """A problem of this key, said with its label."""
        return f"{self.label}: {problem.removeprefix(self.key).strip()}" if problem.startswith(self.key) else problem


def _yes(key: str, label: str, text: str) -> Field:
    return Field(key, label, text, Kind.YES_NO)


def _lines(key: str, label: str, text: str, choices: tuple[str, ...] = ()) -> Field:
    return Field(key, label, f"{text} One per line.", Kind.LINES, choices)


def _models(key: str, label: str, text: str) -> Field:
    return Field(key, label, text, Kind.MODELS)


def _one(key: str, label: str, text: str, choices: tuple[str, ...]) -> Field:
    return Field(key, label, text, Kind.CHOICE, choices)


def _number(key: str, label: str, text: str) -> Field:
    return Field(key, label, text, Kind.NUMBER)


_SEVERITIES = tuple(each.value for each in Severity)
_LEVELS = tuple(each.value for each in config.Level)
_NONE = "Enter none for no limit."

GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Models",
        (
            _models("seats", "Models", "Which models review. Without any, the preset decides."),
            _one("preset", "Preset", "How many models review, and how strong they are.", tuple(each.value for each in Preset)),
            Field("chair", "Chair", "The model that writes the summary; auto is the first one."),
            _number("quorum", "Quorum", "How many models must answer; without a number, half of them."),
        ),
    ),
    (
        "What is reviewed",
        (
            Field("review.on", "Review on", "What starts a review.", Kind.CHECKS, tuple(each.value for each in config.Trigger)),
            _yes("review.drafts", "Drafts", "Whether drafts are reviewed."),
            _one(
                "review.first_time_authors",
                "First-time authors",
                "For forks by people new here. review: always; ask: somebody with write access starts it; skip: never.",
                tuple(each.value for each in config.FirstTimeAuthors),
            ),
            _lines("review.skip.authors", "Skip authors", "Patterns of logins."),
            _lines("review.skip.labels", "Skip labels", "A pull request with one of these labels is not reviewed."),
            _lines("review.skip.titles", "Skip titles", "Patterns of titles."),
            _lines("review.skip.branches", "Skip branches", "Patterns of branch names."),
            _lines("review.paths", "Paths", "Patterns as in .gitignore; ! excludes."),
            Field("review.instructions", "Instructions", "Instructions for every model that reviews this repository.", Kind.LONG),
            _yes("review.looks", "Look around", "Whether models may look at other files of the repository before they answer."),
            Field("review.path_instructions", "Instructions by path", "A YAML list of paths and text.", Kind.RULES),
        ),
    ),
    (
        "What is posted",
        (
            _one(
                "review.publish",
                "Publish",
                "full: everything; summary: no inline comments; check: only the check run; none: only this server's run page.",
                tuple(each.value for each in config.Publish),
            ),
            _number("review.max_inline", "Inline comments", "At most this many in one review."),
            _number("review.pause_after", "Pause after", "Pause after this many pushes without a reply; 0 never pauses."),
            Field("review.language", "Language", "The language of reviews, such as en or de."),
        ),
    ),
    (
        "When the check fails",
        (
            _yes("gate.enabled", "Gate", "Whether a finding can fail the check."),
            _one("gate.severity", "Gate severity", "The lowest severity that fails the check.", _SEVERITIES),
            _yes("gate.confirmed_by_another_vendor", "Confirmed by another vendor", "Whether a second vendor must agree first."),
            _one(
                "gate.incomplete",
                "Gate without a quorum",
                "What the check says when too few models answered.",
                ("neutral", "action_required"),
            ),
        ),
    ),
    (
        "CI and commands",
        (
            _yes("ci.read_logs", "Read CI logs", "Whether the logs of failed jobs are read."),
            _number("ci.wait_seconds", "Wait for CI", "Seconds, at most 90."),
            _one("commands.cost", "Who can start paid work", "The least access for /council review, ask and the like.", _LEVELS),
            _one("commands.read", "Who can use read-only commands", "The least access for /council help, status and the like.", _LEVELS),
        ),
    ),
    (
        "Limits",
        (
            _number("limits.run_usd", "Maximum per review (USD)", f"The strictest level wins. {_NONE}"),
            _number("limits.pull_request_usd", "Maximum per pull request (USD)", f"The strictest level wins. {_NONE}"),
            _number("limits.day_usd", "Maximum per day (USD)", f"The strictest level wins. {_NONE}"),
            _number("limits.month_usd", "Maximum per month (USD)", f"The strictest level wins. {_NONE}"),
            _number("limits.month_consultations", "Questions per month", f"The strictest level wins. {_NONE}"),
        ),
    ),
    (
        "Repository",
        (
            _yes("mirror.enabled", "Mirror", "Whether this server keeps a copy of the code so that models can look at other files."),
            _number("mirror.max_mb", "Largest mirror, in MB", "A larger repository is not copied; reviews continue without it."),
        ),
    ),
    (
        "Privacy",
        (
            _yes("privacy.store_transcripts", "Keep transcripts", "Whether what models were shown and said is kept after a run."),
            _yes(
                "privacy.encrypt_transcripts",
                "Encrypt transcripts",
                "Whether what models were shown and said is kept encrypted, from the next run on. It is then not searched.",
            ),
            _number("privacy.retention_days", "Days kept", "After this many days transcripts are deleted."),
            Field("privacy.vendors", "Vendors allowed", "Only these may read this repository; all allows every vendor.", Kind.VENDORS),
        ),
    ),
)
FIELDS = tuple(field for _, fields in GROUPS for field in fields)


# Kinds whose values are lists: a form sends them as several fields of one name, or as lines.
MANY = frozenset({Kind.LINES, Kind.CHECKS, Kind.MODELS, Kind.VENDORS})


def written(value: object) -> str:
    """A value as it stands in the form."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def understood(field: Field, text: str) -> object:
    """What a form's text means in YAML; a wrong one is kept as it is, for the reader of council.yml says what is wrong with it."""
    text = text.strip().replace("\r\n", "\n")
    if field.kind in MANY:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return "all" if field.key == "privacy.vendors" and lines == ["all"] else lines
    if field.kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(text, text)
    if field.kind is Kind.NUMBER:
        if text.lower() == "none":
            return None
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text
