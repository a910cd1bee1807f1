"""A signed delivery becomes one published review."""

from unicodedata import normalize

from tests.stories.house import DIVISION, GHOST, HEAD, INJECTION, House


async def test_an_opened_pull_request_is_reviewed_once(house: House) -> None:
    house.script([DIVISION, INJECTION], [DIVISION, GHOST], [])
    pull = house.open()
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: 2 to fix")
    (review,) = pull.reviews
    assert review.state == "COMMENTED"
    assert {(comment.path, comment.line) for comment in review.comments} == {("app/cart.py", 6), ("app/cart.py", 10)}
    assert any("```suggestion\n    return total(items) / len(items) if items else 0\n```" in comment.body for comment in review.comments)
    (check,) = house.checks()
    assert (check.status, check.conclusion) == ("completed", "success")
    assert check.title is not None and check.title.startswith("2 to fix")


async def test_a_path_is_shown_as_it_is_and_understood_however_it_is_repeated(house: House) -> None:
    spelled = ("app/café.py", "app/caf\\303\\251.py", normalize("NFD", "app/café.py"))
    house.script(*([INJECTION | {"path": path}] for path in spelled))
    pull = house.repository.open_pull_request("Search", {"app/café.py": HEAD["app/cart.py"]})
    await house.settle()
    (review,) = pull.reviews
    assert [(comment.path, comment.line) for comment in review.comments] == [("app/café.py", 10)]
    assert all(name in review.comments[0].body for name in ("gpt-5.5", "claude-opus-5-5", "gemini-3.1-pro"))
