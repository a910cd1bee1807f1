"""The settings pages: what they show, who may change what, and that a review goes by it."""

from collections.abc import Callable

from app.github.config_file import parse
from app.github.repository_config import RepositoryConfig, places
from app.web.fields import FIELDS
from tests.app.hostile_config import SHAPES
from tests.app.web.browser import Browser
from tests.stories.house import House

Open = Callable[[], Browser]
PAGE = "/repos/acme/shop/settings"


def test_every_key_of_a_council_yml_is_on_the_page() -> None:
    assert sorted(field.key for field in FIELDS) == sorted(places())


async def test_a_review_obeys_what_an_admin_set(browser: Open, house: House) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    saved = await ada.post(PAGE, {"version": "0", "review-publish": "check"})
    assert saved.headers["location"] == f"{PAGE}?saved=1"
    page = (await ada.get(f"{PAGE}?saved=1")).text
    assert "Now: <b>check</b>, from repository." in page and "publish: check" in page
    house.script([{"path": "app/cart.py", "line": 2, "title": "Division by zero"}])
    pull = house.open()
    await house.settle()
    assert [check.status for check in house.checks()] == ["completed"] and house.comments(pull) == []


async def test_an_organisation_is_above_its_repositories_and_a_limit_is_only_lowered(browser: Open, house: House) -> None:
    ada = browser()
    await ada.sign_in("ada")
    page = next(iter(house.sandbox.world.installations))
    path = f"/installations/{page}/settings"
    await ada.get(path)
    assert (await ada.post(path, {"version": "0", "limits-run_usd": "0.2", "review-max_inline": "2"})).status_code == 303
    shown = (await ada.get(PAGE)).text
    assert "Now: <b>0.2</b>, from organisation." in shown and "Now: <b>2</b>, from organisation." in shown
    refused = await ada.post(PAGE, {"version": "0", "limits-run_usd": "0.4", "review-max_inline": "many"})
    assert refused.status_code == 422
    assert "limits.run_usd can only be lowered here: 0.2 stands, not 0.4" in refused.text
    assert "review.max_inline must be a whole number" in refused.text


async def test_what_a_change_would_do_is_shown_before_it_is_saved(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    shown = await ada.post(PAGE, {"version": "0", "review-language": "de", "preview": "1"})
    assert "What this would change" in shown.text and "<code>review.language</code>" in shown.text
    assert "as this server names them</b>" in (await ada.get(PAGE)).text
    assert "from built-in" in (await ada.get(PAGE)).text and "Nobody yet." in (await ada.get(PAGE)).text


async def test_nobody_overwrites_what_they_have_not_seen(browser: Open) -> None:
    ada, mia = browser(), browser()
    await ada.sign_in("ada")
    await mia.sign_in("mia")
    assert (await ada.post(PAGE, {"version": "0", "review-language": "de"})).status_code == 303
    late = await mia.post(PAGE, {"version": "0", "review-language": "fr"})
    assert late.status_code == 409 and "nothing of yours was saved" in late.text
    log = (await mia.get(PAGE)).text
    assert "<td>ada</td><td><code>review.language</code></td><td>not set</td><td>de</td>" in log


async def test_v8_2_1_who_may_see_and_who_may_change(browser: Open) -> None:
    for login, sees, changes in (
        ("ada", 200, 303),
        ("mia", 200, 303),
        ("will", 200, 403),
        ("rita", 403, 403),
        ("sam", 404, 404),
        ("gus", 404, 404),
    ):
        person = browser()
        await person.sign_in(login)
        page = await person.get(PAGE)
        saved = await person.post(
            PAGE, {"version": page.text.partition('name="version" value="')[2].partition('"')[0] or "0", "review-language": "it"}
        )
        assert (login, page.status_code, saved.status_code) == (login, sees, changes)


async def test_v8_2_2_who_may_see_and_change_what_an_organisation_sets(browser: Open, house: House) -> None:
    path = f"/installations/{next(iter(house.sandbox.world.installations))}/settings"
    for login, sees, changes in (("ada", 200, 303), ("mia", 200, 403), ("will", 200, 403), ("rita", 403, 403), ("gus", 404, 404)):
        person = browser()
        await person.sign_in(login)
        saved = await person.post(path, {"version": "0", "review-language": "it"})
        assert (login, (await person.get(path)).status_code, saved.status_code) == (login, sees, changes)


async def test_a_guess_looks_the_same_whether_it_exists_or_not(browser: Open) -> None:
    sam = browser()
    await sam.sign_in("sam")
    real, guess = await sam.get("/repos/globex/lab/settings"), await sam.get("/repos/globex/nothing/settings")
    assert (real.status_code, real.text) == (guess.status_code, guess.text)


async def test_hostile_text_stays_text(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    await ada.post(PAGE, {"version": "0", "review-instructions": "</textarea><script>alert(1)</script>"})
    assert "<script>" not in (await ada.get(PAGE)).text


async def test_the_settings_page_answers_422_with_the_line(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    for name, (text, line) in SHAPES.items():
        if "\ud800" in text or len(text) > 100_000:
            continue  # No form can carry the one, and the other is refused before it is read.
        for more in ({"preview": "1"}, {}):
            answer = await ada.post(PAGE, {"version": "0", "review-path_instructions": text, **more})
            assert answer.status_code == 422, (name, answer.status_code)
        whole = any(word in str(parse(text, RepositoryConfig())[1]) for word in ("ignored", "tag", "control"))
        assert not whole or f"path_instructions line {line}: " in answer.text, (name, answer.text[-3000:])
    for name, value in (
        ("review-max_inline", "9" * 5_000),
        ("limits-run_usd", "1e400"),
        ("quorum", "0x10"),
        ("privacy-retention_days", "-0.0"),
    ):
        refused = await ada.post(PAGE, {"version": "0", name: value})
        assert refused.status_code == 422, name
    assert "Nobody yet." in (await ada.get(PAGE)).text
