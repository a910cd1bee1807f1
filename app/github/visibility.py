"""Reads whether a repository is public."""

from app.github.installation_client import GitHubModel, InstallationClient


class _Repository(GitHubModel):
    private: bool = True


async def is_private(github: InstallationClient, full_name: str) -> bool:
    """Whether a repository is private, in one read. An answer without this field counts as private."""
    return (await github.get(f"/repos/{full_name}", _Repository)).private
