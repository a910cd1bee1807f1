"""Exit 2 is "not reviewed", whatever the reason, and the first line names it."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.cli.entry import _sentence, _taken
from app.errors import GitHubRejected, NotFound, Unavailable, UserError
from tests.app.cli.test_commands import BARE, ROOT, council, inside
from tests.app.git.repositories import git, repository
from tests.stories.harness import InProcessSystem, open_system

KEY = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "http://127.0.0.1:9", "COUNCIL_SEATS": "openai/gpt-5.5"}
LAST = ("HEAD~1..HEAD",)

REASONS: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no key": (LAST, {"COUNCIL_SEATS": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}, "no model is configured, so nothing was reviewed"),
    "a bare name": (LAST, {"COUNCIL_SEATS": "qwen2.5", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}, "write ollama_chat/qwen2.5"),
    "a bare name beside a key": (LAST, {"COUNCIL_SEATS": "qwen2.5"}, "write ollama_chat/qwen2.5"),
    "a llamafile": (LAST, {"COUNCIL_SEATS": "llamafile/x"}, "set HOSTED_VLLM_BASE_URL"),
    "a server without seats": (
        LAST,
        {"COUNCIL_SEATS": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "HOSTED_VLLM_BASE_URL": "http://127.0.0.1:9/v1"},
        "hosted_vllm at http://127.0.0.1:9/v1 does not list its models",
    ),
    "a seat without a key": (LAST, {"COUNCIL_SEATS": "mistral/mistral-large-latest"}, "MISTRAL_API_KEY"),
    "budget": (LAST, {"RUN_USD": "0"}, "$0.00"),
    "price unknown": (LAST, {"COUNCIL_SEATS": "openai/nobody-knows-it"}, "price"),
    "data folder": (LAST, {"COUNCIL_DATA": "/proc/nothing"}, "set COUNCIL_DATA to another folder"),
    "host refused": (LAST, {}, "could not review this"),
    "wrong setting": (LAST, {"RUN_USD": "much"}, "RUN_USD is 'much'"),
    "no commit": (("nothing..HEAD",), {}, "'nothing' is not a commit of"),
    "no change": (("HEAD..HEAD",), {}, "HEAD..HEAD changes no file"),
    "no repository": ((*LAST, "--repo", "/"), {}, "is not in a git repository"),
    "no git": (LAST, {"PATH": "/nonexistent"}, "git was not found on the PATH"),
    "two changes at once": ((*LAST, "--staged"), {}, "use only one of"),
    "a pull request without the App": (("acme/shop#1", "--dry-run"), {}, "APP_ID"),
}


# Each row starts a whole process, which takes seconds.
@pytest.mark.slow
@pytest.mark.parametrize("name", REASONS)
async def test_a_missing_review_is_exit_2_with_the_reason(tmp_path: Path, name: str) -> None:
    words, environment, said = REASONS[name]
    folder = repository(tmp_path / "main")
    env = KEY | {"COUNCIL_DATA": str(tmp_path / "data")} | environment
    code, out, err = await council("review", *words, env={name: value for name, value in env.items() if value}, cwd=folder)
    first = out.split("\n")[0] if out else err
    assert (code, said in first) == (2, True), (out, err)
    assert "Traceback" not in err and "No model is configured" not in out


async def test_a_local_model_server_lists_its_models(system: InProcessSystem, tmp_path: Path) -> None:
    system.sandbox.providers.model("hosted_vllm/qwen3")
    folder = repository(tmp_path / "main")
    env = {"COUNCIL_DATA": str(tmp_path / "data"), "HOSTED_VLLM_BASE_URL": system.sandbox.provider_url("hosted_vllm")}
    code, out, err = await council("review", *LAST, env=env, cwd=folder)
    assert (code, out) == (2, "")
    assert "set COUNCIL_SEATS=hosted_vllm/qwen3" in err and "OPENAI_API_KEY" not in err


@pytest.mark.slow
async def test_json_of_what_was_not_reviewed_is_exit_2_too(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    env = KEY | {"COUNCIL_DATA": str(tmp_path / "data"), "RUN_USD": "0"}
    code, out, _ = await council("review", *LAST, "--json", env=env, cwd=folder)
    assert code == 2 and '"incomplete": "' in out
    assert git(folder, "status", "--porcelain") == ""


async def test_the_data_folder_keeps_itself_out_of_the_repository(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main")
    code, _, err = await council("review", *LAST, "--analyzers-only", env={}, cwd=folder)
    assert code == 0, err
    assert (folder / "data/council.db").exists() and git(folder, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("it is wrong"), "it is wrong"),
        (Unavailable("no answer"), "no answer"),
        (NotFound("GET /x: 404"), "GitHub found nothing that the App can see: GET /x: 404"),
        (GitHubRejected("GET /x: 401", 401), "GitHub rejected the credentials: GET /x: 401"),
        (PermissionError(13, "Permission denied", "/data"), "Permission denied: /data"),
        (ValueError("a\nb"), "unexpected ValueError: a b; --debug prints the traceback"),
        (KeyError(), "unexpected KeyError: no reason given; --debug prints the traceback"),
    ],
)
def test_every_error_is_one_line(error: Exception, said: str) -> None:
    assert _sentence(error, debug=False) == said


def test_debug_is_an_option_of_every_command() -> None:
    assert _taken("--debug", ["review", "--debug", "a..b"]) == (True, ["review", "a..b"])
    assert _taken("--debug", ["ask", "--", "--debug"]) == (False, ["ask", "--", "--debug"])


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    async with open_system(tmp_path / "house") as opened:
        yield opened


async def test_what_github_does_not_give_is_exit_2(system: InProcessSystem, tmp_path: Path) -> None:
    env = inside(system, tmp_path / "d")
    code, out, err = await council("review", "acme/shop#99", "--dry-run", env=env)
    assert (code, out) == (2, "") and "GitHub found nothing" in err
    code, out, err = await council("review", "acme/shop#99", "--dry-run", env=env | {"APP_ID": "999999"})
    assert (code, out) == (2, "") and err.startswith("council: GitHub ")


async def test_a_taken_port_is_said_before_any_address(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        for command in ("serve", "web"):
            code, out, err = await council(command, env={"PORT": str(port), "COUNCIL_DATA": str(tmp_path)})
            assert (code, out) == (2, "")
            assert err == f"council: port {port} is in use; set PORT to another port\n"


@pytest.mark.slow
async def test_a_terminated_demo_leaves_no_process() -> None:
    # Shorter than pytest's folders, because a socket's path has a limit.
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    env = BARE | {"TMPDIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "demo", "--keep"), cwd=ROOT, env=env, stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while b"Opened " not in (line := await process.stdout.readline()):
            assert line, await process.communicate()
    process.terminate()
    await process.communicate()
    assert process.returncode == 128 + 15
    left = [path for path in Path("/proc").glob("[0-9]*/environ") if _mentions(path, str(folder))]
    assert left == [] and list(folder.iterdir()) == []
    folder.rmdir()


def _mentions(path: Path, text: str) -> bool:
    try:
        return text.encode() in path.read_bytes() or text.encode() in path.with_name("cmdline").read_bytes()
    except OSError:
        return False
