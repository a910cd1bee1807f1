"""`python -m tests.style`: check every file and commit subject against docs/STYLE.md; exit 1 with a line for each breach."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.style.rules import (
    Breach,
    banned_words,
    bare_participles,
    long_subjects,
    prose_of,
    public_classes,
    repeated_classes,
    tuple_parameters,
)

ROOT = Path(__file__).parents[2]
# The limit on subjects holds for commits after this one.
SINCE = "a008c1c8fadc"
PRODUCT = ("app/", "reviewers/", "webhooks/")
# The sandbox mirrors GitHub's objects under GitHub's names.
_MIRRORS = ("app/sandbox/",)
# Speaks of the banned words themselves.
_EXEMPT = ("docs/STYLE.md", "docs/glossary.md", "tests/style/", "reviewers/prompts/")


def git(*words: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def breaches() -> Iterator[Breach]:
    """Everything that breaks a rule."""
    paths = [path for path in git("ls-files", "*.py", "*.md").split("\n") if path and (ROOT / path).is_file()]
    classes: dict[str, dict[str, int]] = {}
    for path in paths:
        text = (ROOT / path).read_text("utf-8")
        if not path.startswith(_EXEMPT):
            yield from banned_words(path, prose_of(path, text))
        if path.startswith(PRODUCT) and path.endswith(".py"):
            yield from bare_participles(path, text)
            yield from tuple_parameters(path, text)
            if not path.startswith(_MIRRORS):
                classes[path] = public_classes(text)
    yield from repeated_classes(classes)
    if not _has_history():
        sys.stdout.write(f"style: commit subjects are not checked, because {SINCE} is not in this clone\n")
        return
    rows = (row.partition(" ") for row in git("log", "--no-merges", "--format=%h %s", f"{SINCE}..HEAD").split("\n") if row)
    yield from long_subjects({commit: subject for commit, _, subject in rows})


def _has_history() -> bool:
    try:
        git("cat-file", "-e", f"{SINCE}^{{commit}}")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def main() -> int:
    """Print the breaches."""
    problems = list(breaches())
    sys.stdout.write("".join(f"{breach}\n" for breach in problems) or "Style: no breach.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
