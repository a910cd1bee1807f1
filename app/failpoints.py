"""Named points between two effects, at which a test or a benchmark may kill a process. In a server all of them do nothing."""

from collections.abc import Callable

Failpoint = Callable[[str], None]

# In the order in which a normal run passes them.
NAMES = (
    "job claimed",
    "run snapshot",
    "run opinions",
    "check intended",
    "check sent",
    "check noted",
    "answer arrived",
    "answer stored",
    "run verdict",
    "run publishing",
    "summary intended",
    "summary sent",
    "summary noted",
    "summary done",
    "review intended",
    "review sent",
    "review noted",
    "review concluding",
    "review submitted",
    "review done",
    "check concluding",
    "check concluded",
    "check done",
    "run published",
    "job done",
)


def no_failpoint(name: str) -> None:
    """Pass every point."""
