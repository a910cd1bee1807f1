"""Stores what a run was shown of a repository, so that a resumed run sees the same and repeats no paid turn."""

import hashlib
from collections.abc import Mapping, Sequence

from reviewers.context.repository.looks import Look, LookAnswer, RepositoryView
from reviewers.models.model import ModelResponse
from reviewers.models.wrappers import AnswerBook, StoredAnswer
from reviewers.values.verdict import Usage

# The models' answers are stored by seat name. No seat has this name.
LOOKS = "(looks)"
_GONE = "The repository can no longer be read."


class RecordedRepository:
    """A view whose answers are stored with those of the models. On resuming, `view` may be gone, but not what was shown."""

    def __init__(self, view: RepositoryView | None, commit: str, book: AnswerBook) -> None:
        self.commit = commit
        self._view = view
        self._book = book

    async def look(self, look: Look, tokens: int) -> LookAnswer:
        """The stored answer, otherwise the repository's."""
        key = hashlib.sha256(f"{self.commit} {tokens} {look.model_dump_json()}".encode(errors="replace")).hexdigest()
        stored_answer = await self._book.get(LOOKS, key)
        if stored_answer is not None and stored_answer.response is not None:
            return LookAnswer.model_validate_json(stored_answer.response.text)
        if self._view is None:
            return LookAnswer(look=look, text=_GONE)
        answer = await self._view.look(look, tokens)
        response = ModelResponse(text=answer.model_dump_json(), finish="stop", usage=Usage(), model=LOOKS)
        await self._book.put(LOOKS, key, StoredAnswer(response=response))
        return answer

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The files of the commit. Empty if it can no longer be read."""
        return {} if self._view is None else await self._view.texts(paths)
