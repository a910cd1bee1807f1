"""What a council is asked to do."""

from reviewers.value import Value


class PathInstruction(Value):
    """An instruction of the repository for the files that match one of `paths` (gitignore patterns)."""

    paths: tuple[str, ...]
    text: str


class Brief(Value):
    """A review brief: instructions come from the base branch and from whoever asked, never from the head.

    `seed` decides every shuffle. `paths` are gitignore patterns of what is reviewed; `language` is a BCP 47 tag.
    """

    seed: str
    focus: str = ""
    instructions: str = ""
    path_instructions: tuple[PathInstruction, ...] = ()
    paths: tuple[str, ...] = ("**",)
    language: str = "en"
