"""Golden files: one file for each text that people see. `make snapshots` writes them again."""

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


class MarkdownSnapshot(SingleFileSnapshotExtension):
    """A text as a Markdown file in `__snapshots__/`, so that it can be viewed rendered."""

    _write_mode = WriteMode.TEXT
    file_extension = "md"


class TextSnapshot(MarkdownSnapshot):
    """A terminal's output, as a text file."""

    file_extension = "txt"
