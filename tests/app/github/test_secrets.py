"""No fragment of our own secrets leaves, in whatever dress."""

import base64

import pytest

from app.github.secrets import REMOVED, Secrets

KEY = "sk-proj-4fT9xQ2mZ7vLpA1bN8cD"
OURS = Secrets([KEY])


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        KEY[5:18],
        KEY[::-1],
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(b"xy" + KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        "\u200b".join(KEY),
        KEY[:10] + "\\" + KEY[10:],
        " ".join(KEY),
    ],
)
def test_a_fragment_is_removed(text: str) -> None:
    cleaned = OURS.removed(f"before {text} after")
    assert REMOVED in cleaned
    assert KEY[5:17] not in cleaned
    assert cleaned.startswith("before ") and cleaned.endswith(" after")


@pytest.mark.parametrize("text", ["", "sk-proj-", KEY[:11], "-----BEGIN RSA PRIVATE KEY-----", "aaaaaaaaaaaaaaaaaaaa"])
def test_what_is_no_fragment_stays(text: str) -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq9\n-----END RSA PRIVATE KEY-----"
    assert Secrets([KEY, pem, "a" * 30]).removed(text) == text


def test_without_secrets_nothing_is_looked_for() -> None:
    assert Secrets([]).removed("text") == "text"
    assert KEY not in repr(OURS)
