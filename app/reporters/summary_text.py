"""The words of the summary comment: verdict first, everything that can be folded folded."""

from app.reporters import folded_text
from app.reporters.edition import Edition
from app.reporters.markdown import Part, assemble, details, link, marker_comment, plural, size, sub, table, where
from app.reporters.safety import code, line, prose
from app.reporters.wording import answered, by_analyzers_alone, counts, inline, listed, mark, provenance, sure, why_not
from reviewers.finding import Location
from reviewers.verdict import Outcome, RankedFinding, Stance, Standing

MAX_ROWS_BYTES = 30_000


def summary(edition: Edition, marker: str, inline_refused: bool = False) -> str:
    """The comment. `inline_refused`: GitHub took no inline comments, so their text is folded in here."""
    opening = _incomplete(edition) if edition.verdict.incomplete else _findings(edition)
    posted = () if inline_refused or edition.config.review.publish != "full" else inline(edition)
    parts = (
        Part(marker_comment("summary", marker)),
        *opening,
        Part(_plan(edition)),
        Part(details(*folded_text.failing(edition)), drop=1),
        Part(
            details(*folded_text.in_full(edition, posted, inline_refused)), drop=1, instead=_elsewhere(edition, "Details of the findings")
        ),
        Part(details(*folded_text.noted(edition)), drop=2, instead=_elsewhere(edition, "Also noted")),
        Part(details(*folded_text.said(edition)), drop=4, instead=_elsewhere(edition, "What each model said")),
        Part(details(*folded_text.discarded(edition)), drop=3, instead=_elsewhere(edition, "Claims that were not posted")),
        Part(details(*folded_text.problems(edition))),
        Part(details(*folded_text.seen(edition))),
        Part(_footer(edition)),
    )
    return assemble(parts)


def findings_table(edition: Edition) -> str:
    """Every finding that somebody should look at; long ones are shortened before any is left out."""
    for width in (200, 90, 40):
        rows = [_row(edition, one, width) for one in listed(edition)]
        drawn = table("| | Finding | Where | How sure | Seats |", "|:-:|---|---|:-:|---|", rows)
        if size(drawn) <= MAX_ROWS_BYTES:
            break
    return drawn


def about(edition: Edition) -> str:
    """One or two sentences: what the council says, or, with nothing found, what was looked at."""
    verdict = edition.verdict
    sentences = [prose(verdict.summary, 2_000)] if verdict.summary and listed(edition) else []
    if not listed(edition):
        unseen = verdict.coverage.files - verdict.coverage.seen
        left_out = f"{plural(unseen, 'file')} not seen by all, listed below" if unseen else "all of them seen whole"
        sentences.append(f"{plural(verdict.coverage.files, 'changed file')} looked at by {answered(verdict)}; {left_out}.")
    if by_analyzers_alone(verdict):
        sentences.append("No model is configured: only static analysis looked at this, and no finding was cross-checked.")
    return "\n\n".join(sentences)


def headline(edition: Edition) -> str:
    verdict = edition.verdict
    return f"Council could not finish: {answered(verdict)} answered" if verdict.incomplete else f"Council: {counts(verdict)}"


def _findings(edition: Edition) -> tuple[Part, ...]:
    return Part(f"### {headline(edition)}"), Part(about(edition)), Part(findings_table(edition))


def _incomplete(edition: Edition) -> tuple[Part, ...]:
    verdict = edition.verdict
    silent = [f"- {line(why_not(seat))}" for seat in verdict.seats if seat.opinion is not Outcome.ANSWERED]
    after = "The check run is neutral; nothing is approved or blocked by this. Comment `/council retry` to try again."
    return (
        Part(f"### {headline(edition)}"),
        Part(line(verdict.incomplete, 400)),
        Part("\n".join(silent)),
        Part(after),
        Part(findings_table(edition)),
    )


def _row(edition: Edition, ranked: RankedFinding, width: int) -> tuple[str, ...]:
    finding, standing = ranked.finding, ranked.standing
    title = line(finding.title, width)
    shown = f"**{title}**" if standing is Standing.RECOMMENDED else f"{title} ({standing.value})"
    seats = provenance(ranked)
    against = ranked.by(Stance.REJECT)
    if standing is Standing.DISPUTED and against:
        seats += f": {line(against[0].evidence, width)}"
    return mark(ranked), shown, where(finding.location, edition.snapshot, edition.web_url), sure(ranked), seats


def _plan(edition: Edition) -> str:
    steps = [f"{number}. {line(step, 400)}" for number, step in enumerate(edition.verdict.plan[:12], 1)]
    return "**Plan**\n" + "\n".join(steps) if steps else ""


def _elsewhere(edition: Edition, what: str) -> str:
    place = link("on the run page", edition.run_url) if edition.run_url else "in the run's record on the server"
    return f"{what}: too long for this comment; it is {place}."


def _footer(edition: Edition) -> str:
    said = [f"Reviewed {code(edition.verdict.head_sha[:7])}"]
    if inline(edition):
        said.append("👍 or 👎 a finding to teach the council")
    said.append("`/council help`")
    if edition.run_url:
        said.append(link("open the run", edition.run_url))
    return sub(" · ".join(said))


def whole_file(location: Location) -> bool:
    """A note that no line of the diff can carry."""
    return location.path is None or location.line is None
