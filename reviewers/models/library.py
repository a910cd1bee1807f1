"""The door to litellm: the only file that imports it, with protection against its side effects at import."""

import os
import warnings
from collections.abc import Callable
from functools import cache, wraps
from types import ModuleType
from typing import Any

import httpx

from reviewers.models.bounded_body import bound_bodies

# litellm reads these when it is imported; without them it fetches prices, headers and tokenizers from the network.
_OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True", "HF_HUB_OFFLINE": "1"}


@cache
def library() -> ModuleType:
    """litellm, imported at the first use: it takes two seconds and 170 MB, which the web process must never pay."""
    os.environ.update(_OFFLINE)  # noqa: TID251 - litellm reads nothing else before its import
    # pydantic warns about litellm's types when it first builds them, in the middle of an answer.
    warnings.filterwarnings("ignore", "Items? .* on TypedDict class", UserWarning)
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    # httpx, which the rest of the project uses; aiohttp's sessions stay open when their event loop ends.
    litellm.disable_aiohttp_transport = True
    _follow_no_redirects()
    # An old tokenizer of Anthropic's, parsed at import and not read again: litellm keeps its text as well. It takes 13 MB.
    vars(litellm.utils).pop("json_data", None)
    return litellm


def _follow_no_redirects() -> None:
    """Make every client of litellm stay on its host.

    litellm's clients follow redirects, and httpx removes only `Authorization` on the way: `x-api-key` and the change under review
    would go to any address that a host names, including this network. litellm 1.106 has no setting for it.
    """
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, HTTPHandler
    from litellm.llms.openai.common_utils import BaseOpenAILLM

    AsyncHTTPHandler.create_client = _staying(AsyncHTTPHandler.create_client)  # type: ignore[method-assign]
    HTTPHandler.create_client = _staying(HTTPHandler.create_client)  # type: ignore[method-assign]
    BaseOpenAILLM._get_async_http_client = staticmethod(_staying(BaseOpenAILLM._get_async_http_client))  # type: ignore[method-assign]
    BaseOpenAILLM._get_sync_http_client = staticmethod(_staying(BaseOpenAILLM._get_sync_http_client))  # type: ignore[method-assign]


def _staying(create: Callable[..., Any]) -> Callable[..., Any]:
    """A factory of httpx clients that follow no redirect and reject a body without an end."""

    @wraps(create)
    def created(*args: object, **named: object) -> object:
        client = create(*args, **named)
        client.follow_redirects = False
        if isinstance(client, httpx.AsyncClient):
            bound_bodies(client)
        return client

    return created
