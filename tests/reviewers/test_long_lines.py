"""Long lines: differences are visible, the rest is counted, and a bundle costs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.context.diff import Row
from reviewers.context.diff_chunks import file_priority, pieces
from reviewers.context.long_lines import LONGEST, clip_line, clip_rows
from reviewers.context.prompt_blocks import FenceTags
from reviewers.context.snapshot import ChangedFile

LONG = ", ".join(f'"key{number}": {number}' for number in range(5_000))


def test_both_versions_of_a_long_line_show_what_differs() -> None:
    old, new = LONG, LONG.replace('"key2500": 2500', '"key2500": -1')
    removed, added = clip_rows([Row("-", 1, None, old), Row("+", None, 1, new)])
    assert '"key2500": 2500' in removed.text and '"key2500": -1' in added.text
    assert removed.text.startswith('"key0": 0') and added.text.endswith('"key4999": 4999')
    assert "characters…]" in added.text and len(added.text) < 700
    assert (removed.number, added.new) == (removed.number, 1)


def test_a_line_alone_shows_its_ends() -> None:
    text = clip_line(LONG)
    assert text.startswith('"key0": 0') and text.endswith('"key4999": 4999') and len(text) < 500


def test_an_embedded_picture_is_named() -> None:
    line = '  "image/png": "iVBORw0KGgo' + "A1b2" * 3_000 + '",'
    assert clip_line(line) == '  "image/png": "[a PNG image in base64, 12,011 characters]",'


def test_one_long_line_fills_no_prompt() -> None:
    patch = f"@@ -1,2 +1,2 @@\n-{LONG}\n+{LONG}x\n-a = 1\n+a = 2\n"
    (piece,) = pieces([ChangedFile(path="data.py", patch=patch)], FenceTags("n"), room=2_000, most=9)
    assert "a = 2" in piece.text and piece.cost < 900 and piece.whole


@given(st.text(alphabet="ab[…] ,", max_size=3_000), st.text(alphabet="ab[…] ,", max_size=3_000))
def test_a_clipped_line_is_short_and_has_both_ends(text: str, other: str) -> None:
    clipped = clip_line(text, other)
    assert len(clipped) <= 2 * LONGEST
    assert len(text) > LONGEST or clipped == text
    assert clipped[:50] == text[:50] and clipped[-50:] == text[-50:]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "a.kt",
            "a.swift",
            "a.scala",
            "a.ex",
            "a.dart",
            "a.vue",
            "a.svelte",
            "db/a.sql",
            "main.tf",
            "a.lua",
            "a.m",
            "a.zig",
            "a.hs",
            "a.ps1",
        ),
        *(
            "Dockerfile",
            "docker/Dockerfile.dev",
            "app/templates/a.html",
            "views/a.erb",
            "a.tmpl",
            "a.xhtml",
            "a.ftl",
            "CMakeLists.txt",
            "a.py",
            "a.go",
        ),
    ],
)
def test_code_is_code_with_or_without_a_grammar(path: str) -> None:
    assert file_priority(ChangedFile(path=path)) == 0


@pytest.mark.parametrize(("path", "rank"), [("README.md", 3), ("notes.txt", 3), ("tests/test_a.kt", 2), ("config.yml", 1), ("a.json", 1)])
def test_prose_tests_and_settings_come_after_code(path: str, rank: int) -> None:
    assert file_priority(ChangedFile(path=path)) == rank
