"""Text from models and pull requests stays readable and becomes harmless."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reporters.text.safety import code, fence, line, plain, prose, prose_after, prose_before, suggestion
from benchmarks.hostile import ATOMS, bodies
from benchmarks.markdown import dangers

B = "\u200b"
NOTE = "<sub>One space was added before lines that a bot could read as a command.</sub>"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ask @octocat", f"ask @{B}octocat"),
        ("ask @\u200boctocat", f"ask @{B}octocat"),
        ("see #12 and GH-3", f"see #{B}12 and GH-{B}3"),
        (r"see \#12", f"see #{B}12"),
        ("[#](x)1", f"\\#{B}1"),
        ("acme/shop#4", f"acme/shop#{B}4"),
        ("at deadbeefcafe", f"at deadbe{B}efcafe"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("![pic](http://x/y.png)", "pic"),
        ("[text](https://evil.example)", "text"),
        ("https://evil.example", f"https:{B}//evil.example"),
        ("www.evil.example", f"www{B}.evil.example"),
        ("/merge", f"{B}/merge"),
        (":shipit:", f":{B}shipit:"),
        ("$x$", "&#36;x&#36;"),
        ("# Title", "**Title**"),
        ("a\nb", "a b"),
        ("snake_case and 2 * 3", r"snake\_case and 2 \* 3"),
        ("**bold** and `x < y @a`", "**bold** and `x < y @a`"),
        ("- a\n- b\n  - c", "- a\n- b\n\n  - c"),
        ("1. a\n2. b", "1. a\n2. b"),
        ("> q", "> q"),
        ("a\u202eb\u0000c\ud800d", "abcd"),
        ("```mermaid\ngraph\n```", "```\ngraph\n```"),
        ("```suggestion\nx\n```", "```\nx\n```"),
        ("```python\nx\n```", "```python\nx\n```"),
        ("````\n```\n/merge\n````", f"````\n```\n{B}/merge\n````"),
        ("bors r+", f"b{B}ors r+"),
        ("Fine.\n\nok to test", f"Fine.\n\no{B}k to test"),
        ("- Retest this please", f"- R{B}etest this please"),
        ("jenkins, test this please", f"j{B}enkins, test this please"),
        ("> recheck", f"> r{B}echeck"),
        ("`@dependabot merge` and `@property`", f"`@{B}dependabot merge` and `@property`"),
        ("```\n@renovate[bot] rebase\nx = 1\n```", f"```\n @{B}renovate[bot] rebase\nx = 1\n```\n\n{NOTE}"),
        ("Retest coverage is low", "Retest coverage is low"),
        ("```py\n@property\ndef retest(): pass\n```", "```py\n@property\ndef retest(): pass\n```"),
        ("", ""),
    ],
)
def test_prose(given: str, shown: str) -> None:
    assert prose(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a | b", "a &#124; b"),
        ("`a | b`", "`a \\| b`"),
        ("two\nlines", "two lines"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_line(given: str, shown: str) -> None:
    assert line(given) == shown


def test_code_spans_hold_whatever_they_are_given() -> None:
    assert code("a`b``c") == "```a`b``c```"
    assert code("`") == "`` ` ``"
    assert code("") == code("\n ") == ""
    assert code("<!-- council:summary x -->") == f"`<{B}!-- council:summary x -->`"
    assert code("a|b", cell=True) == "`a\\|b`"


def test_code_spans_around_a_dropped_link_stay_two() -> None:
    assert line("`a`[](https://x.example)`b`") == f"`a`{B}`b`"


def test_of_many_brackets_none_begins_a_link() -> None:
    """Searching the end of each would take quadratic time."""
    link = "[a](https://x.example)"
    assert prose(link + "[" * 10, 5_000).startswith("a\\[")
    assert prose(link + "[" * 300, 5_000).startswith("\\[a\\]")


def test_fences_are_longer_than_what_they_hold() -> None:
    assert fence("a\n````\nb").startswith("`````\n")
    assert fence("x", "py\n@a") == "```\nx\n```"


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ("    return 0", True),
        ("/merge", False),
        ("a\u202eb", False),
        ("<!-- x", False),
        ("", True),
        ("x\nbors r+", False),
        ("retest", False),
        ("# @dependabot merge", False),
        ("@property\ndef retest(self):\n    return 1", True),
    ],
)
def test_a_suggestion_is_offered_as_it_is_or_not_at_all(given: str, offered: bool) -> None:
    assert suggestion(given) == (f"```suggestion\n{given}\n```" if offered else None)


def test_a_suggestion_with_fences_inside_stays_one_block() -> None:
    assert suggestion("```\nx\n```\n") == "````suggestion\n```\nx\n```\n````"


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(ATOMS), st.text(max_size=12)), max_size=12), st.sampled_from(["", " ", "\n", "`"]))
def test_nothing_comes_to_life(parts: list[str], glue: str) -> None:
    text = glue.join(parts)
    for shown in (prose(text), line(text), f"| {line(text)} |\n|-|\n| {code(text, cell=True)} |", fence(text), plain(text)):
        assert not [danger for danger in dangers(shown, "check" if shown != plain(text) else "plain") if danger != "too_long"]


def test_reading_what_was_written_changes_nothing_more() -> None:
    stream = bodies(random.Random(3))
    for _ in range(200):
        assert not list(dangers(prose(prose(next(stream))), "check"))


@pytest.mark.parametrize(
    "text", ["> " * 3_000, "[" * 6_000, "*a " * 2_000, "`" * 5_999, "- " * 3_000, "<" * 6_000, "![" * 3_000, "\\" * 6_000]
)
def test_pathological_text_is_quick_and_bounded(text: str) -> None:
    assert len(prose(text)) < 40_000


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("It leaks.", "**Do:** It leaks.", "It leaks. Two read it."),
        ("", "**Do:**", "Two read it."),
        ("```\n<script>a</script>\n```", "**Do:**\n\n```\n<script>a</script>\n```", "```\n<script>a</script>\n```\n\nTwo read it."),
        ("- one\n- two", "**Do:**\n\n- one\n- two", "- one\n- two\n\nTwo read it."),
        ("It leaks.\n\n- one", "**Do:** It leaks.\n\n- one", "It leaks.\n\n- one\n\nTwo read it."),
    ],
)
def test_blocks_begin_and_end_on_lines_of_their_own(text: str, after: str, before: str) -> None:
    assert prose_after("**Do:**", text) == after
    assert prose_before(text, "Two read it.") == before


@given(st.lists(st.sampled_from([*ATOMS, "\n", "```", "\n```\n", "- ", "> ", "<script>"]), max_size=12).map("".join))
def test_nothing_comes_to_life_next_to_words_of_ours(text: str) -> None:
    for said in (prose_after("**Do:**", text), prose_before(text, "Two read it.")):
        assert [what for what in dangers(said, "check") if what != "live_fences"] == []


@pytest.mark.parametrize(
    ("shape", "given", "shown"),
    [
        # Line ends of all systems, tabs, and what no screen shows: control characters, private and unassigned ones.
        (line, "a\r\nb\rc\td\u2028e\u2029f\ue000g\u0378h\u200cz\u200dq\u0007", "a b c d e fgh\u200cz\u200dq"),
        (prose, "a\r\nb\n\nc\td\u2028e\u2029\u2029f", "a b\n\nc    d e\n\nf"),
        (plain, "a\n b\t c", "a b c"),
        (prose, "a  \nb\\\nc", "a b c"),
        (line, "*soft* **hard** _too_ ***both***", "*soft* **hard** *too* ***both***"),
        (line, "", ""),
        (line, "  # x", "\\# x"),
        (code, "a|b", "`a|b`"),
        (fence, "a\n\n", "```\na\n```"),
        (fence, "x\r\ny\r", "```\nx\ny\n```"),
        (suggestion, "a b\n\tc", "```suggestion\na b\n\tc\n```"),
        (suggestion, "a\r\nb", None),
        (suggestion, "a\u2028b", None),
        (prose, "```py x\na\n```\n\n    code\n", "```py\na\n```\n\n```\ncode\n```"),
        # Three levels are kept.
        (prose, "- a\n  - b\n    - c\n      - d\n        - e", "- a\n\n  - b\n\n    - c\n\n      d\n\n      e"),
        (prose, "> a\n> > b\n> > > c\n> > > > d", "> a\n> \n> > b\n> > \n> > > c\n> > > \n> > > d"),
    ],
)
def test_shapes(shape: Callable[[str], str | None], given: str, shown: str | None) -> None:
    assert shape(given) == shown


def test_a_text_of_just_the_limit_is_whole() -> None:
    assert (line("abcdef", 6), line("abcdef", 5), prose("x" * 20, 20), prose("x" * 21, 20)) == ("abcdef", "abcd…", "x" * 20, "x" * 19 + "…")
    assert prose_before("x" * 21, "after", 20).startswith("x" * 19 + "…")
