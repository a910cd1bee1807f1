"""Applies `review.first_time_authors`: whether forks of people without a merged change here are reviewed, and paid for, unasked."""

from app.configuration.repository_config import FirstTimeAuthors, RepositoryConfig
from app.github.installation_client import InstallationClient
from app.github.permissions import Permission, permission_of
from app.github.pull_request import Fetched
from app.work.reviews.skip_rules import SkipReason

# https://docs.github.com/en/graphql/reference/enums#commentauthorassociation; private members show as NONE.
_NEW_HERE = {"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR"}
_REASON = "its author is new here"
_STARTS = "Someone with write access can start it with `/council review`."


async def find_new_author(github: InstallationClient, fetched: Fetched, config: RepositoryConfig) -> SkipReason | None:
    """Why a fork's pull request is not reviewed unasked. Authors with write access are always reviewed."""
    wish, snapshot = config.review.first_time_authors, fetched.snapshot
    if wish is FirstTimeAuthors.REVIEW or not fetched.from_fork or fetched.association not in _NEW_HERE:
        return None
    if await permission_of(github, snapshot.repository, snapshot.author) >= Permission.WRITE:
        return None
    return SkipReason(_REASON, starts=_STARTS if wish is FirstTimeAuthors.ASK else "")
