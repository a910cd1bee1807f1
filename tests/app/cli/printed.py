"""Print a renderable as terminal text."""

import io

from rich.console import Console, RenderableType


def printed(renderable: RenderableType, width: int = 200) -> str:
    """The text of a renderable on a terminal without colors."""
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
