"""Joint patches of several findings."""

from app.reporters.text.patch_text import join_patches
from reviewers.values.finding import Location
from reviewers.values.verdict import RankedFinding
from tests.app.reporters.editions import ranked, snapshot


def fix(title: str, first: int, last: int, text: str | None) -> RankedFinding:
    return ranked(title, location=Location(path="cart.py", line=last, start_line=first if first != last else None), suggestion=text)


def test_fixes_of_one_file_are_one_diff_whatever_their_order() -> None:
    joined = join_patches(
        [fix("Ends", 6, 6, "    return 0\n    # end"), fix("Begins", 1, 2, "def total(items):\n    return 1")], snapshot()
    )
    assert [one.finding.title for one in joined.settled] == ["Ends", "Begins"]
    assert "+    return 1" in joined.diff and "+    # end" in joined.diff and joined.diff.count("--- a/cart.py") == 1
    assert joined.render().startswith("**One patch for 2 findings**")


def test_overlapping_and_missing_fixes_are_left_out() -> None:
    findings = [fix("Wide", 5, 6, "pass"), fix("Narrow", 6, 6, "x"), fix("None", 1, 1, None), fix("Beyond", 90, 90, "x")]
    joined = join_patches(findings, snapshot())
    assert [one.finding.title for one in joined.settled] == ["Wide"]
    assert [reason.split(": ")[1][:20] for reason in joined.left_out] == [
        "its fix changes the ",
        "no model proposed a ",
        "no model proposed a ",
    ]
