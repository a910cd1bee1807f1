"""Merges the layers of a repository's settings: built-in, this server, organization, repository, and council.yml."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Protocol

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from app.configuration.council_yml import ConfigFile, SharedFile, load, parse
from app.configuration.repository_config import ConfigSection, RepositoryConfig, list_keys_of_file, of_instance
from app.configuration.settings import MoneyCaps, Settings
from app.configuration.yaml_tree import YamlProblem, write_tree
from app.store import repository_settings as store
from app.store.engine.database import Database
from app.store.repository_settings import Change, of_installation, of_repository

BUILT_IN, SERVER, ORGANISATION, REPOSITORY, FILE = "built-in", "this server", "organisation", "repository", "council.yml"
_SEALED = "privacy.encrypt_transcripts"


class HasSettings(Protocol):
    """What reading settings needs."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...


async def stored_levels(services: HasSettings, installation_id: int, repository_id: int) -> RepositoryConfig:
    """What `council.yml` starts from: this server's caps, then the settings of the pages."""
    async with services.database.read() as connection:
        return await read_levels(connection, services.settings, installation_id, repository_id)


async def read_levels(connection: AsyncConnection, settings: Settings, installation_id: int, repository_id: int) -> RepositoryConfig:
    """The same, in an open transaction."""
    texts = [(await store.read_level(connection, scope)).text for scope in (of_installation(installation_id), of_repository(repository_id))]
    return reduce(lambda base, text: parse(text, base)[0], texts, of_instance(settings.caps))


async def month_caps(connection: AsyncConnection, caps: MoneyCaps, installations: Mapping[int, int]) -> dict[int, float | None]:
    """The monthly cap of each repository from this server and its pages, in US dollars. council.yml may lower it.

    `installations` are by repository.
    """
    scopes = {*map(of_repository, installations), *map(of_installation, installations.values())}
    texts, base = await store.texts_of(connection, sorted(scopes)), of_instance(caps)
    found: dict[int, float | None] = {}
    for repository_id, installation_id in installations.items():
        own = [texts[scope] for scope in (of_installation(installation_id), of_repository(repository_id)) if scope in texts]
        found[repository_id] = reduce(lambda above, text: parse(text, above)[0], own, base).limits.month_usd
    return found


async def layers_of(
    services: HasSettings, installation_id: int, repository_id: int, file: str, shared: SharedFile | None = None
) -> "SettingsLayers":
    """All layers of a repository. `file` is the base branch's council.yml, `shared` the one that it extends."""
    async with services.database.read() as connection:
        above = await store.read_level(connection, of_installation(installation_id))
        own = await store.read_level(connection, of_repository(repository_id))
    return SettingsLayers(services.settings.caps, above.text, own.text, file, services.settings.encrypt_transcripts, shared)


@dataclass(frozen=True)
class EffectiveSetting:
    """A key's effective value and its layer; for shared settings the layer is their repository, such as "acme/.github"."""

    key: str
    value: object
    source: str


@dataclass(frozen=True)
class SettingsLayers:
    """The texts of the layers above this server's caps. `file` is the base branch's council.yml, `shared` the one that it extends.

    `sealed` is whether this server always encrypts transcripts, whatever the layers set.
    """

    caps: MoneyCaps
    organisation: str = ""
    repository: str = ""
    file: str = ""
    sealed: bool = False
    shared: SharedFile | None = None

    def effective(self) -> tuple[EffectiveSetting, ...]:
        """Every key, in the order of the design."""
        config, sources = RepositoryConfig(), dict.fromkeys(list_keys_of_file(), BUILT_IN)
        server = of_instance(self.caps)
        for key in list_keys_of_file():
            if effective_setting(server, key) != effective_setting(config, key):
                sources[key] = SERVER
        config = server
        for name, level in self._read_layers():
            repository_config, wanted, understood = level.apply(config)[0], level.apply(_UNBOUND)[0], level.understood(config)
            for key in list_keys_of_file():
                changed = effective_setting(repository_config, key) != effective_setting(config, key)
                # A preference counts for its layer even if it repeats the earlier value. A limit counts for the strictest layer.
                if changed or (
                    key in understood
                    and not key.startswith("limits.")
                    and effective_setting(wanted, key) == effective_setting(repository_config, key)
                ):
                    sources[key] = name
            config = repository_config
        settings = tuple(EffectiveSetting(key, effective_setting(config, key), sources[key]) for key in list_keys_of_file())
        return tuple(
            EffectiveSetting(setting.key, True, SERVER) if self.sealed and setting.key == _SEALED else setting for setting in settings
        )

    def problems(self, level: str) -> tuple[YamlProblem, ...]:
        """The parts of one layer that are not understood, or that try to loosen a limit above it."""
        base = of_instance(self.caps)
        for name, text in ((ORGANISATION, self.organisation), (REPOSITORY, self.repository), (FILE, self.file)):
            file = replace(load(text), shared=self.shared) if name == FILE else load(text)
            base, found = file.apply(base) if text else (base, ())
            if name == level:
                return found
        return ()

    def _read_layers(self) -> tuple[tuple[str, ConfigFile], ...]:
        """The parsed layers that set something, the lowest first, each with its name."""
        layers = [(ORGANISATION, load(self.organisation)), (REPOSITORY, load(self.repository))]
        if self.shared is not None:
            layers.append((self.shared.name, self.shared.file))
        layers.append((FILE, load(self.file)))
        return tuple((name, file) for name, file in layers if file.root is not None)

    def change(self, level: str, text: str) -> tuple[tuple[EffectiveSetting, EffectiveSetting], ...]:
        """What would change, key by key, if a layer had this text: before and after."""
        then = replace(self, organisation=text) if level == ORGANISATION else replace(self, repository=text)
        after = then.effective()
        return tuple((old, new) for old, new in zip(self.effective(), after, strict=True) if old != new)


def effective_setting(config: RepositoryConfig, key: str) -> object:
    """The value of a dotted key, in YAML's types."""
    found: object = config
    for name in key.split("."):
        found = getattr(found, name)
    return _plain(found)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if hasattr(value, "value") else value


def write_setting(values: Mapping[str, object]) -> str:
    """A council.yml that sets these dotted keys, in the order of the design."""
    tree: dict[str, object] = {}
    for key in list_keys_of_file():
        if key in values:
            *above, last = key.split(".")
            node = tree
            for name in above:
                node = node.setdefault(name, {})  # type: ignore[assignment]
            node[last] = values[key]
    return write_tree(tree)


def set_values(text: str) -> dict[str, object]:
    """The dotted keys that one of our texts sets, with their values."""
    level = load(text)
    config, _ = level.apply(_UNBOUND)
    understood = level.understood(_UNBOUND)
    return {key: effective_setting(config, key) for key in list_keys_of_file() if key in understood}


def list_changes(before: str, after: str) -> tuple[Change, ...]:
    """What a log reports when one text replaces another."""
    old, new = set_values(before), set_values(after)
    told = [(key, _told(old, key), _told(new, key)) for key in list_keys_of_file() if key in old or key in new]
    return tuple(Change(*each) for each in told if each[1] != each[2])


def _told(values: Mapping[str, object], key: str) -> str:
    return json.dumps(values[key], ensure_ascii=False) if key in values else ""


def _unbound() -> RepositoryConfig:
    """No limits, so that a text's own values can be read whatever the layers above set."""
    nothing: ConfigSection = RepositoryConfig().limits
    limits = nothing.model_copy(update=dict.fromkeys(type(nothing).model_fields))
    return RepositoryConfig().model_copy(update={"limits": limits})


_UNBOUND = _unbound()
