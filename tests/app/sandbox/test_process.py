"""The sandbox in a separate process, its control API and its pages."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.sandbox.control import Control, running
from app.sandbox.demo import build_demo
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.pages.markdown import render
from app.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def control():
    with running(["--demo"]) as started:
        yield started


def test_another_process_drives_a_pull_request(control: Control) -> None:
    made = control.create_repository("acme/shop", {"a.py": "one\n", "logo.png": b"\0\1"})
    assert made["installation"]
    number = control.open_pull_request("acme/shop", "Two", {"a.py": "two\n"}, author="dana", draft=True)
    control.add_collaborator("acme/shop", "dana")
    comment = control.comment("acme/shop", number, "dana", "/council review")
    control.react("acme/shop", comment, "dana", "+1")
    head = control.push("acme/shop", number, {"a.py": "three\n", "logo.png": None})
    control.add_failing_job("acme/shop", head, "unit", "boom\n")
    state = control.pull("acme/shop", number)
    assert (state.pull_request["head"]["sha"], state.pull_request["draft"]) == (head, True)
    assert (state.comments[0]["reactions"]["+1"], state.check_runs[0]["name"]) == (1, "unit")
    issue = control.open_issue("acme/shop", "Slow")
    control.close("acme/shop", issue)
    assert control.issue("acme/shop", issue)["issue"]["state"] == "closed"


def test_another_process_controls_the_sandbox_and_counts(control: Control) -> None:
    assert control.set_limits(github_ms=0, writes_minute=None)["writes_minute"] is None
    control.add_fault("GET", "^/app$", "502", times=1)
    control.set_webhook("http://127.0.0.1:9/x", mode="hold")
    control.clear()
    root = control.environment()["GITHUB_API_URL"]
    assert [httpx.get(f"{root}/app").status_code for _ in range(2)] == [502, 401]
    assert [exchange["status"] for exchange in control.exchanges()] == [502, 401]
    assert control.writes() == []
    control.program_model("openai/m", findings=[], faults=["429"], otherwise=["reject", "No."], delay_ms=1)
    address = control.environment()["OPENAI_BASE_URL"] + "/chat/completions"
    headers = {"authorization": f"Bearer {control.environment()['OPENAI_API_KEY']}"}
    assert httpx.post(address, json={"model": "m", "messages": []}, headers=headers).status_code == 429
    assert [(call["model"], call["status"]) for call in control.calls()] == [("m", 429)]
    with pytest.raises(ValueError, match="no such limit"):
        control.set_limits(speed=9)
    with pytest.raises(ValueError, match="404"):
        control.pull("acme/none", 1)


def test_ctrl_c_ends_it_within_a_second() -> None:
    command = [sys.executable, "-m", "app.cli", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("export GITHUB_API_URL=")
        before = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        took = time.monotonic() - before
    assert took < 1


async def test_a_person_sees_the_pull_request_and_speaks(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    demo = build_demo(sandbox.world, sandbox.providers, delays=False)
    address = f"{sandbox.web_url}/{demo.repository}/pull/{demo.number}"
    page = await http.get(address)
    assert page.status_code == 200
    for text in ("Retry charges", "payments/client.py", "wants to merge", "unit"):
        assert text in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    said = await http.post(f"{sandbox.web_url}/{demo.repository}/comments/{demo.number}", data={"body": "/council help"})
    assert said.status_code == 303
    assert "/council help" in (await http.get(address)).text
    for path in ("/", "/style.css", f"/{demo.repository}/pull/{demo.number}.diff"):
        assert (await http.get(sandbox.web_url + path)).status_code == 200
    assert (await http.get(f"{sandbox.web_url}/{demo.repository}/pull/99")).status_code == 404


async def test_the_page_shows_a_review_at_its_lines(sandbox: Sandbox, http: httpx.AsyncClient, services: SandboxRepository) -> None:
    from app.sandbox.github import checks, reviewing

    pull = services.open_pull_request("One", {"a.py": "x = 1\n"})
    body = {"event": "COMMENT", "comments": [{"path": "a.py", "line": 1, "body": "Why?\n```suggestion\nx = 2\n```"}]}
    reviewing.create(services, pull, sandbox.world.app.bot, body)
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "Odd"}
    output = {"title": "1 to fix", "summary": "| a |\n|-|\n| b |", "annotations": [note]}
    checks.create(
        services, {"name": "council", "head_sha": pull.head_sha, "conclusion": "neutral", "output": output}, sandbox.world.app.slug
    )
    page = (await http.get(f"{sandbox.web_url}/acme/shop/pull/1")).text
    for text in ("Suggested change", "x = 2", "1 to fix", "1 annotation", "Re-run", "reviewed · 1 comment on the diff"):
        assert text in page
    run = next(iter(services.check_runs))
    assert (await http.post(f"{sandbox.web_url}/acme/shop/rerun/{run}")).status_code == 303


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>"),
        ("<details><summary>More</summary>\n\n**bold**\n\n</details>", "<details><summary>More</summary>", "&lt;details"),
        ("a<br>b <sub>c</sub>", "<sub>c</sub>", "&lt;br"),
        ("hidden <!-- council:1 --> mark", "hidden", "council:1"),
        ('<img src=x onerror="alert(1)">', "&lt;img", "<img"),
        ('<details onclick="x">', "&lt;details", "<details"),
        ("[x](javascript:alert(1))", "javascript", 'href="javascript'),
    ],
)
def test_markdown_lets_through_only_a_few_tags(text: str, there: str, absent: str) -> None:
    shown = render(text)
    assert there in shown
    assert absent not in shown


def test_nothing_of_the_sandbox_reads_the_environment() -> None:
    for path in Path("app/sandbox").rglob("*.py"):
        assert "os.environ" not in path.read_text("utf-8"), path


async def test_two_sandboxes_live_side_by_side() -> None:
    async with Sandbox.start() as first, Sandbox.start() as second:
        assert first.port != second.port
        first.world.create_repository("acme/shop")
        assert not second.world.repositories
        await asyncio.sleep(0)
