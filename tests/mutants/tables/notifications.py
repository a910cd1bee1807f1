"""Sabotages of notifications: where they may go, what they may contain, and that each is sent once."""

from tests.mutants.mutant import Mutant

_OUT = ("tests/app/notifications/test_outbound.py",)
_SHOWN = ("tests/app/notifications/test_snapshots.py",)
_STORY = ("tests/stories/test_notifications.py",)
_PAGE = ("tests/app/web/test_channels.py",)
_GUARD, _JOB, _ENDS = "app/notifications/outbound.py", "app/work/maintenance/send_notification.py", "app/work/reviews/run_notifications.py"

MUTANTS = (
    Mutant(
        "the server's budget is reported to each channel once",
        f"{_ENDS}:queue_messages",
        "if server is not None and await notifications.note_once(",
        "if server is not None and not await notifications.note_once(",
        _STORY,
    ),
    Mutant(
        "the server's budget is reported",
        f"{_ENDS}:_server_budget",
        "if settled.month < NEAR_CAP * caps.month:",
        "if settled.month < 10 * caps.month:",
        _STORY,
    ),
    Mutant(
        "one internal address is enough to refuse a host",
        f"{_GUARD}:OutboundGuard.__call__",
        "not zones <= allowed",
        "zones.isdisjoint(allowed)",
        _OUT,
    ),
    Mutant("http needs an allow-listed host", f"{_GUARD}:OutboundGuard.__call__", 'url.scheme != "https" and not is_listed', "False", _OUT),
    Mutant(
        "the checked address is connected to",
        f"{_GUARD}:OutboundGuard.__call__",
        "if not is_proxied:\n            pin",
        "if is_proxied:\n            pin",
        _OUT,
    ),
    Mutant(
        "a listed host cannot resolve to the metadata address",
        f"{_GUARD}:OutboundGuard.__call__",
        "(Zone.PRIVATE, Zone.LOOPBACK)",
        "Zone",
        _OUT,
    ),
    Mutant("a redirect is not followed", f"{_GUARD}:post", "follow_redirects=False", "follow_redirects=True", _OUT),
    Mutant("a listed port allows only that port", "app/notifications/channel.py:is_internal", "if port in (None, usual)", "if True", _OUT),
    Mutant("the signature covers the time", "app/notifications/signed_webhook.py:sign_body", 'f"{moment}.".encode() + body', "body", _OUT),
    Mutant("Slack's control sequences are escaped", "app/notifications/text.py", ', "<!", "<#"', "", _SHOWN),
    Mutant("no line break reaches a header", "app/notifications/text.py:flatten", '" ".join(spaced.split())', "text", _SHOWN),
    Mutant("HTML mail is escaped", "app/notifications/mail.py:_html", "<li>{html.escape(line)}</li>", "<li>{line}</li>", _SHOWN),
    Mutant("a private repository keeps its findings", f"{_JOB}:_send", "not outgoing.private_details and await", "False and await", _STORY),
    Mutant(
        "Slack gets no second message",
        f"{_JOB}:run",
        'if not kind.is_repeatable:\n            return await _end(services, claim, UNKNOWN, f"',
        'if False:\n            return await _end(services, claim, UNKNOWN, f"',
        _STORY,
    ),
    Mutant(
        "a failing channel fails no job",
        f"{_JOB}:run",
        "except UserError as error:\n        return await _end(services, claim, FAILED, str(error))",
        "except UserError:\n        raise",
        _STORY,
    ),
    Mutant("a started request is not started again", f"{_JOB}:run", "outgoing.was_sending and", "False and", _STORY),
    Mutant("a sent notification keeps no text", "app/store/notifications.py:end_sending", ', "message": ""', "", _STORY),
    Mutant(
        "a critical finding is announced once", f"{_ENDS}:WorkEnd.with_verdict", "if finding.fingerprint not in known", "if True", _STORY
    ),
    Mutant("a budget warning is sent once per month and cap", f"{_ENDS}:_budget", ":{cap:.2f}", ":{now}", _STORY),
    Mutant("a disabled event sends nothing", f"{_ENDS}:_words", "if event in wanted}", "if event}", _STORY),
    Mutant("a failing streak is announced once", f"{_ENDS}:_failing", ":{streak.last_finished}", ":{services.clock()}", _STORY),
    Mutant(
        "a reader changes no channel", "app/web/routes/channels.py:change_repository_channel", "Permission.ADMIN", "Permission.READ", _PAGE
    ),
    Mutant(
        "the signing secret is shown once",
        "app/web/views/channels.py:channel_facts",
        '"channel_secret": ""',
        '"channel_secret": "0" * 64',
        _PAGE,
    ),
)
