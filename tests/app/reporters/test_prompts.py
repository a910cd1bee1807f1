"""The prompt for a coding agent: plain, complete, and inert on GitHub."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.reporters.text import prompt_text
from benchmarks.markdown import dangers
from reviewers.values.finding import Evidence
from tests.app.reporters.editions import ranked
from tests.app.reporters.shapes import RACE, TENANT, TIMEOUT

HEAD = "d4e5f6a7" * 5
HOSTILE = st.lists(
    st.sampled_from(
        ["```", "````", "~~~", "</details>", "<!-- council:finding x -->", "@ada", "#1", "https://x.y", "\n", "/merge", "bors r+"]
    )
    | st.text(max_size=12),
    max_size=30,
).map(" ".join)


def test_the_prompt_has_all_parts() -> None:
    text = prompt_text.prompt([TIMEOUT], HEAD)
    assert text.startswith("Fix this finding of a code review, at commit d4e5f6a.")
    parts = ["What: The token request has no timeout (high, likely)", "Where: auth/session.py:14", "Why: ", "The code now:", "Evidence:"]
    parts += ["    billing/jobs.py:31: while True: charge(session.refresh())", "Constraint: ", "Verify: "]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert not re.search(r"<\w|\*\*|council", text)


def test_all_of_them_are_numbered_and_a_disputed_one_says_so() -> None:
    text = prompt_text.prompt([RACE, TIMEOUT, TENANT], HEAD)
    assert "1. What: Two refreshes race" in text and "3. What: Cache key ignores the tenant (medium, unlikely, disputed" in text
    assert "A change that was proposed:\n            with self._lock:" in text


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_in_it_comes_to_life(title: str, body: str, code: str) -> None:
    one = ranked(title or "x", body=body, sketch=code, evidence=(Evidence(path="a.py", line=1, quote=code),))
    shown = prompt_text.section([one], HEAD)
    assert list(dangers(f"{shown}\n\n<!-- council:summary run=r1 -->", "summary")) == []
    fences = [token for token in MarkdownIt("commonmark").parse(shown) if token.type == "fence"]
    assert len(fences) == 1 and "Verify: write a test" in fences[0].content
