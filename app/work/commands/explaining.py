"""`explain` and `why`: a finding in full, with who said what about it and how it was ranked; nobody is asked anew."""

from app.reporters import finding_text
from app.work.commands.desk import Desk


async def explain(desk: Desk) -> str:
    last = await desk.last()
    ranked, _ = await desk.finding(last)
    return finding_text.explained(ranked, last.snapshot, desk.workshop.settings.github_web_url)
