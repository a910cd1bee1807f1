"""A question on a page: put, thought about, answered, and gone on with."""

from collections.abc import Callable

from tests.app.web.browser import Browser
from tests.stories.house import House
from tests.stories.questions import LARGER, POOL, script

Open = Callable[[], Browser]


async def test_a_question_is_answered_on_its_page_and_goes_on(browser: Open, house: House) -> None:
    script(house, [POOL], [POOL, LARGER], [POOL], stance={"larger": ("reject", "<script>alert(1)</script>")})
    will, gus = browser(), browser()
    await will.sign_in("will")
    await gus.sign_in("gus")
    assert "acme/shop" in (await will.get("/ask")).text
    sent = await will.post("/ask", {"repository": "acme/shop", "question": "Why do the connections run out?", "specialist": "ask"})
    page = sent.headers["location"].partition("#")[0]
    waiting = (await will.get(page)).text
    assert sent.status_code == 303 and "Council · thinking" in waiting and f'data-events="{page}/events"' in waiting
    await house.settle()
    answer = (await will.get(page)).text
    assert "The health check opens a connection and never closes it" in answer and "Close the connection" in answer
    assert "<script>alert" not in answer and "event: over" in (await will.get(f"{page}/events")).text
    assert (await gus.get(page)).status_code == (await gus.get(f"{page}/events")).status_code == 404
    follows = {"follows": page.removeprefix("/ask/"), "question": "And if the pool is large?"}
    assert (await gus.post("/ask", follows)).status_code == 404
    second = (await will.post("/ask", follows)).headers["location"].partition("#")[0]
    await house.settle()
    both = (await will.get(second)).text
    assert "Why do the connections run out?" in both and "And if the pool is large?" in both and both.count('class="box"') == 2


async def test_what_cannot_be_asked_is_said_in_a_line(browser: Open, house: House) -> None:
    rita, will = browser(), browser()
    await rita.sign_in("rita")
    await will.sign_in("will")
    asked = {"repository": "acme/shop", "question": "Why?"}
    assert (await rita.post("/ask", asked)).status_code == 403
    assert (await will.post("/ask", {**asked, "question": " \x00"})).status_code == 422
    assert (await will.post("/ask", {**asked, "repository": "globex/lab"})).status_code == 404
    assert (await will.post("/ask", {**asked, "csrf": "guessed"})).status_code == 403
    assert house.bought() == 0
