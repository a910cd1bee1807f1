"""The door of the sandbox providers: keys, faults and delays first, then a scripted mind; every call is logged."""

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from app.sandbox.providers.anthropic import Anthropic
from app.sandbox.providers.brain import Brain, ScriptedMember
from app.sandbox.providers.dialect import Ask, Dialect, Reply, Trouble, tokens
from app.sandbox.providers.gemini import Gemini
from app.sandbox.providers.ollama import Ollama, show
from app.sandbox.providers.openai import OpenAI

CACHE_FROM = 1024
REMEMBERED_PROMPTS = 8
HANG_SECONDS = 3600.0


class ModelFault(StrEnum):
    """How a call can go wrong. NONE stands for a good answer within a sequence."""

    NONE = "none"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    NO_CREDIT = "402"
    NOT_FOUND = "404"
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    OVERLOADED = "529"
    HANG = "hang"
    RESET = "reset"
    REFUSAL = "refusal"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    GARBAGE = "garbage"
    EMPTY = "empty"
    WRONG_SHAPE = "wrong shape"


MESSAGES = {
    400: "Invalid request.",
    401: "Incorrect API key provided.",
    402: "You exceeded your current quota, please check your plan and billing details.",
    404: "The model does not exist or you do not have access to it.",
    429: "Too many requests. Please slow down.",
    500: "The server had an error while processing your request.",
    503: "The model is overloaded. Please try again later.",
    529: "Overloaded",
}
FINISHED = {ModelFault.LENGTH: "length", ModelFault.REFUSAL: "refusal", ModelFault.CONTENT_FILTER: "content_filter"}
WORDS = {
    ModelFault.REFUSAL: "I can't help with that.",
    ModelFault.GARBAGE: "Sure! Here is what I found:\n\n* the code { looks: fine",
    ModelFault.EMPTY: "",
    ModelFault.WRONG_SHAPE: '{"verdict": "fine", "notes": [1, 2, 3]}',
    ModelFault.CONTENT_FILTER: "",
}


@dataclass
class Model:
    """One model's behaviour. `faults` strike its next calls, one each, in order; `always` strikes all of them."""

    brain: Brain = field(default_factory=ScriptedMember)
    delay_ms: float = 0.0
    faults: deque[ModelFault] = field(default_factory=deque)
    always: ModelFault = ModelFault.NONE
    retry_after: float = 1.0

    def next_fault(self) -> ModelFault:
        return self.faults.popleft() if self.faults else self.always


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


@dataclass
class Providers:
    """All vendors. Models are programmed by name: "openai/gpt-5.5", or "gpt-5.5" for whoever serves it.

    `waiting` counts the calls that are being thought about now.
    """

    models: dict[str, Model] = field(default_factory=dict)
    default: Model = field(default_factory=Model)
    calls: list[ProviderCall] = field(default_factory=list)
    keys: Mapping[str, str] = field(
        default_factory=lambda: {vendor: f"sk-sandbox-{vendor}" for vendor in ("openai", "anthropic", "gemini", "openrouter")}
    )
    monotonic: Callable[[], float] = time.monotonic
    prompts: dict[str, deque[str]] = field(default_factory=dict)
    waiting: int = 0

    def __post_init__(self) -> None:
        everyone: tuple[Dialect, ...] = (OpenAI(), OpenAI("openrouter"), Anthropic(), Gemini(), Ollama())
        self._dialects: dict[str, Dialect] = {each.vendor: each for each in everyone}

    def model(self, name: str) -> Model:
        """The model of that name, to be programmed; made when it is new."""
        return self.models.setdefault(name, Model())

    def script(self, name: str, brain: Brain, delay_ms: float = 0.0) -> Model:
        """Give a model a mind."""
        made = self.model(name)
        made.brain, made.delay_ms = brain, delay_ms
        return made

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
        dialect = self._dialects.get(vendor)
        if dialect is not None and request.method == "GET" and path.endswith(("/models", "/key")):
            return self._listed(dialect, request)
        if dialect is None or request.method != "POST":
            return PlainTextResponse("404 page not found", 404)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse(dialect.trouble(Trouble(400, "We could not parse the JSON body of your request.")), 400)
        if path == "/api/show":
            return JSONResponse(show(str(body.get("model") or body.get("name"))))
        ask, started = dialect.ask(path, body), self.monotonic()
        wanted = self.keys.get(vendor)
        if wanted is not None and dialect.key(request) != wanted:
            return self._trouble(dialect, ask, started, Trouble(401, MESSAGES[401]))
        model = self._find(vendor, ask.model)
        fault = model.next_fault()
        await self._think(HANG_SECONDS if fault is ModelFault.HANG else model.delay_ms / 1000)
        if fault is ModelFault.RESET:
            self._log(dialect.vendor, ask, started, 0, fault.value)
            return None
        if fault.value.isdigit():
            status = int(fault.value)
            after = model.retry_after if status in (429, 503, 529) else None
            return self._trouble(dialect, ask, started, Trouble(status, MESSAGES[status], after))
        return JSONResponse(dialect.reply(ask, self._words(dialect.vendor, ask, model, fault, started)))

    def _listed(self, dialect: Dialect, request: Request) -> Response:
        """What a key may use: what is asked to learn whether it is good."""
        if self.keys.get(dialect.vendor) not in {None, dialect.key(request)}:
            return JSONResponse(dialect.trouble(Trouble(401, MESSAGES[401])), 401)
        return JSONResponse({"data": [], "models": []})

    async def _think(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.waiting -= 1

    def _find(self, vendor: str, name: str) -> Model:
        names = (f"{vendor}/{name}", f"{vendor}_chat/{name}", name)
        return next((self.models[each] for each in names if each in self.models), self.default)

    def _words(self, vendor: str, ask: Ask, model: Model, fault: ModelFault, started: float) -> Reply:
        if fault in WORDS:
            text = WORDS[fault]
        else:
            said = model.brain.answer(ask.question, ask.prompt)
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        if fault is ModelFault.LENGTH:
            text = text[: len(text) // 2]
        made = self._log(vendor, ask, started, 200, "" if fault is ModelFault.NONE else fault.value, text)
        finish = FINISHED.get(fault, "stop")
        return Reply(text, finish, made.input_tokens, made.output_tokens, made.cached_tokens, made.number)

    def _trouble(self, dialect: Dialect, ask: Ask, started: float, trouble: Trouble) -> Response:
        self._log(dialect.vendor, ask, started, trouble.status, str(trouble.status))
        headers = {"retry-after": f"{trouble.retry_after:g}"} if trouble.retry_after is not None else {}
        # Gemini answers a wrong key with 400.
        status = 400 if dialect.vendor == "gemini" and trouble.status == 401 else trouble.status
        return JSONResponse(dialect.trouble(trouble), status, headers)

    def _log(self, vendor: str, ask: Ask, started: float, status: int, fault: str, text: str = "") -> ProviderCall:
        # A schema stands before the prompt: with another one nothing is found.
        earlier = self.prompts.setdefault(f"{vendor}/{ask.model}/{ask.schema}", deque(maxlen=REMEMBERED_PROMPTS))
        shared = max((_shared(ask.prompt, each) for each in earlier), default=0)
        shared = shared if ask.cacheable is None else min(shared, ask.cacheable)
        cached = tokens(ask.prompt[:shared]) if shared and tokens(ask.prompt[:shared]) >= CACHE_FROM else 0
        if status == 200:
            earlier.append(ask.prompt)
        made = ProviderCall(
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
            prefix_sha256=hashlib.sha256(ask.prompt[:shared].encode()).hexdigest() if shared else "",
        )
        self.calls.append(made)
        return made


def _shared(first: str, second: str) -> int:
    """How many characters two prompts begin with alike, found by halving."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[:middle] == second[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
