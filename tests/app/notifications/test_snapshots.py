"""What each channel shows, word for word: for a public repository, a private one, a budget, and a hostile text."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from app.notifications.mail import write_mail
from app.notifications.notification import Notification
from app.notifications.signed_webhook import write_body
from app.notifications.slack import render_slack
from app.notifications.teams import render_teams
from tests.snapshots import TextSnapshot

FINDING = Notification(
    event="critical",
    repository="acme/shop",
    number=7,
    headline="1 critical finding · the gate failed: 1 critical, 1 high",
    title="Retry the token refresh",
    details=("🔴 Two refreshes race; the later one overwrites the newer token · auth/session.py:88",),
    url="https://council.example/runs/01JD9ZK4",
    run_id="01JD9ZK4",
)
BUDGET = Notification(
    event="budget",
    repository="acme/shop",
    number=7,
    headline="82% of the budget for November is used ($41.00 of $50.00)",
    title="Retry the token refresh",
    url="https://council.example/runs/01JD9ZK4",
    run_id="01JD9ZK4",
)
_EVIL = "<!channel> <@U123> <https://evil.example|click> @here [click](https://evil.example) {{DATE(2017-02-14T06:00:00Z)}} ${x} *b* `c`"
HOSTILE = FINDING.model_copy(update={"title": f"a\r\nBcc: eve@evil.example\n{_EVIL}\u202e<b>", "details": (f"{_EVIL} & </li><script>",)})
SHOWN = {"finding": FINDING, "private": FINDING.without_details(), "budget": BUDGET, "hostile": HOSTILE}


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


@pytest.mark.parametrize("name", SHOWN)
def test_slack(name: str, golden: SnapshotAssertion) -> None:
    assert json.dumps(render_slack(SHOWN[name]), indent=2, ensure_ascii=False) == golden


@pytest.mark.parametrize("name", SHOWN)
def test_teams(name: str, golden: SnapshotAssertion) -> None:
    assert json.dumps(render_teams(SHOWN[name]), indent=2, ensure_ascii=False) == golden


@pytest.mark.parametrize("name", SHOWN)
def test_webhook(name: str, golden: SnapshotAssertion) -> None:
    assert json.dumps(json.loads(write_body(SHOWN[name], "01K", 1_800_000_000.0)), indent=2, ensure_ascii=False) == golden


@pytest.mark.parametrize("name", SHOWN)
def test_mail(name: str, golden: SnapshotAssertion) -> None:
    mail = write_mail(SHOWN[name], "Council <council@example.com>", ("ada@example.com",), "01K")
    headers = "".join(f"{header}: {value}\n" for header, value in mail.items() if header != "Content-Type")
    parts = "\n".join(f"--- {part.get_content_type()}\n{part.get_content()}" for part in mail.iter_parts())  # type: ignore[attr-defined]
    assert f"{headers}{parts}" == golden


def test_no_foreign_markup_is_active() -> None:
    slack, teams = json.dumps(render_slack(HOSTILE)), json.dumps(render_teams(HOSTILE))
    # Slack reads markup only in `text` and in `mrkdwn`, and neither contains text of others except the place.
    contexts = [block["elements"][0]["text"] for block in json.loads(slack)["blocks"] if "elements" in block]
    alive = [str(render_slack(HOSTILE)["text"]), *contexts]
    assert all("evil" not in each and "<!" not in each for each in alive)
    for sent in (slack, teams):
        assert "https://evil" not in sent and "@here" not in sent and "{{DATE" not in sent
    mail = write_mail(HOSTILE, "Council <council@example.com>", ("ada@example.com",), "01K")
    assert mail["bcc"] is None and set(mail.keys()) >= {"Subject", "From", "To"} and b"\nBcc" not in mail.as_bytes()
    html = mail.get_body(("html",))
    assert html is not None and "<script" not in html.get_content() and b"https://evil" not in mail.as_bytes()
