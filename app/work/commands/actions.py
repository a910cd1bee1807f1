"""Maps each command to its function."""

from collections.abc import Mapping

from app.work.commands.config import config
from app.work.commands.context import CommandAction
from app.work.commands.cost import cost
from app.work.commands.dismiss import dismiss, restore
from app.work.commands.explain import explain
from app.work.commands.fix import fix
from app.work.commands.pause import cancel, pause, resume
from app.work.commands.retry import retry
from app.work.commands.status import status
from app.work.commands.summary import summary

COMMAND_ACTIONS: Mapping[str, CommandAction] = {
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "retry": retry,
    "explain": explain,
    "why": explain,
    "fix": fix,
    "dismiss": dismiss,
    "restore": restore,
    "summary": summary,
    "config": config,
    "cost": cost,
    "status": status,
}
