"""Definitions in every known language, and the code around a change."""

# ruff: noqa: E501 - one source per line

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.context.diff import parse
from reviewers.context.languages import GRAMMARS, language_of
from reviewers.context.snapshot import ChangedFile
from reviewers.context.surroundings import CalledDefinitions, read_surroundings, signatures
from reviewers.context.symbols import symbol_at
from reviewers.context.units import (
    Unit,
    enclosing_units,
    header,
    innermost,
    is_too_tangled,
    read_units,
    touched_units,
)
from tests.reviewers.samples import changed

SOURCES = {
    "a.py": (
        "@dec\nclass A(B):\n    x = 1\n\n    @prop\n    async def f(self,\n          a: int) -> int:\n        return 1\n",
        {"A": (1, 8, "@dec class A(B)"), "A.f": (5, 8, "@prop async def f(self, a: int) -> int")},
    ),
    "a.js": (
        "export class A extends B {\n  f(x) {\n    return 1;\n  }\n  h = () => {\n    return 2;\n  };\n}\nexport const g = async (a) => {\n  return a;\n};\n",
        {"A": (1, 8, "export class A extends B"), "A.f": (2, 4, "f(x)"), "A.h": (5, 7, "h = ()"), "g": (9, 11, "export const g = async (a)")},
    ),
    "a.ts": (
        "abstract class A<T> {\n  private f(x: number): string {\n    return '';\n  }\n}\nnamespace N {\n  export function q(): void {\n  }\n}\n",
        {"A": (1, 5, "abstract class A<T>"), "A.f": (2, 4, "private f(x: number): string"), "N": (6, 9, "namespace N"), "N.q": (7, 8, "export function q(): void")},
    ),
    "a.tsx": (
        "export function App({a}: Props) {\n  const cb = () => {\n    x();\n  };\n  return <div/>;\n}\n",
        {"App": (1, 6, "export function App({a}: Props)"), "App.cb": (2, 4, "const cb = ()")},
    ),
    "a.go": ("package a\n\nfunc (s *S) F(a int) (int, error) {\n\treturn 1, nil\n}\n", {"F": (3, 5, "func (s *S) F(a int) (int, error)")}),
    "a.rs": (
        "impl<T> Foo for Bar<T> {\n    pub fn f(&self) -> u8 {\n        1\n    }\n}\n",
        {"Bar<T>": (1, 5, "impl<T> Foo for Bar<T>"), "Bar<T>.f": (2, 4, "pub fn f(&self) -> u8")},
    ),
    "A.java": (
        "public class A extends B {\n  public int f(int a,\n      int b) throws X {\n    return 1;\n  }\n}\n",
        {"A": (1, 6, "public class A extends B"), "A.f": (2, 5, "public int f(int a, int b) throws X")},
    ),
    "a.c": ("static int *f(int a,\n  char *b)\n{\n  return 0;\n}\n", {"f": (1, 5, "static int *f(int a, char *b)")}),
    "a.cpp": (
        "namespace n {\ntemplate <class T>\nclass C : public D {\n  int f(int a) const {\n    return 1;\n  }\n};\n}\n",
        {"n": (1, 8, "namespace n"), "n.C": (2, 7, "template <class T> class C : public D"), "n.C.f": (4, 6, "int f(int a) const")},
    ),
    "a.rb": ("module M\n  class A < B\n    def f(a, b)\n      1\n    end\n  end\nend\n", {"M": (1, 7, "module M"), "M.A": (2, 6, "class A < B"), "M.A.f": (3, 5, "def f(a, b)")}),
    "a.php": (
        "<?php\nclass A {\n  public function f(int $a): int {\n    return 1;\n  }\n}\n",
        {"A": (2, 6, "class A"), "A.f": (3, 5, "public function f(int $a): int")},
    ),
    "a.cs": (
        "namespace N {\n  public class A : B {\n    public int F(int a) {\n      return 1;\n    }\n  }\n}\n",
        {"N": (1, 7, "namespace N"), "N.A": (2, 6, "public class A : B"), "N.A.F": (3, 5, "public int F(int a)")},
    ),
    "a.sh": ("f() {\n  echo 1\n}\n", {"f": (1, 3, "f()")}),
    "a.kt": (
        "@Ann\ndata class A(val x: Int) : B() {\n    companion object {\n        fun g() = 1\n    }\n    override fun f(a: Int,\n        b: String): Int {\n        return 1\n    }\n}\n",
        {
            "A": (1, 10, "@Ann data class A(val x: Int) : B()"),
            "A.companion": (3, 5, "companion object"),
            "A.companion.g": (4, 4, "fun g() = 1"),
            "A.f": (6, 9, "override fun f(a: Int, b: String): Int"),
        },
    ),
    "a.swift": (
        "@objc public class A: B {\n    init(x: Int) {\n    }\n    func f(_ a: Int) -> Int {\n        return 1\n    }\n    var p: Int {\n        1\n    }\n}\nprotocol P {\n    func q()\n}\n",
        {
            "A": (1, 10, "@objc public class A: B"),
            "A.init": (2, 3, "init(x: Int)"),
            "A.f": (4, 6, "func f(_ a: Int) -> Int"),
            "A.p": (7, 9, "var p: Int { 1 }"),
            "P": (11, 13, "protocol P"),
            "P.q": (12, 12, "func q()"),
        },
    ),
    "a.scala": (
        "case class A(x: Int) extends B {\n  def f(a: Int): Int = {\n    1\n  }\n  def g(a: Int) =\n    2\n}\nobject O {\n}\n",
        {
            "A": (1, 7, "case class A(x: Int) extends B"),
            "A.f": (2, 4, "def f(a: Int): Int"),
            "A.g": (5, 6, "def g(a: Int)"),
            "O": (8, 9, "object O"),
        },
    ),
    "a.ex": (
        "defmodule A.B do\n  def f(a, b) do\n    run(a)\n  end\n  defp g(x) when x > 1, do: x\n  test \"it works\" do\n    1\n  end\nend\n",
        {
            "A.B": (1, 9, "defmodule A.B"),
            "A.B.f": (2, 4, "def f(a, b)"),
            "A.B.g": (5, 5, "defp g(x) when x > 1, do: x"),
            "A.B.it works": (6, 8, 'test "it works"'),
        },
    ),
    "a.lua": (
        "local function f(a)\n  return 1\nend\nfunction M.g(a, b)\n  return 2\nend\nlocal h = function(x)\n  return 3\nend\n",
        {"f": (1, 3, "local function f(a)"), "M.g": (4, 6, "function M.g(a, b)"), "h": (7, 9, "local h = function(x)")},
    ),
    "main.tf": (
        'resource "aws_instance" "web" {\n  ami = 1\n  network {\n    x = 1\n  }\n}\n',
        {
            "resource.aws_instance.web": (1, 6, 'resource "aws_instance" "web"'),
            "resource.aws_instance.web.network": (3, 5, "network"),
        },
    ),
    "a.m": (
        "@implementation A\n- (int)f:(int)a with:(int)b {\n  return 1;\n}\n@end\nstatic int h(int a) {\n  return 1;\n}\n",
        {"A": (1, 5, "@implementation A"), "A.f:with:": (2, 4, "- (int)f:(int)a with:(int)b"), "h": (6, 8, "static int h(int a)")},
    ),
    "a.css": (
        "@media (max-width: 1px) {\n  .a > .b {\n    color: red;\n  }\n}\n",
        {"@media (max-width: 1px)": (1, 5, "@media (max-width: 1px)"), "@media (max-width: 1px)..a > .b": (2, 4, ".a > .b")},
    ),
    "a.html": (
        '<html>\n<div id="main" class=x>\n  <p>hi</p>\n</div>\n<script>\n  let a = 1;\n</script>\n</html>\n',
        {"#main": (2, 4, '<div id="main" class=x>'), "script": (5, 7, "<script>")},
    ),
    "a.svelte": (
        '<script lang="ts">\n  let a = 1;\n</script>\n{#if a}\n  <p id="x">\n  </p>\n{/if}\n',
        {"script": (1, 3, '<script lang="ts">'), "#x": (5, 6, '<p id="x">')},
    ),
    "a.yml": (
        "on: push\njobs:\n  test:\n    runs-on: x\n    steps:\n      - run: |\n          make\n",
        {"jobs": (2, 7, "jobs"), "jobs.test": (3, 7, "test"), "jobs.test.steps": (5, 7, "steps"), "jobs.test.steps.run": (6, 7, "- run: |")},
    ),
    "a.toml": (
        "a = 1\n[tool.x]\nb = 2\n[[bin]]\nname = 'x'\n",
        {"tool.x": (2, 3, "[tool.x]"), "bin": (4, 5, "[[bin]]")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES)
def test_definitions(path: str) -> None:
    text, wanted = SOURCES[path]
    lines = text.split("\n")
    assert {unit.qualified: (unit.start, unit.end, header(unit, lines)) for unit in read_units(path, text)} == wanted


def test_every_grammar_has_an_example() -> None:
    assert {language_of(path) for path in SOURCES} == set(GRAMMARS)


def test_text_without_a_grammar_has_no_definitions() -> None:
    assert read_units("notes.txt", "def f(): pass") == ()
    assert read_units("config.ini", "class x\n  y") == ()
    assert read_units("Makefile", "all:") == ()
    assert read_units("a.py", "") == ()
    assert read_units("a.py", "x" * 1_000_001) == ()


INDENTED = {
    "a.dart": (
        "class Cart extends Base {\n  Future<int> load(String path) async {\n    if (a) {\n      return 1;\n    }\n  }\n}\nvoid main() {\n  run();\n}\n",
        {"Cart": (1, 7), "Cart.load": (2, 6), "main": (8, 10)},
    ),
    "db/a.sql": (
        "CREATE OR REPLACE FUNCTION total(a int) RETURNS int AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\nCREATE TABLE IF NOT EXISTS rows (\n  id int\n);\nSELECT 1;\n",
        {"total": (1, 1), "rows": (6, 8)},
    ),
    "a.ps1": ("function Get-Cart {\n  param($a)\n  1\n}\nGet-Cart 1\n", {"Get-Cart": (1, 4)}),
    "a.zig": ("pub fn main() void {\n    const x = 1;\n\n    run(x);\n}\nconst y = 2;\n", {"main": (1, 5)}),
    "a.hs": ("load :: Path -> IO Int\nload path = do\n  run path\n", {"load": (1, 1)}),
    "a.vue": ("<script>\nexport default {\n}\nfunction load(a) {\n  return 1\n}\n</script>\n", {"load": (4, 6)}),
    "a.proto": ("message Cart {\n  int32 id = 1;\n}\nservice Shop {\n  rpc Load(Cart) returns (Cart);\n}\n", {"Cart": (1, 3), "Shop": (4, 6)}),
}  # fmt: skip


@pytest.mark.parametrize("path", INDENTED)
def test_code_without_a_grammar_has_units_by_indentation(path: str) -> None:
    text, wanted = INDENTED[path]
    assert {unit.qualified: (unit.start, unit.end) for unit in read_units(path, text)} == wanted
    assert not is_too_tangled(path, text)


@pytest.mark.timeout(10)
def test_no_text_makes_indentation_slow() -> None:
    for line in ("a " * 90 + "(" * 8 + "{", "x(" * 90 + ")" * 9 + "{", "fn " * 60, " " * 190 + "{", "public " * 28):
        began = process_time()
        read_units("a.dart", "\n".join(f"{' ' * (n % 60)}{line}"[:200] for n in range(4_000)))
        assert process_time() - began < 1.5, line[:20]


def test_markup_shows_its_structure_and_defines_nothing() -> None:
    base = "jobs:\n" + "  lint:\n    runs-on: x\n" + "".join(f"    key_{n}: {n}\n" for n in range(60))
    file = changed("ci.yml", base, base.replace("key_50: 50", "key_50: 51"))
    assert read_surroundings(file).startswith("     1   jobs:\n     2     lint:\n   ...\n")
    assert signatures(file) == ()
    caller = changed("a.py", "", "lint(jobs)\n")
    diff = parse(caller.path, caller.patch)
    assert diff is not None
    assert CalledDefinitions([file]).by(diff) == []


def test_definitions_and_uses_in_a_kotlin_change() -> None:
    store = changed("Store.kt", "class Store {\n}\n", "class Store {\n    fun saveItem(item: Item, force: Boolean) {\n    }\n}\n")
    caller = changed("Main.kt", "val x = 1\n", "val x = 1\nstore.saveItem(x)\n")
    diff = parse(caller.path, caller.patch)
    assert diff is not None
    assert signatures(store) == ("Store.saveItem: fun saveItem(item: Item, force: Boolean)",)
    assert CalledDefinitions([store, caller]).by(diff) == ["Store.kt:2: fun saveItem(item: Item, force: Boolean)"]


def test_unparsable_code_gives_its_readable_definitions() -> None:
    text = "def f(:\n    )(\n\ndef g(a):\n    return a\n"
    assert [unit.name for unit in enclosing_units(read_units("a.py", text), 5)][-1:] == ["g"]


def test_names_come_from_syntax_or_else_from_indentation() -> None:
    code = "class A {\n  run() {\n    const x = `\nfunction no() {`;\n    return x;\n  }\n}\n"
    assert symbol_at("a.js", code, 5) == "run"
    assert symbol_at("a.zig", "fun x() {}\nclass B {\n    fn f() {\n        y()\n    }\n}\n", 4) == "f"


LONG = (
    "class Store:\n    kind = 1\n\n    def save(self, item):\n"
    + "".join(f"        step_{n} = {n}\n" for n in range(90))
    + "\n    def load(self):\n        return 1\n"
)


def around(base: str, head: str) -> str:
    return read_surroundings(changed("a.py", base, head))


def test_surroundings_are_enclosing_headers_and_nearest_lines() -> None:
    text = around(LONG, LONG.replace("step_80 = 80", "step_80 = 81"))
    assert text.startswith("     1   class Store:\n   ...\n     4       def save(self, item):\n   ...\n    62           step_57 = 57\n")
    assert "step_80" not in text
    assert "step_89 = 89" in text
    assert "def load" not in text
    assert "kind = 1" not in text


def test_the_lines_of_the_diff_are_not_shown_twice() -> None:
    head = LONG.replace("step_1 = 1\n", "step_1 = 2\n")
    file = changed("a.py", LONG, head)
    diff = parse(file.path, file.patch)
    assert diff is not None
    shown = {row.new for hunk in diff.hunks for row in hunk.rows}
    numbers = {int(line[:6]) for line in read_surroundings(file).split("\n") if line[:6].strip().isdigit()}
    assert not shown & numbers
    assert read_surroundings(ChangedFile(path="a.py", patch=file.patch)) == ""


@pytest.mark.parametrize("rest", ["", "\n", "\n" * 8])
def test_blank_lines_are_no_surroundings(rest: str) -> None:
    assert around("a = 1\n" + rest, "a = 2\n" + rest) == ""


def test_the_last_line_has_the_last_number() -> None:
    base = "".join(f"a_{n} = {n}\n" for n in range(12))
    text = around(base, base.replace("a_2 = 2", "a_2 = 3"))
    assert text.split("\n")[-1] == "    12   a_11 = 11"


def test_signatures_show_changed_and_removed_ones() -> None:
    base = "def f(a):\n    return a\n\n\ndef g(b):\n    return b\n"
    head = "def f(a, c=1):\n    return a + c\n"
    file = changed("a.py", base, head)
    assert signatures(file) == ("f: def f(a, c=1) (was: def f(a))", "g: removed (was: def g(b))")


def test_used_definitions_of_changed_files_are_shown_with_headers() -> None:
    store = changed("store.py", "", "def save_item(item, *, force):\n    pass\n")
    caller = changed("main.py", "x = 1\n", "x = 1\nsave_item(x)\n")
    diff = parse(caller.path, caller.patch)
    assert diff is not None
    assert CalledDefinitions([store, caller]).by(diff) == ["store.py:1: def save_item(item, *, force)"]


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.py", "(" * 100_000), ("a.js", "!" * 100_000), ("a.py", "(\n" * 50_000), ("A.java", "a<" * 8_000), ("a.cs", "class A{\n" * 5_000)],
)
@pytest.mark.timeout(10)
def test_no_text_makes_parsing_slow(path: str, text: str) -> None:
    read_units(path, text)


# Texts of a few kilobytes that took the grammars seconds, and other unclosed ones.
HOSTILE = ("a=>", "a<", "A<B,", "<A\n", "template<a<", "(a:", "'", "<<A\n")


@pytest.mark.parametrize("path", SOURCES)
@pytest.mark.timeout(20)
def test_no_repeated_token_makes_a_language_slow(path: str) -> None:
    for atom in HOSTILE:
        # With room between them, so that the step count for a text of this length does not end it.
        began = process_time()
        read_units(path, f"{atom}            " * 2_000)
        assert process_time() - began < 1.5, atom


@pytest.mark.parametrize(
    ("path", "atom"),
    [
        ("a.sh", "{}?"),
        ("a.sh", "function {}("),
        ("a.go", "/*{}"),
        ("A.java", "{}<"),
        ("a.php", "{}{{b}}"),
        ("a.c", "(<!--{}"),
        ("a.m", "(<!--{}"),
    ],
)
@pytest.mark.timeout(20)
def test_no_text_of_many_names_makes_a_language_slow(path: str, atom: str) -> None:
    text = "".join(atom.format(f"a{n * n % 9973}") for n in range(6_000))
    began = process_time()
    read_units(path, text)
    assert process_time() - began < 1.5


def test_texts_that_would_take_too_long_are_reported_as_unread() -> None:
    for path, text in (("a.py", "(" * 20_000), ("a.sh", "a?" * 20_000), ("a.py", "x" * 1_000_001)):
        assert is_too_tangled(path, text)
        assert read_units(path, text) == ()
        assert symbol_at(path, text, 1) == ""
    for path, text in (
        ("a.txt", "(" * 20_000),
        ("a.py", ""),
        ("a.py", "def f(:\n    )(\n"),
        *((path, text) for path, (text, _) in SOURCES.items()),
    ):
        assert not is_too_tangled(path, text)


@pytest.mark.parametrize("path", SOURCES)
@given(text=st.text("ab(){}[]<>=,;:'\"/*#$ \n", max_size=300))
@settings(max_examples=40, deadline=None)
def test_definitions_are_within_any_text(path: str, text: str) -> None:
    given_text = SOURCES[path][0] + text
    last = given_text.count("\n") + 1
    assert all(1 <= unit.start <= unit.header <= last and unit.start <= unit.end <= last for unit in read_units(path, given_text))


def nested(shape: list[int], start: int = 1, name: str = "u") -> tuple[Unit, ...]:
    """Consecutive definitions, each with as many one-line ones as `shape` says."""
    out: list[Unit] = []
    for at, inner in enumerate(shape):
        out.append(Unit(f"{name}{at}", f"{name}{at}", start, start, start + inner + 1))
        out += [Unit(f"v{at}{n}", f"{name}{at}.v{n}", start + 1 + n, start + 1 + n, start + 1 + n) for n in range(inner)]
        start += inner + 3
    return tuple(out)


@given(st.lists(st.integers(0, 4), max_size=5), st.sets(st.integers(1, 40)))
def test_touched_definitions_enclose_each_touched_line(shape: list[int], lines: set[int]) -> None:
    found = nested(shape)
    held = [enclosing_units(found, line) for line in sorted(lines)]
    assert set(touched_units(found, lines)) == {unit for each in held for unit in each}
    assert innermost(found, lines) == list(dict.fromkeys(each[-1] for each in held if each))


@pytest.mark.timeout(10)
def test_a_file_of_many_new_functions_is_read_quickly() -> None:
    text = "".join(f"def function_{n}(a, b):\n    c = a + b\n    return c * {n}\n\n\n" for n in range(2_000))
    file = changed("a.py", "", text)
    assert len(signatures(file)) == 2_000
    assert read_surroundings(file) == ""
