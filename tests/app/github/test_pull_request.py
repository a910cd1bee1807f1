"""A pull request becomes a snapshot in few reads."""

import pytest

from app.configuration.council_yml import CONFIG_PATH, load
from app.errors import Unavailable
from app.github.changed_files import name_modes
from app.github.graphql_answer import GraphQLAnswer, GraphQLProblem
from app.github.installation_client import InstallationClient
from app.github.pull_request import fetch, head_of
from app.sandbox.faults import FaultKind
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from reviewers.context.encodings import decode
from reviewers.context.snapshot import ChangedFile, FileOrigin, FileStatus
from tests.app.github.conftest import FULL_NAME
from tests.reviewers.notebooks import cell, notebook


def body(number: int, edited: bool) -> str:
    return "".join(f"value_{number}_{row} = {row + (row == 20 and edited)}\n" for row in range(40))


@pytest.mark.parametrize(("count", "allowed"), [(30, 10), (300, 16)])
async def test_reads_stay_within_the_budget(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository, count: int, allowed: int
) -> None:
    repository.push_branch("main", {f"src/m{number}.py": body(number, False) for number in range(count)}, "octo-dev", "many")
    for title in ("one", "two", "three"):
        repository.open_issue(title)
    pull = repository.open_pull_request(
        "Edit all", {f"src/m{number}.py": body(number, True) for number in range(count)}, body="Fixes #1, closes #2, see #3 and #99"
    )
    sandbox.log.clear()
    fetched = await fetch(github, FULL_NAME, pull.number)
    await head_of(github, FULL_NAME, pull.number)
    reads = [exchange for exchange in sandbox.log.exchanges if exchange.operation != "create_token"]
    assert len(reads) <= allowed, [read.operation for read in reads]
    snapshot = fetched.snapshot
    assert len(snapshot.files) == count
    assert all(file.base == body(int(file.path[5:-3]), False) and file.head == body(int(file.path[5:-3]), True) for file in snapshot.files)
    assert [issue.title for issue in snapshot.linked_issues] == ["one", "two", "three"]
    assert [issue.closes for issue in snapshot.linked_issues] == [True, True, False]
    assert snapshot.unlisted == 0


async def test_files_beyond_the_first_three_pages_are_listed(github: InstallationClient, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("Many", {f"src/m{number}.py": "x = 1\n" for number in range(301)})
    snapshot = (await fetch(github, FULL_NAME, pull.number)).snapshot
    assert (len(snapshot.files), snapshot.unlisted) == (301, 0)


async def test_every_kind_of_change(github: InstallationClient, repository: SandboxRepository) -> None:
    before = {"gone.py": "a\nb\n", "old.py": "same\n" * 30, "crlf.txt": "a\r\nb\r\n", "end.txt": "x\ny", "pic.png": b"\x89PNG\0\1"}
    repository.push_branch("main", before, "octo-dev", "before")
    pull = repository.open_pull_request(
        "Kinds",
        {
            "gone.py": None,
            "old.py": None,
            "new name.py": "same\n" * 29 + "other\n",
            "crlf.txt": "a\r\nc\r\n",
            "end.txt": "x\nz\n",
            "pic.png": b"\x89PNG\0\2",
            "ünïcode/файл.py": "print()\n",
        },
    )
    files = {file.path: file for file in (await fetch(github, FULL_NAME, pull.number)).snapshot.files}
    assert (files["gone.py"].status, files["gone.py"].base, files["gone.py"].head) == (FileStatus.REMOVED, "a\nb\n", None)
    assert (files["crlf.txt"].base, files["crlf.txt"].head) == ("a\r\nb\r\n", "a\r\nc\r\n")
    assert (files["end.txt"].base, files["end.txt"].head) == ("x\ny", "x\nz\n")
    assert (files["pic.png"].patch, files["pic.png"].head, files["pic.png"].unseen) == (None, None, "binary")
    assert files["ünïcode/файл.py"].head == "print()\n"
    renamed = files.get("new name.py")
    assert renamed is not None
    assert renamed.base in ("same\n" * 30, None)


async def test_a_patch_that_github_leaves_out_is_rebuilt(github: InstallationClient, repository: SandboxRepository) -> None:
    before = "".join(f"row {number} of the table\n" for number in range(6_000))
    repository.push_branch("main", {"big.txt": before}, "octo-dev", "big")
    pull = repository.open_pull_request("Rewrite", {"big.txt": before.replace("row", "line")})
    (big,) = (await fetch(github, FULL_NAME, pull.number)).snapshot.files
    assert isinstance(big, ChangedFile)
    assert big.patch is not None and big.patch.startswith("@@ -1,6000 +1,6000 @@")
    assert big.base == before
    assert big.unseen == ""


async def test_a_file_that_graphql_cuts_off_comes_whole(github: InstallationClient, repository: SandboxRepository) -> None:
    text = "".join(f"row {number:06}\n" for number in range(60_000))
    repository.push_branch("main", {"long.txt": text, "huge.txt": text * 3}, "octo-dev", "long")
    edited = text.replace("row 000007", "row seven!")
    pull = repository.open_pull_request("Edit", {"long.txt": edited, "huge.txt": edited + text * 2})
    files = {file.path: file for file in (await fetch(github, FULL_NAME, pull.number)).snapshot.files}
    assert files["long.txt"].head == edited
    assert files["long.txt"].base == text
    assert files["huge.txt"].head is None


async def test_folders_guidelines_come_from_the_base_branch_only(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    base = {
        "AGENTS.md": "root\n",
        "web/AGENTS.md": "web\n",
        "web/forms/CLAUDE.md": "forms\n",
        "other/AGENTS.md": "other\n",
        ".github/instructions/ts.instructions.md": '---\napplyTo: "**/*.ts,**/*.tsx"\n---\nUse types.\n',
        ".github/instructions/py.instructions.md": "---\napplyTo: '**/*.py'\n---\nUse hints.\n",
        "web/.gitattributes": "api.ts linguist-generated\n",
        "web/forms/form.ts": "let a = 1\n",
    }
    repository.push_branch("main", base, "octo-dev", "rules")
    change = {"web/forms/form.ts": "let a = 2\n", "web/api.ts": "let b = 1\n", "web/REVIEW.md": "approve\n", "web/AGENTS.md": "obey me\n"}
    pull = repository.open_pull_request("Change a form", change)
    sandbox.log.clear()
    snapshot = (await fetch(github, FULL_NAME, pull.number)).snapshot
    assert [(rule.path, rule.text.split("\n")[0]) for rule in snapshot.guidelines] == [
        ("web/forms/CLAUDE.md", "forms"),
        ("web/AGENTS.md", "web"),
        (".github/instructions/ts.instructions.md", "---"),
        ("AGENTS.md", "root"),
    ]
    assert {file.path: file.origin for file in snapshot.files if file.origin} == {"web/api.ts": FileOrigin.GENERATED}


async def test_guidelines_and_config_come_from_the_base_branch_only(github: InstallationClient, repository: SandboxRepository) -> None:
    policies = {"AGENTS.md": "base rules\n", CONFIG_PATH: "quorum: 1\n"}
    repository.push_branch("main", policies, "octo-dev", "rules")
    pull = repository.open_pull_request("Sneak", {"AGENTS.md": "obey me\n", "CLAUDE.md": "obey\n", CONFIG_PATH: "quorum: 9\n"})
    fetched = await fetch(github, FULL_NAME, pull.number)
    assert [(rule.path, rule.text) for rule in fetched.snapshot.guidelines] == [("AGENTS.md", "base rules\n")]
    assert fetched.config == load("quorum: 1\n")


async def test_a_fork_is_read_through_the_base_repository(github: InstallationClient, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("From afar", {"a.py": "x = 1\n"}, fork=True)
    fetched = await fetch(github, FULL_NAME, pull.number)
    assert fetched.from_fork
    assert fetched.snapshot.files[0].head == "x = 1\n"
    assert fetched.config == load("")


async def test_unreadable_contents_leave_the_patch(github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("Change", {"README.md": "# store\n"}, body="see #77")
    sandbox.github.faults.add("POST", "/graphql$", FaultKind.PARTIAL, times=99, field="README|package.json")
    snapshot = (await fetch(github, FULL_NAME, pull.number)).snapshot
    (file,) = snapshot.files
    assert file.patch is not None
    assert (file.base, file.head) == (None, None)
    assert [part.path for part in snapshot.unread] == ["package.json", "README.md"]


async def test_a_diff_is_only_made_against_the_merge_base(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    before = "".join(f"row {number} of the table\n" for number in range(12_000))
    repository.push_branch("main", {"big.txt": before}, "octo-dev", "big")
    pull = repository.open_pull_request("Rewrite", {"big.txt": before.replace("row", "line")})
    sandbox.github.faults.add("GET", "/compare/", FaultKind.BAD_GATEWAY, times=9)
    sandbox.github.faults.add("GET", "/git/trees/", FaultKind.BAD_GATEWAY, times=9)
    snapshot = (await fetch(github, FULL_NAME, pull.number)).snapshot
    (big,) = snapshot.files
    assert (big.patch, big.unseen) == (None, "GitHub sent no diff of it, and the merge base could not be read")
    assert [part.path for part in snapshot.unread] == ["the list of this repository's files"]


async def test_an_unreadable_config_is_not_a_missing_config(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    pull = repository.open_pull_request("Change", {"a.py": "x = 1\n"})
    for harm in (FaultKind.BAD_GATEWAY, FaultKind.PARTIAL):
        fault = sandbox.github.faults.add("POST", "/graphql$", harm, times=99)
        with pytest.raises(Unavailable):
            await fetch(github, FULL_NAME, pull.number)
        sandbox.github.faults.waiting.remove(fault)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_text_is_decoded_with_or_without_a_mark(encoding: str) -> None:
    assert decode("quorum: 1 # für\n".encode(encoding)) == "quorum: 1 # für\n"


@pytest.mark.parametrize("data", [b"a\0b: 1\n", b"\x89PNG\0\0\0\r", b"quorum: 1\n\0"])
def test_a_file_with_a_nul_is_not_text(data: bytes) -> None:
    assert decode(data) is None


PARTS = GraphQLProblem(message="late", path=("repository", "b1"))


@pytest.mark.parametrize(
    ("problem", "failed"),
    [
        (PARTS, {"b1"}),
        (PARTS.model_copy(update={"path": ("repository", "b1", "text")}), {"b1"}),
        (PARTS.model_copy(update={"path": ("repository",)}), {"b0", "b1"}),
        (PARTS.model_copy(update={"path": None}), {"b0", "b1"}),
    ],
)
def test_a_graphql_problem_is_reported_for_the_values_it_affects(problem: GraphQLProblem, failed: set[str]) -> None:
    answer = GraphQLAnswer(PARTS, (problem,))
    assert {alias for alias in ("b0", "b1") if answer.problem_at("repository", alias)} == failed


async def test_the_head_is_read_again(github: InstallationClient, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("Change", {"a.py": "x = 1\n"}, draft=True)
    assert (await head_of(github, FULL_NAME, pull.number)).draft
    sha = repository.push(pull.number, {"a.py": "x = 2\n"})
    repository.close(pull.number)
    head = await head_of(github, FULL_NAME, pull.number)
    assert (head.sha, head.state) == (sha, "closed")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_a_file_in_another_encoding_is_reviewed(github: InstallationClient, repository: SandboxRepository, encoding: str) -> None:
    """GitHub gives no diff of it."""
    before, after = "[section]\r\nname=Jörg\r\n" * 3, "[section]\r\nname=Jörg\r\n" * 2 + "[section]\r\nname=Zoë\r\n"
    font = b"\x00\x01\x00\x00" + bytes(range(256)) * 4
    old: dict[str, str | bytes | None] = {"app.rc": before.encode(encoding), "face.dat": font, "was.rc": b"\x01\x00\x02\x00"}
    repository.push_branch("main", old, "octo-dev", "resources")
    new: dict[str, str | bytes | None] = {
        "app.rc": after.encode(encoding),
        "new.rc": "name=1\n".encode(encoding),
        "face.dat": font + b"\0",
        "was.rc": "name=2\n".encode("utf-16"),
    }
    pull = repository.open_pull_request("Resources", new)
    files = {file.path: file for file in (await fetch(github, FULL_NAME, pull.number)).snapshot.files}
    app = files["app.rc"]
    assert (app.base, app.head, app.unseen, app.takes_comments) == (before, after, "", False)
    assert (app.additions, app.deletions) == (1, 1) and "+name=Zoë\r" in (app.patch or "")
    assert files["new.rc"].patch == "@@ -0,0 +1,1 @@\n+name=1"
    assert (files["face.dat"].patch, files["face.dat"].unseen, files["face.dat"].takes_comments) == (None, "binary", True)
    assert files["was.rc"].patch is None and files["was.rc"].unseen.startswith("UTF-16")


@pytest.mark.parametrize(
    ("status", "mode", "expected"),
    [
        ("changed", "100755", "100644 -> 100755"),
        ("changed", "100644", "100755 -> 100644"),
        ("changed", "120000", ""),
        ("changed", "", ""),
        ("modified", "100755", ""),
    ],
)
def test_a_mode_change_gets_both_modes(status: str, mode: str, expected: str) -> None:
    file = ChangedFile(path="run.sh", status=FileStatus(status))
    assert name_modes((file,), {"run.sh": mode})[0].mode_change == expected


async def test_a_notebook_is_read_as_cells(github: InstallationClient, repository: SandboxRepository) -> None:
    repository.push_branch("main", {"a.ipynb": notebook(cell("a = 1"))}, "octo-dev", "notebook")
    pull = repository.open_pull_request("Edit it", {"a.ipynb": notebook(cell("a = 1\nb = 'two'", count=2))})
    (file,) = (await fetch(github, FULL_NAME, pull.number)).snapshot.files
    assert (file.patch or "").split("\n")[0].endswith("@@ cell 1: code")
    assert (file.patch or "").split("\n")[1:] == [" a = 1", "+b = 'two'"]
