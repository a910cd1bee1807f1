"""The Ask pages: the question form, the progress, the answer and follow-up questions."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.authorization.daily_command_limit import Asker
from app.github.permissions import Permission
from app.requests.questions import LONGEST, PageQuestion, ask_question
from app.store.questions import answer_feedback, consultations, memory_search, page_questions
from app.store.questions.answer_feedback import AnswerFeedback
from app.store.questions.consultations import Consultation
from app.store.queue.deliveries import insert_jobs
from app.store.reviews import run_page
from app.store.tables.consultations import ConsultationState
from app.web.errors import Conflict, Hidden
from app.web.pages import render
from app.web.stream import follow
from app.web.viewer import SignedIn, Viewer
from webhooks.jobs import FeedbackKind, JudgeAnswer, RepositoryRef

router = APIRouter()
# The most repositories whose earlier answers one search covers.
_MOST_SEARCHED, _MOST_FOUND = 20, 20


@router.get("/ask")
async def form(request: Request, viewer: SignedIn) -> Response:
    """The form with the specialists, this person's questions, and a search of earlier answers."""
    from reviewers.specialists import SPECIALISTS

    reached = {each.id: each.full_name for each in await viewer.repositories() if each.permission >= Permission.WRITE}
    words, repository = request.query_params.get("q", "").replace("\x00", "")[:300], request.query_params.get("repository", "")
    searched = [each for each, name in reached.items() if repository in {"", name}][:_MOST_SEARCHED]
    async with viewer.services.database.read() as connection:
        before = await page_questions.asked_on_pages(connection, list(reached), viewer.login)
        costs = await page_questions.cost_by_specialist(connection, list(reached))
        found = [
            (reached[each], await memory_search.recall_answers(connection, each, words, viewer.services.clock(), 10))
            for each in searched
            if words
        ]
    best = sorted(((answer, name) for name, answers in found for answer in answers), key=lambda each: -each[0].likeness)
    return render(
        request,
        "ask.html",
        repositories=sorted(reached.values()),
        repository=repository,
        specialists=[(specialist, costs.get(specialist.name)) for specialist in SPECIALISTS.values()],
        before=before,
        words=words,
        best=best,
        longest=LONGEST,
        question=_beginning(request.query_params.get("pull", "")),
    )


def _beginning(pull: str) -> str:
    """The first words of a question about a pull request; naming it makes Council read it."""
    return f"About pull request #{pull}: " if pull.isascii() and pull.isdigit() and len(pull) < 10 else ""


@router.post("/ask")
async def put(request: Request, viewer: SignedIn) -> Response:
    """Ask a question, new or as a follow-up."""
    from reviewers.specialists import SPECIALISTS

    sent = await viewer.form(request)
    conversation = ""
    if sent["follows"]:
        consultation = await _seen(viewer, sent["follows"])
        repository = await viewer.repository(consultation.repository.full_name)
        async with viewer.services.database.read() as connection:
            conversation = await page_questions.conversation_of(connection, consultation.id)
    else:
        repository = await viewer.repository(sent["repository"])
    question = PageQuestion(
        installation_id=repository.installation_id,
        repository=RepositoryRef(id=repository.id, full_name=repository.full_name),
        asker=Asker(viewer.login, viewer.github_id),
        text=sent["question"],
        specialist=sent["specialist"] if sent["specialist"] in SPECIALISTS else "ask",
        conversation=conversation,
    )
    job = await ask_question(viewer.services, question)
    return RedirectResponse(f"/ask/{job.id}#q-{job.id}", 303)


async def _seen(viewer: Viewer, consultation_id: str) -> Consultation:
    """A consultation that the person can see. Raises Hidden otherwise."""
    if "\x00" in consultation_id:
        raise Hidden
    async with viewer.services.database.read() as connection:
        consultation = await consultations.by_id(connection, consultation_id)
    if consultation is None or await viewer.may(consultation.repository.id) < Permission.WRITE:
        raise Hidden
    return consultation


@router.get("/ask/{consultation_id}")
async def conversation(request: Request, consultation_id: str, viewer: SignedIn) -> Response:
    """A whole conversation up to its newest question."""
    from app.web.views.conversation import build_turn

    consultation = await _seen(viewer, consultation_id)
    async with viewer.services.database.read() as connection:
        name = await page_questions.conversation_of(connection, consultation.id)
        turns = await page_questions.of_conversation(connection, consultation.repository.id, name) if name else [consultation]
        calls = {turn.id: await run_page.list_calls(connection, turn.id) for turn in turns}
        said = {turn.id: await page_questions.word_of(connection, turn.id, viewer.login) for turn in turns}
    shown = [build_turn(turn, calls[turn.id], viewer.services.clock()) for turn in turns]
    going = next((turn.asked.id for turn in shown if turn.going), "")
    return render(
        request,
        "conversation.html",
        turns=shown,
        repository=consultation.repository.full_name,
        last=turns[-1].id,
        going=going,
        goes_on=name,
        said=said,
    )


@router.post("/ask/{consultation_id}/judge")
async def judge(request: Request, consultation_id: str, viewer: SignedIn) -> Response:
    """Store whether an answer helped, which counts in the track records of the models that proposed it."""
    sent, services = await viewer.form(request), viewer.services
    consultation, helped = await _seen(viewer, consultation_id), sent["helped"] == "yes"
    if consultation.state is ConsultationState.ASKED:
        raise Conflict("This question is not answered yet.")
    what = FeedbackKind.HELPFUL if helped else FeedbackKind.NOT_HELPFUL
    installations = {repository.id: repository.installation_id for repository in await viewer.repositories()}
    job = JudgeAnswer(
        installation_id=installations[consultation.repository.id],
        repository=consultation.repository,
        consultation_id=consultation.id,
        login=viewer.login,
        helped=helped,
        slot=services.new_id(),
    )
    async with services.database.write() as connection:
        # Stored here so that the page shows it immediately; the job stores it again with its effect on track records.
        await answer_feedback.save_feedback(
            connection, services.new_id(), consultation.id, AnswerFeedback(viewer.login, what), services.clock()
        )
        await insert_jobs(connection, [(services.new_id(), job, services.clock())], services.clock())
    return RedirectResponse(f"/ask/{consultation.id}#q-{consultation.id}", 303)


@router.get("/ask/{consultation_id}/events")
async def events(request: Request, consultation_id: str, viewer: SignedIn) -> Response:
    """A server-sent event for each change of progress."""
    await _seen(viewer, consultation_id)

    async def look() -> tuple[tuple[str, int, int], bool]:
        async with viewer.services.database.read() as connection:
            consultation = await consultations.by_id(connection, consultation_id)
            counted = await run_page.calls_so_far(connection, consultation_id)
        state = consultation.state if consultation else ConsultationState.DEAD
        return (state.value, *counted), state is not ConsultationState.ASKED

    async def check() -> None:
        await viewer.require_session()
        await _seen(viewer, consultation_id)

    return follow(request, look, check, viewer.services.sleep)
