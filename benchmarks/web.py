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

import httpx
from sqlalchemy import text

from app.sandbox.house import House
from app.store.repository_settings import Save, of_repository, save
from app.store.runs import know_repository
from app.web import create_app
from benchmarks.houses import house
from benchmarks.options import Options, progress
from tests.app.web.browser import Browser
from webhooks.jobs import RepositoryRef

_P95_MS, _RUNS, _BATCH = 50.0, 100_000, 5_000
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
    asked, changed, routes, stored = asyncio.run(_measure(options))
    outside = [each for each in asked if each.identity in _OUTSIDE]
    served = [each for each in asked if each.method == "GET" and each.status == 200]
    times = sorted(each.milliseconds for each in served)
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
        "p50_ms": round(times[len(times) // 2], 1) if times else 0.0,
        "p95_ms": round(times[int(len(times) * 0.95)], 1) if times else 0.0,
    }
    zero = ("cross_tenant", "server_errors", "reader_changed")
    missed = [name for name in zero if measured[name]]
    # Were nobody shown a mark, the figure of those who may not see it would say nothing.
    missed += [] if {each.tenant for each in asked if each.leaked and each.identity == "admin"} == set(TENANTS) else ["shown_to_admin"]
    slow = not options.small and (not times or times[int(len(times) * 0.95)] >= _P95_MS)
    return measured | {"failed": missed + (["p95_ms"] if slow else [])}


async def _measure(options: Options) -> tuple[list[Asked], int, int, int]:
    async with house(options) as built:
        tenants = [await _tenant(built, name) for name in TENANTS]
        stored = options.n or (2_000 if options.small else _RUNS)
        progress(f"storing {stored:,} runs")
        await _store_runs(built, tenants, stored)
        await _sign_in(built, tenants)
        routes = list(_routes(built))
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
        return asked, changed, len(routes), stored


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


async def _store_runs(built: House, tenants: list[_Tenant], count: int) -> None:
    columns = "id, key, job_id, installation_id, repository_id, repository, number, head_sha, trigger, cause, login, state, reason"
    statement = text(
        f"INSERT INTO run ({columns}, created_at, updated_at) VALUES (:id, :id, 'job', :installation, :repository, :name, :number,"
        " :sha, 'auto', 'auto', '', 'published', :mark, :at, :at)"
    )
    now = built.workshop.clock()
    for first in range(0, count, _BATCH):
        rows = [
            {
                "id": f"run{index:08d}",
                "installation": tenant.installation_id,
                "repository": tenant.repository_id,
                "name": tenant.name,
                "number": index // 10 + 1,
                "sha": f"{index:040x}",
                "mark": tenant.mark,
                "at": now - index,
            }
            for index in range(first, min(first + _BATCH, count))
            for tenant in [tenants[index % len(tenants)]]
        ]
        async with built.workshop.database.write() as connection:
            await connection.execute(statement, rows)


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
        answer, body = await _read(browser, address)
    else:
        form = {"csrf": browser.csrf, "version": "1", "review-language": "de"}
        headers = {"origin": browser.url, "sec-fetch-site": "same-origin"}
        answer = await browser.client.request(method, browser.url + address, data=form, headers=headers)
        body = answer.text
    took = (time.perf_counter() - started) * 1000
    return Asked(method, path, identity, tenant.name, answer.status_code, tenant.mark in body, took)


async def _read(browser: Browser, address: str) -> tuple[httpx.Response, str]:
    """The first part of an answer is enough of one that never ends, such as a stream of events."""
    async with browser.client.stream("GET", browser.url + address) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            return answer, (await answer.aread()).decode("utf-8", "replace")
        first = ""
        async for piece in answer.aiter_text():
            first = piece
            break
        return answer, first


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
