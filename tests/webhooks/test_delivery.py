"""A delivery exists only if its signature is valid."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.delivery import BadPayload, BadSignature, Delivery

SECRET = "s3cret"


def signed(raw: bytes, secret: str = SECRET, **headers: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {
        "x-hub-signature-256": f"sha256={signature}",
        "x-github-delivery": "guid-1",
        "x-github-event": "ping",
    } | {name.replace("_", "-"): value for name, value in headers.items()}


def test_a_signed_delivery_is_read() -> None:
    raw = json.dumps({"action": "opened", "installation": {"id": 42}}).encode()
    delivery = Delivery.from_http(signed(raw), raw, [SECRET])
    assert (delivery.guid, delivery.event, delivery.action, delivery.installation_id) == ("guid-1", "ping", "opened", 42)


def test_an_old_secret_is_valid_while_it_is_listed() -> None:
    assert Delivery.from_http(signed(b"{}", "old"), b"{}", [SECRET, "old"]).event == "ping"
    assert Delivery.from_http(signed(b"{}", "old"), b"{}", ["old", SECRET]).event == "ping"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha1).hexdigest(),
        hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()[:-1],
        "SHA256=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest(),
        "sha256=é",
    ],
)
def test_any_other_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        Delivery.from_http(signed(b"{}", x_hub_signature_256=signature), b"{}", [SECRET])


def test_no_secret_means_no_delivery() -> None:
    empty = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        Delivery.from_http(signed(b"{}", x_hub_signature_256=f"sha256={empty}"), b"{}", ["", ""])


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"NaN", b'{"x": NaN}', b'{"x": Infinity}'),
        # More values than any real payload has would block all other requests.
        b'{"x": [' + b"1," * 250_000 + b"1]}",
        b'{"x": [' + (b"[[[[" + b"]]]],") * 60_000 + b"1]}",
        b'{"x": [' + (b'{"a":' * 4 + b"1" + b"}" * 4 + b",") * 60_000 + b"1]}",
        # Long numbers are slow to parse.
        b'{"x": [' + (b"9" * 4_000 + b",") * 300 + b"1]}",
    ],
    ids=lambda raw: raw[:20],
)
def test_a_signed_body_that_is_no_object_is_a_bad_payload(raw: bytes) -> None:
    with pytest.raises(BadPayload) as caught:
        Delivery.from_http(signed(raw), raw, [SECRET])
    assert caught.value.guid == "guid-1"


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 200_000, "{" * 190_000, "a" * 3_000_000])
def test_a_long_text_is_no_bad_payload(text: str) -> None:
    raw = json.dumps({"comment": {"body": text}}).encode()
    assert Delivery.from_http(signed(raw), raw, [SECRET]).payload["comment"]["body"] == text


@pytest.mark.parametrize("missing", ["x-github-delivery", "x-github-event"])
def test_a_delivery_has_an_id_and_an_event(missing: str) -> None:
    headers = signed(b"{}")
    del headers[missing]
    with pytest.raises(BadPayload):
        Delivery.from_http(headers, b"{}", [SECRET])


@given(st.binary(max_size=200), st.text(max_size=90))
def test_only_a_valid_signature_is_accepted(raw: bytes, signature: str) -> None:
    with pytest.raises(BadSignature):
        Delivery.from_http({"x-hub-signature-256": signature}, raw, [SECRET])


@pytest.mark.parametrize("installation", [None, [], "42", {"id": "42"}, {"id": None}, {}])
def test_an_invalid_installation_counts_as_none(installation: object) -> None:
    raw = json.dumps({"installation": installation}).encode()
    assert Delivery.from_http(signed(raw), raw, [SECRET]).installation_id == 0
