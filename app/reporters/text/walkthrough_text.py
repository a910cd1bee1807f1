"""Change here how the summary shows the walkthrough: what a change does, per group of files."""

from app.configuration.repository_config import Walkthrough
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.markdown import details, plural
from app.reporters.text.safety import code, line


def section(edition: ReviewToPublish) -> str:
    """A row per group, folded unless the repository's settings open it; "" if there is none."""
    groups, walkthrough = edition.verdict.walkthrough, edition.config.review.walkthrough
    if not groups or walkthrough is Walkthrough.OFF:
        return ""
    rows = "\n".join(f"- {code(group.name)} ({plural(group.files, 'file')}): {line(group.text, 240)}" for group in groups)
    heading = f"What changes: {plural(sum(group.files for group in groups), 'file')} in {plural(len(groups), 'group')}"
    return f"**{heading}**\n\n{rows}" if walkthrough is Walkthrough.OPEN else details(heading, rows)
