"""Calls the sandbox's providers with the vendors' own clients, in the environment that `make clients` installs.

Reads one JSON object from its input: `bases` and `keys` by vendor, and the name of the `models` for each case. Prints a list of objects
with `client`, `case` and `problem`, which is "" if the client got what the vendor would have sent.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import anthropic
import ollama
import openai
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

PROMPT = "Review this change."
MAX_TOKENS = 500


class OpinionAnswer(BaseModel):
    """The requested answer format. Its title tells the sandbox which answer to give."""

    findings: list[str]


class Calls:
    """The result of each call."""

    def __init__(self) -> None:
        self.results: list[dict[str, str]] = []

    def call(self, client: str, case: str, check: Callable[[], object]) -> None:
        """Run a check. It fails if it raises anything."""
        try:
            check()
            problem = ""
        except Exception as error:  # noqa: BLE001 - whatever a vendor's client makes of an answer is the result
            problem = f"{type(error).__name__}: {error}"[:600]
        self.results.append({"client": client, "case": case, "problem": problem})


def expect(held: bool, value: object) -> None:
    """Raise with the value if the condition is false."""
    if not held:
        raise ValueError(f"not what the vendor sends: {value!r}")


def raised(kind: type[Exception], call: Callable[[], object]) -> Any:
    """The error of that kind that a call raises."""
    try:
        answer = call()
    except kind as error:
        return error
    raise ValueError(f"no {kind.__name__}, but {answer!r}")


def call_openai(calls: Calls, vendor: str, base: str, key: str, models: Mapping[str, str]) -> None:
    """Chat completions of a vendor, or of a compatible server, with OpenAI's client."""
    name = f"openai at {vendor}"
    client = openai.OpenAI(api_key=key or "none", base_url=base, max_retries=0, timeout=20, _strict_response_validation=vendor == "openai")
    messages: Any = [{"role": "user", "content": PROMPT}]

    def chat(case: str, by: openai.OpenAI = client) -> Any:
        return by.chat.completions.create(model=models[case], messages=messages, max_completion_tokens=MAX_TOKENS)

    def parsed() -> None:
        answer = client.chat.completions.parse(model=models["good"], messages=messages, response_format=OpinionAnswer)
        choice, usage = answer.choices[0], answer.usage
        expect(choice.message.parsed == OpinionAnswer(findings=[]) and choice.finish_reason == "stop", answer)
        expect(usage is not None and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0, usage)

    def limited() -> None:
        error = raised(openai.RateLimitError, lambda: chat("limited"))
        expect(error.response.headers.get("retry-after") == "1", error.response.headers)

    def waits() -> None:
        started = time.monotonic()
        chat("limited once", client.with_options(max_retries=1))
        # Without the header its first wait is half a second at most.
        expect(time.monotonic() - started > 0.9, time.monotonic() - started)

    def refused() -> None:
        message = chat("refusing").choices[0].message
        expect(bool(message.refusal) and not message.content, message)

    def ends(case: str, reason: str) -> None:
        choice = chat(case).choices[0]
        expect(choice.finish_reason == reason, choice)

    calls.call(name, "schema and usage", parsed)
    if key:
        wrong = client.with_options(api_key="wrong")
        calls.call(name, "401", lambda: raised(openai.AuthenticationError, lambda: chat("good", wrong)))
    calls.call(name, "429 with Retry-After", limited)
    calls.call(name, "429, then again", waits)
    calls.call(name, "refusal", refused)
    calls.call(name, "content filter", lambda: ends("filtered", "content_filter"))
    calls.call(name, "length", lambda: ends("cut", "length"))
    calls.call(name, "500", lambda: raised(openai.InternalServerError, lambda: chat("broken")))
    calls.call(name, "models", lambda: expect(models["good"] in [row.id for row in client.models.list().data], client.models.list()))


def call_responses(calls: Calls, base: str, key: str, models: Mapping[str, str]) -> None:
    """OpenAI's Responses."""
    client = openai.OpenAI(api_key=key, base_url=base, max_retries=0, timeout=20, _strict_response_validation=True)

    def create(case: str) -> Any:
        return client.responses.create(model=models[case], input=PROMPT, max_output_tokens=MAX_TOKENS)

    def parsed() -> None:
        answer = client.responses.parse(model=models["good"], input=PROMPT, text_format=OpinionAnswer)
        expect(answer.output_parsed == OpinionAnswer(findings=[]) and answer.status == "completed", answer)
        expect(answer.usage is not None and answer.usage.total_tokens > 0, answer.usage)

    def incomplete(case: str, reason: str) -> None:
        answer = create(case)
        expect(answer.status == "incomplete" and answer.incomplete_details.reason == reason, answer)

    def refused() -> None:
        answer = create("refusing")
        expect(answer.output[0].content[0].type == "refusal", answer)

    calls.call("openai responses", "schema and usage", parsed)
    calls.call("openai responses", "429", lambda: raised(openai.RateLimitError, lambda: create("limited")))
    calls.call("openai responses", "refusal", refused)
    calls.call("openai responses", "content filter", lambda: incomplete("filtered", "content_filter"))
    calls.call("openai responses", "length", lambda: incomplete("cut", "max_output_tokens"))


def call_anthropic(calls: Calls, base: str, key: str, models: Mapping[str, str]) -> None:
    """Anthropic's messages."""
    client = anthropic.Anthropic(api_key=key, base_url=base, max_retries=0, timeout=20, _strict_response_validation=True)
    messages: Any = [{"role": "user", "content": PROMPT}]

    def create(case: str, by: anthropic.Anthropic = client) -> Any:
        return by.messages.create(model=models[case], messages=messages, max_tokens=MAX_TOKENS)

    def parsed() -> None:
        answer = client.messages.parse(model=models["good"], messages=messages, max_tokens=MAX_TOKENS, output_format=OpinionAnswer)
        expect(answer.parsed_output == OpinionAnswer(findings=[]) and answer.stop_reason == "end_turn", answer)
        expect(answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, answer.usage)

    def limited() -> None:
        error = raised(anthropic.RateLimitError, lambda: create("limited"))
        expect(error.response.headers.get("retry-after") == "1" and error.body["error"]["type"] == "rate_limit_error", error.body)

    def waits() -> None:
        started = time.monotonic()
        create("limited once", client.with_options(max_retries=1))
        expect(time.monotonic() - started > 0.9, time.monotonic() - started)

    def ends(case: str, reason: str) -> None:
        answer = create(case)
        expect(answer.stop_reason == reason, answer)

    wrong = client.with_options(api_key="wrong")
    calls.call("anthropic", "schema and usage", parsed)
    calls.call("anthropic", "401", lambda: raised(anthropic.AuthenticationError, lambda: create("good", wrong)))
    calls.call("anthropic", "429 with Retry-After", limited)
    calls.call("anthropic", "429, then again", waits)
    calls.call("anthropic", "refusal", lambda: ends("refusing", "refusal"))
    calls.call("anthropic", "length", lambda: ends("cut", "max_tokens"))
    calls.call("anthropic", "529", lambda: raised(anthropic.InternalServerError, lambda: create("overloaded")))
    calls.call("anthropic", "models", lambda: expect(models["good"] in [row.id for row in client.models.list().data], client.models.list()))


def call_gemini(calls: Calls, base: str, key: str, models: Mapping[str, str]) -> None:
    """Gemini's generateContent."""

    def made(with_key: str) -> genai.Client:
        address, _, version = base.rpartition("/")
        retry = types.HttpRetryOptions(attempts=1)
        options = types.HttpOptions(base_url=address, api_version=version, timeout=20_000, retry_options=retry)
        return genai.Client(api_key=with_key, vertexai=False, http_options=options)

    client = made(key)

    def generate(case: str, by: genai.Client = client, **more: Any) -> Any:
        config = types.GenerateContentConfig(max_output_tokens=MAX_TOKENS, **more)
        return by.models.generate_content(model=models[case], contents=PROMPT, config=config)

    def parsed() -> None:
        schema = OpinionAnswer.model_json_schema()
        answer = generate("good", response_mime_type="application/json", response_json_schema=schema)
        expect(json.loads(answer.text) == {"findings": []} and answer.candidates[0].finish_reason == types.FinishReason.STOP, answer)
        usage = answer.usage_metadata
        expect(usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count > 0, usage)

    def limited() -> None:
        error = raised(errors.ClientError, lambda: generate("limited"))
        expect(error.code == 429 and error.status == "RESOURCE_EXHAUSTED", error)
        expect(any(detail.get("retryDelay") == "1s" for detail in error.details["error"]["details"]), error.details)

    def unauthorized() -> None:
        error = raised(errors.ClientError, lambda: generate("good", made("wrong")))
        expect(error.code == 400 and error.details["error"]["details"][0]["reason"] == "API_KEY_INVALID", error.details)

    def ends(case: str, reason: types.FinishReason) -> None:
        answer = generate(case)
        expect(answer.candidates[0].finish_reason == reason, answer)

    def unavailable() -> None:
        error = raised(errors.ServerError, lambda: generate("unavailable"))
        expect(error.status == "UNAVAILABLE", error)

    calls.call("google-genai", "schema and usage", parsed)
    calls.call("google-genai", "wrong key", unauthorized)
    calls.call("google-genai", "429 with RetryInfo", limited)
    calls.call("google-genai", "content filter", lambda: ends("filtered", types.FinishReason.SAFETY))
    calls.call("google-genai", "length", lambda: ends("cut", types.FinishReason.MAX_TOKENS))
    calls.call(
        "google-genai", "503", lambda: expect(raised(errors.ServerError, lambda: generate("unavailable")).status == "UNAVAILABLE", "")
    )
    named = f"models/{models['good']}"
    calls.call("google-genai", "models", lambda: expect(named in [row.name for row in client.models.list().page], client.models.list()))


def call_ollama(calls: Calls, base: str, models: Mapping[str, str]) -> None:
    """Ollama's chat, show and tags."""
    client = ollama.Client(host=base, timeout=20, trust_env=False)
    messages = [{"role": "user", "content": PROMPT}]

    def chat(case: str, schema: Any = None) -> Any:
        return client.chat(model=models[case], messages=messages, format=schema, options={"num_ctx": 8_192, "num_predict": MAX_TOKENS})

    def parsed() -> None:
        answer = chat("good", OpinionAnswer.model_json_schema())
        expect(json.loads(answer.message.content) == {"findings": []} and answer.done_reason == "stop", answer)
        expect(answer.done and answer.prompt_eval_count > 0 and answer.eval_count > 0, answer)

    def fails(case: str, status: int) -> None:
        error = raised(ollama.ResponseError, lambda: chat(case))
        expect(error.status_code == status and bool(error.error), error)

    def shown() -> None:
        answer = client.show(models["good"])
        lengths = [value for key, value in (answer.modelinfo or {}).items() if key.endswith(".context_length")]
        expect(len(lengths) == 1 and lengths[0] > 0 and answer.capabilities == ["completion"], answer)

    calls.call("ollama", "schema and usage", parsed)
    calls.call("ollama", "401", lambda: fails("unauthorized", 401))
    calls.call("ollama", "429", lambda: fails("limited", 429))
    calls.call("ollama", "404", lambda: fails("missing", 404))
    calls.call("ollama", "length", lambda: expect(chat("cut").done_reason == "length", "done_reason"))
    calls.call("ollama", "show", shown)
    calls.call("ollama", "tags", lambda: expect(models["good"] in [row.model for row in client.list().models], client.list()))


def main() -> None:
    """Print the result of each call."""
    warnings.simplefilter("ignore")
    given = json.load(sys.stdin)
    bases, keys, models, calls = given["bases"], given["keys"], given["models"], Calls()
    for vendor in ("openai", "openrouter", "deepseek", "hosted_vllm", "lm_studio"):
        call_openai(calls, vendor, bases[vendor], keys.get(vendor, ""), models)
    call_responses(calls, bases["openai"], keys["openai"], models)
    call_anthropic(calls, bases["anthropic"], keys["anthropic"], models)
    call_gemini(calls, bases["gemini"], keys["gemini"], models)
    call_ollama(calls, bases["ollama"], models)
    sys.stdout.write(json.dumps(calls.results) + "\n")


if __name__ == "__main__":
    main()
