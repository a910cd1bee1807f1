"""Pages, deliveries and pull requests whose every text and link is a URL that leads inside, sent to the whole running system."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.shapes.links import Links
from app.sandbox.providers.response_script import ScriptedMember
from benchmarks.network import Network
from benchmarks.options import Options, progress
from benchmarks.systems import system
from tests.app.web.browser import Browser
from tests.system import SEATS, InProcessSystem, SystemOptions

_LINE = "def find(db, name):"
_BASE = {"app/cart.py": "x = 1\n", "AGENTS.md": "Be brief.\n"}
_PARTS = 4
_LONGEST_QUESTION = 20


@contextlib.asynccontextmanager
async def url_system(options: Options, network: Network) -> AsyncIterator[InProcessSystem]:
    """A system whose own ports may be connected to."""
    async with system(options, SystemOptions(seats=SEATS, base=_BASE, settings={"fallback": "off", "mirrors": False})) as built:
        network.ours |= {built.sandbox.port, int(built.url.rpartition(":")[2])}
        built.repository.add_collaborator("ada", "admin")
        yield built


async def strike(built: InProcessSystem, network: Network, urls: Sequence[str]) -> Counter[str]:
    """How many URLs each of these doors took."""
    struck: Counter[str] = Counter()
    for name, door in {"pages": _pages, "deliveries": _deliveries, "pull requests": _pull_requests}.items():
        inside = len(network.inside)
        struck.update(await door(built, urls))
        network.inside[inside:] = [f"{name}: {what}" for what in network.inside[inside:]]
        progress(f"{name}: {struck.total()} struck, {len(network.inside)} connects inside")
    return struck


async def _pages(built: InProcessSystem, urls: Sequence[str]) -> Counter[str]:
    """The settings, the keys, the question, the API's token and the search, as an administrator of all of it."""
    struck: Counter[str] = Counter()
    installation = built.sandbox.world.installation_of(built.repository)
    assert installation is not None
    browser = Browser(built.url, built.sandbox)
    await browser.sign_in("ada")
    for url in urls:
        seats = {"seats": url, "chair": url, "review-instructions": url, "review-paths": url, "version": "0", "preview": "1"}
        forms = {
            "a repository's settings": ("/repos/acme/shop/settings", seats),
            "an organisation's settings": (f"/installations/{installation.id}/settings", seats),
            "an organisation's key": (f"/installations/{installation.id}/keys/openai", {"key": url}),
            "a repository's channel": ("/repos/acme/shop/channels/webhook", {"target": url}),
            "an organisation's channel": (f"/installations/{installation.id}/channels/slack", {"target": url}),
            "a provider's name": (f"/installations/{installation.id}/keys/{url.replace('/', '%2F').replace(chr(9), '')}", {"key": url}),
            "a question's repository": ("/ask", {"repository": url, "question": url}),
        }
        for name, (path, form) in forms.items():
            answer = await browser.post(path.replace("#", "%23").replace("?", "%3F"), form)
            struck[name] += answer.status_code < 500
        struck["where a sign-in leads"] += (await browser.client.get(f"{built.url}/login", params={"next": url})).status_code < 500
    await browser.close()
    return struck


async def _deliveries(built: InProcessSystem, urls: Sequence[str]) -> Counter[str]:
    """Signed deliveries in which each link is the URL, as from a GitHub that lies."""
    webhook_sender, before = built.sandbox.github.webhook_sender, built.sandbox.github.webhook_sender.links
    issue = built.repository.open_issue("Slow", "It is slow.", "octo-dev")
    known = set(webhook_sender.deliveries)
    for url in urls:
        clean = "".join(sign for sign in url if sign.isprintable())
        clean = clean if "://" in clean else f"http:{clean}" if clean.startswith("//") else f"x://{clean}"
        webhook_sender.links = Links(clean, clean, clean)
        built.repository.comment(issue.number, "ada", f"/council ask {clean[:200]}" if len(known) % _LONGEST_QUESTION == 0 else clean)
        await built.sandbox.settled()
        known = set(webhook_sender.deliveries)
    webhook_sender.links = before
    await built.settle()
    taken = sum(200 <= delivery.status_code < 300 for delivery in webhook_sender.deliveries.values())
    return Counter({"deliveries": taken})


async def _pull_requests(built: InProcessSystem, urls: Sequence[str]) -> Counter[str]:
    """Changes with the URLs wherever an author, a CI and a model can name one."""
    read = 0
    for part in range(_PARTS):
        said = [url for url in urls[part::_PARTS] if url.isprintable()]
        text = "\n".join(said)
        for seat in SEATS:
            built.sandbox.providers.script(seat.split("/", 1)[1], _member(said))
        bought = built.bought()
        pull = _opened(built, text, said, part)
        await built.settle()
        if built.bought() > bought and any(check.head_sha == pull.head_sha and check.conclusion for check in built.checks()):
            read += len(said)
    return Counter({"pull requests": read})


def _opened(built: InProcessSystem, text: str, said: Sequence[str], part: int) -> PullRequest:
    services = built.repository
    files = {
        f"app/cart_{part}.py": f"{_LINE}\n    return '''{text}'''\n",
        "AGENTS.md": text,
        ".github/council.yml": f"seats: ['{said[0]}']\nmirror: {{url: '{said[0]}'}}\n",
        ".gitmodules": "".join(f'[submodule "m{at}"]\n\tpath = m{at}\n\turl = {url}\n' for at, url in enumerate(said)),
    }
    pull = services.open_pull_request(said[0][:200], files, body=f"Fixes {text}", branch=f"change-{part}", message=f"Change\n\n{text}")
    services.add_failing_job(pull.head_sha, f"tests-{part}", f"{text}\n##[error]exit code 1.\n")
    services.add_status(pull.head_sha, f"lint-{part}", "failure", said[-1][:140])
    services.comment(pull.number, "mallory", text)
    services.comment(pull.number, "ada", f"/council ask is {said[0]} fine?")
    return pull


def _member(said: Sequence[str]) -> ScriptedMember:
    """A member that wants to look at the URLs, and names them in its findings."""
    looks = [{"kind": "read", "path": url, "question": "", "lines": ""} for url in said[:4]]
    finding = {"title": said[0][:80], "body": "\n".join(said[:20]), "severity": "high", "category": "security", "suggestion": said[1]}
    place = {"path": "app/cart_0.py", "quote": _LINE, "line": 1}
    return ScriptedMember(findings=[{**finding, **place}], looks={"opinion": looks}, summary=said[0])
