"""Change here how the files of a snapshot get their origin: from `.gitattributes` first, then from the repository's tree."""

from collections.abc import Collection, Mapping, Sequence

from reviewers.context.origins.attributes import read_origin
from reviewers.context.origins.evidence import find_origins
from reviewers.context.snapshot import ChangedFile, FileOrigin


def mark_origins(files: Sequence[ChangedFile], attributes: Mapping[str, str], tree: Collection[str]) -> tuple[ChangedFile, ...]:
    """The files with their origins; `attributes` are the `.gitattributes` texts of the base by path, `tree` every path of the head."""
    shown = find_origins([file.path for file in files], tree)

    def mark(file: ChangedFile) -> ChangedFile:
        origin = read_origin(attributes, file.path) or shown.get(file.path, FileOrigin.UNKNOWN)
        return file.model_copy(update={"origin": origin}) if origin else file

    return tuple(mark(file) for file in files)
