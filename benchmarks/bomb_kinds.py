"""The bombs: texts and streams made to exhaust a process. Add one to `BOMBS`; it says whether Council finished as it should."""

import gzip
import itertools
import json
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.bomb_site import SEAT, Site

_MEBI = 1024 * 1024
_LIMIT = 25 * _MEBI
_USUAL = {"app/pool.py": "def check(pool):\n    return pool.take().ping()\n"}
# The statuses that a web process may give a body that it does not read; 0 is a closed connection.
_REFUSALS = frozenset({0, 400, 401, 403, 404, 408, 411, 413, 415, 422, 431, 503})


class Bomb(NamedTuple):
    """One attack; `throw` returns whether it ended as it should."""

    name: str
    throw: Callable[[Site], bool]


def _payload(begin: bytes, unit: bytes, end: bytes, size: int = _LIMIT - 1000) -> bytes:
    head = b'{"action":"opened","installation":{"id":1},"more":' + begin
    return head + unit * ((size - len(head) - len(end)) // len(unit)) + end + b"}"


def _signed(name: str, body: Callable[[], bytes], *expected: int, **headers: str) -> Bomb:
    return Bomb(
        f"webhook: {name}", lambda site: site.post(body(), {key.replace("_", "-"): word for key, word in headers.items()}) in expected
    )


def _keys() -> bytes:
    return json.dumps({"action": "opened", "more": {f"key-{number}": number for number in range(800_000)}}).encode()


def _long_keys() -> bytes:
    return json.dumps({"action": "opened", "more": {f"{'key-' * 60}{number}": number for number in range(99_000)}}).encode()


def _unsigned_at_once(site: Site) -> bool:
    """Twenty bodies of 25 MB concurrently, from a sender without the secret."""
    body, statuses = b"x" * _LIMIT, list[int]()
    threads = [threading.Thread(target=lambda: statuses.append(site.post(body, signed=False))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(statuses) <= _REFUSALS and site.post(b"{}", event="ping") == 202


def _endless_body(site: Site) -> bool:
    """A body without a length that continues above the limit."""
    return site.request("POST", "/webhooks/github", itertools.repeat(b"x" * 65_536, 600), {}) in _REFUSALS


def _parts_of_a_form(site: Site) -> bool:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return site.request("POST", "/settings", b"a=1&" * 250_000, kind) in _REFUSALS | {302, 303, 405}


def _comment(site: Site) -> bool:
    """Nothing answers a stranger's comment; the next delivery must be accepted."""
    name = next(site.names)
    site.control.create_repository(name, {"a.py": "a = 1\n"})
    site.control.comment(name, site.control.open_issue(name, "An issue"), "mallory", "/council review\n" + "![" * 32_000)
    return site.post(b"{}", event="ping") == 202


def _change(name: str, files: Callable[[], dict[str, str]]) -> Bomb:
    return Bomb(f"change: {name}", lambda site: site.review(files()))


def _base(name: str, files: Callable[[], dict[str, str]]) -> Bomb:
    return Bomb(f"repository: {name}", lambda site: site.review(_USUAL, base=files()))


def _log(name: str, pieces: Callable[[], Iterator[bytes]], encoding: str = "") -> Bomb:
    def throw(site: Site) -> bool:
        site.logs.pieces, site.logs.encoding = pieces, encoding
        site.control.set_log_store(site.logs.url)
        try:
            return site.red_review("")
        finally:
            site.control.set_log_store("")

    return Bomb(f"log: {name}", throw)


def _zeros(packed: "zlib._Compress", gigabytes: int) -> Iterator[bytes]:
    for _ in range(gigabytes * 1024):
        yield packed.compress(b"\0" * _MEBI)
    yield packed.flush()


def _answer(name: str, answer: Callable[[], str]) -> Bomb:
    def throw(site: Site) -> bool:
        site.control.program_model(SEAT, answers={"OpinionAnswer": answer(), "TurnAnswer": answer()})
        try:
            return site.review(_USUAL)
        finally:
            site.control.program_model(SEAT, findings=[])

    return Bomb(f"answer: {name}", throw)


def _claim(number: int) -> dict[str, object]:
    words = {"title": f"Finding {number}", "body": "It fails.", "severity": "high", "category": "correctness", "suggestion": ""}
    return words | {"path": "app/pool.py", "quote": "    return pool.take().ping()", "line": 2, "evidence": []}


def _cell(source: str, outputs: int = 0) -> dict[str, object]:
    return {"cell_type": "code", "source": [source], "outputs": [{"name": "x" * 30}] * outputs}


def _hunks(site: Site) -> bool:
    """Files in which every eighth line changes."""
    rows = [f"value_{number} = {number}\n" for number in range(16_000)]
    changed = [f"value_{at} = {-at}\n" if at % 8 == 0 else row for at, row in enumerate(rows)]
    parts = {f"app/values_{start}.py": slice(start, start + 800) for start in range(0, len(rows), 800)}
    base = {path: "".join(rows[part]) for path, part in parts.items()}
    return site.review({path: "".join(changed[part]) for path, part in parts.items()}, base=base)


def _different(form: bytes) -> Iterator[bytes]:
    """Lines of punctuation, no two of which are alike."""
    marks = itertools.product(b"!@#$%^&*()+=[]{}|;:'\"<>,?~`", repeat=4)
    for part in iter(lambda: list(itertools.islice(marks, 10_000)), []):
        yield b"".join(form % bytes(four) for four in part)


_ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)) + "review: *a39\n"
_GZIP = zlib.MAX_WBITS | 16

BOMBS: Sequence[Bomb] = (
    _signed("25 MB of one string", lambda: _payload(b'"', b"x", b'"'), 202),
    _signed("25 MB of numbers", lambda: _payload(b"[", b"1,", b"1]"), 400),
    _signed("25 MB of empty objects", lambda: _payload(b"[", b"{},", b"1]"), 400),
    _signed("25 MB of escapes", lambda: _payload(b'"', b"\\u00e9", b'"'), 202),
    _signed("800,000 keys", _keys, 400),
    _signed("1,000,000 deep", lambda: _payload(b"", b"[", b"", _MEBI), 400),
    _signed("a number of 1 MB", lambda: _payload(b"", b"9", b"", _MEBI), 400),
    _signed("numbers of 4,000 digits", lambda: _payload(b"[", b"9" * 4_000 + b",", b"1]"), 400),
    _signed("numbers of 200 digits", lambda: _payload(b"[", b"9" * 200 + b",", b"1]"), 400),
    _signed("fractions of 4,000 digits", lambda: _payload(b"[", b"1." + b"9" * 4_000 + b",", b"1]"), 400),
    _signed("a mebibyte of numbers among spaces", lambda: _payload(b"[", b"9" * 4_000 + b" " * 100_000 + b",", b"1]"), 202),
    _signed("12,000,000 lists, 100 deep", lambda: _payload(b"[", b"[" * 100 + b"]" * 100 + b",", b"1]"), 400),
    _signed("4,000,000 objects, 100 deep", lambda: _payload(b"[", b'{"a":' * 100 + b"1" + b"}" * 100 + b",", b"1]"), 400),
    _signed("99,000 long keys", _long_keys, 202),
    _signed("25 MB, packed", lambda: gzip.compress(_payload(b'"', b"x", b'"')), 400, content_encoding="gzip"),
    _signed("26 MB", lambda: b"x" * 26 * _MEBI, *_REFUSALS),
    _signed("headers of 60 kB", lambda: b"{}", 202, *_REFUSALS, x_long="x" * 60_000),
    Bomb("webhook: 20 unsigned bodies of 25 MB at once", _unsigned_at_once),
    Bomb("webhook: a body without an end", _endless_body),
    Bomb("page: 250,000 fields of a form", _parts_of_a_form),
    Bomb("comment: 32,000 open images", _comment),
    _base("aliases of aliases in council.yml", lambda: {".github/council.yml": _ALIASES}),
    _base("council.yml of 1 MB", lambda: {".github/council.yml": "review:\n" + "  a: 1\n" * 140_000}),
    _base("council.yml 30,000 deep", lambda: {".github/council.yml": "review: " + "[" * 30_000}),
    _base(
        "manifests of 1 MB", lambda: {"package.json": '{"a":' * 150_000, "go.mod": "\n" * 1_000_000, "pyproject.toml": "a = [" * 150_000}
    ),
    _base("guidelines of 1 MB", lambda: {"AGENTS.md": "- - - - a\n" * 100_000, "CLAUDE.md": "![" * 400_000}),
    _base(".gitattributes of 1 MB", lambda: {".gitattributes": "**/*a*/**/*b*/** linguist-generated\n" * 28_000}),
    _change("one line of 20 MB", lambda: {"app/long.js": "var a = 1; " * 1_800_000}),
    _change("300,000 lines", lambda: {"app/many.py": "".join(f"a{number} = {number}\n" for number in range(300_000))}),
    _change("3,500 files", lambda: {f"many/file_{number}.py": f"a = {number}\n" for number in range(3_500)}),
    _change("900,000 brackets of JavaScript", lambda: {"app/deep.js": "var a = " + "[" * 900_000}),
    _change("900,000 brackets of Python", lambda: {"app/deep.py": "a = " + "(" * 900_000 + ")" * 10}),
    _change("100,000 nested blocks", lambda: {"app/deep.c": "void f() " + "{\n" * 100_000 + "}\n" * 100_000}),
    _change("nested JSON of 900 kB", lambda: {"data/deep.json": '{"a":' * 150_000 + "1" + "}" * 150_000}),
    _change("a notebook of 20,000 cells", lambda: {"deep.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "a"}] * 20_000})}),
    _change("a notebook in one line of 900 kB", lambda: {"deep.ipynb": json.dumps({"cells": [_cell("a = 1\n")] * 10_000})}),
    _change("a notebook of 30,000 lines", lambda: {"deep.ipynb": json.dumps({"cells": [_cell("a = 1")] * 3_500}, indent=1)}),
    _change("a notebook 100,000 deep", lambda: {"deep.ipynb": '{"cells": [{"cell_type": "code", "source": ' + "[" * 100_000}),
    _change("a notebook of outputs", lambda: {"deep.ipynb": json.dumps({"cells": [_cell("a", 9_000), _cell("b", 9_000)]}, indent=0)}),
    _change("JSON of 70,000 keys", lambda: {"data/wide.json": json.dumps({f"key-{number}": number for number in range(70_000)}, indent=0)}),
    _change("JSON of numbers", lambda: {"data/numbers.json": "[" + ",\n".join(["9" * 4_000] * 200) + "]"}),
    Bomb("change: 2,000 small hunks", _hunks),
    _change("600 files with long names", lambda: {f"many/{number:03}{'n' * 240}.py": f"a = {number}\n" for number in range(600)}),
    _change("names of 2,000 characters", lambda: {f"{('f' * 240 + '/') * 8}{number}.py": f"a = {number}\n" for number in range(100)}),
    _base("20,000 files with long names", lambda: {f"many/{number:05}{'n' * 200}.py": "a = 1\n" for number in range(20_000)}),
    _log("2 GB of zeros, packed", lambda: _zeros(zlib.compressobj(9, zlib.DEFLATED, _GZIP), 2), "gzip"),
    _log("packed twice", lambda: iter((gzip.compress(gzip.compress(b"\0" * 200 * _MEBI)),)), "gzip"),
    _log("200 MB of one line", lambda: itertools.repeat(b"x" * _MEBI, 200)),
    _log("20 million lines", lambda: itertools.repeat(b"error: it failed\n" * 10_000, 2_000)),
    _log("100 MB of empty lines", lambda: itertools.repeat(b"\n" * _MEBI, 100)),
    _log("500,000 different lines", lambda: _different(b"%s\n")),
    _log("500,000 different errors", lambda: _different(b"error %s failed\n")),
    _log("60 MB of colors", lambda: itertools.repeat(b"\x1b[31m" * 200_000, 60)),
    _log("100 MB of carriage returns", lambda: itertools.repeat(b"error 12%\r" * 100_000, 100)),
    _answer("20 MB of prose", lambda: "I think { it [ fails. " * 900_000),
    _answer("20,000 findings", lambda: json.dumps({"findings": [_claim(number) for number in range(20_000)]})),
    _answer("findings 100,000 deep", lambda: '{"findings": ' + "[" * 100_000),
    _answer("a title of 3 MB", lambda: json.dumps({"findings": [_claim(1) | {"title": "a " * 1_500_000}]})),
    _answer("numbers of 4,000 digits", lambda: '{"findings": [' + ("9" * 4_000 + ",") * 800),
    _answer("a title of 5 MB", lambda: json.dumps({"findings": [_claim(1) | {"title": "a " * 2_500_000}]})),
)
