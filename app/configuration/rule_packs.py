"""Rule packs, which a repository includes by name under `extends`. Their rules are in rule_packs.json, next to this file."""

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

# The order of the documentation. The file is read when a pack is used, not with this module.
PACKS = ("python", "typescript", "go", "security", "migrations", "terraform")
_SHARED = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/\.github$")
_FILE = Path(__file__).with_name("rule_packs.json")


class PackRule(NamedTuple):
    """What a pack tells every model about some paths."""

    paths: tuple[str, ...]
    text: str


def check_extended(name: str) -> str:
    """The name of a pack or of a shared config. Raises ValueError with the allowed names."""
    if name not in PACKS and not is_shared(name):
        raise ValueError(f"{name[:80]!r} is neither a rule pack ({', '.join(PACKS)}) nor OWNER/.github")
    return name


def is_shared(name: str) -> bool:
    """Whether a name is a repository with the shared settings of its owner."""
    return _SHARED.match(name) is not None


def extended_schema() -> dict[str, object]:
    """The same for JSON Schema."""
    return {"anyOf": [{"type": "string", "enum": list(PACKS)}, {"type": "string", "pattern": _SHARED.pattern}]}


@cache
def read_packs() -> dict[str, tuple[PackRule, ...]]:
    """The rules of every pack by its name."""
    packs = json.loads(_FILE.read_text("utf-8"))["packs"]
    return {name: tuple(PackRule(tuple(rule["paths"]), rule["text"]) for rule in packs[name]) for name in PACKS}


def read_version() -> int:
    """The version of the packs. It increases with every change of their texts."""
    return int(json.loads(_FILE.read_text("utf-8"))["version"])
