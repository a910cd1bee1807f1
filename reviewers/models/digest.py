"""The identity of a question, so that a stored answer is found again."""

import hashlib
import json

from reviewers.models.model import ModelRequest


def digest(model: str, request: ModelRequest) -> str:
    """Equal for equal questions to one model; the deadline is no part of the question."""
    parts = [
        model,
        request.purpose,
        request.system,
        request.prefix,
        request.prompt,
        json.dumps(request.answer.model_json_schema(), sort_keys=True),
        str(request.max_output_tokens),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
