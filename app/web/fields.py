"""The settings as a form: what each key is called, what it does, and what may be written there."""

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


def _yes(key: str, label: str, text: str) -> Field:
    return Field(key, label, text, Kind.YES_NO)


def _lines(key: str, label: str, text: str, choices: tuple[str, ...] = ()) -> Field:
    return Field(key, label, f"{text} One a line.", Kind.LINES, choices)


def _one(key: str, label: str, text: str, choices: tuple[str, ...]) -> Field:
    return Field(key, label, text, Kind.CHOICE, choices)


def _number(key: str, label: str, text: str) -> Field:
    return Field(key, label, text, Kind.NUMBER)


_SEVERITIES = tuple(each.value for each in Severity)
_LEVELS = tuple(each.value for each in config.Level)
_NONE = '"none" is no limit.'

GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Who sits",
        (
            _lines("seats", "Seats", "Models by name, such as openai/gpt-5.5. Without any, the preset decides."),
            _one("preset", "Preset", "How many models sit, and how strong they are.", tuple(each.value for each in Preset)),
            Field("chair", "Chair", "The model that words the summary; auto is the first seat."),
            _number("quorum", "Quorum", "How many seats must answer; without a number, half of them."),
        ),
    ),
    (
        "What is reviewed",
        (
            _lines("review.on", "Review on", "What starts a review.", tuple(each.value for each in config.Trigger)),
            _yes("review.drafts", "Drafts", "Whether drafts are reviewed."),
            _one(
                "review.first_time_authors",
                "First-time authors",
                "Forks of people who have nothing merged here and may not write: review; ask: somebody with write access starts it; skip.",
                tuple(each.value for each in config.FirstTimeAuthors),
            ),
            _lines("review.skip.authors", "Skip authors", "Patterns of logins."),
            _lines("review.skip.labels", "Skip labels", "A pull request with one of them is left alone."),
            _lines("review.skip.titles", "Skip titles", "Patterns of titles."),
            _lines("review.skip.branches", "Skip branches", "Patterns of branch names."),
            _lines("review.paths", "Paths", "Patterns in the style of .gitignore; ! leaves something out."),
            Field("review.instructions", "Instructions", "What every model is told about this repository.", Kind.LONG),
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
                "full: all; summary: no inline comments; check: the check run alone; none: only this server's run page.",
                tuple(each.value for each in config.Publish),
            ),
            _one(
                "review.walkthrough",
                "Walkthrough",
                "What changes, per group of files: off, folded or open; without a choice folded where more than 5 files change.",
                tuple(each.value for each in config.Walkthrough),
            ),
            _number("review.max_inline", "Inline comments", "The most in one review."),
            _number("review.pause_after", "Pause after", "So many pushes that nobody answered; 0 never pauses."),
            Field("review.language", "Language", "The language of reviews, such as en or de."),
        ),
    ),
    (
        "When the check fails",
        (
            _yes("gate.enabled", "Gate", "Whether a finding may turn the check red."),
            _one("gate.severity", "Gate severity", "From which severity on.", _SEVERITIES),
            _yes("gate.confirmed_by_another_vendor", "Confirmed by another vendor", "Whether a second vendor must agree first."),
            _one("gate.incomplete", "Gate without a quorum", "What the check says when too few answered.", ("neutral", "action_required")),
        ),
    ),
    (
        "CI and commands",
        (
            _yes("ci.read_logs", "Read CI logs", "Whether the logs of failed jobs are read."),
            _number("ci.wait_seconds", "Wait for CI", "Seconds, 90 at most."),
            _one("commands.cost", "Who may start paid work", "The least access for /council review, ask and the like.", _LEVELS),
            _one("commands.read", "Who may look", "The least access for /council help, status and the like.", _LEVELS),
        ),
    ),
    (
        "Limits",
        (
            _number("limits.run_usd", "A run, in dollars", f"The strictest level wins. {_NONE}"),
            _number("limits.pull_request_usd", "A pull request, in dollars", f"The strictest level wins. {_NONE}"),
            _number("limits.day_usd", "A day, in dollars", f"The strictest level wins. {_NONE}"),
            _number("limits.month_usd", "A month, in dollars", f"The strictest level wins. {_NONE}"),
            _number("limits.month_consultations", "Questions a month", f"The strictest level wins. {_NONE}"),
        ),
    ),
    (
        "Repository",
        (
            _yes("mirror.enabled", "Mirror", "Whether a copy of the code is kept on this server for the council to look around in."),
            _number("mirror.max_mb", "Largest mirror, in MB", "A larger repository is not copied; reviews go on without looking around."),
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
            _lines("privacy.vendors", "Vendors allowed", "Such as openai or anthropic; all allows every vendor."),
        ),
    ),
)
FIELDS = tuple(field for _, fields in GROUPS for field in fields)


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
    if field.kind is Kind.LINES:
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
