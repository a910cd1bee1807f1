"""Reads settings from files, as orchestrators mount secrets: change here which settings may come from a file."""

from collections.abc import Mapping
from pathlib import Path

from app.configuration.provider_catalog import ACCOUNTS
from app.errors import SettingsError

# Every setting that is or contains a secret, except those of providers.
OWN_SECRETS = (
    *("PRIVATE_KEY", "WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD", "GITHUB_CLIENT_SECRET", "COUNCIL_MASTER_KEY", "COUNCIL_MASTER_KEY_NEW"),
    *("DATABASE_URL", "DATABASE_PASSWORD", "REDIS_URL", "METRICS_TOKEN", "SMEE_URL", "SMTP_PASSWORD", "OTEL_EXPORTER_OTLP_HEADERS"),
)
PROVIDER_SECRETS = tuple(variable.name for account in ACCOUNTS for variable in account.variables if variable.secret)
SECRETS = (*OWN_SECRETS, *PROVIDER_SECRETS)
# A private key has 3 kB, and the credentials of a service account have as many.
_LARGEST = 64_000


def file_of(name: str) -> str:
    """The variable that names the file of a secret."""
    return f"{name}_FILE"


def read_secret_files(values: Mapping[str, str]) -> dict[str, str]:
    """The same values, with those from files. Raises SettingsError if a file cannot be read, is empty, or is set twice."""
    found = dict(values)
    for name in SECRETS:
        if path := found.pop(file_of(name), ""):
            if name in found:
                raise SettingsError(f"{name} and {file_of(name)} are both set; unset one of them")
            found[name] = _read(file_of(name), Path(path))
    return found


def _read(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1).decode().strip()
    except OSError as error:
        raise SettingsError(f"{variable} is {path}, which cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} is {path}, which is not text") from None
    if not text:
        raise SettingsError(f"{variable} is {path}, which is empty")
    if len(text) > _LARGEST:
        raise SettingsError(f"{variable} is {path}, which is larger than {_LARGEST:,} bytes")
    return text
