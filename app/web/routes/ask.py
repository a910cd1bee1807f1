"""Ask: a question about a repository, the council at work, its advice, and how the conversation goes on."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.github.permissions import Permission
from app.services.asking import LONGEST, Question, ask
from app.services.person_limit import Asker
from app.store import consultations, page_questions, run_page
from app.store.consultations import Consultation
from app.store.memory_tables import ConsultationState
from app.web.errors import Hidden
from app.web.pages import render
from app.web.stream import follow
from app.web.viewer import SignedIn, Viewer
from webhooks.jobs import RepositoryRef

router = APIRouter()


@router.get("/ask")
async def form(request: Request, viewer: SignedIn) -> Response:
    """The form, and what this person asked before."""
    from reviewers.specialists import SPECIALISTS

    reached = [each for each in await viewer.repositories() if each.permission >= Permission.WRITE]
    async with viewer.desk.database.read() as connection:
        before = await page_questions.asked_on_pages(connection, [each.id for each in reached], viewer.login)
    return render(
        request,
        "ask.html",
        repositories=sorted(each.full_name for each in reached),
        repository=request.query_params.get("repository", ""),
        specialists=sorted(SPECIALISTS),
        before=before,
        longest=LONGEST,
        question=_beginning(request.query_params.get("pull", "")),
    )


def _beginning(pull: str) -> str:
    """The first words of a question about a pull request: what a question names is read."""
    return f"About pull request #{pull}: " if pull.isascii() and pull.isdigit() and len(pull) < 10 else ""


@router.post("/ask")
async def put(request: Request, viewer: SignedIn) -> Response:
    """Put a question, new or as the next of a conversation."""
    from reviewers.specialists import SPECIALISTS

    sent = await viewer.form(request)
    conversation = ""
    if sent["follows"]:
        opened = await _seen(viewer, sent["follows"])
        repository = await viewer.repository(opened.repository.full_name)
        async with viewer.desk.database.read() as connection:
            conversation = await page_questions.conversation_of(connection, opened.id)
    else:
        repository = await viewer.repository(sent["repository"])
    question = Question(
        installation_id=repository.installation_id,
        repository=RepositoryRef(id=repository.id, full_name=repository.full_name),
        asker=Asker(viewer.login, viewer.github_id),
        text=sent["question"],
        specialist=sent["specialist"] if sent["specialist"] in SPECIALISTS else "ask",
        conversation=conversation,
    )
    job = await ask(viewer.desk, question)
    return RedirectResponse(f"/ask/{job.id}#q-{job.id}", 303)


async def _seen(viewer: Viewer, consultation_id: str) -> Consultation:
    """A consultation that this person may see; Hidden otherwise."""
    if "\x00" in consultation_id:
        raise Hidden
    async with viewer.desk.database.read() as connection:
        opened = await consultations.by_id(connection, consultation_id)
    if opened is None or await viewer.may(opened.repository.id) < Permission.WRITE:
        raise Hidden
    return opened


@router.get("/ask/{consultation_id}")
async def conversation(request: Request, consultation_id: str, viewer: SignedIn) -> Response:
    """A whole conversation, up to its newest question."""
    from app.web.views.conversation import turn

    opened = await _seen(viewer, consultation_id)
    async with viewer.desk.database.read() as connection:
        name = await page_questions.conversation_of(connection, opened.id)
        turns = await page_questions.of_conversation(connection, opened.repository.id, name) if name else [opened]
        calls = {each.id: await run_page.calls(connection, each.id) for each in turns}
    shown = [turn(each, calls[each.id], viewer.desk.clock()) for each in turns]
    going = next((each.asked.id for each in shown if each.going), "")
    return render(
        request, "conversation.html", turns=shown, repository=opened.repository.full_name, last=turns[-1].id, going=going, goes_on=name
    )


@router.get("/ask/{consultation_id}/events")
async def events(request: Request, consultation_id: str, viewer: SignedIn) -> Response:
    """A server-sent event each time the council moved."""
    await _seen(viewer, consultation_id)

    async def look() -> tuple[tuple[str, int, int], bool]:
        async with viewer.desk.database.read() as connection:
            opened = await consultations.by_id(connection, consultation_id)
            counted = await run_page.calls_so_far(connection, consultation_id)
        state = opened.state if opened else ConsultationState.DEAD
        return (state.value, *counted), state is not ConsultationState.ASKED

    return follow(request, look, lambda: _seen(viewer, consultation_id))
