"""Maps each command to its function."""

from collections.abc import Mapping

from app.work.commands.configuring import config
from app.work.commands.costing import cost
from app.work.commands.desk import CommandAction
from app.work.commands.dismissing import dismiss, restore
from app.work.commands.explaining import explain
from app.work.commands.fixing import fix
from app.work.commands.pausing import cancel, pause, resume
from app.work.commands.reporting import status
from app.work.commands.retrying import retry
from app.work.commands.summarising import summary

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
