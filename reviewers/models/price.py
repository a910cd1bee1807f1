"""What a model's tokens cost, and the most that a request can cost."""

from reviewers.context.tokens import count
from reviewers.models.model import ModelRequest
from reviewers.value import Value
from reviewers.verdict import Usage

# Other vendors' tokenizers cut code finer than the one counted with; measured up to 1.3 times.
_SAFETY = 1.3
_OVERHEAD = 1_500


class Price(Value):
    """US dollars a token; a cached input token costs `cached`."""

    input: float
    output: float
    cached: float | None = None

    def of(self, usage: Usage) -> float:
        """The cost of a call with these token counts."""
        cached = self.input if self.cached is None else self.cached
        return (usage.input_tokens - usage.cached_tokens) * self.input + usage.cached_tokens * cached + usage.output_tokens * self.output

    def at_most(self, request: ModelRequest) -> float:
        """The worst case of a request: every output token used, nothing cached."""
        tokens = count(request.system) + count(request.prefix) + count(request.prompt)
        return (tokens * _SAFETY + _OVERHEAD) * self.input + request.max_output_tokens * self.output


FREE = Price(input=0.0, output=0.0, cached=0.0)
