"""Finds earlier consultations by their words, with SQLite FTS5 or a PostgreSQL tsvector, over terms that we split and stem ourselves.

Each term is stored with its repository, so that one repository's words never match another's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import column
from sqlalchemy.sql import table as named

from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.consultations import ConsultationRow, ConsultationState, ConsultationTermRow
from reviewers.learning.memory_terms import rarest_terms, term_prefixes, term_rarity, terms_of

_CONSULTATION, _TERM = sql_table(ConsultationRow), sql_table(ConsultationTermRow)
_WORDS = named("consultation_words", column("consultation_id"), column("words"))
# How many rows a search may touch, and how many of the best by words are then weighted by outcome and age.
_POSTINGS, _CANDIDATES = 4_000, 200
_HALF_LIFE, _YEAR = 0.1, 365 * 24 * 3600.0
_ALL = ""


@dataclass(frozen=True)
class Recalled:
    """An earlier consultation. `likeness` in [0, 1] is the share of the query's weight that its words have."""

    id: str
    number: int
    specialist: str
    question: str
    title: str
    summary: str
    url: str
    resolved: int
    score: int
    at: float
    likeness: float


async def index_answer(connection: AsyncConnection, repository_id: int, texts: Mapping[str, str]) -> None:
    """Index consultations by their words. The texts are by consultation id, and none of them is indexed yet."""
    if not texts:
        return
    found = {name: _terms(given) for name, given in texts.items()}
    counts: dict[str, int] = {_ALL: len(found)}
    for each in found.values():
        for term in each:
            counts[term] = counts.get(term, 0) + 1
    statement = insert_or(ConsultationTermRow, connection.dialect.name)
    added = statement.on_conflict_do_update(
        index_elements=["repository_id", "term"], set_={"documents": _TERM.c.documents + statement.excluded.documents}
    )
    await connection.execute(added, [{"repository_id": repository_id, "term": term, "documents": n} for term, n in sorted(counts.items())])
    rows = [{"id": name, "words": _marked(repository_id, each)} for name, each in found.items()]
    if connection.dialect.name == "postgresql":
        query = text("INSERT INTO consultation_words (consultation_id, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[])))")
        await connection.execute(query, rows)
    else:
        query = text("INSERT INTO consultation_words (consultation_id, words) VALUES (:id, :words)")
        await connection.execute(query, [{"id": row["id"], "words": " ".join(row["words"])} for row in rows])


async def recall_answers(connection: AsyncConnection, repository_id: int, asked: str, now: float, most: int = 5) -> list[Recalled]:
    """The consultations of a repository that are most similar to a text, by the weight of shared words, feedback and age."""
    wanted = _terms(asked)
    query = select(_TERM.c.term, _TERM.c.documents).where(_TERM.c.repository_id == repository_id, _TERM.c.term.in_([*wanted, _ALL]))
    holding = {row.term: row.documents for row in await connection.execute(query)}
    documents = holding.pop(_ALL, 0)
    # Squared, as in the product of two TF-IDF vectors: one rare name says more than several common words.
    weights = {term: term_rarity(documents, holding.get(term, 0)) ** 2 for term in wanted}
    looked = rarest_terms(wanted, holding, _POSTINGS)
    if not looked:
        return []
    best = await _best(connection, repository_id, {term: weights[term] for term in looked})
    return await _weighed(connection, best, sum(weights.values()), now, most)


async def _best(connection: AsyncConnection, repository_id: int, weights: Mapping[str, float]) -> dict[str, float]:
    """The weight of the matching terms of each of the best candidates."""
    marked = dict(zip(_marked(repository_id, list(weights)), weights.values(), strict=True))
    if connection.dialect.name == "postgresql":
        cases = " + ".join(
            f"CASE WHEN words @@ CAST(:t{n} AS tsquery) THEN {weight:.4f} ELSE 0 END" for n, weight in enumerate(marked.values())
        )
        query = text(
            f"SELECT consultation_id, {cases} AS held FROM consultation_words WHERE words @@ CAST(:any AS tsquery)"  # noqa: S608 — numbers of ours
            " ORDER BY held DESC LIMIT :most"
        )
        values: dict[str, object] = {f"t{n}": f"'{term}'" for n, term in enumerate(marked)}
        values |= {"any": " | ".join(f"'{term}'" for term in marked), "most": _CANDIDATES}
        return {row.consultation_id: float(row.held) for row in await connection.execute(query, values)}
    # FTS5's own rank is BM25 over the query terms: the same weights, and the length of the text in addition.
    query = text("SELECT consultation_id, words FROM consultation_words WHERE consultation_words MATCH :any ORDER BY rank LIMIT :most")
    rows = await connection.execute(query, {"any": " OR ".join(f'"{term}"' for term in marked), "most": _CANDIDATES})
    return {row.consultation_id: sum(marked.get(term, 0.0) for term in set(row.words.split())) for row in rows}


async def _weighed(connection: AsyncConnection, best: Mapping[str, float], whole: float, now: float, most: int) -> list[Recalled]:
    """Sort by similarity. Helpful and newer ones precede their equals, unhelpful ones follow them."""
    query = select(_CONSULTATION).where(_CONSULTATION.c.id.in_(list(best)), _CONSULTATION.c.state == ConsultationState.ANSWERED)
    door = transcripts_of(connection)
    made = [
        Recalled(
            id=row.id,
            number=row.number,
            specialist=row.specialist,
            question=row.question,
            title=row.title,
            summary=door.texts(row.id, summary=row.summary)["summary"] or "",
            url=row.url,
            resolved=row.resolved,
            score=row.score,
            at=row.created_at,
            likeness=round(min(1.0, best[row.id] / whole), 4) if whole else 0.0,
        )
        for row in await connection.execute(query)
    ]
    return sorted(made, key=lambda each: (-_worth(each, now), each.id))[:most]


def _worth(recalled: Recalled, now: float) -> float:
    helped = 0.1 if recalled.resolved else 0.05 * max(-2, min(2, recalled.score))
    return recalled.likeness * (1 + helped) * (1 - _HALF_LIFE * min(1.0, max(0.0, now - recalled.at) / _YEAR))


async def forget_answers(connection: AsyncConnection, consultation_ids: Collection[str]) -> None:
    """Remove consultations from the index, and their words from the counts."""
    if not consultation_ids:
        return
    query = select(
        _CONSULTATION.c.id, _CONSULTATION.c.repository_id, _CONSULTATION.c.state, _CONSULTATION.c.question, _CONSULTATION.c.title
    )
    for row in (await connection.execute(query.where(_CONSULTATION.c.id.in_(consultation_ids)))).all():
        if row.state != ConsultationState.ANSWERED:
            continue
        here = (_TERM.c.repository_id == row.repository_id, _TERM.c.term.in_([*_terms(words_of(row.question, row.title)), _ALL]))
        await connection.execute(update(_TERM).where(*here).values(documents=_TERM.c.documents - 1))
        await connection.execute(delete(_TERM).where(_TERM.c.repository_id == row.repository_id, _TERM.c.documents <= 0))
    await unindex(connection, consultation_ids)


async def unindex(connection: AsyncConnection, consultation_ids: Collection[str] | Select[tuple[str]]) -> None:
    """Remove consultations from the index only. SQLite reads all of it, so one call for many is faster than many calls."""
    await connection.execute(delete(_WORDS).where(_WORDS.c.consultation_id.in_(consultation_ids)))


async def count_known(connection: AsyncConnection, repository_id: int) -> int:
    """How many consultations of a repository can be found."""
    query = select(func.coalesce(func.sum(_TERM.c.documents), 0)).where(_TERM.c.repository_id == repository_id, _TERM.c.term == _ALL)
    return int((await connection.execute(query)).scalar() or 0)


def words_of(question: str, title: str) -> str:
    """The text by which a consultation is found."""
    return f"{title}\n{question}"


def _terms(given: str) -> tuple[str, ...]:
    found = terms_of(given)
    return (*found, *term_prefixes(found))


def _marked(repository_id: int, found: Sequence[str]) -> list[str]:
    return [f"r{repository_id}_{term}" for term in found]
