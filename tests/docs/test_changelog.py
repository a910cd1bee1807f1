"""The change log: the version of the package has its section, and headings and fragments are of the known kinds."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
KINDS = {kind["directory"]: kind["name"] for kind in SETTINGS["tool"]["towncrier"]["type"]}
TEXT = (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_version_of_the_package_is_the_newest_section() -> None:
    versions = re.findall(r"^## (\S+) - \d{4}-\d\d-\d\d$", TEXT, re.MULTILINE)
    assert versions[0] == SETTINGS["project"]["version"] and len(set(versions)) == len(versions)
    assert len(re.findall(r"^## ", TEXT, re.MULTILINE)) == len(versions)


def test_headings_and_fragments_are_of_the_known_kinds() -> None:
    assert set(re.findall(r"^### (.+)$", TEXT, re.MULTILINE)) <= set(KINDS.values())
    fragments = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name not in {"README.md", "template.md"}]
    assert [name for name in fragments if not re.fullmatch(rf"[\w-]+\.(?:{'|'.join(KINDS)})\.md", name)] == []


def test_a_release_moves_the_fragments_under_its_version(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md", "changelog.d/template.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "changelog.d/a-thing.fixed.md").write_text("A thing works.\n")
    command = [Path(sys.executable).with_name("towncrier"), "build", "--yes", "--version", "9.9.9", "--date", "2030-01-02"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert "\n## 9.9.9 - 2030-01-02\n" in (text := (tmp_path / "CHANGELOG.md").read_text("utf-8"))
    assert "### Fixed\n\n- A thing works.\n" in text and text.index("9.9.9") < text.index("## 0.1.0")
