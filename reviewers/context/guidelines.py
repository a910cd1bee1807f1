"""Change here which files of a repository are coding guidelines, and to which changed files each applies."""

import re
from collections.abc import Collection, Iterable, Sequence

from reviewers.context.globs import GlobError, selects

# Files at the root are read with the pull request; files in the folders of the change if its tree shows them.
ROOT_NAMES = ("AGENTS.md", "CLAUDE.md", "REVIEW.md", ".cursorrules", "CONTRIBUTING.md", ".github/copilot-instructions.md")
NESTED_NAMES = ("AGENTS.md", "CLAUDE.md", "REVIEW.md", ".cursorrules")
# https://docs.github.com/en/copilot/how-tos/configure-custom-instructions/add-repository-instructions
_INSTRUCTIONS = re.compile(r"\.github/instructions/(?:[^/]+/){0,3}[^/]+\.instructions\.md")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?P<fields>(?:(?!---)[^\n]*\n){0,40})---[ \t]*\r?\n")
_APPLIES = re.compile(r"^applyTo:[ \t]*(?P<globs>[^\n]*)$", re.MULTILINE)
_MOST = 12


def find_nested(paths: Collection[str], touched: Sequence[str]) -> tuple[str, ...]:
    """The guidelines among all paths: files in folders above the touched files, the nearest first, and GitHub's instructions."""
    listed = frozenset(paths)
    folders = {"/".join(parts[:depth]) for path in touched for parts in [path.split("/")[:-1]] for depth in range(1, len(parts) + 1)}
    nearest = sorted(folders, key=lambda folder: (-folder.count("/"), folder))
    nested = [name for folder in nearest for each in NESTED_NAMES if (name := f"{folder}/{each}") in listed]
    return (*nested[:_MOST], *sorted(path for path in listed if _INSTRUCTIONS.fullmatch(path))[:_MOST])


def counts_for(path: str, text: str, touched: Iterable[str]) -> bool:
    """Whether a guideline applies to any touched file: GitHub's instructions name globs, all others apply to their folder."""
    if not _INSTRUCTIONS.fullmatch(path):
        return True
    found = _FRONT_MATTER.match(text)
    applies = _APPLIES.search(found["fields"]) if found else None
    globs = [glob.strip().strip("\"'") for glob in applies["globs"].strip().strip("\"'[]").split(",")] if applies else []
    try:
        return any(selects([glob for glob in globs if glob], file) for file in touched)
    except GlobError:
        return False
