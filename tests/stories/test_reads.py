"""A file exists, does not exist, or could not be read, and an unreadable file is never treated as missing."""

from dataclasses import replace

import pytest

from app.clock import now
from app.sandbox.faults import FaultKind
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import DIVISION, InProcessSystem

CONFIG = ".github/council.yml"


async def settle_later(system: InProcessSystem, seconds: float) -> None:
    await Worker(replace(system.services, clock=lambda: now() + seconds), JOB_HANDLERS).run_all()


async def test_an_unreadable_config_is_requested_again(system: InProcessSystem) -> None:
    """`publish: none` and `commands: {cost: admin}` apply although the first answers leave the file out."""
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    system.repository.push_branch("main", {CONFIG: "review: {publish: none}\ncommands: {cost: admin}\n"})
    system.sandbox.github.faults.add("POST", "/graphql$", FaultKind.PARTIAL, times=1, field="council.yml")
    pull = system.open()
    await system.settle()
    assert system.bought() == 0
    await settle_later(system, 5)
    bought = system.bought()
    assert bought > 0 and system.comments(pull) == [] and system.checks() == []
    system.sandbox.github.faults.add("POST", "/graphql$", FaultKind.PARTIAL, times=1, field="council.yml")
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    assert system.comments(pull) == []
    await settle_later(system, 5)
    assert system.comments(pull)[0].startswith("Only people with admin access can start a review here.")
    assert system.bought() == bought


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({CONFIG: b"quorum: 1\nchair: a\0b\n"}, "line 1: it is binary"),
        ({CONFIG: "quorum: 1\n- a\n"}, "line 2: not valid YAML"),
        ({CONFIG: "quorum: 1\n# " + "x" * 1_000_001}, "line 1: it is too large (1000 kB)"),
        ({f"{CONFIG}/a.yml": "quorum: 1\n"}, "line 1: it is a folder"),
        ({CONFIG: "just words\n"}, "line 1: the file must be a mapping of keys to values"),
    ],
)
async def test_an_invalid_config_file_is_reported_and_costs_nothing(
    system: InProcessSystem, files: dict[str, str | bytes], said: str
) -> None:
    system.repository.add_collaborator("ada", "admin")
    system.repository.push_branch("main", dict(files))
    pull = system.open()
    await system.settle()
    (check,) = system.checks()
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert said in (check.summary or "").replace("\\", "")
    system.repository.comment(pull.number, "ada", "/council review")
    system.repository.comment(pull.number, "ada", "/council config")
    await system.settle()
    assert [said in answer for answer in system.comments(pull)] == [True, True]
    assert system.bought() == 0


async def test_utf_16_is_read_and_unread_files_are_named(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    config = "\ufeffreview: {max_inline: 0}\nquorum: 2\n".encode("utf-16-le")
    rules = "\ufeffNever divide by zero.\n".encode()
    system.repository.push_branch("main", {CONFIG: config, "AGENTS.md": rules, "CLAUDE.md": "Be kind.\n"})
    system.sandbox.github.faults.add("POST", "/graphql$", FaultKind.PARTIAL, times=1, field="CLAUDE.md|:app/cart.py")
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 high")
    # The setting of the UTF-16 file applies: no comment on the diff.
    assert pull.reviews == []
    assert "- `CLAUDE.md`: the content could not be read" in summary
    assert "- `app/cart.py`: only the diff could be read" in summary
    async with system.services.database.read() as connection:
        from app.store.reviews import runs

        run = await runs.last_published(connection, system.repository.id, pull.number)
    assert run is not None and '"text":"Never divide by zero.\\n"' in (run.snapshot or "")
