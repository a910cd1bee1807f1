"""Change here what counts as a name in a text, and which parts of a file are comments and strings."""

import re
import zlib
from functools import lru_cache

from reviewers.text_cache import text_cache

NAME = re.compile(r"[A-Za-z_$][\w$]*")
_NAME_BYTES = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]{2,79}")
_SLASHES, _BLOCK = r"//[^\n]*+", r"/\*.*?(?:\*/|\Z)"
_DOUBLE, _SINGLE = r'"(?:[^"\\\n]|\\.)*+"', r"'(?:[^'\\\n]|\\.)*+'"
_CHARACTER = r"'(?:[^'\\\n]|\\[^\n]{1,8})'"
_HASH, _DASHES = r"#[^\n]*+", r"--[^\n]*+"
# Names in the braces of an f-string are code, so f-strings stay.
_PYTHON = rf"(?<![fF])(?<![fF][rR])(?<![rR][fF])(?:\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|{_DOUBLE}|{_SINGLE})"
_C = (_SLASHES, _BLOCK, _DOUBLE, _CHARACTER)
# Strings with interpolated variables stay code: templates of JavaScript, double quotes of shells and Ruby.
_FORMS = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte"), (_SLASHES, _BLOCK, _DOUBLE, _SINGLE)),
    **dict.fromkeys(("c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "ipp", "java", "cs", "rs", "swift", "m", "proto"), _C),
    **dict.fromkeys(("kt", "kts", "scala", "dart", "groovy"), (_SLASHES, _BLOCK, _CHARACTER)),
    "go": (*_C, r"`[^`]*+(?:`|\Z)"),
    "php": (_SLASHES, _BLOCK, r"#(?!\[)[^\n]*+", _SINGLE),
    **dict.fromkeys(("py", "pyi"), (_HASH, _PYTHON)),
    **dict.fromkeys(("rb", "rake", "gemspec", "sh", "bash", "ex", "exs", "pl", "r"), (r"(?<![$\w{])#[^\n{]*+(?:\n|\Z)", _SINGLE)),
    **dict.fromkeys(("yml", "yaml", "toml", "ini", "tf"), (r"(?:(?<=\s)|(?<=\A))#[^\n]*+",)),
    **dict.fromkeys(("sql", "lua", "hs"), (_DASHES, _SINGLE)),
    **dict.fromkeys(("css", "scss", "less"), (_BLOCK,)),
}


def file_extension(path: str) -> str:
    """The part of a file name after its last dot, in lower case; "" without a dot."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


@text_cache(4_000_000, lambda path, text: len(path) + len(text))
def code_only(path: str, text: str) -> str:
    """The text with comments and strings blanked out; length and line numbers stay."""
    forms = _FORMS.get(file_extension(path))
    return _pattern(forms).sub(_blank, text) if forms else text


def name_hash(name: str) -> int:
    """The 32-bit hash of a name in an index."""
    return zlib.crc32(name.encode("utf-8", "replace"))


def name_hashes(source: bytes) -> set[int]:
    """The hashes of all names in a file that have at least three characters, in code, comments and strings."""
    return {zlib.crc32(name) for name in set(_NAME_BYTES.findall(source))}


def words_of(name: str) -> tuple[str, ...]:
    """The words that a name consists of, in lower case: `parseHTTPHeader` and `parse_http_header` have the same."""
    return tuple(word.lower() for word in _PARTS.findall(name))


_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def _blank(found: re.Match[str]) -> str:
    return "\n".join(" " * len(line) for line in found[0].split("\n"))


@lru_cache(maxsize=64)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.DOTALL)
