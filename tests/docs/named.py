"""Finds what a page names: files, links, commands, targets and names of the code. Change here what counts as one."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FOLDERS = r"(?:app|reviewers|webhooks|benchmarks|tests|deploy|docs|skills|\.github|\.ci)"
_PATH = re.compile(rf"{_FOLDERS}/[\w./*{{}},-]+|[\w-]+(?:/[\w-]+)*\.(?:py|md|yml|toml|json)")
# "path.py:function" and "path.py -k expression".
_INSIDE = re.compile(r"\.py(?::[\w.]+| -k .+)$")
_MODULE = re.compile(r"(?:app|reviewers|webhooks|benchmarks|tests)(?:\.\w+)+")
_NAME = re.compile(r"(?:[A-Z][a-z]+[A-Z]\w*|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z]+_[a-z_]+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# Written for a name that the reader chooses.
_PLACEHOLDERS = re.compile(r"(?:^|/)x\.|NAME|YEAR|OWNER")


def spans(text: str) -> list[str]:
    """The code in lines of a page; blocks of code are left out."""
    return _SPAN.findall(_FENCE.sub("", text))


def paths(text: str) -> list[str]:
    """The files and folders that a page names."""
    files = (_INSIDE.sub(".py", span) for span in spans(text))
    return [path for path in files if _PATH.fullmatch(path) and not _PLACEHOLDERS.search(path)]


def modules(text: str) -> list[str]:
    """The dotted modules that a page names, also after `python -m`."""
    words = (span.removeprefix("python -P -m ").removeprefix("python -m ").partition(" ")[0] for span in spans(text))
    return [word for word in words if _MODULE.fullmatch(word) and not word.endswith((".py", ".yml", ".toml", ".md"))]


def names(text: str) -> list[str]:
    """The classes, functions, constants and keys that a page names."""
    return [
        name for span in spans(text) if not _PLACEHOLDERS.search(span) for name in span.rstrip("()").split(".") if _NAME.fullmatch(name)
    ]


def benchmarks(text: str) -> list[str]:
    """The benchmarks that a page runs."""
    return re.findall(r"python -m benchmarks ([a-z]\w*)", text)


def targets(text: str) -> list[str]:
    """The targets of the Makefile that a page names."""
    return [match[1] for span in spans(text) if (match := re.match(r"make ([a-z-]+)$", span))]


def commands(text: str) -> list[str]:
    """The words after `council` that begin with a letter."""
    return [match[1] for span in spans(text) if (match := re.match(r"council ([a-z][\w-]*)", span))]


def links(text: str) -> list[tuple[str, str]]:
    """The relative links of a page: target and anchor."""
    found = (match.partition("#") for match in _LINK.findall(_FENCE.sub("", text)))
    return [(target, anchor) for target, _, anchor in found if "://" not in target and not target.startswith("mailto:") and target]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def files() -> frozenset[str]:
    """Every file that git knows of or would take."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(name for name in listed.splitlines() if (ROOT / name).exists())


@cache
def words() -> frozenset[str]:
    """Every word of the code and of the files that configure it; pages count for nothing."""
    kinds = (
        ".py",
        ".yml",
        ".yaml",
        ".json",
        ".toml",
        ".cfg",
        ".sql",
        ".html",
        ".js",
        "Makefile",
        "Dockerfile",
        ".tpl",
        ".service",
        ".md.txt",
    )
    texts = (
        (ROOT / name).read_text("utf-8", "ignore")
        for name in files()
        if name.endswith(kinds) and not name.startswith(("docs/", "tests/docs/"))
    )
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def exists(path: str, page: Path) -> bool:
    """Whether a named path is there: from the root, from the page, or, where it is the end of a path, anywhere."""
    bare = path.rstrip("/")
    if "*" in bare or "{" in bare:
        return any(True for option in _options(bare) for _ in ROOT.glob(option))
    if (ROOT / bare).exists() or (page.parent / bare).exists():
        return True
    return not re.match(_FOLDERS + "/", bare) and any(name == bare or name.endswith(f"/{bare}") for name in files())


def _options(pattern: str) -> Iterator[str]:
    if match := re.search(r"\{([^}]*)\}", pattern):
        for option in match[1].split(","):
            yield from _options(pattern[: match.start()] + option.strip() + pattern[match.end() :])
    else:
        yield pattern
