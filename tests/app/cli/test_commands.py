"""The command line with real processes, real git and the sandbox's HTTP."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.app.cli.warm import ROOT, run_council
from tests.stories.harness import BASE, HEAD, InProcessSystem, open_system

# A seat, and the second provider for it.
MODELS = ("model openai/gpt-5.5", "model openrouter/openai/gpt-5.5")
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}


async def council(*arguments: str, env: Mapping[str, str], cwd: Path = ROOT) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    return await run_council(arguments, BARE | env, cwd)


def inside(system: InProcessSystem, data: Path) -> dict[str, str]:
    """The environment of a server that uses the sandbox."""
    return system.sandbox.environment() | {"COUNCIL_DATA": str(data), "COUNCIL_SEATS": "openai/gpt-5.5"}


@pytest.mark.slow
async def test_the_doctor_lists_passed_and_failed_checks(system: InProcessSystem, tmp_path: Path) -> None:
    code, out, _ = await council("doctor", "--json", "--live", "acme/shop", env=inside(system, tmp_path / "d"))
    lines = {line["what"]: line for line in json.loads(out)}
    assert code == 0, out
    assert set(lines) == {"database", "queue", "webhook secret", "GitHub App", "mirrors", "spending", "repository acme/shop", *MODELS}

    tip = system.repository.branches["main"][:7]
    assert re.fullmatch(rf"git \d.*; fetched acme/shop at {tip} in \d+\.\d s", lines["mirrors"]["said"])
    system.sandbox.github.faults.add("GET", "info/refs", "404")
    system.sandbox.world.app.permissions["checks"] = "read"
    system.sandbox.world.app.events = tuple(event for event in system.sandbox.world.app.events if event != "issue_comment")
    wrong = {"OPENAI_API_KEY": "sk-wrong", "WEBHOOK_SECRET": "short", "DATABASE_URL": "mysql://h/d"}
    code, out, _ = await council("doctor", env=inside(system, tmp_path / "d") | wrong)
    assert code == 1
    assert "✗ database: DATABASE_URL names mysql; Council supports sqlite and postgresql" in out
    assert "could not be fetched from http://127.0.0.1:" in out and "Council may not read its contents on GitHub" in out
    assert "✗ webhook secret: WEBHOOK_SECRET is too short" in out
    assert "lacks permissions: checks: write. Add them on the App's page" in out
    assert "✗ model openai/gpt-5.5: openai/gpt-5.5: AuthenticationError 401" in out
    assert "sk-wrong" not in out


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (("web",), {"WEBHOOK_SECRET": "s"}, "council: Not set: APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH."),
        (("worker",), {"APP_ID": "x"}, "council: APP_ID is 'x'; set it to the number"),
        (("serve", "--poll"), {"APP_ID": "1"}, "council: Not set: PRIVATE_KEY or PRIVATE_KEY_PATH. "),
        (
            ("serve",),
            {"COUNCIL_CONTEXT_TOKENS": "many"},
            "council: COUNCIL_CONTEXT_TOKENS is 'many'; use a number of at least 2,048, or model=tokens, separated by commas",
        ),
        (("serve",), {"SEAT_SECONDS": "0"}, "council: SEAT_SECONDS is '0', which is not a whole number of at least 1"),
        (("doctor", "--live", "nonsense"), {}, "council: --live takes OWNER/REPO, not 'nonsense'"),
        (("review", "acme/shop#1"), {}, "to print it here, add --dry-run"),
        (("jobs", "show", "abc"), {}, "council: no job has the id 'abc'"),
        (("jobs", "retry"), {}, "council: give the id of one job, or --all"),
        (("jobs", "retry", "abc", "--kind", "review"), {}, "council: give the id of one job, or --all"),
        (("jobs", "retry", "--all", "--kind", "reviews"), {}, "council: unknown kind of job 'reviews'"),
        (("jobs", "retry", "--all", "--since", "soon"), {}, "council: --since cannot be 'soon'; use 90min, 12h, 2d or a date"),
    ],
)
async def test_an_invalid_setting_is_one_sentence_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    code, out, err = await council(*arguments, env={"COUNCIL_DATA": str(tmp_path)} | env)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert "Traceback" not in err


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True, capture_output=True)


async def test_local_commits_are_reviewed_without_any_key(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    head = {"app/cart.py": HEAD["app/cart.py"] + "\n\ndef broken():\n    return itemz\n"}
    for turn, files in enumerate((BASE | {".github/council.yaml": "language: de\n"}, head)):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", f"turn {turn}")
    env = {"COUNCIL_DATA": str(tmp_path / "data")}
    code, out, err = await council("review", "HEAD~1..HEAD", "--analyzers-only", "--json", "--repo", str(tmp_path), env=env)
    verdict = json.loads(out)
    assert code == 1
    assert "`.github/council.yaml` is not read: the settings of a repository are in `.github/council.yml`" in err
    [shown] = [each for each in verdict["posted"] if "itemz" in each["title"]]
    assert (shown["path"], shown["line"], "itemz" in shown["quote"]) == ("app/cart.py", 14, True)
    [finding] = [each for each in verdict["ranked"] if "itemz" in each["finding"]["title"]]
    assert finding["finding"]["location"] | {"start_line": None} == {"path": "app/cart.py", "line": 14, "start_line": None, "side": "RIGHT"}
    code, out, _ = await council(
        "review", "HEAD~1..HEAD", "--analyzers-only", "--sarif", "--fail-on", "critical", "--repo", str(tmp_path), env=env
    )
    assert (code, json.loads(out)["version"]) == (0, "2.1.0")
    code, out, _ = await council("review", "HEAD~1..HEAD", "--analyzers-only", "--repo", str(tmp_path), env=env)
    assert code == 1
    assert "itemz" in out


async def test_a_pull_request_is_reviewed_and_nothing_is_posted(system: InProcessSystem, tmp_path: Path) -> None:
    system.sandbox.world.app.webhook_url = ""
    pull = system.open()
    code, out, err = await council("review", f"acme/shop#{pull.number}", "--dry-run", "--json", env=inside(system, tmp_path / "d"))
    assert code == 0, err
    assert json.loads(out)["head_sha"] == pull.head_sha
    assert system.sandbox.log.writes() == []


@pytest.fixture
async def system(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with open_system(tmp_path / "house") as opened:
        yield opened


@pytest.mark.slow
async def test_a_polling_server_needs_no_secret_and_no_url(system: InProcessSystem, tmp_path: Path) -> None:
    """Without a public URL, polling still produces one review."""
    system.sandbox.world.app.webhook_url = "http://127.0.0.1:9/nobody"
    env = inside(system, tmp_path / "d") | {"COUNCIL_POLL_SECONDS": "1", "PORT": "0"}
    del env["WEBHOOK_SECRET"]
    pull = system.open()
    await system.sandbox.settled()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "worker", cwd=ROOT, env=BARE | env, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while not any(check.status == "completed" for check in system.checks()):
                await asyncio.sleep(0.1)
    finally:
        process.terminate()
        await process.wait()
    assert len(system.comments(pull)) == 1
