"""Change here how the domains of a change are recognized: the kinds of code it touches, by its paths and its added lines."""

import re
from enum import StrEnum

from reviewers.context.snapshot import ChangedFile


class Domain(StrEnum):
    SECURITY = "security"
    DATA = "data"
    CONCURRENCY = "concurrency"
    API = "API"
    BUILD = "build"
    UI = "UI"
    TESTS = "tests"
    DOCS = "docs"
    CODE = "code"


RISKY = frozenset({Domain.SECURITY, Domain.DATA, Domain.CONCURRENCY})
LIGHT = frozenset({Domain.TESTS, Domain.DOCS})

# The first match decides the file; a test of the login is a test.
_PATHS = (
    (Domain.TESTS, r"(?:^|/)(?:tests?|specs?|__tests__|testdata|fixtures)/|(?:^|/)test_[^/]+$|[._-](?:test|spec)s?\.\w+$|_test\.\w+$"),
    (
        Domain.BUILD,
        r"(?:^|/)\.(?:github/workflows|circleci|gitlab-ci)|(?:^|/)(?:Dockerfile|Makefile|Jenkinsfile|CMakeLists\.txt)[^/]*$"
        r"|(?:^|/)(?:package|tsconfig|composer)\.json$|(?:^|/)(?:pyproject|Cargo)\.toml$|(?:^|/)(?:setup\.(?:py|cfg)|go\.mod|pom\.xml)$"
        r"|requirements[^/]*\.txt$|\.(?:gradle|tf|hcl)$|compose[^/]*\.ya?ml$",
    ),
    (Domain.DOCS, r"\.(?:md|mdx|rst|adoc|txt)$|(?:^|/)docs?/|(?:^|/)(?:README|CHANGELOG|LICENSE|AUTHORS)[^/]*$"),
    (Domain.DATA, r"(?:^|/)(?:migrations?|alembic|schema|db|database|models?)(?:/|\.)|\.(?:sql|prisma)$"),
    (
        Domain.API,
        r"(?:^|/)(?:api|apis|routes?|routers?|controllers?|endpoints?|handlers?|graphql|rpc)(?:/|\.)|\.(?:proto|graphql|thrift)$|openapi",
    ),
    (
        Domain.UI,
        r"\.(?:css|scss|less|vue|svelte|tsx|jsx|html|htm|jinja2?|erb|hbs|xaml|storyboard)$|(?:^|/)(?:ui|views?|templates|components)/",
    ),
)
_SECURE = re.compile(
    r"(?:^|[/_.-])(?:auth\w*|login|oauth\w*|session\w*|crypto\w*|permissions?|secrets?|tokens?|password\w*|acl|rbac|csrf|security|jwt|saml|sso)"
    r"(?=[/_.-]|$)"
)
# Recognized in an added line, in a file of any name.
_LINES = (
    (
        Domain.SECURITY,
        r"\b(?:eval|exec|pickle\.loads?|yaml\.load|os\.system|child_process|shell=True|innerHTML|dangerouslySetInnerHTML|verify=False"
        r"|InsecureSkipVerify|hmac|md5|sha1|bcrypt|jwt|password|secret_key|api_key|private_key|sudo|setuid|csrf_exempt)\b",
    ),
    (
        Domain.DATA,
        r"\b(?:SELECT\s.{1,80}\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|(?:ALTER|DROP|CREATE)\s+TABLE|BEGIN\s+TRANSACTION)\b",
    ),
    (
        Domain.CONCURRENCY,
        r"\b(?:Lock|RLock|Mutex|RwLock|Semaphore|threading|multiprocessing|asyncio\.(?:gather|create_task|Lock)|synchronized|volatile|goroutine"
        r"|sync\.(?:Mutex|WaitGroup)|AtomicInteger|std::(?:thread|mutex|atomic)|Promise\.all|SharedArrayBuffer|select_for_update)\b"
        r"|\bgo func\b|<-\s*chan\b",
    ),
)
_COMPILED = tuple((domain, re.compile(pattern)) for domain, pattern in _PATHS)
_SAID = tuple((domain, re.compile(pattern)) for domain, pattern in _LINES)
_MOST_CHARACTERS = 200_000


def domains_of(file: ChangedFile) -> frozenset[Domain]:
    """The domains of one file; prose and tests have no other one."""
    domains = {next((domain for domain, pattern in _COMPILED if pattern.search(file.path)), Domain.CODE)}
    if domains & LIGHT:
        return frozenset(domains)
    if _SECURE.search(file.path.lower()):
        domains.add(Domain.SECURITY)
    added = "\n".join(line[1:] for line in (file.patch or "")[:_MOST_CHARACTERS].split("\n") if line.startswith("+"))
    return frozenset(domains | {domain for domain, pattern in _SAID if pattern.search(added)})
