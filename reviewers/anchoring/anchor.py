"""Change here what a claim's quote must prove before the claim becomes a comment on the diff or a note on the file."""

from collections.abc import Sequence

from reviewers.anchoring import quote_variants
from reviewers.anchoring.anchor_matches import DiffMatch, choose_match, find_matches
from reviewers.anchoring.code_tokens import Vocabulary
from reviewers.anchoring.path_matching import match_end, match_path
from reviewers.anchoring.quote_lines import CodeLines
from reviewers.anchoring.quote_search import find_partial, find_reformatted, find_verbatim
from reviewers.anchoring.quote_variants import Quote
from reviewers.anchoring.suggestion import apply_suggestion, fit_suggestion, is_prose, parses_alike, suggested_code
from reviewers.context.diff import parse
from reviewers.context.hidden_characters import show_hidden
from reviewers.context.notebooks.cell_lines import is_notebook
from reviewers.context.snapshot import ChangedFile, FileStatus, Snapshot
from reviewers.context.symbols import enclosing_name, name_of_section, symbol_at
from reviewers.council.text_features import content_words
from reviewers.values.finding import Discarded, Finding, FindingClaim, Location, Side

# Words that say no more about a defect than that it exists.
_FILLER = frozenset(
    content_words("this is here problem issue bug defect wrong incorrect bad fix please see above following change line should")
)


def anchor(seat: str, claim: FindingClaim, snapshot: Snapshot) -> Finding | Discarded:
    """The claim as a finding at its place, or why it is not believed."""
    file = find_file(claim.path, snapshot)
    if file is None:
        return _ghost(seat, claim, "no such file in this change")
    quotes = quote_variants.variants(claim.quote)
    if not quotes:
        return _ghost(seat, claim, f"no line of {file.path} was quoted")
    if _repeats_itself(claim):
        return _ghost(seat, claim, "its text only repeats its title or its quote")
    diff = parse(file.path, file.patch)
    vocabulary = vocabulary_of(snapshot)
    matches = find_matches(diff, quotes, claim.line, vocabulary) if diff else []
    if chosen := choose_match(matches, claim.line):
        return _placed(seat, claim, file, chosen)
    if matches:
        # The quote fits several places, and nothing decides between them.
        several = "\n".join(row.text for row in matches[0].rows)
        return _finding(seat, claim, Location(path=file.path), several, context=not any(match.changed for match in matches))
    if (quoted := _elsewhere(file.head if file.head is not None else file.base, quotes, vocabulary)) is not None:
        return _finding(seat, claim, Location(path=file.path), quoted, context=_is_unchanged(file, quotes, vocabulary))
    if diff is None and file.head is None and file.base is None:
        return _ghost(seat, claim, f"the content of {file.path} could not be had, so the quote could not be checked")
    return _ghost(seat, claim, f"the quoted code is not in {file.path}")


def place_line(file: ChangedFile, line: int, end_line: int | None = None) -> Location | None:
    """The place of an analyzer's finding: the lines it names if the change added the first, else None."""
    diff = parse(file.path, file.patch)
    if diff is None or line not in diff.added():
        return None
    hunk = next(hunk for hunk in diff.hunks if any(row.new == line for row in hunk.rows))
    last = end_line or line
    if last <= line or not any(row.new == last for row in hunk.rows):
        return Location(path=file.path, line=line)
    return Location(path=file.path, line=last, start_line=line)


def find_file(path: str, snapshot: Snapshot) -> ChangedFile | None:
    """The changed file that a model's path names: the exact path, its old name, or the end of a path if only one fits."""
    now = {file.path: file for file in snapshot.files}
    before = {file.previous_path: file for file in snapshot.files if file.previous_path}
    if (name := match_path(path, now)) is not None:
        return now[name]
    if (name := match_path(path, before)) is not None:
        return before[name]
    name = match_end(path, now)
    return None if name is None else now[name]


def _repeats_itself(claim: FindingClaim) -> bool:
    """Whether every content word of the body is in the title or the quote."""
    return not set(content_words(claim.body)) - set(content_words(claim.title)) - set(content_words(claim.quote)) - _FILLER


def vocabulary_of(snapshot: Snapshot) -> Vocabulary:
    """The words in all known contents of the changed files."""
    return Vocabulary([text for file in snapshot.files for text in (file.base, file.head, file.patch) if text])


def _elsewhere(text: str | None, quotes: Sequence[Quote], vocabulary: Vocabulary) -> str | None:
    """The lines of a whole file that a quote fits, or None."""
    if not text:
        return None
    rows = text.split("\n")
    lines = CodeLines([show_hidden(row) for row in rows])
    for quote in quotes:
        for search in (find_verbatim, find_reformatted, find_partial):
            match = None if quote.deleted or quote.removed else next(search(quote, lines, vocabulary), None)
            if match:
                return "\n".join(row.removesuffix("\r") for row in rows[match.first : match.last + 1])
    return None


def _is_unchanged(file: ChangedFile, quotes: Sequence[Quote], vocabulary: Vocabulary) -> bool:
    """Whether code that the diff does not show existed before; unknown code counts as unchanged."""
    if file.status is FileStatus.ADDED or file.head is None:
        return False
    return file.base is None or _elsewhere(file.base, quotes, vocabulary) is not None


def _placed(seat: str, claim: FindingClaim, file: ChangedFile, match: DiffMatch) -> Finding:
    location = Location(path=file.path, line=match.end, start_line=match.start if match.start != match.end else None, side=match.side)
    lines = [row.text for row in match.rows]
    suggestion = fit_suggestion(claim.suggestion, claim.quote, lines) if match.whole and match.side is Side.RIGHT else None
    if suggestion is not None and not _applies(file, location, lines, suggestion):
        suggestion = None
    finding = _finding(seat, claim, location, "\n".join(lines), context=not match.changed)
    said = (finding.sketch or "").split()
    sketch = None if suggestion is not None or said == finding.quote.split() else finding.sketch
    return finding.model_copy(update={"suggestion": suggestion, "sketch": sketch, "symbol": _symbol(file, match)})


def _applies(file: ChangedFile, location: Location, lines: list[str], suggestion: str) -> bool:
    """Whether the head still has these lines there, and still parses as code with the suggestion applied."""
    if is_notebook(file.path) or is_prose(suggestion, lines, file.path):
        return False
    if file.head is None:
        return parses_alike(file.path, "\n".join(lines), suggestion)
    start = (location.start_line or location.line or 1) - 1
    here = [line.removesuffix("\r") for line in file.head.split("\n")[start : start + len(lines)]]
    changed = apply_suggestion(file.head, location, suggestion) if here == lines else None
    return changed is not None and parses_alike(file.path, file.head, changed)


def _symbol(file: ChangedFile, match: DiffMatch) -> str:
    whole = file.head if match.side is Side.RIGHT else file.base
    if whole is not None:
        return symbol_at(file.path if match.side is Side.RIGHT else file.previous_path or file.path, whole, match.start)
    above = [row.text for row in match.hunk.rows if (row.number(match.side) or match.start + 1) <= match.start]
    return enclosing_name(above, len(above)) or name_of_section(match.hunk.section)


def _finding(seat: str, claim: FindingClaim, location: Location, quote: str, *, context: bool) -> Finding:
    return Finding(
        seat=seat,
        title=claim.title,
        body=claim.body,
        severity=claim.severity,
        category=claim.category,
        location=location,
        quote=quote,
        context=context,
        sketch=suggested_code(claim.suggestion),
    )


def _ghost(seat: str, claim: FindingClaim, reason: str) -> Discarded:
    return Discarded(seat=seat, title=claim.title, path=claim.path, reason=reason)
