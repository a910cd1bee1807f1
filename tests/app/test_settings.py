"""A wrong setting is one clear sentence with the fix. Keys are removed from the environment."""

import base64
import os

import pytest

from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.secret_files import file_of
from app.configuration.settings import Settings, forget_keys, from_environment, read_settings
from app.errors import SettingsError

PEM = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"APP_ID": "my-app"}, "APP_ID is 'my-app'; set it to the number"),
        ({"PORT": "http"}, "PORT is 'http', which is not a port number"),
        ({"PORT": "99999"}, "PORT is '99999'"),
        ({"PRIVATE_KEY": "hello"}, "PRIVATE_KEY is not a PEM key"),
        ({"PRIVATE_KEY_PATH": "/nowhere/key.pem"}, "PRIVATE_KEY_PATH is /nowhere/key.pem, which cannot be read"),
        ({"RUN_USD": "much"}, "RUN_USD is 'much'; use an amount in dollars such as 0.50, or none"),
        ({"DAY_USD": "-1"}, "DAY_USD is '-1'; use an amount in dollars"),
        ({"GITHUB_API_URL": "api.github.com"}, "GITHUB_API_URL is 'api.github.com', which is not an http(s) URL"),
    ],
)
def test_a_wrong_setting_is_reported(environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match="^" + said.replace("(", r"\(").replace(")", r"\)")):
        read_settings(environ)


@pytest.mark.parametrize("text", [PEM, PEM.replace("\n", "\\n"), base64.b64encode(PEM.encode()).decode()])
def test_a_private_key_comes_in_three_ways(text: str) -> None:
    assert read_settings({"PRIVATE_KEY": text}).private_key == PEM + "\n"


def test_all_missing_settings_are_named_together() -> None:
    with pytest.raises(SettingsError, match=r"^Not set: APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH, WEBHOOK_SECRET\."):
        Settings().require_app()


def test_keys_leave_the_environment_and_stay_out_of_the_repr() -> None:
    environ = {"OPENAI_API_KEY": "sk-secret", "OLLAMA_BASE_URL": "http://127.0.0.1:11434", "PATH": "/bin"}
    settings = read_settings(environ)
    forget_keys(environ)
    assert "OPENAI_API_KEY" not in environ
    assert [provider.name for provider in settings.providers] == ["openai", "ollama"]
    assert "sk-secret" not in repr(settings) + str(settings)
    assert "sk-secret" in settings.secrets


def test_reading_the_environment_removes_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm sends a key from the environment to any host."""
    for variable in (variable for account in ACCOUNTS for variable in account.variables):
        monkeypatch.delenv(variable.name, raising=False)
        monkeypatch.delenv(file_of(variable.name), raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert [provider.name for provider in from_environment().providers] == ["openai"]
    assert "OPENAI_API_KEY" not in os.environ and "sk-secret" not in os.environ.values()


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com"),
    ],
)
def test_the_pages_host_is_derived_from_the_apis(api: str, web: str) -> None:
    assert read_settings({"GITHUB_API_URL": api}).github_web_url == web


def test_an_operator_can_raise_or_remove_the_caps() -> None:
    caps = read_settings({"RUN_USD": "1.25", "MONTH_USD": "none"}).caps
    assert (caps.run, caps.pull_request, caps.month) == (1.25, 2.0, None)
