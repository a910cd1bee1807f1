"""`/mcp` with the SDK's client: two tenants with a token each cannot reach each other's data."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy import text

from app.configuration.settings import read_settings
from app.web.routes.mcp import hosts
from tests.app.web.browser import Browser
from tests.app.web.test_api import Api, made
from tests.stories.harness import DIVISION, InProcessSystem, open_system

Open = Callable[[], Browser]
MODES = ("auto", "legacy")
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@asynccontextmanager
async def client_of(system: InProcessSystem, secret: str, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {secret}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http,
        Client(streamable_http_client(f"{system.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """The answer of a tool. Fails if the tool refuses."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error, answer.structured_content
    return str(answer.content[0].text)  # type: ignore[union-attr]


async def post(system: InProcessSystem, secret: str, **headers: str) -> httpx.Response:
    sent = {**ACCEPTED, **({"authorization": f"Bearer {secret}"} if secret else {}), **headers}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return await client.post(f"{system.url}/mcp", json=CALL, headers=sent)


async def reviewed(system: InProcessSystem) -> tuple[int, str]:
    """A reviewed pull request of acme/shop, and the id of its run."""
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    async with system.services.database.read() as connection:
        return pull.number, str((await connection.execute(text("SELECT id FROM run"))).scalar_one())


@pytest.mark.parametrize("mode", MODES)
async def test_an_agent_reads_asks_reviews_and_dismisses(browser: Open, system: InProcessSystem, mode: str) -> None:
    will = browser()
    secret = await made(will, "will", "acme/shop")
    number, run = await reviewed(system)
    async with client_of(system, secret, mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == {"get_run", "get_findings", "search_history", "look", "ask_council", "review", "dismiss"}
        listed = await call(client, "get_findings", pull_request=number)
        titles = [each["title"] for each in listed["findings"]]
        assert listed["run"] == run and "An empty cart divides by zero" in titles
        assert "An empty cart divides by zero" in (await call(client, "get_run", run=run))["text"]

        asked = await call(client, "ask_council", question="Why is the cart empty?", wait_seconds=0)
        assert asked["text"].startswith("The council is still working")
        await system.settle()
        answer = await call(client, "get_run", run=asked["id"])
        assert "still working" not in answer["text"] and answer["text"].startswith("###")
        assert "unknown specialist 'wizard'" in await refusal(client, "ask_council", question="x", specialist="wizard")

        found = (await call(client, "search_history", words="cart"))["result"]
        assert run in [each["id"] for each in found]

        assert (await call(client, "review", pull_request=number))["text"].startswith("Queued")
        await system.settle()
        async with system.services.database.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM run"))).scalar_one() == 2

        finding = next(each for each in listed["findings"] if each["title"] == "An empty cart divides by zero")
        assert finding["standing"] in {"recommended", "unconfirmed"}
        await call(client, "dismiss", pull_request=number, finding=finding["id"], reason="No cart is empty.")
        after = (await call(client, "get_findings", pull_request=number))["findings"]
        assert finding["id"] not in [each["id"] for each in after]
        async with system.services.database.read() as connection:
            assert tuple((await connection.execute(text("SELECT login, reason FROM disposition"))).one()) == ("will", "No cart is empty.")

        resource = await client.read_resource(f"council://pulls/{number}/findings")
        assert listed["run"] not in {"", None} and '"findings"' in resource.contents[0].text  # type: ignore[union-attr]
        prompt = await client.get_prompt("fix_findings", {"pull_request": str(number)})
        assert f"get_findings for pull request {number}" in prompt.messages[0].content.text  # type: ignore[union-attr]


async def test_a_question_is_waited_for_with_progress(browser: Open, system: InProcessSystem) -> None:
    secret = await made(browser(), "will", "acme/shop")
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        # The answer is made while the client waits.
        if not heard:
            await system.settle()
        heard.append(message)

    async with client_of(system, secret) as client:
        answer = await client.call_tool("ask_council", {"question": "Why is the cart empty?", "wait_seconds": 60}, progress_callback=hear)
    assert not answer.is_error and answer.structured_content is not None
    assert heard[0] == "the council is working" and answer.structured_content["text"].startswith("###")


async def test_nothing_crosses_between_two_tenants(browser: Open, system: InProcessSystem) -> None:
    mine, other = await made(browser(), "will", "acme/shop"), await made(browser(), "gus", "globex/lab")
    number, run = await reviewed(system)
    async with client_of(system, mine) as client:
        asked = (await call(client, "ask_council", question="Why is the cart empty?", wait_seconds=0))["id"]
        await system.settle()
        finding = (await call(client, "get_findings", pull_request=number))["findings"][0]["id"]
        assert not (await client.call_tool("get_run", {"run": asked})).is_error
    bought = system.bought()
    async with client_of(system, other) as client:
        for wrong in (run, asked, run[:-1], "", "%"):
            assert f"no run {wrong} of this repository" in await refusal(client, "get_run", run=wrong)
        assert "no published review" in await refusal(client, "get_findings", pull_request=number)
        assert (await call(client, "search_history", words="cart"))["result"] == []
        assert "no answer" in await refusal(client, "ask_council", question="And now?", follows=asked, wait_seconds=0)
        assert "no published review" in await refusal(client, "dismiss", pull_request=number, finding=finding, reason="x")
        with pytest.raises(Exception, match="no published review"):
            await client.read_resource(f"council://pulls/{number}/findings")
        # The same number in the other repository is another pull request.
        await call(client, "review", pull_request=number)
    async with system.services.database.read() as connection:
        jobs = (await connection.execute(text("SELECT payload FROM job WHERE kind = 'review'"))).scalars().all()
        assert [("globex/lab" in str(job)) for job in jobs].count(True) == 1
        assert (await connection.execute(text("SELECT count(*) FROM disposition"))).scalar_one() == 0
    await system.settle()
    assert system.bought() == bought


async def test_without_permission_nothing_happens(browser: Open, system: InProcessSystem) -> None:
    will = browser()
    secret = await made(will, "will", "acme/shop")
    number, _ = await reviewed(system)
    async with client_of(system, secret) as client:
        finding = (await call(client, "get_findings", pull_request=number))["findings"][0]["id"]
        system.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin}\n"}, "ada", "Configure")
        refused = await refusal(client, "dismiss", pull_request=number, finding=finding, reason="x")
        assert "Only people with admin access can do this" in refused
        assert "Only people with admin access" in await refusal(client, "review", pull_request=number)
        assert (await Api(system, secret)("POST", "/reviews", json={"number": number})).status_code == 422
        system.repository.push_branch("main", {".github/council.yml": "commands: [\n"}, "ada", "Break")
        assert "could not be read" in await refusal(client, "dismiss", pull_request=number, finding=finding, reason="x")
    async with system.services.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM disposition"))).scalar_one() == 0


async def test_a_reader_and_a_revoked_token_are_refused(browser: Open, system: InProcessSystem) -> None:
    will, bought = browser(), system.bought()
    secret = await made(will, "will", "acme/shop")
    assert (await post(system, secret)).status_code != 401
    (name,) = re.findall(r"/tokens/([^/]+)/revoke", (await will.get("/tokens")).text)
    async with client_of(system, secret) as client:
        await will.post(f"/tokens/{name}/revoke")
        with pytest.raises(Exception, match="Server returned an error response"):
            await client.call_tool("ask_council", {"question": "x", "wait_seconds": 0})
    fresh = await made(will, "will", "acme/shop")
    system.repository.add_collaborator("will", "read")
    for void in (secret, fresh, "", "council_guess", "x" * 9_000):
        answer = await post(system, void)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert system.bought() == bought


async def test_dns_rebinding_and_other_sites_are_refused(browser: Open, system: InProcessSystem) -> None:
    secret = await made(browser(), "will", "acme/shop")
    assert (await post(system, secret, origin=system.url)).status_code not in {401, 403, 421}
    assert (await post(system, secret, host="evil.example")).status_code == 421
    assert (await post(system, secret, host="evil.example", origin="http://evil.example")).status_code == 421
    assert (await post(system, secret, origin="https://evil.example")).status_code == 403
    assert (await post(system, secret, origin="null")).status_code == 403
    async with httpx.AsyncClient(trust_env=False, headers={"authorization": f"Bearer {secret}", **ACCEPTED}) as client:
        for method in ("GET", "DELETE", "PUT"):
            assert (await client.request(method, f"{system.url}/mcp")).status_code == 405


def test_the_sdk_is_not_imported_before_a_request() -> None:
    source = "import sys, app.web, app.web.routes, app.requests.token_repository; sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0


@pytest.mark.parametrize(
    ("settings", "host", "allowed"),
    [
        ({}, "127.0.0.1:3000", True),
        ({}, "localhost:3000", True),
        ({}, "evil.example", False),
        ({"PUBLIC_URL": "https://council.example.com"}, "council.example.com", True),
        ({"PUBLIC_URL": "https://council.example.com", "HOST": "0.0.0.0"}, "evil.example", False),
        # Such a server has no configured name.
        ({"HOST": "0.0.0.0"}, "council.internal", True),
    ],
)
def test_which_hosts_are_this_servers(settings: dict[str, str], host: str, allowed: bool) -> None:
    scope = {"type": "http", "scheme": "http", "headers": [(b"host", host.encode())]}
    known = hosts(read_settings(settings), scope)
    assert (host in known or f"{host.partition(':')[0]}:*" in known) is allowed


async def test_a_wait_ends_with_the_token(browser: Open, system: InProcessSystem) -> None:
    will = browser()
    secret = await made(will, "will", "acme/shop")
    (name,) = re.findall(r"/tokens/([^/]+)/revoke", (await will.get("/tokens")).text)

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        if progress == 0:
            await will.post(f"/tokens/{name}/revoke")

    async with client_of(system, secret) as client:
        answer = await client.call_tool("ask_council", {"question": "Why is the cart empty?", "wait_seconds": 60}, progress_callback=hear)
    assert answer.is_error and "the API token is no longer valid" in answer.content[0].text  # type: ignore[union-attr]


@pytest.fixture
async def mirrored(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    """acme/shop of will and globex/lab of gus, with mirrors. Both have a file of the same name."""
    async with open_system(tmp_path, mirrors=True) as system:
        system.repository.add_collaborator("will", "write")
        system.repository.push_branch("main", {"shared.py": "OWNER = 'acme'\n"}, "will", "Name the owner")
        lab = system.sandbox.world.create_repository("globex/lab", {"shared.py": "OWNER = 'globex'\n"}, private=True)
        lab.add_collaborator("gus", "admin")
        await system.settle()
        yield system


async def token_for(system: InProcessSystem, login: str, repository: str) -> str:
    person = Browser(system.url, system.sandbox)
    try:
        return await made(person, login, repository)
    finally:
        await person.close()


async def test_a_client_looks_around_in_the_repository_of_its_token(mirrored: InProcessSystem) -> None:
    secret = await token_for(mirrored, "will", "acme/shop")
    number = mirrored.open().number
    await mirrored.settle()
    bought = mirrored.bought()
    async with client_of(mirrored, secret) as client:
        found = await call(client, "look", kind="read", target="app/cart.py")
        assert found["commit"] == mirrored.repository.branches["main"] and "def average" not in found["text"]
        at_head = await call(client, "look", kind="read", target="app/cart.py", pull_request=number)
        assert at_head["commit"] == mirrored.repository.pull(number).head_sha and "def average" in at_head["text"]
        assert "app/cart.py:1" in (await call(client, "look", kind="find", target="total"))["text"]
        short = await call(client, "look", kind="read", target="app/cart.py", pull_request=number, tokens=100)
        assert len(short["text"]) <= len(at_head["text"])
        assert "needs a target" in await refusal(client, "look", kind="read")
        assert "not found" in (await refusal(client, "look", kind="read", target="a", pull_request=99)).lower()
        for outside in ("../../../../etc/passwd", "/etc/passwd", ".git/config"):
            assert "root:" not in (await call(client, "look", kind="read", target=outside))["text"]
    assert mirrored.bought() == bought


async def test_no_look_crosses_between_two_tenants(mirrored: InProcessSystem) -> None:
    mine, other = await token_for(mirrored, "will", "acme/shop"), await token_for(mirrored, "gus", "globex/lab")
    number = mirrored.open().number
    await mirrored.settle()
    looks: tuple[dict[str, object], ...] = (
        {"kind": "read", "target": "shared.py"},
        {"kind": "search", "target": "OWNER"},
        {"kind": "find", "target": "OWNER"},
        {"kind": "history", "target": "shared.py"},
    )
    crossed = 0
    async with client_of(mirrored, mine) as client, client_of(mirrored, other) as stranger:
        for asked in looks:
            own, theirs = [str(await call(each, "look", **asked)) for each in (client, stranger)]
            crossed += ("'globex'" in own) + ("'acme'" in theirs or "Name the owner" in theirs)
        assert "'acme'" in str(await call(client, "look", **looks[0])) and "'globex'" in str(await call(stranger, "look", **looks[0]))
        # The same number in the other repository is another pull request, and paths of mirrors lead nowhere.
        assert "not found" in (await refusal(stranger, "look", kind="read", target="app/cart.py", pull_request=number)).lower()
        for path in ("app/cart.py", "../acme/shop/shared.py", f"../{mirrored.repository.id}/shared.py"):
            answer = str(await call(stranger, "look", kind="read", target=path))
            crossed += "'acme'" in answer or "def total" in answer
    assert crossed == 0


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("review: {looks: false}\n", "switch looking around off"),
        ("mirror: {enabled: false}\n", "cannot be looked at"),
        ("review: [\n", "could not be read"),
    ],
)
async def test_the_settings_of_the_repository_hold_for_a_look(mirrored: InProcessSystem, config: str, reason: str) -> None:
    mirrored.repository.push_branch("main", {".github/council.yml": config}, "will", "Configure")
    async with client_of(mirrored, await token_for(mirrored, "will", "acme/shop")) as client:
        assert reason in await refusal(client, "look", kind="read", target="app/cart.py")
