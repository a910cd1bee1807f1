"""A signed delivery becomes one published review."""

from tests.stories.house import DIVISION, GHOST, INJECTION, House


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
