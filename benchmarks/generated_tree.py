"""Generates a repository from a seed, in eight languages: files of a few kilobytes, and one in twenty above 200 kB."""

# ruff: noqa: E501 - one function in one line

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.history import HERE

LARGE, LARGE_EVERY = 205_000, 20
_FUNCTIONS = {
    "py": 'def {name}(first, second=None):\n    # {other} is slow\n    result = {other}(first, {number})\n    return result or "{word}"\n\n\n',
    "ts": "export function {name}(first: number, second?: string): number {{\n  // {other}\n  return {other}(first + {number}, '{word}');\n}}\n\n",
    "go": "// {name} does it.\nfunc {name}(first int, second string) (int, error) {{\n\tresult := {other}(first, {number})\n\treturn result, nil\n}}\n\n",
    "rs": "pub fn {name}(first: u32, second: &str) -> u32 {{\n    let result = {other}(first, {number});\n    result + second.len() as u32\n}}\n\n",
    "java": "  public int {name}(int first, String second) {{\n    int result = {other}(first, {number});\n    return result;\n  }}\n\n",
    "c": "static int {name}(int first, char *second)\n{{\n  int result = {other}(first, {number});\n  return result;\n}}\n\n",
    "rb": "  def {name}(first, second = nil)\n    result = {other}(first, {number})\n    result || '{word}'\n  end\n\n",
    "php": "function {name}($first, $second = null) {{\n    $result = {other}($first, {number});\n    return $result;\n}}\n\n",
}
_FRAMES = {"java": ("class M{0} {{\n", "}}\n"), "rb": ("class M{0}\n", "end\n"), "php": ("<?php\n", ""), "go": ("package p\n\n", "")}
LANGUAGES = tuple(_FUNCTIONS)
_STEMS = [
    "load",
    "save",
    "read",
    "write",
    "parse",
    "render",
    "fetch",
    "store",
    "merge",
    "split",
    "check",
    "count",
    "list",
    "find",
    "open",
    "close",
    "send",
    "take",
    "give",
    "move",
]
_THINGS = [
    "user",
    "order",
    "cart",
    "token",
    "session",
    "invoice",
    "page",
    "record",
    "event",
    "query",
    "path",
    "node",
    "cache",
    "queue",
    "batch",
    "report",
    "model",
    "view",
    "file",
    "line",
]


@dataclass(frozen=True)
class GeneratedTree:
    """A bare repository with two commits; the second changes one file."""

    folder: Path
    first: str
    second: str
    files: int
    bytes: int
    names: tuple[str, ...]
    paths: tuple[str, ...]


def grow_tree(folder: Path, seed: int, files: int) -> GeneratedTree:
    """Create it with `git fast-import`."""
    dice = random.Random(seed)
    names = [f"{dice.choice(_STEMS)}_{dice.choice(_THINGS)}_{number}" for number in range(files * 3)]
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True, cwd=HERE)
    total, paths = 0, []
    with subprocess.Popen(["git", "fast-import", "--quiet", "--depth=0"], stdin=subprocess.PIPE, cwd=folder) as importing:
        assert importing.stdin is not None
        out = importing.stdin
        out.write(b"commit refs/heads/main\ncommitter a <a@b.c> 1700000000 +0000\ndata 5\nFirst\n")
        for number in range(files):
            path = f"area{number % 40}/part{number % 7}/m{number}.{LANGUAGES[number % len(LANGUAGES)]}"
            content = _content(dice, number, names).encode()
            total += len(content)
            paths.append(path)
            out.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")
        changed = _content(dice, 1, names).encode() + b"\n"
        out.write(b"commit refs/heads/main\ncommitter a <a@b.c> 1700000001 +0000\ndata 6\nSecond\n")
        out.write(f"M 100644 inline {paths[1]}\ndata {len(changed)}\n".encode() + changed + b"\n")
        out.close()
    rows = subprocess.run(["git", "rev-parse", "main~1", "main"], cwd=folder, capture_output=True, check=True, text=True).stdout.split()
    return GeneratedTree(folder, rows[0], rows[1], files, total, tuple(names), tuple(paths))


def _content(dice: random.Random, number: int, names: list[str]) -> str:
    language = LANGUAGES[number % len(LANGUAGES)]
    least = LARGE if number % LARGE_EVERY == LARGE_EVERY - 1 else dice.randrange(1_000, 6_000)
    first, last = _FRAMES.get(language, ("", ""))
    return first.format(number) + "".join(_functions(dice, language, number, names, least)) + last.format()


def _functions(dice: random.Random, language: str, number: int, names: list[str], least: int) -> Iterator[str]:
    size, at = 0, 0
    while size < least:
        name = names[number * 3 + at] if at < 3 else f"{dice.choice(_STEMS)}_{dice.choice(_THINGS)}_{dice.randrange(10**6)}"
        text = _FUNCTIONS[language].format(name=name, other=dice.choice(names), number=dice.randrange(10**6), word=dice.choice(_THINGS))
        size, at = size + len(text), at + 1
        yield text
