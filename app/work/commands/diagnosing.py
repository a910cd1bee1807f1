"""`ci`: the council is asked why CI is red, with the lines of the logs that matter as evidence."""

import asyncio
import time

from app.github import pull_request
from app.github.ci_logs import failing_checks
from app.reporters import ci_text, diagnosis_text
from app.services.seating import brief
from app.work.commands.desk import Desk
from reviewers.context.snapshot import Snapshot
from reviewers.followup import FAILURES, Asked, DiagnosisAnswer, diagnosis_question, put, shown_change

_MOST_SEATS = 3


async def diagnose(desk: Desk) -> str:
    snapshot = await _snapshot(desk)
    if not snapshot.failing_checks:
        return f"No check of `{snapshot.head_sha[:7]}` is red."
    evidence = ci_text.section(snapshot, desk.workshop.settings.github_web_url)
    heard = await _hear(desk, snapshot)
    return diagnosis_text.render(heard, evidence)


async def _snapshot(desk: Desk) -> Snapshot:
    fetched = await pull_request.fetch(desk.github, desk.name, desk.job.number)
    checks = await failing_checks(desk.github, fetched.snapshot, int(desk.workshop.settings.app_id))
    return fetched.snapshot.model_copy(update={"failing_checks": checks})


async def _hear(desk: Desk, snapshot: Snapshot) -> dict[str, DiagnosisAnswer]:
    """Each seat alone; one that fails is missing."""
    models = await desk.models(snapshot.head_sha)
    question = diagnosis_question(snapshot.failing_checks)
    asked = brief(desk.grounds.config, snapshot.head_sha)

    async def one(name: str) -> DiagnosisAnswer | None:
        prefix = await asyncio.to_thread(shown_change, asked, snapshot, name)
        try:
            return await put(models[name], question, DiagnosisAnswer, time.monotonic, Asked(prefix=prefix))
        except FAILURES:
            return None

    names = list(models)[:_MOST_SEATS]
    answers = await asyncio.gather(*(one(name) for name in names))
    return {name: found for name, found in zip(names, answers, strict=True) if found is not None}
