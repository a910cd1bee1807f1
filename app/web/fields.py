"""The settings form. Change here the label and the choices of a key; its description is in the model."""

from dataclasses import dataclass
from enum import StrEnum

import app.configuration.repository_config as config
from app.configuration.council_yml_keys import describe_key
from reviewers.council.presets import Preset
from reviewers.values.finding import Severity


class FieldType(StrEnum):
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
    """One key of the form; `choices` are its values if there are few."""

    key: str
    label: str
    kind: FieldType = FieldType.TEXT
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the form, which is also its anchor on the page."""
        return self.key.replace(".", "-")

    @property
    def help(self) -> str:
        """The key's description, and how to enter a value."""
        lines = " One per line." if self.kind is FieldType.LINES else ""
        return f"{describe_key(self.key)}{lines}{_NONE if self.key.startswith('limits.') else ''}"

    @property
    def words(self) -> str:
        """The text that the page's search matches."""
        return f"{self.key} {self.label} {self.help} {' '.join(self.choices)}".lower()

    def explain(self, problem: str) -> str:
        """A problem with the key's label instead of its name."""
        return f"{self.label}: {problem.removeprefix(self.key).strip()}" if problem.startswith(self.key) else problem


def _yes(key: str, label: str) -> Field:
    return Field(key, label, FieldType.YES_NO)


def _lines(key: str, label: str, choices: tuple[str, ...] = ()) -> Field:
    return Field(key, label, FieldType.LINES, choices)


def _models(key: str, label: str) -> Field:
    return Field(key, label, FieldType.MODELS)


def _one(key: str, label: str, choices: tuple[str, ...]) -> Field:
    return Field(key, label, FieldType.CHOICE, choices)


def _number(key: str, label: str) -> Field:
    return Field(key, label, FieldType.NUMBER)


_SEVERITIES = tuple(severity.value for severity in Severity)
_LEVELS = tuple(permission.value for permission in config.CommandPermission)
_NONE = " Enter none for no limit."

GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Models",
        (
            _models("seats", "Models"),
            _one("preset", "Preset", tuple(preset.value for preset in Preset)),
            Field("chair", "Chair"),
            _number("quorum", "Quorum"),
        ),
    ),
    (
        "What is reviewed",
        (
            Field("review.on", "Review on", FieldType.CHECKS, tuple(trigger.value for trigger in config.Trigger)),
            _yes("review.drafts", "Drafts"),
            _one(
                "review.first_time_authors",
                "First-time authors",
                tuple(firsttimeauthor.value for firsttimeauthor in config.FirstTimeAuthors),
            ),
            _lines("review.skip.authors", "Skip authors"),
            _lines("review.skip.labels", "Skip labels"),
            _lines("review.skip.titles", "Skip titles"),
            _lines("review.skip.branches", "Skip branches"),
            _lines("extends", "Extends"),
            _lines("review.paths", "Paths"),
            Field("review.instructions", "Instructions", FieldType.LONG),
            _yes("review.looks", "Look around"),
            _yes("review.author_aware", "Author's vendor counts half"),
            Field("review.path_instructions", "Instructions by path", FieldType.RULES),
        ),
    ),
    (
        "What is posted",
        (
            _one(
                "review.publish",
                "Publish",
                tuple(publish.value for publish in config.Publish),
            ),
            _one(
                "review.walkthrough",
                "Walkthrough",
                tuple(walkthrough.value for walkthrough in config.Walkthrough),
            ),
            _number("review.max_inline", "Inline comments"),
            _number("review.pause_after", "Pause after"),
            Field("review.language", "Language"),
        ),
    ),
    (
        "When the check fails",
        (
            _yes("gate.enabled", "Gate"),
            _one("gate.severity", "Gate severity", _SEVERITIES),
            _yes("gate.confirmed_by_another_vendor", "Confirmed by another vendor"),
            _one("gate.incomplete", "Conclusion without a quorum", ("neutral", "action_required")),
        ),
    ),
    (
        "CI and commands",
        (
            _yes("ci.read_logs", "Read CI logs"),
            _number("ci.wait_seconds", "Wait for CI"),
            _one("commands.cost", "Who can use paid commands", _LEVELS),
            _one("commands.read", "Who can use read-only commands", _LEVELS),
        ),
    ),
    (
        "Limits",
        (
            _number("limits.run_usd", "Maximum per review (USD)"),
            _number("limits.pull_request_usd", "Maximum per pull request (USD)"),
            _number("limits.day_usd", "Maximum per day (USD)"),
            _number("limits.month_usd", "Maximum per month (USD)"),
            _number("limits.month_consultations", "Maximum questions per month"),
        ),
    ),
    (
        "Notifications",
        (
            Field("notify.on", "Notify on", FieldType.CHECKS, tuple(event.value for event in config.NotificationEvent)),
            _yes("notify.private_details", "Include findings of private repositories"),
        ),
    ),
    (
        "Repository",
        (
            _yes("mirror.enabled", "Mirror"),
            _number("mirror.max_mb", "Maximum mirror size (MB)"),
        ),
    ),
    (
        "Privacy",
        (
            _yes("privacy.store_transcripts", "Keep transcripts"),
            _yes("privacy.encrypt_transcripts", "Encrypt transcripts"),
            _number("privacy.retention_days", "Retention (days)"),
            Field("privacy.vendors", "Vendors allowed", FieldType.VENDORS),
        ),
    ),
)
FIELDS = tuple(field for _, fields in GROUPS for field in fields)
MANY = frozenset({FieldType.LINES, FieldType.CHECKS, FieldType.MODELS, FieldType.VENDORS})


def form_text(value: object) -> str:
    """A value as the form shows it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def parse_form_text(field: Field, text: str) -> object:
    """The YAML value of a form's text. Invalid text is kept, because the parser of council.yml reports what is wrong."""
    text = text.strip().replace("\r\n", "\n")
    if field.kind in MANY:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return "all" if field.key == "privacy.vendors" and lines == ["all"] else lines
    if field.kind is FieldType.YES_NO:
        return {"yes": True, "no": False}.get(text, text)
    if field.kind is FieldType.NUMBER:
        if text.lower() == "none":
            return None
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text
