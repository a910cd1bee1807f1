"""Drafts a council.yml for a repository: sets what its paths show, and adds everything else as a comment with its default."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.configuration.council_yml_keys import list_keys
from reviewers.context.project_map import survey

# Which pack fits a language of the project map.
_PACKS = {"Python": "python", "TypeScript": "typescript", "JavaScript": "typescript", "Go": "go", "Terraform": "terraform"}
_LEAST_FILES = 2
_MIGRATIONS = re.compile(r"(?:^|/)(?:migrations?|alembic/versions|db/migrate)/")
_CI = {
    "GitHub Actions": re.compile(r"^\.github/workflows/[^/]+\.ya?ml$"),
    "GitLab CI": re.compile(r"^\.gitlab-ci\.yml$"),
    "CircleCI": re.compile(r"^\.circleci/config\.yml$"),
    "Jenkins": re.compile(r"^Jenkinsfile$"),
    "Azure Pipelines": re.compile(r"^azure-pipelines\.ya?ml$"),
}


@dataclass(frozen=True)
class ConfigDraft:
    """The text of the file, and one line per detected fact."""

    text: str
    facts: tuple[str, ...]


def draft_config(paths: Sequence[str], schema: str) -> ConfigDraft:
    """The draft for a repository with these files. `schema` is the address of the JSON Schema for editors."""
    languages = [(name, count) for name, count in survey(paths, {}).languages if count >= _LEAST_FILES]
    ci = [name for name, pattern in _CI.items() if any(pattern.search(path) for path in paths)]
    packs = list(dict.fromkeys(_PACKS[name] for name, _ in languages if name in _PACKS))
    if any(_MIGRATIONS.search(path) for path in paths):
        packs.append("migrations")
    packs.append("security")
    values: dict[str, object] = {"extends": packs}
    if ci:
        values["ci.read_logs"] = True
    facts = (
        f"languages: {', '.join(f'{name} ({count})' for name, count in languages) or 'none known'}",
        f"CI: {', '.join(ci) or 'none known'}",
        f"rule packs: {', '.join(packs)}",
    )
    return ConfigDraft(_write(values, schema, facts), facts)


def _write(values: Mapping[str, object], schema: str, facts: Sequence[str]) -> str:
    lines = [
        f"# yaml-language-server: $schema={schema}",
        "# Council's settings for this repository, read only from the base branch. They can lower limits but not raise them.",
        "# Found here:",
        *(f"#   {fact}" for fact in facts),
        "# Commented keys have their default value. Check this file with `council config check`.",
    ]
    sections: set[str] = set()
    for key in list_keys():
        *above, last = key.key.split(".")
        for depth in range(1, len(above) + 1):
            section = ".".join(above[:depth])
            if section not in sections:
                sections.add(section)
                is_set = any(name.startswith(f"{section}.") for name in values)
                lines += ["", f"{'  ' * (depth - 1)}{'' if is_set else '# '}{above[depth - 1]}:"]
        pad = "  " * len(above)
        if not above:
            lines.append("")
        lines.append(f"{pad}# {key.description}")
        value = json.dumps(values[key.key], ensure_ascii=False) if key.key in values else key.default
        lines.append(f"{pad}{'' if key.key in values else '# '}{last}: {value}")
    return "\n".join(lines) + "\n"
