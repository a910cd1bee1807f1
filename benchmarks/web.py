"""Requests every route as eight people about two tenants: nobody may see or change another tenant's data; measures page times.

A tenant's texts contain a mark; no answer to a person without a role there may contain it, nor a sum over everybody's rows. Paths and
forms name real objects, and a stranger must be refused without learning that they exist. Requests of strangers must change no row.
"""

import asyncio
import gc
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from app.store.repository_settings import Save, of_repository, save_level
from app.store.reviews.runs import know_repository
from app.store.security.sessions import make_admin
from app.web import create_app
from benchmarks.bars import Bar, Count, below, exactly, judged
from benchmarks.deliveries import percentile
from benchmarks.options import Options, progress
from benchmarks.pages import DOWNLOADS, Page, PageTimes, more_of, read, time_pages
from benchmarks.stored import Place, store
from benchmarks.systems import system
from benchmarks.trespass import ADMIN_ONLY, OWNED, Store, is_refused, pattern_of
from tests.app.web.browser import Browser
from tests.system import InProcessSystem
from webhooks.jobs import RepositoryRef

# No round numbers, so that a page with one shows a sum over both tenants.
_P95_MS, _RUNS, _RUNS_SMALL = 50.0, 100_042, 2_042
_ROUNDS, _SLOWEST, _OPERATOR = 40, 12, "operator"
TENANTS = ("acme/shop", "globex/lab")
# A stranger, a forged cookie, a person without a role, the other tenant's admin, and the four roles.
IDENTITIES = ("stranger", "forged", "outsider", "neighbour", "reader", "writer", "maintainer", "admin")
_OUTSIDE, _READS_ONLY = IDENTITIES[:4], IDENTITIES[4]
_ROLES = {"reader": "read", "writer": "write", "maintainer": "maintain", "admin": "admin"}
# For machines: signed, or without any tenant data; signing out would end the identity under test.
_ELSEWHERE = ("/webhooks/github", "/logout", "/logout/everywhere", "/login", "/login/callback", "/static/{name}")


# Forms and questions that name another tenant's object; the part after # selects one of a route's forms.
_FORMS: dict[str, dict[str, str]] = {
    "/ask": {"repository": "{owner}/{name}", "question": "Why is it slow?"},
    "/ask#follows": {"follows": "{consultation_id}", "question": "And now?"},
    "/tokens": {"repository": "{owner}/{name}", "name": "of {owner}"},
    "/repos/{owner}/{name}/pulls/{number:int}/commands": {"command": "pause"},
    "/repos/{owner}/{name}/privacy/delete": {"name": "{owner}/{name}"},
}
_JSON: dict[str, dict[str, object]] = {
    "/api/v1/reviews": {"number": 1},
    "/api/v1/consultations": {"question": "Why is it slow?"},
    "/api/v1/consultations#follows": {"question": "And now?", "follows": "{consultation_id}"},
}
_MORE = (
    *(("GET", f"/runs?{query}") for query in ("repository={owner}/{name}", "q=retry", "state=published")),
    *(("GET", f"{path}?repository={{owner}}/{{name}}") for path in ("/insights", "/ask")),
    *(("GET", f"/api/v1/{query}") for query in ("search?q=retry", "search?q=slow", "runs?state=published")),
    *(("POST", path) for path in (*_FORMS, *_JSON) if "#" in path),
)
# Sums over everybody, for the operators: behind a separate token if one is set, and without names of repositories.
_OPERATORS = ("/metrics",)
# Routes that delete something come last.
_LAST = ("/tokens/{token_id}/revoke", "/repos/{owner}/{name}/privacy/delete")


class Asked(NamedTuple):
    """`leaked` means that the answer contained data of a tenant in which the asker has no role, `shown` that it contained the tenant's."""

    method: str
    path: str
    identity: str
    tenant: str
    status: int
    refused: bool
    leaked: bool
    shown: bool
    milliseconds: float


@dataclass
class _Tenant:
    name: str
    repository_id: int
    installation_id: int
    mark: str
    people: dict[str, Browser] = field(default_factory=dict)
    token: str = ""
    token_id: str = ""


def run(options: Options) -> dict[str, object]:
    asked, changes, routes, stored, pages = asyncio.run(_measure(options))
    outside = [each for each in asked if each.identity in _OUTSIDE]
    served = [each for each in asked if each.method == "GET" and each.status == 200]
    times = [each.milliseconds for each in served if each.path not in DOWNLOADS]
    addressed = [each for each in outside if _is_owned(each)]
    let_in = [each for each in addressed if not each.refused]
    leaks = [each for each in asked if each.leaked and each.path not in _OPERATORS]
    told = [f"{leak.method} {leak.path} told {leak.identity} of {leak.tenant}" for leak in leaks]
    told += [f"{each.method} {each.path} answered {each.identity} {each.status} about {each.tenant}" for each in let_in]
    told += [f"{identity} changed {what}" for identity, what in changes]
    writers = [each for each in asked if each.identity == "writer" and ADMIN_ONLY.search(f"{each.method} {each.path}")]
    reader = [each for each in asked if each.identity == _READS_ONLY and each.path not in _OPERATORS]
    shown = {(each.method, each.path) for each in asked if each.shown and each.identity == "admin"}
    measured: dict[str, object] = {
        "database": options.database,
        "routes": routes,
        "identities": len(IDENTITIES),
        "tenants": len(TENANTS),
        "requests": len(asked),
        "runs_stored": stored,
        "cross_tenant": len(leaks) + len(let_in) + len(changes),
        "leaks": told[:10],
        "refused": len(addressed) - len(let_in),
        "overreach": sum(not writer.refused for writer in writers) + sum(each.shown for each in reader),
        "shown_to_admin": len(shown),
        "server_errors": sum(each.status >= 500 for each in asked),
        "reader_changed": sum(each.method == "POST" and _is_owned(each) and not each.refused for each in reader),
        "served": len(served),
        "p50_ms": round(percentile(times, 0.5), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "pages": len(pages.p95),
        "slowest": dict(list(pages.p95.items())[:_SLOWEST]),
        "cpu_ms": dict(list(pages.cpu.items())[:_SLOWEST]),
    }
    admins = [each for each in asked if each.identity == "admin"]
    # If nobody saw a mark, the figure for people without access would prove nothing.
    counts = (
        Count("routes", routes, 40, small=40),
        Count("addressed", len(addressed), 200, small=200),
        Count("shown_to_admin", len(shown), 12, small=12),
        Count("tenants_shown", len({admin.tenant for admin in admins if admin.shown}), len(TENANTS), small=len(TENANTS)),
        Count("api_served", sum(admin.path.startswith("/api/v1/") and admin.status < 300 for admin in admins), 10, small=10),
        Count("runs_stored", stored, 10_000, small=1_000, asked=True),
    )
    zero = ("cross_tenant", "server_errors", "reader_changed", "overreach")
    slowest = max([percentile(times, 0.95), *pages.p95.values()])
    bars = [Bar(name, float(str(measured[name])), exactly(0), counts) for name in zero]
    return judged(options, measured, [*bars, Bar("p95_ms", slowest, below(_P95_MS, small=200 * _P95_MS), counts)])


def _is_owned(asked: Asked) -> bool:
    """Whether it names a tenant's object. A token's request about its repository does not, and a filter with a name is harmless."""
    return bool(OWNED.search(asked.path.partition("?")[0]) or (asked.method == "POST" and asked.path in _FORMS))


async def _measure(options: Options) -> tuple[list[Asked], list[tuple[str, str]], int, int, PageTimes]:
    async with system(options) as built:
        tenants = [await _tenant(built, name) for name in TENANTS]
        stored = options.n or (_RUNS_SMALL if options.small else _RUNS)
        progress(f"storing {stored:,} runs")
        places = [Place(each.installation_id, each.repository_id, each.name, each.mark) for each in tenants]
        await store(built.services.database, places, stored, built.services.clock())
        await _sign_in(built, tenants)
        routes = list(_routes(built))
        # As the web process does (app/web/server.py). Here, a full collection would also look at the sandbox and at what was stored.
        gc.collect()
        gc.freeze()
        pages = await _pages(built, tenants[0], routes, 4 if options.small else _ROUNDS)
        progress(f"{len(routes)} routes, {len(IDENTITIES)} people, {len(tenants)} tenants")
        await _give_tokens(built, tenants)
        asked, changes = list[Asked](), list[tuple[str, str]]()
        ordered = sorted([*routes, *_MORE], key=lambda route: route[1] in _LAST)
        totals = await _store(built).totals()
        for identity, tenant in itertools.product(IDENTITIES, tenants):
            # A person without a role in a tenant, or with read access only, leaves every row of it unchanged.
            watched = [each for each in tenants if identity in (*_OUTSIDE, _READS_ONLY) or each is not tenant]
            watched = [each for each in watched if identity != "neighbour" or each is tenant]
            before = [await _store(built).held_of(each.repository_id, each.installation_id) for each in watched]
            foreign = pattern_of([each.mark for each in watched if identity != _READS_ONLY or each is not tenant], list(totals.values()))
            for method, path in ordered:
                if identity == "maintainer" and path in _LAST:
                    # They may do it, but the admin still has to be shown the data.
                    continue
                asked.append(await _ask(tenant, identity, (method, path), foreign, _token(identity, tenant, tenants)))
            after = [await _store(built).held_of(each.repository_id, each.installation_id) for each in watched]
            changes += [
                (identity, f"{name} of {each.name}")
                for each, one, two in zip(watched, before, after, strict=True)
                for name in one
                if one[name] != two[name]
            ]
        for browser in {id(person): person for tenant in tenants for person in tenant.people.values()}.values():
            await browser.close()
        return asked, changes, len(routes), stored, pages


async def _pages(built: InProcessSystem, tenant: _Tenant, routes: list[tuple[str, str]], rounds: int) -> PageTimes:
    """Every page as seen by an operator who administers the first tenant's repository."""
    world = built.sandbox.world
    world.repository(tenant.name).add_collaborator(_OPERATOR, "admin")
    async with built.services.database.write() as connection:
        await make_admin(connection, world.user(_OPERATOR).id, _OPERATOR, built.services.clock())
    browser = Browser(built.url, built.sandbox)
    await browser.sign_in(_OPERATOR)
    shown = [Page(path, _filled(path, tenant)) for method, path in routes if method == "GET" and path not in DOWNLOADS]
    found = await time_pages(browser, [*shown, *more_of(tenant.name)], rounds)
    await browser.close()
    return found


async def _tenant(built: InProcessSystem, name: str) -> _Tenant:
    """A private repository with people of every role, and a mark in the data of its pages."""
    world, owner = built.sandbox.world, name.partition("/")[0]
    found = world.repositories.get(name) or world.create_repository(name, private=True)
    found.private = True
    for who, role in _ROLES.items():
        found.add_collaborator(f"{owner}-{who}", role)
    installation = world.installation_of(found)
    assert installation
    mark = f"mark-of-{owner}-{built.services.new_id()[-12:]}"
    async with built.services.database.write() as connection:
        await know_repository(connection, installation.id, RepositoryRef(id=found.id, full_name=name))
        wanted = Save(of_repository(found.id), f"review:\n  instructions: {mark}\n", 0, f"{owner}-admin", ())
        await save_level(connection, wanted, [], built.services.clock())
    return _Tenant(name, found.id, installation.id, mark)


async def _sign_in(built: InProcessSystem, tenants: list[_Tenant]) -> None:
    built.sandbox.world.user("outsider")
    for tenant in tenants:
        for identity in IDENTITIES:
            browser = tenant.people[identity] = Browser(built.url, built.sandbox)
            if identity == "forged":
                browser.client.cookies.set("council-session", "A" * 43, domain="127.0.0.1")
                browser.csrf = "A" * 43
        owner, other = (each.name.partition("/")[0] for each in (tenant, next(each for each in tenants if each is not tenant)))
        logins = {"outsider": "outsider", "neighbour": f"{other}-admin"} | {role: f"{owner}-{role}" for role in _ROLES}
        for identity, login in logins.items():
            await tenant.people[identity].sign_in(login)
            # The first page asks GitHub for this person's access, which is not part of a page's time.
            await tenant.people[identity].get("/")


def _routes(built: InProcessSystem) -> Iterator[tuple[str, str]]:
    """Every method and path of the served application."""
    # An included router keeps its routes to itself in FastAPI 0.165.
    for listed in create_app(built.settings).routes:
        for route in getattr(getattr(listed, "original_router", None), "routes", (listed,)):
            path = str(getattr(route, "path", ""))
            if path and path not in _ELSEWHERE:
                for method in sorted(set(getattr(route, "methods", None) or ()) - {"HEAD", "OPTIONS"}):
                    yield method, path


async def _give_tokens(built: InProcessSystem, tenants: list[_Tenant]) -> None:
    """A personal token of each tenant's admin for its repository."""
    for tenant in tenants:
        answer = await tenant.people["admin"].post("/tokens", {"repository": tenant.name, "name": "mine"})
        found = re.search(r"council_[\w-]{20,}", answer.text)
        assert found, answer.text
        tenant.token, tenant.token_id = found[0], await _store(built).token_of(tenant.repository_id)


def _token(identity: str, tenant: _Tenant, tenants: list[_Tenant]) -> str:
    """The token of a request about a tenant: an administrator's own, a neighbor's for their own tenant, or a forged one."""
    other = next(each for each in tenants if each is not tenant)
    return {"admin": tenant.token, "neighbour": other.token, "forged": f"council_{'A' * 43}"}.get(identity, "")


async def _ask(tenant: _Tenant, identity: str, route: tuple[str, str], foreign: "re.Pattern[str]", token: str) -> Asked:
    method, path = route
    browser, address = tenant.people[identity], _filled(path.partition("#")[0], tenant)
    headers = {"origin": browser.url, "sec-fetch-site": "same-origin"}
    if path.startswith("/api/v1") and token:
        headers["authorization"] = f"Bearer {token}"
    started = time.perf_counter()
    if method == "GET":
        answer, body = await read(browser, address, headers)
    elif path in _JSON:
        said = {name: _filled(value, tenant) if isinstance(value, str) else value for name, value in _JSON[path].items()}
        answer = await browser.client.request(method, browser.url + address, json=said, headers=headers)
        body = answer.text
    else:
        form = {"csrf": browser.csrf, "version": "1", "review-language": "de"}
        form |= {name: _filled(value, tenant) for name, value in _FORMS.get(path, {}).items()}
        answer = await browser.client.request(method, browser.url + address, data=form, headers=headers)
        body = answer.text
    took = (time.perf_counter() - started) * 1000
    refused = is_refused(answer.status_code, answer.headers.get("location", ""))
    leaked, shown = bool(foreign.search(body)), tenant.mark in body
    return Asked(method, path, identity, tenant.name, answer.status_code, refused, leaked, shown, took)


def _filled(path: str, tenant: _Tenant) -> str:
    owner, name = tenant.name.split("/")
    index = TENANTS.index(tenant.name)
    known = {"owner": owner, "name": name, "repo": name, "installation_id": str(tenant.installation_id)}
    known |= {"repository_id": str(tenant.repository_id), "run_id": f"run{index:08d}", "number": "1"}
    # As `stored` numbers them: runs alternate between the tenants, and the fifth and sixth of ten have a question.
    known |= {"consultation_id": f"asked{4 + index:08d}", "job_id": f"job{index:08d}", "guid": f"guid{index:08d}"}
    known |= {"token_id": tenant.token_id or "1", "provider": "openai", "kind": "slack", "table": "cost-by-model", "sums": "months"}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda hole: known.get(hole[1], "1"), path)


def _store(built: InProcessSystem) -> Store:
    return Store(built.settings.database_url, built.settings.data)
