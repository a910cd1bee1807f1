"""Clouds with several credentials: what is read, what is removed from the environment, and what a call sends."""

import json
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.configuration.provider_catalog import ACCOUNTS, account_of
from app.configuration.settings import child_environment, forget_keys, read_settings
from app.councils.model_routes import missing_key, model_of
from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.seats.answers import OpinionAnswer

SECRET, SESSION, AZURE = "wJalrXUtnFEMI-secret", "session-token-0123456789", "azure-key-0123456789"
PRIVATE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC0123"
SERVICE_ACCOUNT = json.dumps({"type": "service_account", "private_key": f"-----BEGIN-----\n{PRIVATE}\n-----END-----"})
REQUEST = ModelRequest(purpose="opinion", system="system", prefix="prefix", prompt="prompt", answer=OpinionAnswer, seconds=20)


def environment(url: str) -> dict[str, str]:
    return {
        "AZURE_API_KEY": AZURE,
        "AZURE_API_BASE": url,
        "AZURE_API_VERSION": "2025-04-01-preview",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE0123456",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": SESSION,
        "AWS_REGION_NAME": "eu-west-1",
        "BEDROCK_BASE_URL": url,
        "VERTEXAI_CREDENTIALS": SERVICE_ACCOUNT,
        "VERTEXAI_PROJECT": "acme",
        "VERTEXAI_LOCATION": "europe-west4",
    }


@pytest.fixture
async def cloud() -> AsyncIterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A server that refuses every call, and repeats the credentials that it received."""
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(403)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(f'{{"message": "no {SESSION} and no {AZURE}"}}'.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_all_credentials_leave_the_environment_and_are_secret() -> None:
    environ = environment("http://127.0.0.1:1")
    settings = read_settings(environ)
    forget_keys(environ)
    assert set(environ) == {"BEDROCK_BASE_URL"}
    assert [provider.name for provider in settings.providers] == ["azure", "bedrock", "vertex_ai"]
    assert {AZURE, SECRET, SESSION, SERVICE_ACCOUNT, PRIVATE} <= set(settings.secrets)
    assert not any(secret in repr(settings.providers) for secret in settings.secrets)


def test_a_process_that_calls_models_gets_all_of_them() -> None:
    given = environment("http://127.0.0.1:1")
    assert given.items() <= child_environment(read_settings(given), with_keys=True).items()


@pytest.mark.parametrize("left_out", ["AZURE_API_BASE", "AWS_REGION_NAME", "VERTEXAI_PROJECT"])
def test_incomplete_credentials_name_what_is_missing(left_out: str) -> None:
    values = {name: value for name, value in environment("http://127.0.0.1:1").items() if name != left_out}
    account = next(each for each in ACCOUNTS if any(variable.name == left_out for variable in each.variables))
    assert read_settings(values).provider(account.name) is None
    assert left_out in missing_key(f"{account.name}/x")


def test_every_account_needs_exactly_its_documented_credentials() -> None:
    for account in ACCOUNTS:
        for names in account.enough:
            provider = read_settings(dict.fromkeys(names, "http://127.0.0.1:1")).provider(account.name)
            assert provider is not None and account_of(provider.name) is account


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("model", "path", "sent"),
    [
        ("azure/gpt-5.5", "/openai/deployments/gpt-5.5/chat/completions?api-version=2025-04-01-preview", {"api-key": AZURE}),
        ("bedrock/anthropic.claude-opus-4-5-20251101-v1:0", "/model/anthropic.claude-opus-4-5", {"x-amz-security-token": SESSION}),
    ],
)
async def test_credentials_are_sent_with_the_call_and_never_shown(
    cloud: tuple[str, list[tuple[str, dict[str, str]]]], model: str, path: str, sent: dict[str, str]
) -> None:
    url, asked = cloud
    with pytest.raises(ModelError) as caught:
        await model_of(read_settings(environment(url)), model).complete(REQUEST)
    assert asked[0][0].startswith(path) and sent.items() <= asked[0][1].items()
    assert caught.value.fault is CallFault.MISCONFIGURED
    assert next(iter(sent.values())) not in str(caught.value) and "[key]" in str(caught.value)


@pytest.mark.filterwarnings("default")
async def test_bedrock_is_signed_with_the_given_key_and_region(cloud: tuple[str, list[tuple[str, dict[str, str]]]]) -> None:
    url, asked = cloud
    with pytest.raises(ModelError):
        await model_of(read_settings(environment(url)), "bedrock/anthropic.claude-opus-4-5-20251101-v1:0").complete(REQUEST)
    signed = asked[0][1]["authorization"]
    assert "Credential=AKIDEXAMPLE0123456/" in signed and "/eu-west-1/bedrock/" in signed
