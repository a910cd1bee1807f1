"""The style checker finds the breaches that it is meant to find."""

import pytest

from tests.style.rules import (
    banned_words,
    bare_participles,
    is_bare,
    long_subjects,
    prose_of,
    public_classes,
    repeated_classes,
    tuple_parameters,
)

CODE = '''"""A council is told the rest."""

NAME = "is told"


def told() -> None:
    """Keep it of its own."""
    # Whoever waits, goes by it.
    value = "anew"


class Place:
    pass
'''


def test_prose_is_docstrings_and_comments_only() -> None:
    assert sorted(prose_of("a.py", CODE)) == [1, 7, 8]
    assert sorted(prose_of("a.md", "one\ntwo")) == [1, 2]


def test_banned_words_are_named_with_their_line() -> None:
    lines = [breach.line for breach in banned_words("a.py", prose_of("a.py", CODE))]
    assert lines == [1, 7, 8, 8]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("It waits, for they come late.", True),
        ("It waits for them, for example.", False),
        ("One line a call.", True),
        ("One line for each call.", False),
        ("The chair stands in for it.", True),
        ("It stands in the diff.", False),
        ("Nothing at hand.", True),
        ("Two names are told apart by their case.", True),
        ("Missed deliveries are made up for later.", True),
        ("It was made up by a model.", False),
        ("Fitted on one half and tried on the other, and the other way round.", True),
        ("It failed by GitHub's own word.", True),
        ("Its price stands beside its name.", True),
        ("It stands in front of the list.", True),
        ("The finding stays in front.", False),
        ("The log speaks of a timeout.", True),
        ("Nobody's business.", True),
        ("It waits whilst others work.", True),
    ],
)
def test_constructions(text: str, refused: bool) -> None:
    assert bool(list(banned_words("a.md", {1: text}))) == refused


def test_names() -> None:
    assert [is_bare(name) for name in ("told", "joined", "load_baseline", "need", "of", "_told", "speed")] == [
        True, True, False, False, True, False, False,
    ]  # fmt: skip
    assert [breach.line for breach in bare_participles("a.py", CODE)] == [6]
    classes = {"a.py": public_classes(CODE), "b.py": {"Place": 3}}
    assert [breach.place for breach in repeated_classes(classes)] == ["b.py"]
    assert list(repeated_classes({"a.py": public_classes(CODE), "b.py": {"Spot": 3}})) == []


@pytest.mark.parametrize(("kind", "refused"), [("tuple[int, str]", True), ("tuple[int]", True), ("tuple[int, ...]", False), ("int", False)])
def test_parameters(kind: str, refused: bool) -> None:
    assert bool(list(tuple_parameters("a.py", f"def place(where: {kind}) -> None: ..."))) == refused
    assert list(tuple_parameters("a.py", f"def _place(where: {kind}) -> None: ...")) == []


def test_subjects() -> None:
    assert [breach.place for breach in long_subjects({"a1": "x" * 72, "b2": "x" * 73})] == ["commit b2"]
