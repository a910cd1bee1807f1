"""Fills a prompt with blocks in order while they fit into its budget, and records the others."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviewers.context.prompt_blocks import PromptBlock
from reviewers.context.tokens import count
from reviewers.values.verdict import Unseen

NO_ROOM = "did not fit into the prompt"
TANGLED = "too tangled to read for its structure"


class PlacedBlock(NamedTuple):
    """A block of a pack and its tokens."""

    kind: str
    name: str
    tokens: int
    why: str


class PromptBuilder:
    """Blocks in order. Counts are sums of parts, slightly above the count of the whole."""

    def __init__(self, budget: int) -> None:
        self.left = budget
        self.blocks: list[PlacedBlock] = []
        self.dropped: list[PromptBlock] = []
        self._texts: list[str] = []

    def copy(self) -> "PromptBuilder":
        page = PromptBuilder(self.left)
        page.blocks, page.dropped, page._texts = [*self.blocks], [*self.dropped], [*self._texts]
        return page

    def add(self, block: PromptBlock, share: int | None = None) -> int:
        """Add the block; returns its tokens, or 0 if it does not fit."""
        taken = cost(block.text)
        if taken > self.left or (share is not None and taken > share):
            self.dropped.append(block)
            return 0
        self.left -= taken
        self._texts.append(block.text)
        self.blocks.append(PlacedBlock(block.kind, block.name, taken, block.why))
        return taken

    def add_one(self, forms: Iterable[PromptBlock]) -> None:
        """Add the first form of a block that fits; if none fits, the last counts as dropped."""
        form = None
        for form in forms:
            if cost(form.text) <= self.left:
                break
        if form is not None:
            self.add(form)

    def fill(self, blocks: Sequence[PromptBlock], share: int) -> None:
        """Add blocks in order while they fit into a share of the budget; one that is too long takes a shorter form, or is left out.

        A block leaves room for the shortest form of those that follow it.
        """
        least = [cost(block.shorter[-1]) if block.shorter else 0 for block in blocks]
        for at, block in enumerate(blocks):
            share -= self.add(self._fitting(block, share - sum(least[at + 1 :])), share)

    def _fitting(self, block: PromptBlock, room: int) -> PromptBlock:
        """The longest form of the block that fits into the room, or else its shortest."""
        text = block.text
        for form in block.shorter:
            if cost(text) <= min(room, self.left):
                break
            text = form
        return block._replace(text=text, shorter=())

    def unshown(self) -> tuple[Unseen, ...]:
        """The blocks that did not fit, and the files whose structure could not be read."""
        return tuple(Unseen(path=block.name, reason=TANGLED if block.kind == "structure" else NO_ROOM) for block in self.dropped)

    def text(self) -> str:
        return "\n\n".join(self._texts)


def cost(text: str) -> int:
    """The tokens of a text in a page."""
    return count(text) + 2
