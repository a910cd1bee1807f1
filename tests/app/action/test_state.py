"""The state in the comment: one that is not signed for this pull request is ignored."""

import base64
import json
import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.action.state_block import MOST_CHARACTERS, StateKey, find_block, has_block, read_block, with_block, without_block, write_block
from app.store.reviews.portable_state import PullRequestKey

KEY = StateKey("a-key-that-is-long-enough", PullRequestKey(7, 3))
STATE: dict[str, Any] = {"disposition": [{"fingerprint": "ab12", "kind": "dismissed"}], "run": [{"id": "r", "key": "7:3:abc:auto"}]}


def test_a_state_comes_back_as_it_was() -> None:
    body = with_block("### Council: 1 to fix\n", write_block(STATE, KEY, ""))
    assert read_block(body, KEY) == STATE
    assert without_block(body).strip() == "### Council: 1 to fix"


@pytest.mark.parametrize(
    "key",
    [
        StateKey("another-key-of-the-same-length", KEY.place),
        StateKey("", KEY.place),
        StateKey(KEY.secret, PullRequestKey(7, 4)),
        StateKey(KEY.secret, PullRequestKey(8, 3)),
    ],
)
def test_another_key_or_another_pull_request_reads_nothing(key: StateKey) -> None:
    assert read_block(write_block(STATE, KEY, ""), key) is None


@pytest.mark.parametrize("at", [30, 60, 100, -6])
def test_one_changed_character_is_no_state(at: int) -> None:
    block = write_block(STATE, KEY, "")
    other = "b" if block[at] != "b" else "c"
    assert read_block(block[:at] + other + block[at + 1 if at + 1 else len(block) :], KEY) is None


def test_another_version_is_no_state() -> None:
    block = write_block(STATE, KEY, "")
    assert read_block(block.replace("state 1 ", "state 2 "), KEY) is None


def test_without_a_key_nothing_is_written() -> None:
    assert write_block(STATE, StateKey("", KEY.place), "") == ""


def test_a_block_that_a_model_wrote_before_ours_does_not_count() -> None:
    packed = base64.b64encode(zlib.compress(json.dumps({"disposition": []}).encode())).decode()
    body = f"text <!-- council:state 1 {'0' * 64} {packed} -->\n{write_block(STATE, KEY, '')}"
    assert read_block(body, KEY) == STATE


def test_a_state_that_is_too_large_keeps_its_decisions() -> None:
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=80_000))
    state = {**STATE, "run": [{"id": "r", "key": "7:3:abc:auto", "snapshot": noise, "verdict": "{}"}]}
    block = write_block(state, KEY, "x" * 20_000)
    assert 0 < len(block) <= MOST_CHARACTERS + 200
    found = read_block(block, KEY)
    assert found is not None and found["disposition"] == STATE["disposition"]
    # The head is reviewed again, because its code is not available for a comparison.
    assert found["run"][0]["snapshot"] is None and found["run"][0]["key"] == "7:3:abc:auto:before"


def test_a_comment_never_grows_past_githubs_limit() -> None:
    body = "y" * 65_500
    assert with_block(body, write_block(STATE, KEY, "")) == body


@given(st.text(max_size=400))
def test_no_other_text_is_read_as_a_state(text: str) -> None:
    assert read_block(text, KEY) is None
    assert find_block(with_block(text, write_block(STATE, KEY, text))) == write_block(STATE, KEY, text)


def test_blocks_of_any_author_are_found() -> None:
    assert has_block(write_block(STATE, KEY, "")) and not has_block("### Council")
