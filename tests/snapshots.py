"""Golden files: one file for each text that people see, which `make snapshots` writes again."""

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class MarkdownSnapshot(SingleFileSnapshotExtension):
    """A text as a Markdown file in `__snapshots__/`, so that it can be looked at rendered."""

    _write_mode = WriteMode.TEXT
    file_extension = "md"


class TextSnapshot(MarkdownSnapshot):
    """What a terminal shows, as a text file."""

    file_extension = "txt"
