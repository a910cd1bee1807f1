"""`explain` and `why`: show a finding in full, with each seat's statement and its ranking. No model is asked."""

from app.reporters.text import finding_text
from app.work.commands.context import CommandContext


async def explain(context: CommandContext) -> str:
    last = await context.last()
    ranked, _ = await context.finding(last)
    return finding_text.explain_finding(ranked, last.snapshot, context.services.settings.github_web_url)
