"""Why the checks of a head are red: the cleaned last lines of failed Actions jobs, and what other checks say of themselves."""

import asyncio
import re
from urllib.parse import urlsplit

from app.errors import NotFound, Refused, Unavailable
from app.github.client import GitHub, Shape
from reviewers.context.snapshot import FailingCheck

MAX_CHECKS = 5
MAX_LINES = 200
MAX_LINE = 400
TAIL_BYTES = 256_000
FAILED = frozenset({"failure", "timed_out", "startup_failure"})

_ACTIONS = "github-actions"
# CSI, OSC (ended by BEL or ST), and two-byte escapes.
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]")
_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?")
_NOISE = re.compile(r"^##\[(?:group|endgroup|command|section|debug)\]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _App(Shape):
    id: int = 0
    slug: str = ""


class _Output(Shape):
    title: str | None = None
    summary: str | None = None
    annotations_count: int = 0


class _Check(Shape):
    id: int
    name: str
    conclusion: str | None = None
    html_url: str | None = None
    details_url: str | None = None
    app: _App | None = None
    output: _Output = _Output()


class _Annotation(Shape):
    path: str = ""
    start_line: int = 0
    annotation_level: str | None = None
    message: str | None = None


async def failing_checks(github: GitHub, full_name: str, head_sha: str, own_app_id: int) -> tuple[FailingCheck, ...]:
    """The failed checks of a commit with their evidence, at most five; one read, and one or two more for each."""
    path = f"/repos/{full_name}/commits/{head_sha}/check-runs"
    checks = await github.pages(path, _Check, 300, {"filter": "latest"}, key="check_runs")
    failed = sorted(
        (check for check in checks if check.conclusion in FAILED and (check.app or _App()).id != own_app_id), key=lambda one: one.id
    )
    return tuple(await asyncio.gather(*(_explain(github, full_name, check) for check in failed[:MAX_CHECKS])))


async def _explain(github: GitHub, full_name: str, check: _Check) -> FailingCheck:
    lines: tuple[str, ...] = ()
    if (check.app or _App()).slug == _ACTIONS:
        lines = await _log(github, full_name, _job(check))
    if not lines:
        lines = await _said(github, full_name, check)
    return FailingCheck(name=check.name, url=check.html_url or "", lines=lines)


async def _log(github: GitHub, full_name: str, job: int) -> tuple[str, ...]:
    try:
        log = await github.tail(f"/repos/{full_name}/actions/jobs/{job}/logs", TAIL_BYTES)
    except (NotFound, Refused, Unavailable):
        return ()
    return clean(log.decode("utf-8", "replace"))


async def _said(github: GitHub, full_name: str, check: _Check) -> tuple[str, ...]:
    lines = [text for text in (check.output.title, check.output.summary) if text]
    if check.output.annotations_count:
        try:
            path = f"/repos/{full_name}/check-runs/{check.id}/annotations"
            notes = await github.pages(path, _Annotation, 50)
        except (NotFound, Refused, Unavailable):
            notes = ()
        lines += [f"{note.path}:{note.start_line}: {note.annotation_level or 'note'}: {note.message or ''}" for note in notes]
    return clean("\n".join(lines))


def clean(log: str) -> tuple[str, ...]:
    """The last 200 lines that say something: no colours, no timestamps, no group marks, no bar that overwrites itself."""
    kept: list[str] = []
    for raw in _ANSI.sub("", log).split("\n"):
        line = _STAMP.sub("", raw.rstrip("\r").rsplit("\r", 1)[-1])
        if _NOISE.match(line):
            continue
        line = _CONTROL.sub("", line).rstrip()
        if line or (kept and kept[-1]):
            kept.append(line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…")
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept[-MAX_LINES:])


def _job(check: _Check) -> int:
    """An Actions job has the id of its check run; the details link names it as well."""
    found = re.search(r"/job/(\d+)", urlsplit(check.details_url or "").path)
    return int(found[1]) if found else check.id
