"""The problems on the server's health page. Change here what counts as a problem and its suggested action."""

from dataclasses import dataclass

from app.operations.instance_status import InstanceStatus
from app.store.health import Health
from app.web.views.home import NEAR_CAP

_LATE_SECONDS, _QUIET_SECONDS = 60.0, 3 * 86_400.0
# Words in an error, and the action that helps.
_ACTIONS = (
    (("401", "unauthorized", "invalid api key", "no key"), "Check the provider key, then retry."),
    (("403", "refused", "permission"), "Accept the App's permissions on GitHub, then retry."),
    (("429", "rate limit", "quota"), "Wait until the provider's limit resets, then retry."),
    (("timeout", "timed out", "did not answer", "connection"), "Check the network and the provider's status, then retry."),
    (("budget", "limit of", "cap"), "Raise the cap, then retry."),
    (("disk", "no space"), "Free disk space, then retry."),
)


@dataclass(frozen=True)
class ServerProblem:
    """A problem, the action, and the address for it."""

    words: str
    action: str
    address: str


def list_problems(found: Health, status: InstanceStatus, now: float) -> tuple[ServerProblem, ...]:
    """All problems; empty if there are none."""
    month, cap = status.spent.month, status.caps.month
    checks = (
        (status.state.paused, f"Paid work is paused by {status.state.paused_by}.", "Resume it when the reason is resolved.", "#money"),
        (found.waiting_seconds > _LATE_SECONDS, f"The queue is {found.waiting_seconds:.0f} s late.", "Check that a worker runs.", "#going"),
        (found.dead > 0, f"{found.dead} job{'' if found.dead == 1 else 's'} failed.", "Read the reason, then retry.", "#failed"),
        (bool(found.refused), "GitHub rejected a post of Council.", "See which permission is missing.", "#health"),
        (found.installations == 0, "The App is not installed anywhere.", "Install it.", "/setup"),
        (found.last_answer is None, "No model has answered yet.", "Set a provider key and open a pull request.", "/setup"),
        (
            cap is not None and month >= NEAR_CAP * cap,
            f"${month:,.2f} of ${cap or 0:,.2f} is spent this month.",
            "Raise the cap.",
            "#money",
        ),
        (
            found.last_delivery is not None and found.last_delivery < now - _QUIET_SECONDS,
            "No webhook arrived for three days.",
            "Check the public URL.",
            "/admin/deliveries",
        ),
    )
    return tuple(ServerProblem(words, action, address) for applies, words, action, address in checks if applies)


def suggest_action(error: str) -> str:
    """The suggested action for the error of a failed job."""
    lowered = error.lower()
    return next((action for words, action in _ACTIONS if any(word in lowered for word in words)), "Read the log, then retry.")
