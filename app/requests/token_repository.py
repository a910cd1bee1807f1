"""What the holder of an API token may read and do in the token's repository, for the HTTP API and MCP."""

from dataclasses import dataclass, field

from app.authorization.daily_command_limit import Asker
from app.configuration.council_yml import read_config
from app.configuration.settings_layers import stored_levels
from app.errors import NotFound, UnreadableSettings, UserError
from app.github.origin import DEFAULT_BRANCH
from app.github.permissions import Permission
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.requests.pull_request_commands import NamedFinding, PullCommands, PullPlace, find_place
from app.requests.questions import PageQuestion, ask_question
from app.requests.reviews import request_review
from app.services.web import WebServices
from app.store.questions import consultations, memory_search, page_questions
from app.store.questions.consultations import Consultation
from app.store.questions.memory_search import Recalled
from app.store.reviews import dispositions, run_list, run_page, runs
from app.store.reviews.run_list import Filter, RunSummary
from app.store.reviews.run_page import RunFacts
from app.store.reviews.runs import Run
from app.store.security.api_tokens import Token
from reviewers.context.repository.looks import Look, LookAnswer
from reviewers.learning.feedback import apply_decisions
from reviewers.values.verdict import Verdict
from webhooks.jobs import RepositoryRef

_FOUND = 20


@dataclass(frozen=True)
class LookedUp:
    """The answer of a look and the commit that it was about."""

    commit: str
    answer: LookAnswer


@dataclass(frozen=True)
class TokenRepository:
    """The repository of a token, as its holder reaches it. Data of other repositories looks as if it did not exist."""

    services: WebServices
    token: Token

    @property
    def reference(self) -> RepositoryRef:
        return RepositoryRef(id=self.token.repository_id, full_name=self.token.repository)

    @property
    def asker(self) -> Asker:
        return Asker(self.token.login, self.token.user_id)

    async def run(self, run_id: str) -> tuple[RunFacts, RunSummary] | None:
        """A run by its full id."""
        async with self.services.database.read() as connection:
            if "\x00" in run_id or await run_page.repository_of(connection, run_id) != self.token.repository_id:
                return None
            (line,) = await run_list.lines(connection, [run_id])
            return await run_page.read_run(connection, run_id), line

    async def consultation(self, consultation_id: str) -> Consultation | None:
        """A consultation by its full id."""
        if "\x00" in consultation_id:
            return None
        async with self.services.database.read() as connection:
            found = await consultations.by_id(connection, consultation_id)
        return found if found is not None and found.repository.id == self.token.repository_id else None

    async def search(self, words: str) -> tuple[tuple[RunSummary, ...], tuple[Recalled, ...]]:
        """Runs that contain the words, newest first, and consultations, the most similar first."""
        async with self.services.database.read() as connection:
            page = await run_list.page(connection, [self.token.repository_id], Filter(words=words), _FOUND)
            found = await memory_search.recall_answers(connection, self.token.repository_id, words, self.services.clock(), _FOUND)
        return page.lines, tuple(found)

    async def findings(self, number: int) -> tuple[Run, Verdict] | None:
        """The newest published review of a pull request, with later decisions of people."""
        async with self.services.database.read() as connection:
            run = await runs.last_published(connection, self.token.repository_id, number)
            decided = await dispositions.decisions_about(connection, self.token.repository_id, number)
        if run is None or run.lost or run.verdict is None:
            return None
        return run, apply_decisions(Verdict.model_validate_json(run.verdict), decided)

    async def review(self, number: int) -> str:
        """Queue a review of a pull request's current head, with the permission that the page requires. Returns the job's id."""
        await self._place(number)
        return await request_review(self.services, self.token.installation_id, self.reference, number, self.asker)

    async def ask(self, text: str, specialist: str, follows: str = "") -> str | None:
        """Queue a question. Returns the consultation's id, None if the one that it follows does not exist."""
        from reviewers.specialists import SPECIALISTS

        conversation = ""
        if follows:
            if await self.consultation(follows) is None:
                return None
            async with self.services.database.read() as connection:
                conversation = await page_questions.conversation_of(connection, follows)
        chosen = specialist if specialist in SPECIALISTS else "ask"
        question = PageQuestion(self.token.installation_id, self.reference, self.asker, text, chosen, conversation)
        return (await ask_question(self.services, question)).id

    async def dismiss(self, number: int, finding: NamedFinding, reason: str) -> None:
        """Set a finding aside, with the permission that the page requires. Raises UserError if the holder may not."""
        await PullCommands(self.services, await self._place(number), self.asker).dismiss(finding, reason)

    async def look(self, look: Look, tokens: int, number: int = 0) -> LookedUp:
        """Look up something at the head of a pull request, or of the default branch if `number` is 0.

        Raises UserError if the pull request is unknown, or the settings of the repository do not allow a look or cannot be read.
        """
        from app.github.pull_request import head_of
        from app.github.question import tip_of

        place, name = self.token, self.token.repository
        async with self.services.as_app(place.installation_id, self.reference) as github:
            file = await read_config(github, name, DEFAULT_BRANCH.base)
            try:
                sha = (await head_of(github, name, number)).sha if number else await tip_of(github, name)
            except NotFound:
                raise UserError(f"Pull request {number} was not found in this repository.") from None
        if file.unreadable:
            # It may switch looking around off.
            raise UnreadableSettings(file.unreadable)
        if not sha:
            raise UserError("This repository has no commits.")
        config, _ = file.apply(await stored_levels(self.services, place.installation_id, place.repository_id))
        repository, commits = MirroredRepository(place.installation_id, place.repository_id), MirrorCommits(sha, pull_number=number)
        return LookedUp(sha, await self.services.looks.look(repository, commits, config, look, tokens))

    async def _place(self, number: int) -> PullPlace:
        async def permission() -> Permission:
            return await self.services.tokens.permission(self.token)

        return await find_place(self.services, self.token.installation_id, self.reference, number, permission)


@dataclass(frozen=True)
class Holding:
    """A token that came with a request. `secret` is never shown."""

    services: WebServices
    secret: str = field(repr=False)

    async def repository(self) -> TokenRepository:
        """The token's repository. Raises UserError if the token is no longer valid."""
        if (token := await self.services.tokens.holder(self.secret)) is None:
            raise UserError("the API token is no longer valid")
        return TokenRepository(self.services, token)
