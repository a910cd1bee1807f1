"""`python -m tests.docs.site`: build the site into build/site; exit 1 for a broken link, or where a page loads from another host."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SITE = "build/site"
# What a browser fetches by itself. Links and the text of scripts are not fetched.
_FETCHED = re.compile(r"<(?:script|img|iframe|source)[^>]* src=\"?(https?://[^\"\s>]+)|<link[^>]* href=\"?(https?://[^\"\s>]+)[^>]*>")


def foreign_fetches(site: Path) -> Iterator[str]:
    """The addresses of other hosts that the pages fetch, with the page."""
    for page in sorted(site.rglob("*.html")):
        for match in _FETCHED.finditer(page.read_text("utf-8")):
            if 'rel="canonical"' not in match[0]:
                yield f"{page.relative_to(site)} fetches {match[1] or match[2]}"


def build(root: Path = ROOT) -> int:
    """Exit code 0 where the site is built and whole. It is built in an empty folder, so that no cache hides a broken link."""
    with tempfile.TemporaryDirectory(prefix="council-site-") as name:
        folder = Path(name)
        shutil.copytree(root / "docs", folder / "docs")
        shutil.copy(root / "mkdocs.yml", folder)
        command = [Path(sys.executable).with_name("zensical"), "build", "--strict", "--config-file", "mkdocs.yml"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stderr.write((done.stdout + done.stderr).partition("Traceback")[0])
            return 1
        shutil.rmtree(root / _SITE, ignore_errors=True)
        shutil.copytree(folder / _SITE, root / _SITE)
    problems = list(foreign_fetches(root / _SITE))
    sys.stdout.write("".join(f"{line}\n" for line in problems) or f"The site is in {_SITE}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(build())
