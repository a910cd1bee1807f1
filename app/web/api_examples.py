"""One example per body of the HTTP API, by type name, for the API page and the OpenAPI description. Add one for each new type."""

from collections.abc import Mapping
from typing import Any

_RUN = {
    "id": "01a2271d7e4eed1fffd2de2c4de3bf69",
    "number": 12,
    "head_sha": "c794e79b049d5d3c1f0f8a4d1d3a6a0b5a9c2e11",
    "title": "Retry charges that time out",
    "author": "ana-lim",
    "cause": "auto",
    "state": "published",
    "reason": "",
    "headline": "2 to fix, 1 disputed",
    "created_at": 1795953600.0,
    "updated_at": 1795953641.5,
    "usd": 0.14,
}
_FOUND = {
    "id": "01a2271da466ff88b4d342da41c2b7a5",
    "question": "Why are some customers charged twice?",
    "title": "Send one idempotency key for all attempts of a charge",
    "summary": "Each attempt is sent without a key, so the provider cannot recognize a second one.",
    "url": "",
    "likeness": 0.82,
}
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "RunResponse": _RUN,
    "Runs": {"runs": [_RUN], "following": "1795953600.0:01a2271d7e4eed1fffd2de2c4de3bf69"},
    "RunInFull": {"run": _RUN, "verdict": {"summary": "The retry dropped the idempotency key.", "ranked": [], "seats": []}},
    "AskForReview": {"number": 12},
    "AskCouncil": {"question": "Why are some customers charged twice?", "specialist": "debug", "follows": ""},
    "Accepted": {"id": "01a2271d7b036dbe4ce651f94e339f65"},
    "ConsultationResponse": {
        **{name: _FOUND[name] for name in ("id", "question", "title", "summary")},
        "state": "answered",
        "advice": None,
    },
    "Found": _FOUND,
    "SearchResult": {"runs": [_RUN], "consultations": [_FOUND]},
    "Problem": {"message": "You have reached the limit of 50 paid commands per person and day in all repositories."},
}
PARAMETERS: Mapping[str, str] = {
    "run_id": _RUN["id"],  # type: ignore[dict-item]
    "consultation_id": _FOUND["id"],  # type: ignore[dict-item]
    "q": "idempotency",
}
