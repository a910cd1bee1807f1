"""Concludes the check run of a merge group with the worst conclusion of its pull requests."""

from dataclasses import dataclass

from app.configuration.council_yml import read_config
from app.configuration.repository_config import Publish, RepositoryConfig
from app.configuration.settings_layers import stored_levels
from app.errors import Postponed
from app.github.installation_client import InstallationClient
from app.github.merge_group import Members, MergeGroupEnds, members_of
from app.github.publisher import Conclusion
from app.reporters.check_run import NAME
from app.reporters.shared_check import combine_group
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob, postpone
from app.store.reviews import head_checks
from app.store.reviews.head_checks import GROUP, CheckedHead, CheckPart
from app.store.tables.core import JobState
from app.work.reviews.shared_check_writes import HeadWrites
from webhooks.jobs import CheckMergeGroup

# Seconds. The merge queue waits for the check, so a review that takes longer than this does not hold it up.
WAIT_SECONDS = 300.0
STEP = 10.0


@dataclass(frozen=True)
class _Words:
    """What the pull requests of a group report. `waiting` if one of them may report more, `missing` if one never will."""

    parts: tuple[CheckPart, ...]
    waiting: bool
    missing: bool


async def run(services: WorkerServices, claim: LeasedJob[CheckMergeGroup]) -> JobState:
    """Conclude the check run of the group's head, or mark it in progress and try again later."""
    job = claim.job
    async with services.github_for(claim) as github:
        config = await _config(services, github, job)
        incomplete = config.gate.incomplete if config.gate.enabled else "neutral"
        if config.review.publish is Publish.NONE:
            if not await _is_begun(services, job):
                return JobState.SKIPPED
            # Somebody turned publishing off while the group waited. A check run that was begun is concluded.
            await _write(services, github, job, combine_group((), unsaid=incomplete, waits=False))
            return JobState.DONE
        group = MergeGroupEnds(job.base_sha, job.head_sha, job.head_ref, job.base_ref)
        words = await _words(services, job, await members_of(github, job.repository.full_name, group))
        waits = words.waiting and services.clock() - claim.since < WAIT_SECONDS
        ended = combine_group(words.parts, unsaid=incomplete if words.waiting or words.missing else "", waits=waits)
        await _write(services, github, job, ended)
    if waits:
        async with services.database.write() as connection:
            await postpone(connection, claim, services.clock() + STEP, "a review is in progress", failed=False)
        raise Postponed("a review of the group is under way")
    return JobState.DONE


async def give_up(services: WorkerServices, claim: LeasedJob[CheckMergeGroup], reason: str) -> None:
    """Report that there is no conclusion, in the way that the gate is set."""
    job = claim.job
    async with services.github_for(claim) as github:
        gate = (await _config(services, github, job)).gate
        await _write(services, github, job, combine_group((), unsaid=gate.incomplete if gate.enabled else "neutral", waits=False))


async def _is_begun(services: WorkerServices, job: CheckMergeGroup) -> bool:
    async with services.database.read() as connection:
        shared = await head_checks.read_shared_check(connection, CheckedHead(job.repository.id, job.head_sha), services.clock())
    return shared is not None and bool(shared.remote_id)


async def _write(services: WorkerServices, github: InstallationClient, job: CheckMergeGroup, ended: Conclusion) -> None:
    plain = services.writes(github, await services.identity(), job.repository.full_name, GROUP)
    writes = HeadWrites(services, plain, CheckedHead(job.repository.id, job.head_sha))
    await writes.create_check(NAME, job.head_sha, "", ended)


async def _config(services: WorkerServices, github: InstallationClient, job: CheckMergeGroup) -> RepositoryConfig:
    """The config of the branch that the group is merged into."""
    rules = await read_config(github, job.repository.full_name, job.base_ref or "HEAD")
    repository_config = await stored_levels(services, job.installation_id, job.repository.id)
    return rules.apply(repository_config)[0]


async def _words(services: WorkerServices, job: CheckMergeGroup, members: Members) -> _Words:
    """What each pull request of the group reports for its own head."""
    parts: list[CheckPart] = []
    waiting, missing = False, not members.whole
    async with services.database.read() as connection:
        more = await head_checks.numbers_at(connection, job.repository.id, members.heads) if members.heads else []
        for number in dict.fromkeys((*members.numbers, *more)):
            sha = await head_checks.wanted_head(connection, job.repository.id, number)
            part = await head_checks.find_part(connection, CheckedHead(job.repository.id, sha), number) if sha else None
            missing |= not sha
            waiting |= bool(sha) and (part is None or not part.conclusion)
            parts.append(part or CheckPart(number, "", "not reviewed yet" if sha else "not known to Council"))
    return _Words(tuple(parts), waiting, missing or not parts)
