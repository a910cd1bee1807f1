"""Patches from GitHub, and the ones that it withholds."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.context.diff import parse, render
from reviewers.values.finding import Side
from tests.patches import build_patch


@pytest.mark.parametrize(
    ("patch", "right", "left", "added"),
    [
        ("@@ -1,2 +1,3 @@ def f():\n a\n+b\n c", {1, 2, 3}, {1, 2}, {2}),
        ("@@ -0,0 +1 @@\n+x", {1}, set(), {1}),
        ("@@ -1 +0,0 @@\n-x", set(), {1}, set()),
        ("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r", {1, 2}, {1, 2}, {2}),
        ("@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+b\n\\ No newline at end of file", {1}, {1}, {1}),
        ("@@ -1,2 +1,2 @@\n one\x0ctwo\u2028three\n-b\n+c\rd", {1, 2}, {1, 2}, {2}),
        ("@@ -1,2 +1,1 @@\n a\n--- a/x\n", {1}, {1, 2}, set()),
        ("@@ -1,3 +1,3 @@\n a\n\n-b\n+c", {1, 2, 3}, {1, 2, 3}, {3}),
        ("@@ -1 +1 @@\n-a\n+b\n@@ -10 +10,2 @@ class X\n c\n+d", {1, 10, 11}, {1, 10}, {1, 11}),
    ],
)
def test_numbers_of_both_sides(patch: str, right: set[int], left: set[int], added: set[int]) -> None:
    diff = parse("x", patch)
    assert diff is not None
    assert diff.commentable(Side.RIGHT) == right
    assert diff.commentable(Side.LEFT) == left
    assert diff.added() == added


@pytest.mark.parametrize("patch", [None, "", "Binary files differ", "@@ -1,5 +1,5 @@", "@@ nonsense @@\n a", "@@ -1 +1 @@\nzzz"])
def test_an_unreadable_part_costs_only_itself(patch: str | None) -> None:
    assert parse("x", patch) is None


@pytest.mark.parametrize(
    ("patch", "numbers", "problem"),
    [
        ("@@ -1,5 +1,5 @@\n a\n+b", {1, 2}, "its diff is cut off"),
        ("@@ -1 +1 @@\n-a\n+b\n@@ -9,9 +9,9 @@\n c", {1, 9}, "its diff is cut off"),
        ("@@ -1 +1 @@\n-a\n+b\nzzz\n@@ -9 +9 @@\n-c\n+d", {1, 9}, ""),
        ("@@ nonsense @@\n@@ -9 +9 @@\n-c\n+d", {9}, "a hunk's header cannot be read"),
        ("@@ -1,9 +1,9 @@\nzzz\n@@ -9 +9 @@\n-c\n+d", {9}, "its diff is cut off"),
        ("@@ -1 +1 @@\n-a\n+b\n+c\n@@ -9 +9 @@\n-c\n+d", {1, 9}, ""),
        ("@@ -1,2 +1 @@\n a\n+b\n-c\n@@ -9 +9 @@\n c", {1, 9}, "its diff is cut off"),
    ],
)
def test_a_bad_hunk_costs_only_itself(patch: str, numbers: set[int], problem: str) -> None:
    diff = parse("x", patch)
    assert diff is not None
    assert diff.commentable(Side.RIGHT) == numbers
    assert diff.problem == problem


def test_rendering_numbers_the_new_side() -> None:
    diff = parse("x", "@@ -4,3 +4,3 @@ def f(a):\n     a\n-    b\n+    c\u202e\n     d")
    assert diff is not None
    assert render(diff) == "@@ def f(a):\n     4       a\n       -     b\n     5 +     c\\u{202e}\n     6       d"


LINES = st.lists(st.text(alphabet="ab \t\r\x0c\u2028\x85é", max_size=4), max_size=8)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_built_patch_turns_base_into_head(old: list[str], new: list[str], old_ends: bool, new_ends: bool) -> None:
    base, head = "\n".join(old) + "\n" * old_ends, "\n".join(new) + "\n" * new_ends
    patch = build_patch(base, head)
    if base == head:
        assert patch is None
        return
    diff = parse("x", patch)
    assert diff is not None
    lines = head.split("\n")
    for hunk in diff.hunks:
        for row in hunk.rows:
            if row.new is not None:
                assert row.text == lines[row.new - 1].removesuffix("\r")


def test_a_built_patch_equals_git_s(tmp_path: Path) -> None:
    base = "".join(f"line {number}\n" for number in range(40))
    head = base.replace("line 5\n", "line five\n").replace("line 30\n", "") + "last"
    (tmp_path / "a").write_text(base)
    (tmp_path / "b").write_text(head)
    printed = subprocess.run(["git", "diff", "--no-index", "a", "b"], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    ours = build_patch(base, head)
    assert ours is not None
    theirs = printed[printed.index("@@") :].removesuffix("\n")
    assert [line.split("@@")[1] if line.startswith("@@") else line for line in ours.split("\n")] == [
        line.split("@@")[1] if line.startswith("@@") else line for line in theirs.split("\n")
    ]
