"""The page of a repository's suggested rules: open one as a pull request on GitHub, dismiss it, or take that back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.configuration.council_yml import CONFIG_PATH, load
from app.configuration.settings_layers import layers_of
from app.configuration.suggested_change import AGENTS_PATH, FileChange, RepositoryTexts, change_for
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.store.reviews import suggested_rules as store
from app.store.reviews.suggested_rules import RuleDecision, RuleState
from app.store.security import audit
from app.web.errors import Conflict, Hidden
from app.web.pages import render
from app.web.repository_texts import CouncilYmlTexts, read_council_yml, read_text
from app.web.viewer import SignedIn, Viewer
from app.web.views.suggested_rules import editor_url, list_settled, list_shown, list_suggestions
from reviewers.learning.suggested_rules import SuggestedRule, suggest_rules

router = APIRouter()
_STATES = {"open": RuleState.OPENED, "dismiss": RuleState.DISMISSED}
_DONE = {"dismiss": "Dismissed. It comes back only with new evidence.", "withdraw": "Its evidence counts again."}
_GONE = "This suggestion is gone: someone else opened or dismissed it, or the file or the decisions changed. Reload the page."


@router.get("/repos/{owner}/{name}/suggestions")
async def suggestions(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """The suggested rules of a repository, for people with write access."""
    repository = await viewer.repository(f"{owner}/{name}", Permission.WRITE)
    file = await read_council_yml(viewer, repository.full_name)
    rules, parsed = await _changes(viewer, repository, file), load(file.own)
    async with viewer.services.database.read() as connection:
        links = await store.find_links(connection, repository.id, [finding for rule in rules for finding in list_shown(rule)])
        decisions = await store.list_rule_decisions(connection, repository.id)
    return render(
        request,
        "suggestions.html",
        repository=repository.full_name,
        suggestions=list_suggestions(rules, links),
        decisions=list_settled(decisions),
        unreadable=parsed.root is None and bool(parsed.problems),
        config_path=CONFIG_PATH,
        done=_DONE.get(request.query_params.get("done", ""), ""),
    )


@router.post("/repos/{owner}/{name}/suggestions")
async def decide(request: Request, viewer: SignedIn, owner: str, name: str) -> Response:
    """Open a suggested rule in GitHub's editor, dismiss it, or take either back. The form has the rule's key."""
    form = await viewer.form(request)
    repository = await viewer.repository(f"{owner}/{name}", Permission.WRITE)
    action, key = form["action"], form["key"]
    if action == "withdraw":
        return await _withdraw(viewer, repository, key)
    if action not in _STATES:
        raise Hidden
    rules = await _changes(viewer, repository, await read_council_yml(viewer, repository.full_name))
    rule = next((rule for rule in rules if rule.key == key), None)
    if rule is None:
        raise Conflict(_GONE)
    evidence = tuple(finding.id for finding in rule.evidence)
    decision = RuleDecision(rule.key, _STATES[action], viewer.login, evidence, viewer.services.clock())
    async with viewer.services.database.write() as connection:
        if not await store.save_rule_decision(connection, repository.id, decision):
            raise Conflict(_GONE)
        await audit.record_event(connection, _event(viewer, repository, f"suggested rule {decision.state}", rule.key))
    if action == "open":
        address = viewer.services.settings.github_web_url
        return RedirectResponse(editor_url(address, repository.full_name, repository.default_branch, rules[rule]), 303)
    return _back(repository, action)


async def _withdraw(viewer: Viewer, repository: SeenRepository, key: str) -> Response:
    async with viewer.services.database.write() as connection:
        if not await store.withdraw_rule_decision(connection, repository.id, key.replace("\x00", "")):
            raise Conflict(_GONE)
        await audit.record_event(connection, _event(viewer, repository, "suggested rule taken back", key[:200]))
    return _back(repository, "withdraw")


async def _changes(viewer: Viewer, repository: SeenRepository, file: CouncilYmlTexts) -> dict[SuggestedRule, FileChange]:
    """The suggested rules that are not in effect yet, each with its change."""
    services = viewer.services
    async with services.database.read() as connection:
        decided = await store.list_decided(connection, repository.id, services.clock())
        decisions = await store.list_rule_decisions(connection, repository.id)
    rules = suggest_rules(decided, [used for decision in decisions for used in decision.evidence])
    if not rules:
        return {}
    layers = await layers_of(services, repository.installation_id, repository.id, file.own, file.shared)
    settings = {setting.key: setting.value for setting in layers.effective()}
    texts = RepositoryTexts(file.own, await read_text(viewer, repository.full_name, AGENTS_PATH), settings)
    return {rule: change for rule in rules if (change := change_for(rule, texts)) is not None}


def _event(viewer: Viewer, repository: SeenRepository, action: str, key: str) -> audit.Event:
    return audit.Event(viewer.services.clock(), viewer.login, viewer.address, action, repository.full_name, key)


def _back(repository: SeenRepository, done: str) -> Response:
    return RedirectResponse(f"/repos/{repository.full_name}/suggestions?done={done}", 303)
