"""People get each message once, in the format of the channel, and whatever the channel does, the review continues."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.configuration.mail_server import MailServer
from app.configuration.settings import InstanceCaps
from app.notifications.channel import ChannelKind
from app.notifications.channel_store import Channels
from app.store import notifications
from app.store.notifications import LastMessage
from app.store.security import secrets
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.app.notifications.receivers import MailReceiver, Receiver
from tests.stories.harness import BASE, DIVISION, HEAD, INJECTION, InProcessSystem
from tests.system import SEATS, SystemOptions, start_system

CRITICAL = "1 critical finding"
OTHER = INJECTION | {"title": "A second thing", "quote": "    return total(items) / len(items)", "line": 6}
GATED = "gate: {enabled: true, severity: high, confirmed_by_another_vendor: false}\n"


class Told:
    """A system with receivers, and a channel of each kind."""

    def __init__(self, system: InProcessSystem, receiver: Receiver, mail: MailReceiver) -> None:
        self.system, self.receiver, self.mail = system, receiver, mail
        self.services = system.repository

    @property
    def scope(self) -> str:
        return secrets.channels_of_repository(self.services.id)

    async def set(self, kind: ChannelKind, entered: str, scope: str = "") -> str:
        """Enter a channel as the page does. Returns the signing secret."""
        services = self.system.services
        channels = Channels(services.settings, services.database, lambda: services.vault, scope or self.scope)
        secret, target = channels.enter(kind, entered)
        async with services.database.write() as connection:
            await secrets.save_secret(connection, services.vault, secret, "ada", 1.0)
        return target.secret

    async def last(self, kind: ChannelKind) -> LastMessage | None:
        async with self.system.services.database.read() as connection:
            return (await notifications.last_messages(connection, self.scope)).get(kind.value)

    async def hurry(self) -> None:
        """Do now what waits for its time."""
        async with self.system.services.database.write() as connection:
            await connection.execute(text("UPDATE job SET run_at = 0 WHERE state = 'queued'"))
        await self.system.settle()

    def bodies(self) -> list[dict[str, object]]:
        return [json.loads(each.body) for each in self.receiver.received]


_LEDGER_ROW = (
    "INSERT INTO ledger (id, run_id, repository_id, number, purpose, provider, model, fault, reserved_usd, spent_usd,"
    " input_tokens, cached_tokens, output_tokens, created_at, settled_at)"
    " VALUES (:id, 'other', :repository, 99, 'opinion', 'openai', 'openai/gpt-5.5', '', :usd, :usd, 0, 0, 0, :now, :now)"
)


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[Told]:
    async with open_told(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def open_told(tmp_path: Path, **settings: object) -> AsyncIterator[Told]:
    async with Receiver().serving() as receiver, MailReceiver().serving() as mail:
        server = MailServer(host="127.0.0.1", port=mail.port, security="none", sender="Council <council@example.com>")
        alone = {"fallback": "off", "mirrors": False, "mail": server, "internal_hosts": (receiver.host,), **settings}
        async with start_system(tmp_path, SystemOptions(SEATS, settings=alone, base=BASE, head=HEAD)) as system:
            yield Told(system, receiver, mail)


async def test_each_channel_gets_one_message_about_a_critical_finding(told: Told) -> None:
    for kind in (ChannelKind.SLACK, ChannelKind.WEBHOOK):
        await told.set(kind, told.receiver.url)
    await told.set(ChannelKind.EMAIL, "ada@example.com\nmia@example.com")
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    slack, webhook = sorted(told.bodies(), key=lambda body: "event" in body)
    assert CRITICAL in json.dumps(slack) and "acme/shop #1" in json.dumps(slack)
    assert (webhook["event"], webhook["headline"], webhook["pull_request"], webhook["title"]) == (
        "critical",
        CRITICAL,
        1,
        "Average and search",
    )
    assert "pasted into the SQL statement" in json.dumps(webhook["details"])
    [mail] = told.mail.mails
    assert mail["subject"] == f"Council: {CRITICAL} · acme/shop #1" and told.mail.addresses == ["ada@example.com", "mia@example.com"]
    for kind in (ChannelKind.SLACK, ChannelKind.WEBHOOK, ChannelKind.EMAIL):
        last = await told.last(kind)
        assert last is not None and (last.state, last.error) == ("sent", "")


async def test_nothing_is_sent_without_a_channel_or_if_turned_off(told: Told) -> None:
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    await told.set(ChannelKind.SLACK, told.receiver.url)
    told.services.push_branch("main", {".github/council.yml": "notify: {on: [budget]}\n"})
    told.system.open(branch="again")
    await told.system.settle()
    assert not told.receiver.received


async def test_a_private_repository_sends_only_title_and_link(told: Told) -> None:
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.services.private = True
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    told.services.push_branch("main", {".github/council.yml": "notify: {private_details: true}\n"})
    told.system.open(branch="again")
    await told.system.settle()
    first, second = told.bodies()
    assert first["details"] == [] and first["title"] == "Average and search" and str(first["url"]).endswith("/acme/shop/issues/1")
    assert "SQL" not in json.dumps(first) and "SQL" in json.dumps(second["details"])


async def test_a_critical_finding_is_sent_once_not_for_each_push(told: Told) -> None:
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    pull = told.system.open()
    await told.system.settle()
    told.services.push(pull.number, {"README.md": "More.\n"})
    await told.system.settle()
    assert len(told.receiver.received) == 1


async def test_a_failed_gate_and_a_critical_finding_are_one_message(told: Told) -> None:
    await told.set(ChannelKind.SLACK, told.receiver.url)
    told.services.push_branch("main", {".github/council.yml": GATED})
    told.system.script([INJECTION, DIVISION], [INJECTION, DIVISION], [INJECTION, DIVISION])
    told.system.open()
    await told.system.settle()
    [body] = told.bodies()
    assert f"{CRITICAL} · the gate failed: 1 critical, 1 high" in json.dumps(body, ensure_ascii=False)


@pytest.mark.slow
async def test_eighty_percent_of_a_months_budget_is_sent_once_per_cap(told: Told) -> None:
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.system.script([], [], [])
    for number, cap in enumerate(("4", "4", "4.5", "4.6")):
        told.services.push_branch("main", {".github/council.yml": f"limits: {{month_usd: {cap}}}\n"})
        async with told.system.services.database.write() as connection:
            await connection.execute(text("UPDATE ledger SET spent_usd = 0.0, reserved_usd = 0.0"))
        told.system.open(branch=f"b{number}")
        if number < 3:
            await _spend_up_to(told, float(cap))
        await told.system.settle()
    said = [body["headline"] for body in told.bodies()]
    assert len(said) == 2 and all("of the budget for" in str(each) for each in said), said


@pytest.fixture
async def capped(tmp_path: Path) -> AsyncIterator[Told]:
    """The same on a server whose repositories together may spend $40 per month."""
    async with open_told(tmp_path, instance_caps=InstanceCaps(month=40.0, unset=())) as opened:
        yield opened


async def test_eighty_percent_of_the_servers_budget_is_sent_once_to_each_channel(capped: Told) -> None:
    """The message names no amount, because it is also what other organizations spent."""
    told, services = capped, capped.system.services
    told.system.script([], [], [])
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.system.open(branch="before")
    await told.system.settle()
    assert not told.bodies()
    # Another repository spends it.
    async with services.database.write() as connection:
        row = {"now": services.clock()}
        await connection.execute(text(_LEDGER_ROW), row | {"id": "elsewhere", "repository": 987_654, "usd": 33.0})
    for name in ("first", "second"):
        told.system.open(branch=name)
        await told.system.settle()
    (message,) = told.bodies()
    assert message["event"] == "budget" and "$" not in str(message["headline"])
    assert re.fullmatch(r"8\d% of this server's budget for \w+ is used, by all its repositories together", str(message["headline"]))
    # A channel that is set later gets it once, and one that has it does not get it again.
    await told.set(ChannelKind.SLACK, told.receiver.url)
    for name in ("third", "fourth"):
        told.system.open(branch=name)
        await told.system.settle()
    assert len(told.bodies()) == 2 and "this server's budget" in json.dumps(told.bodies()[1])


async def _spend_up_to(told: Told, cap: float) -> None:
    """Book an amount that leaves room for this review and is more than 80 % with it."""
    async with told.system.services.database.write() as connection:
        row = {
            "id": f"spent{cap}{told.system.bought()}",
            "repository": told.services.id,
            "usd": cap * 0.82,
            "now": told.system.services.clock(),
        }
        await connection.execute(text(_LEDGER_ROW), row)


@pytest.mark.slow
async def test_repeated_failures_are_sent_once(told: Told) -> None:
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.system.sandbox.providers.keys = dict.fromkeys(told.system.sandbox.providers.keys, "another key than anybody has")
    for number in range(5):
        told.system.open(branch=f"b{number}")
        await told.system.settle()
    [body] = told.bodies()
    assert (body["event"], body["headline"], body["pull_request"]) == ("failing", "the last 3 reviews failed", 3)


async def test_a_failing_channel_fails_no_review(told: Told) -> None:
    await told.set(ChannelKind.SLACK, told.receiver.url)
    told.receiver.answers = ["404 Not Found"]
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    pull = told.system.open()
    await told.system.settle()
    assert "do not merge yet" in told.system.comments(pull)[-1]
    last = await told.last(ChannelKind.SLACK)
    assert last is not None and last.state == "failed" and last.error == "The channel answered 404. Check its URL in the settings."
    async with told.system.services.database.read() as connection:
        [failing] = await notifications.failing_channels(connection, told.system.services.clock())
        assert (await connection.execute(text("SELECT count(*) FROM job WHERE state = 'dead'"))).scalar_one() == 0
    assert (failing.owner, failing.kind) == ("acme/shop", "slack")


async def test_a_busy_webhook_gets_the_same_id_again(told: Told) -> None:
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.receiver.answers = ["503 Busy", "cut", "200 OK"]
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    for _ in range(3):
        await told.hurry()
    assert len(told.receiver.received) == 3
    assert len({each.headers["council-delivery"] for each in told.receiver.received}) == 1
    assert (await told.last(ChannelKind.WEBHOOK)).state == "sent"  # type: ignore[union-attr]


async def test_slack_gets_no_second_message_after_a_lost_answer(told: Told) -> None:
    await told.set(ChannelKind.SLACK, told.receiver.url)
    told.receiver.answers = ["cut", "200 OK"]
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    await told.hurry()
    last = await told.last(ChannelKind.SLACK)
    assert len(told.receiver.received) == 1 and last is not None and last.state == "unknown" and "may have arrived" in last.error


@pytest.mark.parametrize(("kind", "sent", "state"), [(ChannelKind.SLACK, 1, "unknown"), (ChannelKind.WEBHOOK, 2, "sent")])
async def test_a_crash_after_the_request_repeats_only_safe_messages(told: Told, kind: ChannelKind, sent: int, state: str) -> None:
    """Only if the receiver can detect the repetition."""
    await told.set(kind, told.receiver.url)
    deaths = ["notification sent"]

    def die(name: str) -> None:
        if name in deaths:
            deaths.remove(name)
            raise RuntimeError("the worker is gone")

    told.system.worker = Worker(replace(told.system.services, failpoint=die), JOB_HANDLERS)
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    await told.hurry()
    last = await told.last(kind)
    assert not deaths and len(told.receiver.received) == sent and last is not None and last.state == state


async def test_an_ended_message_keeps_no_text(told: Told) -> None:
    """An uninstallation deletes all of it."""
    await told.set(ChannelKind.WEBHOOK, told.receiver.url)
    told.system.script([INJECTION], [INJECTION], [INJECTION])
    told.system.open()
    await told.system.settle()
    database = told.system.services.database
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM notification WHERE message = '' AND state = 'sent'"))).scalar_one() == 1
    told.system.sandbox.world.uninstall(next(iter(told.system.sandbox.world.installations)))
    await told.system.settle()
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM notification"))).scalar_one() == 0
        assert not await secrets.list_secrets(connection, told.scope)
