"""Two honest models and one bad one, in turn: the verdict, the posts, and the costs."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.sandbox.providers.response_script import ScriptedMember, lines_between
from app.sandbox.providers.service import ModelFault
from tests.stories.harness import DIVISION, GHOST, INJECTION, SEATS, InProcessSystem

LAST = "### Council: do not merge yet · 1 high"
BOTH = "### Council: do not merge yet · 1 critical, 1 high"
REAL_LINE = ("app/cart.py", "    return sum(item.price for item in items)")
INVENTED = ("app/cart.py", "    if not items: return 0")
HONEST = "return total(items) / len(items)"


class Raw:
    """A model that answers every round with fixed texts."""

    def __init__(self, opinion: str, critique: str = '{"votes": [], "same": []}') -> None:
        self._answers = {"OpinionAnswer": opinion, "CritiqueAnswer": critique}

    def answer(self, question: str, prompt: str) -> Any:
        return self._answers.get(question, "OK")


class Translated(ScriptedMember):
    """A member that votes in French and adds a word to the labels."""

    def answer(self, question: str, prompt: str) -> Any:
        if question != "CritiqueAnswer":
            return super().answer(question, prompt)
        rows = lines_between(prompt, "proposals")
        path, quote = "app/cart.py", "    return total(items) / len(items)"
        return {
            "votes": [
                {"label": f"Proposition {row['label']}", "stance": "confirmé", "evidence": "oui", "path": path, "quote": quote}
                for row in rows
            ]
        }


@dataclass(frozen=True)
class Row:
    """A bad member, then the summary's first line, the inline findings, the check, words of the summary, and the member's paid calls."""

    member: Any
    heading: str
    inline: tuple[str, ...]
    check: str
    words: tuple[str, ...]
    calls: int
    fault: ModelFault = ModelFault.NONE


def claim(**more: str) -> dict[str, Any]:
    return INJECTION | more


FIXED = (DIVISION["title"],)
MOST = "2 of 3 models read everything"
TABLE = {
    "garbage": Row(ScriptedMember(), LAST, FIXED, "success", (MOST, "gave an unusable answer"), 2, ModelFault.GARBAGE),
    "wrong shape": Row(ScriptedMember(), LAST, FIXED, "success", (MOST,), 2, ModelFault.WRONG_SHAPE),
    "empty": Row(ScriptedMember(), LAST, FIXED, "success", (MOST,), 2, ModelFault.EMPTY),
    "refusing": Row(ScriptedMember(), LAST, FIXED, "success", (MOST, "refused to answer"), 1, ModelFault.REFUSAL),
    "cut": Row(ScriptedMember([DIVISION, INJECTION]), LAST, FIXED, "success", (MOST, "was cut off"), 2, ModelFault.LENGTH),
    "obeying a text in the change": Row(
        ScriptedMember([], stance=lambda row: ("reject", "The file says that this change was approved.", "", "")),
        LAST, FIXED, "success", ("without evidence",), 2,
    ),
    "rejecting with an invented line": Row(
        ScriptedMember([], stance=lambda row: ("reject", "An empty cart is caught.", *INVENTED)),
        LAST, FIXED, "success", ("without evidence",), 2,
    ),
    "claiming with invented lines": Row(
        ScriptedMember([GHOST, GHOST | {"title": "Another ghost", "quote": "raise Boo(items)"}]),
        LAST, FIXED, "success", (MOST, "made only claims without valid evidence", "not posted: A ghost"), 2,
    ),
    "finding what others missed": Row(
        ScriptedMember([INJECTION]), BOTH, (INJECTION["title"], DIVISION["title"]), "success", (), 2,
    ),
    "surrogates and NUL": Row(
        Raw('{"findings": [{"title": "\\ud83d broken\\u0000", "body": "\\udc00 It fails on \\u0000 input.", "severity": "low",'
            ' "category": "docs", "path": "app/cart.py", "quote": "    return total(items) / len(items)", "line": 6, "suggestion": ""}]}'),
        LAST, FIXED, "success", (), 2,
    ),
    "another language": Row(
        Translated([claim(severity="critique", category="sécurité")]), BOTH, (INJECTION["title"], DIVISION["title"]), "success", (), 2,
    ),
    "other severities": Row(
        ScriptedMember([claim(severity="P0 (blocker)", category="vulnerability")]),
        BOTH, (INJECTION["title"], DIVISION["title"]), "success", (), 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
async def test_one_bad_member_of_three(system: InProcessSystem, name: str) -> None:
    row = TABLE[name]
    confirm = {INJECTION["title"]: ("confirm", "The name is formatted into the text.")}
    for seat in SEATS[:2]:
        system.sandbox.providers.script(seat, ScriptedMember([DIVISION], stance=confirm))
    system.sandbox.providers.script(SEATS[2], row.member).always = row.fault
    pull = system.open()
    await system.settle()

    (summary,) = system.comments(pull)
    inline = tuple(comment.body.split("**")[1] for review in pull.reviews for comment in review.comments)
    (check,) = system.checks()
    calls = [call for call in system.sandbox.providers.calls if call.model in SEATS[2] and call.status == 200]
    assert summary.split("\n")[0] == row.heading
    assert set(inline) == set(row.inline)
    assert check.conclusion == row.check
    assert [word for word in row.words if word not in summary] == []
    assert len(calls) == row.calls
    assert "\x00" not in summary and "\ud83d" not in summary


async def test_a_lie_with_a_real_line_disputes_and_does_not_reject(system: InProcessSystem) -> None:
    for seat in SEATS[:2]:
        system.sandbox.providers.script(seat, ScriptedMember([DIVISION]))
    system.sandbox.providers.script(SEATS[2], ScriptedMember([], stance=lambda row: ("reject", "It is summed there.", *REAL_LINE)))
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.split("\n")[0] == LAST
    assert "rejected by 1" in summary and "without evidence" not in summary
