"""Whether everybody can see a repository."""

from app.github.client import GitHub, Shape


class _Repository(Shape):
    private: bool = True


async def is_private(github: GitHub, full_name: str) -> bool:
    """One read: whether only some people can see a repository; an answer that does not say counts as yes."""
    return (await github.get(f"/repos/{full_name}", _Repository)).private
