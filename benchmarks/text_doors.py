"""The readers of foreign text, as their callers reach them. To drive another parser or bounded pattern, add its site to a table here.

A pattern that is not named here is driven directly, with the methods that its module uses.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from pydantic_core import from_json

from app.configuration.council_yml import parse as parse_config
from app.configuration.repository_config import RepositoryConfig
from app.configuration.yaml_tree import UnreadableYaml, read_tree
from app.reporters.text import safety
from app.repositories import refusals
from app.work.reviews import skip_rules
from reviewers import specialists
from reviewers.anchoring import code_tokens
from reviewers.context import globs, mentions, pasted, project_map, redaction, units
from reviewers.context.ci_log import noise, prefixes, references, signals
from reviewers.context.ci_log.extraction import extract
from reviewers.context.diff import parse as parse_diff
from reviewers.context.repository import lexing, patterns
from reviewers.context.secret_kinds import KINDS
from reviewers.council import domains, text_features
from reviewers.seats import json_values, parsing, salvage
from webhooks.commands import parser

Door = Callable[[str], object]
AnyPattern = re.Pattern[str] | re.Pattern[bytes]


def _json(text: str) -> object:
    return json.loads(text)


def _config(text: str) -> object:
    return parse_config(text, RepositoryConfig())


def _glob(text: str) -> object:
    """As a pattern of `review.paths`, which has at most 300 characters, and as the name of a file."""
    pattern = text[:300]
    found = [globs.selects(("**", "*a*a*a*a*a*a*ab", "!**/*.lock"), text[:4_096])]
    return [*found, globs.selects((globs.check_glob(pattern),), "a" * 250), globs.selects((pattern,), text[:4_096])]


def _skip(text: str) -> object:
    return skip_rules._first([text[:256], "a" * 256], [text[at : at + 300] for at in range(0, len(text), 300)])


def _search(text: str) -> object:
    return list(patterns.compile_search(text[: patterns.LONGEST_PATTERN], pattern=True).starts(b"a" * 10_000))


def _command(text: str) -> object:
    return (
        parser.parse(text),
        parser.parse(f"/council ask\n{text}"),
        parser.text_without_commands(f"{text}\n\n/council ask why"),
        parser.text_without_commands(text),
    )


def _posted(text: str) -> object:
    return safety.prose(text), safety.line(text), safety.code(text[:4_000]), safety.fence(text[:16_000]), safety.suggestion(text[:4_000])


def _patch(text: str) -> object:
    rows = text.split("\n")
    return parse_diff("a.py", f"@@ -0,0 +1,{len(rows)} @@\n" + "\n".join(f"+{row}" for row in rows))


def _manifests(text: str) -> object:
    return [project_map.survey([], {name: text}) for name in project_map.MANIFESTS]


def _units(text: str) -> object:
    return [units.read_units(f"a.{ending}", text) for ending in ("py", "ts", "go", "rb")]


def _answer(text: str) -> object:
    return parsing.opinion(f'{{"findings": [{text}', truncated=True)


def _noise(text: str) -> object:
    return [(noise.noise_factor(row), noise.routine(row)) for row in (line[: noise.READ] for line in text.split("\n"))]


def _lines_named(text: str) -> object:
    return list(references.references(enumerate(text.split("\n"), 1)))


def _extract(text: str) -> object:
    return extract(text.encode("utf-8", "replace"))


def _refusals() -> list[AnyPattern]:
    return [re.compile(pattern, re.I) for pattern, _ in refusals._SAYINGS]


def _lexers() -> list[AnyPattern]:
    return [lexing._pattern(forms) for forms in {tuple(forms) for forms in lexing._FORMS.values()}]


# A door may refuse by raising.
REFUSALS = (ValueError, RecursionError, UnreadableYaml, parsing.Unusable, patterns.PatternError)

# The parsers with one name everywhere.
BY_CALL: Mapping[str, Door] = {"json.loads": _json, "model_validate_json": from_json, "from_json": from_json}

# Sites whose caller bounds the text, or whose pattern or parser only they can reach.
DOORS: Mapping[str, Door] = {
    "app.configuration.yaml_tree:read_tree": read_tree,
    "app.reporters.text.safety:_parser": _posted,
    "app.work.reviews.skip_rules:_first": _skip,
    "reviewers.anchoring.code_tokens:Vocabulary.__contains__": lambda text: text[:80] in code_tokens.Vocabulary([text]),
    "reviewers.context.assignments:_NAMED": redaction.mask,
    "reviewers.context.assignments:_OURS": redaction.mask,
    "reviewers.context.ci_log.noise:_NOTHING": _noise,
    "reviewers.context.ci_log.noise:_PASSED": _noise,
    "reviewers.context.ci_log.noise:_PRINTED": _noise,
    "reviewers.context.ci_log.noise:_ROUTINE": _noise,
    "reviewers.context.ci_log.noise:_WARNING": _noise,
    "reviewers.context.ci_log.noise:_PROGRESS": _noise,
    "reviewers.context.ci_log.references:_PLACES": _lines_named,
    "reviewers.context.ci_log.references:_PLACES#2": _lines_named,
    "reviewers.context.ci_log.references:_PLACES#3": _lines_named,
    "reviewers.context.diff:_parsed": _patch,
    "reviewers.context.grammars:_parsed": _units,
    "reviewers.context.pasted:_METRIC": pasted.kind_of,
    "reviewers.context.pasted:_PROFILE": pasted.kind_of,
    "reviewers.context.project_map:_dependencies": _manifests,
    "reviewers.context.project_map:_dependencies#2": _manifests,
    "reviewers.context.repository.patterns:_class_end": _search,
    "reviewers.context.repository.patterns:compile_search": _search,
    "reviewers.context.globs:_compile": _glob,
    # A path has at most 4,096 bytes: PATH_MAX of Linux
    "reviewers.council.domains:_COMPILED": lambda path: [pattern.search(path[:4_096]) for _, pattern in domains._COMPILED],
    "reviewers.council.text_features:_CODE": text_features.code_names,
    "reviewers.council.text_features:_WORD": text_features.content_words,
    "reviewers.seats.salvage:repair": salvage.repair,
    "reviewers.seats.salvage:_begun": _answer,
    "reviewers.seats.salvage:_TEMPLATE": _answer,
    "reviewers.seats.synonyms:_table": _json,
    "webhooks.commands.parser:_markdown": _command,
}

# Sites that compile a pattern whose text only a running program knows.
BUILT: Mapping[str, Callable[[], Sequence[AnyPattern]]] = {
    "app.repositories.refusals:reason_of": _refusals,
    "reviewers.context.ci_log.prefixes:_SEGMENTS": lambda: [segment.pattern for segment in prefixes._SEGMENTS],
    "reviewers.context.ci_log.signals:_kind": lambda: [kind.pattern for kind in signals.KINDS],
    "reviewers.context.repository.lexing:_pattern": _lexers,
    "reviewers.context.repository.use_looks:_used_file": lambda: [re.compile(r"(?<![\w$])name(?![\w$])")],
    "reviewers.context.secret_kinds:_kind": lambda: [kind.pattern for kind in KINDS],
    "reviewers.council.domains:_SAID": lambda: [pattern for _, pattern in domains._SAID],
    "reviewers.seats.expert:ModelExpert._checked": lambda: [
        re.compile(form.pattern) for one in specialists.SPECIALISTS.values() for form in one.forms
    ],
    "reviewers.specialists:Specialist.missing": lambda: [
        re.compile(need.said, re.I) for one in specialists.SPECIALISTS.values() for need in one.needs if need.said
    ],
}

# Functions that are no site in a table, and yet read a whole text.
WHOLE: Mapping[str, Door] = {
    "council.yml": _config,
    "what a text names": lambda text: mentions.mentions(text, "acme/shop"),
    "what is pasted": lambda text: pasted.take_out(text, "the issue"),
    "masking": redaction.mask,
    "a job's log": _extract,
    "a model's answer": _answer,
    "values in an answer": json_values.find_values,
    "tokens of code": code_tokens.code_tokens,
}

EXEMPT: Mapping[str, str] = {}
