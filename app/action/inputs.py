"""The inputs of `council action` in a step of GitHub Actions: the event, the output files, and the inputs of action.yml."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.configuration.environment_values import SHORTEST_SECRET
from app.errors import SettingsError

EVENTS = ("pull_request", "pull_request_target", "issue_comment", "workflow_run", "merge_group", "workflow_dispatch")
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
_MOST_EVENT_BYTES = 25 * 1024 * 1024


class StepMode(StrEnum):
    """What the step does: reviews and commands, the same with a failing step if the gate fails, or only commands."""

    REVIEW = "review"
    GATE = "gate"
    ASK = "ask"


@dataclass(frozen=True)
class ActionInputs:
    """The step's environment, checked. Paths are None if the runner gives none.

    `config` is the text of a council.yml below the repository's own file. `patch` is a file that another job left.
    """

    event: str
    payload: Mapping[str, Any] = field(repr=False)
    token: str = field(repr=False)
    mode: StepMode = StepMode.REVIEW
    preset: str = ""
    config: str = ""
    state_key: str = field(default="", repr=False)
    number: int = 0
    patch: Path | None = None
    run: str = "local"
    summary: Path | None = None
    output: Path | None = None
    sarif: Path | None = None

    @property
    def is_fork_event(self) -> bool:
        """Whether GitHub withholds secrets from this run: a pull request of a fork, or of Dependabot, under `pull_request`."""
        if self.event != "pull_request":
            return False
        pull = self.payload.get("pull_request")
        ends = [pull.get(end) for end in ("head", "base")] if isinstance(pull, dict) else []
        repositories = [end.get("repo") if isinstance(end, dict) else None for end in ends]
        ids = {repository.get("id") if isinstance(repository, dict) else None for repository in repositories}
        sender = self.payload.get("sender")
        by_dependabot = isinstance(sender, dict) and sender.get("login") == "dependabot[bot]"
        return len(ids) != 1 or by_dependabot


def read_inputs(values: Mapping[str, str]) -> ActionInputs:
    """The inputs from an environment. Raises SettingsError with the fix."""
    event = values.get("GITHUB_EVENT_NAME", "")
    if event not in EVENTS:
        shown = f"{event} is not one of the events that Council handles" if event else "GITHUB_EVENT_NAME is not set"
        raise SettingsError(f"{shown}: use it in a workflow `on:` {', '.join(EVENTS)}")
    if not values.get("GITHUB_TOKEN"):
        raise SettingsError("GITHUB_TOKEN is not set: add `env: {GITHUB_TOKEN: ${{ github.token }}}` to the step")
    key = values.get("COUNCIL_STATE_KEY", "")
    if key and len(key) < SHORTEST_SECRET:
        raise SettingsError(f"state-key is too short: use at least {SHORTEST_SECRET} characters, for example from `openssl rand -hex 24`")
    folder = values.get("RUNNER_TEMP", "")
    return ActionInputs(
        event=event,
        payload=_read_event(values.get("GITHUB_EVENT_PATH", "")),
        token=values["GITHUB_TOKEN"],
        mode=_read_mode(values.get("COUNCIL_MODE", "") or StepMode.REVIEW),
        preset=values.get("COUNCIL_PRESET", ""),
        config=values.get("COUNCIL_CONFIG", ""),
        state_key=key,
        number=_read_number(values.get("COUNCIL_PULL_REQUEST", "")),
        patch=_path(values, "COUNCIL_PATCH"),
        run=f"{values.get('GITHUB_RUN_ID', 'local')}-{values.get('GITHUB_RUN_ATTEMPT', '1')}",
        summary=_path(values, "GITHUB_STEP_SUMMARY"),
        output=_path(values, "GITHUB_OUTPUT"),
        sarif=_path(values, "COUNCIL_SARIF") or (Path(folder) / "council.sarif" if folder else None),
    )


def _path(values: Mapping[str, str], name: str) -> Path | None:
    return Path(values[name]) if values.get(name) else None


def _read_mode(text: str) -> StepMode:
    try:
        return StepMode(text)
    except ValueError:
        raise SettingsError(f"mode is {text!r}; use one of {', '.join(StepMode)}") from None


def _read_number(text: str) -> int:
    if not text:
        return 0
    if not text.isdecimal() or not 0 < int(text) < 1_000_000_000:
        raise SettingsError(f"pull-request is {text!r}, which is not the number of a pull request")
    return int(text)


def _read_event(path: str) -> Mapping[str, Any]:
    if not path:
        raise SettingsError("GITHUB_EVENT_PATH is not set: `council action` runs in a step of GitHub Actions")
    try:
        raw = Path(path).read_bytes() if Path(path).stat().st_size <= _MOST_EVENT_BYTES else b""
        payload = json.loads(raw)
    except OSError as error:
        raise SettingsError(f"GITHUB_EVENT_PATH is {path}, which cannot be read: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"GITHUB_EVENT_PATH is {path}, which contains no event") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("repository"), dict):
        raise SettingsError(f"GITHUB_EVENT_PATH is {path}, which contains no event of a repository")
    return payload
