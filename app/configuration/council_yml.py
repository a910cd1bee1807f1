"""Reads `.github/council.yml`. A wrong key or value is reported with its line, affects nothing else, and never loosens a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from pydantic import ValidationError

from app.configuration.council_yml_problems import say
from app.configuration.repository_config import ConfigSection, LimitsConfig, RepositoryConfig, list_keys_of_file
from app.configuration.rule_packs import is_shared
from app.configuration.yaml_tree import (
    Node,
    Pairs,
    Scalar,
    UnreadableYaml,
    YamlProblem,
    read_tree,
    surprise_in,
    value_of,
)
from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.blobs import Content, Wanted, contents
from app.github.installation_client import InstallationClient

CONFIG_PATH = ".github/council.yml"
# More problems are of no use to a reader, and each unknown key costs a search for the nearest known one.
MOST_PROBLEMS = 50

S = TypeVar("S", bound=ConfigSection)


@dataclass(frozen=True)
class ConfigFile:
    """A text that was parsed once. `keys` are the known dotted keys that it sets, with their lines.

    An unreadable text has no `root` and gives the reason in `problems`. What it asks for is unknown, so nothing is paid for. `shared` is
    the file that its `extends` names, as far as it was read. It is the layer below this one.
    """

    root: Node | None = None
    keys: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[YamlProblem, ...] = ()
    shared: "SharedFile | None" = None

    @property
    def unreadable(self) -> str:
        """Why the file's settings are unknown, in one line that names the line. "" if it was read, or does not exist."""
        return f"`{CONFIG_PATH}` could not be read: {self.problems[0]}" if self.root is None and self.problems else ""

    def apply(self, base: RepositoryConfig) -> tuple[RepositoryConfig, tuple[YamlProblem, ...]]:
        """The config that the file makes of `base`, and everything in it that was not understood."""
        if self.root is None:
            return base, self.problems
        problems = _Problems()
        if self.shared is not None:
            base = self.shared.apply(base, problems)
        config = _apply(base, self.root, "", problems)
        limits = _strictest(base.limits, config.limits, self.keys, problems)
        if self.shared is None:
            problems += unread_shared(self.own_extends, self.keys.get("extends", 0))
        return config.model_copy(update={"limits": limits}), tuple(problems)

    @property
    def own_extends(self) -> tuple[str, ...]:
        """The file's own `extends`, as far as it is understood."""
        if self.root is None or "extends" not in self.keys:
            return ()
        return _apply(RepositoryConfig(), self.root, "", _Problems()).extends

    def understood(self, base: RepositoryConfig) -> frozenset[str]:
        """The dotted keys whose values were accepted. A rejected value keeps the one of the layer below."""
        problems = _Problems()
        if self.root is not None:
            _apply(base, self.root, "", problems)
        return frozenset(problems.taken)


@dataclass(frozen=True)
class SharedFile:
    """The settings that an owner's repositories share. `problem` says why they could not be read, "" if they could."""

    name: str
    file: ConfigFile = field(default_factory=ConfigFile)
    problem: str = ""

    def apply(self, base: RepositoryConfig, problems: list[YamlProblem]) -> RepositoryConfig:
        """The config that the shared file makes of `base`. Its problems are reported under its name."""
        if self.problem:
            problems.append(YamlProblem(0, f"{self.name}: {self.problem}"))
        config, found = self.file.apply(base)
        problems += [YamlProblem(0, f"{self.name}: {problem}") for problem in found]
        return config


class _Problems(list[YamlProblem]):
    """What was not understood, and the dotted keys that were."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()


def load(text: str) -> ConfigFile:
    """Parse a text within the limits of `read_tree`. Never raises, whatever the text is."""
    try:
        root = read_tree(text)
    except UnreadableYaml as error:
        return ConfigFile(problems=(error.problem,))
    if root is None or (isinstance(root, Scalar) and root.plain and value_of(root) is None):
        return ConfigFile()
    if not isinstance(root, Pairs) or root.tag:
        fault = "has a tag, and tags are not allowed" if root.tag else "must be a mapping of keys to values"
        return ConfigFile(problems=(YamlProblem(root.line, f"the file {fault}"),))
    return ConfigFile(root, {key: line for key in list_keys_of_file() if (line := _line_of(root, key.split(".")))})


def unread_shared(names: Sequence[str], line: int) -> list[YamlProblem]:
    """One line per shared config that cannot be read in this context."""
    return [YamlProblem(line, f"{name} is read only on the base branch, not here") for name in names if is_shared(name)]


def load_content(content: Content) -> ConfigFile:
    """Parse a file from GitHub. A missing file sets nothing, and one that is not text is unreadable.

    Raises Unavailable if it could not be read now, because its settings must not be ignored.
    """
    if content.is_passing:
        raise Unavailable(f"{CONFIG_PATH} could not be read: {content.why}")
    if content.why:
        return ConfigFile(problems=(YamlProblem(1, f"it is {content.why}" if content.why.startswith(_KINDS) else content.why),))
    return load(content.text or "")


# The beginnings of the reasons for a file that is not text.
_KINDS = ("a folder", "a submodule", "binary", "too large")


async def read_config(github: InstallationClient, full_name: str, commit: str) -> ConfigFile:
    """The file at a commit, in one read, and one more for its shared settings. Raises Unavailable if it could not be read now."""
    wanted = Wanted(commit, CONFIG_PATH, is_text=True)
    return await read_shared(github, full_name, load_content((await contents(github, full_name, (wanted,)))[wanted]))


def find_shared(full_name: str, file: ConfigFile) -> SharedFile | None:
    """The shared file that a repository's file names, not read yet; with its problem if it must not be read. None if it names none."""
    names = [name for name in file.own_extends if is_shared(name)]
    if not names:
        return None
    owner, name = full_name.partition("/")[0], names[0]
    if len(names) > 1:
        return SharedFile(name, problem="only one shared config is allowed, so none is used")
    if name.lower() == full_name.lower():
        return SharedFile(name, problem="this is the shared config itself")
    if name.partition("/")[0].lower() != owner.lower():
        return SharedFile(name, problem=f"only repositories of {owner} share settings with this one")
    return SharedFile(name)


async def read_shared(github: InstallationClient, full_name: str, file: ConfigFile) -> ConfigFile:
    """The file with the settings that its owner's repositories share, from the default branch of OWNER/.github.

    Raises Unavailable if they could not be read now, because they must not be ignored.
    """
    shared = find_shared(full_name, file)
    if shared is None or shared.problem:
        return replace(file, shared=shared)
    name = shared.name
    wanted = Wanted("HEAD", CONFIG_PATH, is_text=True)
    try:
        content = (await contents(github, name, (wanted,)))[wanted]
    except (NotFound, GitHubRejected):
        content = None
    if content is None or content.is_missing:
        return replace(file, shared=SharedFile(name, problem=f"its default branch has no {CONFIG_PATH} that can be read from here"))
    return replace(file, shared=SharedFile(name, load_content(content)))


def parse(text: str, base: RepositoryConfig) -> tuple[RepositoryConfig, tuple[YamlProblem, ...]]:
    """The config that `text` makes of `base`, and what in it was not understood. Never raises."""
    return load(text).apply(base)


def _apply(section: S, node: Node, prefix: str, problems: _Problems) -> S:
    name = prefix.rstrip(".")
    if not isinstance(node, Pairs):
        if not (isinstance(node, Scalar) and node.plain and value_of(node) is None):
            _add(problems, node.line, f"{name} must be a mapping of keys to values")
        return section
    if node.tag:
        _add(problems, node.line, f"{name} has a tag, and tags are not allowed; the previous values are used")
        return section
    seen: set[str] = set()
    for key_node, value_node in node.nodes:
        key = key_node.text if isinstance(key_node, Scalar) else ""
        if key not in type(section).model_fields:
            _add(problems, key_node.line, _unknown(prefix, key[:80], tuple(type(section).model_fields)))
        elif key in seen:
            _add(problems, key_node.line, f"{prefix}{key} is set twice; the first value is used")
        else:
            section = _set(section, (key, value_node), prefix, problems)
        seen.add(key)
    return section


def _set(section: S, pair: tuple[str, Node], prefix: str, problems: _Problems) -> S:
    key, node = pair
    current = getattr(section, key)
    if isinstance(current, ConfigSection):
        return section.model_copy(update={key: _apply(current, node, f"{prefix}{key}.", problems)})
    if surprise := surprise_in(node):
        _add(problems, surprise.line, f"{prefix}{key} {surprise.message}; the previous value is used")
        return section
    try:
        checked = type(section).model_validate({**section.model_dump(), key: value_of(node)})
    except ValidationError as error:
        what = say(f"{prefix}{key}", error.errors(include_url=False, include_input=False))
        _add(problems, node.line, f"{what[:300]}; the previous value is used")
        return section
    problems.taken.add(f"{prefix}{key}")
    return section.model_copy(update={key: getattr(checked, key)})


def _strictest(base: LimitsConfig, wanted: LimitsConfig, lines: Mapping[str, int], problems: list[YamlProblem]) -> LimitsConfig:
    held: dict[str, float | int | None] = {}
    for name in LimitsConfig.model_fields:
        before, after = getattr(base, name), getattr(wanted, name)
        held[name] = after
        if (inf if after is None else after) > (inf if before is None else before):
            held[name] = before
            shown = "no limit" if after is None else after
            message = f"limits.{name} can only be lowered here: {before} is used, not {shown}"
            _add(problems, lines.get(f"limits.{name}", 0), message)
    return LimitsConfig.model_validate(held)


def _unknown(prefix: str, key: str, known: tuple[str, ...]) -> str:
    shown = f"{prefix}{key}"[:80]
    from rapidfuzz import process

    best = process.extractOne(key, known, score_cutoff=50)
    hint = f'; did you mean "{prefix}{best[0]}"?' if best else f"; known keys: {', '.join(known)}"
    return f'unknown key "{shown}"{hint}'


def _add(problems: list[YamlProblem], line: int, message: str) -> None:
    if len(problems) < MOST_PROBLEMS:
        problems.append(YamlProblem(line, message))


def _line_of(root: Node | None, names: Sequence[str]) -> int:
    """The line of a key, or 0 if it is not set."""
    node, line = root, 0
    for name in names:
        if not isinstance(node, Pairs) or node.tag:
            return 0
        pair = next((pair for pair in node.nodes if isinstance(pair[0], Scalar) and pair[0].text == name), None)
        if pair is None:
            return 0
        line, node = pair[0].line, pair[1]
    return line
