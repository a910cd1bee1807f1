"""Texts that once took seconds or minutes to read are read at once, with the same results."""

import time
from collections.abc import Callable

import pytest

from app.configuration.council_yml import parse as parse_config
from app.configuration.repository_config import RepositoryConfig
from app.github.installation_client import _linked
from reviewers.anchoring.suggestion import suggested_code
from reviewers.context import globs
from reviewers.context.ci_log.noise import noise_factor
from reviewers.context.diff_header import _split_quoted
from reviewers.context.mentions import mentions
from reviewers.context.pasted import kind_of, take_out
from reviewers.context.project_map import survey
from reviewers.council.synthesis import unknown_name
from reviewers.council.text_features import code_names
from reviewers.seats.salvage import repair
from webhooks.commands.parser import ParsedCommand, parse, text_without_commands

ROOM = 65_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda text: globs.selects(("*a" * 20 + "b",), text), "a" * 250),
        (lambda text: globs.selects(("**", "[a-z]*" * 8), text), "a" * 4_000),
        (lambda text: mentions(text, "acme/shop"), "+" * ROOM),
        (lambda text: mentions(text, "acme/shop"), "![a](" * (ROOM // 5)),
        (lambda text: take_out(text, "it"), "~" * ROOM),
        (lambda text: take_out(text, "it"), " at " * (ROOM // 4)),
        (kind_of, ("p50" + " " * 397 + "\n") * (ROOM // 400)),
        (lambda text: survey([], {"go.mod": text}), "\n" * ROOM),
        (lambda text: survey([], {"Gemfile": text}), "\n" * ROOM),
        (lambda text: [noise_factor(row[:300]) for row in text.split("\n")], ("`" * 299 + "\n") * (ROOM // 300)),
        (lambda text: unknown_name(text, ""), "a_" * (ROOM // 2)),
        (lambda text: [code_names(text) for _ in range(10)], "a" * ROOM),
        (repair, '{"a":' * 1_000),
        (suggested_code, "```a\n" + "\n" * ROOM),
        (_split_quoted, '"a" ' * (ROOM // 4)),
        (lambda text: _linked(text, "next", "cursor"), "?cursor=aaa" * (ROOM // 11)),
        (parse, "/council review\n" + "![" * (ROOM // 2)),
        (parse, "/council review\n" + "- - - - a\n" * (ROOM // 10)),
        (text_without_commands, "/council a\n" * (ROOM // 11)),
    ],
)
def test_no_text_blocks_its_reader(read: Callable[[str], object], text: str) -> None:
    read(text[:100])
    started = time.thread_time()
    read(text)
    assert time.thread_time() - started < 1.0


def test_a_glob_with_too_many_stars_is_a_problem_of_the_file() -> None:
    stars = "*a" * 20 + "b"
    config, problems = parse_config(f"review: {{paths: [{stars!r}]}}", RepositoryConfig())
    assert config == RepositoryConfig()
    assert [problem.line for problem in problems] == [1] and "at most 8 `*`" in str(problems[0])


@pytest.mark.parametrize(
    ("patterns", "path", "selected"),
    [
        (("**", "!**/*.lock"), "a/b.lock", False),
        (("src/**/*.p?",), "src/a/b/c.py", True),
        (("docs/",), "docs/a.md", True),
        (("[ab]*.txt",), "büro.txt", True),
        (("/top.py",), "in/top.py", False),
    ],
)
def test_a_glob_selects_its_paths(patterns: tuple[str, ...], path: str, selected: bool) -> None:
    assert globs.selects(patterns, path) is selected


def test_a_command_after_a_long_paste_is_found() -> None:
    pasted = "```\n" + "/council review\n" * 3_000 + "```\n"
    assert parse(f"{pasted}\n/council ask why") == (ParsedCommand("ask", "why"),)


def test_the_results_of_the_readers() -> None:
    assert _split_quoted('a/x y "b/\\303\\274"') == ("a/x y", "b/ü")
    assert _split_quoted('"a/\\"b" b/c d') == ('a/"b', "b/c d")
    assert survey([], {"go.mod": "module x\n\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n"}).dependencies == ("github.com/a/b v1.2.3",)
    assert survey([], {"Gemfile": "gem 'rails', '~> 7'\n"}).dependencies == ("rails ~> 7",)
    assert suggested_code("```py\nx = 1\n```") == "x = 1"
    assert _linked('<https://x/y?page=2>; rel="next", <https://x/y?a=1,2&page=34>; rel="last"', "last", "page") == "34"
