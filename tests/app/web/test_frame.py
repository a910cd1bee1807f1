"""The frame of every page: menu, versioned files and times; and the API's description."""

from collections.abc import Callable

import pytest
from markupsafe import Markup

from app.web.api_examples import EXAMPLES
from app.web.pages import section_of, templates
from app.web.routes import api
from app.web.views.api_reference import describe_operations, describe_types
from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]


@pytest.mark.parametrize(
    ("path", "section"),
    [
        *(("/", "Home"), ("/repos/a/b/settings", "Home"), ("/repos/a/b/pulls/3", "Runs"), ("/runs/1", "Runs"), ("/ask/1", "Ask")),
        *(("/admin/audit", "Server"), ("/setup", "Server"), ("/tokens", ""), ("/api/v1", ""), ("/insights", "Insights")),
    ],
)
def test_a_page_belongs_to_a_section(path: str, section: str) -> None:
    assert section_of(path) == section


async def test_the_menu_marks_its_section(browser: Open, system: InProcessSystem) -> None:
    will = browser()
    await will.sign_in("will")
    page = (await will.get("/usage")).text
    assert page.count("aria-current=") == 1 and 'href="/usage" data-go="u" aria-current="page"' in page
    assert 'href="/admin"' not in page
    # Error pages and the API page keep a signed-in person's frame.
    for path in ("/nothing", "/api/v1"):
        assert 'action="/logout"' in (await will.get(path)).text, path


async def test_our_files_are_named_by_what_they_hold(browser: Open) -> None:
    page = (await browser().get("/")).text
    for name in ("style.css", "page.js", "logo.svg"):
        address = page.partition(f'"/static/{name}?v=')[2].partition('"')[0]
        assert len(address) == 8, name
        assert (await browser().get(f"/static/{name}?v={address}")).status_code == 200


def test_a_time_is_an_element_that_a_browser_can_read() -> None:
    said = templates().filters["moment"](1_795_953_600.4)
    assert said == Markup('<time datetime="2026-11-29T12:00:00Z">2026-11-29 12:00 UTC</time>')


def test_every_operation_has_an_example_that_its_types_accept() -> None:
    for name, example in EXAMPLES.items():
        getattr(api, name).model_validate(example)
    schema = api.describe_api()
    operations = describe_operations(schema, "https://council.example")
    assert {(operation.method, operation.path) for operation in operations} == {
        (m.upper(), p) for p, all_ in schema["paths"].items() for m in all_
    }
    for operation in operations:
        assert "{" not in operation.request.partition("\n")[0] and "Authorization" in operation.request, operation.path
        assert operation.response.startswith("{") and operation.answer in {kind.name for kind in describe_types(schema)}
    posts = [operation for operation in operations if operation.method == "POST"]
    assert posts and all("-d '{" in post.request and any(field.place == "body" for field in post.fields) for post in posts)
