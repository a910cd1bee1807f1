"""Reads files of a repository's default branch as the signed-in person, who sees on a page only what GitHub shows them."""

from dataclasses import dataclass

from app.configuration.council_yml import CONFIG_PATH, SharedFile, find_shared, load
from app.errors import GitHubRejected
from app.web.sessions import token_of
from app.web.viewer import Viewer


@dataclass(frozen=True)
class CouncilYmlTexts:
    """The text of a council.yml, "" if there is none, and the file that its `extends` names, None if it names none."""

    own: str
    shared: SharedFile | None = None


async def read_text(viewer: Viewer, full_name: str, path: str) -> str:
    """A file's text, "" if there is none."""
    return await viewer.services.access.users.file(token_of(viewer.services, viewer.session), full_name, path)


async def read_council_yml(viewer: Viewer, full_name: str) -> CouncilYmlTexts:
    """A repository's council.yml with the one that its owner's repositories share, as far as the person can read that."""
    own = await read_text(viewer, full_name, CONFIG_PATH)
    shared = find_shared(full_name, load(own)) if own else None
    if shared is None or shared.problem:
        return CouncilYmlTexts(own, shared)
    try:
        text = await read_text(viewer, shared.name, CONFIG_PATH)
    except GitHubRejected:
        text = ""
    problem = "" if text else f"its default branch has no {CONFIG_PATH} that you can read here; what it sets is not shown"
    return CouncilYmlTexts(own, SharedFile(shared.name, load(text), problem))
