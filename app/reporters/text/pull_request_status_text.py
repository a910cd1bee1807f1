"""Change here what `/council summary` answers: a verdict in a few lines."""

from app.reporters.text.markdown import link, sub, where
from app.reporters.text.phrases import heading, in_order, severity_mark
from app.reporters.text.safety import code, line
from reviewers.context.snapshot import Snapshot
from reviewers.values.verdict import ProposalStanding, Verdict


def render(verdict: Verdict, snapshot: Snapshot, web_url: str, summary_url: str) -> str:
    """The verdict's first line, a row per open finding, and a link to the summary."""
    rows = [
        f"- {severity_mark(each)} {line(each.finding.title)} · {where(each.finding.location, snapshot, web_url)} · `{each.short_id}`"
        for each in in_order(verdict)
    ]
    aside = len(verdict.standing(ProposalStanding.DISMISSED))
    foot = [f"Reviewed {code(snapshot.head_sha[:7])}", *([f"{aside} dismissed"] if aside else [])]
    foot += [link("full summary", summary_url)] if summary_url else []
    return "\n\n".join(part for part in (f"### {heading(verdict)}", "\n".join(rows), sub(" · ".join(foot))) if part)
