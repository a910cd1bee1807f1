"""Adds earlier answers to the material of a question: similar ones, and the conversation so far."""

from collections.abc import Callable

from app.store.engine.database import Database
from app.store.questions import consultations, memory_search
from app.store.questions.consultations import Consultation
from app.store.questions.memory_search import Recalled
from reviewers.values.question import Dossier, Material, MaterialKind

# Below this share of the question's weight, two questions only share a subject.
LIKE = 0.35
_MOST, _BEFORE = 3, 3


class AnswerMemory:
    """The consultations of all repositories. Each repository sees only its own."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def alike(self, repository_id: int, question: str, but: str = "") -> list[Recalled]:
        """A repository's earlier answers to similar questions, the most similar first. `but` is the current one."""
        found = await self.search(repository_id, question, _MOST + 1)
        return [recalled for recalled in found if recalled.id != but and recalled.likeness >= LIKE][:_MOST]

    async def search(self, repository_id: int, words: str, most: int = 10) -> list[Recalled]:
        """A repository's earlier answers that match these words."""
        async with self._database.read() as connection:
            return await memory_search.recall_answers(connection, repository_id, words, self._clock(), most)

    async def added(self, dossier: Dossier, asking: Consultation) -> Dossier:
        """The dossier with the earlier answers of this conversation, and answers to similar questions."""
        async with self._database.read() as connection:
            before = await consultations.answered_here(connection, asking.repository.id, asking.number, _BEFORE) if asking.number else []
        before = [consultation for consultation in before if consultation.id != asking.id]
        told = {consultation.id for consultation in before}
        similar = [recalled for recalled in await self.alike(asking.repository.id, asking.question, asking.id) if recalled.id not in told]
        materials = (*map(as_before, reversed(before)), *map(_similar, similar))
        return dossier.model_copy(update={"materials": (*dossier.materials, *materials)})


def as_before(earlier: Consultation) -> Material:
    """An earlier answer of the same conversation."""
    text = f"asked: {earlier.question[:2_000]}\nanswered: {earlier.title}. {earlier.summary}"
    return Material(
        kind=MaterialKind.EARLIER,
        name=f"answer to /council {earlier.specialist}",
        text=text,
        why="it was answered here before",
        url=earlier.url,
    )


def _similar(each: Recalled) -> Material:
    outcome = f"solution {each.resolved} solved it" if each.resolved else "it helped" if each.score > 0 else ""
    outcome = outcome or ("it did not help" if each.score < 0 else "nobody said whether it helped")
    text = f"asked: {each.question[:1_500]}\nanswered: {each.title}. {each.summary}\noutcome: {outcome}"
    return Material(
        kind=MaterialKind.SIMILAR, name=f"#{each.number} {each.title}", text=text, why="a like question was asked before", url=each.url
    )
