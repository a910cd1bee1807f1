"""Small faults for tools that really run: change here what is run, and what a reader must see of its output.

The commands find their tools on the path, npm's in `node_modules/.bin` of the folder that `run_tools` gets.
"""

# ruff: noqa: E501 - one source per line

from collections.abc import Mapping
from dataclasses import dataclass, field

_CART = "def total(prices):\n    return sum(prices) - 1\n"
_JS_CART = "exports.total = (prices) => prices.reduce((sum, price) => sum + price, 0) - 1;\n"


@dataclass(frozen=True)
class RealFault:
    """Files by path, the command that fails, and the texts of its output that a reader needs to see."""

    tool: str
    ecosystem: str
    command: str
    needs: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def real_faults() -> tuple[RealFault, ...]:
    """One per tool."""
    return (*_python(), *_javascript(), *_scripts(), *_compiled(), *_settings())


def _python() -> tuple[RealFault, ...]:
    test = "import unittest\nfrom cart import total\n\n\nclass TestCart(unittest.TestCase):\n    def test_total(self):\n"
    test += "        self.assertEqual(total([20, 20, 2]), 42)\n"
    services = {"cart.py": _CART, "test_cart.py": test}
    pay = {"pay.py": "import os\n\n\ndef pay(amount):\n    return amout * 2\n"}
    feature = "Feature: basket\n  Scenario: adding prices\n    Given a basket\n    Then the total is 42\n"
    steps = "from behave import given, then\n\n\n@given('a basket')\ndef basket(context):\n    context.total = 41\n\n\n"
    steps += "@then('the total is 42')\ndef check(context):\n    assert context.total == 42, 'basket total is 41'\n"
    robot = "*** Test Cases ***\nAdding Prices\n    Should Be Equal As Integers    41    42    basket total is wrong\n"
    return (
        RealFault("python", "python", "python3 run.py", ("KeyError: 'basket'",), {"run.py": "shop = {}\nprint(shop['basket'])\n"}),
        RealFault("unittest", "python", "python3 -m unittest -v", ("FAIL: test_total", "AssertionError: 41 != 42"), services),
        RealFault("nose2", "python", "python -m nose2 -v", ("FAIL: test_total", "AssertionError: 41 != 42"), services),
        RealFault("pylint", "python", "pylint pay.py", ("pay.py:5:11: E0602: Undefined variable 'amout'",), pay),
        RealFault("flake8", "python", "flake8 pay.py", ("pay.py:5:12: F821 undefined name 'amout'",), pay),
        RealFault("black", "python", "black --check .", ("would reformat", "pay.py"), {"pay.py": "x = {  'a':1 }\n"}),
        RealFault("isort", "python", "isort --check pay.py", ("Imports are incorrectly sorted",), {"pay.py": "import sys\nimport os\n"}),
        RealFault(
            "bandit",
            "python",
            "bandit -q pay.py",
            ("B602", "pay.py:3"),
            {"pay.py": "import subprocess\n\nsubprocess.run(input(), shell=True)\n"},
        ),
        RealFault(
            "behave", "python", "behave --no-color", ("basket total is 41",), {"features/a.feature": feature, "features/steps/a.py": steps}
        ),
        RealFault(
            "robot",
            "python",
            "robot --output NONE --log NONE --report NONE a.robot",
            ("basket total is wrong: 41 != 42",),
            {"a.robot": robot},
        ),
        RealFault(
            "coverage",
            "python",
            "coverage run cart.py; coverage report --fail-under=90",
            ("total of 56 is less than fail-under=90",),
            {
                "cart.py": "import sys\nif len(sys.argv) > 1:\n    a = 1\n    print(a)\n    print(2)\n    print(3)\nelse:\n    print(4)\n    print(5)\n    print(6)\n"
            },
        ),
    )


def _javascript() -> tuple[RealFault, ...]:
    mocha = "const assert = require('assert');\nconst { total } = require('./cart');\n\ndescribe('basket', () => {\n"
    mocha += "  it('adds the prices', () => {\n    assert.strictEqual(total([20, 20, 2]), 42);\n  });\n});\n"
    node = mocha.replace("describe(", "const { describe, it } = require('node:test');\ndescribe(")
    ava = "const test = require('ava');\nconst { total } = require('./cart');\n\ntest('adds the prices', (t) => {\n  t.is(total([20, 20, 2]), 42);\n});\n"
    jasmine = "const { total } = require('../cart');\n\ndescribe('basket', () => {\n  it('adds the prices', () => {\n"
    jasmine += "    expect(total([20, 20, 2])).toBe(42);\n  });\n});\n"
    qunit = "const { total } = require('../cart');\n\nQUnit.test('adds the prices', (assert) => {\n  assert.equal(total([20, 20, 2]), 42);\n});\n"
    tape = "const test = require('tape');\nconst { total } = require('./cart');\n\ntest('adds the prices', (t) => {\n  t.equal(total([20, 20, 2]), 42);\n  t.end();\n});\n"
    vitest = "import { expect, test } from 'vitest';\n\ntest('adds the prices', () => {\n  expect(41).toBe(42);\n});\n"
    cart, missing = {"cart.js": _JS_CART}, {"index.js": "import { total } from './basket.js';\nconsole.log(total);\n"}
    return (
        RealFault(
            "node",
            "javascript",
            "node run.js",
            ("TypeError: Cannot read properties of undefined",),
            {"run.js": "const shop = {};\nconsole.log(shop.basket.total);\n"},
        ),
        RealFault("mocha", "javascript", "mocha cart.test.js", ("1) basket", "41 !== 42"), {**cart, "cart.test.js": mocha}),
        RealFault("node test", "javascript", "node --test cart.test.js", ("adds the prices", "41 !== 42"), {**cart, "cart.test.js": node}),
        RealFault(
            "ava", "javascript", "ava cart.test.js", ("adds the prices", "Difference"), {**cart, "cart.test.js": ava, "package.json": "{}"}
        ),
        RealFault("jasmine", "javascript", "jasmine spec/cart.spec.js", ("Expected 41 to be 42.",), {**cart, "spec/cart.spec.js": jasmine}),
        RealFault("qunit", "javascript", "qunit test/cart.js", ("not ok 1 adds the prices",), {**cart, "test/cart.js": qunit}),
        RealFault("tape", "javascript", "node cart.test.js", ("not ok 1 should be strictly equal",), {**cart, "cart.test.js": tape}),
        RealFault("vitest", "javascript", "CI=1 NO_COLOR=1 vitest run", ("AssertionError: expected 41 to be 42",), {"a.test.js": vitest}),
        RealFault("prettier", "javascript", "prettier --check .", ("[warn] a.js",), {"a.js": "const  a={b:1}\n"}),
        RealFault("esbuild", "javascript", "esbuild --bundle index.js --outfile=out.js", ('Could not resolve "./basket.js"',), missing),
        RealFault("rollup", "javascript", "rollup index.js -o out.js", ('Could not resolve "./basket.js"',), missing),
        RealFault("webpack", "javascript", "webpack --mode production --entry ./index.js", ("Can't resolve './basket.js'",), missing),
        RealFault(
            "stylelint",
            "javascript",
            "stylelint a.css",
            ("block-no-empty",),
            {"a.css": "a {}\n", ".stylelintrc.json": '{"rules": {"block-no-empty": true}}'},
        ),
        RealFault("markdownlint", "javascript", "markdownlint a.md", ("MD010/no-hard-tabs",), {"a.md": "# Shop\n\n\ttext\n"}),
        RealFault(
            "htmlhint", "javascript", "htmlhint a.html", ("tag-pair",), {"a.html": "<!DOCTYPE html>\n<html><body><div></body></html>\n"}
        ),
        RealFault("npm", "javascript", "npm run build", ('Missing script: "build"',), {"package.json": '{"name": "shop", "scripts": {}}'}),
    )


def _scripts() -> tuple[RealFault, ...]:
    rspec = "def total(prices) = prices.sum - 1\n\nRSpec.describe 'basket' do\n  it 'adds the prices' do\n    expect(total([20, 20, 2])).to eq(42)\n  end\nend\n"
    mini = "require 'minitest/autorun'\n\nclass BasketTest < Minitest::Test\n  def test_total\n    assert_equal 42, 41\n  end\nend\n"
    unit = "<?php\nuse PHPUnit\\Framework\\TestCase;\n\nfinal class CartTest extends TestCase\n{\n    public function testTotal(): void\n    {\n"
    unit += "        $this->assertSame(42, 41);\n    }\n}\n"
    busted = "describe('basket', function()\n  it('adds the prices', function()\n    assert.are.equal(42, 41)\n  end)\nend)\n"
    bats = '@test "adds the prices" {\n  result=$((20 + 20 + 1))\n  [ "$result" -eq 42 ]\n}\n'
    return (
        RealFault(
            "ruby", "ruby", "ruby run.rb", ("undefined method `basket'|undefined method 'basket'", "run.rb:1"), {"run.rb": "nil.basket\n"}
        ),
        RealFault("rspec", "ruby", "rspec cart_spec.rb", ("expected: 42", "got: 41", "rspec ./cart_spec.rb:4"), {"cart_spec.rb": rspec}),
        RealFault("minitest", "ruby", "ruby cart_test.rb", ("BasketTest#test_total", "Expected: 42"), {"cart_test.rb": mini}),
        RealFault(
            "php",
            "php",
            "php -l cart.php",
            ("Parse error: syntax error|PHP Parse error",),
            {"cart.php": "<?php\nfunction total( { return 1; }\n"},
        ),
        RealFault(
            "phpunit",
            "php",
            "phpunit CartTest.php",
            ("CartTest::testTotal", "Failed asserting that 41 is identical to 42."),
            {"CartTest.php": unit},
        ),
        RealFault(
            "perl",
            "perl",
            "perl run.pl",
            ('Global symbol "$amout" requires explicit package name',),
            {"run.pl": "use strict;\nmy $amount = 1;\nprint $amout;\n"},
        ),
        RealFault(
            "prove",
            "perl",
            "prove -v t/cart.t",
            ("not ok 1 - adds the prices", "t/cart.t"),
            {"t/cart.t": "use Test::More tests => 1;\nis(41, 42, 'adds the prices');\n"},
        ),
        RealFault("lua", "lua", "lua5.4 run.lua", ("attempt to index a nil value",), {"run.lua": "local shop = nil\nprint(shop.basket)\n"}),
        RealFault("luacheck", "lua", "luacheck --no-color run.lua", ("accessing undefined variable",), {"run.lua": "print(amout)\n"}),
        RealFault("busted", "lua", "busted -o plainTerminal cart_spec.lua", ("Expected objects to be equal.",), {"cart_spec.lua": busted}),
        RealFault("bash", "shell", "bash run.sh", ("deploy-basket: command not found",), {"run.sh": "set -e\ndeploy-basket --now\n"}),
        RealFault("shellcheck", "shell", "shellcheck -f gcc run.sh", ("SC2086",), {"run.sh": "#!/bin/bash\nfiles=$1\nrm $files\n"}),
        RealFault("bats", "shell", "bats --tap cart.bats", ("not ok 1 adds the prices", "line 3"), {"cart.bats": bats}),
        RealFault("tclsh", "tcl", "tclsh run.tcl", ('invalid command name "basket"',), {"run.tcl": "basket add 1\n"}),
        RealFault("awk", "shell", "awk 'BEGIN { total(1 }'", ("missing ) near }",)),
        RealFault("Rscript", "r", "Rscript run.R", ("object 'amout' not found",), {"run.R": "amount <- 1\nprint(amout)\n"}),
    )


def _compiled() -> tuple[RealFault, ...]:
    go_mod, go_cart = "module shop\n\ngo 1.19\n", "package shop\n\nfunc Total(a, b int) int { return a + b - 1 }\n"
    go_test = 'package shop\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\tif got := Total(20, 22); got != 42 {\n'
    go_test += '\t\tt.Errorf("Total = %d, want 42", got)\n\t}\n}\n'
    go_vet = 'package shop\n\nimport "fmt"\n\nfunc Show(n int) { fmt.Printf("%s", n) }\n'
    ctest = "cmake_minimum_required(VERSION 3.10)\nproject(shop NONE)\nenable_testing()\nadd_test(NAME basket_total COMMAND false)\n"
    return (
        RealFault(
            "go test",
            "go",
            "go test -v ./...",
            ("--- FAIL: TestTotal", "Total = 41, want 42"),
            {"go.mod": go_mod, "cart.go": go_cart, "cart_test.go": go_test},
        ),
        RealFault(
            "go build",
            "go",
            "go build ./...",
            ("amout",),
            {"go.mod": go_mod, "cart.go": "package shop\n\nfunc Pay() int { return amout }\n"},
        ),
        RealFault("go vet", "go", "go vet ./...", ("Printf format %s has arg n of wrong type int",), {"go.mod": go_mod, "cart.go": go_vet}),
        RealFault(
            "rustc",
            "rust",
            "rustc --crate-type lib pay.rs",
            ("error[E0425]", "cannot find value `amout`"),
            {"pay.rs": "pub fn pay(amount: u8) -> u8 { amout }\n"},
        ),
        RealFault(
            "java",
            "java",
            "java Run.java",
            ("ArithmeticException: / by zero",),
            {"Run.java": "class Run { public static void main(String[] a) { System.out.println(1 / a.length); } }\n"},
        ),
        RealFault(
            "clang", "c", "clang -c pay.c", ("use of undeclared identifier 'amout'",), {"pay.c": "int pay(int amount) { return amout; }\n"}
        ),
        RealFault(
            "g++",
            "c",
            "g++ -c pay.cpp",
            ("'amout' was not declared in this scope|‘amout’ was not declared in this scope",),
            {"pay.cpp": "int pay(int a) { return amout; }\n"},
        ),
        RealFault(
            "ld",
            "c",
            "gcc main.c",
            ("undefined reference to `total'",),
            {"main.c": "int total(void);\nint main(void) { return total(); }\n"},
        ),
        RealFault(
            "cmake",
            "c",
            "cmake -S . -B out",
            ("CMake Error at CMakeLists.txt:3", "NoSuchBasket"),
            {"CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(shop NONE)\nfind_package(NoSuchBasket REQUIRED)\n"},
        ),
        RealFault("ctest", "c", "cmake -S . -B out >/dev/null && cd out && ctest", ("basket_total (Failed)",), {"CMakeLists.txt": ctest}),
        RealFault(
            "gfortran",
            "fortran",
            "gfortran -c pay.f90",
            ("Symbol 'amout' at (1) has no IMPLICIT type|Symbol ‘amout’ at (1) has no IMPLICIT type",),
            {"pay.f90": "program pay\n  implicit none\n  print *, amout\nend program\n"},
        ),
        RealFault("ocaml", "ocaml", "ocamlc -c pay.ml", ("Unbound value amout",), {"pay.ml": "let pay amount = amout\n"}),
        RealFault(
            "elixir",
            "elixir",
            "elixir run.exs",
            ('undefined function basket/0|undefined variable "basket"',),
            {"run.exs": "IO.puts(basket())\n"},
        ),
    )


def _settings() -> tuple[RealFault, ...]:
    return (
        RealFault(
            "sqlite3", "database", "sqlite3 -bail :memory: < run.sql", ("no such table: baskets",), {"run.sql": "SELECT * FROM baskets;\n"}
        ),
        RealFault("sqlfluff", "database", "sqlfluff lint --dialect ansi a.sql", ("a.sql", "PRS"), {"a.sql": "SELECT FROM WHERE 1 ===;\n"}),
        RealFault(
            "yamllint",
            "infrastructure",
            "yamllint -f parsable a.yml",
            ("syntax error: mapping values are not allowed",),
            {"a.yml": "a: b: c\n"},
        ),
        RealFault(
            "terraform",
            "infrastructure",
            "terraform fmt -check -no-color",
            ("main.tf", "Unclosed configuration block"),
            {"main.tf": 'resource "x" "y" {\n'},
        ),
        RealFault("git", "own", "git init -q . && git merge basket", ("merge: basket - not something we can merge",)),
        RealFault(
            "diff", "own", "diff -u want.txt got.txt", ("-total 42", "+total 41"), {"want.txt": "total 42\n", "got.txt": "total 41\n"}
        ),
    )
