"""The only reader of the environment: an instance's settings, checked once.

Names follow Probot where it has them. Provider keys are removed from `os.environ` here, before litellm could find them: without an explicit
key it sends one from the environment to any host (https://github.com/BerriAI/litellm/issues/31467).
"""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from app.configuration.child_environments import ACTION, ACTION_SECRETS, PROGRAM, RUNTIME, SERVER, STORE, select_variables
from app.configuration.environment_values import (
    SHORTEST_SECRET,
    read_context_tokens,
    read_dollars,
    read_headers,
    read_port,
    read_private_key,
    read_secret,
    read_switch,
    read_url,
    read_whole_number,
    read_word,
    web_url_of,
    with_password,
)
from app.configuration.mail_server import MailServer, read_internal_hosts, read_mail_server
from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.providers import ConfiguredProvider
from app.configuration.secret_files import file_of, read_secret_files
from app.errors import SettingsError
from app.secret_filter import url_secrets
from webhooks.job_base import FrozenModel

# How much more than one repository all of them together may spend by default.
INSTANCE_TIMES = 10


class MoneyCaps(FrozenModel):
    """The most that may be spent, in US dollars. None is no limit."""

    run: float | None = 0.50
    pull_request: float | None = 2.0
    day: float | None = 5.0
    month: float | None = 50.0


class InstanceCaps(FrozenModel):
    """The most that all repositories together may spend, in US dollars. None is no limit. `unset` names the caps without a setting."""

    day: float | None = None
    month: float | None = None
    unset: tuple[str, ...] = ("day", "month")

    @property
    def any(self) -> bool:
        """Whether there is a cap."""
        return self.day is not None or self.month is not None

    def in_force(self, caps: MoneyCaps, *, capped: bool) -> "InstanceCaps":
        """The caps that apply. If `capped`, as new instances are, unset ones are ten times a repository's."""
        if not capped:
            return self
        times = INSTANCE_TIMES
        most = {"day": caps.day, "month": caps.month}
        found = {name: None if (usd := most[name]) is None else round(usd * times, 2) for name in self.unset}
        return self.model_copy(update=found)


class Settings(FrozenModel):
    """An instance's settings. Secrets are kept out of its repr."""

    app_id: str = ""
    app_slug: str = ""
    private_key: str = ""
    webhook_secrets: tuple[str, ...] = ()
    client_id: str = ""
    client_secret: str = ""
    master_key: str = ""
    new_master_key: str = ""
    github_api_url: str = "https://api.github.com"
    github_web_url: str = "https://github.com"
    database_url: str = ""
    database_pool: int = 5
    redis_url: str = ""
    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 3000
    public_url: str = ""
    metrics_token: str = ""
    metrics_port: int = 0
    worker_port: int = 0
    otel_endpoint: str = ""
    otel_headers: tuple[tuple[str, str], ...] = ()
    otel_service: str = "council"
    otel_content: bool = False
    smee_url: str = ""
    seats: tuple[str, ...] = ()
    fallback: str = ""
    context_tokens: tuple[tuple[str, int], ...] = ()
    providers: tuple[ConfiguredProvider, ...] = ()
    payer: str = ""
    log_json: bool = True
    log_level: str = "info"
    retention_days: int = 90
    encrypt_transcripts: bool = False
    poll_seconds: int = 0
    seat_seconds: int = 120
    repository_seconds: int = 20
    run_seconds: int = 300
    provider_calls: int = 16
    reviews_at_once: int = 50
    mirrors: bool = True
    mirrors_mb: int = 2_048
    commands_a_day: int = 100
    paid_commands_a_day: int = 30
    caps: MoneyCaps = MoneyCaps()
    instance_caps: InstanceCaps = InstanceCaps()
    mail: MailServer = MailServer()
    internal_hosts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Settings(app_id={self.app_id!r}, github_api_url={self.github_api_url!r}, data={str(self.data)!r})"

    __str__ = __repr__

    @property
    def is_set_up(self) -> bool:
        """Whether this instance knows its GitHub App."""
        return not self._missing()

    def require_app(self) -> None:
        """Raise SettingsError unless the App's id, key and webhook secret are all set."""
        if missing := self._missing():
            raise SettingsError(f"Not set: {', '.join(missing)}. Find them on the page of your GitHub App, under General.")

    def require_whole(self) -> None:
        """Raise SettingsError if only a part of the App is set. If nothing is set, the set-up page provides it."""
        if self.app_id or self.private_key or self.webhook_secrets:
            self.require_app()

    def _missing(self) -> list[str]:
        wanted = (
            ("APP_ID", self.app_id),
            ("PRIVATE_KEY or PRIVATE_KEY_PATH", self.private_key),
            # With polling there are no deliveries whose signature could be checked.
            ("WEBHOOK_SECRET", self.webhook_secrets or self.poll_seconds),
        )
        return [name for name, value in wanted if not value]

    def provider(self, name: str) -> ConfiguredProvider | None:
        """The provider with that name, if it is configured."""
        return next((provider for provider in self.providers if provider.name == name), None)

    @property
    def mirrors_folder(self) -> Path:
        """The folder of the mirrors."""
        return self.data / "mirrors"

    def run_url(self, run_id: str) -> str:
        """The address of a run's page, "" without a public address."""
        return f"{self.public_url.rstrip('/')}/runs/{run_id}" if self.public_url else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that may never be posted or logged."""
        keys = tuple(secret for provider in self.providers for secret in provider.secrets)
        own = (*self.webhook_secrets, self.private_key, self.client_secret, self.master_key, self.new_master_key, self.metrics_token)
        own = (*own, self.mail.password, *(value for _, value in self.otel_headers if len(value) >= SHORTEST_SECRET))
        urls = (*url_secrets(self.database_url), *url_secrets(self.redis_url))
        return tuple(secret for secret in (*own, *keys, *urls) if secret)


def from_environment() -> Settings:
    """Read this process's environment, and remove the provider keys from it."""
    settings = read_settings(os.environ)
    forget_keys(os.environ)
    return settings


def action_environment() -> dict[str, str]:
    """The environment of a step of GitHub Actions. Its secrets are removed from this process's environment."""
    values = select_variables(os.environ, *ACTION)
    for name in ACTION_SECRETS:
        os.environ.pop(name, None)
    return values


def program_environment() -> dict[str, str]:
    """The environment for an external program."""
    return select_variables(os.environ, *PROGRAM)


def staged_index() -> str:
    """The index that a commit hook got (GIT_INDEX_FILE), or ""."""
    return os.environ.get("GIT_INDEX_FILE", "")


def upgrade_environment() -> dict[str, str]:
    """The environment for the migration process."""
    return select_variables(os.environ, *RUNTIME, *STORE)


def sandbox_environment() -> dict[str, str]:
    """The environment for a sandbox in a separate process, which has no settings."""
    return select_variables(os.environ, *RUNTIME)


def child_environment(settings: Settings, *, with_keys: bool) -> dict[str, str]:
    """The environment for a server's process. Only processes that call models get the provider keys."""
    environment = select_variables(os.environ, *RUNTIME, *SERVER) | {
        "COUNCIL_POLL_SECONDS": str(settings.poll_seconds),
        "SMEE_URL": settings.smee_url,
    }
    if with_keys:
        for provider in settings.providers:
            environment |= provider.environment
    return environment


def forget_keys(environ: MutableMapping[str, str]) -> None:
    """Drop every provider key from an environment."""
    for account in ACCOUNTS:
        for variable in account.variables:
            environ.pop(variable.name, None)
            environ.pop(file_of(variable.name), None)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment. Raises SettingsError with the fix."""
    values = read_secret_files({name: value.strip() for name, value in environ.items() if value.strip()})
    api = read_url(values, "GITHUB_API_URL", "https://api.github.com")
    app_id = values.get("APP_ID", "")
    if app_id and not app_id.isdigit():
        raise SettingsError(f"APP_ID is {app_id!r}; set it to the number on the page of your GitHub App, under General")
    return Settings(
        app_id=app_id,
        app_slug=values.get("APP_SLUG", "").lower(),
        private_key=read_private_key(values),
        webhook_secrets=tuple(filter(None, (values.get("WEBHOOK_SECRET"), values.get("WEBHOOK_SECRET_OLD")))),
        client_id=values.get("GITHUB_CLIENT_ID", ""),
        client_secret=values.get("GITHUB_CLIENT_SECRET", ""),
        master_key=values.get("COUNCIL_MASTER_KEY", ""),
        new_master_key=values.get("COUNCIL_MASTER_KEY_NEW", ""),
        github_api_url=api,
        github_web_url=read_url(values, "GITHUB_WEB_URL", web_url_of(api)),
        database_url=with_password(values.get("DATABASE_URL", ""), values.get("DATABASE_PASSWORD", "")),
        database_pool=read_whole_number(values, "DATABASE_POOL", 5, least=1),
        redis_url=values.get("REDIS_URL", ""),
        data=Path(values.get("COUNCIL_DATA", "data")),
        host=values.get("HOST", "127.0.0.1"),
        port=read_port(values),
        public_url=read_url(values, "PUBLIC_URL", ""),
        metrics_token=read_secret(values, "METRICS_TOKEN"),
        metrics_port=read_whole_number(values, "METRICS_PORT", 0),
        worker_port=read_whole_number(values, "WORKER_PORT", 0),
        otel_endpoint=read_url(values, "OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        otel_headers=read_headers(values, "OTEL_EXPORTER_OTLP_HEADERS"),
        otel_service=values.get("OTEL_SERVICE_NAME", "council"),
        otel_content=read_switch(values, "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
        smee_url=read_url(values, "SMEE_URL", ""),
        seats=tuple(seat.strip() for seat in values.get("COUNCIL_SEATS", "").split(",") if seat.strip()),
        fallback=values.get("COUNCIL_FALLBACK", ""),
        context_tokens=read_context_tokens(values),
        providers=_providers(values),
        log_json=values.get("LOG_FORMAT", "json") != "text",
        log_level=read_word(values, "LOG_LEVEL", ("info", "debug", "warning", "error")),
        retention_days=read_whole_number(values, "RETENTION_DAYS", 90, least=1),
        encrypt_transcripts=read_switch(values, "ENCRYPT_TRANSCRIPTS"),
        poll_seconds=read_whole_number(values, "COUNCIL_POLL_SECONDS", 0),
        seat_seconds=read_whole_number(values, "SEAT_SECONDS", 120, least=1),
        repository_seconds=read_whole_number(values, "REPOSITORY_SECONDS", 20, least=0),
        run_seconds=read_whole_number(values, "RUN_SECONDS", _run_seconds(values), least=1),
        provider_calls=read_whole_number(values, "PROVIDER_CALLS", 16, least=1),
        reviews_at_once=read_whole_number(values, "REVIEWS_AT_ONCE", 50, least=1),
        mirrors=read_switch(values, "MIRRORS", default="on"),
        mirrors_mb=read_whole_number(values, "MIRRORS_MB", 2_048, least=1),
        commands_a_day=read_whole_number(values, "COMMANDS_A_DAY", 100),
        paid_commands_a_day=read_whole_number(values, "PAID_COMMANDS_A_DAY", 30),
        caps=MoneyCaps(
            **{name: read_dollars(values, f"{name.upper()}_USD", default) for name, default in MoneyCaps().model_dump().items()}
        ),
        instance_caps=_instance_caps(values),
        mail=read_mail_server(values),
        internal_hosts=read_internal_hosts(values),
    )


def _caps(values: Mapping[str, str]) -> MoneyCaps:
    defaults = MoneyCaps().model_dump()
    return MoneyCaps(**{name: read_dollars(values, f"{name.upper()}_USD", default) for name, default in defaults.items()})


def _instance_caps(values: Mapping[str, str]) -> InstanceCaps:
    names = {name: f"INSTANCE_{name.upper()}_USD" for name in ("day", "month")}
    found = {name: read_dollars(values, variable, None) for name, variable in names.items()}
    return InstanceCaps(**found, unset=tuple(name for name, variable in names.items() if variable not in values))


def _run_seconds(values: Mapping[str, str]) -> int:
    """Two rounds and the chair's summary, for seats with more time than usual."""
    return max(300, read_whole_number(values, "SEAT_SECONDS", 120, least=1) * 5 // 2)


def channel(url: str) -> str:
    """The URL of a smee channel, checked like SMEE_URL."""
    return read_url({"SMEE_URL": url}, "SMEE_URL", "")


def _providers(values: Mapping[str, str]) -> tuple[ConfiguredProvider, ...]:
    providers = []
    for account in ACCOUNTS:
        base = read_url(values, account.base, "") if account.base else ""
        keys = [variable.name for variable in account.variables if variable.argument == "api_key"]
        key = next((values[name] for name in keys if values.get(name)), "")
        if account.configured(values):
            more = tuple((each.name, values[each.name]) for each in account.variables if each.name not in keys and values.get(each.name))
            providers.append(ConfiguredProvider(name=account.name, key=key, base_url=base, more=more))
    return tuple(providers)
