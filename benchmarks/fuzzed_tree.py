"""Creates two commits whose paths and contents are made to mislead a reader of their diff."""

import os
import random
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.history import History

_PIECES = (
    *(
        "a",
        "b",
        " b/",
        "a b",
        " ",
        "b/",
        "a/",
        "é",
        "漢",
        "\t",
        "\n",
        '"',
        "\\",
        "'",
        "->",
        "=>",
        "{x => y}",
        "--- x",
        "+++ y",
        "@@ -1 +1 @@",
    ),
    *("\u2028", "\x0c", "\x7f", "\x01", "diff --git a", "/dev", "null", "\udc80", "$", "`", "*", "?", ":", "…", "x" * 60, ".", "-"),
)
_LINES = (
    *(
        "plain = 1",
        "",
        " ",
        "--- a/x",
        "+++ b/x",
        "@@ -1,3 +1,3 @@",
        "diff --git a/x b/x",
        "\\ No newline at end of file",
        "-",
        "+",
        "\\",
        "rename from x",
    ),
    *(
        "form\x0cfeed",
        "para\u2028graph",
        "next\x85line",
        "carriage\rreturn",
        "crlf\r",
        "\ttab",
        "é\udc80",
        "Binary files a/x and b/x differ",
        "index 1..2",
        "@@@",
    ),
)


def paths(dice: random.Random, count: int) -> Iterator[str]:
    """Distinct paths that a file system accepts; surrogates represent bytes that are not UTF-8."""
    seen: set[str] = set()
    while len(seen) < count:
        depth = dice.choice((1, 1, 2, 3))
        parts = ["".join(dice.choice(_PIECES) for _ in range(dice.randrange(1, 5))).strip("/") for _ in range(depth)]
        path = "/".join(part for whole in parts for part in whole.split("/") if part and part not in (".", "..", ".git"))
        # Two names that differ only in non-text bytes look the same once they are read as text.
        known = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if (
            path
            and len(os.fsencode(path)) < 200
            and not any(each == known or each.startswith(f"{known}/") or known.startswith(f"{each}/") for each in seen)
        ):
            seen.add(known)
            yield path


def contents(dice: random.Random) -> Iterator[str]:
    """Texts without end, made of lines that look like parts of a diff."""
    while True:
        lines = [dice.choice(_LINES) for _ in range(dice.randrange(40))]
        yield "\n".join(lines) + ("\n" if dice.random() < 0.7 else "") + ("\0" if dice.random() < 0.03 else "")


def grow(folder: Path, names: Iterable[str], texts: Iterator[str]) -> tuple[History, str, str]:
    """A repository of two commits: files added, changed, moved, copied, deleted, made executable, made a link."""
    dice = random.Random(7)
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "core.autocrlf=false", "-c", "commit.gpgsign=false")

    def run(*words: str) -> None:
        subprocess.run([*git, *words], cwd=folder, check=True, capture_output=True)

    run("init", "-q")
    names = list(names)
    for name in names[: len(names) * 3 // 4]:
        _write(folder, name, next(texts))
    run("add", "-A")
    run("commit", "-qm", "base", "--allow-empty")
    for name in names:
        file = folder / name
        if not file.exists():
            _write(folder, name, next(texts))
            continue
        match dice.randrange(7):
            case 0:
                file.unlink()
            case 1:
                file.rename(file.with_name(f"{file.name[:40]} moved"))
            case 2:
                file.chmod(0o755)
            case 3:
                file.unlink()
                file.symlink_to("elsewhere b/x")
            case _:
                _write(folder, name, file.read_bytes().decode("utf-8", "surrogateescape") + next(texts))
    run("add", "-A")
    run("commit", "-qm", "head", "--allow-empty")
    history = History(str(folder))
    head, base = history.git("log", "--format=%H").decode().split()
    return history, base, head


def _write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
