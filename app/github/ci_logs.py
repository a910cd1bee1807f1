"""Finds out why the checks of a head fail: the cause in the logs of failed jobs, and the output of other checks.

Reads: two for every head, and another for the base branch if a check fails. Each failed Actions job costs its log, the log of the same job
where it passed, and its annotations if they are useful. Finding a passing run that is not at the tip of the base branch costs three more,
at most once per head.
"""

import asyncio
from dataclasses import dataclass

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.checks import (
    CheckState,
    CIState,
    CommitStatus,
    checks_of,
    failed_checks,
    read_ci_state,
    statuses_of,
)
from app.github.installation_client import GitHubModel, InstallationClient
from app.github.job_logs import green_job, log_of
from reviewers.context.ci_log.cleaning import clean
from reviewers.context.ci_log.extract import Extract
from reviewers.context.ci_log.extraction import extract, extracts
from reviewers.context.ci_log.references import references
from reviewers.context.ci_log.touching import references_to_changes
from reviewers.context.snapshot import ChangedFile, FailingCheck, LogReference, Snapshot

MAX_CHECKS = 5
_LOGS_AT_ONCE = 2
# Tokens: of all checks together for the models, and of each one for people.
BUDGET, LEAST_BUDGET, EXCERPT = 4_000, 800, 400


class _Annotation(GitHubModel):
    path: str = ""
    start_line: int = 0
    annotation_level: str | None = None
    title: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class _Red:
    """A head with failing checks, and what is known of its base branch."""

    github: InstallationClient
    snapshot: Snapshot
    base: tuple[CheckState, ...]
    base_statuses: tuple[CommitStatus, ...]
    budget: int


async def failing_checks(
    github: InstallationClient, snapshot: Snapshot, own_app_id: int, known: CIState | None = None
) -> tuple[FailingCheck, ...]:
    """The failed checks of a head with their evidence, at most five. Those about the change come first, those that failed before last.

    `known` is the state of the checks, if it was read already.
    """
    known = known or await read_ci_state(github, snapshot.repository, snapshot.head_sha)
    failed = failed_checks(known.checks, own_app_id)[:MAX_CHECKS]
    refused = tuple(status for status in known.statuses if status.failed)[: MAX_CHECKS - len(failed)]
    if not failed and not refused:
        return ()
    red = await _red(github, snapshot, len(failed), with_statuses=bool(refused))
    green = await _green_jobs(red, failed)
    # A log and its passing counterpart take 100 MB while they are read.
    turns = asyncio.Semaphore(_LOGS_AT_ONCE)

    async def explain(check: CheckState) -> FailingCheck:
        async with turns:
            return await _explain(red, check, green.get(check.id, 0))

    explained = await asyncio.gather(*(explain(check) for check in failed))
    checks = [*explained, *(_status(red, status) for status in refused)]
    return tuple(sorted(checks, key=lambda check: (check.red_before, not any(place.touched for place in check.places), not check.places)))


async def running(github: InstallationClient, full_name: str, sha: str, own_app_id: int) -> bool:
    """Whether a check other than our own is still running. One read."""
    return any(check.status != "completed" and check.app_id != own_app_id for check in await checks_of(github, full_name, sha))


async def _red(github: InstallationClient, snapshot: Snapshot, count: int, *, with_statuses: bool) -> _Red:
    name, ref = snapshot.repository, snapshot.base_ref
    try:
        base = await checks_of(github, name, ref) if count else ()
    except (NotFound, GitHubRejected, Unavailable):
        base = ()
    statuses = await statuses_of(github, name, ref) if with_statuses else ()
    return _Red(github, snapshot, base, statuses, max(LEAST_BUDGET, BUDGET // max(1, count)))


async def _green_jobs(red: _Red, failed: tuple[CheckState, ...]) -> dict[int, int]:
    """Passing jobs by the ids of failed checks. The base branch's tip is tried for all, its history only for the first."""
    found: dict[int, int] = {}
    searched = False
    for check in failed:
        if check.of_actions:
            ref = "" if searched else red.snapshot.base_ref
            found[check.id] = await green_job(red.github, red.snapshot.repository, check, red.base, ref)
            searched = searched or not any(one.name == check.name and one.conclusion == "success" for one in red.base)
    return found


async def _explain(red: _Red, check: CheckState, green: int) -> FailingCheck:
    name = red.snapshot.repository
    log = await log_of(red.github, name, check.job) if check.of_actions else b""
    passed = await log_of(red.github, name, green) if log and green else b""
    # GitHub itself annotates each failed job once, with its exit code.
    notes = await _annotations(red, check) if check.output.annotations_count > int(bool(log)) else ()
    red_before = any(one.name == check.name and one.app_id == check.app_id and one.failed for one in red.base)
    if not log:
        return _said(red, check, notes, red_before=red_before)
    taken, short = await asyncio.to_thread(_extracts, log, passed or None, red.budget)
    texts = {line.number: line.text for line in taken.lines}
    places = references_to_changes(taken.references, texts, red.snapshot.files) or _noted(notes, red.snapshot.files)
    return FailingCheck(
        name=check.name,
        url=check.html_url or "",
        lines=(*notes, *_rows(taken)),
        excerpt=_rows(short),
        places=places,
        red_before=red_before,
        left_out=short.left_out,
    )


def _extracts(log: bytes, green: bytes | None, budget: int) -> tuple[Extract, Extract]:
    full, excerpt = extracts(log, green, (budget, EXCERPT))
    return full, excerpt


def _rows(taken: Extract) -> tuple[str, ...]:
    return tuple(taken.text.split("\n")) if taken.blocks else ()


def _noted(notes: tuple[str, ...], files: tuple[ChangedFile, ...]) -> tuple[LogReference, ...]:
    return references_to_changes(references(enumerate(notes)), dict(enumerate(notes)), files)


def _said(red: _Red, check: CheckState, notes: tuple[str, ...], *, red_before: bool) -> FailingCheck:
    """A check of other CI, from its own output. A log in its text is cut like one."""
    told = [text for text in (check.output.title, check.output.summary, check.output.text) if text]
    taken = extract("\n".join([*told, *notes]).encode(), None, red.budget)
    texts = {line.number: line.text for line in taken.lines}
    rows = _rows(taken)
    return FailingCheck(
        name=check.name,
        url=check.html_url or "",
        lines=rows,
        excerpt=rows[:20],
        places=references_to_changes(taken.references, texts, red.snapshot.files),
        red_before=red_before,
    )


async def _annotations(red: _Red, check: CheckState) -> tuple[str, ...]:
    """What linters and compilers attached to lines, in the form that they would print."""
    try:
        path = f"/repos/{red.snapshot.repository}/check-runs/{check.id}/annotations"
        notes = await red.github.pages(path, _Annotation, 50)
    except (NotFound, GitHubRejected, Unavailable):
        return ()
    said = (f"{note.path}:{note.start_line}: {note.annotation_level or 'note'}: {note.message or note.title or ''}" for note in notes)
    return tuple(clean(text.replace("\n", " ").encode())[:400] for text in said if not text.startswith(".github:"))


def _status(red: _Red, status: CommitStatus) -> FailingCheck:
    text = clean((status.description or "").encode())
    return FailingCheck(
        name=status.context,
        url=status.target_url or "",
        lines=(text,) if text else (),
        excerpt=(text,) if text else (),
        red_before=any(one.context == status.context and one.failed for one in red.base_statuses),
    )
