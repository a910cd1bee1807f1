"""Shared fixtures of the council's tests: a loaded tokenizer, as in a started worker, because loading takes longer than some timeouts."""

import pytest

from reviewers.context.tokens import count


@pytest.fixture(autouse=True, scope="session")
def _tokenizer() -> None:
    count("")
