"""Commands are the first word of a line, outside quotes and code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.commands import COMMANDS
from webhooks.commands.arguments import read_arguments
from webhooks.commands.command import Request
from webhooks.commands.explain import to_job
from webhooks.commands.help import text
from webhooks.commands.parser import ParsedCommand, Unknown, new_commands, parse, text_without_commands
from webhooks.job_base import RepositoryRef
from webhooks.jobs import AnswerCommentQuestion, Arguments, ExecuteCommand

REVIEW = ParsedCommand("review", "")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/council review", (REVIEW,)),
        ("/Council REVIEW", (REVIEW,)),
        ("  /council review the locking", (ParsedCommand("review", "the locking"),)),
        ("/council", (ParsedCommand("help", ""),)),
        ("Please:\n/council review\nthanks", (REVIEW,)),
        ("/council review\n/council help", (REVIEW, ParsedCommand("help", ""))),
        ("please /council review", ()),
        # Shown in code below a real one.
        ("/council review\n`/council help`", (REVIEW,)),
        ("/council review.", (REVIEW,)),
        ("/council review!", (REVIEW,)),
        ("/council `review`", (REVIEW,)),
        ("/council, review:", (REVIEW,)),
        ("/council: `review`.", (REVIEW,)),
        ("/council.", (ParsedCommand("help", ""),)),
        ("\u200b/council review\u200b", (REVIEW,)),
        ("/council\u00a0review", (REVIEW,)),
        ("/council review\n--\nAda", (REVIEW,)),
        ("/council review\n-- \nAda Lovelace\nAnalytical Engines", (REVIEW,)),
        ("/council review\r\n-- \r\nSent from my phone", (REVIEW,)),
        ("/council review\n---\nthanks", (REVIEW,)),
        ("/council review\n===", ()),
        ("> /council review\n--\nAda", ()),
        ("thanks  \n/council review", (REVIEW,)),
        ("thanks\\\n/council review", (REVIEW,)),
        # The sign is written with a backslash, so it is shown as it is.
        ("\\/council review", (REVIEW,)),
        ("thanks\n \t\\/council review", (REVIEW,)),
        ("*thanks*\n/council review `--full`", (ParsedCommand("review", "`--full`"),)),
        ("/councilreview", ()),
        ("/council-review", ()),
        ("> /council review", ()),
        ("> quoted\n> /council review\n\nno", ()),
        ("> quoted\n/council review", ()),
        ("- a point\n/council review", ()),
        ("`/council review`", ()),
        ("`/council` review", ()),
        ("```\n/council review\n```", ()),
        ("    /council review", ()),
        ("<!-- /council review -->", ()),
        ("<!--\n/council review\n-->", ()),
        ("# /council review", ()),
        ("- /council review", ()),
        ("[/council review](https://example.com)", ()),
        ("", ()),
    ],
)
def test_lines_that_are_commands(body: str, expected: tuple[ParsedCommand, ...]) -> None:
    assert parse(body) == expected


@pytest.mark.parametrize(
    ("before", "body", "expected"),
    [
        ("", "/council review", (REVIEW,)),
        ("/council review", "/council review", ()),
        ("/council review", "/council review\n/council review", (REVIEW,)),
        ("/council help", "/council help\n/council review", (REVIEW,)),
        ("/council review", "nothing", ()),
    ],
)
def test_an_edit_runs_only_the_added_commands(before: str, body: str, expected: tuple[ParsedCommand, ...]) -> None:
    assert new_commands(body, before, "") == expected


def test_an_edit_is_compared_by_the_name_of_the_app_too() -> None:
    assert new_commands("@our-app review", "@other-app review", "our-app") == (REVIEW,)
    assert new_commands("@our-app review", "/council review", "our-app") == ()
    assert new_commands("/council help", "@our-app help", "our-app") == ()


@pytest.mark.parametrize(("before", "after"), [(0, 3_000), (1, 3_000), (749, 2_000), (3_000, 0), (1_500, 1_500), (600, 600)])
def test_of_a_very_long_comment_beginning_and_end_are_read(before: int, after: int) -> None:
    rows = [*["above"] * before, "/council review", *["below"] * after]
    read = min(before, after) < 750 or before + after < 1_500
    assert parse("\n".join(rows)) == ((REVIEW,) if read else ())
    rest = [*["above"] * before, *["below"] * after]
    assert text_without_commands("\n".join(rows)) == "\n".join(rest if read else rows)


def test_of_very_long_paragraphs_the_first_characters_are_read() -> None:
    paragraph = "/council help\n" + "x" * 11_000
    assert len(parse("\n\n".join([paragraph] * 2 + ["/council review"]))) == 3
    assert len(parse("\n\n".join([paragraph] * 3 + ["/council review"]))) == 3
    # A paragraph without a command costs nothing.
    assert len(parse("\n\n".join(["x" * 24_000, paragraph, "/council review"]))) == 2


def test_an_unknown_command_names_the_nearest() -> None:
    assert parse("/council reveiw") == (Unknown('Unknown command "reveiw". Did you mean "review"?'),)
    assert parse("/council xyzzy") == (Unknown('Unknown command "xyzzy". `/council help` lists them.'),)


def test_an_unknown_command_is_repeated_without_its_markup() -> None:
    (answer,) = parse("/council @everyone<img>")
    assert isinstance(answer, Unknown)
    assert "@" not in answer.message and "<" not in answer.message


def test_a_comment_has_at_most_ten_commands() -> None:
    assert len(parse("/council review\n" * 50)) == 10


def test_the_help_names_every_command() -> None:
    shown = text(COMMANDS.values())
    assert all(f"`{command.usage}`" in shown for command in COMMANDS.values())


@given(st.text(max_size=300))
def test_no_comment_breaks_the_parser(body: str) -> None:
    parse(body)
    parse(f"/council {body}")


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("/council ask why?\n\nIt fails.", "It fails."),
        ("@council-sandbox ask why?\nIt fails.", "It fails."),
        ("@council-sandbox[bot]: debug\r\n\r\nE   KeyError\r\n", "E   KeyError"),
        ("Hm.\n/council ask a\nand\n@Council-Sandbox ask b\nend", "Hm.\nand\nend"),
        ("/council ask why does this say\n```\n/council ask\n```", "```\n/council ask\n```"),
        ("> /council ask why?\n\nNo idea.", "> /council ask why?\n\nNo idea."),
        ("a `b\nc` d\n/council ask x\nend", "a `b\nc` d\nend"),
        ("/council explain `code` and *more*\nend", "end"),
        ("@somebody ask why?", "@somebody ask why?"),
        ("no command", "no command"),
    ],
)
def test_a_comment_without_its_commands(body: str, left: str) -> None:
    assert text_without_commands(body, "council-sandbox") == left


@pytest.mark.parametrize(
    ("argument", "on_pull_request", "thread_id", "asks"),
    [
        ("", True, 7, False),
        ("ab12", True, 0, False),
        ("ab12", True, 7, False),
        ("this to me", True, 7, True),
        ("this to me", True, 0, True),
        ("ab12", False, 0, True),
    ],
)
def test_explain_takes_a_question_or_a_finding_s_id(argument: str, on_pull_request: bool, thread_id: int, asks: bool) -> None:
    place = RepositoryRef(id=1, full_name="acme/shop")
    request = Request(
        installation_id=1, repository=place, number=2, on_pull_request=on_pull_request, comment_id=3, login="ada", thread_id=thread_id
    )
    assert isinstance(to_job(request, argument), AnswerCommentQuestion) is asks


@pytest.mark.parametrize("said", ["/council fix 7f3a.", "/council fix `7f3a`.", "/council fix (7f3a)", "/council fix #7f3a!"])
def test_an_id_is_read_with_punctuation_around_it(said: str) -> None:
    (call,) = parse(said)
    assert isinstance(call, ParsedCommand)
    job = COMMANDS["fix"].to_job(Request(1, RepositoryRef(id=7, full_name="acme/shop"), 5, True, 9, "ada"), call.argument)
    assert isinstance(job, ExecuteCommand) and job.argument == "7f3a"


@pytest.mark.parametrize("said", ["--preset deep.", "--preset `deep`", "--full.", "--budget 0.50.", "`--full`"])
def test_an_option_is_read_with_punctuation_around_it(said: str) -> None:
    focus, options = read_arguments(said)
    assert focus == "" and options != Arguments()
