"""A model that answers from a script, for tests, evaluations and the demo."""

import asyncio
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.values.verdict import Usage

Line = str | BaseModel | ModelError | ModelResponse
Script = Callable[[ModelRequest], Line]


class ScriptedModel:
    """Answers with the result of `script` for a request, or with its lines one by one; `asked` keeps every request."""

    def __init__(self, name: str, script: Script | Sequence[Line], vendor: str = "", usage: Usage | None = None) -> None:
        self.name = name
        self.vendor = vendor or name.split("/", maxsplit=1)[0]
        self.asked: list[ModelRequest] = []
        self._script = script
        self._usage = usage or Usage(calls=1, input_tokens=100, output_tokens=10, cost_usd=0.001)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The next answer of the script."""
        self.asked.append(request)
        await asyncio.sleep(0)
        line = self._line(request)
        if isinstance(line, ModelError):
            raise line
        if isinstance(line, ModelResponse):
            return line
        text = line.model_dump_json() if isinstance(line, BaseModel) else line
        return ModelResponse(text=text, finish="stop", usage=self._usage, model=self.name)

    def _line(self, request: ModelRequest) -> Line:
        if callable(self._script):
            return self._script(request)
        at = len(self.asked) - 1
        return self._script[at] if at < len(self._script) else ModelError(CallFault.UNAVAILABLE, "the script has ended")
