"""Explains why a host could not be reached, from the chain of causes: change here the advice to the person."""

import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from reviewers.models.model import CallFault
from reviewers.models.vendors import provider

_CALLED = re.compile(r"Connect call failed \('(?P<host>[^']+)', (?P<port>\d+)")
# Hosts that speak OpenAI's format answer below /v1, so their base URLs end with it.
_VERSIONED = frozenset({"openai", "hosted_vllm", "lm_studio", "openrouter", "mistral", "xai", "groq"})
_MOVED = frozenset({301, 302, 303, 307, 308})
_ROOTED = frozenset({"ollama", "ollama_chat", "anthropic"})


class HostProblem(NamedTuple):
    """The problem on the way to a host, and the kind of fault."""

    words: str
    fault: CallFault


def trouble_of(error: BaseException, model: str, base_url: str) -> HostProblem | None:
    """The problem behind an error; None if the host was reached."""
    host = urlsplit(base_url).netloc or provider(model) or model
    for cause in _causes(error):
        if isinstance(cause, UnicodeEncodeError) or "Illegal header value" in str(cause):
            said = f"the key for {provider(model)} holds a character that no key has, perhaps an invisible one: copy it again"
            return HostProblem(said, CallFault.MISCONFIGURED)
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = getattr(cause, "verify_message", "") or "it cannot be verified"
            said = f"the certificate of {host} is not trusted ({reason}): set SSL_CERT_FILE to the file of your authority's certificate"
            return HostProblem(said, CallFault.MISCONFIGURED)
        if type(cause).__name__ == "ProxyError":
            return HostProblem(
                f"the proxy {_proxy(base_url) or 'in between'} refused to connect to {host}: {cause}", CallFault.MISCONFIGURED
            )
        if isinstance(cause, socket.gaierror):
            # A name server that does not answer may answer later; one that denies the name will not.
            later = cause.errno == socket.EAI_AGAIN
            proxy = _proxy(base_url)
            named = f"the proxy {proxy}" if proxy and urlsplit(proxy).hostname != urlsplit(base_url).hostname else f"the host {host}"
            said = f"{named} is unknown: check {'HTTP_PROXY and HTTPS_PROXY' if proxy else 'its base URL and the network'}"
            return HostProblem(said, CallFault.UNAVAILABLE if later else CallFault.MISCONFIGURED)
        if _status(cause) in _MOVED:
            said = f"{base_url or host} sends requests on to another address, which is not followed: set its base URL to that address"
            return HostProblem(said, CallFault.MISCONFIGURED)
        if isinstance(cause, ConnectionRefusedError):
            return HostProblem(_refused(cause, host, base_url), CallFault.UNAVAILABLE)
    return _wrong_path(error, model, base_url)


def _status(error: BaseException) -> object:
    """The HTTP status in an error of litellm or httpx."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if status in _MOVED else getattr(error, "status_code", None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _refused(cause: ConnectionRefusedError, host: str, base_url: str) -> str:
    called = _CALLED.search(str(cause))
    proxy = urlsplit(_proxy(base_url))
    if called and proxy.hostname and str(proxy.port or 80) == called["port"] and urlsplit(base_url).port != proxy.port:
        return f"the proxy {proxy.netloc} does not answer: start it, or correct HTTP_PROXY and HTTPS_PROXY"
    return f"nothing answers at {host}: start the server there, or correct its base URL"


def _proxy(base_url: str) -> str:
    """The proxy that a call to a host uses, "" for none."""
    parts = urlsplit(base_url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return ""
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def _wrong_path(error: BaseException, model: str, base_url: str) -> HostProblem | None:
    """A base URL that lacks its /v1, or has one too many: the host answers 404, and not in its own format."""
    if getattr(error, "status_code", None) not in (404, 405) or not base_url:
        return None
    path = urlsplit(base_url).path.rstrip("/")
    at = provider(model)
    if at in _VERSIONED and not path:
        return HostProblem(
            f"{base_url} has no such path: for {at} the base URL ends with /v1, so set {base_url.rstrip('/')}/v1", CallFault.MISCONFIGURED
        )
    if at in _ROOTED and path.endswith("/v1"):
        return HostProblem(f"{base_url} has no such path: for {at} the base URL ends before /v1", CallFault.MISCONFIGURED)
    return None
