"""Change here what CI systems, task runners and terminals add around the output of a tool."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_STARTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# Output about the job itself before its work: settings full of the words of failure.
SETUP = [
    "{",
    '  "timeout": 1000,',
    '  "on-error": "retry",',
    '  "fail_fast": true,',
    '  "missing": null',
    "}",
    "+ set -e",
    "+ export ON_ERROR=abort",
    "FAIL_ON_WARNING=false",
    "retry_on_timeout: true",
    "error_level: 3",
    "max_failures: 0",
    "-rw-r--r-- 1 root root  812 Mar  2 09:12 error_handler.py",
    "-rw-r--r-- 1 root root 1204 Mar  2 09:12 failure_report.md",
    'if [ -z "$TOKEN" ]; then echo "error: no token" >&2; exit 1; fi',
]


@dataclass(frozen=True)
class Wrapper:
    """`row` writes one line of output by its number; `before` opens the step and `after` reports its failure."""

    name: str
    before: tuple[str, ...]
    row: Callable[[int, str], str]
    after: tuple[str, ...]

    def wrap(self, lines: list[str]) -> list[str]:
        rows = [*SETUP, *self.before, *lines, *self.after]
        return [self.row(number, line) for number, line in enumerate(rows)]


def _at(number: int) -> datetime:
    return _STARTED + timedelta(milliseconds=37 * number)


def _stamped(form: str) -> Callable[[int, str], str]:
    return lambda number, line: f"{_at(number):{form}}{line}"


def _prefixed(form: str) -> Callable[[int, str], str]:
    """`{n}` counts lines, `{s}` seconds, `{w}` one of three workers."""
    return lambda number, line: form.format(n=number, s=f"{number * 0.037:.2f}", w=number % 3) + line


_EXIT = ("Process exited with code 1",)
_ACTIONS = ("##[group]Run make check", "make check", "shell: /usr/bin/bash -e {0}", "##[endgroup]")
_ACTIONS_END = ("##[error]Process completed with exit code 1.", "Post job cleanup.", "Cleaning up orphan processes")
_MAKE_END = ("make: *** [Makefile:12: check] Error 1",)


def _plain(_: int, line: str) -> str:
    return line


WRAPPERS = (
    Wrapper("plain", ("$ make check",), _plain, _EXIT),
    Wrapper("actions", _ACTIONS, _stamped("%Y-%m-%dT%H:%M:%S.%f0Z "), _ACTIONS_END),
    Wrapper(
        "gh run view", _ACTIONS, lambda number, line: f"check\tRun make check\t{_at(number):%Y-%m-%dT%H:%M:%S.%f0Z} {line}", _ACTIONS_END
    ),
    Wrapper(
        "azure",
        ("##[section]Starting: make check",),
        _stamped("%Y-%m-%dT%H:%M:%S.%f0Z "),
        ("##[error]Bash exited with code '1'.", "##[section]Finishing: make check"),
    ),
    Wrapper(
        "travis",
        ("travis_time:start:0a1b\r\x1b[0K$ make check",),
        _plain,
        ('\x1b[31;1mThe command "make check" exited with 1.\x1b[0m', "Done. Your build exited with 1."),
    ),
    Wrapper(
        "gitlab",
        ("section_start:1772443800:step_script\r\x1b[0K$ make check",),
        _plain,
        ("section_end:1772443900:step_script\r\x1b[0K", "ERROR: Job failed: exit code 1"),
    ),
    Wrapper(
        "gitlab stamped",
        ("$ make check",),
        lambda number, line: f"{_at(number):%Y-%m-%dT%H:%M:%S.%fZ} 01O {line}",
        ("ERROR: Job failed: exit code 1",),
    ),
    Wrapper("jenkins", ("+ make check",), _plain, ("script returned exit code 1", "Finished: FAILURE")),
    Wrapper(
        "jenkins stamped", ("+ make check",), _stamped("[%Y-%m-%dT%H:%M:%S.%fZ] "), ("script returned exit code 1", "Finished: FAILURE")
    ),
    Wrapper("jenkins clock", ("+ make check",), _stamped("%H:%M:%S  "), ("script returned exit code 1", "Finished: FAILURE")),
    Wrapper(
        "buildkite",
        ("~~~ Running commands", "$ make check"),
        lambda number, line: f"\x1b_bk;t={1772443800000 + 37 * number}\x07{line}",
        ("\x1b[31m🚨 Error: The command exited with status 1\x1b[0m",),
    ),
    Wrapper("circleci", ("#!/bin/bash -eo pipefail", "make check"), _plain, ("Exited with code exit status 1",)),
    Wrapper("taskcluster", ("make check",), _stamped("[task %Y-%m-%dT%H:%M:%S.%fZ] "), ("[taskcluster:error] exit status 1",)),
    Wrapper("buildkit", ("[6/9] RUN make check",), _prefixed("#14 {s} "), ("ERROR: process did not complete successfully: exit code: 1",)),
    Wrapper("compose", ("make check",), _prefixed("web-1  | "), ("exited with code 1",)),
    Wrapper("compose of three", ("make check",), _prefixed("worker-{w}  | "), ("exited with code 1",)),
    Wrapper("turbo", ("> make check",), _prefixed("@acme/web:test: "), ("ERROR: command finished with error: exit status 1",)),
    Wrapper("concurrently", ("make check",), _prefixed("[{w}] "), ("make check exited with code 1",)),
    Wrapper("pnpm", ("packages/web test$ make check",), _prefixed("packages/web test: "), ("Failed",)),
    Wrapper("level", ("make check",), _prefixed("[INFO] "), ("BUILD FAILURE",)),
    Wrapper("lerna", ("make check",), _prefixed("web: "), ("lerna ERR! make check exited 1 in 'web'",)),
    Wrapper("log4j", ("make check",), _stamped("%Y-%m-%d %H:%M:%S,000 INFO  [main] "), _MAKE_END),
    Wrapper(
        "syslog", ("make check",), _stamped("%b %d %H:%M:%S build7 runner[812]: "), ("main process exited, code=exited, status=1/FAILURE",)
    ),
    Wrapper("epoch", ("make check",), lambda number, line: f"{1772443800 + number / 27:.3f} {line}", _MAKE_END),
    Wrapper("elapsed", ("make check",), lambda number, line: f"[{timedelta(seconds=number // 27)}] {line}", _MAKE_END),
    Wrapper("nested make", ("make[1]: Entering directory '/src'",), _plain, ("make[1]: *** [Makefile:7: all] Error 2", *_MAKE_END)),
)


def _colored(line: str, number: int) -> str:
    head, space, rest = line.partition(" ")
    return f"\x1b[{31 + number % 6};1m{head}\x1b[0m{space}\x1b[2m{rest}\x1b[22m" if line else line


def _drawn(line: str, number: int) -> str:
    """Some lines after the states of a progress bar, some with only a color after the last carriage return."""
    if number % 7 == 3:
        return f"{line}\r\x1b[0m"
    return f" 12% |#    |\r 57% |###  |\r{line}" if number % 7 == 5 else line


ENCODINGS: dict[str, Callable[[list[str]], bytes]] = {
    "utf-8": lambda lines: _joined(lines).encode(),
    "crlf": lambda lines: _joined(lines, "\r\n").encode(),
    "utf-16": lambda lines: b"\xff\xfe" + _joined(lines, "\r\n").encode("utf-16-le"),
    "utf-16 without a mark": lambda lines: _joined(lines, "\r\n").encode("utf-16-le"),
    "bars": lambda lines: _joined([_drawn(line, number) for number, line in enumerate(lines)]).encode(),
    "colors": lambda lines: _joined([_colored(line, number) for number, line in enumerate(lines)]).encode(),
}


def _joined(lines: list[str], end: str = "\n") -> str:
    return end.join(lines) + end
