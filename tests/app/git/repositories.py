"""Creates repositories for tests with the machine's git, without this machine's own config."""

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "a"), ("EMAIL", "a@b.c"))},
}


def git(folder: Path, *words: str | bytes, given: bytes = b"", **environment: str) -> str:
    """Run git and return its output."""
    done = subprocess.run(["git", *words], cwd=folder, input=given, check=True, capture_output=True, env=ENVIRONMENT | environment)
    return done.stdout.decode("utf-8", "replace").strip()


def commit(folder: Path, files: dict[str, str | bytes | None], message: str = "Change it") -> str:
    """Write the files (None deletes one), commit everything, and return the commit's id."""
    for path, content in files.items():
        place = folder / path
        if content is None:
            place.unlink()
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, *options: str) -> Path:
    """A repository of two commits on main. The second one changes `a.py`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main", *options)
    commit(folder, {"a.py": "one = 1\n", ".github/council.yml": "quorum: 1\n", "AGENTS.md": "Be kind.\n"}, "First")
    commit(folder, {"a.py": "one = 1\ntwo = 2\n"}, "Second")
    return folder
