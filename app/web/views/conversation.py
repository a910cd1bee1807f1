"""The view of a conversation: each question with its progress or its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.reporters.text.phrases import confidence_text
from app.store.questions.consultations import Consultation
from app.store.reviews.run_page import ModelCall
from app.store.reviews.transcripts import LOST
from app.store.tables.consultations import ConsultationState
from app.web.views.timeline import timeline
from reviewers.values.advice import Advice, RankedSolution
from reviewers.values.verdict import Stance


@dataclass(frozen=True)
class SolutionView:
    """A solution with its confidence and votes."""

    ranked: RankedSolution
    sure: str
    support: str


@dataclass(frozen=True)
class ConversationTurn:
    """One question. `advice` is None until it is answered and after its retention time; `lost` is why it cannot be shown."""

    asked: Consultation
    heading: str
    going: bool
    progress: str
    advice: Advice | None
    solutions: tuple[SolutionView, ...]
    svg: str
    usd: float
    lost: str


def build_turn(asked: Consultation, calls: Sequence[ModelCall], now: float) -> ConversationTurn:
    """The view of one question."""
    advice = Advice.model_validate_json(asked.advice) if asked.advice else None
    going = asked.state is ConsultationState.ASKED
    return ConversationTurn(
        asked=asked,
        heading=_heading(asked, advice),
        going=going,
        progress=_progress(calls) if going else "",
        advice=advice,
        solutions=tuple(_solution(solution) for solution in advice.ranked) if advice else (),
        svg=timeline(calls, now),
        usd=sum(call.usd for call in calls),
        lost=LOST if asked.lost else "",
    )


def _heading(asked: Consultation, advice: Advice | None) -> str:
    if asked.state is ConsultationState.ASKED:
        return "Council · working"
    if asked.state is ConsultationState.DEAD:
        return "Council could not answer this: it failed several times. Ask again."
    best = advice.best if advice else None
    if best is not None:
        return f"{best.solution.title} · {confidence_text(best.confidence, calibrated=best.calibrated)}"
    return asked.title or (advice.incomplete if advice else "") or asked.summary or "Council found no answer"


def _progress(calls: Sequence[ModelCall]) -> str:
    opinions = [call for call in calls if call.purpose in {"opinion", "counsel", "advice"}]
    if not calls:
        return "Reading the question and the repository."
    answered = sum(call.ended_at is not None for call in opinions)
    return f"{answered} of {len(opinions)} models answered" if answered < len(opinions) else "The models criticize each other's answers."


def _solution(ranked: RankedSolution) -> SolutionView:
    confirmed, rejected = len(ranked.by(Stance.CONFIRM)), len(ranked.by(Stance.REJECT))
    parts = [f"found by {len(ranked.raised_by)}"]
    parts += [f"{word} by {count}" for word, count in (("confirmed", confirmed), ("rejected", rejected)) if count]
    return SolutionView(ranked, confidence_text(ranked.confidence, calibrated=ranked.calibrated), ", ".join(parts))
