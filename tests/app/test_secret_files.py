"""Every secret may come from a file, and a mistake about one is a clear line without a traceback."""

import base64
from pathlib import Path

import pytest

from app.configuration.child_environments import SERVER, STORE
from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.secret_files import OWN_SECRETS, SECRETS, file_of
from app.configuration.settings import child_environment, forget_keys, read_settings
from app.errors import SettingsError

PEM = "-----BEGIN RSA PRIVATE KEY-----\nabcdefghijklmnop\n-----END RSA PRIVATE KEY-----"
# A valid value of each kind. The others accept any text.
VALUES = {
    "PRIVATE_KEY": PEM,
    "COUNCIL_MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
    "COUNCIL_MASTER_KEY_NEW": base64.b64encode(b"o" * 32).decode(),
    "DATABASE_URL": "postgresql://council:secret-of-a-url@db/council",
    "REDIS_URL": "redis://:secret-of-a-url@redis:6379",
    "SMEE_URL": "https://smee.io/channel",
    "OTEL_EXPORTER_OTLP_HEADERS": "api-key=secret-of-a-collector",
}
# Without these a provider is not configured, or a password has no URL to go into.
WITH = {
    "DATABASE_PASSWORD": {"DATABASE_URL": "postgresql://council@db/council"},
    "SMTP_PASSWORD": {"SMTP_HOST": "mail.example.com", "SMTP_FROM": "council@example.com"},
    **{
        variable.name: {name: "x" for names in account.enough if variable.name in names for name in names if name != variable.name}
        for account in ACCOUNTS
        for variable in account.variables
    },
    "AWS_SESSION_TOKEN": {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION_NAME": "x"},
    "OLLAMA_API_KEY": {"OLLAMA_BASE_URL": "http://127.0.0.1:1"},
    "HOSTED_VLLM_API_KEY": {"HOSTED_VLLM_BASE_URL": "http://127.0.0.1:1"},
    "LM_STUDIO_API_KEY": {"LM_STUDIO_BASE_URL": "http://127.0.0.1:1"},
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_the_same_from_a_file(name: str, tmp_path: Path) -> None:
    value, more = VALUES.get(name, "a-secret-of-some-length"), WITH.get(name, {})
    file = tmp_path / "secret"
    file.write_text(f"{value}\n")
    plain = read_settings({name: value, **more}).model_dump()
    assert read_settings({file_of(name): str(file), **more}).model_dump() == plain
    assert plain != read_settings(more).model_dump(), "the setting changes nothing"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_set_twice_is_one_clear_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("another secret")
    with pytest.raises(SettingsError, match=f"^{name} and {name}_FILE are both set; unset one of them$"):
        read_settings({name: "one", file_of(name): str(tmp_path / "secret")})


def test_every_secret_setting_may_come_from_a_file() -> None:
    marker = "marker-of-a-secret-1234567"
    names = {*SERVER, *(variable.name for account in ACCOUNTS for variable in account.variables)} - set(map(file_of, OWN_SECRETS))
    secret = set()
    for name in sorted(names - {"PRIVATE_KEY_PATH"}):
        try:
            found = read_settings({name: marker, **WITH.get(name, {})})
        except SettingsError:
            continue
        if any(marker in each for each in found.secrets):
            secret.add(name)
    assert secret and secret <= set(SECRETS), secret - set(SECRETS)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read: No such file"), (b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "is not text")]
)
def test_a_file_that_is_no_secret_is_one_clear_line(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=words) as raised:
        read_settings({"WEBHOOK_SECRET_FILE": str(file)})
    assert "WEBHOOK_SECRET_FILE" in str(raised.value) and "\n" not in str(raised.value)


def test_processes_get_file_names_and_a_worker_the_keys(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-a-file\n")
    environ = {"OPENAI_API_KEY_FILE": str(tmp_path / "key")}
    settings = read_settings(environ)
    assert child_environment(settings, with_keys=True)["OPENAI_API_KEY"] == "sk-from-a-file"
    assert "OPENAI_API_KEY" not in child_environment(settings, with_keys=False)
    # The next key of a rotation is only for the command that rotates.
    assert set(map(file_of, OWN_SECRETS)) - set(SERVER) == {"COUNCIL_MASTER_KEY_NEW_FILE"}
    # The migration process opens the same database with the same key.
    assert {"DATABASE_URL_FILE", "DATABASE_PASSWORD_FILE", "COUNCIL_MASTER_KEY_FILE"} <= set(STORE)
    forget_keys(environ)
    assert environ == {}
