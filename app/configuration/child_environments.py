"""Which environment variables each child process gets: exact lists of names, and nothing else."""

from collections.abc import Mapping

from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.secret_files import OWN_SECRETS, file_of

# External programs: git, Valkey.
PROGRAM = ("PATH", "HOME", "LANG")
# What Python, TLS, proxies and the PostgreSQL driver read in any process.
RUNTIME = (
    *(*PROGRAM, "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED", "VIRTUAL_ENV", "LD_LIBRARY_PATH"),
    *(*("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"), *("http_proxy", "https_proxy", "all_proxy", "no_proxy")),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGPASSFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"),
)
# What the migration process reads.
STORE = (
    *("COUNCIL_DATA", "COUNCIL_MASTER_KEY", "DATABASE_URL", "DATABASE_POOL", "DATABASE_PASSWORD"),
    *map(file_of, ("COUNCIL_MASTER_KEY", "DATABASE_URL", "DATABASE_PASSWORD")),
)
# What web and worker read: all settings except the providers' keys, which only a worker gets.
SERVER = (
    *STORE,
    *("APP_ID", "APP_SLUG", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD"),
    *("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_API_URL", "GITHUB_WEB_URL", "SMEE_URL", "COUNCIL_POLL_SECONDS"),
    *(
        "REDIS_URL",
        "HOST",
        "PORT",
        "PUBLIC_URL",
        "METRICS_TOKEN",
        "METRICS_PORT",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "COUNCIL_SEATS",
        "COUNCIL_FALLBACK",
        "COUNCIL_CONTEXT_TOKENS",
    ),
    *("RETENTION_DAYS", "ENCRYPT_TRANSCRIPTS", "SEAT_SECONDS", "REPOSITORY_SECONDS", "RUN_SECONDS", "PROVIDER_CALLS", "REVIEWS_AT_ONCE"),
    *("MIRRORS", "MIRRORS_MB", "WORKER_PORT"),
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"),
    *("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"),
    *("COMMANDS_A_DAY", "PAID_COMMANDS_A_DAY", "RUN_USD", "PULL_REQUEST_USD", "DAY_USD", "MONTH_USD"),
    *("INSTANCE_DAY_USD", "INSTANCE_MONTH_USD"),
    *("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_FROM", "SMTP_TO_DOMAINS", "NOTIFY_INTERNAL_HOSTS"),
    *(account.base for account in ACCOUNTS if account.base),
    *(name for name in map(file_of, OWN_SECRETS) if name not in (*STORE, file_of("COUNCIL_MASTER_KEY_NEW"))),
)

# What a step of GitHub Actions passes to `council action`. The secrets among these are removed from the environment when they are read.
ACTION_SECRETS = ("GITHUB_TOKEN", "COUNCIL_STATE_KEY")
ACTION = (
    *ACTION_SECRETS,
    *("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
    *("RUNNER_TEMP", "COUNCIL_MODE", "COUNCIL_PRESET", "COUNCIL_CONFIG", "COUNCIL_PULL_REQUEST", "COUNCIL_PATCH", "COUNCIL_SARIF"),
)


def select_variables(environ: Mapping[str, str], *names: str) -> dict[str, str]:
    """The part of an environment with these names."""
    return {name: environ[name] for name in names if name in environ}
