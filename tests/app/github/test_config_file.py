"""A config file: a wrong key affects only itself, names its line, and never loosens a limit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.configuration.council_yml import parse
from app.configuration.council_yml_problems import find_misplaced
from app.configuration.repository_config import LimitsConfig, RepositoryConfig, list_keys_of_file
from app.configuration.settings import MoneyCaps
from app.configuration.settings_layers import BUILT_IN, FILE, REPOSITORY, SettingsLayers, write_setting

BASE = RepositoryConfig()


def test_the_example_of_the_design_is_understood() -> None:
    text = """\
seats: [openai/gpt-5.5, anthropic/claude-opus-5-5, gemini/gemini-3.1-pro-preview]
chair: auto
quorum: 2
review:
  on: [opened, ready_for_review, synchronize, reopened]
  drafts: false
  skip: {authors: ["*[bot]"], labels: [no-council], titles: [], branches: []}
  paths: ["**", "!**/*.lock"]
  instructions: ""
  path_instructions: [{paths: "db/**", text: "Every migration must be reversible."}]
  publish: full
  max_inline: 5
  language: en
gate: {enabled: false, severity: high, confirmed_by_another_vendor: true, incomplete: neutral}
ci: {read_logs: true, wait_seconds: 0}
commands: {cost: write, read: read}
limits: {run_usd: 0.50, pull_request_usd: 2, day_usd: 5, month_usd: 50, month_consultations: null}
mirror: {enabled: true, max_mb: 500}
privacy: {store_transcripts: true, retention_days: 90, vendors: all}
"""
    config, problems = parse(text, BASE)
    assert problems == ()
    assert config.quorum == 2
    assert len(config.seats) == 3
    assert config.review.path_instructions[0].paths == ("db/**",)
    changed = {"seats": BASE.seats, "quorum": None, "review": BASE.review}
    assert config.model_copy(update=changed) == BASE


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("quorum: 2\nreveiw:\n  drafts: true\n", 2, 'did you mean "review"'),
        ("review:\n  max_inlin: 3\n", 2, 'did you mean "review.max_inline"'),
        ("review:\n  max_inline: lots\n", 2, "review.max_inline"),
        ("gate: 3\n", 1, "must be a mapping of keys to values"),
        ("- a\n", 1, "the file must be a mapping"),
        ("quorum: 1\nquorum: 2\n", 2, "set twice"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("seats: [http://evil.example/x y]\n", 1, "seats"),
        ("review:\n  publish: loud\n", 2, "review.publish"),
        ("limits: {run_usd: 5}\n", 1, "only be lowered"),
        ("limits:\n  day_usd: 1\n  month_usd: null\n", 3, "only be lowered"),
        ("limits: {run_usd: .inf}\n", 1, "limits.run_usd"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("ci: {wait_seconds: 91}\n", 1, "ci.wait_seconds must be at most 90;"),
        ("quorum: 2.5\n", 1, "quorum must be a whole number;"),
        ("review: {drafts: perhaps}\n", 1, "review.drafts must be true or false;"),
        ("review:\n  on: 3\n", 2, "review.on must be one value or a list;"),
        ("review: {on: [opened, pushed]}\n", 1, "review.on (entry 2) must be one of opened, ready_for_review, synchronize, reopened;"),
        ("review: {skip: {labels: ['']}}\n", 1, "review.skip.labels (entry 1) must not be empty;"),
        ("review: {path_instructions: [{txt: x}]}\n", 1, "review.path_instructions (entry 1) `paths` is missing;"),
        ("review: {instructions: [a]}\n", 1, "review.instructions must be text;"),
        ("review: {language: '12'}\n", 1, "review.language must be a language like `en`"),
        ("chair: 'x y'\n", 1, "chair must be a name like `openai/gpt-5.5`;"),
        ("limits: {run_usd: lots}\n", 1, "limits.run_usd must be a number;"),
        ("limits: {run_usd: -1}\n", 1, "limits.run_usd must be at least 0;"),
        ("privacy: {vendors: 3}\n", 1, "privacy.vendors must be all or a list of names;"),
    ],
)
def test_a_problem_names_its_line(text: str, line: int, words: str) -> None:
    config, problems = parse(text, BASE)
    assert (problems[0].line, words in problems[0].message) == (line, True), problems
    assert config.limits == BASE.limits.model_copy(update={"day_usd": config.limits.day_usd})


def test_valid_keys_apply_next_to_wrong_ones() -> None:
    config, problems = parse("quorum: many\nreview: {max_inline: 3, drafts: perhaps}\nci: {read_logs: false}\n", BASE)
    assert len(problems) == 2
    assert (config.review.max_inline, config.review.drafts, config.ci.read_logs, config.quorum) == (3, False, False, None)


def test_limits_are_the_strictest() -> None:
    base = RepositoryConfig(limits=LimitsConfig(run_usd=0.2, month_consultations=None))
    config, problems = parse("limits: {run_usd: 0.1, day_usd: 9, month_consultations: 4}\n", base)
    assert (config.limits.run_usd, config.limits.day_usd, config.limits.month_consultations) == (0.1, 5.0, 4)
    assert len(problems) == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "~", "[" * 5_000, "\x00", "x" * 70_000, "!!python/object:os.system x", "--- a\n--- b"])
def test_hostile_files_never_raise(text: str) -> None:
    assert parse(text, BASE)[0] == BASE


@given(st.text(alphabet="abc:[]{}-&*!|>'\"\n #?,.0123%@`\\", max_size=120))
def test_no_text_raises_or_loosens(text: str) -> None:
    assert parse(text, BASE)[0].limits == BASE.limits


def test_every_place_is_listed() -> None:
    assert "review.skip.labels" in list_keys_of_file()
    assert "limits.month_consultations" in list_keys_of_file()


def test_a_single_value_is_a_list_of_one() -> None:
    config, problems = parse("seats: openai/gpt-5.5\nreview: {on: opened, path_instructions: {paths: db/**, text: x}}\n", BASE)
    assert problems == () and config.seats == ("openai/gpt-5.5",)
    assert [trigger.value for trigger in config.review.on] == ["opened"] and config.review.path_instructions[0].paths == ("db/**",)


NONSENSE = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2))


@given(st.sampled_from(list_keys_of_file()), NONSENSE)
def test_no_message_mentions_python(key: str, value: object) -> None:
    _, problems = parse(write_setting({key: value}), BASE)
    assert not [
        str(problem) for problem in problems if re.search(r"tuple|\bstr\b|\bint\b|dict|valid|parse|Literal|unable", problem.message)
    ]


@pytest.mark.parametrize(
    "path", [".github/council.yaml", "council.yml", "council.yaml", ".github/Council.yml", "COUNCIL.YML", ".council.yml"]
)
def test_a_misplaced_config_is_named(path: str) -> None:
    (line,) = find_misplaced(["src/council.yml", ".github/council.yml", "council.py", path], ".github/council.yml")
    assert line == f"`{path}` is not read: the settings of a repository are in `.github/council.yml`"


def test_a_bad_value_keeps_the_layer_below() -> None:
    levels = SettingsLayers(
        MoneyCaps(), repository="review: {max_inline: 4}\n", file="review: {max_inline: lots, drafts: perhaps, language: en}\n"
    )
    sources = {each.key: each.source for each in levels.effective()}
    assert (sources["review.max_inline"], sources["review.drafts"], sources["review.language"]) == (REPOSITORY, BUILT_IN, FILE)


@pytest.mark.parametrize(
    "name", ["huggingface/http://169.254.169.254/x", "gemini/../../v1/x", "openai//evil.example/x", "vertex_ai/..", "https://x/y"]
)
def test_a_seat_is_named_and_never_located(name: str) -> None:
    config, problems = parse(f"seats: [{name}]\nchair: {name}\nfallback: {name}\n", BASE)
    assert (config.seats, config.chair) == (BASE.seats, BASE.chair) and len(problems) >= 2
