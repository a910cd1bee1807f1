"""GitHub's descriptions, fetched once with npm into a git-ignored folder."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / ".conformance"
PACKAGES = {"@octokit/openapi": "23.0.2", "@octokit/graphql-schema": "15.26.1", "@octokit/webhooks-examples": "7.6.1"}
NPM_SECONDS = 300


class Unavailable(Exception):
    """The descriptions can't be had here; the message says why, in one line."""


def package(name: str) -> Path:
    """The folder of a package, fetched when it is not there."""
    found = FOLDER / "node_modules" / name
    if not (found / "package.json").exists():
        fetch()
    return found


def fetch() -> None:
    """Install all packages, without running any of their scripts."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm is not on PATH: install Node.js to fetch GitHub's descriptions")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "package.json").write_text(json.dumps({"name": "conformance", "private": True}))
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *wanted]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise Unavailable(f"npm could not fetch {', '.join(PACKAGES)}: {last}")


@cache
def description() -> dict[str, Any]:
    """GitHub's REST description."""
    text = (package("@octokit/openapi") / "generated" / "api.github.com.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    comment = loaded["components"]["schemas"]["pull-request-review-comment"]["properties"]
    for name in ("line", "position"):
        # Null on a comment that later pushes made outdated.
        comment[name]["nullable"] = True
    _repair(loaded)
    return loaded


def _repair(schema: object) -> None:
    """Say what the description means where it says something else.

    A nullable enum admits null. An installation's account is a user or an enterprise, not both at once.
    Discriminators only repeat what oneOf says, some with mappings that lead nowhere.
    """
    if isinstance(schema, list):
        for each in schema:
            _repair(each)
    if not isinstance(schema, dict):
        return
    if schema.get("nullable") is True and isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"].append(None)
    if isinstance(schema.get("discriminator"), dict) and "propertyName" in schema["discriminator"]:
        del schema["discriminator"]
    parts = schema.get("allOf")
    if isinstance(parts, list) and [each.get("title") for each in parts if isinstance(each, dict)] == ["Simple User", "Enterprise"]:
        schema["anyOf"] = schema.pop("allOf")
    for each in schema.values():
        _repair(each)


def graphql_schema() -> str:
    """GitHub's GraphQL schema."""
    return (package("@octokit/graphql-schema") / "schema.graphql").read_text("utf-8")


@cache
def examples() -> list[dict[str, Any]]:
    """Octokit's recorded webhook payloads, by event."""
    loaded: list[dict[str, Any]] = json.loads((package("@octokit/webhooks-examples") / "api.github.com" / "index.json").read_text("utf-8"))
    return loaded
