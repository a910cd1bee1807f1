"""The settings pages: what they show, who can change what, and that reviews use the settings."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.configuration.council_yml import parse
from app.configuration.repository_config import RepositoryConfig, Trigger, list_keys_of_file
from app.configuration.settings_layers import layers_of
from app.web.fields import FIELDS
from app.work.maintenance.typical_costs import store_typical_costs
from tests.app.hostile_config import SHAPES
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]
PAGE = "/repos/acme/shop/settings"


def test_every_key_of_a_council_yml_is_on_the_page() -> None:
    assert sorted(field.key for field in FIELDS) == sorted(list_keys_of_file())


async def test_a_review_obeys_what_an_admin_set(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    saved = await ada.post(PAGE, {"version": "0", "review-publish": "check"})
    assert saved.headers["location"] == f"{PAGE}?saved=1"
    page = (await ada.get(f"{PAGE}?saved=1")).text
    assert "Current: <b>check</b> (repository settings)" in page and "publish: check" in page
    system.script([{"path": "app/cart.py", "line": 2, "title": "Division by zero"}])
    pull = system.open()
    await system.settle()
    assert [check.status for check in system.checks()] == ["completed"] and system.comments(pull) == []


async def test_organization_limits_can_only_be_lowered(browser: Open, system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    page = next(iter(system.sandbox.world.installations))
    path = f"/installations/{page}/settings"
    await ada.get(path)
    assert (await ada.post(path, {"version": "0", "limits-run_usd": "0.2", "review-max_inline": "2"})).status_code == 303
    shown = (await ada.get(PAGE)).text
    assert "Current: <b>0.2</b> (organization settings)" in shown and "Current: <b>2</b> (organization settings)" in shown
    refused = await ada.post(PAGE, {"version": "0", "limits-run_usd": "0.4", "review-max_inline": "many"})
    assert refused.status_code == 422
    assert "Maximum per review (USD): can only be lowered here: 0.2 is used, not 0.4" in refused.text
    assert refused.text.count("Inline comments: must be a whole number") == 2 and '<a href="#review-max_inline">' in refused.text


async def test_a_change_is_previewed_before_it_is_saved(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    shown = await ada.post(PAGE, {"version": "0", "review-language": "de", "preview": "1"})
    assert "What this would change" in shown.text and "<code>review.language</code>" in shown.text
    assert "(this server&#39;s list)</b>" in (await ada.get(PAGE)).text
    assert "(default)" in (await ada.get(PAGE)).text and "No changes yet." in (await ada.get(PAGE)).text


async def test_concurrent_changes_are_refused(browser: Open) -> None:
    ada, mia = browser(), browser()
    await ada.sign_in("ada")
    await mia.sign_in("mia")
    assert (await ada.post(PAGE, {"version": "0", "review-language": "de"})).status_code == 303
    late = await mia.post(PAGE, {"version": "0", "review-language": "fr"})
    assert late.status_code == 409 and "Your changes were not saved" in late.text
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


async def test_v8_2_2_access_to_organization_settings(browser: Open, system: InProcessSystem) -> None:
    path = f"/installations/{next(iter(system.sandbox.world.installations))}/settings"
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
    for name, (shape, line) in SHAPES.items():
        if "\ud800" in shape or len(shape) > 100_000:
            continue  # No form can contain the first value, and the second is refused before it is read.
        for more in ({"preview": "1"}, {}):
            answer = await ada.post(PAGE, {"version": "0", "review-path_instructions": shape, **more})
            assert answer.status_code == 422, (name, answer.status_code)
        whole = any(word in str(parse(shape, RepositoryConfig())[1]) for word in ("ignored", "tag", "control"))
        assert not whole or f"Instructions by path: line {line}: " in answer.text, (name, answer.text[-3000:])
    for name, value in (
        ("review-max_inline", "9" * 5_000),
        ("limits-run_usd", "1e400"),
        ("quorum", "0x10"),
        ("privacy-retention_days", "-0.0"),
    ):
        refused = await ada.post(PAGE, {"version": "0", name: value})
        assert refused.status_code == 422, name
    assert "No changes yet." in (await ada.get(PAGE)).text


async def test_choices_are_check_boxes_and_the_order_of_models_stays(browser: Open, system: InProcessSystem) -> None:
    await store_typical_costs(system.services)
    ada = browser()
    await ada.sign_in("ada")
    page = (await ada.get(PAGE)).text
    assert page.count('type="checkbox" name="review-on"') == len(Trigger) and 'type="checkbox" name="seats" value="openai/gpt-5.5"' in page
    wanted = ["gemini/gemini-3.1-pro-preview", "openai/gpt-5.5", "own/model"]
    sent = {"csrf": ada.csrf, "version": "0", "seats": ["", *wanted], "review-on": ["opened", "synchronize"], "privacy-vendors": "all"}
    headers = {"origin": ada.url, "sec-fetch-site": "same-origin"}
    assert (await ada.client.post(ada.url + PAGE, data=sent, headers=headers)).status_code == 303
    # The page sends boxes in list order. The first model is the chair, so the earlier first model stays first.
    again = sent | {"version": "1", "seats": ["openai/gpt-5.5", "gemini/gemini-3.1-pro-preview", "own/model"], "review-drafts": "yes"}
    assert (await ada.client.post(ada.url + PAGE, data=again, headers=headers)).status_code == 303
    levels = await layers_of(system.services, 0, system.repository.id, "")
    values = {each.key: each.value for each in levels.effective()}
    assert (values["seats"], values["review.on"], values["privacy.vendors"]) == (wanted, ["opened", "synchronize"], "all")
    page = (await ada.get(PAGE)).text
    assert page.count('name="seats" value="openai/gpt-5.5" checked') == 1 and ">own/model</textarea>" in page


async def test_a_preview_is_a_diff_of_the_file(browser: Open) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    await ada.post(PAGE, {"version": "0", "review-language": "de"})
    shown = (await ada.post(PAGE, {"version": "1", "review-language": "fr", "preview": "1"})).text
    assert '<tr class="del"><td>-   language: de</td></tr>' in shown and '<tr class="add"><td>+   language: fr</td></tr>' in shown


@pytest.mark.parametrize("seats", [(), ("openai/gpt-5.5", "gemini/gemini-3.1-pro-preview")])
async def test_all_places_show_the_same_models_and_prices(browser: Open, system: InProcessSystem, seats: tuple[str, ...]) -> None:
    await store_typical_costs(system.services)
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(PAGE)
    if seats:
        await ada.post(PAGE, {"version": "0", "seats": "\n".join(seats)})
    page = (await ada.get(PAGE)).text
    current = page.partition('id="about-seats"')[2].partition("Current: <b>")[2].partition("</b>")[0]
    named = tuple(sorted(re.findall(r"[a-z]+/[\w.-]+", current)))
    system.script([], [], [])
    pull = system.open()
    await system.settle()
    system.repository.comment(pull.number, "ada", "/council config")
    await system.settle()
    (row,) = (line for line in system.comments(pull)[-1].split("\n") if line.startswith("| `seats`"))
    async with system.services.database.read() as connection:
        calls = (await connection.execute(text("SELECT model, spent_usd, input_tokens, cached_tokens, output_tokens FROM ledger"))).all()
    said = tuple(sorted(re.findall(r"[\w./-]*\d[\w.-]*", row.split("|")[2])))
    assert named and {each.partition("/")[2] for each in named} == {each.rpartition("/")[2] for each in said}, (named, row)
    assert {call.model for call in calls} == set(seats or named)
    for model in named:
        box = page.partition(f"<code>{model}</code>")[2].partition("</label>")[0]
        paid_in, paid_out = (float(each) for each in re.findall(r"\$([\d.]+) (?:in|out)", box))
        call = next(each for each in calls if each.model == model and not each.cached_tokens)
        expected = (call.input_tokens * paid_in + call.output_tokens * paid_out) / 1e6
        assert call.spent_usd == pytest.approx(expected, rel=0.02), (model, box)


SHARED = "review: {language: de, max_inline: 1}\nlimits: {run_usd: 0.10}\nrevew: 1\n"


async def test_shared_settings_are_shown_and_previewed_with_their_origin(browser: Open, system: InProcessSystem) -> None:
    system.sandbox.world.create_repository("acme/.github", {".github/council.yml": SHARED})
    own = {".github/council.yml": "extends: acme/.github\nreview: {max_inline: 3}\n"}
    system.repository.push_branch("main", own, "ada", "settings")
    ada = browser()
    await ada.sign_in("ada")
    page = (await ada.get(PAGE)).text
    assert "Current: <b>de</b> (acme/.github, which council.yml extends)" in page
    assert "Current: <b>3</b> (.github/council.yml)" in page
    assert "Current: <b>0.1</b> (acme/.github, which council.yml extends)" in page
    assert ".github/council.yml, acme/.github: line 3: unknown key" in page
    # The page's own value is below the shared one, so it changes nothing.
    shown = await ada.post(PAGE, {"version": "0", "review-language": "fr", "preview": "1"})
    assert "No effect: another level overrides this" in shown.text


async def test_shared_settings_that_a_person_cannot_read_are_not_shown(browser: Open, system: InProcessSystem) -> None:
    system.sandbox.world.create_repository("acme/.github", {".github/council.yml": SHARED}, private=True)
    system.repository.push_branch("main", {".github/council.yml": "extends: acme/.github\n"}, "ada", "settings")
    will = browser()
    await will.sign_in("will")
    page = (await will.get(PAGE)).text
    assert "<b>de</b>" not in page and "what it sets is not shown" in page


async def test_shared_settings_of_another_owner_are_not_read(browser: Open, system: InProcessSystem) -> None:
    system.sandbox.world.create_repository("evil/.github", {".github/council.yml": SHARED}, installed=False)
    system.repository.push_branch("main", {".github/council.yml": "extends: evil/.github\n"}, "ada", "settings")
    ada = browser()
    await ada.sign_in("ada")
    page = (await ada.get(PAGE)).text
    assert "<b>de</b>" not in page and "only repositories of acme share settings" in page
