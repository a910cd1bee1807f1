"""What a suggested rule changes in council.yml and AGENTS.md, and what it leaves alone."""

import pytest

from app.configuration.council_yml import CONFIG_PATH, parse
from app.configuration.council_yml_edit import append_item
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings_layers import set_values
from app.configuration.suggested_change import HEADING, RELAXED, WATCHED, RepositoryTexts, change_for, title_of
from reviewers.learning.suggested_rules import RuleKind, SuggestedRule
from reviewers.values.finding import Category

PATHS, RULES = "review.paths", "review.path_instructions"
RULE = {"paths": ["docs/**"], "text": "Do not report findings about style here."}
FILES = {
    "no file": "",
    "comments alone": "# ours\n",
    "another section": "# ours\ngate:\n  enabled: true # yes\n",
    "an empty section": "review:\ngate:\n  enabled: true\n",
    "the section without the key": "review:\n  # why\n  drafts: true # yes\n",
    "wide indentation": "review:\n    # why\n    drafts: true\n",
    "a list with comments": "review:\n  paths:\n    - src/** # code\n    # why\n    - '!x'\n  drafts: true\n",
    "a list without indentation": "review:\n  paths:\n  - a\n  # why\n  drafts: true\n",
    "a list without a last line end": "review:\n  paths:\n    - src/**",
    "rules of several lines": (
        "review:\n  path_instructions:\n    - paths: a/**\n      text: >\n        x\n        y\n    # why\n  drafts: true\n"
    ),
}
REWRITTEN = {
    "a list in one line": "review:\n  paths: [src/**, '!b']\n  drafts: true\n",
    "a section in one line": "review: {drafts: true, paths: [a]}\n",
    "a single value": "review:\n  paths: src/**\n  drafts: true\n",
    "a single rule": "review:\n  path_instructions:\n    paths: a/**\n    text: x\n  drafts: true\n",
}


@pytest.mark.parametrize("name", [*FILES, *REWRITTEN])
@pytest.mark.parametrize(("key", "item"), [(PATHS, "!docs/**"), (RULES, RULE)])
def test_one_item_is_added_and_nothing_else(name: str, key: str, item: object) -> None:
    text = (FILES | REWRITTEN)[name]
    before = set_values(text)
    edited = append_item(text, key, ["**"] if key == PATHS else [], item)
    assert edited is not None
    own = before.get(key, ["**"] if key == PATHS else [])
    assert isinstance(own, list)
    assert set_values(edited) == {**before, key: [*own, item]}
    assert parse(edited, RepositoryConfig())[1] == ()
    if name in FILES:
        left = edited.splitlines()
        assert [line for line in text.splitlines() if line not in left] == []


@pytest.mark.parametrize("text", ["a: [", "- a list", "review: !!python/object x\n"])
def test_a_file_that_cannot_be_read_is_not_changed(text: str) -> None:
    edited = append_item(text, PATHS, ["**"], "!docs/**")
    assert edited is None or set_values(edited) == {**set_values(text), PATHS: ["**", "!docs/**"]}
    assert edited is None or text.startswith("review:")


def rule(kind: RuleKind, category: Category | None = None, folder: str = "docs") -> SuggestedRule:
    return SuggestedRule(kind=kind, folder=folder, category=category, evidence=())


def texts(council_yml: str = "", agents_md: str = "", **settings: object) -> RepositoryTexts:
    return RepositoryTexts(council_yml, agents_md, {key.replace("__", "."): value for key, value in settings.items()})


def test_an_exclusion_is_added_to_the_paths_that_apply() -> None:
    change = change_for(rule(RuleKind.EXCLUDE), texts(review__paths=["src/**"]))
    assert change is not None and (change.path, change.is_new) == (CONFIG_PATH, True)
    assert change.after == "review:\n  paths:\n  - src/**\n  - '!docs/**'\n"


@pytest.mark.parametrize("category", RELAXED)
def test_a_relaxed_kind_is_an_instruction_for_its_paths(category: Category) -> None:
    for folder, paths in (("docs", ["docs/**"]), ("", ["**"])):
        change = change_for(rule(RuleKind.RELAX, category, folder), texts())
        assert change is not None
        (made,) = parse(change.after, RepositoryConfig())[0].review.path_instructions
        assert (list(made.paths), made.text) == (paths, RELAXED[category])
        # A change that is merged is not suggested again.
        applied = [{"paths": paths, "text": RELAXED[category]}]
        assert change_for(rule(RuleKind.RELAX, category, folder), texts(change.after, review__path_instructions=applied)) is None


def test_what_is_in_effect_or_does_not_fit_is_not_suggested() -> None:
    assert change_for(rule(RuleKind.EXCLUDE), texts(review__paths=["**", "!docs/**"])) is None
    full = [{"paths": [f"{number}/**"], "text": "x"} for number in range(50)]
    assert change_for(rule(RuleKind.RELAX, Category.STYLE), texts(review__path_instructions=full)) is None
    assert change_for(rule(RuleKind.EXCLUDE), texts("a: [")) is None


SENTENCE = f"- In `docs/`, {WATCHED[Category.ERRORS]}."
AGENTS = {
    "": f"{HEADING}\n\n{SENTENCE}\n",
    "# Ours\n\nText.": f"# Ours\n\nText.\n\n{HEADING}\n\n{SENTENCE}\n",
    f"# Ours\n\n{HEADING}\n\n- One.\n\n## More\n\nText.\n": f"# Ours\n\n{HEADING}\n\n- One.\n{SENTENCE}\n\n## More\n\nText.\n",
    f"{HEADING}\n": f"{HEADING}\n\n{SENTENCE}\n",
}


@pytest.mark.parametrize("before", AGENTS)
def test_a_sentence_for_authors_is_added_to_its_section(before: str) -> None:
    change = change_for(rule(RuleKind.WATCH, Category.ERRORS), texts(agents_md=before))
    assert change is not None and change.path == "AGENTS.md"
    assert change.after == AGENTS[before]
    assert change_for(rule(RuleKind.WATCH, Category.ERRORS), texts(agents_md=change.after)) is None


def test_every_kind_has_its_words() -> None:
    """Security has no words for fewer findings, because that is never suggested."""
    assert set(WATCHED) == set(Category) and set(RELAXED) == set(Category) - {Category.SECURITY}
    assert [title_of(rule(RuleKind.EXCLUDE)), title_of(rule(RuleKind.WATCH, Category.API, ""))] == [
        "Do not review `docs/`",
        "Tell authors to watch out for api in this repository",
    ]
