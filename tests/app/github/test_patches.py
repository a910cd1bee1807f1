"""Reverting a patch restores the base. A rebuilt patch is equivalent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.context.patches import rebuild, take_back

TEXTS = st.lists(st.sampled_from(["a", "b", "", "c\r", "\u2028d", "-x", "+y", "@@ z"]), max_size=14).flatmap(
    lambda rows: st.sampled_from(["\n".join(rows), "".join(f"{row}\n" for row in rows)])
)


@given(TEXTS, TEXTS)
def test_a_rebuilt_patch_can_be_reverted(base: str, head: str) -> None:
    patch = rebuild(base, head)
    assert patch is not None
    assert take_back(patch, head) == base


@pytest.mark.parametrize(
    ("patch", "head", "base"),
    [
        ("@@ -1 +1 @@\n-a\n+b", "b\n", "a\n"),
        ("@@ -0,0 +1,2 @@\n+a\n+b", "a\nb\n", ""),
        ("@@ -1,2 +0,0 @@\n-a\n-b\n\\ No newline at end of file", "", "a\nb"),
        ("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a", "a\n", "a"),
        ("@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file", "a", "a\n"),
        ("@@ -3,2 +3,2 @@ def f():\n c\n-d\n+e", "a\nb\nc\ne\nf\n", "a\nb\nc\nd\nf\n"),
        ("@@ -1 +1 @@\n-a\n+b", "something else\n", None),
        ("@@ -9 +9 @@\n-a\n+b", "b\n", None),
    ],
)
def test_reverting_a_patch(patch: str, head: str, base: str | None) -> None:
    assert take_back(patch, head) == base


def test_texts_too_long_to_compare_are_left_alone() -> None:
    assert rebuild("a\n" * 15_000, "b\n" * 15_000) is None
