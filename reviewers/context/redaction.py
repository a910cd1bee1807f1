"""Secrets are masked before any model sees them: in place, on as many lines as before."""

import re
from collections.abc import Callable

from reviewers.context.invisible import plain
from reviewers.context.snapshot import ChangedFile, Commit, FailingCheck, Guideline, LinkedIssue, Project, Snapshot

MASK = "[masked:"

_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----")
_PEM_INLINE = re.compile(r"(?<=-----)(?:\\[nr]|[A-Za-z0-9+/= ])+?(?=(?:\\[nr])*-----END)|(?<=-----)(?:\\[nr]|[A-Za-z0-9+/=])+$")
# A line of a patch keeps its first character, or the patch would no longer parse.
_PEM_BODY = re.compile(r"^(?P<mark>[ +-]?[ \t]*[\"']?)(?P<key>[A-Za-z0-9+/=]{2,})(?P<tail>(?:\\[nr])*[\"']?[ \t,;+\\\r]*)$")
_PEM_HEADER = re.compile(r"^[ +-]?[ \t]*(?:Proc-Type:.*|DEK-Info:.*)?\r?$")
# Runs are possessive or bounded: a patch is anybody's text, and none may take more than linear time.
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,600}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+")
_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)(?P<user>[^\s/:@'\"<>{}$]{0,100}):(?P<password>[^\s/@'\"<>{}$]{3,200})@", re.IGNORECASE
)
_PREFIXED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<![A-Za-z0-9_]){pattern}"))
    for name, pattern in (
        ("github-token", r"gh[pousr]_[A-Za-z0-9]{20,}+"),
        ("github-token", r"github_pat_[A-Za-z0-9_]{22,}+"),
        ("gitlab-token", r"gl(?:pat|ptt|dt|rt|cbt)-[A-Za-z0-9_.-]{20,}+"),
        ("anthropic-key", r"sk-ant-[A-Za-z0-9_-]{16,}+"),
        ("openrouter-key", r"sk-or-(?:v1-)?[A-Za-z0-9_-]{16,}+"),
        ("openai-key", r"sk-(?=[A-Za-z0-9_-]{0,60}[0-9])[A-Za-z0-9_-]{20,}+"),
        ("google-key", r"AIza[A-Za-z0-9_-]{35}"),
        ("google-token", r"ya29\.[A-Za-z0-9_-]{20,}+"),
        ("google-secret", r"GOCSPX-[A-Za-z0-9_-]{20,}+"),
        ("aws-key", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
        ("slack-token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}+"),
        ("slack-token", r"xapp-[0-9]-[A-Za-z0-9-]{10,}+"),
        ("stripe-key", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}+"),
        ("stripe-secret", r"whsec_[A-Za-z0-9+/=]{20,}+"),
        ("npm-token", r"npm_[A-Za-z0-9]{30,}+"),
        ("pypi-token", r"pypi-[A-Za-z0-9_-]{40,}+"),
        ("huggingface-token", r"hf_[A-Za-z0-9]{30,}+"),
        ("groq-key", r"gsk_[A-Za-z0-9]{30,}+"),
        ("xai-key", r"xai-[A-Za-z0-9]{30,}+"),
        ("sendgrid-key", r"SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+"),
        ("telegram-token", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
        ("digitalocean-token", r"do[opr]_v1_[a-f0-9]{64}"),
        ("azure-key", r"AccountKey=[A-Za-z0-9+/=]{40,}+"),
    )
)
_ASSIGNED = re.compile(
    r"(?P<name>(?:secret_?access_?key|client_?secret|private_?key|api_?key|auth_?token|access_?token)[\"']?\s{0,8}(?::|=)\s{0,8}[\"'])"
    r"(?P<value>(?=[^\"']{0,200}[0-9])(?=[^\"']{0,200}[A-Za-z])[A-Za-z0-9+/_=.-]{20,200})(?=[\"'])",
    re.IGNORECASE,
)
_SLACK_HOOK = re.compile(r"(?P<head>https://hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9/_-]{10,}")


def mask(text: str) -> str:
    """The text with every recognised secret replaced by its kind."""
    text = _mask_pem(text)
    text = _JWT.sub(f"{MASK}jwt]", text)
    text = _URL.sub(rf"\g<scheme>\g<user>:{MASK}password]@", text)
    text = _SLACK_HOOK.sub(rf"\g<head>{MASK}slack-hook]", text)
    for name, pattern in _PREFIXED:
        text = pattern.sub(f"{MASK}{name}]", text)
    return _ASSIGNED.sub(rf"\g<name>{MASK}secret]", text)


def _mask_pem(text: str) -> str:
    """Key material from a BEGIN line to the first line that cannot be part of it; a hunk may cut the END off."""
    if not _PEM_BEGIN.search(text):
        return text
    lines, inside = text.split("\n"), False
    for index, line in enumerate(lines):
        body = _PEM_BODY.match(line)
        if begin := _PEM_BEGIN.search(line):
            inside = "-----END" not in line[begin.end() :]
            lines[index] = line[: begin.start()] + _PEM_INLINE.sub(f"{MASK}private-key]", line[begin.start() :])
        elif inside and body:
            lines[index] = f"{body['mark']}{MASK}private-key]{body['tail']}"
        elif inside:
            inside = bool(_PEM_HEADER.match(line))
    return "\n".join(lines)


def redact(snapshot: Snapshot) -> Snapshot:
    """The snapshot as models may see it; applying it twice changes nothing more."""
    return snapshot.model_copy(
        update={
            "title": _prose(snapshot.title),
            "body": _prose(snapshot.body),
            "files": tuple(_file(file) for file in snapshot.files),
            "commits": tuple(Commit(sha=commit.sha, message=_prose(commit.message)) for commit in snapshot.commits),
            "linked_issues": tuple(
                LinkedIssue(number=issue.number, title=_prose(issue.title), body=_prose(issue.body)) for issue in snapshot.linked_issues
            ),
            "guidelines": tuple(Guideline(path=each.path, text=_prose(each.text)) for each in snapshot.guidelines),
            "failing_checks": tuple(_check(check) for check in snapshot.failing_checks),
            "project": _project(snapshot.project),
        }
    )


def _prose(text: str) -> str:
    return mask(plain(text))


def _file(file: ChangedFile) -> ChangedFile:
    return file.model_copy(update={name: _or_none(mask, getattr(file, name)) for name in ("patch", "base", "head")})


def _check(check: FailingCheck) -> FailingCheck:
    # Joined first: a PEM block spans lines.
    lines = _prose("\n".join(check.lines)).split("\n") if check.lines else []
    return FailingCheck(name=_prose(check.name), url=mask(check.url), lines=tuple(lines))


def _project(project: Project) -> Project:
    return project.model_copy(
        update={
            "dependencies": tuple(_prose(each) for each in project.dependencies),
            "recent": tuple(each.model_copy(update={"subject": _prose(each.subject)}) for each in project.recent),
        }
    )


def _or_none(change: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else change(text)
