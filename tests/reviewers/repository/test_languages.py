"""Definitions and references in every language with a grammar, and in some without."""

# ruff: noqa: E501 - one source for each line

import pytest

from reviewers.context.languages import GRAMMARS, code_language_of
from reviewers.context.repository.blob_symbols import LARGEST_PARSED, PackedSymbols, pack_symbols, read_symbols
from reviewers.context.repository.looks import Look, LookKind
from tests.reviewers.repository.house import ask, indexed

# A source that uses `target` once in code and mentions it in comments or strings, and its definitions.
SOURCES = {
    "a.py": ('LIMIT = 3\n\ndef run(a):\n    """target in words"""\n    # target\n    return target(a) + len("target")\n', {"LIMIT", "run"}, 6),
    "a.js": ("const LIMIT = 3;\n/* target */\nfunction run(a) {\n  // target\n  return target(a) + 'target';\n}\n", {"LIMIT", "run"}, 5),
    "a.ts": ("export type Row = number;\n// target\nexport class Runner {\n  run(a: number) {\n    return target(a, \"target\");\n  }\n}\n", {"Row", "Runner", "run"}, 5),
    "a.tsx": ("// target\nexport function App(a) {\n  return target(a);\n}\n", {"App"}, 3),
    "a.go": ("package a\n\nconst Limit = 3\n\n// target is used\nfunc (s *S) Run(a int) int {\n\treturn target(a, `target`)\n}\n", {"Limit", "Run"}, 7),
    "a.rs": ("const LIMIT: u8 = 3;\n/* target */\nimpl Runner {\n    fn run(&self, c: char) -> u8 {\n        target('\"') + f(\"target\")\n    }\n}\n", {"LIMIT", "Runner", "run"}, 5),
    "A.java": ("// target\nclass Runner {\n  int run(int a) {\n    return target(a, \"target\");\n  }\n}\n", {"Runner", "run"}, 4),
    "a.c": ("#define LIMIT 3\n/* target */\nint run(int a)\n{\n  return target(a, \"target\");\n}\n", {"LIMIT", "run"}, 5),
    "a.cpp": ("namespace n {\n// target\nint run(int a) {\n  return target(a, \"target\");\n}\n}\n", {"n", "run"}, 4),
    "a.rb": ("class Runner\n  # target\n  def run(a)\n    target(a, 'target')\n  end\nend\n", {"Runner", "run"}, 4),
    "a.php": ("<?php\n// target\nclass Runner {\n  function run($a) {\n    return target($a, 'target');\n  }\n}\n", {"Runner", "run"}, 5),
    "a.cs": ("// target\nclass Runner {\n  int Run(int a) {\n    return target(a, \"target\");\n  }\n}\n", {"Runner", "Run"}, 4),
    "a.sh": ("run() {\n  # target\n  target \"$1\"\n}\n", {"run"}, 3),
    "a.kt": ("class Runner {\n  // target\n  fun run(a: Int) = target(a)\n}\n", {"Runner", "run"}, 3),
    "a.swift": ("struct Runner {\n  // target\n  func run() { target() }\n}\n", {"Runner", "run"}, 3),
    "a.lua": ("-- target\nfunction run(a)\n  return target(a)\nend\n", {"run"}, 3),
    "a.scala": ("class Runner {\n  // target\n  def run(a: Int): Int = target(a)\n}\n", {"Runner", "run"}, 3),
    "a.ex": ("defmodule Shop.Runner do\n  # target\n  def run(a) do\n    target(a)\n  end\nend\n", {"Shop.Runner", "run"}, 4),
    "main.tf": ('# target\nresource "aws_instance" "web" {\n  ami = target(1)\n}\n', {"resource.aws_instance.web"}, 3),
    "a.m": ("@implementation Runner\n// target\n- (int)run:(int)a {\n  return target(a);\n}\n@end\n", {"Runner", "run:"}, 4),
    "a.sql": ("-- target\nCREATE TABLE rows (id int);\nSELECT target(1);\n", {"rows"}, 3),
}  # fmt: skip


def test_every_language_with_a_grammar_is_listed() -> None:
    assert {code_language_of(path) for path in SOURCES} >= {name for name, grammar in GRAMMARS.items() if grammar.is_code}


@pytest.mark.parametrize("path", SOURCES)
def test_definitions(path: str) -> None:
    source, names, _ = SOURCES[path]
    found = {unit.name for unit in read_symbols(path, source.encode()).definitions}
    assert found == names


@pytest.mark.parametrize("path", SOURCES)
def test_uses_in_code_are_separated_from_mentions(path: str) -> None:
    source, _, row = SOURCES[path]
    files = {path: source}
    answer = ask(indexed(files), files, Look(kind=LookKind.USES, target="target"))
    headings: dict[int, str] = {}
    heading = ""
    for line in answer.text.split("\n")[2:]:
        heading = line if line.startswith("  ") else heading
        headings |= {} if line.startswith("  ") else {int(line.partition("\t")[0]): heading}
    assert "(comment or string)" not in headings[row]
    others = [heading for number, heading in headings.items() if number != row and "target" in source.split("\n")[number - 1]]
    assert others
    assert all("(comment or string)" in other for other in others)


def test_a_use_is_shown_with_the_definition_around_it() -> None:
    files = {"a.py": "class Jobs:\n    def run(self):\n        refresh(1)\n"}
    answer = ask(indexed(files), files, Look(kind=LookKind.USES, target="refresh"))
    assert "a.py\n1\tclass Jobs:\n2\t    def run(self):\n  in Jobs.run:\n3\t        refresh(1)" in answer.text


def test_a_large_file_is_read_by_keywords() -> None:
    source = ("def run(a):\n    return a\n\n\n" * (LARGEST_PARSED // 20)).encode()
    symbols = read_symbols("a.py", source)
    assert len(source) > LARGEST_PARSED
    assert symbols.definitions[0][:3] == ("run", "run", 1)


@pytest.mark.parametrize("source", [b"", b"\n", "é = 'ü'\n".encode(), b"\xff\xfe def", b"a\0b", b"x" * 1_000_001, b"def f(\n" * 50])
def test_packed_symbols_are_read_back(source: bytes) -> None:
    symbols = read_symbols("a.py", source)
    packed = PackedSymbols(pack_symbols(symbols))
    assert (packed.kind, packed.size, packed.lines, packed.definitions) == (symbols.kind, symbols.size, symbols.lines, symbols.definitions)
    assert (packed.names, packed.bits) == (symbols.names, symbols.bits)


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 40])
def test_damaged_symbols_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        PackedSymbols(data)
