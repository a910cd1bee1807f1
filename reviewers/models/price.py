"""Computes what a model's tokens cost, and the maximum cost of a request."""

from reviewers.models.cut_prompts import tokens_of
from reviewers.models.model import ModelRequest
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Usage

# Other vendors' tokenizers cut code finer than the one counted with; measured up to 1.3 times.
_SAFETY = 1.3
_OVERHEAD = 1_500


class Price(FrozenValue):
    """US dollars per token; a cached input token costs `cached`, and one that is written to the cache `written`, if that is more."""

    input: float
    output: float
    cached: float | None = None
    written: float | None = None

    def of(self, usage: Usage) -> float:
        """The cost of a call with these token counts."""
        cached = self.input if self.cached is None else self.cached
        return (usage.input_tokens - usage.cached_tokens) * self.input + usage.cached_tokens * cached + usage.output_tokens * self.output

    def reserved(self, tokens: int, output_tokens: int) -> float:
        """The worst case of a call with a prompt of `tokens`: every output token used, nothing cached."""
        return (tokens * _SAFETY + _OVERHEAD) * max(self.input, self.written or 0.0) + output_tokens * self.output

    def likely(self, tokens: int, output_tokens: int, read_before: int = 0) -> float:
        """The usual cost of such a call: the prompt as counted, an answer of that length.

        Of the prompt, `read_before` tokens were sent just before: they come from the vendor's cache if it has one.
        """
        usage = Usage(input_tokens=tokens, cached_tokens=read_before, output_tokens=output_tokens)
        kept = 0 if self.written is None or read_before else tokens
        return self.of(usage) + kept * max(0.0, (self.written or 0.0) - self.input)

    def at_most(self, request: ModelRequest) -> float:
        """The worst case of a request."""
        return self.reserved(tokens_of(request), request.max_output_tokens)


FREE = Price(input=0.0, output=0.0, cached=0.0)
