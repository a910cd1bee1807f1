"""Every route, asked by eight people about two tenants: does anybody learn or change what is not theirs, and how fast is a page?

A tenant's texts carry a mark; whoever has no role there may find it in no answer. What strangers sent must have changed nothing.
"""

import asyncio
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import text

from app.sandbox.house import House
from app.store.repository_settings import Save, of_repository, save
from app.store.runs import know_repository
from app.store.sessions import make_admin
from app.web import create_app
from benchmarks.deliveries import percentile
from benchmarks.houses import house
from benchmarks.options import Options, progress
from benchmarks.pages import DOWNLOADS, Page, more_of, p95_by_page, read
from benchmarks.stored import Place, store
from tests.app.web.browser import Browser
from webhooks.jobs import RepositoryRef

_P95_MS, _RUNS = 50.0, 100_000
_ROUNDS, _SLOWEST, _OPERATOR = 40, 12, "operator"
TENANTS = ("acme/shop", "globex/lab")
# A stranger, a forged cookie, somebody without a role, the other tenant's admin, and the four roles.
IDENTITIES = ("stranger", "forged", "outsider", "neighbour", "reader", "writer", "maintainer", "admin")
_OUTSIDE, _READS_ONLY = IDENTITIES[:4], IDENTITIES[4]
_ROLES = {"reader": "read", "writer": "write", "maintainer": "maintain", "admin": "admin"}
# Machines' own: signed, or without anything of a tenant; signing out would end the identity under test.
_ELSEWHERE = ("/webhooks/github", "/logout", "/logout/everywhere", "/login", "/login/callback", "/static/{name}")


class Asked(NamedTuple):
    method: str
    path: str
    identity: str
    tenant: str
    status: int
    leaked: bool
    milliseconds: float


@dataclass
class _Tenant:
    name: str
    repository_id: int
    installation_id: int
    mark: str
    people: dict[str, Browser] = field(default_factory=dict)


def run(options: Options) -> dict[str, object]:
    asked, changed, routes, stored, pages = asyncio.run(_measure(options))
    outside = [each for each in asked if each.identity in _OUTSIDE]
    served = [each for each in asked if each.method == "GET" and each.status == 200]
    times = [each.milliseconds for each in served if each.path not in DOWNLOADS]
    leaks = [each for each in outside if each.leaked]
    told = [f"{each.method} {each.path} told {each.identity} of {each.tenant}" for each in leaks]
    measured: dict[str, object] = {
        "database": options.database,
        "routes": routes,
        "identities": len(IDENTITIES),
        "tenants": len(TENANTS),
        "requests": len(asked),
        "runs_stored": stored,
        "cross_tenant": len(leaks) + changed,
        "leaks": told[:10],
        "server_errors": sum(each.status >= 500 for each in asked),
        "reader_changed": sum(each.identity == _READS_ONLY and each.method == "POST" and each.status < 400 for each in asked),
        "served": len(served),
        "p50_ms": round(percentile(times, 0.5), 1),
        "p95_ms": round(percentile(times, 0.95), 1),
        "pages": len(pages),
        "slowest": dict(list(pages.items())[:_SLOWEST]),
    }
    zero = ("cross_tenant", "server_errors", "reader_changed")
    missed = [name for name in zero if measured[name]]
    # Were nobody shown a mark, the figure of those who may not see it would say nothing.
    missed += [] if {each.tenant for each in asked if each.leaked and each.identity == "admin"} == set(TENANTS) else ["shown_to_admin"]
    slow = [name for name, took in pages.items() if took >= _P95_MS]
    late = not options.small and (not times or percentile(times, 0.95) >= _P95_MS or slow)
    return measured | {"failed": missed + (["p95_ms"] if late else [])}


async def _measure(options: Options) -> tuple[list[Asked], int, int, int, dict[str, float]]:
    async with house(options) as built:
        tenants = [await _tenant(built, name) for name in TENANTS]
        stored = options.n or (2_000 if options.small else _RUNS)
        progress(f"storing {stored:,} runs")
        places = [Place(each.installation_id, each.repository_id, each.name, each.mark) for each in tenants]
        await store(built.workshop.database, places, stored, built.workshop.clock())
        await _sign_in(built, tenants)
        routes = list(_routes(built))
        pages = await _pages(built, tenants[0], routes, 4 if options.small else _ROUNDS)
        progress(f"{len(routes)} routes, {len(IDENTITIES)} people, {len(tenants)} tenants")
        before = await _state(built)
        asked, changed = [], 0
        # Whoever has a role comes last, for they may change what is compared.
        for identity, tenant, (method, path) in itertools.product(IDENTITIES, tenants, routes):
            if identity == _READS_ONLY and not changed:
                changed = int(await _state(built) != before)
            asked.append(await _ask(tenant, identity, method, path))
        for browser in {id(each): each for tenant in tenants for each in tenant.people.values()}.values():
            await browser.close()
        return asked, changed, len(routes), stored, pages


async def _pages(built: House, tenant: _Tenant, routes: list[tuple[str, str]], rounds: int) -> dict[str, float]:
    """Every page as one sees it who runs the server, and administers the first tenant's repository."""
    world = built.sandbox.world
    world.repository(tenant.name).add_collaborator(_OPERATOR, "admin")
    async with built.workshop.database.write() as connection:
        await make_admin(connection, world.user(_OPERATOR).id, _OPERATOR, built.workshop.clock())
    browser = Browser(built.url, built.sandbox)
    await browser.sign_in(_OPERATOR)
    shown = [Page(path, _filled(path, tenant)) for method, path in routes if method == "GET" and path not in DOWNLOADS]
    found = await p95_by_page(browser, [*shown, *more_of(tenant.name)], rounds)
    await browser.close()
    return found


async def _tenant(built: House, name: str) -> _Tenant:
    """A private repository with people of every role, and a mark in what its pages show."""
    world, owner = built.sandbox.world, name.partition("/")[0]
    found = world.repositories.get(name) or world.create_repository(name, private=True)
    found.private = True
    for who, role in _ROLES.items():
        found.add_collaborator(f"{owner}-{who}", role)
    installation = world.installation_of(found)
    assert installation
    mark = f"mark-of-{owner}-{built.workshop.new_id()[-12:]}"
    async with built.workshop.database.write() as connection:
        await know_repository(connection, installation.id, RepositoryRef(id=found.id, full_name=name))
        wanted = Save(of_repository(found.id), f"review:\n  instructions: {mark}\n", 0, f"{owner}-admin", ())
        await save(connection, wanted, [], built.workshop.clock())
    return _Tenant(name, found.id, installation.id, mark)


async def _sign_in(built: House, tenants: list[_Tenant]) -> None:
    built.sandbox.world.user("outsider")
    for tenant in tenants:
        for identity in IDENTITIES:
            browser = tenant.people[identity] = Browser(built.url, built.sandbox)
            if identity == "forged":
                browser.client.cookies.set("council-session", "A" * 43, domain="127.0.0.1")
                browser.csrf = "A" * 43
        owner, other = (each.name.partition("/")[0] for each in (tenant, next(each for each in tenants if each is not tenant)))
        logins = {"outsider": "outsider", "neighbour": f"{other}-admin"} | {each: f"{owner}-{each}" for each in _ROLES}
        for identity, login in logins.items():
            await tenant.people[identity].sign_in(login)
            # The first page asks GitHub what this person may see, which is not what a page takes.
            await tenant.people[identity].get("/")


def _routes(built: House) -> Iterator[tuple[str, str]]:
    """Every method and path of the application as it is served."""
    # An included router keeps its routes to itself in FastAPI 0.165.
    for listed in create_app(built.settings).routes:
        for route in getattr(getattr(listed, "original_router", None), "routes", (listed,)):
            path = str(getattr(route, "path", ""))
            if path and path not in _ELSEWHERE:
                for method in sorted(set(getattr(route, "methods", None) or ()) - {"HEAD", "OPTIONS"}):
                    yield method, path


async def _ask(tenant: _Tenant, identity: str, method: str, path: str) -> Asked:
    browser, address = tenant.people[identity], _filled(path, tenant)
    started = time.perf_counter()
    if method == "GET":
        answer, body = await read(browser, address)
    else:
        form = {"csrf": browser.csrf, "version": "1", "review-language": "de"}
        headers = {"origin": browser.url, "sec-fetch-site": "same-origin"}
        answer = await browser.client.request(method, browser.url + address, data=form, headers=headers)
        body = answer.text
    took = (time.perf_counter() - started) * 1000
    return Asked(method, path, identity, tenant.name, answer.status_code, tenant.mark in body, took)


def _filled(path: str, tenant: _Tenant) -> str:
    owner, name = tenant.name.split("/")
    index = TENANTS.index(tenant.name)
    known = {"owner": owner, "name": name, "repo": name, "installation_id": str(tenant.installation_id)}
    known |= {"repository_id": str(tenant.repository_id), "run_id": f"run{index:08d}", "number": "1"}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda hole: known.get(hole[1], "1"), path)


async def _state(built: House) -> tuple[tuple[object, ...], ...]:
    """Everything that a page may change of a tenant."""
    async with built.workshop.database.read() as connection:
        settings = (await connection.execute(text("SELECT scope, version, text FROM setting ORDER BY scope"))).all()
        kept = (await connection.execute(text("SELECT scope, name, changed_at FROM secret ORDER BY scope, name"))).all()
        jobs = (await connection.execute(text("SELECT count(*), count(finished_at) FROM job"))).all()
        runs = (await connection.execute(text("SELECT count(*) FROM run"))).all()
    return tuple(tuple(row) for row in (*settings, *kept, *jobs, *runs))
