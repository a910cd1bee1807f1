"""What each setting of the environment does, in the order of the page: change a sentence here.

The reader of the environment says which settings there are; one without a text, and a text without a setting, fails the page.
"""

from typing import NamedTuple


class SettingText(NamedTuple):
    """`does` is a sentence or two without a stop at the end; `default` only where the reader's value does not say it."""

    name: str
    does: str
    default: str = ""


SERVER = (
    SettingText("HOST", "the address on which the web process listens"),
    SettingText("PORT", "the port on which the web process listens", "3000"),
    SettingText(
        "PUBLIC_URL",
        "where browsers and GitHub find this server. A server that other machines reach needs it for signing in; https "
        "makes cookies and HSTS strict",
        "the address in the browser, on loopback only",
    ),
    SettingText("COUNCIL_DATA", "the data folder: SQLite, Valkey, mirrors, symbols and `master.key`"),
    SettingText(
        "COUNCIL_MASTER_KEY",
        "32 bytes in base64 that seal sessions, secrets and encrypted transcripts; the same for all processes (`openssl rand -base64 32`)",
        "`master.key` in `COUNCIL_DATA`",
    ),
    SettingText("COUNCIL_MASTER_KEY_NEW", "the key that `council rotate-key` seals everything with: [how to](../how-to/master-key.md)"),
    SettingText("RETENTION_DAYS", "how many days snapshots and transcripts stay; a repository may ask for less, never for more"),
    SettingText("ENCRYPT_TRANSCRIPTS", "whether the transcripts of all repositories are kept encrypted, whatever their settings say"),
    SettingText("LOG_FORMAT", "`json`, or `text` for people", "json"),
    SettingText("LOG_LEVEL", "the least that is logged"),
)
APP = (
    SettingText("APP_ID", "the number of your GitHub App"),
    SettingText("APP_SLUG", "the name of your App in addresses, such as `council-acme`", "as GitHub says it"),
    SettingText("PRIVATE_KEY", "the App's private key as PEM, also in base64 or with `\\n` for line ends"),
    SettingText("PRIVATE_KEY_PATH", "the file that holds the private key"),
    SettingText("WEBHOOK_SECRET", "the secret that GitHub signs webhooks with; not needed where Council polls"),
    SettingText("WEBHOOK_SECRET_OLD", "a second secret that is accepted while you change the first"),
    SettingText("GITHUB_CLIENT_ID", "what signing in to the pages needs; it is on your App's page", "stored by the set-up page"),
    SettingText("GITHUB_CLIENT_SECRET", "what signing in to the pages needs; it is on your App's page", "stored by the set-up page"),
    SettingText("GITHUB_API_URL", "the API of GitHub Enterprise", "https://api.github.com"),
    SettingText("GITHUB_WEB_URL", "the pages of GitHub Enterprise", "the host that belongs to `GITHUB_API_URL`"),
    SettingText(
        "COUNCIL_POLL_SECONDS",
        "how often GitHub is asked for deliveries, instead of webhooks: `council serve --poll` is 30; 0 never asks",
        "0",
    ),
    SettingText("SMEE_URL", "a smee channel that `council serve` takes webhooks from"),
)
DATABASE = (
    SettingText("DATABASE_URL", "`postgresql://user:password@host/name`, as your cloud prints it", "SQLite in `COUNCIL_DATA`"),
    SettingText(
        "DATABASE_PASSWORD", "the password for a `DATABASE_URL` that names a user alone; it may hold any character", "the one in the URL"
    ),
    SettingText("DATABASE_POOL", "connections to PostgreSQL that one process keeps; under load it opens as many again"),
    SettingText("REDIS_URL", "`redis://host:6379`", "an embedded Valkey"),
)
COUNCIL = (
    SettingText("COUNCIL_SEATS", "model strings, separated by commas", "chosen by the keys that are set"),
    SettingText(
        "COUNCIL_FALLBACK",
        "when a provider is down: a local model to ask at last, or `off`",
        "the same model directly or through OpenRouter, whichever is set up",
    ),
    SettingText(
        "COUNCIL_CONTEXT_TOKENS",
        "the context of models, at least 2,048: one number for models whose context is unknown, or `model=tokens` for some, separated by "
        "commas. Prompts are packed to fit; Ollama gets it as `num_ctx`",
        "what the host says, else litellm's map; 16,384 with Ollama",
    ),
    SettingText(
        "SEAT_SECONDS",
        "how long a seat may take for a round, the chair three eighths of it. Raise it for slow local models; the wait "
        "for a server that works "
        "on another seat does not count",
    ),
    SettingText("RUN_SECONDS", "how long a run may take", "300, or 2.5 × `SEAT_SECONDS` where that is more"),
    SettingText(
        "REPOSITORY_SECONDS",
        "how long a review may wait in all for the mirror and the index of the repository; then it goes on without [looking around]"
        "(../looking.md). 0 never looks",
    ),
    SettingText("PROVIDER_CALLS", "how many calls one provider answers at once, all workers together"),
    SettingText("REVIEWS_AT_ONCE", "how many reviews run at once, all workers together; 2 of an installation and of a repository"),
    SettingText("MIRRORS", "`off` keeps no copies of repositories; reviews then see what GitHub's API gives", "on"),
    SettingText(
        "MIRRORS_MB", "the disk that all mirrors of a machine may take; the least recently used is removed first, one in use never"
    ),
)
MONEY = (
    SettingText("RUN_USD", "the most that one review may cost; a `council.yml` may only lower it"),
    SettingText("PULL_REQUEST_USD", "the most that one pull request may cost; a `council.yml` may only lower it"),
    SettingText("DAY_USD", "the most that a repository may spend in a day (UTC); a `council.yml` may only lower it"),
    SettingText("MONTH_USD", "the most that a repository may spend in a month (UTC); a `council.yml` may only lower it"),
    SettingText(
        "INSTANCE_DAY_USD",
        "the most that all repositories together may spend in a day. `council doctor`, `/admin` and the usage page show what is used",
        "10 × `DAY_USD` on a new server; none on one that was upgraded",
    ),
    SettingText(
        "INSTANCE_MONTH_USD",
        "the most that all repositories together may spend in a month",
        "10 × `MONTH_USD` on a new server; none on one that was upgraded",
    ),
    SettingText(
        "PAID_COMMANDS_A_DAY",
        "how many paid commands a person may give in a day (UTC), in all repositories and over comments, pages, the "
        "HTTP API, re-runs and "
        "`council mcp` together. Pushes do not count",
    ),
    SettingText("COMMANDS_A_DAY", "how many commands a person may give in a day (UTC) in one repository"),
)
WATCHING = (
    SettingText("METRICS_TOKEN", "the bearer token that opens `/metrics`"),
    SettingText("METRICS_PORT", "a port of the web process that answers `/metrics` alone, without a token"),
    SettingText(
        "WORKER_PORT",
        "a port of each worker that answers `/healthz`, `/readyz` and `/metrics`, without a token; workers on one "
        "machine need different ones",
    ),
    SettingText(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "an OTLP/HTTP collector for traces and durations, such as `http://collector:4318`; needs the extra `otel`. "
        "See [watching Council](../how-to/observability.md#opentelemetry)",
        "off",
    ),
    SettingText("OTEL_EXPORTER_OTLP_HEADERS", "headers for the collector: `name=value`, separated by commas"),
    SettingText("OTEL_SERVICE_NAME", "the service's name in traces"),
    SettingText("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "whether prompts and answers are put into traces"),
)
MAIL = (
    SettingText("SMTP_HOST", "the mail server; without a host there is no e-mail"),
    SettingText("SMTP_PORT", "the port of the mail server", "587; 465 with `tls`, 25 with `none`"),
    SettingText(
        "SMTP_SECURITY",
        "`starttls`, `tls`, or `none` for a relay in your network; with `none` no password is sent to another machine",
        "starttls",
    ),
    SettingText("SMTP_USERNAME", "how Council signs in to the mail server"),
    SettingText("SMTP_PASSWORD", "how Council signs in to the mail server"),
    SettingText("SMTP_FROM", "the address that mail comes from, such as `Council <council@example.com>`", "needed with a host"),
    SettingText(
        "SMTP_TO_DOMAINS",
        "domains that mail may go to, separated by commas. Set it where people whom you do not know can install the App",
        "all",
    ),
    SettingText(
        "NOTIFY_INTERNAL_HOSTS",
        "hosts inside your network that channels may lead to: `chat.internal`, `chat.internal:8443`, or "
        "`http://chat.internal:8065` for one "
        "without encryption",
    ),
)

GROUPS = (
    ("Server", SERVER),
    ("GitHub App", APP),
    ("Database and queue", DATABASE),
    ("Council", COUNCIL),
    ("Money and limits", MONEY),
    ("Metrics and traces", WATCHING),
    ("Mail and notifications", MAIL),
)
