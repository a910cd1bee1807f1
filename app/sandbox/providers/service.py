"""The entry point of the sandbox providers: checks keys, faults and delays, then lets a scripted model answer. Every call is logged."""

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from app.sandbox.providers.anthropic import Anthropic
from app.sandbox.providers.gemini import Gemini
from app.sandbox.providers.model import FINISHED, MESSAGES, WORDS, ModelFault, SandboxModel
from app.sandbox.providers.ollama import Ollama, show
from app.sandbox.providers.openai import OpenAI
from app.sandbox.providers.own_server import Served, ServerProgram, listing, too_long
from app.sandbox.providers.response_script import ResponseScript
from app.sandbox.providers.wire_format import ProviderError, ProviderReply, ProviderRequest, WireFormat, tokens

CACHE_FROM = 1024
REMEMBERED_PROMPTS = 8
HANG_SECONDS = 3600.0
_COUNTS = frozenset({"usage", "usageMetadata", "prompt_eval_count", "eval_count"})
# Below this their servers answer. LM Studio and llama.cpp have other routes next to it.
_VERSIONED = frozenset({"hosted_vllm", "lm_studio"})


@dataclass(frozen=True)
class ProviderCall:
    """One call that reached a provider. `prefix_sha256` hashes the part shared with an earlier call of the same model."""

    number: int
    vendor: str
    model: str
    question: str
    started: float
    ended: float
    status: int
    fault: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    prompt_sha256: str
    shared_prefix: int
    prefix_sha256: str
    form: str = ""
    max_tokens: int | None = None
    window: int | None = None


@dataclass
class Providers:
    """All vendors. Models are programmed by name: "openai/gpt-5.5", or "gpt-5.5" for any provider that serves it.

    `waiting` counts the calls in progress. `kinds` maps a self-hosted address to its server program.
    """

    models: dict[str, SandboxModel] = field(default_factory=dict)
    default: SandboxModel = field(default_factory=SandboxModel)
    calls: list[ProviderCall] = field(default_factory=list)
    keys: Mapping[str, str] = field(
        default_factory=lambda: {vendor: f"sk-sandbox-{vendor}" for vendor in ("openai", "anthropic", "gemini", "openrouter")}
    )
    monotonic: Callable[[], float] = time.monotonic
    prompts: dict[str, deque[str]] = field(default_factory=dict)
    waiting: int = 0
    kinds: dict[str, ServerProgram] = field(
        default_factory=lambda: {"hosted_vllm": ServerProgram.VLLM, "lm_studio": ServerProgram.LM_STUDIO, "ollama": ServerProgram.OLLAMA}
    )

    def __post_init__(self) -> None:
        everyone: tuple[WireFormat, ...] = (
            *(OpenAI(vendor) for vendor in ("openai", "openrouter", "deepseek", "hosted_vllm", "lm_studio")),
            Anthropic(),
            Gemini(),
            Ollama(),
        )
        self._dialects: dict[str, WireFormat] = {each.vendor: each for each in everyone}

    def model(self, name: str) -> SandboxModel:
        """The model with that name, to be programmed. Created if it is new."""
        return self.models.setdefault(name, SandboxModel())

    def script(self, name: str, response_script: ResponseScript, delay_ms: float = 0.0) -> SandboxModel:
        """Script a model's answers."""
        sandbox_model = self.model(name)
        sandbox_model.response_script, sandbox_model.delay_ms = response_script, delay_ms
        return sandbox_model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        vendor, _, rest = path.strip("/").partition("/")
        answer = await self._answer(request, vendor, f"/{rest}")
        if answer is None:
            scope["state"]["transport"].abort()
            return
        await answer(scope, receive, send)

    async def _answer(self, request: Request, vendor: str, path: str) -> Response | None:
        wire_format = self._dialects.get(vendor)
        known = vendor not in _VERSIONED or path.startswith("/v1/") or request.method == "GET"
        if wire_format is None or not known or request.method not in ("GET", "POST"):
            return PlainTextResponse("404 page not found", 404)
        if request.method == "GET":
            return self._told(wire_format, request, path)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse(wire_format.trouble(ProviderError(400, "We could not parse the JSON body of your request.")), 400)
        if path == "/api/show":
            name = str(body.get("model") or body.get("name"))
            return JSONResponse(show(name, next((each.trained for each in self._served(vendor) if each.name == name), 131_072)))
        return await self._said(wire_format, request, wire_format.ask(path, body))

    async def _said(self, wire_format: WireFormat, request: Request, ask: ProviderRequest) -> Response | None:
        """The model's answer, or the fault instead. None if the connection breaks."""
        started, wanted = self.monotonic(), self.keys.get(wire_format.vendor)
        if wanted is not None and wire_format.key(request) != wanted:
            return self._trouble(wire_format, ask, started, ProviderError(401, MESSAGES[401]))
        model = self._find(wire_format.vendor, ask.model)
        fault = model.next_fault()
        if refused := self._refused(wire_format.vendor, ask, model):
            return self._trouble(wire_format, ask, started, ProviderError(400, refused))
        await self._think(HANG_SECONDS if fault is ModelFault.HANG else model.delay_ms / 1000)
        if fault is ModelFault.RESET:
            self._log(wire_format.vendor, ask, started, 0, fault.value)
            return None
        if fault is ModelFault.QUOTA:
            return self._trouble(wire_format, ask, started, ProviderError(429, MESSAGES[402] + " insufficient_quota", model.retry_after))
        if fault.value.isdigit():
            status = int(fault.value)
            after = model.retry_after if status in (429, 503, 529) else None
            return self._trouble(wire_format, ask, started, ProviderError(status, MESSAGES[status], after), dates=model.dates)
        shape = wire_format.reply(ask, self._words(wire_format.vendor, ask, model, fault, started))
        return JSONResponse(shape if model.counts else {key: value for key, value in shape.items() if key not in _COUNTS})

    def _told(self, wire_format: WireFormat, request: Request, path: str) -> Response:
        """A self-hosted server's description of its models, or the models of a vendor's key."""
        if wire_format.vendor in self.kinds:
            told = listing(self.kinds[wire_format.vendor], path, self._served(wire_format.vendor))
            return PlainTextResponse("404 page not found", 404) if told is None else JSONResponse(told)
        return self._listed(wire_format, request) if path.endswith(("/models", "/key")) else PlainTextResponse("404 page not found", 404)

    def _served(self, vendor: str) -> list[Served]:
        """The models of a self-hosted server: those that were programmed under its name."""
        own = {
            name.partition("/")[2]: model for name, model in self.models.items() if name.partition("/")[0].removesuffix("_chat") == vendor
        }
        return [Served(name, model.window or 131_072, model.trained, model.lists_window) for name, model in own.items()]

    def _refused(self, vendor: str, ask: ProviderRequest, model: SandboxModel) -> str:
        """The error of a host that does not accept the answer format or the length of the prompt, otherwise ""."""
        if ask.form in model.refuses:
            return f"This response_format type is unavailable now: {ask.form}"
        length = tokens(ask.prompt)
        if model.overflows and model.window is not None and length + (ask.max_tokens or 0) > model.window:
            return too_long(self.kinds.get(vendor, ServerProgram.VLLM), length, model.window)
        return ""

    def _listed(self, wire_format: WireFormat, request: Request) -> Response:
        """The models of a key, which clients request to check the key."""
        if self.keys.get(wire_format.vendor) not in {None, wire_format.key(request)}:
            return JSONResponse(wire_format.trouble(ProviderError(401, MESSAGES[401])), 401)
        if request.url.path.endswith("/key"):
            return JSONResponse({"data": {"label": "sandbox", "limit": None, "usage": 0.0}})
        return JSONResponse(wire_format.listing([served.name for served in self._served(wire_format.vendor)]))

    async def _think(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.waiting -= 1

    def _find(self, vendor: str, name: str) -> SandboxModel:
        names = (f"{vendor}/{name}", f"{vendor}_chat/{name}", name)
        return next((self.models[each] for each in names if each in self.models), self.default)

    def _words(self, vendor: str, ask: ProviderRequest, model: SandboxModel, fault: ModelFault, started: float) -> ProviderReply:
        if fault in WORDS:
            text = WORDS[fault]
        else:
            said = model.response_script.answer(ask.question, ask.prompt)
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        if fault is ModelFault.LENGTH:
            text = text[: len(text) // 2]
        call = self._log(vendor, ask, started, 200, "" if fault is ModelFault.NONE else fault.value, text)
        finish = FINISHED.get(fault, "stop")
        room = min(model.window or call.input_tokens, ask.window or call.input_tokens)
        return ProviderReply(text, finish, min(call.input_tokens, room), call.output_tokens, min(call.cached_tokens, room), call.number)

    def _trouble(
        self, wire_format: WireFormat, ask: ProviderRequest, started: float, trouble: ProviderError, *, dates: bool = False
    ) -> Response:
        self._log(wire_format.vendor, ask, started, trouble.status, str(trouble.status))
        after = trouble.retry_after
        headers = {}
        if after is not None:
            headers["retry-after"] = formatdate(time.time() + after, usegmt=True) if dates else f"{after:g}"
        # Gemini answers a wrong key with 400.
        status = 400 if wire_format.vendor == "gemini" and trouble.status == 401 else trouble.status
        return JSONResponse(wire_format.trouble(trouble), status, headers)

    def _log(self, vendor: str, ask: ProviderRequest, started: float, status: int, fault: str, text: str = "") -> ProviderCall:
        # A vendor puts the schema before the prompt, so another schema misses the cache. A self-hosted server compiles it to a grammar.
        schema = "" if vendor in self.kinds else ask.schema
        earlier = self.prompts.setdefault(f"{vendor}/{ask.model}/{schema}", deque(maxlen=REMEMBERED_PROMPTS))
        shared = max((_shared(ask.prompt, each) for each in earlier), default=0)
        shared = shared if ask.cacheable is None else min(shared, ask.cacheable)
        cached = tokens(ask.prompt[:shared]) if shared and tokens(ask.prompt[:shared]) >= CACHE_FROM else 0
        if status == 200:
            earlier.append(ask.prompt)
        call = ProviderCall(
            number=len(self.calls) + 1,
            vendor=vendor,
            model=ask.model,
            question=ask.question,
            started=started,
            ended=self.monotonic(),
            status=status,
            fault=fault,
            input_tokens=tokens(ask.prompt),
            cached_tokens=cached,
            output_tokens=tokens(text) if text else 0,
            prompt_sha256=hashlib.sha256(ask.prompt.encode()).hexdigest(),
            shared_prefix=shared,
            form=ask.form,
            max_tokens=ask.max_tokens,
            window=ask.window,
            prefix_sha256=hashlib.sha256(ask.prompt[:shared].encode()).hexdigest() if shared else "",
        )
        self.calls.append(call)
        return call


def _shared(first: str, second: str) -> int:
    """The length of the common beginning of two prompts, by bisection."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[:middle] == second[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
