"""`python -m tests.docs.site`: build the site into build/site; exit 1 for a broken link, or where a page loads from another host."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What a browser fetches by itself. Links and the text of scripts are not fetched.
_FETCHED = re.compile(r"<(?:script|img|iframe|source)[^>]* src=\"?(https?://[^\"\s>]+)|<link[^>]* href=\"?(https?://[^\"\s>]+)[^>]*>")


def foreign_fetches(site: Path) -> Iterator[str]:
    """The addresses of other hosts that the pages fetch, with the page."""
    for page in sorted(site.rglob("*.html")):
        for match in _FETCHED.finditer(page.read_text("utf-8")):
            if 'rel="canonical"' not in match[0]:
                yield f"{page.relative_to(site)} fetches {match[1] or match[2]}"


def build(root: Path = ROOT) -> int:
    """Exit code 0 where the site is built and whole."""
    command = [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean", "--config-file", "mkdocs.yml"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write((done.stdout + done.stderr).partition("Traceback")[0])
        return 1
    problems = list(foreign_fetches(root / "build/site"))
    sys.stdout.write("".join(f"{line}\n" for line in problems) or "The site is in build/site\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(build())
