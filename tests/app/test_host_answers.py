"""What a model's host reports about itself is read up to a limit, like its answers."""

import contextlib
import json
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.configuration.provider_key_check import key_refusal
from app.configuration.providers import ConfiguredProvider
from app.councils.context_windows import list_served_models
from app.errors import CouncilError, Unavailable
from app.github.manifest import convert
from app.github.users import Users
from reviewers.models.bounded_body import MOST_BYTES


@pytest.fixture
async def host() -> AsyncIterator[tuple[str, list[int]]]:
    """A host that lists one model, and as many more bytes as configured."""
    more = [0]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"data": [{"id": "m"}], "more": "x" * more[0]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", more
        server.shutdown()


async def test_a_list_of_models_is_read_up_to_a_bound(host: tuple[str, list[int]]) -> None:
    url, more = host
    provider = ConfiguredProvider(name="hosted_vllm", key="", base_url=url)
    assert await list_served_models(provider) == ("hosted_vllm/m",)
    more[0] = MOST_BYTES
    assert await list_served_models(provider) == ()


async def test_a_probe_of_a_key_is_read_up_to_a_bound(host: tuple[str, list[int]]) -> None:
    url, more = host
    assert await key_refusal("openai", url, "sk-some-key-of-length") == ""
    more[0] = MOST_BYTES
    with pytest.raises(Unavailable):
        await key_refusal("openai", url, "sk-some-key-of-length")


@pytest.mark.parametrize("location", ["http:x", "https:x/y", "http:%", "http://[::1", "http://x:99999/"])
async def test_a_redirect_to_no_address_is_no_answer(location: str) -> None:
    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("location", location)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert await list_served_models(ConfiguredProvider(name="hosted_vllm", key="", base_url=url)) == ()
        with contextlib.suppress(Unavailable):
            assert await key_refusal("openai", url, "sk-some-key-of-length")
        with pytest.raises(CouncilError):
            await Users(url, url, "id", "secret").person("token")
        with pytest.raises(CouncilError):
            await convert(url, "code", url)
        server.shutdown()
