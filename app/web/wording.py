"""Change here what people read for stored values: states, causes, standings, amounts and times."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_STATES = {"dead": "failed", "superseded": "outdated", "cancelled": "canceled", "snapshot": "reading", "opinions": "reviewing"}
_TONES = {"published": "good", "done": "good", "answered": "good", "dead": "bad", "incomplete": "warn"}
_GOING = {"queued", "snapshot", "opinions", "critique", "verdict", "publishing", "running", "asked"}
CAUSES = {"auto": "push", "command": "command", "rerun": "re-run"}
JOB_KINDS = {
    "review": "review",
    "ask": "question",
    "consult": "question",
    "command": "command",
    "thread": "reply in a thread",
    "remember": "feedback on an answer",
    "ci": "explanation of failed checks",
    "refresh": "update of a summary",
    "judge": "feedback on an answer",
    "reconcile": "search for missed deliveries",
    "resolved": "resolved thread",
    "acknowledge": "reaction",
    "cancel": "cancellation",
    "installation": "installation",
    "merge_group": "merge queue",
    "tally": "sum of costs",
    "prune": "deletion of old records",
    "feedback": "search for reactions",
    "notify": "notification",
}


def state_name(value: str) -> str:
    """The shown name of a run's or job's state."""
    return _STATES.get(value, value)


def state_tone(value: str) -> str:
    """The tone of a state's badge: good, bad, warn, going or ""."""
    return "going" if value in _GOING else _TONES.get(value, "")


def cause_name(value: str) -> str:
    """The shown name of what started a run."""
    return CAUSES.get(value, value)


def job_kind(value: str) -> str:
    """The shown name of a kind of job."""
    return JOB_KINDS.get(value, value)


def purpose_name(value: str) -> str:
    """The shown purpose of a model call."""
    return {"opinion": "review", "synthesis": "summary", "counsel": "answer"}.get(value, value)


def standing_name(value: str) -> str:
    """The shown standing of a finding."""
    from app.reporters.text.phrases import STANDING_NAMES

    return {standing.value: name for standing, name in STANDING_NAMES.items()}.get(value, value)


def time_element(seconds: float) -> "Markup":
    """A time as an HTML element: UTC without JavaScript, local and relative with it."""
    from markupsafe import Markup

    at = datetime.fromtimestamp(seconds, UTC)
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M} UTC")


def dollars(amount: float | None) -> str:
    """US dollars; None is "no limit"."""
    return "no limit" if amount is None else f"${amount:,.2f}"


def rounded_estimate(amount: float | None) -> str:
    """An estimate with two decimals, or one significant digit below a cent."""
    if amount is None:
        return "of unknown price"
    return "free" if amount == 0 else f"about ${amount:.2f}" if amount >= 0.01 else f"about ${amount:.1g}"


FILTERS = {
    "moment": time_element,
    "dollars": dollars,
    "about": rounded_estimate,
    "state": state_name,
    "tone": state_tone,
    "cause": cause_name,
    "job_kind": job_kind,
    "purpose": purpose_name,
    "standing": standing_name,
}
