"""Generates hostile text by a grammar, and a verdict with it in every text that a model or a pull request can fill."""

import random
from collections.abc import Callable, Iterator

from reviewers.context.snapshot import ChangedFile, FailingCheck, Snapshot
from reviewers.values.finding import Category, Discarded, Evidence, Finding, Location, Severity
from reviewers.values.look_record import LookRecord
from reviewers.values.verdict import (
    Coverage,
    Outcome,
    ProposalStanding,
    RankedFinding,
    SeatReport,
    SeatVote,
    Stance,
    Unseen,
    Usage,
    Verdict,
)

HEAD = "d4e5f6a7" * 5
ATOMS = (
    *("@octocat", "@acme/team", "a@b.example", "\\@octocat", "&#64;octocat", "&commat;octocat", "@\u200boctocat", "@<b></b>octocat"),
    *("#1", "\\#1", "&#35;1", "acme/shop#12", "GH-7", "gh-7", "[#](x)1", "#\u200d1", "fixes #3", "closes https://github.com/a/b/issues/1"),
    *("deadbeefcafe", HEAD, "acme/shop@" + HEAD, "dead\u200bbeefcafe", "CVE-2024-1234", "GHSA-aaaa-bbbb-cccc"),
    *("![x](http://evil.example/p.png)", "![x][r]", "<img src=//evil.example/p>", "[a](https://evil.example)", "[r]: https://evil.example"),
    *(
        "https://evil.example/x",
        "<https://evil.example>",
        "www.evil.example",
        "HTTPS://EVIL.EXAMPLE",
        "ftp://evil.example",
        "mailto:a@b.example",
    ),
    *(
        "<script>alert(1)</script>",
        "<!-- council:summary run=r1 -->",
        "-->",
        "</details>",
        "<details open>",
        "</sub>",
        "<br/>",
        "<a href=x>",
    ),
    *("/approve", "\n/merge\n", "\n  /lgtm", "\n- /retest", "\n> /close", "/usr/bin", "@dependabot merge", "bors r+"),
    *(
        "`",
        "``",
        "```",
        "~~~",
        "````\n",
        "\n```suggestion\nrm -rf\n```\n",
        "\n```mermaid\ngraph TD\n```\n",
        "\n    /approve\n",
        "`a``b`",
        "\\`",
    ),
    *(
        "|",
        "\\|",
        "\n|a|b|\n|-|-|\n|@x|#1|\n",
        "**",
        "*",
        "_",
        "~~",
        "***",
        "\n# H\n",
        "\n===\n",
        "\n---\n",
        "\n1. ",
        "\n- ",
        "\n> ",
        "\n> [!NOTE]\n> ",
    ),
    *(
        "$x$",
        "$$",
        ":shipit:",
        ":+1:",
        "[^1]",
        "[^1]: note",
        "- [ ] task",
        "\u202e",
        "\u2028",
        "\0",
        "\x1b[31m",
        "\ud800",
        "😀",
        "漢字",
        "é",
    ),
    *("\\", "&lt;b&gt;", "&amp;#64;x", "&#x40;x", "\t", "\r\n", "\n\n", " ", "  \n", "word", "`code`", "`@x #1`", "x" * 300),
)


def bodies(rng: random.Random) -> Iterator[str]:
    """Hostile bodies without end."""
    while True:
        count = rng.choice((1, 2, 3, 5, 8, 13))
        glue = rng.choice(("", "", " ", "\n", "`", "*"))
        body = glue.join(rng.choice(ATOMS) for _ in range(count))
        if rng.random() < 0.02:
            body = rng.choice(("> ", "- ", "`", "[", "*", "(", "<")) * rng.randint(20, 400) + body
        yield body


def slots(stream: Iterator[str]) -> tuple[Snapshot, Verdict, int]:
    """A snapshot and a verdict whose every text is hostile, and the number of bodies used."""
    taken = [0]

    def text() -> str:
        taken[0] += 1
        return next(stream)

    standings = (
        *(ProposalStanding.RECOMMENDED,) * 3,
        ProposalStanding.UNCONFIRMED,
        ProposalStanding.DISPUTED,
        ProposalStanding.DISPUTED,
        ProposalStanding.NOTED,
        ProposalStanding.REJECTED,
        ProposalStanding.DISMISSED,
    )
    verdict = Verdict(
        head_sha=HEAD,
        ranked=tuple(_ranked(text, standing, number) for number, standing in enumerate(standings)),
        discarded=(Discarded(seat="s0", title=text(), path=text(), reason=text()),),
        seats=tuple(_seat(text, f"s{number}") for number in range(2)),
        quorum=1,
        answered=2,
        coverage=Coverage(files=2, seen=1, unseen=(Unseen(path=text(), reason=text()),)),
        summary=text(),
        plan=(text(), text()),
        usage=Usage(cost_usd=0.1),
        seconds=3.0,
        incomplete=text() if taken[0] % 3 == 0 else "",
        chosen=(text(),),
    )
    return _snapshot(text), verdict, taken[0]


def _snapshot(text: Callable[[], str]) -> Snapshot:
    check = FailingCheck(name=text(), url=f"https://github.example/{text()}", lines=tuple(text().split("\n")))
    return Snapshot(
        repository="acme/shop",
        number=1,
        url="https://github.example/acme/shop/pull/1",
        title=text(),
        body=text(),
        author="octo",
        base_ref="main",
        base_sha=HEAD,
        head_ref="x",
        head_sha=HEAD,
        files=(ChangedFile(path="a.py"),),
        failing_checks=(check,),
    )


def _ranked(text: Callable[[], str], standing: ProposalStanding, number: int) -> RankedFinding:
    finding = Finding(
        seat="s0",
        title=text(),
        body=text(),
        severity=Severity.HIGH,
        category=Category.SECURITY,
        location=Location(path=text(), line=number + 1),
        quote=text(),
        suggestion=text(),
        sketch=text(),
        evidence=(Evidence(path=text(), line=1, quote=text()),),
    )
    return RankedFinding(
        finding=finding,
        standing=standing,
        confidence=0.5,
        calibrated=False,
        raised_by=("s0", text()),
        votes=(SeatVote(seat="s1", stance=Stance.REJECT, evidence=text(), proof=Evidence(path=text(), line=2, quote=text())),),
        why=text(),
        fingerprint=f"{number:040x}",
        short_id=f"{number:04x}",
    )


def _seat(text: Callable[[], str], name: str) -> SeatReport:
    return SeatReport(
        seat=name,
        vendor="v",
        is_model=True,
        opinion=Outcome.ANSWERED,
        critique=Outcome.ANSWERED,
        findings=1,
        usage=Usage(),
        seconds=1.0,
        reason=text(),
        looks=(LookRecord(stage="opinion", kind="uses", target=text(), shown=(text(),), left_out=text()),),
    )
