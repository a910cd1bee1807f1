"""The shared form of commands about one finding: its id first, then other words; in the finding's own thread the id is optional."""

import re

from webhooks.commands.command import Command, CommandGroup, CommandRight, Request
from webhooks.jobs import Job

ID = re.compile(r"[`'\"(\[]*#?([0-9a-f]{4,64})[`'\")\].,:;!?…]*", re.IGNORECASE)


def about_finding(name: str, rest: str, does: str, right: CommandRight) -> Command:
    """A command about the finding whose id comes first; `rest` is how the help shows the other words."""

    def to_job(request: Request, argument: str) -> Job:
        first, _, more = argument.strip().partition(" ")
        if found := ID.fullmatch(first):
            return request.execute(name, f"{found[1].lower()} {more.strip()}".strip())
        if request.thread_id:
            # In a thread, the finding is the one that the thread is about.
            return request.execute(name, f"- {argument.strip()}".strip())
        if not request.on_pull_request:
            return request.execute(name)
        return request.reply(f"Which finding? Its id is in the summary, under Act on findings: `/council {name} 7f3a`.")

    return Command(name, f"/council {name} <id>{rest}", does, to_job, CommandGroup.FINDINGS, right)
