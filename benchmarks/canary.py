"""Searches for our own secrets, in every spelling, on every surface: posts received by the sandbox, both logs, tracebacks, error pages."""

import asyncio
import base64
import contextlib
import hashlib
import io
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
import structlog

from app import log
from app.configuration.provider_keys import Keyring
from app.configuration.providers import ConfiguredProvider
from app.configuration.settings import Settings
from app.errors import UserError
from app.github.publisher import Annotation, Conclusion, InlineComment, PullRequestPublisher
from app.log import hide
from app.sandbox.github.entities import PullRequest
from app.secret_filter import secret_filter, url_secrets
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.security import secrets as store
from app.web import create_app
from benchmarks.bars import Bar, Count, exactly, judged
from benchmarks.options import Options, progress
from benchmarks.spellings import SPELLINGS
from benchmarks.systems import system
from reviewers.values.finding import Location
from tests.system import InProcessSystem, SystemOptions
from webhooks.jobs import RepositoryRef, ReviewPullRequest

_LINE = "    return sum(item.price for item in items)"
_BASE, _HEAD = {"app/cart.py": "x = 1\n"}, {"app/cart.py": f"x = 1\n\n\ndef total(items):\n{_LINE}\n"}
_WINDOW = 12
_PEM = "-----BEGIN RSA PRIVATE KEY-----\n{0}\n-----END RSA PRIVATE KEY-----\n"


@dataclass(frozen=True)
class Secret:
    """One of our secrets, by the name for reports; an organization's secret does not belong to the web process."""

    name: str
    value: str
    of_web: bool = True


def run(options: Options) -> dict[str, object]:
    return asyncio.run(_measure(options))


async def _measure(options: Options) -> dict[str, object]:
    leaks: Counter[str] = Counter()
    cases, surfaces = 0, set[str]()
    async with system(options, SystemOptions(seats=(), base=_BASE, head=_HEAD)) as built:
        settings, ours = _planted(built.settings, options.seed)
        built.services.__dict__["settings"] = settings
        ours = ours[::4] if options.small else ours
        pull = built.open()
        await built.settle()
        async with _posting(built, settings, pull) as writes:
            for secret in ours:
                said = {name: spell(secret.value) for name, spell in SPELLINGS.items()}
                for surface, text in [
                    *await _posted(built, pull, writes, said),
                    *_logged(settings, said),
                    *await _shown(built, settings, said),
                ]:
                    if surface.startswith("page") and not secret.of_web:
                        continue
                    surfaces.add(surface)
                    for name, spelled in said.items():
                        cases += 1
                        if _is_left(text, spelled, SPELLINGS[name], secret.value):
                            leaks[f"{surface}: {secret.name} in {name}"] += 1
                progress(f"{secret.name}: {cases} cases, {sum(leaks.values())} leaks")
    least = (
        Count("secrets", len(ours), 12, small=3),
        Count("encodings", len(SPELLINGS), 24, small=24),
        Count("surfaces", len(surfaces), 10, small=10),
        Count("cases", cases, 12 * 24 * 10, small=3 * 24 * 10),
    )
    keys = {"secrets": len(ours), "encodings": len(SPELLINGS), "surfaces": sorted(surfaces), "cases": cases}
    keys |= {"leaks": sum(leaks.values()), "leaking": [name for name, _ in leaks.most_common(20)]}
    return judged(options, keys, [Bar("leaks", sum(leaks.values()), exactly(0), least)])


def _planted(settings: Settings, seed: int) -> tuple[Settings, list[Secret]]:
    """Settings with a secret of every kind, and these secrets."""

    def made(name: str, length: int = 32) -> str:
        return hashlib.shake_256(f"{seed} {name}".encode()).hexdigest(length // 2)

    database, queue = made("database", 24), f"{made('queue', 10)}/{made('queue2', 10)}"
    own = {
        "client_secret": made("client", 40),
        "master_key": base64.b64encode(hashlib.sha256(str(seed).encode()).digest()).decode(),
        "metrics_token": made("metrics"),
    }
    planted = settings.model_copy(
        update={
            **own,
            "webhook_secrets": (made("webhook"), made("old webhook")),
            "private_key": _PEM.format(made("private", 400)),
            "database_url": f"postgresql://council:{database}@db/council",
            "providers": tuple(
                ConfiguredProvider(name=name, key=made(f"{name} key", 40), base_url="")
                for name in ("openai", "anthropic", "gemini", "mistral")
            ),
            "mail": settings.mail.model_copy(update={"password": made("mail")}),
            "redis_url": f"redis://:{queue.replace('/', '%2F')}@queue:6379",
        }
    )
    found = [Secret(name, value) for name, value in own.items()]
    found += [Secret(f"webhook secret {number}", value) for number, value in enumerate(planted.webhook_secrets)]
    found += [Secret("private key", planted.private_key), Secret("database password", database), Secret("queue password", queue)]
    found.append(Secret("mail password", planted.mail.password))
    assert url_secrets(planted.redis_url)
    found += [
        Secret(f"{provider.name} key", secret) for provider in planted.providers for secret in provider.secrets if len(secret) >= _WINDOW
    ]
    found.append(Secret("an organisation's key", made("organisation", 40), of_web=False))
    return planted, found


@contextlib.asynccontextmanager
async def _posting(built: InProcessSystem, settings: Settings, pull: PullRequest) -> AsyncIterator[PullRequestPublisher]:
    """The publisher that a job gets for an organization with its own key."""
    services, (installation_id, *_) = built.services, built.sandbox.world.installations
    key = _planted(built.settings, 1)[1][-1].value
    ring = Keyring(settings, services.database, lambda: services.vault, installation_id)
    async with services.database.write() as connection:
        await store.save_secret(connection, services.vault, ring.new("openai", key), "ada", services.clock())
    place = RepositoryRef(id=built.repository.id, full_name="acme/shop")
    job = ReviewPullRequest(installation_id=installation_id, repository=place, number=pull.number)
    async with services.github_for(LeasedJob("none", job, 0, FailureRecord(), 0.0)) as github:
        plain = built.services.github
        async with plain.installation(installation_id, "acme/shop", repository_id=place.id) as writing:
            del github
            yield services.writes(writing, await services.identity(), "acme/shop", pull.number)


async def _posted(built: InProcessSystem, pull: PullRequest, writes: PullRequestPublisher, said: dict[str, str]) -> list[tuple[str, str]]:
    """What GitHub received per kind of write; a long secret takes several."""
    log_of, found = built.sandbox.log, []
    for part in _parts(said, 30_000):
        before = len(log_of.exchanges)
        comment = await writes.create_comment(part)
        await writes.edit_comment(comment.id, part)
        notes = tuple(
            Annotation(path="app/cart.py", start_line=1, end_line=1, level="notice", title="t", message=text)
            for text in _parts(said, 8_000)
        )
        check = await writes.create_check("Canary", pull.head_sha, "c", Conclusion("completed", "t", part, conclusion="neutral"))
        await writes.update_check(check.id, Conclusion("completed", part[:200], part, conclusion="neutral", annotations=notes))
        review = await writes.create_pending_review(pull.head_sha, part, [InlineComment(Location(path="app/cart.py", line=5), part)])
        await writes.submit_review(review.id, part)
        root = pull.reviews[-1].comments[0]
        reply = await writes.reply(root.id, part)
        await writes.edit_review_comment(reply.id, part)
        found += [
            (f"post {exchange.operation}", _flat(exchange.body))
            for exchange in log_of.exchanges[before:]
            if exchange.method in ("POST", "PATCH")
        ]
    return found


def _parts(said: dict[str, str], most: int) -> list[str]:
    parts = [""]
    for name, spelled in said.items():
        for at in range(0, len(spelled), most):
            piece = f"{name}: {spelled[at : at + most]}\n\n"
            if len(parts[-1]) + len(piece) > most + 200:
                parts.append("")
            parts[-1] += piece
    return parts


def _flat(body: object) -> str:
    if isinstance(body, dict):
        return "\n".join(_flat(value) for value in body.values())
    return "\n".join(_flat(value) for value in body) if isinstance(body, list) else str(body)


def _logged(settings: Settings, said: dict[str, str]) -> list[tuple[str, str]]:
    found = []
    for as_json in (True, False):
        with contextlib.redirect_stderr(io.StringIO()) as screen:
            log.set_up(as_json=as_json, secrets=settings.secrets)
            hide(secret_filter((_planted(settings, 1)[1][-1].value,)))
            for spelled in said.values():
                _log(structlog.get_logger("canary"), spelled)
        kind = "json" if as_json else "text"
        found.append((f"log {kind}", screen.getvalue()))
    log.set_up(as_json=True, secrets=settings.secrets, quiet=True)
    return found


def _log(ours: structlog.stdlib.BoundLogger, spelled: str) -> None:
    ours.info("a value", value=spelled[:1_500])
    logging.getLogger("asyncio").warning("a library says %s", spelled[:1_500])
    try:
        raise ValueError(spelled[:1_500])
    except ValueError as error:
        ours.exception("a failure", exc_info=error)
        logging.getLogger("asyncio").exception("a library fails")


async def _shown(built: InProcessSystem, settings: Settings, said: dict[str, str]) -> list[tuple[str, str]]:
    """Error pages for people and for machines, from Council's refusals and from failures."""
    app, texts = create_app(built.settings), list(said.values())

    def failing(kind: Callable[[str], Exception]) -> Callable[[int], None]:
        def fail(number: int) -> None:
            raise kind(texts[number])

        return fail

    for path in ("/canary", "/api/canary"):
        app.add_api_route(path + "/user/{number}", failing(UserError))
        app.add_api_route(path + "/ours/{number}", failing(RuntimeError))
    found = []
    with contextlib.redirect_stderr(io.StringIO()) as screen:
        log.set_up(as_json=True, secrets=settings.secrets)
        async with app.router.lifespan_context(app):
            app.state.services.settings = settings
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                for path in ("/canary", "/api/canary"):
                    for kind in ("user", "ours"):
                        answers = [await client.get(f"{path}/{kind}/{number}") for number in range(len(texts))]
                        found.append((f"page {path.strip('/')} {kind}", "\n".join(answer.text for answer in answers)))
    log.set_up(as_json=True, secrets=settings.secrets, quiet=True)
    return [*found, ("page log", screen.getvalue())]


def _is_left(text: str, spelled: str, spell: Callable[[str], str], secret: str) -> bool:
    """Whether at least 12 characters' worth of a spelling are in a text verbatim, from any start."""
    if secret.startswith("-----BEGIN"):
        # The frame of a key is no secret, in any spelling.
        frame = len(spelled) // 8
        spelled = spelled[frame:-frame]
    size = max(len(spell("a" * _WINDOW)), len(spelled) * _WINDOW // max(1, len(secret)))
    pieces = (spelled[at : at + size] for at in range(0, max(1, len(spelled) - size + 1), max(1, size // 4)))
    return any(len(piece) == size and len(set(piece)) > 4 and piece in text for piece in pieces)
