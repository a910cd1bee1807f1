"""Everything that a question names is read: whole paths, frames of a trace, permalinks, issues, commits, and pasted text."""

from app.github.dossier import gather
from app.github.installation_client import InstallationClient
from app.github.question import CommentFacts, IssueFacts, QuestionContext
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from reviewers.values.question import Dossier, MaterialKind
from tests.app.github.conftest import FULL_NAME

POOL = "def check(pool):\n    return pool.take().ping()\n"
METRICS = "pool_open_connections 20\npool_waiting 14\nprocess_resident_memory_bytes 1.2e8"
PROFILE = "ncalls tottime percall cumtime\n120 3.20 0.02 3.40\n4 0.10 0.02 0.20"


async def material(github: InstallationClient, repository: SandboxRepository, question: str) -> Dossier:
    page = f"https://github.test/{FULL_NAME}/issues/1"
    asked = QuestionContext(
        IssueFacts(number=1, title="Slow", html_url=page), CommentFacts(id=0), (), FULL_NAME, repository.branches["main"]
    )
    return await gather(github, asked, question)


def text_of(dossier: Dossier, kind: MaterialKind) -> str:
    return "\n".join(f"{each.name}\n{each.text}" for each in dossier.materials if each.kind is kind)


async def test_files_are_found_by_path_by_frame_and_by_link(github: InstallationClient, repository: SandboxRepository) -> None:
    repository.push_branch("main", {"app/pool.py": POOL, "lib/net.py": "def dial(host):\n    return host\n"}, "octo-dev", "Add the pool")
    there = repository.branches["main"]
    repository.push_branch("main", {"app/gone.py": "def lost():\n    return None\n"}, "octo-dev", "Add what goes")
    old = repository.branches["main"]
    repository.push_branch("main", {"app/gone.py": None}, "octo-dev", "Remove it")
    dossier = await material(
        github,
        repository,
        f'app/pool.py:2 and\n  File "/srv/shop/lib/net.py", line 2, in dial\n'
        f"https://github.test/{FULL_NAME}/blob/{old}/app/gone.py#L2 {there[:10]} #99 nowhere/at_all.py",
    )
    code = text_of(dossier, MaterialKind.CODE)
    assert "pool.take().ping()" in code and "def dial(host)" in code and "def lost()" in code
    assert [line.split()[2] for line in text_of(dossier, MaterialKind.HISTORY).split("\n")[1:]] == ["app/pool.py:", "lib/net.py:"]
    assert "Add the pool" in text_of(dossier, MaterialKind.COMMIT)
    assert [each.path for each in dossier.unread] == ["#99"]


async def test_linked_issues_pull_requests_and_failing_checks_are_read(github: InstallationClient, repository: SandboxRepository) -> None:
    for number in range(8):
        repository.open_issue(f"Older {number}", "Only at night.")
    pull = repository.open_pull_request("Close it", {"app/pool.py": POOL})
    log = "##[group]Run pytest\nE   PoolError: exhausted\n##[error]exit code 1.\n"
    repository.add_failing_job(repository.branches["main"], "nightly", log)
    named = " ".join(f"#{number}" for number in (2, pull.issue.number, 3, 4, 5, 6, 7))
    dossier = await material(github, repository, f"Like {named}?")
    linked = text_of(dossier, MaterialKind.LINKED)
    assert "Older 1 (open)\n\nOnly at night." in linked and "+    return pool.take().ping()" in linked
    assert "PoolError: exhausted" in text_of(dossier, MaterialKind.CHECK)
    assert [each.path for each in dossier.unread] == ["#6", "#7"]


async def test_pasted_text_becomes_material_of_its_kind(github: InstallationClient, repository: SandboxRepository) -> None:
    dossier = await material(github, repository, f"Why so slow?\n\n```\n{METRICS}\n```\n\n```\n{PROFILE}\n```\n")
    assert "pool_waiting 14" in text_of(dossier, MaterialKind.METRICS)
    assert "120 3.20" in text_of(dossier, MaterialKind.PROFILE)


async def test_whole_paths_are_read_while_the_tree_is(github: InstallationClient, repository: SandboxRepository, sandbox: Sandbox) -> None:
    repository.push_branch("main", {"app/pool.py": POOL}, "octo-dev", "Add the pool")
    sandbox.log.clear()
    assert "pool.take().ping()" in text_of(await material(github, repository, "See app/pool.py:2."), MaterialKind.CODE)
    made = [exchange.operation for exchange in sandbox.log.exchanges if exchange.operation not in {"create_token", "get_app"}]
    # The tree, the contents, their history and the checks: nothing is requested twice.
    assert len(made) == 4, made
