"""The reference of `/council` commands: change here how the page is laid out; its rows come from COMMANDS."""

from app.work.commands.authorization import RIGHTS
from tests.docs.markdown import code, prose, table
from webhooks.commands import COMMANDS
from webhooks.commands.command import CommandGroup

_HEAD = prose("""
# Commands in a comment

Write a command at the beginning of a line in a comment on a pull request or an issue. Council reads no command in
quotes or code, and none in a locked conversation. The word `/council` alone, and `/council help`, show this list.
""")
_TAIL = prose("""
**Right** is the least that a person needs on the repository when the command runs; for a pull request from a fork some
commands need more. **Paid** commands call models and count toward the person's daily limit. The keys [`commands.cost`
and `commands.read`](council-yml.md) may ask for more.

A box under **Act on findings** in the summary comment does the same as `dismiss`, `restore` (empty the box again) and
`review`, with one click.
""")


def write() -> str:
    """The page."""
    parts = [_HEAD]
    for group in CommandGroup:
        rows = [(code(each.usage), each.does, *_right(each.name)) for each in COMMANDS.values() if each.group == group]
        parts.append(f"## {group.value}\n\n{table(('command', 'what it does', 'right', 'paid'), rows)}\n")
    return "".join((*parts, _TAIL)).rstrip("\n") + "\n"


def _right(name: str) -> tuple[str, str]:
    """The right in words, and whether the command costs money."""
    needed = RIGHTS[name]
    more = "" if needed.on_a_fork == needed.at_home else f"; {needed.on_a_fork.value} on a fork's"
    return f"{needed.at_home.value}{more}", "yes" if needed.paid else ""
