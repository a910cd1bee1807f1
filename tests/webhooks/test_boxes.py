"""The checkboxes that an edit of the summary comment ticks."""

import pytest

from webhooks.tick_boxes import Tick, read_ticks

FOOT = "</details>\n\n<sub>Reviewed `d4e5f6a`</sub>\n\n<!-- council:summary run=r1 -->"
HEAD = "### Council: 2 to look at\n\n<details><summary>Act on findings</summary>\n\n"


def comment(*rows: str, head: str = HEAD, foot: str = FOOT) -> str:
    return head + "\n".join(rows) + "\n\n" + foot


RACE, TIMEOUT, AGAIN = "- [ ] dismiss `7f3a` *Two refreshes race*", "- [ ] dismiss `9bcb` *no timeout*", "- [ ] review again"
BEFORE = comment(RACE, TIMEOUT, AGAIN)


def on(row: str) -> str:
    return row.replace("[ ]", "[x]")


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (BEFORE, BEFORE, ()),
        (BEFORE, comment(on(RACE), TIMEOUT, AGAIN), (Tick("dismiss", "7f3a"),)),
        (BEFORE, comment(on(RACE), TIMEOUT, AGAIN).replace("\n", "\r\n"), (Tick("dismiss", "7f3a"),)),
        (BEFORE, comment(RACE.replace("[ ]", "[X]"), TIMEOUT, on(AGAIN)), (Tick("dismiss", "7f3a"), Tick("review"))),
        (comment(on(RACE), TIMEOUT, on(AGAIN)), BEFORE, (Tick("restore", "7f3a"),)),
        # In another order: the id decides, not the place.
        (BEFORE, comment(on(TIMEOUT), RACE, AGAIN), (Tick("dismiss", "9bcb"),)),
        # An older version of the comment, in which the first was not dismissed yet.
        (
            comment(on(RACE), TIMEOUT, AGAIN),
            comment(RACE, on(TIMEOUT), AGAIN, head=HEAD.replace("2 to", "3 to")),
            (Tick("dismiss", "9bcb"),),
        ),
        # No boxes, boxes elsewhere, or duplicates.
        (BEFORE, "### Council: 2 to look at", ()),
        (BEFORE, comment(on(RACE), TIMEOUT, AGAIN, foot=FOOT.replace("<sub>", "more\n\n<sub>")), ()),
        (BEFORE, comment(on(RACE), on(RACE), AGAIN), ()),
        # Text that only looks like a box.
        (BEFORE, comment("- [x] dismiss `zzzz` *no id*", TIMEOUT, "- [x] merge"), ()),
        # A code block with a list like ours is ignored.
        (BEFORE, f"```\n{comment(on(RACE), TIMEOUT)}\n```\n\n{BEFORE}", ()),
    ],
)
def test_the_boxes_that_an_edit_ticks(before: str, after: str, asked: tuple[Tick, ...]) -> None:
    assert read_ticks(before, after) == asked
