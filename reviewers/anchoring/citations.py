"""The evidence gate for solutions: each cited line must be in the material that the solution names."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.anchoring import quote_variants
from reviewers.anchoring.code_tokens import Vocabulary
from reviewers.anchoring.quote_lines import CodeLines, Match
from reviewers.anchoring.quote_search import find_partial, find_reformatted, find_verbatim
from reviewers.anchoring.quote_variants import Quote
from reviewers.context.hidden_characters import show_hidden
from reviewers.values.finding import Discarded
from reviewers.values.question import Dossier, Material, MaterialKind
from reviewers.values.solution import Citation

_SEARCHES = (find_verbatim, find_reformatted, find_partial)
_LONGEST = 600


class ClaimedCitation(NamedTuple):
    """The evidence that a model claims: the name of a file or a material, a line (0 if unknown) and the quoted words."""

    source: str
    line: int
    quote: str


def check_citations(seat: str, title: str, claimed: ClaimedCitation, dossier: Dossier) -> Citation | Discarded:
    """The citation at its place, or why it is not believed."""
    quotes = quote_variants.variants(claimed.quote)
    if not quotes:
        return _ghost(seat, title, claimed, "nothing was quoted")
    named = _named(claimed.source, dossier.materials)
    vocabulary = Vocabulary([material.text for material in dossier.materials])
    for material in named or dossier.materials:
        if found := _search(material, quotes, claimed.line, vocabulary):
            return _citation(material, found)
    reason = f"the quoted lines are not in {claimed.source}" if named else f"{claimed.source or 'its source'} was not among the material"
    return _ghost(seat, title, claimed, reason)


def with_files(dossier: Dossier, texts: Mapping[str, str]) -> Dossier:
    """The material, plus the repository files that are cited."""
    files = tuple(Material(kind=MaterialKind.CODE, name=path, path=path, text=text, why="it is cited") for path, text in texts.items())
    return dossier.model_copy(update={"materials": (*dossier.materials, *files)}) if files else dossier


def _named(source: str, materials: Sequence[Material]) -> list[Material]:
    """The materials that a source can mean: by path, by the end of a path, or by name."""
    wanted = source.strip().strip("`").removeprefix("./").lstrip("/")
    if not wanted:
        return []
    return [
        material
        for material in materials
        if wanted in (material.path, material.name) or (material.path and material.path.endswith(f"/{wanted}"))
    ]


def _search(material: Material, quotes: Sequence[Quote], line: int, vocabulary: Vocabulary) -> Match | None:
    """The match nearest to the claimed line, among those of the most faithful kind."""
    lines = CodeLines(show_hidden(material.text).split("\n"))
    for search in _SEARCHES:
        found = [match for quote in quotes for match in search(quote, lines, vocabulary)]
        if found:
            return min(found, key=lambda match: (abs(material.first_line + match.first - line) if line else 0, match.cost, match.first))
    return None


def _citation(material: Material, found: Match) -> Citation:
    rows = material.text.split("\n")[found.first : found.last + 1]
    first, last = material.first_line + found.first, material.first_line + found.last
    anchor = f"#L{first}" + (f"-L{last}" if last != first else "") if material.path and material.url else ""
    return Citation(
        source=material.path or material.name,
        line=first,
        end_line=last,
        quote="\n".join(rows)[:_LONGEST],
        url=f"{material.url}{anchor}" if material.url else "",
    )


def _ghost(seat: str, title: str, claimed: ClaimedCitation, reason: str) -> Discarded:
    return Discarded(seat=seat, title=title, path=claimed.source, reason=reason)
