"""The door to litellm: the only file that imports it, and where its surprises at import are held off."""

import os
import warnings
from collections.abc import Callable
from functools import cache, wraps
from types import ModuleType
from typing import Any

import httpx

from reviewers.models.bounded_body import bound_bodies

# litellm reads these when it is imported; without them it goes to the network for prices, headers and tokenizers.
_OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True", "HF_HUB_OFFLINE": "1"}


@cache
def library() -> ModuleType:
    """litellm, imported at the first use: it takes two seconds and 170 MB, which the web process must never pay."""
    os.environ.update(_OFFLINE)  # noqa: TID251 - litellm reads nothing else before its import
    # pydantic says it of litellm's types when it first builds them, in the middle of somebody's answer.
    warnings.filterwarnings("ignore", "Items? .* on TypedDict class", UserWarning)
    import litellm

    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True
    # httpx, which the rest of the house uses; aiohttp's sessions are left open when their event loop ends.
    litellm.disable_aiohttp_transport = True
    _follow_no_redirects()
    return litellm


def _follow_no_redirects() -> None:
    """Have every client that litellm makes stay with the host it was given.

    litellm's clients follow redirects, and httpx takes only `Authorization` away on the way: `x-api-key` and the change under review
    would go wherever a host points, inside this network too. litellm 1.106 has no setting for it.
    """
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, HTTPHandler
    from litellm.llms.openai.common_utils import BaseOpenAILLM

    AsyncHTTPHandler.create_client = _staying(AsyncHTTPHandler.create_client)  # type: ignore[method-assign]
    HTTPHandler.create_client = _staying(HTTPHandler.create_client)  # type: ignore[method-assign]
    BaseOpenAILLM._get_async_http_client = staticmethod(_staying(BaseOpenAILLM._get_async_http_client))  # type: ignore[method-assign]
    BaseOpenAILLM._get_sync_http_client = staticmethod(_staying(BaseOpenAILLM._get_sync_http_client))  # type: ignore[method-assign]


def _staying(create: Callable[..., Any]) -> Callable[..., Any]:
    """A maker of httpx clients whose clients follow no redirect, and take no body without an end."""

    @wraps(create)
    def created(*args: object, **named: object) -> object:
        client = create(*args, **named)
        client.follow_redirects = False
        if isinstance(client, httpx.AsyncClient):
            bound_bodies(client)
        return client

    return created
