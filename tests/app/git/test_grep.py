"""Names of code in a question lead to the files that contain them."""

from pathlib import Path

from app.configuration.repository_config import RepositoryConfig
from app.councils.local_question import LocalQuestion, local_dossier
from app.git.repository import open_repository
from reviewers.values.question import MaterialKind
from tests.app.git.repositories import commit, git, repository


async def test_the_file_that_defines_a_name_is_read(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    common = {f"src/many/m{number}.py": "import common_name\n" for number in range(60)}
    body = "x = 1\n" * 400
    defined = f"{body}def retry_charges(order):\n    return order.total\n{body}"
    commit(
        folder, {**common, "src/billing.py": defined, "src/other.py": "no_retry_charges_here = 1\n", "b.bin": b"retry_charges\0"}, "Many"
    )
    (folder / "src/billing.py").write_text("not committed\n")
    asked = LocalQuestion("Why does `retry_charges` fail after common_name was added?", repository=folder)
    material = await local_dossier(asked, RepositoryConfig())
    code = material.dossier.of(MaterialKind.CODE)
    assert [each.path for each in code] == ["src/billing.py"]
    assert "def retry_charges(order):" in code[0].text and code[0].text.count("\n") < 200


async def test_no_name_and_no_match_find_nothing(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    async with open_repository(folder) as opened:
        tip = await opened.tip()
        for names in ((), ("nowhere_at_all",), ("--open-files-in-pager=touch /tmp/ran",), ("a\nb",)):
            assert await opened.holding(tip, names, 5) == ()
    assert git(folder, "status", "--porcelain") == ""


async def test_an_unreadable_repository_is_reported(tmp_path: Path) -> None:
    material = await local_dossier(LocalQuestion("Why?", repository=tmp_path), RepositoryConfig())
    assert "is not in a git repository" in material.problems[0]
    assert "is not in a git repository" in material.dossier.unread[0].reason
