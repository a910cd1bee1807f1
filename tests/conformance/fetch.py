"""Fetches GitHub's descriptions, and the rules for pages, once with `npm pack` into the git-ignored folder `.conformance/`."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / ".conformance"
# package -> (the one file that is used, the version): upgrade the version here, on purpose.
PACKAGES = {
    "@octokit/openapi": ("generated/api.github.com.json", "23.0.2"),
    "@octokit/graphql-schema": ("schema.graphql", "15.26.1"),
    "axe-core": ("axe.min.js", "4.14.1"),
    "@octokit/webhooks-examples": ("api.github.com/index.json", "7.6.1"),
}


class Missing(Exception):
    """A description that cannot be fetched."""


def say(text: str) -> None:
    """Report progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def fetched(package: str) -> Path:
    """The package's file, downloaded if it is missing."""
    inner, version = PACKAGES[package]
    kept = FOLDER / f"{package.rpartition('/')[2]}-{version}{Path(inner).suffix}"
    if not kept.exists():
        say(f"fetching {package}@{version} …")
        _pack(package, inner, version, kept)
    return kept


def fetched_json(package: str) -> Any:
    return json.loads(fetched(package).read_bytes())


def _pack(package: str, inner: str, version: str, kept: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm is needed to fetch GitHub's descriptions: install Node.js, or fill .conformance/ by hand")
    FOLDER.mkdir(exist_ok=True)
    command = [npm, "pack", "--silent", "--pack-destination", str(FOLDER), f"{package}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=FOLDER)
    if done.returncode:
        raise Missing(f"npm pack {package}@{version} failed: {(done.stderr or done.stdout).strip()[:300]}")
    archive = FOLDER / done.stdout.split()[-1]
    with tarfile.open(archive) as opened:
        member = opened.extractfile(f"package/{inner}")
        if member is None:
            raise Missing(f"{package}@{version} has no {inner}")
        part = kept.with_suffix(".part")
        part.write_bytes(member.read())
    part.rename(kept)
    archive.unlink()
