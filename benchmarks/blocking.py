"""Measures how long web and worker block while hostile comments, issues, settings and changes arrive.

To add the text of a comment, add it to `_HOSTILE`; to add a settings file, add it to `_configs`.
"""

import asyncio
import contextlib
import socket
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

import uvicorn

from app import log
from app.configuration.settings import read_settings
from app.councils.council_factory import preload_libraries
from app.sandbox.control.client import Control, running
from app.services.worker import open_worker_services
from app.store.queue.deliveries import Debounce
from app.web import create_app
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from benchmarks.options import Options, progress
from benchmarks.review import SEATS, lag_of_loop, ring
from tests.app.hostile_config import SHAPES
from tests.app.web.browser import Browser

_LONGEST_S = 60.0
_SETTINGS = "/repos/acme/shop/settings"
_ROOM = 65_000
_HOSTILE = ("![", "[x\n", "a\n", "- - - - a\n", "`", "<!--", "~", "\n", " at ", "a.a", "/council\t")
_CONFIG = "review:\n  paths: ['**', '" + "*a" * 20 + "b']\n  skip: {titles: [" + ", ".join(["'*a*a*a*a*a*b'"] * 800) + "]}\n"


class Blocked(NamedTuple):
    """The longest pause of the loop during hostile deliveries; the questions and reviews answered, and the settings pages shown."""

    milliseconds: int
    deliveries: int
    answered: int
    pages: int


def measure(options: Options) -> Blocked:
    log.set_up(as_json=True, secrets=(), quiet=True)
    units = _HOSTILE[:2] if options.small else _HOSTILE
    with running() as control, tempfile.TemporaryDirectory() as data:
        control.set_limits(github_ms=1.0, writes_minute=None, writes_hour=None)
        manifest = {"go.mod": "\n" * _ROOM, "requirements.txt": "\n" * _ROOM, ".github/council.yml": _CONFIG}
        control.create_repository("acme/shop", {**manifest, "app/pool.py": "def check(pool):\n    return pool.take()\n"})
        control.add_collaborator("acme/shop", "ana", "admin")
        progress(f"{len(units)} hostile comments, a question and a review")
        return asyncio.run(_measure(control, data, units))


async def _measure(control: Control, data: str, units: tuple[str, ...]) -> Blocked:
    environment = await asyncio.to_thread(control.environment)
    settings = read_settings({**environment, "COUNCIL_DATA": data, "COUNCIL_SEATS": ",".join(SEATS)})
    async with contextlib.AsyncExitStack() as stack:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        web = uvicorn.Server(uvicorn.Config(create_app(settings, Debounce(0, 0)), log_level="critical", ws="none"))
        serving = asyncio.create_task(web.serve([listener]))
        while not web.started:  # noqa: ASYNC110 — uvicorn has no event for it
            await asyncio.sleep(0.01)
        services = await stack.enter_async_context(open_worker_services(settings))
        await preload_libraries(settings)
        await services.prepare()
        worker = Worker(services, JOB_HANDLERS)
        working = asyncio.create_task(worker.run_until_stopped())
        late = await stack.enter_async_context(lag_of_loop())
        await asyncio.to_thread(control.set_webhook, f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/github")
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        browser = Browser(url, control)
        # The first comment and the first question load libraries; only the texts are measured.
        ringing = asyncio.create_task(ring(worker))
        await _quiet_start(control)
        await browser.sign_in("ana")
        await browser.get(_SETTINGS)
        late.clear()
        deliveries, answered = await _attack(control, units)
        shown = await _settings_pages(control, browser, _configs()[:: 12 if len(units) < len(_HOSTILE) else 1])
        await browser.close()
        ringing.cancel()
        worker.stop()
        await working
        web.should_exit = True
        await asyncio.gather(serving, ringing, return_exceptions=True)
    return Blocked(round(max(late, default=0.0) * 1000), deliveries, answered, shown)


def _configs() -> list[str]:
    """The worst texts that a base branch can have as council.yml, and that a form can send."""
    lines = "review: {paths: [" + ", ".join(["'**/*a*b'"] * 4_000) + "]}\n"
    keys = "".join(f"k{number}: 1\n" for number in range(5_000))
    rules = "review:\n  path_instructions:\n" + "  - {paths: ['*a*a*a*a*b'], text: x}\n" * 1_500
    # GitHub stores no half of a surrogate pair.
    return [_CONFIG, lines, keys, rules, *(text.encode(errors="replace").decode() for text, _ in SHAPES.values())]


async def _settings_pages(control: Control, browser: Browser, texts: Sequence[str]) -> int:
    """Open and preview the settings with each text on the base branch and in the form; returns how many pages were complete."""
    shown = 0
    for text in texts:
        await asyncio.to_thread(control.push_branch, "acme/shop", {".github/council.yml": text})
        page = await browser.get(_SETTINGS)
        rows = text[:_ROOM]
        form = {"review-path_instructions": rows, "review-paths": rows, "review-instructions": rows, "version": "0", "preview": "1"}
        answer = await browser.post(_SETTINGS, form)
        shown += page.status_code == 200 and answer.status_code in (200, 403, 422)
    return shown


async def _quiet_start(control: Control) -> None:
    issue = await asyncio.to_thread(control.open_issue, "acme/shop", "Hello", "Nothing.")
    await asyncio.to_thread(control.comment, "acme/shop", issue, "ana", "/council ask is it fast?")
    number = await asyncio.to_thread(control.open_pull_request, "acme/shop", "Say hello", {"app/hello.py": "print('hello')\n"})
    await _both_answered(control, issue, number)


async def _attack(control: Control, units: tuple[str, ...]) -> tuple[int, int]:
    """A stranger's comments, a maintainer's question in a hostile issue, and a change with a hostile description and file."""
    body = "\n\n".join((unit * _ROOM)[: _ROOM // len(units)] for unit in units)
    issue = await asyncio.to_thread(control.open_issue, "acme/shop", "a" * 250, body)
    for unit in units:
        text = f"/council review\n{(unit * _ROOM)[:_ROOM]}"
        await asyncio.to_thread(control.comment, "acme/shop", issue, "mallory", text)
    await asyncio.to_thread(control.comment, "acme/shop", issue, "ana", "/council ask why is it slow?")
    files = {"app/pool.py": "def check(pool):\n    return pool.take().ping()\n", "a" * 200 + ".py": body.replace("\r", "")}
    number = await asyncio.to_thread(control.open_pull_request, "acme/shop", "a" * 250, files)
    return len(units) + 3, await _both_answered(control, issue, number)


async def _both_answered(control: Control, issue: int, number: int) -> int:
    """Wait for the answer in an issue and the check of a pull request; returns how many came in time."""
    answered = 0
    started = time.monotonic()
    while time.monotonic() - started < _LONGEST_S and answered < 2:
        state = await asyncio.to_thread(control.pull, "acme/shop", number)
        said = await asyncio.to_thread(control.conversation, "acme/shop", issue)
        reviewed = any(check["name"] == "Council" and check["status"] == "completed" for check in state.check_runs)
        answers = [each for each in said if each["user"]["type"] == "Bot" and each["body"].startswith("### ")]
        answered = int(reviewed) + int(any("· working" not in answer["body"].split("\n")[0] for answer in answers))
        await asyncio.sleep(0.1)
    return answered
