"""How a model may spell a path: verbatim, in another Unicode form, escaped by git or JSON, or in another case."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.anchoring.anchor import find_file
from reviewers.anchoring.path_matching import match_end, match_path, unescape
from reviewers.context.prompt_blocks import FenceTags
from reviewers.context.snapshot import ChangedFile, FileStatus, Snapshot

CAFE = "src/café.py"
NFD = unicodedata.normalize("NFD", CAFE)
KNOWN = (CAFE, "src/日本.py", "README.md", "lib/Straße.java", "app/🎉.ts", "lib/util.py", "lib/Util.py")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (CAFE, CAFE),
        (NFD, CAFE),
        ("src/caf\\303\\251.py", CAFE),
        ('"src/caf\\303\\251.py"', CAFE),
        ('"b/src/caf\\303\\251.py"', CAFE),
        ("src/caf\\u00e9.py", CAFE),
        ("src/cafe\\u0301.py", CAFE),
        ("a/src/\\346\\227\\245\\346\\234\\254.py", "src/日本.py"),
        ("src/\\u65e5\\u672c.py", "src/日本.py"),
        ("app/\\ud83c\\udf89.ts", "app/🎉.ts"),
        ("app/\\u{1f389}.ts", "app/🎉.ts"),
        ("`./src/CAFÉ.py`", CAFE),
        ("readme.md", "README.md"),
        ("LIB/STRASSE.JAVA", "lib/Straße.java"),
        ("lib/util.py", "lib/util.py"),
        ("lib/Util.py", "lib/Util.py"),
        ("lib/UTIL.py", None),
        ("src/caf\\377.py", None),
        ("src/cafe.py", None),
        ("", None),
    ],
)
def test_a_path_matches_if_only_one_file_fits(said: str, meant: str | None) -> None:
    assert match_path(said, KNOWN) == meant


def test_the_end_of_a_path_is_enough_if_only_one_file_fits() -> None:
    assert match_end("caf\\303\\251.py", KNOWN) == CAFE and match_end("CAFÉ.py", KNOWN) == CAFE
    assert match_end("UTIL.py", KNOWN) is None and match_end("", KNOWN) is None


def test_both_forms_of_one_name_are_two_files() -> None:
    both = Snapshot(
        repository="acme/shop",
        number=1,
        url="",
        title="",
        body="",
        author="ada",
        base_ref="main",
        base_sha="a",
        head_ref="change",
        head_sha="b",
        files=(ChangedFile(path=CAFE, status=FileStatus.MODIFIED), ChangedFile(path=NFD, status=FileStatus.MODIFIED)),
    )
    for path in (CAFE, NFD):
        found = find_file(path, both)
        assert found is not None and found.path == path
    renamed = both.model_copy(update={"files": (ChangedFile(path=CAFE, previous_path=NFD, status=FileStatus.RENAMED),)})
    for path in (CAFE, NFD, CAFE.upper(), "café.py"):
        found = find_file(path, renamed)
        assert found is not None and found.path == CAFE


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\\`\"'"), min_size=1, max_size=20))
def test_git_s_escapes_are_read_back(name: str) -> None:
    git = "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in name.encode())
    assert unescape(git) == name


def test_a_prompt_shows_a_path_verbatim_without_hidden_characters() -> None:
    assert f'path="{CAFE}"' in FenceTags("x").block("diff", "", path=CAFE)
    shown = FenceTags("x").block("diff", "", path='a"b\n\u202e\u200b.py')
    assert "\u202e" not in shown and "\u200b" not in shown and '\\"b\\n' in shown
