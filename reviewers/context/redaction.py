"""Masks secrets in place before a model sees a text; the number of lines stays."""

import re
from collections.abc import Callable

from reviewers.context.assignments import mask_assigned
from reviewers.context.hidden_characters import strip_hidden
from reviewers.context.secret_kinds import KINDS, key_may_begin
from reviewers.context.snapshot import ChangedFile, EarlierCommit, FailingCheck, Guideline, Project, Snapshot
from reviewers.text_cache import text_cache
from reviewers.values.question import Dossier, Inquiry

MASK = "[masked:"

_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----")
_PEM_INLINE = re.compile(r"(?<=-----)(?:\\[nr]|[A-Za-z0-9+/= ])+?(?=(?:\\[nr])*-----END)|(?<=-----)(?:\\[nr]|[A-Za-z0-9+/=])+$")
# A patch line keeps its first character; otherwise the patch would no longer parse.
_PEM_BODY = re.compile(r"^(?P<mark>[ +-]?[ \t]*[\"']?)(?P<key>[A-Za-z0-9+/=]{2,})(?P<tail>(?:\\[nr])*[\"']?[ \t,;+\\\r]*)$")
_PEM_HEADER = re.compile(r"^[ +-]?[ \t]*(?:Proc-Type:.*|DEK-Info:.*)?\r?$")
# Runs are possessive or bounded, because a patch is untrusted text and must take linear time.
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,600}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+")
_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)(?P<user>[^\s/:@'\"<>{}$]{0,100}):(?P<password>[^\s/@'\"<>{}$\[\]]{3,200})@(?=[\w\[])",
    re.IGNORECASE,
)
# Well-known passwords of examples and local setups.
_OPEN = re.compile(
    r"(?:pass(?:word|wd|phrase)?|passw0rd|pwd|pw|secret|token|user(?:name)?|test|guest|root|admin|postgres|mysql|redis|x+|\*+|%s|[A-Z_]+)\Z"
)
_DISCORD_HOOK = re.compile(r"(?P<head>https://(?:[a-z]{2,10}\.)?discord(?:app)?\.com/api/webhooks/)[0-9]{15,22}/[A-Za-z0-9_-]{50,90}+")
_SLACK_HOOK = re.compile(r"(?P<head>https://hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9/_-]{10,}")


def mask(text: str) -> str:
    """The text with every recognized secret replaced by its kind."""
    text = mask_keys(text)
    text = _JWT.sub(lambda found: f"{MASK}jwt]" if key_may_begin(found.string, found.start()) else found[0], text)
    text = _URL.sub(_without_password, text)
    text = _SLACK_HOOK.sub(rf"\g<head>{MASK}slack-hook]", text)
    text = _DISCORD_HOOK.sub(rf"\g<head>{MASK}discord-hook]", text)
    for kind in KINDS:
        text = kind.mask(text, f"{MASK}{kind.name}]")
    return mask_assigned(text, f"{MASK}secret]")


def _without_password(found: re.Match[str]) -> str:
    open_to_all = _OPEN.match(found["password"]) or found["password"] == found["user"]
    return found[0] if open_to_all else f"{found['scheme']}{found['user']}:{MASK}password]@"


def mask_keys(text: str) -> str:
    """Masks only multi-line secrets. Call it before cutting lines out of a text, because a part of a key looks harmless.

    Covers key material from a BEGIN line to the first line that cannot be part of it; a hunk may cut the END off.
    """
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
    """The snapshot as models may see it; idempotent."""
    return snapshot.model_copy(
        update={
            "title": _prose(snapshot.title),
            "body": _prose(snapshot.body),
            "files": tuple(_file(file) for file in snapshot.files),
            "commits": tuple(EarlierCommit(sha=commit.sha, message=_prose(commit.message)) for commit in snapshot.commits),
            "linked_issues": tuple(
                issue.model_copy(update={"title": _prose(issue.title), "body": _prose(issue.body)}) for issue in snapshot.linked_issues
            ),
            "guidelines": tuple(Guideline(path=guideline.path, text=_prose(guideline.text)) for guideline in snapshot.guidelines),
            "failing_checks": tuple(_check(check) for check in snapshot.failing_checks),
            "project": _project(snapshot.project),
            "related": tuple(code.model_copy(update={"text": mask(code.text)}) for code in snapshot.related),
        }
    )


def redact_question(inquiry: Inquiry, dossier: Dossier) -> tuple[Inquiry, Dossier]:
    """A question and its material as models may see them; names and addresses too, because people paste anything anywhere."""
    materials = tuple(
        material.model_copy(
            update={"text": _prose(material.text), "name": _prose(material.name), "why": _prose(material.why), "url": mask(material.url)}
        )
        for material in dossier.materials
    )
    unread = tuple(unseen.model_copy(update={"path": _prose(unseen.path)}) for unseen in dossier.unread)
    update = {"title": _prose(dossier.title), "materials": materials, "unread": unread, "project": _project(dossier.project)}
    return inquiry.model_copy(update={"question": _prose(inquiry.question)}), dossier.model_copy(update=update)


def _prose(text: str) -> str:
    return mask(strip_hidden(text))


# The choice of seats reads the files first, then every round does.
@text_cache(4_000_000, lambda file: file.size)
def _file(file: ChangedFile) -> ChangedFile:
    return file.model_copy(update={name: _or_none(mask, getattr(file, name)) for name in ("patch", "base", "head")})


def _check(check: FailingCheck) -> FailingCheck:
    places = tuple(place.model_copy(update={"text": _prose(place.text)}) for place in check.places)
    texts = {"name": _prose(check.name), "url": mask(check.url), "lines": _rows(check.lines), "excerpt": _rows(check.excerpt)}
    return check.model_copy(update={**texts, "places": places})


def _rows(lines: tuple[str, ...]) -> tuple[str, ...]:
    # Joined first, because a PEM block spans lines.
    return tuple(_prose("\n".join(lines)).split("\n")) if lines else ()


def _project(project: Project) -> Project:
    return project.model_copy(
        update={
            "dependencies": tuple(_prose(dependency) for dependency in project.dependencies),
            "recent": tuple(change.model_copy(update={"subject": _prose(change.subject)}) for change in project.recent),
        }
    )


def _or_none(change: Callable[[str], str], text: str | None) -> str | None:
    return None if text is None else change(text)
