"""Which jobs an event causes, and that a job without a server gives models everything that a server does."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.action.event import choose_jobs
from app.action.inputs import read_inputs
from app.action.run import run_action
from app.errors import SettingsError
from tests.app.action.machine import Machines, inputs_of, open_machines
from tests.stories.harness import DIVISION

REPOSITORY = {"id": 7, "full_name": "acme/shop"}


def environment(folder: Path, event: str, payload: dict[str, Any], **more: str) -> dict[str, str]:
    (folder / "event.json").write_text(json.dumps({"repository": REPOSITORY, "sender": {"login": "ada"}, **payload}))
    names = {
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_TOKEN": "t",
        "COUNCIL_STATE_KEY": "k" * 12,
    }
    return names | more


def test_pull_request_target_causes_the_same_jobs(tmp_path: Path) -> None:
    payload = {"action": "synchronize", "pull_request": {"number": 3, "head": {"sha": "a" * 40}}}
    chosen = [choose_jobs(read_inputs(environment(tmp_path, name, payload))) for name in ("pull_request", "pull_request_target")]
    assert chosen[0] == chosen[1] and [job.kind for job in chosen[0]] == ["review"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"GITHUB_EVENT_NAME": "push"}, "push is not one of the events"),
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        ({"GITHUB_EVENT_PATH": "/nonexistent"}, "cannot be read: No such file"),
        ({"COUNCIL_MODE": "approve"}, "mode is 'approve'; use one of review, gate, ask"),
        ({"COUNCIL_STATE_KEY": "short"}, "state-key is too short"),
        ({"COUNCIL_PULL_REQUEST": "0"}, "pull-request is '0'"),
    ],
)
def test_a_wrong_input_is_refused_with_the_fix(tmp_path: Path, more: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_inputs(environment(tmp_path, "pull_request", {}) | more)


@pytest.mark.parametrize("more", [{"COUNCIL_CONFIG": "review: ["}, {"COUNCIL_PRESET": "best"}])
async def test_an_unreadable_input_stops_before_any_cost(tmp_path: Path, more: dict[str, str]) -> None:
    async with open_machines(tmp_path) as machines:
        machines.open()
        (opened,) = machines.events()
        with pytest.raises(SettingsError):
            await machines.start("pull_request", json.loads(opened.body), **more)
        assert machines.bought() == 0


async def mirrored(machines: Machines) -> None:
    (opened,) = machines.events()
    settings = machines.settings().model_copy(update={"mirrors": True})
    result = await run_action(settings, inputs_of(machines, "pull_request", json.loads(opened.body)))
    assert result.report.verdict == "fix"


@pytest.mark.slow
async def test_models_may_look_around_the_repository(tmp_path: Path) -> None:
    """The commit is fetched with the job's token, because there is no App to create a narrower one."""
    async with open_machines(tmp_path) as machines:
        machines.script([DIVISION], [DIVISION], [])
        machines.open()
        await mirrored(machines)
        fetched = [entry for entry in machines.sandbox.log.exchanges if entry.path.endswith("git-upload-pack")]
        assert fetched and all(entry.status == 200 for entry in fetched)
