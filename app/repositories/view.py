"""Opens one commit of a repository on this machine, a user's or a mirror, for looks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from app.git.reader import Reader, open_reader
from app.git.tree import Tree, read_tree
from app.repositories.indexing import build_index
from app.repositories.mirror_history import MirrorHistory
from app.repositories.past import named_in, read_past, words_of
from app.repositories.symbol_cache import SymbolCache
from reviewers.context.notebooks.cell_lines import as_cells
from reviewers.context.redaction import mask, mask_keys
from reviewers.context.repository.answering import answer_look, paths_needed
from reviewers.context.repository.history_looks import PastCommit, list_history
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.looks import Look, LookAnswer, LookKind

LEAST_TOKENS, MOST_TOKENS = 100, 20_000


class IndexedView:
    """One commit with its index: a RepositoryView. Git is only asked for objects, so no file of a working tree is read."""

    def __init__(self, reader: Reader, commit: str, tree: Tree, index: RepositoryIndex, history: MirrorHistory | None = None) -> None:
        """`history` holds a mirror's earlier commits. Without it they are in the repository itself."""
        self.commit = commit
        self.index = index
        self._reader, self._tree = reader, tree
        self._history = history

    async def look(self, look: Look, tokens: int) -> LookAnswer:
        """The answer within a budget of tokens."""

        budget = max(LEAST_TOKENS, min(tokens, MOST_TOKENS))
        if look.kind is LookKind.HISTORY:
            return list_history(look, await self._past(look.target), budget)
        paths = await asyncio.to_thread(paths_needed, self.index, look)
        texts = await self._masked(paths)
        return await asyncio.to_thread(answer_look, self.index, look, texts, budget)

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The texts of the paths that exist at the commit, are not binary and have at most a million bytes."""
        return await self._masked([path for path in paths if (file := self.index.file(path)) is not None and file.readable])

    async def _past(self, target: str) -> Sequence[PastCommit] | None:
        """The commits that changed or named a target. For a mirror, those that named it, because their files are missing."""
        if self._history is None:
            return await read_past(self._reader, self._tree, self.commit, target)
        commits = await self._history.read()
        return None if commits is None else named_in(commits, words_of(self._tree, target))

    async def _masked(self, paths: Sequence[str]) -> dict[str, str]:
        """The texts, with notebooks as cells and multi-line keys masked: a part of a key without its first line would not be recognized."""
        texts = await self._tree.texts(paths)
        return await asyncio.to_thread(lambda: {path: mask_keys(as_cells(path, text)) for path, text in texts.items()})


async def open_view(reader: Reader, commit: str, cache: Path, history: MirrorHistory | None = None) -> IndexedView:
    """Index a commit of an open repository. `cache` is the folder of the symbols."""
    tree = await read_tree(reader, commit)
    return IndexedView(reader, commit, tree, await build_index(reader, tree, SymbolCache(cache)), history)


@contextlib.asynccontextmanager
async def open_repository_view(folder: Path, commit: str, cache: Path) -> AsyncIterator[IndexedView]:
    """Open a repository, bare or not, at a commit, given by its full id. Raises UserError if it cannot be read."""
    async with open_reader(folder) as reader:
        yield await open_view(reader, commit, cache)


def mask_answer(answer: LookAnswer) -> LookAnswer:
    """An answer as models and people may see it."""
    lines = tuple(line.model_copy(update={"text": mask(line.text)}) for line in answer.lines)
    return answer.model_copy(update={"text": mask(answer.text), "lines": lines})
