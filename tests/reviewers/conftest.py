"""What the council's tests share: a tokenizer that is loaded, as in a worker that has started, for it takes longer than some wait."""

import pytest

from reviewers.context.tokens import count


@pytest.fixture(autouse=True, scope="session")
def _tokenizer() -> None:
    count("")
