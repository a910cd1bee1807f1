"""Every path, module, name, command, target and link that a page gives exists."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.cli.main import CouncilCommands
from app.configuration.provider_catalog import ACCOUNTS
from benchmarks.options import NAMES
from tests.docs import named
from tests.docs.named import ROOT

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))])
# Files of the repositories that Council reviews, names of other programs, and names that the style forbids.
FOREIGN_FILES = frozenset(
    (
        *(".github/council.yml", "OWNER/.github/council.yml", "AGENTS.md", "CLAUDE.md", "REVIEW.md", "prometheus.yml", "utils.py"),
        *(".github/skills/council", ".github/workflows/council-patch.yml", ".github/workflows/council-fork.yml", "billing/jobs.py"),
    )
)
FOREIGN = frozenset(
    (
        "GitHub",
        "lb_try_duration",
        "buffer_requests",
        "request_buffers",
        "max_fails",
        "queue_wait",
        "fold_fixed_comments",
    )
)


def pages() -> list[object]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]


@pytest.mark.parametrize("page", pages())
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    missing = [path for path in named.paths(text) if path not in FOREIGN_FILES and not named.exists(path, page)]
    missing += [module for module in named.modules(text) if not _is_module(module)]
    missing += [name for name in named.names(text) if name not in known_words()]
    missing += [name for name in named.benchmarks(text) if name not in NAMES]
    missing += [target for target in named.targets(text) if f"\n{target}:" not in makefile]
    missing += [name for name in named.commands(text) if name not in CouncilCommands.places]
    assert missing == []


def known_words() -> frozenset[str]:
    """Every word of the code, and the variables of providers, which it puts together."""
    provided = (name for account in ACCOUNTS for name in (account.base, *(variable.name for variable in account.variables)))
    return named.words() | FOREIGN | frozenset(provided)


@pytest.mark.parametrize("page", pages())
def test_where_a_page_links_to_is_there(page: Path) -> None:
    for target, anchor in named.links(page.read_text("utf-8")):
        linked = page.parent / target
        assert linked.exists(), target
        assert not anchor or linked.suffix != ".md" or anchor in named.anchors(linked.read_text("utf-8")), f"{target}#{anchor}"


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "`app/no_such.py` `nothing_here.py` `app.no_such` `python -m tests.nothing` `NoSuchClass` `no_such_name()` `A_SETTING_OF_NONE`"
    text += " `make nothing` `council nothing` [a](nothing.md) `python -m benchmarks nothing` `docs/{design,nothing}.md`"
    assert [path for path in named.paths(text) if not named.exists(path, page)] == ["app/no_such.py", "nothing_here.py"]
    assert [module for module in named.modules(text) if not _is_module(module)] == ["app.no_such", "tests.nothing"]
    assert [name for name in named.names(text) if name not in named.words()] == ["NoSuchClass", "no_such_name", "A_SETTING_OF_NONE"]
    assert named.benchmarks(text) == named.targets(text) == named.commands(text) == ["nothing"]
    assert named.links(text) == [("nothing.md", "")]


def _is_module(name: str) -> bool:
    """A module, or something that one defines."""
    parent, _, last = name.rpartition(".")
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return bool(parent) and last in named.words() and _is_module(parent)


def shown_texts(page: str) -> set[str]:
    """The messages that the table of failures quotes in its first column; what follows a placeholder is left out."""
    table = page.partition("## What failure looks like")[2]
    first = re.findall(r"^\| (.+?) \| ", table, re.MULTILINE)
    return {text.partition("…")[0].strip(" :") for cell in first for text in re.findall(r'"([^"]+)"', cell)}


def test_the_messages_that_operators_look_for_are_in_the_code() -> None:
    texts = shown_texts((ROOT / "docs/operations.md").read_text("utf-8"))
    code = "\n".join((ROOT / name).read_text("utf-8") for name in named.files() if name.startswith("app/") and name.endswith(".py"))
    assert len(texts) > 5
    assert [text for text in texts if text not in code] == []
