"""A typed client for a sandbox in another process, and a way to start one."""

import base64
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import httpx

from app.configuration.settings import sandbox_environment

Json = dict[str, Any]
STARTS_WITHIN = 20.0
STOPS_WITHIN = 5.0


@dataclass(frozen=True)
class PullState:
    """The current state of a pull request."""

    pull_request: Json
    comments: list[Json]
    reviews: list[Json]
    review_comments: list[Json]
    check_runs: list[Json]


class Control:
    """Calls `/_sandbox` of the sandbox at a URL. `process_id` is that of a sandbox that was started here, otherwise 0."""

    def __init__(self, web_url: str, process_id: int = 0) -> None:
        self.web_url = web_url.rstrip("/")
        self.process_id = process_id
        self._http = httpx.Client(base_url=f"{self.web_url}/_sandbox", trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def environment(self) -> dict[str, str]:
        """The environment for a Council server in this sandbox."""
        return cast(dict[str, str], self._do("GET", "/environment"))

    def create_repository(self, full_name: str, files: Mapping[str, str | bytes], *, private: bool = False) -> Json:
        return self._json("POST", "/repositories", full_name=full_name, files=_plain(files), private=private)

    def push_branch(self, repository: str, files: Mapping[str, str | bytes | None], branch: str = "") -> str:
        """Push to a branch, the default one if none is named. Returns its new tip."""
        return str(self._json("POST", f"/repositories/{repository}/push", files=_plain(files), branch=branch)["head_sha"])

    def rename(self, full_name: str, new_name: str) -> None:
        """Rename a repository. The old name redirects."""
        self._json("POST", f"/repositories/{full_name}/rename", full_name=new_name)

    def open_pull_request(self, repository: str, title: str, files: Mapping[str, str | bytes | None], **options: object) -> int:
        """Open a pull request and return its number. Options: author, body, base, branch, fork, draft."""
        return int(self._json("POST", f"/repositories/{repository}/pulls", title=title, files=_plain(files), **options)["number"])

    def push(self, repository: str, number: int, files: Mapping[str, str | bytes | None], **options: object) -> str:
        """Push to a pull request and return the new head."""
        return str(self._json("POST", f"/repositories/{repository}/pulls/{number}/push", files=_plain(files), **options)["head_sha"])

    def close(self, repository: str, number: int, *, merge: bool = False) -> None:
        self._json("POST", f"/repositories/{repository}/issues/{number}/close", merge=merge)

    def open_issue(self, repository: str, title: str, body: str = "", author: str = "octo-dev") -> int:
        return int(self._json("POST", f"/repositories/{repository}/issues", title=title, body=body, author=author)["number"])

    def comment(self, repository: str, number: int, login: str, body: str) -> int:
        return int(self._json("POST", f"/repositories/{repository}/issues/{number}/comments", login=login, body=body)["id"])

    def reply(self, repository: str, comment_id: int, login: str, body: str) -> int:
        """Answer in the thread of a comment on the diff."""
        return int(self._json("POST", f"/repositories/{repository}/comments/{comment_id}/replies", login=login, body=body)["id"])

    def react(self, repository: str, comment_id: int, login: str, content: str) -> None:
        self._json("POST", f"/repositories/{repository}/comments/{comment_id}/reactions", login=login, content=content)

    def add_collaborator(self, repository: str, login: str, role: str = "write") -> None:
        self._json("PUT", f"/repositories/{repository}/collaborators/{login}", role=role)

    def add_failing_job(self, repository: str, sha: str, name: str, log: str) -> int:
        return int(self._json("POST", f"/repositories/{repository}/jobs", sha=sha, name=name, log=log)["id"])

    def rerequest(self, repository: str, check_run_id: int, login: str = "octo-dev", action: str = "") -> None:
        """Press the re-run button of a check run, or the App's own button with that identifier."""
        self._json("POST", f"/repositories/{repository}/checks/{check_run_id}/rerequest", login=login, action=action)

    def pull(self, repository: str, number: int) -> PullState:
        """The current state of a pull request, pending reviews included."""
        return PullState(**self._json("GET", f"/repositories/{repository}/pulls/{number}"))

    def issue(self, repository: str, number: int) -> Json:
        return self._json("GET", f"/repositories/{repository}/issues/{number}")

    def conversation(self, repository: str, number: int) -> list[Json]:
        """The current comments of an issue or a pull request."""
        return cast(list[Json], self.issue(repository, number)["comments"])

    def set_webhook(self, url: str | None = None, *, mode: str | None = None) -> None:
        """Set where deliveries go. The mode is send, hold, fail or lose."""
        self._json("PATCH", "/webhook", **{key: value for key, value in (("url", url), ("mode", mode)) if value is not None})

    def set_log_store(self, url: str) -> None:
        """Redirect downloads of failed jobs' logs to the caller's server. With "" the sandbox serves them."""
        self._json("PATCH", "/log-store", url=url)

    def release(self) -> int:
        """Send the deliveries that were held."""
        return int(self._json("POST", "/webhook/release")["sent"])

    def take_held(self) -> list[Json]:
        """Take over the held deliveries, as (guid, headers, body)."""
        return cast(list[Json], self._do("POST", "/webhook/take"))

    def send_raw(self, event: str, payload: str, guid: str = "") -> Json:
        """Sign and send a payload unchanged."""
        return self._json("POST", "/webhook/raw", event=event, payload=payload, guid=guid)

    def set_limits(self, **limits: float | None) -> Json:
        """Change fields of Limits, such as github_ms, lag_seconds, writes_minute."""
        return self._json("PATCH", "/limits", **limits)

    def add_fault(self, method: str, path: str, harm: str, **options: float | str) -> None:
        """Arm a fault: a Harm, for requests whose path matches. Options: times, skip, retry_after, field."""
        self._do("POST", "/faults", {"method": method, "path": path, "harm": harm, **options})

    def program_model(self, name: str, **behaviour: object) -> None:
        """Script a model: findings, solutions, view, stance, same, summary, answers, otherwise, delay_ms, faults, always, retry_after."""
        self._json("PUT", "/models", name=name, **behaviour)

    def writes(self, operation: str = "") -> list[Json]:
        """Requests that were meant to change something."""
        return self._list(f"/log?writes=1{'&operation=' + operation if operation else ''}")

    def exchanges(self) -> list[Json]:
        return self._list("/log")

    def calls(self) -> list[Json]:
        """Calls that reached a model provider."""
        return self._list("/calls")

    def deliveries(self) -> list[Json]:
        return self._list("/deliveries")

    def clear(self) -> None:
        """Delete the log."""
        self._do("DELETE", "/log")
        self._do("DELETE", "/calls")

    def _list(self, path: str) -> list[Json]:
        return cast(list[Json], self._do("GET", path))

    def _json(self, method: str, path: str, **body: object) -> Json:
        return cast(Json, self._do(method, path, body))

    def _do(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        answer = self._http.request(method, path, json=body)
        if answer.is_error:
            raise ValueError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


def _plain(files: Mapping[str, str | bytes | None]) -> Json:
    return {path: {"base64": base64.b64encode(each).decode()} if isinstance(each, bytes) else each for path, each in files.items()}


@contextlib.contextmanager
def running(arguments: Sequence[str] = ()) -> Iterator[Control]:
    """A sandbox in a separate process, for as long as the block lasts."""
    command = [sys.executable, "-P", "-m", "app.cli", "sandbox", "--port", "0", *arguments]
    process = subprocess.Popen(command, env=sandbox_environment(), stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        with Control(_url(process), process.pid) as control:
            yield control
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _url(process: "subprocess.Popen[str]") -> str:
    until = time.monotonic() + STARTS_WITHIN
    while process.stdout and time.monotonic() < until:
        line = process.stdout.readline()
        found = re.match(r"export GITHUB_API_URL=(\S+)/api/v3", line)
        if found:
            return json.loads(found[1]) if found[1].startswith('"') else found[1].strip("'")
        if not line:
            break
    raise RuntimeError("the sandbox did not start")
