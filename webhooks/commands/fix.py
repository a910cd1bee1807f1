"""`/council fix <id> …`: propose a patch for one finding, or one patch for several."""

from webhooks.commands.by_id import ID, about_finding
from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.jobs import Job

_ALL = "all"
_MOST = 20
_ONE = about_finding("fix", "", "", CommandRight.PAY)


def to_job(request: Request, argument: str) -> Job:
    """A single finding like the other commands about one; several ids, or "all", as one patch."""
    words = argument.replace(",", " ").split()
    if words and words[0].strip("`'\".").lower() == _ALL:
        return request.execute("fix", _ALL)
    ids = [match[1].lower() for word in words if (match := ID.fullmatch(word))]
    if len(ids) > 1 and len(ids) == len(words):
        return request.execute("fix", " ".join(dict.fromkeys(ids[:_MOST])))
    return _ONE.to_job(request, argument)


FIX = Command(
    "fix",
    "/council fix <id> [more ids, or all]",
    "get a patch for a finding, or one patch for several, to apply by hand",
    to_job,
    CommandGroup.FINDINGS,
)
