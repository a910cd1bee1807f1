"""Both rounds of a seat begin alike, byte by byte, so that providers' caches hit. The receipt shows the savings."""

from pathlib import Path

from app.configuration.settings import MoneyCaps
from tests.stories.harness import BASE, DIVISION, HEAD, INJECTION
from tests.stories.questions import LARGER, POOL, ask, issue, script
from tests.system import SEATS, SystemOptions, start_system

# Long enough for every provider's cache.
LONG = HEAD["app/cart.py"] + "".join(
    f"\n\ndef price_{n}(items):\n    return [item.price * {n} for item in items if item.kind == {n}]\n" for n in range(90)
)


async def test_the_second_round_hits_the_cache_of_every_vendor(tmp_path: Path) -> None:
    plan = SystemOptions(SEATS, base=BASE, head={"app/cart.py": LONG}, settings={"fallback": "off", "caps": MoneyCaps(run=None)})
    async with start_system(tmp_path, plan) as system:
        system.script([DIVISION], [INJECTION], [])
        pull = system.open()
        await system.settle()
        calls = system.sandbox.providers.calls
        for seat in SEATS:
            name = seat.split("/", 1)[1]
            first, second = (call for call in calls if call.model == name and call.question in ("OpinionAnswer", "CritiqueAnswer"))
            assert (first.question, second.question) == ("OpinionAnswer", "CritiqueAnswer")
            assert first.cached_tokens == 0
            # Everything except the question itself, which comes last.
            assert second.cached_tokens > 0.8 * first.input_tokens, seat
        (summary,) = system.comments(pull)
        assert summary.count(" cached)") == len(SEATS)


async def test_the_second_round_of_a_question_hits_the_cache(tmp_path: Path) -> None:
    plan = SystemOptions(SEATS, base={"app/cart.py": LONG}, settings={"fallback": "off", "caps": MoneyCaps(run=None)})
    async with start_system(tmp_path, plan) as system:
        script(system, [POOL], [LARGER], [POOL])
        await ask(system, issue(system, f"After a night nobody gets a connection.\n\n```python\n{LONG}\n```").number, "/council ask why?")
        for seat in SEATS:
            name = seat.split("/", 1)[1]
            first, second = (call for call in system.sandbox.providers.calls if call.model == name and call.question != "AdviceAnswer")
            assert (first.question, second.question) == ("CounselAnswer", "CritiqueAnswer")
            assert first.cached_tokens == 0
            assert second.cached_tokens > 0.6 * first.input_tokens, seat
