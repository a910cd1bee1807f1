"""Every key of git's config that names a program or a protocol is planted in a repository, and reading it runs none of them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from mcp import Client

from app.configuration.settings import read_settings
from app.mcp.local import serve_repository
from tests.app.cli.warm import run_council
from tests.app.git.repositories import ENVIRONMENT, commit, git, repository

ROOT = Path(__file__).parents[3]
# Keys that name a program. The part in <> is filled in below. Git decides by the value of `core.fsmonitor` whether it is one.
_PROGRAMS = """
browser.<tool>.cmd browser.<tool>.path core.alternateRefsCommand core.askPass core.editor core.fsmonitor core.gitProxy
core.hooksPath core.pager core.sshCommand credential.<url>.* credential.helper diff.<driver>.command diff.<driver>.textconv
diff.external difftool.<tool>.cmd difftool.<tool>.path filter.<driver>.clean filter.<driver>.process filter.<driver>.smudge
gpg.<format>.program gpg.program gpg.ssh.defaultKeyCommand guitool.<name>.cmd imap.tunnel instaweb.httpd interactive.diffFilter
man.<tool>.cmd man.<tool>.path merge.<driver>.driver mergetool.<tool>.cmd mergetool.<tool>.path pager.<cmd>
remote.<name>.receivepack remote.<name>.uploadpack remote.<name>.vcs sendemail.ccCmd sendemail.smtpServer sendemail.tocmd
sequence.editor trailer.<token>.cmd trailer.<token>.command uploadpack.packObjectsHook web.browser alias.*
"""
PROGRAMS = tuple(_PROGRAMS.split())
# Keys that let a program in: a protocol, another file, or a key that makes git look at one of the above.
TRIGGERS = {
    "protocol.allow": "always",
    "protocol.ext.allow": "always",
    "protocol.file.allow": "always",
    "remote.origin.url": "ext::{program} ext",
    "remote.origin.promisor": "true",
    "remote.origin.partialCloneFilter": "blob:none",
    "extensions.partialClone": "origin",
    "url.ext::{program} insteadOf.insteadOf": "https://",
    "include.path": "planted",
    "log.showSignature": "true",
    "gpg.format": "openpgp",
    "core.attributesFile": "{attributes}",
    "core.alternateRefsPrefixes": "refs/",
    "diff.tool": "planted",
    "diff.noprefix": "true",
    "submodule.recurse": "true",
    "status.submoduleSummary": "true",
    "diff.submodule": "log",
    "diff.ignoreSubmodules": "none",
}
# A key like this that is in no list above must be checked by a person who updates git.
_SUSPECT = re.compile(
    r"(?:cmd|command|program|helper|hook|hookspath|editor|pager|askpass|textconv|process|clean|smudge|driver|vcs|uploadpack|receivepack|external|tunnel|gitproxy|difffilter)$",
    re.I,
)
HARMLESS = {
    "advice.waitingForEditor",
    "diff.<driver>.cachetextconv",
    "column.clean",
    "completion.commands",
    "gitcvs.dbDriver",
    "notes.rewrite.<command>",
    "color.pager",
    "man.viewer",
    "advice.ignoredHook",
    "status.displayCommentPrefix",
}


def planted(folder: Path) -> Path:
    """A repository whose config, attributes and hooks name a program everywhere. The program writes its name to a file."""
    main = repository(folder / "main")
    ran = folder / "ran"
    ran.mkdir()
    program = folder / "program"
    program.write_text(f'#!/bin/sh\ntouch "{ran}/$(echo "$1" | tr -c "a-zA-Z0-9.\\n" _)"\ncat\n')
    program.chmod(0o755)
    attributes = "* diff=planted filter=planted merge=planted\n"
    commit(main, {".gitattributes": attributes, "a.py": "three = 3\n"}, "Attributes")
    sign(main)
    for name in ("pre-commit", "post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change", "pre-auto-gc"):
        hook = main / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{program} hook-{name}\n")
        hook.chmod(0o755)
    (main / ".git/info").mkdir(exist_ok=True)
    (main / ".git/info/attributes").write_text(attributes)
    (folder / "attributes").write_text(attributes)
    for key in PROGRAMS:
        name = key.replace("<url>.*", "https://github.com.helper").replace("alias.*", "alias.log")
        name = re.sub(r"pager\.<cmd>", "pager.log", re.sub(r"<format>", "ssh", re.sub(r"<name>", "origin", name)))
        name = re.sub(r"<[a-z]+>", "planted", name)
        value = f"!{program} {name}" if name.startswith(("alias.", "credential.")) else f"{program} {name}"
        # These are a path, not a command line.
        value = str(program) if name in {"gpg.program", "gpg.ssh.program", "core.fsmonitor", "core.askPass"} else value
        git(main, "config", name, str(main / ".git/hooks") if name == "core.hooksPath" else value)
    for name, value in TRIGGERS.items():
        key = name.replace("{program}", str(program))
        git(main, "config", "--file", str(main / ".git/config"), key, value.format(program=program, attributes=folder / "attributes"))
    (main / ".git/config.worktree").write_text((main / ".git/config").read_text())
    (main / ".git/planted").write_text((main / ".git/config").read_text().replace("path = planted", ""))
    return main


def sign(folder: Path) -> None:
    """Make HEAD a signed commit, so that showing it runs the signing program."""
    raw = git(folder, "cat-file", "commit", "HEAD")
    header, _, message = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----"
    oid = git(folder, "hash-object", "-t", "commit", "-w", "--stdin", given=f"{header}\n{signature}\n\n{message}\n".encode())
    git(folder, "update-ref", "refs/heads/main", oid)


def ran(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "ran").iterdir())


def test_every_suspect_key_of_this_git_is_planted() -> None:
    keys = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout.split()
    assert len(keys) > 500
    suspects = {key for key in keys if _SUSPECT.search(key)}
    assert len(suspects) > 25
    assert suspects <= {*PROGRAMS, *HARMLESS}, sorted(suspects - {*PROGRAMS, *HARMLESS})


def test_plain_git_does_run_what_is_planted(tmp_path: Path) -> None:
    """The plant works: otherwise a test that counts nothing would prove nothing."""
    main = planted(tmp_path)
    for words in (("log", "-n1"), ("diff", "HEAD~1", "HEAD"), ("-c", "diff.external=", "diff", "HEAD~1"), ("status",)):
        subprocess.run(["git", *words], cwd=main, env=ENVIRONMENT, capture_output=True, check=False, timeout=20)
    assert len(ran(tmp_path)) >= 4, ran(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ("review", "HEAD~1..HEAD", "--analyzers-only", "--json"),
        ("review", "--worktree", "--analyzers-only", "--json"),
        ("review", "--staged", "--analyzers-only", "--json"),
        ("context", "HEAD~1..HEAD"),
        ("ask", "Why does a.py count to three?"),
    ],
)
async def test_the_command_line_runs_nothing_of_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    main = planted(tmp_path)
    (main / "a.py").write_text("four = 4\n")
    for path in (tmp_path / "ran").iterdir():
        path.unlink()
    (main / ".git/index.lock").unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "COUNCIL_DATA": str(tmp_path / "data")}
    code, out, err = await run_council((*words, "--repo", str(main)), environment, tmp_path)
    assert "Traceback" not in err, err
    assert words[0] == "ask" or "a.py" in out or "AGENTS" in out or code == 0 or "--staged" in words, (out, err)
    assert ran(tmp_path) == []


async def test_mcp_runs_nothing_of_it(tmp_path: Path) -> None:
    main = planted(tmp_path)
    async with serve_repository(read_settings({"COUNCIL_DATA": str(tmp_path / "data")}), main) as server, Client(server) as client:
        reviewed = await client.call_tool("review_changes", {"changes": "HEAD~1..HEAD"})
        await client.call_tool("ask_council", {"question": "Why does a.py count to three?"})
        await client.call_tool("search_history", {"words": "three"})
    assert not reviewed.is_error
    assert ran(tmp_path) == []


async def test_a_lazy_fetch_is_never_made(tmp_path: Path) -> None:
    """A missing object in a clone whose promisor is `ext::` used to run a program."""
    main = planted(tmp_path)
    oid = git(tmp_path, "hash-object", "--stdin", given=b"Be kind.\n")
    (main / ".git/objects" / oid[:2] / oid[2:]).unlink()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "COUNCIL_DATA": str(tmp_path / "data")}
    code, _, err = await run_council(("review", "HEAD~1..HEAD", "--analyzers-only", "--repo", str(main)), environment, tmp_path)
    assert code == 2 and "is missing in" in err
    assert ran(tmp_path) == []
