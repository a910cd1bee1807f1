"""A whole diff in one pass: names, counts and ranges of odd diffs, each file independent of the others."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.diff import differing
from benchmarks.fuzzed_tree import contents, grow, paths
from reviewers.context.diff import parse
from reviewers.context.diff_header import unquote
from reviewers.context.diff_index import IndexedFile, index
from reviewers.context.snapshot import FileStatus
from reviewers.values.finding import Side

HUNK = "@@ -1 +1 @@\n-a\n+b\n"
NAMES = "--- a/{0}\n+++ b/{0}\n"


def only(diff: str) -> IndexedFile:
    files = index(diff).files
    assert len(files) == 1
    return files[0]


@pytest.mark.parametrize(
    ("diff", "path", "previous", "status"),
    [
        ("diff --git a/x b/x\n" + NAMES.format("x") + HUNK, "x", None, "modified"),
        ("diff --git a/a b/c b/a b/c\n--- a/a b/c\t\n+++ b/a b/c\t\n" + HUNK, "a b/c", None, "modified"),
        ("diff --git a/a b/c b/a b/c\nold mode 100644\nnew mode 100755\n", "a b/c", None, "changed"),
        ('diff --git "a/caf\\303\\251" "b/caf\\303\\251"\nnew file mode 100644\nindex 0..e\n', "café", None, "added"),
        ('diff --git "a/q\\"\\t\\n\\\\" "b/q\\"\\t\\n\\\\"\ndeleted file mode 100644\n', 'q"\t\n\\', None, "removed"),
        ('diff --git a/x "b/\\001"\nsimilarity index 90%\nrename from x\nrename to "\\001"\n', "\x01", "x", "renamed"),
        ("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "y", "x", "copied"),
        ("diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n", "x", None, "added"),
        ("diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n", "x", None, "removed"),
        ("diff --git lib/x lib/x\n--- lib/x\n+++ lib/x\n" + HUNK, "lib/x", None, "modified"),
        ("diff --git i/x w/x\n--- i/x\n+++ w/x\n" + HUNK, "x", None, "modified"),
        ("--- a/x\t2020-01-01\n+++ b/x\t2020-01-02\n" + HUNK, "x", None, "modified"),
        ("diff --cc a b/x\nindex 1,2..3\n--- a/a b/x\n+++ b/a b/x\n@@@ -1,1 -1,1 +1,2 @@@\n  a\n++b\n", "a b/x", None, "modified"),
    ],
)
def test_names(diff: str, path: str, previous: str | None, status: str) -> None:
    file = only(diff)
    assert (file.path, file.previous_path, file.status) == (path, previous, FileStatus(status))


def test_binaries_and_submodules_are_distinguished() -> None:
    picture = only("diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n")
    assert picture.binary
    assert index("").patch(picture) is None
    packed = only("diff --git a/p b/p\nindex 1..2 100644\nGIT binary patch\ndelta 5\nMcmZ\n\ndelta 4\nLcmZ\n")
    assert packed.binary
    module = only("diff --git a/m b/m\nindex 1..2 160000\n--- a/m\n+++ b/m\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n")
    assert module.submodule
    assert (module.additions, module.deletions) == (1, 1)


def test_content_that_looks_like_a_diff_is_content() -> None:
    diff = "diff --git a/x b/x\n" + NAMES.format("x") + "@@ -1,2 +1,3 @@\n diff --git a/y b/y\n--- a/z\n+++ b/z\n+@@ -1 +1 @@\n"
    file = only(diff)
    assert (file.additions, file.deletions) == (2, 1)
    assert index(diff).patch(file) == "@@ -1,2 +1,3 @@\n diff --git a/y b/y\n--- a/z\n+++ b/z\n+@@ -1 +1 @@"


def test_one_bad_file_costs_itself() -> None:
    good = "diff --git a/{0} b/{0}\n" + NAMES + HUNK
    diff = good.format("x") + "diff --git nonsense\n@@ -1,99 +1,99 @@\n a\n" + good.format("y")
    files = index(diff).files
    assert [file.path for file in files] == ["x", "", "y"]
    assert [bool(file.problem) for file in files] == [False, True, False]
    assert [file.additions for file in files] == [1, 0, 1]


def test_a_file_that_became_a_link_is_one_file() -> None:
    gone = "diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    link = "diff --git a/x b/x\nnew file mode 120000\nindex 0..2\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n"
    file = only(gone + link)
    assert (file.status, file.additions, file.deletions, file.old_mode, file.new_mode) == (FileStatus.CHANGED, 1, 1, "100644", "120000")


def test_a_combined_diff_is_read_against_its_first_parent() -> None:
    diff = "diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,2 -1,3 +1,3 @@@ def f\n  a\n- b\n -c\n++d\n+ e\n"
    file = only(diff)
    assert (file.additions, file.deletions, file.problem) == (2, 1, "")
    patch = index(diff).patch(file)
    assert patch == "@@ -1,2 +1,3 @@ def f\n a\n-b\n+d\n+e"
    read = parse("x", patch)
    assert read is not None
    assert read.commentable(Side.RIGHT) == {1, 2, 3}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "diff --git a/x b/x",
                "@@ -1,2 +1,2 @@",
                "@@@ -1 -1 +1 @@@",
                "--- a/x",
                "+++ b/x",
                " a",
                "+b",
                "-c",
                "\\",
                "",
                "@@ x",
                "rename to y",
                '"',
            ]
        )
    )
)
def test_any_text_is_indexed_with_the_counts_of_unidiff(lines: list[str]) -> None:
    found = index("\n".join(lines))
    for file in found.files:
        diff = parse(file.path, found.patch(file))
        rows = [row.mark for hunk in diff.hunks for row in hunk.rows] if diff else []
        assert (rows.count("+"), rows.count("-")) == (file.additions, file.deletions)


def test_names_that_are_not_utf_8_are_kept() -> None:
    assert unquote('"a\\200b"') == "a\ufffdb"
    assert unquote('"') == '"'


def test_the_counts_equal_git_s(tmp_path: Path) -> None:
    dice = random.Random(3)
    history, base, head = grow(tmp_path, paths(dice, 60), contents(dice))
    found = index(history.diff(base, head).decode("utf-8", "replace"))
    theirs = {path: (added, deleted) for path, added, deleted in history.numstat(base, head) if added is not None}
    ours = {file.path: (file.additions, file.deletions) for file in found.files if file.path in theirs}
    assert len(theirs) > 30
    assert not differing(ours, theirs)
