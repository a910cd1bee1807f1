"""Schema, model, settings page and documentation agree. Also what a pack or a shared file may add."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from app.configuration.council_yml import load, parse
from app.configuration.council_yml_draft import draft_config
from app.configuration.council_yml_keys import list_keys, write_table
from app.configuration.council_yml_schema import build_schema, write_schema
from app.configuration.pack_rules import list_rules
from app.configuration.repository_config import RepositoryConfig, list_keys_of_file
from app.configuration.rule_packs import PACKS, read_packs, read_version
from app.web.fields import FIELDS

ROOT = Path(__file__).parents[3]
SCHEMA = build_schema()
SAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def leaves(schema: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, part in schema["properties"].items():
        found |= leaves(part, f"{prefix}{name}.") if part.get("type") == "object" and "default" not in part else {prefix + name: part}
    return found


def test_schema_model_page_and_documentation_name_the_same_keys() -> None:
    page = (ROOT / "docs/reference/council-yml.md").read_text("utf-8")
    in_table = re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE)
    assert list(leaves(SCHEMA)) == list(list_keys_of_file()) == in_table
    assert sorted(field.key for field in FIELDS) == sorted(list_keys_of_file())
    assert page.endswith(write_table())


def test_page_and_schema_describe_each_key_alike() -> None:
    described = {key: part["description"] for key, part in leaves(SCHEMA).items()}
    assert all(len(text) > 15 and text.endswith(".") for text in described.values())
    for field in FIELDS:
        assert field.help.startswith(described[field.key]), field.key


def test_the_stored_schema_is_the_models() -> None:
    assert (ROOT / "docs/schema/council.json").read_text("utf-8") == write_schema()


def test_it_is_a_schema_whose_defaults_and_examples_fit() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].startswith("http://json-schema.org/draft-07/") and SCHEMA["additionalProperties"] is False
    assert "$ref" not in write_schema() and '"title": "' not in write_schema().replace('"title": "Council"', "")
    for key, part in leaves(SCHEMA).items():
        for value in (part["default"], *part.get("examples", ())):
            jsonschema.Draft7Validator(part).validate(value)
        assert {entry.key: entry.default for entry in list_keys()}[key] == json.dumps(part["default"], ensure_ascii=False)


VALUES: tuple[object, ...] = (
    *(True, False, None, 0, 1, 5, 17, 51, 101, 3651, -1, 0.5, -0.1, "en", "high", "write", "full", "neutral", "all", "auto", "", "opened"),
    *(
        [],
        ["openai/gpt-5.5"],
        "openai/gpt-5.5",
        ["opened"],
        "**",
        ["**"],
        "python",
        ["python", "acme/.github"],
        ["cobol"],
        "fast",
        {"a": 1},
    ),
    *([{"paths": "db/**", "text": "x"}], {"paths": ["db/**"], "text": "x"}, [{"paths": "db/**"}], "no such thing"),
)


@pytest.mark.parametrize("key", list_keys_of_file())
def test_the_schema_accepts_what_the_model_accepts(key: str) -> None:
    """Value by value: an editor must mark what the check run would."""
    validator = jsonschema.Draft7Validator(SCHEMA)
    unbound = RepositoryConfig().model_copy(update={"limits": RepositoryConfig().limits.model_copy(update=dict.fromkeys(_LIMITS))})
    for value in VALUES:
        tree: object = value
        for name in reversed(key.split(".")):
            tree = {name: tree}
        _, problems = parse(yaml.safe_dump(tree), unbound)
        problems = tuple(problem for problem in problems if not str(problem).endswith("not here"))
        fits = validator.is_valid(tree)
        # The parser accepts 1 for true and true for 1. An editor need not.
        lenient = isinstance(value, bool) or value in (0, 1)
        assert fits == (not problems) or (lenient and not fits), (value, problems)


_LIMITS = tuple(type(RepositoryConfig().limits).model_fields)


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_every_sample_names_the_schema_and_fits_it(path: Path) -> None:
    for text in SAMPLE.findall(path.read_text("utf-8")):
        tree = yaml.safe_load(text)
        if not isinstance(tree, dict) or not set(map(str, tree)) <= set(SCHEMA["properties"]):
            continue
        assert text.startswith("# yaml-language-server: $schema=https://"), text[:60]
        # YAML 1.1 reads `on` as true. Our parser does not.
        assert [problem for problem in load(text).apply(RepositoryConfig())[1] if "not here" not in str(problem)] == []


def test_a_draft_and_its_commented_lines_are_valid() -> None:
    paths = ["src/a.py", "src/b.py", "web/a.ts", "web/b.ts", "db/migrations/1.sql", ".github/workflows/ci.yml", "vendor/x.go", "main.tf"]
    draft = draft_config(paths, "https://council.example.com/schema/council.json")
    config, problems = parse(draft.text, RepositoryConfig())
    assert problems == () and config.extends == ("python", "typescript", "migrations", "security")
    # A folder's name is no evidence that somebody else wrote its contents.
    assert config.review.paths == RepositoryConfig().review.paths and "CI: GitHub Actions" in draft.facts
    whole = re.sub(r"(?m)^(\s*)# (?=[a-z_]+:(?: |$))(?!yaml-language)", r"\1", draft.text)
    whole = "\n".join(line for line in whole.split("\n") if not re.match(r"\s*(?:full|languages|CI|rule packs): ", line))
    config, problems = parse(whole, RepositoryConfig())
    assert problems == () and set(load(whole).keys) == set(list_keys_of_file())


def test_a_repositorys_own_rules_override_packs() -> None:
    assert read_version() >= 1 and set(read_packs()) == set(PACKS)
    own = 'review: {path_instructions: [{paths: "db/**", text: mine}]}\n'
    config, problems = parse(f"extends: [go, python]\n{own}", RepositoryConfig())
    rules = list_rules(config)
    assert problems == () and [rule.text for rule in rules][-1] == "mine"
    assert [rule.paths for rule in rules[:-1]] == [rule.paths for name in ("go", "python") for rule in read_packs()[name]]
    config, _ = parse('extends: go\nreview: {path_instructions: [{paths: "**/*.go", text: mine}]}\n', RepositoryConfig())
    assert [rule.text for rule in list_rules(config) if rule.paths == ("**/*.go",)] == ["mine"]
    # Left out by a layer above, they are gone.
    assert list_rules(parse("extends: []\n", config)[0]) == config.review.path_instructions


def test_every_rule_of_a_pack_is_short_and_fits_the_model() -> None:
    for name in PACKS:
        for rule in read_packs()[name]:
            text = json.dumps([{"paths": list(rule.paths), "text": rule.text}])
            assert parse(f"review: {{path_instructions: {text}}}", RepositoryConfig())[1] == () and len(rule.text) < 700


def test_an_unknown_pack_is_refused_with_the_known_ones() -> None:
    _, problems = parse("extends: [cobol]\n", RepositoryConfig())
    assert "'cobol' is neither a rule pack (python, typescript, go, security, migrations, terraform) nor OWNER/.github" in str(problems[0])
