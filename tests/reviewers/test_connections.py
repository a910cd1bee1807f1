"""Why a host could not be reached, from the chain of causes, in a sentence with the fix."""

import socket
import ssl
from itertools import pairwise

import pytest

from reviewers.models.connections import trouble_of
from reviewers.models.model import CallFault


def chain(*errors: BaseException) -> BaseException:
    """The first error, caused by the second, and so on."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


class ProxyError(Exception):
    """Named as in httpx."""


REFUSED = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 3128)")


@pytest.mark.parametrize(
    ("cause", "proxy", "said", "fault"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "", "the host models.test is unknown", CallFault.MISCONFIGURED),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "", "the host models.test is unknown", CallFault.UNAVAILABLE),
        (ssl.SSLCertVerificationError(1, "self-signed"), "", "the certificate of models.test is not trusted", CallFault.MISCONFIGURED),
        (
            ProxyError("407 Proxy Authentication Required"),
            "http://proxy.test:3128",
            "the proxy http://proxy.test:3128 refused",
            CallFault.MISCONFIGURED,
        ),
        (REFUSED, "http://127.0.0.1:3128", "the proxy 127.0.0.1:3128 does not answer", CallFault.UNAVAILABLE),
        (REFUSED, "", "nothing answers at models.test", CallFault.UNAVAILABLE),
    ],
)
def test_each_trouble_has_its_own_sentence(
    monkeypatch: pytest.MonkeyPatch, cause: BaseException, proxy: str, said: str, fault: CallFault
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = chain(RuntimeError("InternalServerError 500: Connection error."), OSError("All connection attempts failed"), cause)
    trouble = trouble_of(error, "openai/gpt-5.5", "https://models.test/v1")
    assert trouble is not None
    assert trouble.words.startswith(said)
    assert trouble.fault is fault


def test_an_answer_of_the_host_is_no_trouble() -> None:
    assert trouble_of(RuntimeError("overloaded"), "openai/gpt-5.5", "https://models.test/v1") is None
