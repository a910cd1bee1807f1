"""The reference pages are what the code says now, and the menu of the site holds every page."""

from pathlib import Path

import pytest
import yaml

from tests.docs import settings_page, site
from tests.docs.llms import first_sentence
from tests.docs.pages import PAGES, ROOT, write_page
from tests.docs.setting_texts import GROUPS, SettingText
from tests.docs.settings_reader import read_names
from webhooks.commands import COMMANDS


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_current(path: str) -> None:
    """`make docs` writes it again."""
    assert (ROOT / path).read_text("utf-8") == write_page(path)


def test_the_commands_are_all_on_their_page() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    assert all(f"| `{command.usage}` | {command.does} |".replace("||", "|") in page for command in COMMANDS.values())


def test_the_settings_are_read_from_the_reader() -> None:
    read = read_names()
    assert {"HOST", "RUN_USD", "INSTANCE_DAY_USD", "SMTP_HOST", "MIRRORS", "PRIVATE_KEY_PATH"} <= read.keys()
    assert read["SEAT_SECONDS"].default == "120" and read["DATABASE_POOL"].kind == "a whole number of at least 1"


def test_a_setting_without_a_text_fails_the_page() -> None:
    (title, group), *others = GROUPS
    with pytest.raises(ValueError, match=group[0].name):
        settings_page.write([(title, group[1:]), *others])
    with pytest.raises(ValueError, match="NO_SUCH_SETTING"):
        settings_page.write([(title, (*group, SettingText("NO_SUCH_SETTING", "nothing"))), *others])


def test_the_menu_names_every_page_once() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = [path for entry in menu for pages in entry.values() for path in ([pages] if isinstance(pages, str) else _paths(pages))]
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(named) == sorted(pages)


def _paths(pages: list[dict[str, str]]) -> list[str]:
    return [path for page in pages for path in page.values()]


def test_the_first_sentence_of_a_page() -> None:
    assert first_sentence("<!-- note -->\n\n# Title\n\nOne thing. Another.\n") == "One thing."
    assert first_sentence((Path(ROOT) / "docs/how-to/backup.md").read_text("utf-8"))


def test_what_a_page_fetches_from_another_host_is_found(tmp_path: Path) -> None:
    text = '<script src="https://cdn.example/a.js"></script><link rel=stylesheet href=https://fonts.example/a><a href="https://b.example">'
    (tmp_path / "page.html").write_text(text)
    assert [line.rpartition(" ")[2] for line in site.foreign_fetches(tmp_path)] == ["https://cdn.example/a.js", "https://fonts.example/a"]


def test_a_broken_link_fails_the_site(tmp_path: Path) -> None:
    """With the settings of the whole site, which `make check` builds."""
    settings = (ROOT / "mkdocs.yml").read_text("utf-8").partition("nav:\n")[0]
    (tmp_path / "mkdocs.yml").write_text(f"{settings}nav:\n  - Home: index.md\n", "utf-8")
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/index.md"
    page.write_text("# A title\n\n[its title](#a-title)\n", "utf-8")
    assert site.build(tmp_path) == 0
    for link in ("(#no-such-title)", "(no-such-page.md)"):
        page.write_text(f"# A title\n\n[a link]{link}\n", "utf-8")
        assert site.build(tmp_path) == 1
