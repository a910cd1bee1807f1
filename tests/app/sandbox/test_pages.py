"""What a visitor of the sandbox can do there: open an issue, ask each specialist, reply in a thread."""

import json
import re
from pathlib import Path

import httpx
import pytest

from app.sandbox.demo import HERE, member
from app.sandbox.github.entities import Issue
from reviewers.specialists import SPECIALISTS
from tests.stories.harness import DIVISION, InProcessSystem, open_system
from tests.system import SEATS

_MIND = {"findings": [], "stance": {}, "same": [], "summary": "", "view": "It was charged twice."}


async def test_an_issue_is_opened_and_answered(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system, httpx.AsyncClient(base_url=system.sandbox.web_url, trust_env=False) as visitor:
        system.repository.add_collaborator("ada", "write")
        assert "New issue" in (await visitor.get("/acme/shop")).text
        form = {"title": "Carts <b>", "body": "/council help\r\n", "login": "ada"}
        opened = await visitor.post("/acme/shop/issues", data=form)
        assert opened.status_code == 303
        await system.settle()
        page = (await visitor.get(opened.headers["location"])).text
        assert "Carts &lt;b&gt;" in page and "council-sandbox" in page
        assert (await visitor.post("/acme/shop/issues", data={"title": " "})).headers["location"] == "/acme/shop"
        assert (
            (await visitor.get("/acme/nothing")).status_code == (await visitor.post("/acme/nothing/issues", data=form)).status_code == 404
        )
        assert [issue.title for issue in system.repository.issues.values()] == ["Carts <b>"]


async def test_a_reply_in_a_thread_is_answered_there(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system, httpx.AsyncClient(base_url=system.sandbox.web_url, trust_env=False) as visitor:
        system.repository.add_collaborator("ada", "write")
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        [action] = re.findall(r'action="(/acme/shop/pull/\d+/threads/\d+)"', (await visitor.get(f"/acme/shop/pull/{pull.number}")).text)
        assert (await visitor.post(action, data={"body": "/council why", "login": "ada"})).status_code == 303
        await system.settle()
        said = [comment.author.login for review in pull.reviews for comment in review.comments if comment.in_reply_to]
        assert said == ["ada", system.sandbox.world.app.bot.login]
        assert (await visitor.post(f"/acme/shop/pull/{pull.number}/threads/1", data={"body": "Hm"})).status_code == 404


async def test_a_box_of_the_summary_is_ticked_and_emptied(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system, httpx.AsyncClient(base_url=system.sandbox.web_url, trust_env=False) as visitor:
        system.repository.add_collaborator("octo-dev", "write")
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()

        async def press(state: str) -> None:
            page = (await visitor.get(f"/acme/shop/pull/{pull.number}")).text
            button = rf'<button class="tick" role="checkbox" aria-checked="{state}"[^>]* value="(\d+)">[^<]*</button></form> dismiss'
            box = rf'action="(/acme/shop/boxes/\d+)">{button}'
            action, line = re.findall(box, page)[0]
            assert (await visitor.post(action, data={"line": line})).status_code == 303
            await system.settle()

        await press("false")
        assert "1 dismissed" in system.comments(pull)[0] and "dismissed by octo-dev" in system.comments(pull)[0]
        await press("true")
        assert "1 dismissed" not in system.comments(pull)[0]
        summary = pull.issue.comments[0]
        for line in ("0", "99999", "x", ""):
            await visitor.post(f"/acme/shop/boxes/{summary.id}", data={"line": line})
        assert "1 dismissed" not in system.comments(pull)[0]
        assert (await visitor.post("/acme/shop/boxes/1", data={"line": "1"})).status_code == 404


@pytest.mark.parametrize("name", SPECIALISTS)
async def test_each_specialist_answers_with_the_members_of_the_demo(name: str, tmp_path: Path) -> None:
    story = json.loads((HERE / "demo.json").read_text("utf-8"))
    async with open_system(tmp_path) as system:
        _seat_demo(system, story)
        asked = _open_place(system, name)
        system.repository.comment(asked.number, "ada", f"/council {name} why does `average` in app/cart.py divide by zero?")
        await system.settle()
        answer = "\n".join(comment.body for comment in asked.comments if comment.author == system.sandbox.world.app.bot)
        assert "malformed" not in answer and "Guard the division" in answer, answer
        for form in SPECIALISTS[name].forms:
            assert story["facets"][form.name][:20] in answer.replace("\\", ""), form.name


def _open_place(system: InProcessSystem, name: str) -> Issue:
    """An issue, or for failing checks, which only pull requests have, a pull request with one."""
    if name != "ci":
        return system.repository.open_issue("Charged twice", "`average` in app/cart.py is wrong since 1.2.0.", "ada")
    pull = system.open(draft=True)
    log = "app/cart.py:2: error\nERROR TypeError\n##[error]exit code 1.\n"
    system.repository.add_failing_job(pull.head_sha, "tests", log)
    return pull.issue


def _seat_demo(system: InProcessSystem, story: dict[str, object]) -> None:
    """The members of the demo, with a solution about the repository of the stories."""
    proof = {"source": "app/cart.py", "line": 2, "quote": "    return sum(item.price for item in items)"}
    solution = {"title": "Guard the division", "approach": "It helps.", "steps": ["Return 0."], "effort": "minutes", "risk": "low"}
    solutions = [solution | {"verify": "pytest", "facets": [], "evidence": [proof]}]
    facets = story["facets"]
    assert isinstance(facets, dict)
    system.repository.add_collaborator("ada", "write")
    for seat in SEATS:
        system.sandbox.providers.script(seat.split("/", 1)[1], member(_MIND | {"solutions": solutions}, {}, facets))


async def test_a_file_is_edited_and_proposed_as_on_github(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system, httpx.AsyncClient(base_url=system.sandbox.web_url, trust_env=False) as visitor:
        system.repository.add_collaborator("ada", "write")
        # GitHub fills in a new file from the address, and never one that exists.
        new = (await visitor.get("/acme/shop/new/main", params={"filename": "a/b.md", "value": "<b>"})).text
        assert 'value="a/b.md"' in new and "&lt;b&gt;</textarea>" in new
        edit = (await visitor.get("/acme/shop/edit/main/app/cart.py", params={"value": "other"})).text
        assert "def total(items)" in edit and "other" not in edit
        assert (await visitor.get("/acme/shop/edit/main/nothing.md")).status_code == 404
        assert (await visitor.get("/acme/nothing/new/main")).status_code == 404
        form = {"kind": "new", "path": "a/b.md", "text": "one\r\ntwo\n", "login": "ada"}
        assert (await visitor.post("/acme/shop/propose/main", data=form | {"path": "app/cart.py"})).status_code == 422
        assert (await visitor.post("/acme/shop/propose/gone", data=form)).status_code == 404
        assert (await visitor.post("/acme/shop/propose/main", data=form | {"login": ""})).status_code == 422
        for login in ("ada", "stranger"):
            assert (await visitor.post("/acme/shop/propose/main", data=form | {"login": login})).status_code == 303
        pulls = list(system.repository.pulls.values())
        assert [(pull.head_repository, pull.head_ref, pull.issue.title) for pull in pulls] == [
            ("acme/shop", "ada-patch-1", "Create b.md"),
            ("stranger/shop", "stranger-patch-1", "Create b.md"),
        ]
        assert system.repository.commits[pulls[0].head_sha].files["a/b.md"] == b"one\ntwo\n"
        await system.settle()
