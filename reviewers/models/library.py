"""The door to litellm: the only file that imports it, and where its surprises at import are held off."""

import os
import warnings
from functools import cache
from types import ModuleType

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
    return litellm
