"""What a council is asked to do."""

from reviewers.criteria import Criterion
from reviewers.value import Value
from reviewers.walkthrough import FileGroup


class PathInstruction(Value):
    """An instruction of the repository for the files that match one of `paths` (gitignore patterns)."""

    paths: tuple[str, ...]
    text: str


class Blocks(Value):
    """Which blocks of context stand beside the diff; each can be switched off, so that its worth can be measured."""

    description: bool = True
    commits: bool = True
    linked_issues: bool = True
    guidelines: bool = True
    failing_checks: bool = True
    project: bool = True
    signatures: bool = True
    surroundings: bool = True
    related: bool = True


class Brief(Value):
    """A review brief: instructions come from the base branch and from whoever asked, never from the head.

    `seed` decides every shuffle. `paths` are gitignore patterns of what is reviewed; `language` is a BCP 47 tag.
    `groups` are the changed files that each seat says one line on; none where nobody wants a walkthrough.
    `criteria` are what the closed issues ask for, which each seat answers; none where no issue has any.
    """

    seed: str
    focus: str = ""
    instructions: str = ""
    path_instructions: tuple[PathInstruction, ...] = ()
    paths: tuple[str, ...] = ("**",)
    language: str = "en"
    blocks: Blocks = Blocks()
    groups: tuple[FileGroup, ...] = ()
    criteria: tuple[Criterion, ...] = ()
