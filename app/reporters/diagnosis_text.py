"""Why CI is red, as the seats see it."""

from collections.abc import Mapping

from app.reporters.markdown import details, plural
from app.reporters.safety import line, prose
from reviewers.followup import DiagnosisAnswer

_MOST_STEPS = 5


def render(heard: Mapping[str, DiagnosisAnswer], evidence: str) -> str:
    """The first seat's cause and steps, whether the others see it so, and the evidence folded."""
    if not heard:
        return f"### Why CI is red\n\nNo seat could answer just now; these are the lines that say so.\n\n{evidence}"
    first, *others = heard.values()
    blamed = sum(each.by_this_change for each in heard.values())
    whose = "caused by this change" if blamed * 2 > len(heard) else "not caused by this change"
    steps = "\n".join(f"{number}. {line(step, 300)}" for number, step in enumerate(first.steps[:_MOST_STEPS], 1))
    views = [f"**{line(name)}**: {prose(each.cause, 800)}" for name, each in list(heard.items())[1:]]
    parts = [
        f"### Why CI is red: {whose} ({max(blamed, len(heard) - blamed)} of {plural(len(heard), 'seat')})",
        f"**Cause:** {prose(first.cause, 800)}",
        f"**Plan**\n{steps}" if steps else "",
        f"**What would settle it:** {line(first.missing, 300)}" if first.missing.strip() else "",
        details("What the other seats said", "\n\n".join(views)) if others else "",
        evidence,
    ]
    return "\n\n".join(part for part in parts if part)
