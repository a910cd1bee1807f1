"""The table of secret formats: how services issue keys and tokens, according to their own documentation. Add a kind here."""

import re
from typing import NamedTuple

# What may precede a key: no letter, digit or underscore, but a literal \n of a quoted text and a %XX of a URL.
_JOINED = re.compile(r"(?<!\\)[A-Za-z0-9_]\Z|\\[^nrt]\Z")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}\Z")


class SecretKind(NamedTuple):
    """A kind of secret. Every such secret contains one of `marks`, so the pattern is only tried on texts that do."""

    name: str
    marks: tuple[str, ...]
    pattern: re.Pattern[str]

    def mask(self, text: str, replacement: str) -> str:
        """The text with every secret of this kind replaced."""
        if not any(mark in text for mark in self.marks):
            return text
        return self.pattern.sub(lambda found: replacement if key_may_begin(text, found.start()) else found[0], text)


def key_may_begin(text: str, at: int) -> bool:
    """Whether a key may begin here. Checked after the match, because a pattern that begins with a literal is 10 times as fast."""
    before = text[max(0, at - 3) : at]
    return _JOINED.search(before) is None or _ESCAPED.search(before) is not None


def _kind(name: str, pattern: str, *marks: str) -> SecretKind:
    # Runs are possessive or bounded, because a patch is untrusted text and must take linear time.
    return SecretKind(name, marks, re.compile(pattern))


_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_W = "[A-Za-z0-9_-]"

CODE_HOSTS = (
    _kind("github-token", r"gh[pousr]_[A-Za-z0-9_.-]{20,}+", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _kind("github-token", r"github_pat_[A-Za-z0-9_]{22,}+", "github_pat_"),
    _kind("gitlab-token", r"gl(?:pat|ptt|dt|rt|cbt|soat|ffct|imt|oas|agent|ft|wt)-[A-Za-z0-9_.-]{20,}+", "gl"),
    _kind("bitbucket-token", r"ATBB[A-Za-z0-9]{28,}+", "ATBB"),
    _kind("atlassian-token", r"ATATT3[A-Za-z0-9_=-]{60,}+", "ATATT3"),
    _kind("buildkite-token", r"bk(?:ua|aj|ct|ps)_[a-f0-9]{40}", "bk"),
    _kind("circleci-token", r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{10,30}_[a-f0-9]{40}", "CCIP"),
    _kind("sonar-token", r"sq[upa]_[a-f0-9]{40}", "squ_", "sqp_", "sqa_"),
    _kind("sourcegraph-token", r"sgp_(?:[A-Za-z0-9]{16}_)?[a-f0-9]{40}", "sgp_"),
)
MODELS = (
    _kind("anthropic-key", r"sk-ant-[A-Za-z0-9_-]{16,}+", "sk-ant-"),
    _kind("openrouter-key", r"sk-or-(?:v1-)?[A-Za-z0-9_-]{16,}+", "sk-or-"),
    _kind("langfuse-key", rf"sk-lf-{_UUID}", "sk-lf-"),
    _kind("openai-key", r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}+", "sk-"),
    _kind("openai-key", r"sk-(?=[A-Za-z0-9_-]{0,60}[0-9])[A-Za-z0-9_-]{20,}+", "sk-"),
    _kind("google-key", r"AIza[A-Za-z0-9_-]{35}", "AIza"),
    _kind("google-key", r"AQ\.A[A-Za-z0-9_-]{40,}+", "AQ.A"),
    _kind("huggingface-token", r"(?:hf|api_org)_[A-Za-z0-9]{30,}+", "hf_", "api_org_"),
    _kind("groq-key", r"gsk_[A-Za-z0-9]{30,}+", "gsk_"),
    _kind("xai-key", r"xai-[A-Za-z0-9]{30,}+", "xai-"),
    _kind("perplexity-key", r"pplx-[A-Za-z0-9]{40,}+", "pplx-"),
    _kind("replicate-token", r"r8_[A-Za-z0-9]{37,}+", "r8_"),
    _kind("together-key", r"tgp_v1_[A-Za-z0-9_-]{40,}+", "tgp_v1_"),
    _kind("fireworks-key", r"fw_[A-Za-z0-9]{20,}+", "fw_"),
    _kind("cerebras-key", r"csk-[a-z0-9]{40,}+", "csk-"),
    _kind("nvidia-key", r"nvapi-[A-Za-z0-9_-]{60,}+", "nvapi-"),
    _kind("langsmith-key", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", "lsv2_"),
    _kind("pinecone-key", r"pcsk_[A-Za-z0-9_]{50,}+", "pcsk_"),
)
CLOUDS = (
    _kind("aws-key", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])", "AKIA", "ASIA", "ABIA", "ACCA"),
    _kind("aws-bedrock-key", r"ABSK[A-Za-z0-9+/]{100,}+={0,2}", "ABSK"),
    _kind("google-token", r"ya29\.[A-Za-z0-9_-]{20,}+", "ya29."),
    _kind("google-secret", r"GOCSPX-[A-Za-z0-9_-]{20,}+", "GOCSPX-"),
    _kind("azure-key", r"(?:Account|SharedAccess)Key=[A-Za-z0-9+/=]{40,}+", "AccountKey=", "SharedAccessKey="),
    _kind("azure-secret", r"[A-Za-z0-9~._-]{3}[78]Q~[A-Za-z0-9~._-]{31,34}", "8Q~", "7Q~"),
    _kind("azure-signature", r"sig=(?:[A-Za-z0-9+/]|%2[BFbf]){40,}+(?:=|%3[Dd])", "sig="),
    _kind("digitalocean-token", r"do[opr]_v1_[a-f0-9]{64}", "_v1_"),
    _kind("heroku-key", r"HRKU-[A-Za-z0-9_-]{36,}+", "HRKU-"),
    _kind("netlify-token", r"nfp_[A-Za-z0-9]{36,}+", "nfp_"),
    _kind("fly-token", r"f[mo][12]_[A-Za-z0-9+/=_-]{40,}+", "fm2_", "fm1_", "fo1_"),
    _kind("cloudflare-key", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}", "v1.0-"),
    _kind("databricks-token", r"dapi[a-f0-9]{32}(?:-\d)?", "dapi"),
    _kind("doppler-token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._]{40,}+", "dp."),
    _kind("vault-token", r"hv[sbr]\.[A-Za-z0-9_-]{24,}+", "hvs.", "hvb.", "hvr."),
    _kind("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}+", ".atlasv1."),
    _kind("pulumi-token", r"pul-[a-f0-9]{40}", "pul-"),
    _kind("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,}+", "pscale_"),
    _kind("supabase-key", r"sb(?:p|_secret)_[A-Za-z0-9_]{30,}+", "sbp_", "sb_secret_"),
    _kind("tailscale-key", r"tskey-[a-z]{3,12}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,}+", "tskey-"),
    _kind("alibaba-key", r"LTAI[A-Za-z0-9]{16,24}(?![A-Za-z0-9])", "LTAI"),
    _kind("tencent-key", r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])", "AKID"),
    _kind("yandex-key", r"AQVN[A-Za-z0-9_-]{35,}+", "AQVN"),
    _kind("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}", "AGE-SECRET-KEY-1"),
    _kind("1password-token", r"ops_eyJ[A-Za-z0-9+/=_-]{100,}+", "ops_eyJ"),
)
TALK = (
    _kind("slack-token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}+", "xox"),
    _kind("slack-token", r"xapp-[0-9]-[A-Za-z0-9-]{10,}+", "xapp-"),
    _kind("discord-token", r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}", "."),
    _kind("telegram-token", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", ":AA"),
    _kind("twilio-key", r"SK[0-9a-f]{32}(?![0-9A-Za-z])", "SK"),
    _kind("sendgrid-key", r"SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+", "SG."),
    _kind("mailgun-key", r"key-[0-9a-f]{32}(?![0-9a-f])", "key-"),
    _kind("mailchimp-key", r"(?<![0-9a-f])[0-9a-f]{32}-us[0-9]{1,2}(?![0-9A-Za-z])", "-us"),
    _kind("brevo-key", r"x(?:keysib|smtpsib)-[a-f0-9]{64}-[A-Za-z0-9]{16}", "xkeysib-", "xsmtpsib-"),
    _kind("resend-key", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}+", "re_"),
    _kind("mailersend-key", r"mlsn\.[a-f0-9]{64}", "mlsn."),
    _kind("facebook-token", r"EAA[A-Za-z0-9]{80,}+", "EAA"),
    _kind("twitter-token", r"A{20}[A-Za-z0-9%]{50,}+", "AAAAAAAAAAAAAAAAAAAA"),
    _kind("dropbox-token", r"sl\.[A-Za-z0-9_-]{100,}+", "sl."),
)
MONEY = (
    _kind("stripe-key", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}+", "_live_", "_test_"),
    _kind("stripe-secret", r"whsec_[A-Za-z0-9+/=]{20,}+", "whsec_"),
    _kind("square-token", r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,}+", "sq0"),
    _kind("square-token", r"EAAA[lE][A-Za-z0-9_-]{55,}+", "EAAA"),
    _kind("paypal-token", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}", "access_token$"),
    _kind("shopify-token", r"shp(?:at|ss|ca|pa|ua)_[a-fA-F0-9]{32}", "shp"),
    _kind("plaid-token", rf"access-(?:production|sandbox|development)-{_UUID}", "access-"),
    _kind("flutterwave-key", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}+(?:-X)?", "FLWSECK"),
    _kind("razorpay-key", r"rzp_(?:live|test)_[A-Za-z0-9]{14,}+", "rzp_"),
    _kind("shippo-token", r"shippo_(?:live|test)_[a-f0-9]{40}", "shippo_"),
    _kind("duffel-token", r"duffel_(?:live|test)_[A-Za-z0-9_-]{40,}+", "duffel_"),
    _kind("easypost-key", r"EZ[AT]K[A-Za-z0-9]{54}", "EZAK", "EZTK"),
)
PACKAGES = (
    _kind("npm-token", r"npm_[A-Za-z0-9]{30,}+", "npm_"),
    _kind("pypi-token", r"pypi-[A-Za-z0-9_-]{40,}+", "pypi-"),
    _kind("rubygems-key", r"rubygems_[a-f0-9]{48}", "rubygems_"),
    _kind("crates-token", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])", "cio"),
    _kind("nuget-key", r"oy2[a-z0-9]{43}(?![a-z0-9])", "oy2"),
    _kind("docker-token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{24,}+", "dckr_"),
    _kind("jfrog-key", r"AKCp[A-Za-z0-9]{60,}+", "AKCp"),
    _kind("clojars-token", r"CLOJARS_[a-z0-9]{60}", "CLOJARS_"),
    _kind("prefect-key", r"pn[ub]_[A-Za-z0-9]{36}", "pnu_", "pnb_"),
    _kind("infracost-key", r"ico-[A-Za-z0-9]{32}", "ico-"),
)
WATCHING = (
    _kind("grafana-token", r"gl(?:sa|c)_[A-Za-z0-9+/=_]{30,}+", "glsa_", "glc_"),
    _kind("newrelic-key", r"NR(?:AK|JS|II|RA|IQ)-[A-Za-z0-9_-]{19,}+", "NR"),
    _kind("sentry-token", r"sntry[su]_[A-Za-z0-9+/=_-]{40,}+", "sntrys_", "sntryu_"),
    _kind("dynatrace-token", r"dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}", "dt0"),
    _kind("honeycomb-key", r"hc[abx][il]k_[A-Za-z0-9]{50,}+", "hc"),
    _kind("launchdarkly-key", rf"(?:sdk|api|mob)-{_UUID}", "sdk-", "api-", "mob-"),
)
WORK = (
    _kind("linear-key", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}+", "lin_"),
    _kind("notion-token", r"(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,}+)(?![A-Za-z0-9])", "secret_", "ntn_"),
    _kind("airtable-token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", "pat"),
    _kind("figma-token", r"fig[dour]_[A-Za-z0-9_-]{38,}+", "fig"),
    _kind("postman-key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}", "PMAK-"),
    _kind("contentful-token", r"CFPAT-[A-Za-z0-9_-]{40,}+", "CFPAT-"),
    _kind("hubspot-token", rf"pat-(?:na|eu)\d-{_UUID}", "pat-na", "pat-eu"),
    _kind("typeform-token", r"tfp_[A-Za-z0-9_.=-]{40,}+", "tfp_"),
    _kind("mapbox-token", r"sk\.eyJ[A-Za-z0-9_-]{20,}+\.[A-Za-z0-9_-]{20,}+", "sk.eyJ"),
    _kind("okta-token", r"(?:SSWS\s{1,3})00[A-Za-z0-9_-]{38,42}", "SSWS"),
    _kind("octopus-key", r"API-[A-Z0-9]{26,32}(?![A-Za-z0-9])", "API-"),
    _kind("readme-key", r"rdme_[a-z0-9]{70}", "rdme_"),
)
KINDS = (*CODE_HOSTS, *MODELS, *CLOUDS, *TALK, *MONEY, *PACKAGES, *WATCHING, *WORK)
