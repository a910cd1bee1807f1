"""Counts tokens offline, with the vocabulary in litellm's wheel."""

import base64
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

import tiktoken

from reviewers.text_cache import text_cache

# tiktoken names a cached vocabulary after the hash of the address that it would otherwise download.
_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
_SPLIT = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)


@text_cache(2_000_000, str.__len__)
def count(text: str) -> int:
    """The number of tokens of a text; an estimate for every vendor but OpenAI."""
    return len(_encoding().encode_ordinary(text))


@cache
def _encoding() -> tiktoken.Encoding:
    lines = _vocabulary().read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    encoding = tiktoken.Encoding("council", pat_str=_SPLIT, mergeable_ranks=ranks, special_tokens={})
    # tiktoken has its own copy of the table by now; this one takes 26 MB.
    ranks.clear()
    return encoding


def _vocabulary() -> Path:
    spec = importlib.util.find_spec("litellm")
    roots = (spec.submodule_search_locations or []) if spec else []
    name = hashlib.sha1(_ADDRESS.encode(), usedforsecurity=False).hexdigest()
    found = [path for root in roots if (path := Path(root) / "litellm_core_utils" / "tokenizers" / name).is_file()]
    if not found:
        raise FileNotFoundError("litellm's wheel carries no o200k vocabulary: the installed litellm is not one Council was tested with")
    return found[0]
