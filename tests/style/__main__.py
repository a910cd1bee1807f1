"""`python -m tests.style`: what was added since the rules hold, checked; exit 1 with a line for each breach."""

import re
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
)

ROOT = Path(__file__).parents[2]
# The rules hold for lines that were added after this commit; older ones are rewritten room by room.
SINCE = "a008c1c8fadc"
PRODUCT = ("app/", "reviewers/", "webhooks/")
# The sandbox mirrors GitHub's objects under GitHub's names.
_MIRRORS = ("app/sandbox/",)
# Speaks of the banned words themselves.
_EXEMPT = ("docs/STYLE.md", "docs/glossary.md", "tests/style/", "reviewers/prompts/")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def git(*words: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def added_lines() -> dict[str, frozenset[int]]:
    """The numbers of the added lines by path, uncommitted ones included."""
    lines: dict[str, set[int]] = {}
    path = ""
    for row in git("diff", "--unified=0", "--no-color", "--no-ext-diff", "--find-renames", SINCE).split("\n"):
        if row.startswith("+++ "):
            path = row.removeprefix("+++ b/")
        elif match := _HUNK.match(row):
            first, count = int(match[1]), int(match[2] or 1)
            lines.setdefault(path, set()).update(range(first, first + count))
    return {path: frozenset(numbers) for path, numbers in lines.items() if (ROOT / path).is_file()}


def breaches() -> Iterator[Breach]:
    """Everything that breaks a rule."""
    added = added_lines()
    for path, numbers in added.items():
        if not path.endswith((".py", ".md")) or path.startswith(_EXEMPT):
            continue
        text = (ROOT / path).read_text("utf-8")
        yield from banned_words(path, {number: line for number, line in prose_of(path, text).items() if number in numbers})
        if path.startswith(PRODUCT):
            yield from bare_participles(path, text, numbers)
    modules = [path for path in git("ls-files", "*.py").split("\n") if path.startswith(PRODUCT) and not path.startswith(_MIRRORS)]
    classes = {path: public_classes((ROOT / path).read_text("utf-8")) for path in modules if (ROOT / path).is_file()}
    yield from repeated_classes(classes, added)
    rows = (row.partition(" ") for row in git("log", "--no-merges", "--format=%h %s", f"{SINCE}..HEAD").split("\n") if row)
    yield from long_subjects({commit: subject for commit, _, subject in rows})


def main() -> int:
    """Print the breaches."""
    try:
        git("cat-file", "-e", f"{SINCE}^{{commit}}")
    except (OSError, subprocess.CalledProcessError):
        sys.stdout.write(f"style: skipped, because {SINCE} is not in this clone\n")
        return 0
    found = list(breaches())
    sys.stdout.write("".join(f"{breach}\n" for breach in found) or "Style: no breach in what was added.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
