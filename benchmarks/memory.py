"""Measures whether the memory finds a question in other words among very many, and how fast.

Each consultation is about a fault of one component of an invented product, in one of several phrasings; a paraphrase is another
phrasing, with other words for the same things. A paraphrase shares at most half of its content words with its question, measured
on plain words before any stemming of ours; pairs that share more are not used.
"""

import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from app.clock import now
from app.store.engine.database import Database, open_database
from app.store.engine.upsert import insert_or, sql_table
from app.store.questions.consultations import ConversationRef, KeepPeriod, NewQuestion, open_local
from app.store.questions.memory_search import index_answer, recall_answers, words_of
from app.store.tables.consultations import ConsultationRow, ConsultationState
from benchmarks import raw_sql, server
from benchmarks.bars import Bar, Count, at_least, at_most, below, judged
from benchmarks.making_questions import Question, common, questions
from benchmarks.options import Options, progress
from webhooks.jobs import RepositoryRef

_FULL, _ASKED, _BATCH = 100_000, 1_000, 2_000
_REPOSITORY = 424_242
_P95_MS, _R_AT_5, _SHARED = 50.0, 0.90, 0.5


class _Looked(NamedTuple):
    milliseconds: float
    rank: int


def run(options: Options) -> dict[str, object]:
    size = options.n or (2_000 if options.small else _FULL)
    made = list(questions(options.seed, size))
    asked = random.Random(options.seed).sample(made, min(len(made), 100 if options.small else _ASKED))
    with tempfile.TemporaryDirectory() as folder, server.database(options.database) as url:
        looked, seconds = asyncio.run(_measure(url, Path(folder), made, asked))
        stored = asyncio.run(raw_sql.number(url, Path(folder), "SELECT count(*) FROM consultation"))
    times = sorted(each.milliseconds for each in looked)
    shared = [common(each.asked_again, each.text) for each in asked]
    measured: dict[str, object] = {
        "database": options.database,
        "consultations": size,
        "asked": len(asked),
        "shared_mean": round(sum(shared) / len(shared), 3),
        "shared_max": round(max(shared), 3),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "r_at_1": round(sum(each.rank == 1 for each in looked) / len(looked), 4),
        "r_at_5": round(sum(0 < each.rank <= 5 for each in looked) / len(looked), 4),
        "index_s": round(seconds, 1),
    }
    counts = (Count("consultations", stored, 50_000, small=1_000, asked=True), Count("asked", len(asked), 500, small=50, asked=True))
    bars = (
        Bar("p95_ms", times[int(len(times) * 0.95)], below(_P95_MS, small=10 * _P95_MS), counts),
        Bar("r_at_5", sum(0 < each.rank <= 5 for each in looked) / len(looked), at_least(_R_AT_5), counts),
        Bar("shared_max", max(shared), at_most(_SHARED), counts),
    )
    return judged(options, measured, bars)


async def _measure(url: str, folder: Path, made: list[Question], asked: list[Question]) -> tuple[list[_Looked], float]:
    database = open_database(url, folder)
    try:
        await database.migrate()
        started = time.perf_counter()
        for at in range(0, len(made), _BATCH):
            await _remember(database, made[at : at + _BATCH])
            if at % 20_000 == 0:
                progress(f"{at:,} of {len(made):,} remembered")
        seconds = time.perf_counter() - started
        progress(f"{len(made):,} remembered in {seconds:.0f} s; now {len(asked)} are asked again")
        return [await _look(database, each) for each in asked], seconds
    finally:
        await database.close()


async def _remember(database: Database, batch: list[Question]) -> None:
    """Store it like an answer: a row, and its words."""
    at = now()
    async with database.write() as connection:
        place = ConversationRef(0, RepositoryRef(id=_REPOSITORY, full_name="acme/shop"))
        first = await open_local(connection, batch[0].id, place, NewQuestion("", "ask", batch[0].text), KeepPeriod(at, at + 1e9))
        row = (
            (await connection.execute(sql_table(ConsultationRow).select().where(sql_table(ConsultationRow).c.id == first.id)))
            .mappings()
            .one()
        )
        rows = [
            {**row, "id": each.id, "key": each.id, "question": each.text, "title": each.answer, "state": ConsultationState.ANSWERED}
            for each in batch
        ]
        await connection.execute(sql_table(ConsultationRow).delete().where(sql_table(ConsultationRow).c.id == first.id))
        await connection.execute(insert_or(ConsultationRow, connection.dialect.name), rows)
        await index_answer(connection, _REPOSITORY, {each.id: words_of(each.text, each.answer) for each in batch})


async def _look(database: Database, asked: Question) -> _Looked:
    started = time.perf_counter()
    async with database.read() as connection:
        found = await recall_answers(connection, _REPOSITORY, asked.asked_again, now(), 5)
    took = (time.perf_counter() - started) * 1000
    return _Looked(took, next((rank for rank, each in enumerate(found, 1) if each.id == asked.id), 0))
