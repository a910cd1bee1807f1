"""Gives a file a second name before the first name is used for another file: change here how the names are numbered."""

import contextlib
import itertools
import os
from pathlib import Path


def keep_under_second_name(path: Path, word: str) -> Path:
    """Link a file as NAME.WORD, or NAME.WORD-2 and so on, and return that path. Existing files are not replaced."""
    for number in itertools.count(1):
        kept = path.with_name(f"{path.name}.{word}{'' if number == 1 else f'-{number}'}")
        with contextlib.suppress(FileExistsError):
            os.link(path, kept)
            return kept
    raise AssertionError("there is a number that is free")
