"""Change here which words and names the style checker refuses."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_COUNTED = "call|line|run|page|file|finding|seat|row|repository|process|model|kind|place|day|case|turn|job|test|vendor"
# What to say instead is in docs/STYLE.md.
BANNED: Mapping[str, str] = {
    r"\banew\b": "again",
    r"\bof (?:its|their|his|our) own\b": "its own, separate",
    r"\b(?:is|are|was|were|be) told\b": "gets, is given, learns",
    r"\bwho(?:so)?ever\b": "name the person or the thing",
    r"\bgo(?:es)? by\b": "follows, uses",
    r"\bstands? in for\b": "replaces",
    r"\bat hand\b": "available",
    r"\bbeside\b": "while, in addition to, next to",
    r"\bby turns\b": "in turn",
    r"\blately\b": "recently",
    r", for (?:it|they|there|nobody|we|he|this|that|these|most|only)\b": "because",
    rf"\bone \w+ an? (?:{_COUNTED})\b": "per",
    r"\btold (?:from|apart)\b": "distinguished, separated",
    r"\bmade up for\b": "recovered",
    r"\bother way round\b": "vice versa",
    r"\bby \S+ own word\b": "according to",
    r"\bstands? (?:beside|behind|in front)\b": "is next to, comes before",
    r"\bnobody's (?:business|any more)\b": "name the owner",
    r"\bspeaks? of\b": "names, is about",
    r"\b(?:whilst|amongst|amidst|upon|whereby|thereby)\b": "while, among, on, so",
    r"\bhence(?:forth)?\b|\bthereof\b|\btherein\b|\bwherein\b|\bhitherto\b": "plain words",
}
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in BANNED.items())
_PARTICIPLES = frozenset(
    ("told", "known", "said", "found", "made", "kept", "shown", "seen", "again", "of", "held", "sent", "given", "heard", "drawn")
)
_VERBS_IN_ED = frozenset({"embed", "exceed", "feed", "heed", "need", "proceed", "seed", "shed", "speed", "succeed"})
LONGEST_SUBJECT = 72


class Breach(NamedTuple):
    """A rule that a line breaks; `line` is 1-based, 0 for a whole file or a commit."""

    place: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.problem}" if self.line else f"{self.place}: {self.problem}"


def banned_words(path: str, prose: Mapping[int, str]) -> Iterator[Breach]:
    """The banned words in lines of prose, by number."""
    for number, text in prose.items():
        for pattern, instead in _PATTERNS:
            if match := pattern.search(text):
                yield Breach(path, number, f'"{match[0]}": say it with {instead}')


def prose_of(path: str, text: str) -> dict[int, str]:
    """The lines of a file that a person reads: all of Markdown, the docstrings and comments of Python."""
    lines = text.split("\n")
    if path.endswith(".md"):
        return dict(enumerate(lines, 1))
    numbers: dict[int, str] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            quoted = node.body[0]
            numbers |= {number: lines[number - 1] for number in range(quoted.lineno, (quoted.end_lineno or quoted.lineno) + 1)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            numbers[token.start[0]] = f"{numbers.get(token.start[0], '')} {token.string}"
    return numbers


def public_classes(text: str) -> dict[str, int]:
    """The public classes of a module and the line of each."""
    return {node.name: node.lineno for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}


def bare_participles(path: str, text: str) -> Iterator[Breach]:
    """The public functions that are named by one participle or preposition."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_bare(node.name):
            yield Breach(path, node.lineno, f"the function {node.name} is no verb with its object")


def tuple_parameters(path: str, text: str) -> Iterator[Breach]:
    """The parameters of public functions that are tuples of a fixed length: their parts have no names."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        for parameter in (*node.args.args, *node.args.kwonlyargs):
            kind = parameter.annotation
            if isinstance(kind, ast.Subscript) and isinstance(kind.value, ast.Name) and kind.value.id == "tuple":
                parts = kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
                if not any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
                    yield Breach(path, node.lineno, f"the parameter {parameter.arg} of {node.name} is a tuple: give it a class")


def is_bare(name: str) -> bool:
    """Whether a function's name is one past participle or preposition."""
    return "_" not in name and not name.startswith("_") and (name in _PARTICIPLES or (name.endswith("ed") and name not in _VERBS_IN_ED))


def repeated_classes(classes: Mapping[str, Mapping[str, int]]) -> Iterator[Breach]:
    """The classes whose name another module defines as well; `classes` are names and lines by path."""
    places: dict[str, list[str]] = {}
    for path, lines in classes.items():
        for name in lines:
            places.setdefault(name, []).append(path)
    for name, paths in places.items():
        for path in paths[1:]:
            yield Breach(path, classes[path][name], f"the class {name} is defined in {paths[0]} too")


def long_subjects(subjects: Mapping[str, str]) -> Iterator[Breach]:
    """The commits whose subject is too long, by their id."""
    for commit, subject in subjects.items():
        if len(subject) > LONGEST_SUBJECT:
            yield Breach(f"commit {commit}", 0, f"its subject has {len(subject)} characters, {LONGEST_SUBJECT} are the most: {subject}")
