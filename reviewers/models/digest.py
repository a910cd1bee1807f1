"""Computes the identity of a question, by which a stored answer is found again."""

import hashlib
import json
from functools import lru_cache

from pydantic import BaseModel

from reviewers.models.model import ModelRequest


def digest(model: str, request: ModelRequest) -> str:
    """Equal for equal questions to one model; the deadline is not part of it."""
    parts = [
        model,
        request.purpose,
        request.system,
        request.prefix,
        request.prompt,
        _schema(request.answer),
        str(request.max_output_tokens),
        *(text for turn in request.turns for text in (turn.answer, turn.reply)),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@lru_cache(maxsize=16)
def _schema(answer: type[BaseModel]) -> str:
    # It takes 3 ms, which would block the event loop at every question.
    return json.dumps(answer.model_json_schema(), sort_keys=True)
