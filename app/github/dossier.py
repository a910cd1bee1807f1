"""The material of a question, gathered from GitHub."""

from app.github.client import GitHub
from app.github.question import Asked
from reviewers.question import Dossier, Kind, Material


async def gather(github: GitHub, full_name: str, asked: Asked, question: str) -> Dossier:
    """Everything that the question, its issue and their texts name."""
    issue = asked.issue
    materials = [Material(kind=Kind.ISSUE, name=f"#{issue.number} {issue.title}", text=issue.body or issue.title, why="it was asked here")]
    for each in asked.comments:
        if each.id != asked.comment.id:
            author = each.user.login if each.user else "ghost"
            materials.append(Material(kind=Kind.COMMENT, name=f"comment by {author}", text=each.body or "", why="", author=author))
    return Dossier(repository=full_name, number=issue.number, title=issue.title, materials=tuple(materials))
