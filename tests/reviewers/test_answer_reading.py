"""Reading answers: text around an answer does not change its findings; reading any text ends soon and reports problems."""

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.seats import parsing
from reviewers.seats.answers import ClaimAnswer, TurnAnswer
from reviewers.seats.ballots import answer_notes
from reviewers.seats.json_values import DEEPEST, find_values
from reviewers.values.finding import Category, Severity
from reviewers.values.reading import ReadingProblem
from tests.reviewers.samples import RACE, TIMEOUT, finding, opinion

FENCED = finding("A third one", "x = 1", suggestion="Use this:\n```python\nx = {'a': [2]}\n```\nand no more")
THREE = (RACE, TIMEOUT, FENCED)
TITLES = [str(each["title"]) for each in THREE]
ANSWER = opinion(*THREE)


def titles(text: str, truncated: bool = False) -> list[str]:
    return [each.title for each in parsing.opinion(text, truncated).good]


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{ANSWER}\n```",
        f"```\n{json.dumps(json.loads(ANSWER), indent=2)}\n```\n",
        f"I looked at items[0] and {{x}} (see [1]).\n\n{ANSWER}",
        f"```python\nfoo = {{'a': [1, 2]}}\n```\nSo:\n{ANSWER}",
        f"{opinion(RACE)}\n\n{opinion(TIMEOUT, FENCED)}",
        f"{opinion(RACE, TIMEOUT)}\n```json\n{opinion(TIMEOUT, FENCED)}\n```",
        f"[{ANSWER}]",
        f"[{opinion(RACE)}, {opinion(TIMEOUT, FENCED)}]",
        f'{{"result": {ANSWER}}}',
        f'{{"review": {json.dumps(THREE)}, "summary": "three"}}',
        json.dumps(THREE),
        "\n".join(json.dumps(each) for each in THREE),
        f"<think>Maybe {opinion(finding('A draft', 'y'))} or not</think>\n{ANSWER}",
        f"Maybe {opinion(finding('A draft', 'y'))} or not</think>\n{ANSWER}",
        f"[THINK]{opinion(finding('A draft', 'y'))}[/THINK]{ANSWER}",
        f"{json.dumps(TurnAnswer.model_json_schema())}\n{ANSWER}",
        'Answer: {"findings": [{"title": …, "body": …, "severity": …}]}\n' + ANSWER,
        f'He said "[" and {ANSWER}',
        f'{{"findings": [], "note": "{{\\"findings\\": [1]}}"}} {ANSWER}',
    ],
)
def test_text_around_an_answer_changes_nothing(text: str) -> None:
    answer = parsing.opinion(text)
    assert [each.title for each in answer.good] == TITLES
    assert (answer.malformed, answer.cut, answer.repaired) == ((), False, False)


def test_findings_beyond_the_limit_are_counted_and_not_read() -> None:
    answer = parsing.opinion(opinion(*(finding(f"Number {number}", "x = 1") for number in range(250))))
    assert (len(answer.good), answer.beyond) == (100, 150)
    assert [str(note) for note in answer_notes(answer, "findings")] == ["150 findings too many were not read"]
    broken = parsing.opinion(json.dumps({"findings": [RACE, *({"title": number} for number in range(250))]}))
    assert (len(broken.good), len(broken.malformed), broken.beyond) == (1, 100, 150)
    # A critic votes on every proposal of a large council.
    votes = [{"label": f"P{number}", "stance": "confirm", "evidence": "yes"} for number in range(900)]
    assert len(parsing.critique(json.dumps({"votes": votes})).good) == 900


PROSE = st.text(alphabet="abc .,:;[]{}()\"'`\\\n#*-<>/0123456789", max_size=60)
WRAPPERS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"```json\n{text}\n```",
    lambda text: f"[{text}]",
    lambda text: f'{{"answer": {text}}}',
    lambda text: f"<think>no {{ }} [ ]</think>{text}",
]
CLAIMS = st.lists(
    st.builds(
        finding,
        st.text(min_size=1, max_size=30),
        st.text(min_size=1, max_size=30),
        body=st.text(max_size=60),
        suggestion=st.text(max_size=40),
    ),
    max_size=3,
)


@given(before=PROSE, after=PROSE, wrap=st.sampled_from(WRAPPERS), claims=CLAIMS)
@settings(max_examples=400, deadline=None)
def test_prose_fences_and_wrappers_never_change_the_findings(
    before: str, after: str, wrap: Callable[[str], str], claims: list[dict[str, object]]
) -> None:
    plain = parsing.opinion(opinion(*claims))
    wrapped = parsing.opinion(f"{before}\n{wrap(opinion(*claims))}\n{after}")
    assert wrapped.good == plain.good
    assert not wrapped.malformed


@pytest.mark.parametrize(
    ("text", "repaired", "expected"),
    [
        (ANSWER[:-1] + ",}", True, TITLES),
        (ANSWER[:-1], True, TITLES),
        (ANSWER.replace("two requests at once", 'two "requests" at once', 1).replace('\\"', '"'), True, TITLES),
        (str(json.loads(ANSWER)), True, TITLES),
        ('{"findings": []', True, []),
        ("{findings: [], votes: []}", True, []),
        (ANSWER.replace("x = 1", "re.match(\\d+)"), True, TITLES),
        (ANSWER.replace("\\n", "\n"), False, TITLES),
    ],
)
def test_repair_is_the_last_resort_and_is_reported(text: str, repaired: bool, expected: list[str]) -> None:
    answer = parsing.opinion(text)
    assert [each.title for each in answer.good] == expected
    assert answer.repaired is repaired
    assert not answer.cut


@pytest.mark.parametrize("truncated", [True, False])
@pytest.mark.parametrize("share", [0.4, 0.6, 0.8, 0.95])
def test_a_cut_answer_keeps_its_whole_items(share: float, truncated: bool) -> None:
    text = ANSWER[: int(len(ANSWER) * share)]
    answer = parsing.opinion(text, truncated)
    assert [each.title for each in answer.good] == [title for title, each in zip(TITLES, THREE, strict=True) if json.dumps(each) in text]
    assert answer.cut


def test_nothing_is_invented_for_a_cut_answer() -> None:
    for text in (ANSWER[:60], '{"findings": [', "Let me look at it first: "):
        with pytest.raises(parsing.Unusable) as caught:
            parsing.opinion(text, truncated=True)
        assert caught.value.problem is ReadingProblem.CUT_OFF
    for text in ("", "<think>Let me see " + ANSWER, "  \n"):
        with pytest.raises(parsing.Unusable) as caught:
            parsing.opinion(text, truncated=True)
        assert caught.value.problem is ReadingProblem.THINKING


def test_an_empty_list_in_prose_is_no_answer() -> None:
    assert parsing.opinion("```json\n[]\n```").good == ()
    with pytest.raises(parsing.Unusable):
        parsing.opinion("The lists [] and [] are compared.")
    with pytest.raises(parsing.Unusable):
        parsing.opinion(json.dumps(TurnAnswer.model_json_schema()))
    with pytest.raises(parsing.Unusable):
        parsing.opinion(json.dumps(ClaimAnswer.model_json_schema()))
    with pytest.raises(parsing.Unusable):
        parsing.critique(json.dumps(TurnAnswer.model_json_schema()))


@pytest.mark.parametrize("line", ["42", "L42", "42-45", 42.0, [42, 45], "line 42", "lines 42 to 45", {"start": 42, "end": 45}, "#L42-L45"])
def test_a_line_number_in_any_form_is_a_hint(line: object) -> None:
    assert parsing.opinion(opinion(RACE | {"line": line})).good[0].line == 42


@pytest.mark.parametrize("line", [None, "", "unknown", -3, True, [], {}, float("1e300"), "9" * 400])
def test_an_invalid_line_number_costs_no_finding(line: object) -> None:
    assert len(parsing.opinion(opinion(RACE | {"line": line})).good) == 1


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("blocker", "critical"), ("P0", "critical"), ("严重", "critical"), ("crítico", "critical"), ("5", "critical"),
        ("🔴 critical", "critical"),
        ("major", "high"), ("élevée", "high"), ("hoch", "high"), ("高", "high"), ("P1", "high"), (4, "high"), ("very high", "high"),
        ("moderate", "medium"), ("中", "medium"), ("P2", "medium"), ("whatever", "medium"), (None, "medium"), ({"a": []}, "medium"),
        ("minor", "low"), ("info", "low"), ("niedrig", "low"), ("P3", "low"), (1, "low"), ("低", "low"),
    ],
)  # fmt: skip
def test_synonyms_of_severities(said: object, severity: str) -> None:
    assert parsing.opinion(opinion(RACE | {"severity": said})).good[0].severity is Severity(severity)


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("bug", "correctness"), ("Race Condition", "concurrency"), ("Sicherheit", "security"), ("error-handling", "errors"),
        ("性能", "performance"), ("vibes", "correctness"),
    ],
)  # fmt: skip
def test_synonyms_of_categories(said: object, category: str) -> None:
    assert parsing.opinion(opinion(RACE | {"category": said})).good[0].category is Category(category)


@pytest.mark.parametrize(
    ("said", "stance"),
    [
        ("agree", "confirm"), ("confirmed", "confirm"), ("oui", "confirm"), (True, "confirm"), ("yes", "confirm"), ("确认", "confirm"),
        ("disagree", "reject"), ("no", "reject"), (False, "reject"), ("nein", "reject"), ("false positive", "reject"), ("不成立", "reject"),
        ("maybe", "unsure"), ("cannot confirm", "unsure"), ("not confirmed", "unsure"), ("yes and no", "unsure"), (None, "unsure"),
        ("zzz", "unsure"),
    ],
)  # fmt: skip
def test_synonyms_of_stances(said: object, stance: str) -> None:
    assert parsing.critique(json.dumps({"votes": [{"label": "A", "stance": said}]})).good[0].stance == stance


HOSTILE = [
    "{",
    "[",
    '{"',
    '{"a":',
    '["',
    '{"\\',
    "[,",
    "{}",
    "'“",
    "\"'",
    "'/",
    "<think>",
    "</think>",
    '{"findings": [{"title": "x" ',
    '{"findings": {"findings": ',
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_reading_takes_time_linear_in_the_length(unit: str) -> None:
    def take(length: int) -> float:
        started = time.thread_time()
        find_values((unit * length)[:length])
        return time.thread_time() - started

    def seconds(length: int) -> float:
        # A collection of other tests' garbage may fall into one take.
        return min(take(length) for _ in range(3))

    seconds(1_000)
    assert seconds(100_000) < 40 * max(seconds(10_000), 0.002)


@given(text=st.text(alphabet="{}[]\",:\\ \nabfindgs'`<think>/0\ud83d\x00", max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    for read in (parsing.opinion, parsing.counsel, parsing.critique, parsing.synthesis, parsing.advice):
        try:
            read(text)
        except parsing.Unusable:
            continue


def test_a_value_nested_too_deep_is_no_value() -> None:
    assert find_values("[" * DEEPEST + "]" * DEEPEST).whole
    assert len(find_values("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)).whole) == 1
    assert find_values("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)).broken


def test_characters_that_cannot_be_stored_are_replaced() -> None:
    good = parsing.opinion(ANSWER.replace("The token", "\\ud83d\\u0000 The \\ud83d\\ude00 token")).good
    assert good[1].title.startswith("\ufffd\ufffd The 😀 token")
