"""Small projects with one fault each, and more than two thousand passing checks."""

from collections.abc import Mapping
from dataclasses import dataclass

PASSING = 2_100


@dataclass(frozen=True)
class Fault:
    """Files by path, the command that fails, and the texts of its output that a reader needs to see.

    `{venv}`, `{npm}` and `{rust}` in the command are folders of tools.
    """

    tool: str
    name: str
    files: Mapping[str, str]
    command: str
    needs: tuple[str, ...]


def faults() -> tuple[Fault, ...]:
    """Two per tool."""
    return (*_python(), *_javascript(), *_compiled(), *_make())


def _python() -> tuple[Fault, ...]:
    passing = "import pytest\n\n\n@pytest.mark.parametrize('n', range(2100))\ndef test_square(n):\n    assert n * n >= n\n"
    cart = "def total(prices):\n    return sum(prices) - 1\n"
    test_cart = "from cart import total\n\n\ndef test_total_of_three_prices():\n    assert total([20, 20, 2]) == 42, 'basket total'\n"
    broken = "import pytest\n\n\n@pytest.fixture\ndef ledger():\n    raise ConnectionError('ledger db-7 refused the connection')\n\n\n"
    broken += "def test_books_balance(ledger):\n    assert ledger\n"
    modules = {f"pkg/part_{n:04}.py": f'"""Part {n}."""\n\nVALUE_{n}: int = {n}\n' for n in range(PASSING)}
    typed = "def half(n: int) -> int:\n    return n // 2\n\n\nhalf('forty-two')\n"
    missing = "import pkg.part_0001\n\n\nclass Cart:\n    total: int = 0\n\n\nCart().discount_for_members()\n"
    unused = "def pay(amount: int) -> int:\n    return amout * 2\n"
    syntax = "def pay(amount: int -> int:\n    return amount\n"
    return (
        Fault(
            "pytest",
            "assertion",
            {"test_passing.py": passing, "cart.py": cart, "test_cart.py": test_cart},
            "{venv}/python -m pytest -v -p no:cacheprovider -p no:randomly test_cart.py test_passing.py",
            (
                "test_total_of_three_prices",
                "AssertionError: basket total",
                "assert 41 == 42",
                "test_cart.py:5: AssertionError",
                "1 failed, 2100 passed",
            ),
        ),
        Fault(
            "pytest",
            "fixture",
            {"test_passing.py": passing, "test_ledger.py": broken},
            "{venv}/python -m pytest -v -p no:cacheprovider -p no:randomly test_passing.py test_ledger.py",
            ("ERROR at setup of test_books_balance", "ConnectionError: ledger db-7 refused the connection", "test_ledger.py:6"),
        ),
        Fault(
            "mypy",
            "argument",
            {"pkg/__init__.py": "", **modules, "pkg/shop.py": typed},
            "{venv}/python -m mypy -v --no-incremental --cache-dir=/dev/null pkg 2>&1",
            ('pkg/shop.py:5: error: Argument 1 to "half" has incompatible type "str"; expected "int"', "Found 1 error in 1 file"),
        ),
        Fault(
            "mypy",
            "attribute",
            {"pkg/__init__.py": "", **modules, "pkg/cart.py": missing},
            "{venv}/python -m mypy -v --no-incremental --cache-dir=/dev/null pkg 2>&1",
            ('pkg/cart.py:8: error: "Cart" has no attribute "discount_for_members"', "Found 1 error in 1 file"),
        ),
        Fault(
            "ruff",
            "undefined name",
            {**modules, "pkg/pay.py": unused},
            "{venv}/ruff check -v --no-cache --isolated --output-format=concise pkg 2>&1; {venv}/ruff check --no-cache --isolated pkg",
            ("Undefined name `amout`", "pkg/pay.py:2:12", "Found 1 error"),
        ),
        Fault(
            "ruff",
            "syntax",
            {**modules, "pkg/pay.py": syntax},
            "{venv}/ruff check -v --no-cache --isolated --output-format=concise pkg 2>&1",
            ("pkg/pay.py:1:21: invalid-syntax",),
        ),
    )


def _javascript() -> tuple[Fault, ...]:
    modules = {f"src/part{n:04}.ts": f"export const value{n}: number = {n};\n" for n in range(PASSING)}
    config = '{"compilerOptions": {"strict": true, "noEmit": true, "types": [], "skipLibCheck": true}, "include": ["src"]}'
    wrong = "export function half(n: number): number {\n  return n / 2;\n}\n\nexport const total: string = half(42);\n"
    absent = "import { value1 } from './part0001';\nimport { rate } from './exchange-rates';\n\nexport const sum = value1 + rate;\n"
    tests = "for (let n = 0; n < 2100; n++) test(`square of ${n}`, () => expect(n * n).toBeGreaterThanOrEqual(n));\n"
    tests = "describe('squares', () => {\n  " + tests + "});\n"
    cart = "const total = (prices) => prices.reduce((a, b) => a + b, 0) - 1;\nmodule.exports = { total };\n"
    cart_test = "const { total } = require('./cart');\n\ntest('adds three prices', () => {\n  expect(total([20, 20, 2])).toBe(42);\n});\n"
    throwing = (
        "const open = () => {\n  throw new Error('gateway pg-3 is closed');\n};\n\ntest('opens the gateway', () => {\n  open();\n});\n"
    )
    scripts = {f"src/part{n:04}.js": f"export const value{n} = {n};\n" for n in range(PASSING)}
    rules = "export default [{ rules: { 'no-undef': 'error', 'no-unused-vars': 'error' } }];\n"
    return (
        Fault(
            "tsc",
            "assignment",
            {"tsconfig.json": config, **modules, "src/total.ts": wrong},
            "{npm}/tsc --pretty false --listFiles -p .",
            ("src/total.ts(5,14): error TS2322: Type 'number' is not assignable to type 'string'",),
        ),
        Fault(
            "tsc",
            "module",
            {"tsconfig.json": config, **modules, "src/sum.ts": absent},
            "{npm}/tsc --pretty false --listFiles -p .",
            ("src/sum.ts(2,22): error TS2307: Cannot find module './exchange-rates'",),
        ),
        Fault(
            "eslint",
            "undefined",
            {"eslint.config.mjs": rules, **scripts, "src/pay.js": "export const pay = (amount) => amout * 2;\n"},
            "DEBUG=eslint:languages:js,eslint:config* {npm}/eslint --no-color src 2>&1",
            ("src/pay.js", "'amout' is not defined", "no-undef", "2 problems (2 errors"),
        ),
        Fault(
            "eslint",
            "parsing",
            {"eslint.config.mjs": rules, **scripts, "src/pay.js": "export const pay = (amount => amount * 2;\n"},
            "DEBUG=eslint:languages:js,eslint:config* {npm}/eslint --no-color src 2>&1",
            ("src/pay.js", "Parsing error: Unexpected token"),
        ),
        Fault(
            "jest",
            "assertion",
            {"package.json": "{}", "passing.test.js": tests, "cart.js": cart, "cart.test.js": cart_test},
            "{npm}/jest --verbose --ci --no-cache 2>&1",
            ("● adds three prices", "Expected: 42", "Received: 41", "cart.test.js:4:30", "1 failed, 2100 passed"),
        ),
        Fault(
            "jest",
            "thrown",
            {"package.json": "{}", "passing.test.js": tests, "gateway.test.js": throwing},
            "{npm}/jest --verbose --ci --no-cache 2>&1",
            ("● opens the gateway", "gateway pg-3 is closed", "gateway.test.js:2:9", "1 failed, 2100 passed"),
        ),
    )


def _compiled() -> tuple[Fault, ...]:
    manifest = '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n'
    tests = "".join(f"    #[test]\n    fn square_{n:04}() {{ assert!({n}u64 * {n} >= {n}); }}\n" for n in range(PASSING))
    library = "pub fn total(prices: &[u32]) -> u32 {\n    prices.iter().sum::<u32>() - 1\n}\n\n#[cfg(test)]\nmod tests {\n"
    failing = library + "    #[test]\n    fn adds_three_prices() { assert_eq!(super::total(&[20, 20, 2]), 42); }\n" + tests + "}\n"
    mismatched = "pub fn name() -> String {\n    42\n}\n"
    classes = {
        f"src/shop/Part{n:04}.java": f"package shop;\nfinal class Part{n:04} {{ static final int VALUE = {n}; }}\n" for n in range(900)
    }
    symbol = "package shop;\n\nfinal class Cart {\n    int total() {\n        return Prices.sum();\n    }\n}\n"
    types = 'package shop;\n\nfinal class Cart {\n    int total() {\n        return "forty-two";\n    }\n}\n'
    units = {f"src/part{n:04}.c": f"int part{n:04}(void) {{ return {n}; }}\n" for n in range(PASSING)}
    undeclared = "int pay(int amount) {\n    return amout * 2;\n}\n"
    unresolved = "int settle_invoice(int amount);\n\nint main(void) {\n    return settle_invoice(42);\n}\n"
    loop = 'set -e; for f in src/*.c; do echo "gcc -O0 -c $f"; gcc -O0 -c "$f" -o "${{f%.c}}.o"; done; '
    return (
        Fault(
            "cargo",
            "test",
            {"Cargo.toml": manifest, "src/lib.rs": failing},
            "cargo test --offline 2>&1",
            ("tests::adds_three_prices ... FAILED", "panicked at src/lib.rs:8:30", "left: 41", "right: 42", "2100 passed; 1 failed"),
        ),
        Fault(
            "cargo",
            "types",
            {
                "Cargo.toml": manifest,
                "src/lib.rs": library + tests + "}\n",
                "tests/name.rs": mismatched + "#[test]\nfn named() { name(); }\n",
            },
            "cargo test --offline --lib 2>&1 && cargo test --offline --test name 2>&1",
            ("error[E0308]: mismatched types", "tests/name.rs:2:5", "expected `String`, found integer"),
        ),
        Fault(
            "javac",
            "symbol",
            {**classes, "src/shop/Cart.java": symbol},
            "javac -verbose -d out $(find src -name '*.java' | sort) 2>&1",
            ("src/shop/Cart.java:5: error: cannot find symbol", "symbol:   variable Prices", "1 error"),
        ),
        Fault(
            "javac",
            "types",
            {**classes, "src/shop/Cart.java": types},
            "javac -verbose -d out $(find src -name '*.java' | sort) 2>&1",
            ("src/shop/Cart.java:5: error: incompatible types: String cannot be converted to int", "1 error"),
        ),
        Fault(
            "gcc",
            "undeclared",
            {**units, "src/pay.c": undeclared},
            loop,
            ("src/pay.c:2:12: error", "'amout' undeclared|‘amout’ undeclared", "In function 'pay'|In function ‘pay’"),
        ),
        Fault(
            "gcc",
            "linker",
            {**units, "src/zmain.c": unresolved},
            loop + "gcc src/*.o -o shop",
            ("undefined reference to `settle_invoice'", "collect2: error: ld returned 1 exit status"),
        ),
    )


def _make() -> tuple[Fault, ...]:
    names = " ".join(f"part{n:04}" for n in range(PASSING))
    parts = f"PARTS = {names}\n\nall: $(PARTS) bundle\n\n$(PARTS):\n\t@echo checking $@ ... ok\n\n"
    return (
        Fault(
            "make",
            "recipe",
            {"Makefile": parts + "bundle:\n\tcp dist/shop.wasm out/shop.wasm\n"},
            "make 2>&1",
            ("cannot stat 'dist/shop.wasm'", "make: *** [Makefile:9: bundle] Error 1"),
        ),
        Fault(
            "make",
            "rule",
            {"Makefile": parts + "bundle: assets/logo.svg\n\techo $<\n"},
            "make -k 2>&1",
            ("make: *** No rule to make target 'assets/logo.svg', needed by 'bundle'",),
        ),
    )
