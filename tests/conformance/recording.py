"""Records every exchange with the sandbox GitHub as it was on the wire."""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from app.sandbox.github.exchange import SandboxResponse


@dataclass(frozen=True)
class Seen:
    """One request and its answer; `answer` is parsed JSON, or None for any other content."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    sent: Any
    status: int
    answer: Any
    is_json: bool

    @property
    def title(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass
class Recorder:
    """Records a sandbox GitHub; a fault's answer is not GitHub's, so it is not recorded."""

    seen: list[Seen] = field(default_factory=list)

    def __call__(self, request: Request, body: bytes, answer: SandboxResponse) -> None:
        scope = request.scope
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        is_json = answer.body is not None and not isinstance(answer.body, str | bytes)
        self.seen.append(
            Seen(
                request.method,
                path,
                tuple(request.query_params.multi_items()),
                json.loads(body) if body else None,
                answer.status,
                json.loads(json.dumps(answer.body)) if is_json else None,
                is_json,
            )
        )
