"""`make pin-images` against a registry on loopback: digests come from its answers, or nothing changes."""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "deploy" / "pin_images.py"
DOCKERFILE = "FROM python:3.12-slim AS build\nRUN true\n\nFROM python:3.12-slim\n"
COMPOSE = "services:\n  web:\n    image: council\n  db:\n    image: postgres:17\n  queue:\n    image: mirror/valkey:8\n"


def digest(path: str) -> str:
    return f"sha256:{hashlib.sha256(path.encode()).hexdigest()}"


class Registry(BaseHTTPRequestHandler):
    """Requires a token, and has every image except those in `unknown`."""

    unknown: tuple[str, ...] = ()
    wrong = ""

    def do_GET(self) -> None:
        body = json.dumps({"token": "t" if "scope=repository" in self.path else ""}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        if self.headers.get("authorization") != "Bearer t":
            self.send_response(401)
            place = f"http://127.0.0.1:{self.server.server_address[1]}/token"
            self.send_header("www-authenticate", f'Bearer realm="{place}",service="r",scope="repository:x:pull"')
        elif any(name in self.path for name in self.unknown) or "image.index" not in self.headers["accept"]:
            self.send_response(404)
        else:
            self.send_response(200)
            self.send_header("docker-content-digest", self.wrong or digest(self.path))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


def pin(folder: Path, registry: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPT), "--registry", registry, "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"no_proxy": "*"})
    return done.returncode, done.stdout + done.stderr


def test_each_image_gets_the_digest_that_its_registry_names(folder: Path, registry: str) -> None:
    assert pin(folder, registry)[0] == 0
    python = f"python:3.12-slim@{digest('/v2/library/python/manifests/3.12-slim')}"
    wanted = DOCKERFILE.replace("python:3.12-slim", python)
    assert (folder / "Dockerfile").read_text() == wanted
    compose = (folder / "compose.yaml").read_text()
    assert f"    image: postgres:17@{digest('/v2/library/postgres/manifests/17')}\n" in compose
    assert f"    image: mirror/valkey:8@{digest('/v2/mirror/valkey/manifests/8')}\n" in compose and "image: council\n" in compose
    # Again: digests are replaced, not accumulated.
    assert pin(folder, registry)[0] == 0 and (folder / "Dockerfile").read_text() == wanted


@pytest.mark.parametrize("fault", ["unknown", "wrong", "away"])
def test_a_missing_image_is_reported_and_nothing_changes(folder: Path, registry: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault == "unknown":
        monkeypatch.setattr(Registry, "unknown", ("valkey",))
    elif fault == "wrong":
        monkeypatch.setattr(Registry, "wrong", "sha256:0123")
    code, said = pin(folder, "http://127.0.0.1:1" if fault == "away" else registry)
    assert code == 1 and said.startswith("Nothing is pinned: ") and said.count("\n") == 1
    assert (folder / "Dockerfile").read_text() == DOCKERFILE and (folder / "compose.yaml").read_text() == COMPOSE


def test_the_images_of_this_project_are_found(tmp_path: Path, registry: str) -> None:
    for name in ("Dockerfile", "compose.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    assert pin(tmp_path, registry)[0] == 0
    named = [line for name in ("Dockerfile", "compose.yaml") for line in (tmp_path / name).read_text().splitlines()]
    named = [line for line in named if line.startswith("FROM") or line.lstrip().startswith("image: ")]
    assert len(named) == 5 and [line for line in named if "@sha256:" not in line] == ["  image: council"]
