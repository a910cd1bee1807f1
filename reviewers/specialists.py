"""The table of specialists: what each looks for, the evidence it needs, and the form of its answer. Add a specialist here."""

import re
from collections.abc import Mapping

from reviewers.values.advice import Missing
from reviewers.values.question import Dossier, Inquiry, MaterialKind
from reviewers.values.value import FrozenValue


class SolutionPart(FrozenValue):
    """A part of every solution that a specialist requests by name; `pattern` is what its text must contain, "" for any text."""

    name: str
    about: str
    pattern: str = ""


class Need(FrozenValue):
    """Evidence that a specialist needs: present if there is a material of one of `kinds`, or if people's text matches `said`.

    `commands` yield it, by language; the one under "" is for all others.
    """

    name: str
    kinds: tuple[MaterialKind, ...] = ()
    said: str = ""
    commands: tuple[tuple[str, str], ...] = ()
    essential: bool = False

    def command(self, languages: tuple[str, ...]) -> str:
        """The command for the first language that has one."""
        known = dict(self.commands)
        return next((known[language] for language in languages if language in known), known.get("", ""))


class Specialist(FrozenValue):
    """The treatment of one kind of question; its task is in prompts/specialist_NAME.md."""

    name: str
    does: str
    forms: tuple[SolutionPart, ...] = ()
    needs: tuple[Need, ...] = ()

    def missing(self, inquiry: Inquiry, dossier: Dossier) -> tuple[Missing, ...]:
        """The missing evidence, with the command that yields it."""
        said = "\n".join((inquiry.question, *(material.text for material in dossier.of(MaterialKind.ISSUE, MaterialKind.COMMENT))))
        languages = tuple(name for name, _ in dossier.project.languages)
        return tuple(
            Missing(name=need.name, command=need.command(languages), essential=need.essential)
            for need in self.needs
            if not dossier.of(*need.kinds) and not (need.said and re.search(need.said, said, re.IGNORECASE))
        )


_TRACE = Need(
    name="the error with its stack trace or log",
    kinds=(MaterialKind.TRACE, MaterialKind.LOG, MaterialKind.CHECK),
    commands=(
        ("", "COMMAND 2>&1 | tail -n 80"),
        ("Python", "python -X dev COMMAND 2>&1 | tail -n 80"),
        ("Java", "jstack PID"),
        ("Go", "GOTRACEBACK=all COMMAND 2>&1 | tail -n 80"),
        ("Rust", "RUST_BACKTRACE=1 COMMAND 2>&1 | tail -n 80"),
    ),
    essential=True,
)
_RED = Need(
    name="the log of a red check",
    kinds=(MaterialKind.CHECK, MaterialKind.LOG),
    commands=(("", "gh run view --log-failed"),),
    essential=True,
)
_STEPS = Need(name="the steps that make it happen", said=r"\b(?:steps?|reproduc\w*|repro|every time|whenever|when (?:i|we|you|it)|after)\b")
_VERSION = Need(
    name="the version that runs",
    said=r"\b(?:versions?|v?\d+\.\d+(?:\.\d+)?|[0-9a-f]{7,40}|main|master)\b",
    commands=(("", "git rev-parse HEAD"),),
)
_CODE = Need(
    name="the code it is about", kinds=(MaterialKind.CODE, MaterialKind.DIFF), commands=(("", "git grep -n SYMBOL"),), essential=True
)
_PROFILE = Need(
    name="a profile or measurements",
    kinds=(MaterialKind.PROFILE, MaterialKind.METRICS),
    commands=(
        ("", "perf record -g COMMAND && perf report --stdio | head -n 60"),
        ("Python", "py-spy record --format raw -o profile.txt -- python COMMAND"),
        ("Go", "go tool pprof -top http://HOST/debug/pprof/profile?seconds=30"),
        ("JavaScript", "node --cpu-prof COMMAND"),
        ("TypeScript", "node --cpu-prof COMMAND"),
        ("Java", "jcmd PID JFR.start duration=60s filename=profile.jfr"),
    ),
    essential=True,
)
_LOAD = Need(
    name="the load it happens under",
    said=r"\b(?:rps|qps|req(?:uest)?s?/s|per (?:second|minute|hour|day)|users?|rows|concurren\w+|\d+ ?(?:MB|GB|k|million))\b",
)
_COVER = Need(
    name="which tests cover it",
    said=r"\b(?:test|tests|tested|coverage)\b",
    commands=(
        ("", "git grep -ln SYMBOL -- '*test*'"),
        ("Python", "coverage run -m pytest && coverage report -m"),
        ("Go", "go test -cover ./..."),
        ("JavaScript", "npx jest --coverage"),
        ("TypeScript", "npx jest --coverage"),
    ),
)

SPECIALISTS: Mapping[str, Specialist] = {
    specialist.name: specialist
    for specialist in (
        Specialist(name="ask", does="any question"),
        Specialist(
            name="debug",
            does="find the cause of a failure",
            forms=(
                SolutionPart(name="hypothesis", about="what would have to be true for this to be the cause"),
                SolutionPart(
                    name="probe", about="one command or observation that tells this hypothesis from the others, and what each would show"
                ),
            ),
            needs=(_TRACE, _STEPS, _VERSION),
        ),
        Specialist(
            name="architecture",
            does="decide how to build something",
            forms=(
                SolutionPart(name="context", about="the forces that make a decision necessary"),
                SolutionPart(name="decision", about="what is decided, in the active voice"),
                SolutionPart(name="consequences", about="what becomes easier, and what becomes harder"),
            ),
            needs=(
                Need(
                    name="the load and the growth it must bear",
                    said=r"\b(?:rps|qps|per (?:second|minute|hour|day|month)|users?|tenants?|customers?|GB|TB|million|thousand)\b",
                    essential=True,
                ),
                Need(
                    name="what may not change",
                    said=r"\b(?:must|cannot|can't|constraint\w*|deadline|budget|compat\w+|complian\w+|existing|keep)\b",
                ),
            ),
        ),
        Specialist(
            name="performance",
            does="make something faster or smaller",
            forms=(
                SolutionPart(
                    name="measured", about="the figure of the material that shows where the time or memory goes; say so if there is none"
                ),
                SolutionPart(name="expected", about="what the figure becomes, and how you know"),
            ),
            needs=(_PROFILE, _LOAD, _CODE.model_copy(update={"essential": False})),
        ),
        Specialist(
            name="security",
            does="find and fix a weakness",
            forms=(
                SolutionPart(name="cwe", about="the CWE that it is, as CWE-123 with its name", pattern=r"CWE-\d{1,5}\b"),
                SolutionPart(name="attack", about="who does what, step by step, and what they gain"),
            ),
            needs=(
                _CODE,
                Need(
                    name="who can reach it",
                    said=r"\b(?:public|internal|anonymous|unauthenticated|authenticated|admin|internet|logged[- ]in|role|tenant)\b",
                ),
            ),
        ),
        Specialist(
            name="quality",
            does="assess the quality of code",
            forms=(SolutionPart(name="harm", about="what goes wrong, and how often, because the code is so"),),
            needs=(_CODE, _COVER),
        ),
        Specialist(
            name="integration",
            does="make two systems work together",
            forms=(SolutionPart(name="contract", about="what either side sends and expects: fields, order, errors, retries"),),
            needs=(
                Need(
                    name="one request and its answer",
                    kinds=(MaterialKind.LOG, MaterialKind.TRACE),
                    said=r"\b(?:HTTP/\d|curl|status(?: code)? \d{3}|[1-5]\d\d (?:OK|Bad|Un|For|Not|Internal)|request body|payload)\b",
                    commands=(("", "curl -v URL"),),
                    essential=True,
                ),
                _VERSION.model_copy(update={"name": "the versions of both sides"}),
            ),
        ),
        Specialist(
            name="tests",
            does="decide what to test, and how",
            forms=(SolutionPart(name="cases", about="the cases by input and expected result, the most telling first"),),
            needs=(_CODE, _COVER),
        ),
        Specialist(
            name="learn",
            does="understand a subject, step by step",
            forms=(SolutionPart(name="exercise", about="one small thing to try in this repository that shows it"),),
            needs=(
                Need(
                    name="what is known already, and what is to be done with it",
                    said=r"\b(?:know|familiar|new to|never|beginner|used to|learn(?:ed|t)|so that|in order to|(?:want|need|have) to)\b",
                ),
            ),
        ),
        Specialist(
            name="refactor",
            does="change the structure of code without changing what it does",
            forms=(SolutionPart(name="stays", about="what must behave as before, and how that is seen after each step"),),
            needs=(_CODE, _COVER),
        ),
        Specialist(
            name="ci",
            does="find out why checks fail",
            forms=(
                SolutionPart(
                    name="cause", about="the one thing that has to change, with its file and line where the logs or the diff show them"
                ),
                SolutionPart(name="origin", about="whether this change caused it, and how that is seen"),
            ),
            needs=(_RED,),
        ),
        Specialist(name="explain", does="explain code, an error or a term", needs=(_CODE.model_copy(update={"essential": False}),)),
    )
}
