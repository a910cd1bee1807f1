"""Stores what every expert said in a consultation: its view, its proposals and its votes."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.consultations import ConsultationCritiqueRow, ConsultationOpinionRow
from reviewers.values.advice import Advice


async def save_opinions(connection: AsyncConnection, consultation_id: str, advice: Advice, *, sealed: bool) -> None:
    """Store it, once. `sealed` is whether it is stored encrypted."""
    door = transcripts_of(connection)

    def kept(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: door.kept(consultation_id, name, text, sealed=sealed) for name, text in texts.items()}

    views = {view.seat: view.text for view in advice.views}
    opinions = [
        {
            "consultation_id": consultation_id,
            "seat": seat.seat,
            "outcome": seat.opinion,
            **kept({"view": views.get(seat.seat, ""), "proposed": _proposed(advice, seat.seat)}),
        }
        for seat in advice.seats
    ]
    votes = {
        (vote.seat, solution.solution.title): {
            "consultation_id": consultation_id,
            "seat": vote.seat,
            "number": solution.number,
            "stance": vote.stance,
            **kept({"title": solution.solution.title, "evidence": vote.evidence}),
        }
        for solution in advice.ranked
        for vote in solution.votes
    }
    for row, rows in ((ConsultationOpinionRow, opinions), (ConsultationCritiqueRow, list(votes.values()))):
        if rows:
            await connection.execute(insert_or(row, connection.dialect.name).on_conflict_do_nothing(), rows)


def _proposed(advice: Advice, seat: str) -> str:
    return "\n".join(solution.solution.title for solution in advice.ranked if seat in solution.raised_by)
