"""Detects that a host read less of a prompt than was sent: hosts with a small window drop the rest without an error."""

from reviewers.context.tokens import count
from reviewers.models.hosts import Host
from reviewers.models.model import ModelRequest
from reviewers.values.verdict import Usage

# Tokenizers differ: others count up to 1.3 times as many tokens as ours, and on plain prose somewhat fewer.
_SHARE = 0.6
# In a short prompt, the frame of the chat template and text shared with other prompts have too much weight.
_LEAST = 1_000


def tokens_of(request: ModelRequest) -> int:
    """The length of a prompt by our own count."""
    turns = [text for turn in request.turns for text in (turn.answer, turn.reply)]
    return sum(count(text) for text in (request.system, request.prefix, request.prompt, *turns))


class PromptCheck:
    """A prompt as it is sent, for comparison with the host's count."""

    def __init__(self, host: Host, request: ModelRequest) -> None:
        self._request = request
        # A host may read repeated text from its cache, and not all hosts count that.
        self._new = host.is_new(f"{request.system}\n{request.prefix or request.prompt}")

    def is_cut(self, usage: Usage, reports_cache: bool) -> bool:
        """Whether the host counted too few tokens; False if that cannot be known."""
        if not usage.input_tokens or not (reports_cache or self._new):
            return False
        tokens = tokens_of(self._request)
        return tokens >= _LEAST and usage.input_tokens + usage.cached_tokens < _SHARE * tokens
