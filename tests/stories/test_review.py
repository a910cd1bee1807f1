"""A signed delivery becomes one published review."""

from pathlib import Path
from unicodedata import normalize

from tests.stories.harness import DIVISION, GHOST, HEAD, INJECTION, InProcessSystem, open_system


async def test_an_opened_pull_request_is_reviewed_once(system: InProcessSystem) -> None:
    system.script([DIVISION, INJECTION], [DIVISION, GHOST], [])
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high")
    (review,) = pull.reviews
    assert review.state == "COMMENTED"
    assert {(comment.path, comment.line) for comment in review.comments} == {("app/cart.py", 6), ("app/cart.py", 10)}
    assert any("```suggestion\n    return total(items) / len(items) if items else 0\n```" in comment.body for comment in review.comments)
    (check,) = system.checks()
    assert (check.status, check.conclusion) == ("completed", "success")
    assert check.title is not None and check.title.startswith("1 critical, 1 high")


async def test_the_comment_links_the_run_if_there_is_a_public_address(tmp_path: Path) -> None:
    async with open_system(tmp_path, public_url="https://council.example/") as system:
        system.repository.add_collaborator("ada", "write")
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        run = system.comments(pull)[0].split("[open the run](https://council.example/runs/")[1].split(")</sub>")[0]
        assert len(run) == 32
        found = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
        system.repository.comment(pull.number, "ada", f"/council dismiss {found}")
        await system.settle()
        (summary, _) = (comment.body for comment in pull.issue.comments if comment.author.login.endswith("[bot]"))
        assert "1 dismissed" in summary and f"/runs/{run})" in summary


async def test_a_path_is_shown_unchanged_and_matched_in_any_form(system: InProcessSystem) -> None:
    spelled = ("app/café.py", "app/caf\\303\\251.py", normalize("NFD", "app/café.py"))
    system.script(*([INJECTION | {"path": path}] for path in spelled))
    pull = system.repository.open_pull_request("Search", {"app/café.py": HEAD["app/cart.py"]})
    await system.settle()
    (review,) = pull.reviews
    assert [(comment.path, comment.line) for comment in review.comments] == [("app/café.py", 10)]
    assert "3 of 3 models · reply to ask why" in review.comments[0].body
