"""Invented secrets in the documented formats of services: (kind, text of a line, the part that must not leak)."""

import base64
import random
import string
from collections.abc import Callable
from typing import NamedTuple

WORD = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
URL = WORD + "_-"


class Planted(NamedTuple):
    """`text` as it appears somewhere; `secret` is what must be masked; `named` if only its assigned name makes it secret."""

    text: str
    secret: str
    named: bool = False


Maker = Callable[[random.Random], Planted]


def _some(dice: random.Random, letters: str, size: int) -> str:
    return "".join(dice.choice(letters) for _ in range(size))


def _prefixed(before: str, letters: str, size: int, after: str = "") -> Maker:
    def make(dice: random.Random) -> Planted:
        body = _some(dice, letters, size - 1) + dice.choice(WORD if letters is URL else letters)
        return Planted(before + body + after, body)

    return make


def _parts(*parts: tuple[str, int] | str) -> Maker:
    """Fixed texts and (letters, size) parts in order; the longest random part is the secret."""

    def make(dice: random.Random) -> Planted:
        made = [part if isinstance(part, str) else _some(dice, *part) for part in parts]
        drawn = [text for text, part in zip(made, parts, strict=True) if not isinstance(part, str)]
        return Planted("".join(made), max(drawn, key=len))

    return make


def _uuid(before: str) -> Maker:
    return _parts(before, (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12))


def _named(name: str, letters: str, size: int) -> Maker:
    """No recognizable format: only the assigned name shows it."""

    def make(dice: random.Random) -> Planted:
        body = _some(dice, letters, size)
        text = dice.choice(('{0} = "{1}"', "{0}={1}", '"{0}": "{1}"', "{0}: {1}", "export {0}='{1}'", '{0}: str = "{1}"')).format(
            name, body
        )
        return Planted(text, body, True)

    return make


def _base64(dice: random.Random, size: int) -> str:
    return base64.b64encode(dice.randbytes(size)).decode()


def _jwt(dice: random.Random) -> Planted:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"' + _some(dice, WORD, 12).encode() + b'","iat":1700000000}').decode().rstrip("=")
    end = base64.urlsafe_b64encode(dice.randbytes(32)).decode().rstrip("=")
    return Planted(f"{head}.{body}.{end}", end)


def _pem(title: str) -> Maker:
    def make(dice: random.Random) -> Planted:
        body = _base64(dice, 192)
        rows = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        return Planted(f"-----BEGIN {title}-----\n{rows}\n-----END {title}-----", body[64:128], True)

    return make


def _url(scheme: str, host: str) -> Maker:
    def make(dice: random.Random) -> Planted:
        word = _some(dice, WORD, 16)
        return Planted(f"{scheme}://service:{word}@{host}", word)

    return make


def _header(form: str, letters: str, size: int) -> Maker:
    def make(dice: random.Random) -> Planted:
        body = _some(dice, letters, size)
        return Planted(form.format(body), body, True)

    return make


def _basic(dice: random.Random) -> Planted:
    body = base64.b64encode(f"user:{_some(dice, WORD, 24)}".encode()).decode().rstrip("=")
    return Planted(f"Authorization: Basic {body}", body, True)


# Council's own secrets: every one must be masked.
OWN: dict[str, Maker] = {
    "openai": _prefixed("sk-", WORD, 48),
    "openai project": _prefixed("sk-proj-", URL, 120),
    "openai service account": _prefixed("sk-svcacct-", URL, 120),
    "anthropic": _prefixed("sk-ant-api03-", URL, 93, "AA"),
    "gemini": _prefixed("AIza", URL, 35),
    "openrouter": _prefixed("sk-or-v1-", HEX, 64),
    "deepseek": _prefixed("sk-", HEX, 32),
    "groq": _prefixed("gsk_", WORD, 52),
    "xai": _prefixed("xai-", WORD, 80),
    "mistral": _named("MISTRAL_API_KEY", WORD, 32),
    "github installation": _prefixed("ghs_", WORD, 36),
    "github personal": _prefixed("ghp_", WORD, 36),
    "github fine-grained": _parts("github_pat_", (WORD, 22), "_", (WORD, 59)),
    "app private key": _pem("RSA PRIVATE KEY"),
    "webhook secret": _named("WEBHOOK_SECRET", HEX, 64),
    "master key": _named("COUNCIL_MASTER_KEY", URL, 43),
    "database": _url("postgresql+asyncpg", "db:5432/council"),
}

OTHERS: dict[str, Maker] = {
    "github oauth": _prefixed("gho_", WORD, 36),
    "github refresh": _prefixed("ghr_", WORD, 36),
    "gitlab personal": _prefixed("glpat-", URL, 20),
    "gitlab deploy": _prefixed("gldt-", URL, 20),
    "gitlab runner": _prefixed("glrt-", URL, 20),
    "gitlab trigger": _prefixed("glptt-", HEX, 40),
    "bitbucket": _prefixed("ATBB", WORD, 32),
    "atlassian": _prefixed("ATATT3", URL, 186),
    "buildkite": _prefixed("bkua_", HEX, 40),
    "sonar": _prefixed("squ_", HEX, 40),
    "hugging face": _prefixed("hf_", WORD, 34),
    "perplexity": _prefixed("pplx-", WORD, 48),
    "replicate": _prefixed("r8_", WORD, 37),
    "nvidia": _prefixed("nvapi-", URL, 64),
    "langsmith": _parts("lsv2_pt_", (HEX, 32), "_", (HEX, 10)),
    "aws id": _prefixed("AKIA", UPPER, 16),
    "aws secret": _named("aws_secret_access_key", WORD + "+/", 40),
    "google oauth": _prefixed("ya29.a0", URL, 120),
    "google client": _prefixed("GOCSPX-", URL, 28),
    "azure storage": _parts("AccountName=shop;AccountKey=", (WORD + "+/", 86), "==;EndpointSuffix=core.windows.net"),
    "azure client": _parts((WORD, 3), "8Q~", (WORD, 34)),
    "azure sas": _parts("https://s.blob.core.windows.net/c?sv=2022-11-02&sig=", (WORD, 43), "%3D"),
    "digitalocean": _prefixed("dop_v1_", HEX, 64),
    "netlify": _prefixed("nfp_", WORD, 40),
    "databricks": _prefixed("dapi", HEX, 32),
    "doppler": _prefixed("dp.pt.", WORD, 43),
    "vault": _prefixed("hvs.", URL, 90),
    "terraform cloud": _parts((WORD, 14), ".atlasv1.", (URL, 67)),
    "pulumi": _prefixed("pul-", HEX, 40),
    "planetscale": _prefixed("pscale_tkn_", WORD, 43),
    "supabase": _prefixed("sbp_", HEX, 40),
    "tailscale": _parts("tskey-auth-", (WORD, 11), "CNTRL-", (WORD, 32)),
    "alibaba": _prefixed("LTAI", WORD, 20),
    "slack bot": _parts("xoxb-", (string.digits, 12), "-", (string.digits, 12), "-", (WORD, 24)),
    "slack app": _parts("xapp-1-A", (UPPER, 10), "-", (string.digits, 12), "-", (HEX, 64)),
    "slack hook": _parts("https://hooks.slack.com/services/T", (UPPER, 10), "/B", (UPPER, 10), "/", (WORD, 24)),
    "discord bot": _parts("M", (WORD, 23), ".G", (WORD, 5), ".", (URL, 38)),
    "discord hook": _parts("https://discord.com/api/webhooks/1", (string.digits, 18), "/", (WORD, 68)),
    "telegram": _parts("1", (string.digits, 9), ":AA", (URL, 33)),
    "twilio": _prefixed("SK", HEX, 32),
    "sendgrid": _parts("SG.", (URL, 22), ".", (URL, 43)),
    "mailgun": _prefixed("key-", HEX, 32),
    "mailchimp": _prefixed("", HEX, 32, "-us14"),
    "brevo": _parts("xkeysib-", (HEX, 64), "-", (WORD, 16)),
    "resend": _parts("re_", (WORD, 8), "_", (WORD, 24)),
    "stripe secret": _prefixed("sk_live_", WORD, 24),
    "stripe restricted": _prefixed("rk_live_", WORD, 24),
    "stripe webhook": _prefixed("whsec_", WORD, 32),
    "square": _prefixed("sq0csp-", URL, 43),
    "paypal": _parts("access_token$production$", (LOWER, 16), "$", (HEX, 32)),
    "shopify": _prefixed("shpat_", HEX, 32),
    "plaid": _uuid("access-production-"),
    "razorpay": _prefixed("rzp_live_", WORD, 14),
    "shippo": _prefixed("shippo_live_", HEX, 40),
    "npm": _prefixed("npm_", WORD, 36),
    "pypi": _prefixed("pypi-AgEIcHlwaS5vcmc", URL, 150),
    "rubygems": _prefixed("rubygems_", HEX, 48),
    "crates": _prefixed("cio", WORD, 32),
    "nuget": _prefixed("oy2", LOWER, 43),
    "docker": _prefixed("dckr_pat_", URL, 27),
    "jfrog": _prefixed("AKCp", WORD, 69),
    "grafana": _parts("glsa_", (WORD, 32), "_", (HEX, 8)),
    "new relic": _prefixed("NRAK-", UPPER, 27),
    "sentry": _prefixed("sntryu_", HEX, 64),
    "dynatrace": _parts("dt0c01.", (UPPER, 24), ".", (UPPER, 64)),
    "launchdarkly": _uuid("sdk-"),
    "linear": _prefixed("lin_api_", WORD, 40),
    "notion": _prefixed("ntn_", WORD, 46),
    "airtable": _parts("pat", (WORD, 14), ".", (HEX, 64)),
    "figma": _prefixed("figd_", URL, 40),
    "postman": _parts("PMAK-", (HEX, 24), "-", (HEX, 34)),
    "hubspot": _uuid("pat-na1-"),
    "mapbox": _parts("sk.eyJ", (WORD, 60), ".", (URL, 22)),
    "age": _prefixed("AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "jwt": _jwt,
    "openssh key": _pem("OPENSSH PRIVATE KEY"),
    "ec key": _pem("EC PRIVATE KEY"),
    "pkcs8 key": _pem("PRIVATE KEY"),
    "pgp key": _pem("PGP PRIVATE KEY BLOCK"),
    "postgres url": _url("postgres", "db.internal/prod"),
    "mongo url": _url("mongodb+srv", "cluster0.mongodb.net/app"),
    "redis url": _url("rediss", "cache:6380/0"),
    "index url": _url("https", "pypi.internal/simple"),
    "bearer": _header("Authorization: Bearer {}", WORD, 40),
    "basic": _basic,
    "private-token header": _header("PRIVATE-TOKEN: {}", WORD, 24),
    "datadog": _named("DD_API_KEY", HEX, 32),
    "pagerduty": _named("pagerduty_token", WORD, 20),
    "algolia": _named("ALGOLIA_ADMIN_KEY", HEX, 32),
    "cloudflare": _named("CLOUDFLARE_API_TOKEN", URL, 40),
    "cohere": _named("cohereApiKey", WORD, 40),
    "django": _named("SECRET_KEY", WORD + "!@#$%^&*-_+", 50),
    "password": _named("db_password", WORD + "!@#$%", 24),
    "client secret": _named("clientSecret", URL, 32),
    "netrc": _header("machine api.example.org login ci password {}", WORD, 24),
    "argument": _header("deploy --token {} --env prod", WORD, 32),
}  # fmt: skip
