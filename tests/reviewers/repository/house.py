"""An index of a few files, for tests."""

from collections.abc import Mapping

from reviewers.context.repository.answering import answer_look, paths_needed
from reviewers.context.repository.blob_symbols import PackedSymbols, pack_symbols, read_symbols
from reviewers.context.repository.index import RepositoryIndex, TreeFile
from reviewers.context.repository.looks import Look, LookAnswer


def indexed(files: Mapping[str, str | bytes], *others: TreeFile) -> RepositoryIndex:
    """The index of these contents by path, and other entries."""
    rows = []
    for path, content in files.items():
        source = content if isinstance(content, bytes) else content.encode()
        rows.append(TreeFile(path, "file", PackedSymbols(pack_symbols(read_symbols(path, source)))))
    return RepositoryIndex([*rows, *others])


def ask(index: RepositoryIndex, files: Mapping[str, str | bytes], look: Look, tokens: int = 2_000) -> LookAnswer:
    """The answer to a look, which reads only the paths that it needs."""
    texts = {path: text for path in paths_needed(index, look) if isinstance(text := files[path], str)}
    return answer_look(index, look, texts, tokens)
