"""Change here which files of a repository are tests, generated or vendored, so that they come last in every answer."""

import re
from functools import lru_cache

from reviewers.context.origins.markers import says_generated
from reviewers.context.origins.names import is_generated_name, is_in_packages, is_lock

_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|testdata|fixtures|e2e|testing)/"
    r"|(?:^|/)test_[^/]*$|(?:[._-](?:test|tests|spec)|Tests?|Spec)\.[A-Za-z]+$|(?:^|/)conftest\.py$"
)
_VENDORED = re.compile(r"(?:^|/)(?:vendor|vendored|node_modules|third[_-]?party|external|extern|bower_components|Pods)/")
_BUILT = re.compile(r"(?:^|/)dist/")
_PROSE = re.compile(r"\.(?:md|markdown|rst|txt|adoc|svg|json|lock|csv|tsv|xml|html?|po|pot)$", re.IGNORECASE)
_WEIGHTS = {"": 1.0, "test": 0.35, "prose": 0.3, "generated": 0.05, "vendored": 0.05}


@lru_cache(maxsize=65_536)
def role_of(path: str) -> str:
    """The role of a file by its path: "test", "generated", "vendored", "prose" (text and data), or "" for source code."""
    if _VENDORED.search(path) or is_in_packages(path):
        return "vendored"
    if is_generated_name(path) or is_lock(path) or _BUILT.search(path):
        return "generated"
    if _TEST.search(path):
        return "test"
    return "prose" if _PROSE.search(path) else ""


def is_generated(source: bytes) -> bool:
    """Whether the first lines of a file say that it is generated."""
    return says_generated(source[:8_000].decode("utf-8", "replace"))


def weight_of(role: str) -> float:
    """How much a file of this role counts in a ranking of files."""
    return _WEIGHTS[role]
