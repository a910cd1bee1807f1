"""What can be read, page by page."""

import base64

import pytest

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from tests.app.sandbox.conftest import BASE, Caller

PULL = "/repos/acme/shop/pulls/1"


async def test_a_pull_request_counts_its_changes(call: Caller, pull: PullRequest) -> None:
    shown = (await call("GET", PULL)).json()
    assert (shown["changed_files"], shown["additions"], shown["deletions"], shown["commits"]) == (2, 3, 2, 1)
    assert shown["head"]["sha"] == pull.head_sha
    assert shown["_links"]["review_comments"]["href"].endswith("/pulls/1/comments")


async def test_lists_come_in_pages_with_links(services: SandboxRepository, call: Caller) -> None:
    for number in range(5):
        services.open_pull_request(f"Change {number}", {"a.py": f"{number}\n"})
    first = await call("GET", "/repos/acme/shop/pulls?per_page=2")
    assert [each["number"] for each in first.json()] == [5, 4]
    assert set(first.links) == {"next", "last"}
    last = await call("GET", first.links["last"]["url"].removeprefix(call.root))
    assert [each["number"] for each in last.json()] == [1]
    assert set(last.links) == {"first", "prev"}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [2]),
        ("?state=all", [2, 1]),
        ("?state=closed", [1]),
        ("?state=all&head=eve:fix", [2]),
        ("?base=other", []),
        ("?state=all&direction=asc", [1, 2]),
    ],
)
async def test_pull_requests_are_found(services: SandboxRepository, call: Caller, query: str, numbers: list[int]) -> None:
    services.open_pull_request("One", {"a.py": "1\n"})
    services.open_pull_request("Two", {"a.py": "2\n"}, "eve", fork=True, branch="fix")
    services.close(1)
    assert [each["number"] for each in (await call("GET", f"/repos/acme/shop/pulls{query}")).json()] == numbers


async def test_three_thousand_files_are_listed_and_the_diff_is_refused(services: SandboxRepository, call: Caller) -> None:
    services.open_pull_request("Many", {f"f/{number:04}.txt": "x\n" for number in range(3_050)})
    pages = [await call("GET", f"{PULL}/files?per_page=100&page={page}") for page in (1, 30, 31)]
    assert [len(page.json()) for page in pages] == [100, 100, 0]
    refused = await call("GET", PULL, accept="application/vnd.github.diff")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (406, "too_large")


async def test_the_diff_refuses_too_many_lines(services: SandboxRepository, call: Caller) -> None:
    services.open_pull_request("Long", {"a.py": "x\n" * 20_001})
    assert (await call("GET", PULL, accept="application/vnd.github.v3.diff")).status_code == 406
    (entry,) = (await call("GET", f"{PULL}/files")).json()
    assert "patch" not in entry


async def test_contents_in_each_form(call: Caller, pull: PullRequest) -> None:
    own = f"/repos/acme/shop/contents/a.py?ref={pull.base_sha}"
    assert base64.b64decode((await call("GET", own)).json()["content"]).decode() == BASE["a.py"]
    assert (await call("GET", own, accept="application/vnd.github.raw+json")).text == BASE["a.py"]
    listed = (await call("GET", "/repos/acme/shop/contents/docs")).json()
    assert [each["path"] for each in listed] == ["docs/guide.md"]
    assert (await call("GET", "/repos/acme/shop/contents/none.py")).status_code == 404
    assert (await call("GET", "/repos/acme/shop/contents/a.py?ref=nowhere")).status_code == 404


async def test_a_tree_and_a_blob_are_found_by_their_ids(call: Caller, pull: PullRequest) -> None:
    tree = (await call("GET", f"/repos/acme/shop/git/trees/{pull.head_sha}?recursive=1")).json()
    paths = {each["path"]: each for each in tree["tree"]}
    assert list(paths) == ["a.py", "docs", "docs/guide.md", "new.py"]
    blob = (await call("GET", f"/repos/acme/shop/git/blobs/{paths['new.py']['sha']}")).json()
    assert base64.b64decode(blob["content"]) == b"x = 1\n"


async def test_a_comparison_counts_both_ways(services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    services.push_branch("main", {"b.py": "b\n"})
    seen = (await call("GET", f"/repos/acme/shop/compare/main...{pull.head_sha}")).json()
    assert (seen["status"], seen["ahead_by"], seen["behind_by"]) == ("diverged", 1, 1)
    assert [each["filename"] for each in seen["files"]] == ["a.py", "new.py"]


async def test_many_blobs_in_one_query(call: Caller, sandbox: Sandbox, services: SandboxRepository) -> None:
    pull = services.open_pull_request("Blobs", {"big.txt": "x" * 600_000, "pic.png": b"\x89PNG\0", "ü.txt": "grün\n"})
    fields = "... on Blob { oid byteSize isBinary isTruncated text }"
    names = ["big.txt", "pic.png", "ü.txt", "absent"]
    parts = " ".join(f'a{at}: object(expression: "{pull.head_sha}:{name}") {{ ...b }}' for at, name in enumerate(names))
    query = (
        f'{{ repository(owner: "acme", name: "shop") {{ {parts} }} rateLimit {{ cost remaining }} }} fragment b on GitObject {{ {fields} }}'
    )
    graph = Caller(call.http, sandbox.api_url.removesuffix("/v3"), call.token)
    repository = (await graph("POST", "/graphql", {"query": query})).json()["data"]["repository"]
    assert (repository["a0"]["isTruncated"], repository["a0"]["byteSize"], len(repository["a0"]["text"])) == (True, 600_000, 512_000)
    assert (repository["a1"]["isBinary"], repository["a1"]["text"]) == (True, None)
    assert repository["a2"]["text"] == "grün\n"
    assert repository["a3"] is None
    missing = (await graph("POST", "/graphql", {"query": '{ repository(owner: "acme", name: "none") { nameWithOwner } }'})).json()
    assert (missing["data"]["repository"], missing["errors"][0]["type"]) == (None, "NOT_FOUND")


async def test_a_job_log_is_behind_a_link_that_ends(sandbox: Sandbox, services: SandboxRepository, call: Caller, pull: PullRequest) -> None:
    job = services.add_failing_job(pull.head_sha, "unit", "##[error]boom\n")
    runs = (await call("GET", f"/repos/acme/shop/actions/runs?head_sha={pull.head_sha}&status=failure")).json()
    jobs = (await call("GET", f"/repos/acme/shop/actions/runs/{runs['workflow_runs'][0]['id']}/jobs")).json()
    assert jobs["jobs"][0]["id"] == job.id
    redirect = await call("GET", f"/repos/acme/shop/actions/jobs/{job.id}/logs")
    assert redirect.status_code == 302
    assert (await call.http.get(redirect.headers["location"])).text == "##[error]boom\n"
    ticket = next(iter(sandbox.github.log_links))
    sandbox.github.log_links[ticket] = (0.0, "")
    assert (await call.http.get(redirect.headers["location"])).status_code == 410


async def test_a_fork_is_named_but_not_linked_from_checks(services: SandboxRepository, call: Caller) -> None:
    pull = services.open_pull_request("From afar", {"a.py": "1\n"}, "eve", fork=True)
    shown = (await call("GET", PULL)).json()
    assert (shown["head"]["repo"]["full_name"], shown["head"]["repo"]["fork"]) == ("eve/shop", True)
    check = (await call("POST", "/repos/acme/shop/check-runs", {"name": "council", "head_sha": pull.head_sha})).json()
    assert check["pull_requests"] == []
