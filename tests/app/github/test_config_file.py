"""A config file: what is wrong costs itself, names its line, and never loosens a limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.github.config_file import parse
from app.github.repository_config import Limits, RepositoryConfig, places

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
        ("gate: 3\n", 1, "must hold keys and values"),
        ("- a\n", 1, "the file must hold"),
        ("quorum: 1\nquorum: 2\n", 2, "set twice"),
        ("a: &x [1]\nb: *x\n", 2, "aliases"),
        ("seats: [http://evil.example/x y]\n", 1, "seats"),
        ("review:\n  publish: loud\n", 2, "review.publish"),
        ("limits: {run_usd: 5}\n", 1, "only be lowered"),
        ("limits:\n  day_usd: 1\n  month_usd: null\n", 3, "only be lowered"),
        ("limits: {run_usd: .inf}\n", 1, "limits.run_usd"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("ci: {wait_seconds: 91}\n", 1, "ci.wait_seconds"),
    ],
)
def test_a_problem_names_its_line(text: str, line: int, words: str) -> None:
    config, problems = parse(text, BASE)
    assert (problems[0].line, words in problems[0].message) == (line, True), problems
    assert config.limits == BASE.limits.model_copy(update={"day_usd": config.limits.day_usd})


def test_valid_keys_stand_beside_wrong_ones() -> None:
    config, problems = parse("quorum: many\nreview: {max_inline: 3, drafts: perhaps}\nci: {read_logs: false}\n", BASE)
    assert len(problems) == 2
    assert (config.review.max_inline, config.review.drafts, config.ci.read_logs, config.quorum) == (3, False, False, None)


def test_limits_are_the_strictest() -> None:
    base = RepositoryConfig(limits=Limits(run_usd=0.2, month_consultations=None))
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
    assert "review.skip.labels" in places()
    assert "limits.month_consultations" in places()
