"""`config`: shows the settings in effect, and where each comes from."""

from collections.abc import Sequence

from app.configuration.council_yml import CONFIG_PATH, load_content, read_shared
from app.configuration.council_yml_problems import find_misplaced, misplaced_names
from app.configuration.settings import Settings
from app.configuration.settings_layers import BUILT_IN, FILE, SERVER, EffectiveSetting, layers_of
from app.councils.model_routes import pool_of
from app.errors import Unavailable
from app.github.blobs import Wanted, contents
from app.reporters.text.markdown import details, table
from app.reporters.text.safety import code, line
from app.work.commands.context import CommandContext
from reviewers.models.vendors import short_names


async def config(context: CommandContext) -> str:
    services, job = context.services, context.job
    names = (CONFIG_PATH, *misplaced_names(CONFIG_PATH))
    wanted = {path: Wanted(context.grounds.origin.base, path, is_text=True) for path in names}
    read = await contents(context.github, context.name, tuple(wanted.values()))
    content = read[wanted[CONFIG_PATH]]
    if content.why:
        raise Unavailable(f"{CONFIG_PATH} could not be read: {content.why}")
    astray = find_misplaced([path for path in names if read[wanted[path]].text is not None], CONFIG_PATH)
    shared = (await read_shared(context.github, context.name, load_content(content))).shared
    levels = await layers_of(services, job.installation_id, job.repository.id, content.text or "", shared)
    rows = [_row(setting, services.settings) for setting in levels.effective()]
    changed, built_in = ([row for row in rows if (row[2] == BUILT_IN) is built] for built in (False, True))
    wrong = "\n".join(f"- {line(problem)}" for problem in (*astray, *map(str, levels.problems(FILE))))
    folded = details(f"{len(built_in)} defaults", _table(built_in))
    return "\n\n".join(part for part in ("### Council: settings here", wrong, _table(changed), folded) if part)


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    return table("| Setting | Value | From |", "|---|---|---|", [(code(key), value, source) for key, value, source in rows])


def _row(value: EffectiveSetting, settings: Settings) -> tuple[str, str, str]:
    """A setting, its value and its source."""
    if value.key == "seats" and not value.value:
        names = _shown(short_names(pool_of(settings)))
        return (value.key, names, SERVER) if settings.seats else (value.key, f"chosen for each change from {names}", BUILT_IN)
    return value.key, _shown(value.value), value.source


def _shown(value: object) -> str:
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, list):
        told = [each.get("paths", each) if isinstance(each, dict) else each for each in value]
        return ", ".join(code(str(each), cell=True) for each in told[:8]) + (" …" if len(told) > 8 else "")
    return code(str(value)[:80], cell=True)
