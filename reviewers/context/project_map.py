"""Describes a project in a few lines: its languages, folders and dependencies, and the recent commits on the touched files."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reviewers.context.snapshot import Folder, Project, RecentChange

MANIFESTS = ("pyproject.toml", "requirements.txt", "package.json", "go.mod", "Cargo.toml", "pom.xml", "Gemfile", "composer.json")
_LANGUAGES = {
    **dict.fromkeys(("py", "pyi"), "Python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "JavaScript"),
    **dict.fromkeys(("ts", "tsx", "mts"), "TypeScript"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hpp", "hh"), "C++"),
    **dict.fromkeys(("c", "h"), "C"),
    **dict.fromkeys(("sh", "bash"), "Shell"),
    **dict.fromkeys(("kt", "kts"), "Kotlin"),
    **{"go": "Go", "rs": "Rust", "java": "Java", "rb": "Ruby", "php": "PHP", "cs": "C#", "swift": "Swift", "scala": "Scala", "sql": "SQL"},
    **{
        "tf": "Terraform",
        "vue": "Vue",
        "ex": "Elixir",
        "exs": "Elixir",
        "hs": "Haskell",
        "lua": "Lua",
        "dart": "Dart",
        "r": "R",
        "m": "Objective-C",
    },
}
_MOST_FOLDERS, _MOST_DEPENDENCIES, _MOST_LANGUAGES, _DEPTH = 60, 60, 8, 2
# Line by line, because a run across line ends takes quadratic time.
_REQUIREMENT = re.compile(r"^[ \t]*+([A-Za-z0-9][\w.-]*+(?:\[[\w, -]*+\])?[ \t]*+(?:[<>=!~^]=?[^\s;#,]*)?)", re.M)
_GO = re.compile(r"^[ \t]*+(?:require[ \t]++)?((?=[\w-]++\.)[\w./~-]++[ \t]++v[\w.+-]++)", re.M)
_MAVEN = re.compile(
    r"<dependency>(?:[^<]|<(?!dependency>|artifactId>)){0,400}+<artifactId>([^<]{1,100}+)</artifactId>"
    r"(?:(?:[^<]|<(?!/dependency>|version>)){0,200}+<version>([^<]{1,60}+)</version>)?"
)
_GEM = re.compile(r"^[ \t]*+gem[ \t]++['\"]([^'\"\n]{1,80}+)['\"](?:[ \t]*+,[ \t]*+['\"]([^'\"\n]{1,40}+)['\"])?", re.M)
_LONGEST_MANIFEST = 200_000


def survey(paths: Sequence[str], manifests: Mapping[str, str], recent: Iterable[RecentChange] = (), *, partial: bool = False) -> Project:
    """A project from the paths of its tree and the texts of its manifests; a manifest that cannot be read contributes nothing."""
    languages = Counter(_LANGUAGES.get(path.rpartition(".")[2].lower(), "") for path in paths)
    del languages[""]
    folders: Counter[str] = Counter()
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[: depth + 1]) for depth in range(min(len(parts), _DEPTH)))
    found = {name: _dependencies(name, text) for name, text in sorted(manifests.items())}
    if found.get("pyproject.toml"):
        # The manifest names the wanted dependencies; a lock file next to it repeats them at length.
        found.pop("requirements.txt", None)
    known = [each for listed in found.values() for each in listed]
    return Project(
        languages=tuple(sorted(languages.most_common(_MOST_LANGUAGES), key=lambda each: (-each[1], each[0]))),
        folders=tuple(Folder(path=path, files=count) for path, count in sorted(_largest(folders))),
        dependencies=tuple(dict.fromkeys(known))[:_MOST_DEPENDENCIES],
        recent=tuple(recent),
        partial=partial,
    )


def render(project: Project, touched: Sequence[str]) -> str:
    """The map as a model reads it; "" if nothing is known. Names of the tree are quoted, because they are untrusted text."""
    parts: list[str] = []
    if project.languages:
        parts.append("files by language: " + ", ".join(f"{name} {count}" for name, count in project.languages))
    if project.folders:
        marked = [
            f"{json.dumps(folder.path, ensure_ascii=False)} {folder.files}{_mark(folder.path, touched)}" for folder in project.folders
        ]
        parts.append("folders, with their number of files (* touched): " + ", ".join(marked) + (" (not all)" if project.partial else ""))
    if project.dependencies:
        parts.append("dependencies: " + json.dumps(list(project.dependencies), ensure_ascii=False))
    for each in project.recent:
        parts.append(f"before: {json.dumps([each.path, each.date, each.sha[:9], each.subject[:120]], ensure_ascii=False)}")
    return "\n".join(parts)


def _largest(folders: Counter[str]) -> list[tuple[str, int]]:
    return sorted(folders.items(), key=lambda each: (-each[1], each[0]))[:_MOST_FOLDERS]


def _mark(folder: str, touched: Sequence[str]) -> str:
    return "*" if any(path.startswith(f"{folder}/") for path in touched) else ""


def _dependencies(path: str, text: str) -> list[str]:
    name = path.rpartition("/")[2]
    if name.endswith((".toml", ".json")) and len(text) > _LONGEST_MANIFEST:
        return []
    try:
        if name in ("pyproject.toml", "Cargo.toml"):
            return _toml(tomllib.loads(text))
        if name in ("package.json", "composer.json"):
            return _json(json.loads(text))
    except (ValueError, RecursionError):
        return []
    patterns = {"go.mod": _GO, "pom.xml": _MAVEN, "Gemfile": _GEM}
    found = patterns.get(name, _REQUIREMENT).findall(text[:_LONGEST_MANIFEST])
    return [" ".join(filter(None, each)) if isinstance(each, tuple) else " ".join(each.split()) for each in found]


def _toml(data: Mapping[str, object]) -> list[str]:
    project = data.get("project")
    listed = project.get("dependencies") if isinstance(project, dict) else None
    out = [str(each)[:100] for each in listed] if isinstance(listed, list) else []
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (data.get("dependencies"), poetry.get("dependencies") if isinstance(poetry, dict) else None):
        out += _table(table)
    return out


def _json(data: object) -> list[str]:
    if not isinstance(data, dict):
        return []
    return [each for key in ("dependencies", "peerDependencies", "devDependencies", "require") for each in _table(data.get(key))]


def _table(table: object) -> list[str]:
    if not isinstance(table, dict):
        return []
    return [f"{name} {version}"[:100] if isinstance(version, str) else str(name)[:100] for name, version in table.items()]
