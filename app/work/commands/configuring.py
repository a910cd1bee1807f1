"""`config`: the settings that hold here, and where each comes from."""

from collections.abc import Sequence

from app.github.blobs import Wanted, contents
from app.github.config_file import parse
from app.github.origin import origin_of
from app.github.pull_request import CONFIG_PATH
from app.github.repository_config import RepositoryConfig, of_instance, places
from app.reporters.markdown import details, table
from app.reporters.safety import code, line
from app.services.seating import short_names
from app.services.ways import names_of
from app.work.commands.desk import Desk

_DEFAULT, _FILE, _SERVER = "default", "`.github/council.yml`", "this server"


async def config(desk: Desk) -> str:
    origin = await origin_of(desk.github, desk.name, desk.job.number)
    wanted = Wanted(origin.base, CONFIG_PATH)
    found = (await contents(desk.github, desk.name, (wanted,))).get(wanted)
    base = of_instance(desk.workshop.settings.caps)
    held, problems = parse((found.text if found else "") or "", base)
    rows = [_row(place, (RepositoryConfig(), base, held), desk) for place in places()]
    changed, built_in = ([row for row in rows if (row[2] == _DEFAULT) is default] for default in (False, True))
    wrong = "\n".join(f"- {line(str(problem))}" for problem in problems)
    folded = details(f"{len(built_in)} defaults", _table(built_in))
    return "\n\n".join(part for part in ("### Council: settings here", wrong, _table(changed), folded) if part)


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    return table("| Setting | Value | From |", "|---|---|---|", [(code(place), value, origin) for place, value, origin in rows])


def _row(place: str, levels: tuple[RepositoryConfig, RepositoryConfig, RepositoryConfig], desk: Desk) -> tuple[str, str, str]:
    """A setting, its value and the last level that changed it; levels go from the defaults to the file."""
    built_in, base, held = (_value(level, place) for level in levels)
    if place == "seats" and not held:
        settings = desk.workshop.settings
        return place, _shown(tuple(short_names(names_of(settings)))), _SERVER if settings.seats else _DEFAULT
    return place, _shown(held), _FILE if held != base else _SERVER if base != built_in else _DEFAULT


def _value(config: RepositoryConfig, place: str) -> object:
    value: object = config
    for name in place.split("."):
        value = getattr(value, name)
    return value


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(code(str(getattr(each, "paths", each)), cell=True) for each in value[:8]) + (" …" if len(value) > 8 else "")
    return code(str(value)[:80], cell=True)
