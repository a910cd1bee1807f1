"""The project map: tree, languages, dependencies of every supported manifest, and the recent commits on the touched files."""

# ruff: noqa: E501 - one manifest per line

import pytest

from reviewers.context.project_map import MANIFESTS, render, survey
from reviewers.context.snapshot import Project, RecentChange

WRITTEN = {
    "pyproject.toml": ('[project]\ndependencies = ["httpx>=0.27"]\n[tool.poetry.dependencies]\npython = "^3.11"\n', ("httpx>=0.27", "python ^3.11")),
    "requirements.txt": ("# all\nhttpx==0.27.0  # http\nrich\n", ("httpx==0.27.0", "rich")),
    "package.json": ('{"dependencies": {"react": "^19"}, "devDependencies": {"vite": "6"}}', ("react ^19", "vite 6")),
    "go.mod": ("module a\n\nrequire (\n\tgithub.com/x/y v1.2.3\n)\nrequire golang.org/x/z v0.1.0\n", ("github.com/x/y v1.2.3", "golang.org/x/z v0.1.0")),
    "Cargo.toml": ('[dependencies]\nserde = "1"\ntokio = { version = "1" }\n', ("serde 1", "tokio")),
    "pom.xml": ("<dependency><groupId>a</groupId><artifactId>junit</artifactId><version>5</version></dependency>", ("junit 5",)),
    "Gemfile": ("source 'https://x'\ngem 'rails', '~> 8'\ngem \"pg\"\n", ("rails ~> 8", "pg")),
    "composer.json": ('{"require": {"php": ">=8"}}', ("php >=8",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MANIFESTS)
def test_dependencies(name: str) -> None:
    text, wanted = WRITTEN[name]
    assert survey([name], {name: text}).dependencies == wanted


@pytest.mark.parametrize("name", MANIFESTS)
@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\0", '{"dependencies": 3}', '[project]\ndependencies = "x"'])
def test_a_manifest_that_cannot_be_read_costs_only_itself(name: str, text: str) -> None:
    found = survey(["a.py", name], {name: text, "Gemfile": "gem 'pg'\n"} if name != "Gemfile" else {name: text})
    assert found.languages[:1] == (("Python", 1),)


def test_tree_stack_and_history_of_the_touched_files() -> None:
    recent = RecentChange(path="src/a/b/c.py", sha="0123456789ab", date="2026-11-01", subject="Fix it")
    found = survey(["src/a/b/c.py", "src/a/d.ts", "docs/x.md", "web/e.tsx"], {}, [recent], partial=True)
    text = render(found, ["src/a/b/c.py"])
    assert text.split("\n") == [
        "files by language: TypeScript 2, Python 1",
        'folders, with their number of files (* touched): "docs" 1, "src" 2*, "src/a" 2*, "web" 1 (not all)',
        'before: ["src/a/b/c.py", "2026-11-01", "012345678", "Fix it"]',
    ]
    assert render(Project(), []) == ""
