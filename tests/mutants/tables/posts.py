"""Sabotages of the text that people see: nothing from a model or a stranger becomes active in it."""

from tests.mutants.mutant import Mutant

_SAFETY = ("tests/app/reporters/test_safety.py", "tests/app/reporters/test_benchmark.py")

MUTANTS = (
    Mutant(
        "the check run says that the author's vendor counts half",
        "app/reporters/check_run.py:conclusion",
        "author_sentence(edition.snapshot, verdict)",
        '""',
        ("tests/stories/test_author_vendor.py",),
    ),
    Mutant(
        "the page of a run says that the author's vendor counts half",
        "app/web/views/run.py:view",
        "author_sentence(snapshot, verdict) if snapshot and verdict",
        '"" if snapshot and verdict',
        ("tests/stories/test_author_vendor.py",),
    ),
    Mutant(
        "a tag of Council's stays whole next to a secret",
        "app/secret_filter.py:_outside",
        "if sum(inside) > _MOST_OWN_LETTERS:",
        "if sum(inside) >= 0:",
        ("tests/app/test_secret_filter.py",),
    ),
    Mutant(
        "no tag hides a secret",
        "app/secret_filter.py:_outside",
        "sum(inside) > _MOST_OWN_LETTERS",
        "sum(inside) > 10 * _MOST_OWN_LETTERS",
        ("tests/app/test_secret_filter.py",),
    ),
    Mutant("mentions notify nobody", "app/reporters/text/safety.py", '(re.compile(r"@"), "@" + BREAK),', "", _SAFETY),
    Mutant("references link nowhere", "app/reporters/text/safety.py", '(re.compile(r"#(?=\\d)"), "#" + BREAK),', "", _SAFETY),
    Mutant("addresses link nowhere", "app/reporters/text/safety.py", "|mailto|", "|", _SAFETY),
    Mutant("emoji codes stay text", "app/reporters/text/safety.py", '(re.compile(r":(?=[\\w+-]+(?::|$))"), ":" + BREAK),', "", _SAFETY),
    Mutant("commit hashes link nowhere", "app/reporters/text/safety.py", "[0-9a-fA-F]{7,64}(?!", "[0-9a-fA-F]{41,64}(?!", _SAFETY),
    Mutant("HTML stays text", "app/reporters/text/safety.py", '"<": "&lt;", ', "", _SAFETY),
    Mutant("math stays text", "app/reporters/text/safety.py", ', "$": "&#36;"', "", _SAFETY),
    Mutant("a table cell escapes its bars", "app/reporters/text/safety.py", ', "|": "&#124;"', "", _SAFETY),
    Mutant("diagrams are shown as code", "app/reporters/text/safety.py", '"suggestion", "mermaid", ', '"suggestion", ', _SAFETY),
    Mutant("a model's own block is not a suggestion", "app/reporters/text/safety.py", '{"suggestion", ', "{", _SAFETY),
    Mutant("a fence is longer than those inside", "app/reporters/text/safety.py:_fenced", "_longest_run(body) + 1", "3", _SAFETY),
    Mutant(
        "a code span's marks are longer than those inside", "app/reporters/text/safety.py:code", "(_longest_run(text) + 1)", "1", _SAFETY
    ),
    Mutant("text cannot contain our marker", "app/reporters/text/safety.py:_in_code", '"<" + BREAK + "!--"', '"<!--"', _SAFETY),
    Mutant(
        "a suggestion that GitHub would change gets no button",
        "app/reporters/text/safety.py:suggestion",
        '_plain(body) != body.replace("\\t", "    ") or ',
        "",
        _SAFETY,
    ),
    Mutant("a suggestion contains no bot's command", "app/reporters/text/safety.py:suggestion", "is_command(row) or ", "", _SAFETY),
    Mutant(
        "hidden characters are removed", "app/reporters/text/safety.py:_plain", '{"Cc", "Cf", "Cs", "Co", "Cn"}', '{"Cc", "Cs"}', _SAFETY
    ),
    Mutant("text is cut to its limit", "app/reporters/text/safety.py:_cut", "len(text) <= limit", "True", _SAFETY),
    Mutant(
        "a line of prose starts no list or heading",
        "app/reporters/text/safety.py:_block_start",
        "return _BLOCK_START.sub(",
        "return text or _BLOCK_START.sub(",
        _SAFETY,
    ),
    Mutant(
        "other bots' commands are broken up",
        "app/reporters/text/foreign_commands.py:break_line",
        "if _LINE.match(row) is None:",
        "if True:",
        _SAFETY,
    ),
    Mutant(
        "other bots' account names are broken up", "app/reporters/text/foreign_commands.py:break_accounts", 'f"@{BREAK}"', '"@"', _SAFETY
    ),
    Mutant(
        "a command in code is indented",
        "app/reporters/text/foreign_commands.py:indent_line",
        "if is_command(row) else row",
        "if False else row",
        _SAFETY,
    ),
    Mutant(
        "many brackets do not take long",
        "app/reporters/text/safety.py:_few_brackets",
        "<= _MOST_BRACKETS",
        "<= 10**9",
        (*_SAFETY, "tests/benchmarks/test_hostile_text.py"),
    ),
    Mutant(
        "two code spans do not merge",
        "app/reporters/text/safety.py:_inline",
        "BREAK + mark if mark.startswith",
        "mark if mark.startswith",
        _SAFETY,
    ),
)
