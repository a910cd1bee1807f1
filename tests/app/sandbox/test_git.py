"""Git's own ids, and diffs that other tools read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff import PatchSet

from app.sandbox.github.diffs import compare, hunks_between, moved_line
from app.sandbox.github.git import blob_sha, make_commit, merge_base, tree_sha


def test_ids_are_those_git_gives() -> None:
    # git hash-object, git write-tree
    assert blob_sha(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert tree_sha({}) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert tree_sha({"hello.txt": b"hello\n"}) == "aaa96ced2d9a1c8e72c56b253a0e2fe78393feb7"


@pytest.mark.parametrize(
    ("base", "head", "statuses"),
    [
        ({"a": b"1\n"}, {"a": b"2\n"}, ["modified"]),
        ({}, {"a": b"1\n"}, ["added"]),
        ({"a": b"1\n"}, {}, ["removed"]),
        ({"a": b"1\n2\n3\n"}, {"b": b"1\n2\n3\n"}, ["renamed"]),
        ({"a": b"1\n2\n3\n4\n"}, {"b": b"1\n2\n3\nx\n"}, ["renamed"]),
        ({"a": b"1\n"}, {"b": b"other\n"}, ["removed", "added"]),
        ({"a": b"\0"}, {"a": b"\0\1"}, ["modified"]),
        ({"a": b"1\n"}, {"a": b"1\n"}, []),
    ],
)
def test_the_kinds_of_changes(base: dict[str, bytes], head: dict[str, bytes], statuses: list[str]) -> None:
    assert [change.status for change in compare(base, head)] == statuses


def test_a_binary_file_has_no_patch() -> None:
    (change,) = compare({"a": b"\0"}, {"a": b"\0\1"})
    assert (change.patch, change.additions, change.deletions) == (None, 0, 0)
    assert "Binary files" in change.unified


def test_a_very_long_change_has_no_patch() -> None:
    (change,) = compare({}, {"a": b"x\n" * 20_001})
    assert change.patch is None
    assert change.additions == 20_001


def test_a_file_without_its_last_newline_says_so() -> None:
    (hunk,) = hunks_between(b"a\nb", b"a\nb\n")
    assert hunk.lines == (" a", "-b", "\\ No newline at end of file", "+b")


def test_the_header_names_the_function_above() -> None:
    base = b"def outer():\n" + b"".join(b"    x%d = 1\n" % number for number in range(10))
    (hunk,) = hunks_between(base, base.replace(b"x9", b"y9"))
    assert hunk.header == "@@ -8,4 +8,4 @@ def outer():"


lines = st.lists(st.sampled_from(["a", "b", "c", "", "  d", "é\u2028"]), max_size=14)


@settings(max_examples=150, deadline=None)
@given(lines, lines, st.booleans(), st.booleans())
def test_a_diff_is_read_back_by_another_parser(old: list[str], new: list[str], old_ends: bool, new_ends: bool) -> None:
    base = "\n".join(old) + ("\n" if old and old_ends else "")
    head = "\n".join(new) + ("\n" if new and new_ends else "")
    for change in compare({"f": base.encode()}, {"f": head.encode()}):
        (read,) = PatchSet(change.unified)
        assert (read.added, read.removed) == (change.additions, change.deletions)
        for hunk, seen in zip(change.hunks, read, strict=True):
            numbered = [(old_no, new_no) for old_no, new_no, _ in hunk.numbered()]
            assert numbered == [(line.source_line_no, line.target_line_no) for line in seen if line.line_type != "\\"]


def test_a_line_is_followed_through_an_edit() -> None:
    base, head = b"a\nb\nc\n", b"new\na\nB\nc\n"
    assert [moved_line(base, head, line) for line in (1, 2, 3)] == [2, None, 4]


def test_the_merge_base_is_where_two_branches_part() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    root = make_commit({"a": b"1"}, (), "root", "x", at)
    left, right = (make_commit({"a": text}, (root.sha,), "side", "x", at) for text in (b"2", b"3"))
    commits = {each.sha: each for each in (root, left, right)}
    assert merge_base(commits, left.sha, right.sha) == root.sha
