"""No fragment of Council's secrets leaves, in any encoding."""

import base64
import html
from urllib.parse import quote

import pytest

from app.configuration.settings import read_settings
from app.secret_filter import REMOVED, Secrets, is_telling, url_secrets

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
        KEY.upper(),
        KEY.swapcase(),
        "-".join(KEY),
        "`.`".join(KEY),
        "".join(f"%{byte:02X}" for byte in KEY.encode()),
        quote("".join(f"%{byte:02x}" for byte in KEY.encode())),
        "".join(f"&#{ord(char)};" for char in KEY),
        "".join(f"&#x{ord(char):x};" for char in KEY),
        html.escape("".join(f"&#{ord(char)};" for char in KEY)),
        "".join(f"\\x{byte:02x}" for byte in KEY.encode()),
        "".join(f"\\u{ord(char):04x}" for char in KEY),
        "".join(f"\\{byte:03o}" for byte in KEY.encode()),
        ", ".join(f"0x{byte:02x}" for byte in KEY.encode()),
        ", ".join(str(byte) for byte in KEY.encode()),
        ":".join(f"{byte:02x}" for byte in KEY.encode()),
        base64.b32encode(KEY.encode()).decode(),
        base64.b32encode(b"xyz" + KEY.encode()).decode().lower(),
        base64.urlsafe_b64encode(b"x" + KEY.encode()).decode(),
    ],
)
def test_a_fragment_is_removed(text: str) -> None:
    cleaned = OURS.removed(f"before {text} after")
    assert REMOVED in cleaned
    assert KEY[5:17] not in cleaned
    assert cleaned.startswith("before ") and cleaned.endswith(" after")


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        (f"`{KEY[:14]}` and `@octocat`", "@octocat"),
        (f"{KEY[:7]}`{KEY[7:]} is code` and `@octocat`", "@octocat"),
        (f"``{KEY[:7]}``{KEY[7:]} and ``@octocat``", "@octocat"),
        (f"`x {KEY[:7]}`{KEY[7:]}`@octocat`", "@octocat"),
        (f"```\n{KEY[:7]}\n```\n{KEY[7:]}\n```\n@octocat\n```", "@octocat"),
        (f"{KEY}(https://evil.example)", "evil.example"),
        (f"[{KEY}](https://evil.example)", ""),
    ],
)
def test_code_stays_code_and_no_link_appears(text: str, dead: str) -> None:
    from markdown_it import MarkdownIt

    cleaned = OURS.removed(text)
    assert KEY[:12] not in cleaned and REMOVED in cleaned
    live = [child for token in MarkdownIt("commonmark").parse(cleaned) for child in token.children or ()]
    said = "".join(child.content for child in live if child.type == "text")
    assert "@octocat" not in said
    assert dead != "evil.example" or not any(child.type == "link_open" for child in live)


@pytest.mark.parametrize(
    "own",
    [
        "<!-- council:reply for=thread:1 -->",
        "<!-- council:summary pull=1 head=ab for=auto -->",
        "</details>",
        "<details><summary>More</summary>",
        "<sub>",
        "</code>",
    ],
)
def test_a_tag_of_our_own_stays_whole_behind_a_secret_that_continues_in_it(own: str) -> None:
    letters = "".join(filter(str.isalnum, own))
    for shared in (1, 2, 4):
        ours = Secrets([f"q7Zp2mXv9Lr4{letters[:shared]}"])
        cleaned = ours.removed(f"It is q7Zp2mXv9Lr4\n\n{own}")
        assert cleaned.endswith(own) and REMOVED in cleaned and "q7Zp2mXv9Lr4" not in cleaned
        assert ours.removed(f"{own} {KEY}").startswith(own)


@pytest.mark.parametrize("own", ["<!-- council:x {} -->", "<!-- council:x {} --><!-- council:x {} -->", "<sub>{}</sub>"])
def test_no_tag_hides_a_secret(own: str) -> None:
    halves = own.format(KEY) if own.count("{}") == 1 else own.format(KEY[:13], KEY[13:])
    cleaned = OURS.removed(f"a {halves} b")
    folded = "".join(filter(str.isalnum, cleaned))
    assert REMOVED in cleaned and KEY[8:20].replace("-", "") not in folded
    assert not any(KEY.replace("-", "")[at : at + 12] in folded for at in range(12))


@pytest.mark.parametrize("text", ["", "sk-proj-", KEY[:11], "-----BEGIN RSA PRIVATE KEY-----", "aaaaaaaaaaaaaaaaaaaa"])
def test_other_text_stays(text: str) -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq9\n-----END RSA PRIVATE KEY-----"
    assert Secrets([KEY, pem, "a" * 30]).removed(text) == text


def test_without_secrets_nothing_is_searched() -> None:
    assert Secrets([]).removed("text") == "text"
    assert KEY not in repr(OURS)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("postgresql://council:h4s%2Fk0Qz91LmX4@db/council", "h4s/k0Qz91LmX4"),
        ("redis://:8fQ2mZ7vLpA1bN8cD@redis:6379/0", "8fQ2mZ7vLpA1bN8cD"),
        ("postgresql://council:short@db/council", ""),
        ("postgresql://council:postgres-password@db/council", ""),
        ("postgresql://council@db/council", ""),
        ("redis://[::1", ""),
        ("", ""),
    ],
)
def test_the_password_of_a_url(url: str, secret: str) -> None:
    assert (secret in url_secrets(url)) if secret else url_secrets(url) == ()
    assert is_telling(secret) is bool(secret)


def test_both_urls_are_kept_out_of_posts() -> None:
    settings = read_settings({"DATABASE_URL": "postgresql://u:4fT9xQ2mZ7vLpA1b@db/x", "REDIS_URL": "redis://:N8cDw3R5tY7uI9oP@r"})
    ours = Secrets(settings.secrets)
    for said in ("4fT9xQ2mZ7vLpA1b", "N8cDw3R5tY7uI9oP"):
        assert ours.removed(f"it is {said}.") == f"it is {REMOVED}."
    assert ours.removed("postgresql://u@db/x is down") == "postgresql://u@db/x is down"


@pytest.mark.parametrize(
    ("url", "warned"), [("redis://:short@r", True), ("redis://:8fQ2mZ7vLpA1bN8cD@r", False), ("redis://r", False), ("", False)]
)
def test_doctor_warns_of_a_password_that_cannot_be_kept_out(url: str, warned: bool) -> None:
    from app.cli.doctor import _weak

    assert ("its password is short or common" in _weak(url)) is warned


def test_links_and_cells_behind_a_removed_part_are_unchanged() -> None:
    """The first letter of a path may continue the key that a model spelled out in the cell before."""
    row = f"| **{' '.join(KEY[:20])}…** | [`{KEY[20]}pp/cart.py:5`](https://github.example/blob/{'a1' * 20}) |"
    said = OURS.removed(row)
    assert REMOVED in said and "|  [  ` pp/cart.py:5`](https://github.example/" in said
