"""Change here how a look is answered: first the paths whose texts it needs, then the answer from those texts. No I/O here."""

from collections.abc import Mapping, Sequence

from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.looks import Look, LookAnswer, LookKind
from reviewers.context.repository.name_looks import definition_paths, find_definitions
from reviewers.context.repository.path_looks import clean_path, outline, read_file, refuse_path
from reviewers.context.repository.search_looks import search_files, search_paths
from reviewers.context.repository.use_looks import find_uses, use_paths


def paths_needed(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The paths whose texts the answer needs, bounded in files and bytes."""
    if look.kind in (LookKind.READ, LookKind.OUTLINE):
        path = clean_path(look.target)
        return (path,) if path and not refuse_path(index, look.target) else ()
    if look.kind is LookKind.FIND:
        return definition_paths(index, look)
    if look.kind is LookKind.USES:
        return use_paths(index, look)
    return search_paths(index, look) if look.kind is LookKind.SEARCH else ()


def answer_look(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """The answer to any look except HISTORY, which needs commits and not files."""
    answers = {
        LookKind.READ: read_file,
        LookKind.OUTLINE: outline,
        LookKind.FIND: find_definitions,
        LookKind.USES: find_uses,
        LookKind.SEARCH: search_files,
    }
    return answers[look.kind](index, look, texts, tokens)
