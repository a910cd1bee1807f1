"""The reference of the environment: change here how the page is laid out; settings, defaults and providers come from the code."""

from collections.abc import Sequence

from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.secret_files import OWN_SECRETS
from tests.docs.markdown import code, prose, table
from tests.docs.setting_texts import GROUPS, SettingText
from tests.docs.settings_reader import EnvironmentSetting, read_names

_COLUMNS = ("setting", "what it does", "values", "default")
_HEAD = prose("""
# Settings of a server

Council reads its settings from the environment, once, when a process starts. A value that does not fit stops the
process with one line that says the fix. Settings of a repository are in [council.yml](council-yml.md).
""")


def write(groups: Sequence[tuple[str, Sequence[SettingText]]] = GROUPS) -> str:
    """The page; raises ValueError where a setting has no text, or a text no setting."""
    read = read_names()
    texts = {text.name for _, group in groups for text in group}
    if read.keys() != texts:
        raise ValueError(f"tests/docs/setting_texts.py and app/configuration/settings.py differ: {sorted(read.keys() ^ texts)}")
    parts = [_HEAD]
    for title, group in groups:
        parts.append(f"## {title}\n\n{table(_COLUMNS, [_row(text, read[text.name]) for text in group])}\n")
    return "".join(parts) + _providers() + "\n" + _secret_files()


def _row(text: SettingText, read: EnvironmentSetting) -> tuple[str, str, str, str]:
    return code(text.name), text.does, read.kind, text.default or (code(read.default) if read.default else "none")


def _providers() -> str:
    rows = [(account.title, code(account.name), account.wanted, code(account.base), account.quirk) for account in ACCOUNTS]
    head = "## Providers\n\nSet what a provider needs; `council models` lists its models and prices, `council doctor` asks each one. "
    return f"{head}A base URL replaces the host, for a proxy or your own server.\n\n" + table(
        ("provider", "model strings begin with", "set", "base URL", ""), rows
    )


def _secret_files() -> str:
    names = ", ".join(code(name) for name in OWN_SECRETS)
    text = f"""
Every secret may come from a file, as Docker and Kubernetes mount them: `NAME_FILE` names a file with the value of `NAME`, such as
`WEBHOOK_SECRET_FILE=/run/secrets/webhook`. White space at the ends of the file does not count. With both set, the process stops with one
line. It works for {names} and every provider's key.
"""
    return f"## Secrets from files\n\n{prose(text)}".rstrip("\n") + "\n"
