"""The how-to pages: every command that they show exists, with its options, and so does every file and page that they name."""

import re
from pathlib import Path

import pytest

from app.cli.main import CouncilCommands
from tests.app.cli.warm import run_council

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs/how-to").glob("*.md")), ROOT / "skills/council/SKILL.md"]
_FENCE = re.compile(r"```console\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"(?:^|-- )council ([a-z][\w-]*(?: .*)?)$")


def commands(page: Path) -> list[str]:
    """Our commands on a page."""
    lines = (line.strip() for block in _FENCE.findall(page.read_text("utf-8")) for line in block.splitlines())
    return [match[1] for line in lines if (match := _COMMAND.search(line.partition(" #")[0].strip()))]


async def help_of(name: str) -> str:
    return (await run_council([name, "--help"], {"COLUMNS": "200"})).out


SHOWN = [(page.name, line) for page in PAGES for line in commands(page)]


@pytest.mark.parametrize(("page", "line"), SHOWN)
async def test_a_command_exists_with_its_options(page: str, line: str) -> None:
    name, *words = line.split()
    assert name in CouncilCommands.places
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        assert option in await help_of(name), option


def test_commands_are_found() -> None:
    assert {"backup", "restore", "rotate-key", "findings"} <= {line.split()[0] for _, line in SHOWN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_files_on_a_page_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target, anchor in re.findall(r"\]\(([^)#:\s]+\.md)(?:#([\w-]+))?\)", text):
        linked = page.parent / target
        assert linked.exists(), target
        titles = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, anchor
    for path in re.findall(r"`(deploy/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
