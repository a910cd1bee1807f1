"""The brief of a review: what the council is asked to do."""

from reviewers.criteria import Criterion
from reviewers.values.value import FrozenValue
from reviewers.walkthrough import FileGroup


class PathInstruction(FrozenValue):
    """A repository's instruction for the files that match one of `paths` (gitignore patterns)."""

    paths: tuple[str, ...]
    text: str


class Blocks(FrozenValue):
    """Which blocks of context the prompt contains in addition to the diff. Each can be switched off to measure its worth."""

    description: bool = True
    commits: bool = True
    linked_issues: bool = True
    guidelines: bool = True
    failing_checks: bool = True
    project: bool = True
    signatures: bool = True
    surroundings: bool = True
    related: bool = True


class Brief(FrozenValue):
    """A review brief. Its instructions come from the base branch and from the person who asked, never from the head.

    `seed` decides every shuffle. `paths` are gitignore patterns of the files to review; `language` is a BCP 47 tag.
    `groups` are the groups of changed files that each seat describes in one line; empty without a walkthrough.
    `criteria` are the acceptance criteria of the closed issues, which each seat judges; empty if no issue has any.
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
