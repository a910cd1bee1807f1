"""The edges of a diff: lines beyond a hunk's header, merges, and names in every spelling of git."""

import pytest

from reviewers.context.diff import parse
from reviewers.context.diff_header import file_begins, read_header, unquote
from reviewers.context.diff_hunks import Hunks, first_parent
from reviewers.context.diff_index import index

CUT = "its diff is cut off"
Span = tuple[int, int, int, int, int, int, bool]


def read(patch: str) -> tuple[Hunks, list[str], int]:
    lines = patch.split("\n")
    hunks = Hunks(lines)
    return hunks, lines, hunks.read(0)


# Old start and count, new start and count, first line and the one after the last, cut; then additions and deletions.
@pytest.mark.parametrize(
    ("patch", "span", "counts"),
    [
        ("@@ -1,2 +1 @@\n a\n+b\n-c", (1, 1, 1, 1, 0, 2, True), (0, 0)),
        ("@@ -1 +1,2 @@\n+a\n b\n c\n d", (1, 1, 1, 2, 0, 3, False), (1, 0)),
        ("@@ -3,1 +3,1 @@ f\n-a\n b", (3, 1, 3, 0, 0, 2, True), (0, 1)),
        ("@@ -3,1 +3,1 @@\n+a\n b", (3, 0, 3, 1, 0, 2, True), (1, 0)),
        ("@@ -3 +3 @@\n-a\n b", (3, 1, 3, 0, 0, 2, True), (0, 1)),
        ("@@ -3 +3 @@\n+a\n b", (3, 0, 3, 1, 0, 2, True), (1, 0)),
        ("@@ -5,0 +6,1 @@\n+a\n+b\n-c", (5, 0, 6, 1, 0, 2, False), (1, 0)),
        ("@@ -5,2 +5,0 @@\n-a\n\n-c", (5, 1, 5, 0, 0, 2, True), (0, 1)),
        ("@@ -7,1 +7,2 @@\n+x\n\r\n+y\n z", (7, 1, 7, 2, 0, 3, False), (1, 0)),
        ("@@ -7,1 +7,3 @@\n+x\n\r\n z", (7, 1, 7, 2, 0, 3, True), (1, 0)),
        ("@@ -1,3 +1,1 @@\n-a\n b\n\\ No newline at end of file\n c\n-d", (1, 2, 1, 1, 0, 4, True), (0, 1)),
        ("@@ -1,1 +1,3 @@\n+a\n+b\n c\n d\n+e", (1, 1, 1, 3, 0, 4, False), (2, 0)),
        ("@@ -4,3 +8,2 @@\n-a\n-b\n+c\n d\n e\n f", (4, 3, 8, 2, 0, 5, False), (1, 2)),
        ("@@ -4,4 +8,2 @@\n-a\n-b\n+c\n d\n e\n f", (4, 3, 8, 2, 0, 5, True), (1, 2)),
        ("@@ -1,2 +1 @@\n a", (1, 1, 1, 1, 0, 2, True), (0, 0)),
        ("@@ -1 +1,2 @@\n a", (1, 1, 1, 1, 0, 2, True), (0, 0)),
        ("@@ -1 +1 @@\n a\n\\ No newline at end of file", (1, 1, 1, 1, 0, 3, False), (0, 0)),
    ],
)
def test_a_hunk_ends_where_its_header_or_its_lines_do(patch: str, span: Span, counts: tuple[int, int]) -> None:
    hunks, _, end = read(patch)
    assert [tuple(each) for each in hunks.spans] == [span]
    assert (hunks.additions, hunks.deletions) == counts and hunks.parents == 1 and end == len(patch.split("\n"))
    assert hunks.problem == (CUT if span[-1] else "")


def test_after_a_hunk_that_is_too_long_the_next_one_is_read() -> None:
    hunks, _, _ = read("@@ -1,2 +1,1 @@\n a\n\\ No newline at end of file\n b\n@@ -9 +9 @@\n-c\n+d")
    assert [tuple(each) for each in hunks.spans] == [(1, 1, 1, 1, 0, 3, True), (9, 1, 9, 1, 4, 7, False)]
    assert (hunks.additions, hunks.deletions, hunks.problem) == (1, 1, CUT)


@pytest.mark.parametrize(
    ("patch", "span", "counts", "shown"),
    [
        (
            "@@@ -1,2 -1,2 +1,3 @@@ def f\n  a\n +b\n+ c\n- d\n -e",
            (1, 2, 1, 3, 0, 4, False),
            (1, 0),
            "@@ -1,2 +1,3 @@ def f\n a\n b\n+c",
        ),
        ("@@@ -1,2 -1,2 +1,2 @@@\n  a\n--b\n++c", (1, 2, 1, 2, 0, 4, False), (1, 1), "@@ -1,2 +1,2 @@\n a\n-b\n+c"),
        ("@@@ -1 -1 +1 @@@\n--a\n++b", (1, 1, 1, 1, 0, 3, False), (1, 1), "@@ -1,1 +1,1 @@\n-a\n+b"),
        ("@@@ -1,2 -1 +1 @@@\n  a\n- b", (1, 2, 1, 1, 0, 3, False), (0, 1), "@@ -1,2 +1,1 @@\n a\n-b"),
        ("@@@ -1 -1,2 +1 @@@\n  a\n -b", (1, 1, 1, 1, 0, 3, False), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@ -1,1 -1,1 +1,1 @@@\n  a\nzzz", (1, 1, 1, 1, 0, 2, False), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@ -1,3 -1,3 +1,3 @@@\n  a\nzzz\n  b", (1, 1, 1, 1, 0, 2, True), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@ -1,3 -1,3 +1,3 @@@\n  a", (1, 1, 1, 1, 0, 2, True), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@@ -1 -1 -1 +1 @@@@\n---a\n+++b", (1, 1, 1, 1, 0, 3, False), (1, 1), "@@ -1,1 +1,1 @@\n-a\n+b"),
        ("@@@ -2,0 -2,1 +3,1 @@@\n+ x", (2, 0, 3, 1, 0, 2, False), (1, 0), "@@ -2,0 +3,1 @@\n+x"),
        ("@@@ -2,1 -2,0 +3 @@@\n +x", (2, 1, 3, 1, 0, 2, False), (0, 0), "@@ -2,1 +3,1 @@\n x"),
        ("@@@ -4,1 -7,1 +9,1 @@@\n  a", (4, 1, 9, 1, 0, 2, False), (0, 0), "@@ -4,1 +9,1 @@\n a"),
        ("@@@ -1,1 -1,1 +1,2 @@@\n  a", (1, 1, 1, 1, 0, 2, True), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@ -1,1 -1,2 +1,1 @@@\n  a", (1, 1, 1, 1, 0, 2, True), (0, 0), "@@ -1,1 +1,1 @@\n a"),
        ("@@@ -4,2 -4,1 +4,2 @@@\n\n +x", (4, 2, 4, 2, 0, 3, False), (0, 0), "@@ -4,2 +4,2 @@\n \n x"),
    ],
)
def test_a_merge_is_read_against_its_first_parent(patch: str, span: Span, counts: tuple[int, int], shown: str) -> None:
    hunks, lines, _ = read(patch)
    assert [tuple(each) for each in hunks.spans] == [span]
    assert (hunks.additions, hunks.deletions) == counts and hunks.problem == (CUT if span[-1] else "")
    assert hunks.parents == lines[0].index(" ") - 1
    assert first_parent(hunks.spans[0], lines, hunks.parents) == shown


@pytest.mark.parametrize("hunk", ["@@ -1,2 +1,2 @@\n-a\n+b\n c", "@@ -1,2 +1 @@\n-a\n+b\n+c", "@@@ -1,2 -1,2 +1,2 @@@\n  a\n--b\n++c"])
def test_the_counts_of_a_file_are_those_of_all_its_hunks(hunk: str) -> None:
    hunks, _, _ = read(f"{hunk}\n{hunk}")
    assert (len(hunks.spans), hunks.additions, hunks.deletions) == (2, 2, 2)


@pytest.mark.parametrize("patch", ["@@ -1,2 +1,2 @@ f(): @@ -x\n a\n-b\n+c", "@@ -1,9 +1,9 @@ f(): @@ -x\n a\n-b\n+c"])
def test_a_hunk_keeps_the_words_of_its_header(patch: str) -> None:
    diff = parse("x", patch)
    assert diff is not None and [hunk.section for hunk in diff.hunks] == ["f(): @@ -x"]


@pytest.mark.parametrize("cut", [0, 1])
@pytest.mark.parametrize("binary", [0, 1, None])
def test_a_file_that_becomes_a_link_is_one_file(cut: int, binary: int | None) -> None:
    """Its two sections count together, and what one of them lacks is said of the file."""
    bodies = ["--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+c\n+d\n"]
    bodies[cut] = bodies[cut].rsplit("\n", 2)[0] + "\n"
    if binary is not None:
        bodies[binary] = "Binary files differ\n"
    kinds = ("deleted file mode 100644", "new file mode 120000")
    (file,) = index("".join(f"diff --git a/x b/x\n{kind}\n{body}" for kind, body in zip(kinds, bodies, strict=True))).files
    assert (file.path, str(file.status), file.old_mode, file.new_mode) == ("x", "changed", "100644", "120000")
    counts = [0 if side == binary else 1 if side == cut else 2 for side in (1, 0)]
    assert [file.additions, file.deletions] == counts and len(file.spans) == (2 if binary is None else 1)
    assert file.binary is (binary is not None) and file.problem == ("" if binary == cut else CUT)


@pytest.mark.parametrize("header", ["@@@ -1 +1 @@@", "@@@@ -1 -1 +1 @@@@", "@@@ nonsense"])
def test_a_merge_whose_header_names_too_few_parents_is_named(header: str) -> None:
    hunks, _, _ = read(f"{header}\n  a")
    assert hunks.spans == [] and hunks.problem == "a hunk's header cannot be read"


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        (r'"a\tb"', "a\tb"),
        (r'"\303\244"', "ä"),
        (r'"x\"y\\z"', 'x"y\\z'),
        (r'"\a\b\n\v\f\r"', "\a\b\n\v\f\r"),
        (r'"q\z"', "qz"),
        (r'"pre\011post"', "pre\tpost"),
        (r'"\377"', "\ufffd"),
        ('"ä\\303\\244"', "ää"),
        ('""', ""),
        ('"', '"'),
        ('"a', '"a'),
        ('a"', 'a"'),
        ("plain", "plain"),
    ],
)
def test_a_quoted_name_is_spelled_as_in_the_tree(printed: str, name: str) -> None:
    assert unquote(printed) == name


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("a/x b/x", "x"),
        ("a/x y b/x y", "x y"),
        (r'"a/\303\244" "b/\303\244"', "ä"),
        (r'a/x "b/\303\244"', "ä"),
        ('"a/q" b/q r', "q r"),
        ("x x", "x"),
        ("i/x w/x", "x"),
        ("z/x z/x", "z/x"),
        ("a/x b/y", ""),
        ("a/a b/a c", ""),
        ('"a/q"b/q', ""),
        ('"a/q" ', ""),
        ("nonsense", ""),
        (" ", ""),
    ],
)
def test_one_line_names_a_file_twice(line: str, path: str) -> None:
    header, at = read_header([f"diff --git {line}", "@@ -1 +1 @@"], 0)
    assert (header.path, header.previous_path, at) == (path, None, 1)
    assert header.problem == ("" if path else "its name cannot be read")


@pytest.mark.parametrize(
    ("lines", "path", "previous", "status", "modes", "end"),
    [
        (
            ["diff --git a/o b/n", "rename from o", "rename to n", "index 1..2 100644", "@@ -1 +1 @@"],
            *("n", "o", "renamed", ("100644", "100644"), 4),
        ),
        (["diff --git a/o b/n", "copy from o", r'copy to "n\tx"'], "n\tx", "o", "copied", ("", ""), 3),
        (
            ["diff --git a/f b/f", "new file mode 100755", "--- /dev/null", "+++ b/f", "@@ -0,0 +1 @@"],
            *("f", None, "added", ("", "100755"), 4),
        ),
        (
            ["diff --git a/f b/f", "deleted file mode 100644", "--- a/f", "+++ /dev/null", "@@ -1 +0,0 @@"],
            *("f", None, "removed", ("100644", ""), 4),
        ),
        (["diff --git a/f b/f", "old mode 100644", "new mode 100755 "], "f", None, "modified", ("100644", "100755"), 3),
        (["diff --git a/f b/f", "new mode 1", "new mode 2"], "f", None, "modified", ("", "1"), 3),
        (["diff --cc f x", "--- a/f", "+++ b/f", "@@@ -1 -1 +1 @@@"], "f x", None, "modified", ("", ""), 3),
        ([r'diff --combined "f\303\244"', "@@@ -1 -1 +1 @@@"], "fä", None, "modified", ("", ""), 1),
        (["--- old name\t2020-01-01", "+++ new name\t2020-01-01", "@@ -1 +1 @@"], "new name", None, "modified", ("", ""), 2),
        (["--- a/x\r", "+++ b/x\r", "@@ -1 +1 @@"], "x", None, "modified", ("", ""), 2),
        (["--- a/x", "+++ a/x", "@@ -1 +1 @@"], "a/x", None, "modified", ("", ""), 2),
        (["--- b/x", "+++ src/x", "@@ -1 +1 @@"], "src/x", None, "modified", ("", ""), 2),
        (["--- /dev/null", "+++ 1/x", "@@ -0,0 +1 @@"], "x", None, "added", ("", ""), 2),
        (["--- 2/x", "+++ /dev/null", "@@ -1 +0,0 @@"], "x", None, "removed", ("", ""), 2),
        (["diff --git a/f b/f", "index 1..2 100644", "Binary files a/f and b/f differ"], "f", None, "modified", ("100644", "100644"), 2),
        (["diff --git a/f b/f", "index 1..2", "GIT binary patch"], "f", None, "modified", ("", ""), 2),
        (["diff --git a/f b/f", "diff --git a/g b/g"], "f", None, "modified", ("", ""), 1),
    ],
)
def test_a_header_tells_names_kind_and_modes(
    lines: list[str], path: str, previous: str | None, status: str, modes: tuple[str, str], end: int
) -> None:
    header, at = read_header(lines, 0)
    assert (header.path, header.previous_path, str(header.status), at) == (path, previous, status, end)
    assert (header.old_mode, header.new_mode, header.problem) == (*modes, "")


@pytest.mark.parametrize(
    ("lines", "begins"),
    [
        (["--- a", "+++ b", "@@ -1 +1 @@"], True),
        (["--- a", "+++ b"], False),
        (["--- a", "+ b", "@@ "], False),
        (["--- a", "+++ b", "x"], False),
        (["diff --cc x"], True),
        (["diff --combined x"], True),
        ([" diff --git a b"], False),
    ],
)
def test_a_file_begins_with_its_names(lines: list[str], begins: bool) -> None:
    assert file_begins(["before", *lines], 1) is begins
