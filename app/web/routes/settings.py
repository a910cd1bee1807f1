"""The settings pages of a repository and an organization: current values, their sources, and a preview of changes."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.configuration import settings_layers
from app.configuration.repository_config import list_keys_of_file
from app.configuration.settings_layers import ORGANISATION, REPOSITORY, SettingsLayers
from app.configuration.yaml_tree import UnreadableYaml, read_tree, surprise_in, value_of
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.store import repository_settings as store
from app.store.repository_settings import Save, Stale, of_installation, of_repository
from app.store.security import audit
from app.store.spending import typical_costs
from app.web.errors import Conflict, NotAllowed
from app.web.fields import FIELDS, GROUPS, MANY, Field, FieldType, form_text, parse_form_text
from app.web.pages import render
from app.web.repository_texts import read_council_yml
from app.web.security import SubmittedForm
from app.web.viewer import SignedIn, Viewer
from app.web.views.channels import channel_facts

router = APIRouter()
_FIELDS_BY_KEY = {field.key: field for field in FIELDS}
# The shown names of the sources of a value.
_SOURCES = {
    settings_layers.BUILT_IN: "default",
    settings_layers.SERVER: "this server",
    settings_layers.ORGANISATION: "organization settings",
    settings_layers.REPOSITORY: "repository settings",
    settings_layers.FILE: ".github/council.yml",
}


@dataclass(frozen=True)
class SettingsScope:
    """The scope of a settings page: `level` is the level that it changes, `above` the scope of the repository's organization."""

    title: str
    path: str
    level: str
    scope: str
    levels: SettingsLayers
    version: int
    may_change: bool
    above: str = ""

    @property
    def text(self) -> str:
        """The values that this level sets."""
        return self.levels.organisation if self.level == ORGANISATION else self.levels.repository


@router.get("/repos/{owner}/{name}/settings")
async def repository_settings(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """A repository's settings."""
    return await settings_page(request, viewer, await repository_place(viewer, f"{owner}/{name}"))


@router.post("/repos/{owner}/{name}/settings")
async def change_repository_settings(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """Preview a change, or save it."""
    await viewer.repository(f"{owner}/{name}", Permission.ADMIN)
    form = await viewer.form(request)
    return await _change(request, viewer, await repository_place(viewer, f"{owner}/{name}"), form)


@router.get("/installations/{installation_id:int}/settings")
async def organisation_settings(request: Request, viewer: SignedIn, installation_id: int) -> Response:
    """An organization's settings, the defaults of its repositories."""
    return await settings_page(request, viewer, await organisation_place(viewer, installation_id))


@router.post("/installations/{installation_id:int}/settings")
async def change_organisation_settings(request: Request, viewer: SignedIn, installation_id: int) -> Response:
    """Preview a change, or save it."""
    place = await organisation_place(viewer, installation_id)
    if not place.may_change:
        raise NotAllowed("Only people who administer every repository of this installation can change this.")
    return await _change(request, viewer, place, await viewer.form(request))


async def repository_place(viewer: Viewer, full_name: str) -> SettingsScope:
    """A repository's scope, for people with read access."""
    repository = await viewer.repository(full_name)
    file = await read_council_yml(viewer, repository.full_name)
    async with viewer.services.database.read() as connection:
        above = await store.read_level(connection, of_installation(repository.installation_id))
        own = await store.read_level(connection, of_repository(repository.id))
    server, above_scope = viewer.services.settings, of_installation(repository.installation_id)
    all_levels = SettingsLayers(server.caps, above.text, own.text, file.own, server.encrypt_transcripts, file.shared)
    path, may = f"/repos/{repository.full_name}/settings", repository.permission >= Permission.ADMIN
    return SettingsScope(repository.full_name, path, REPOSITORY, of_repository(repository.id), all_levels, own.version, may, above_scope)


async def organisation_place(viewer: Viewer, installation_id: int) -> SettingsScope:
    """An organization's scope, for people with write access to one of its repositories."""
    repositories = await viewer.installation(installation_id)
    if all(repository.permission < Permission.WRITE for repository in repositories):
        raise NotAllowed("Only people with write access to a repository of this installation can see this.")
    scope = of_installation(installation_id)
    async with viewer.services.database.read() as connection:
        own = await store.read_level(connection, scope)
    may = await administers(viewer, installation_id, repositories)
    title, path = repositories[0].full_name.partition("/")[0], f"/installations/{installation_id}/settings"
    server = viewer.services.settings
    own_levels = SettingsLayers(server.caps, own.text, sealed=server.encrypt_transcripts)
    return SettingsScope(title, path, ORGANISATION, scope, own_levels, own.version, may)


async def administers(viewer: Viewer, installation_id: int, found: tuple[SeenRepository, ...]) -> bool:
    """Whether a person has admin access to every known repository of an installation.

    The App has no permission to read an organization's members. This check is the closest to being an owner.
    """
    from app.store.deletion.retention import repositories_of

    async with viewer.services.database.read() as connection:
        known = await repositories_of(connection, installation_id)
    mine = {repository.id for repository in found if repository.administers}
    return bool(mine) and all(repository.administers for repository in found) and mine.issuperset(known)


def _seats(named: tuple[str, ...], pool: Sequence[str]) -> str:
    """The models used if none are named. Workers report which can be called, because the web process has no keys."""
    if named:
        return f"{', '.join(named)} (this server's list)"
    return f"chosen for each change from {', '.join(pool)}" if pool else "none: this server has no key for a model"


async def settings_page(request: Request, viewer: Viewer, place: SettingsScope, **more: object) -> Response:
    """The page, with the result of a submitted form."""
    async with viewer.services.database.read() as connection:
        log = await store.list_changes_of(connection, place.scope)
        costs = await typical_costs.list_typical_costs(connection)
    values = {value.key: value for value in place.levels.effective()}
    own = {key: display_value(value) for key, value in settings_layers.set_values(place.text).items()}
    facts = {
        "place": place,
        **await channel_facts(viewer.services, place, request.query_params.get("channel", "")),
        "groups": GROUPS,
        "values": values,
        "shown": display_value,
        "own": own,
        "log": [(changed, _told(changed.change.before), _told(changed.change.after)) for changed in log],
        "file_problems": place.levels.problems(settings_layers.FILE),
        "unset": {"seats": _seats(viewer.services.settings.seats, [cost.name for cost in costs if cost.kind == "model" and cost.pooled])},
        "sources": _SOURCES,
        "vendors": sorted({cost.name.partition("/")[0] for cost in costs if cost.kind == "model"}),
        "errors": {},
        "preview": None,
        "diff": (),
        "more": _more(place),
        "models": [(cost, cost.retired(viewer.services.clock())) for cost in costs if cost.kind == "model"],
        "presets": [cost for cost in costs if cost.kind == "preset"],
        "saved": request.query_params.get("saved") == "1",
        "copy": settings_layers.write_setting(
            {key: value.value for key, value in values.items() if value.source != settings_layers.BUILT_IN}
        ),
    }
    status = 422 if more.get("errors") or more.get("channel_problem") else 200
    return render(request, "settings.html", status=status, **{**facts, **more})


def _more(place: SettingsScope) -> tuple[str, str] | None:
    """The address and name of the related page."""
    name, title = ("keys", "Provider keys") if place.level == ORGANISATION else ("privacy", "Privacy")
    return (place.path.replace("/settings", f"/{name}"), title) if place.may_change else None


async def _change(request: Request, viewer: Viewer, place: SettingsScope, form: SubmittedForm) -> Response:
    given = {field.key: sent for field in FIELDS if (sent := _sent(form, field, place)).strip()}
    text, errors = _text(given)
    # A value that tries to loosen the level above is an error here, because a person can read and correct it.
    would = SettingsLayers(place.levels.caps, *((text, "") if place.level == ORGANISATION else (place.levels.organisation, text)))
    for problem in would.problems(place.level):
        key = next((key for key in sorted(list_keys_of_file(), key=len, reverse=True) if problem.message.startswith(f"{key} ")), "seats")
        errors.setdefault(key, _FIELDS_BY_KEY[key].explain(problem.message.replace("; the previous value is used", "")))
    if errors:
        return await settings_page(request, viewer, place, errors=errors, own=given)
    if "preview" in form:
        diff = _diff(settings_layers.write_setting(settings_layers.set_values(place.text)), text)
        return await settings_page(request, viewer, place, own=given, preview=place.levels.change(place.level, text), diff=diff)
    seen = int(form["version"]) if form["version"].isdigit() else -1
    await _save(viewer, place, text, seen)
    return RedirectResponse(f"{place.path}?saved=1", 303)


def _sent(form: SubmittedForm, field: Field, place: SettingsScope) -> str:
    """A field's submitted text, a list as lines. Earlier values keep their order, because the first model is the chair."""
    if field.kind not in MANY:
        return form[field.name]
    lines = list(dict.fromkeys(line.strip() for text in form.all(field.name) for line in text.splitlines() if line.strip()))
    before = display_value(settings_layers.set_values(place.text).get(field.key, [])).split("\n")
    return "\n".join(sorted(lines, key=lambda line: before.index(line) if line in before else len(before)))


def _diff(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """The diff of council.yml as lines, each with its mark: "+", "-" or " "."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return tuple((line[0], line[2:]) for line in lines if line[0] != "?")


async def _save(viewer: Viewer, place: SettingsScope, text: str, seen: int) -> None:
    services, changes = viewer.services, settings_layers.list_changes(place.text, text)
    if seen == place.version and not changes:
        return
    try:
        async with services.database.write() as connection:
            wanted = Save(place.scope, text, seen, viewer.login, changes)
            await store.save_level(connection, wanted, [services.new_id() for _ in changes], services.clock())
            keys = ", ".join(change.key for change in changes)
            await audit.record_event(
                connection, audit.Event(services.clock(), viewer.login, viewer.address, "settings changed", place.title, keys)
            )
    except Stale:
        raise Conflict(
            "Someone else saved these settings after you opened the page. Your changes were not saved. Reload the page and try again."
        ) from None


def _text(given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A council.yml of a form's values, and the problems in it."""
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for field in FIELDS:
        if field.key not in given:
            continue
        try:
            values[field.key] = _rules(given[field.key]) if field.kind is FieldType.RULES else parse_form_text(field, given[field.key])
        except ValueError as error:
            errors[field.key] = f"{field.label}: {error}"
    return settings_layers.write_setting(values), errors


def _rules(text: str) -> object:
    """The parsed YAML of a form. Raises ValueError with the line."""
    try:
        node = read_tree(text)
        surprise = surprise_in(node) if node else None
    except UnreadableYaml as error:
        raise ValueError(str(error.problem)) from error
    if surprise:
        raise ValueError(str(surprise))
    return value_of(node) if node else None


def display_value(value: object) -> str:
    """A value as people read and enter it."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "\n".join(f"- paths: {json.dumps(each['paths'])}\n  text: {json.dumps(each['text'], ensure_ascii=False)}" for each in value)
    return form_text(value)


def _told(text: str) -> str:
    return display_value(json.loads(text)) if text else "not set"
