"""The Ask pages: a question, its progress, its answer and follow-ups."""

from collections.abc import Callable

from sqlalchemy import text

from reviewers.specialists import SPECIALISTS
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem
from tests.stories.questions import LARGER, POOL, script

Open = Callable[[], Browser]


async def test_a_question_is_answered_on_its_page_and_goes_on(browser: Open, system: InProcessSystem) -> None:
    script(system, [POOL], [POOL, LARGER], [POOL], stance={"larger": ("reject", "<script>alert(1)</script>")})
    will, gus = browser(), browser()
    await will.sign_in("will")
    await gus.sign_in("gus")
    assert "acme/shop" in (await will.get("/ask")).text
    sent = await will.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    page = sent.headers["location"].partition("#")[0]
    waiting = (await will.get(page)).text
    assert sent.status_code == 303 and "Council · working" in waiting and f'data-events="{page}/events"' in waiting
    await system.settle()
    answer = (await will.get(page)).text
    assert "The health check opens a connection and never closes it" in answer and "Close the connection" in answer
    assert "<script>alert" not in answer and "event: over" in (await will.get(f"{page}/events")).text
    assert (await gus.get(page)).status_code == (await gus.get(f"{page}/events")).status_code == 404
    follows = {"follows": page.removeprefix("/ask/"), "question": "And if the pool is large?"}
    assert (await gus.post("/ask", follows)).status_code == 404
    second = (await will.post("/ask", follows)).headers["location"].partition("#")[0]
    await system.settle()
    both = (await will.get(second)).text
    assert (
        "Why do the connections run out?" in both
        and "And if the pool is large?" in both
        and both.count('class="box"') == 2
        and both.index("Follow up") < both.rindex("</div>\n</main>")
    )


async def test_what_cannot_be_asked_is_said_in_a_line(browser: Open, system: InProcessSystem) -> None:
    rita, will = browser(), browser()
    await rita.sign_in("rita")
    await will.sign_in("will")
    asked = {"repository": "acme/shop", "question": "Why?"}
    assert (await rita.post("/ask", asked)).status_code == 403
    assert (await will.post("/ask", {**asked, "question": " \x00"})).status_code == 422
    assert (await will.post("/ask", {**asked, "repository": "globex/lab"})).status_code == 404
    assert (await will.post("/ask", {**asked, "csrf": "guessed"})).status_code == 403
    assert system.bought() == 0


async def test_specialists_say_what_they_do_need_and_cost(browser: Open, system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/ask")).text
    for name, specialist in SPECIALISTS.items():
        assert f'name="specialist" value="{name}"' in page and specialist.does in page, name
    assert "Needs the error with its stack trace or log" in page and "per answer so far" not in page
    await will.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    await system.settle()
    page = (await will.get("/ask")).text
    assert page.count("per answer so far") == 1 and "About $0." in page.partition('value="ask"')[2].partition("</label>")[0]
    assert "About pull request #7: </textarea>" in (await will.get("/ask?pull=7")).text
    assert "<b>" not in (await will.get("/ask?pull=<b>")).text.partition("<textarea")[2].partition("</textarea>")[0]


async def test_earlier_answers_are_searched_where_one_may_write(browser: Open, system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    will, rita, gus = browser(), browser(), browser()
    for person, login in ((will, "will"), (rita, "rita"), (gus, "gus")):
        await person.sign_in(login)
    asked = await will.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    await system.settle()
    place = asked.headers["location"].partition("#")[0]
    found = (await will.get("/ask?q=connections+health")).text
    assert place in found.partition('id="best"')[2].partition("</section>")[0]
    assert [place in (await each.get("/ask?q=connections+health")).text for each in (rita, gus)] == [False, False]
    assert "No earlier answer" in (await will.get("/ask?q=zebra%00")).text


async def test_an_answer_is_judged_on_its_page(browser: Open, system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    will, gus = browser(), browser()
    await will.sign_in("will")
    await gus.sign_in("gus")
    asked = await will.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    place = asked.headers["location"].partition("#")[0]
    assert (await will.post(f"{place}/judge", {"helped": "yes"})).status_code == 409
    await system.settle()
    assert (await gus.post(f"{place}/judge", {"helped": "yes"})).status_code == 404
    for word, score, right in (("yes", 1, 1), ("no", -1, 0)):
        assert (await will.post(f"{place}/judge", {"helped": word})).status_code == 303
        assert f'value="{word}" aria-pressed="true"' in (await will.get(place)).text
        await system.settle()
        async with system.services.database.read() as connection:
            assert (await connection.execute(text("SELECT score FROM consultation"))).scalar_one() == score
            assert [tuple(row) for row in await connection.execute(text('SELECT source, "right" FROM outcome'))] == [("said", right)]
