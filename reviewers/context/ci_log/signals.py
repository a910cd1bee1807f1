"""How tools report a failure: literals that find a line fast, and patterns that weigh it."""

import re
from typing import NamedTuple

from reviewers.context.ci_log.failure_words import says_failure
from reviewers.context.ci_log.noise import READ, noise_factor

HEADING, TEST, EXCEPTION, ERROR = "heading of failures", "failed test", "exception", "error"


class FailureSignal(NamedTuple):
    """One form of failure message. `ahead` and `behind` are the shares of the weight that following and preceding lines get, line by line.

    `needles` are lower-case strings; the pattern can match only a line that contains one of them.
    """

    reason: str
    weight: float
    ahead: float
    behind: float
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _kind(reason: str, shape: tuple[float, float, float], needles: str, *patterns: str, flags: int = 0) -> FailureSignal:
    return FailureSignal(reason, *shape, tuple(needles.split("|")), re.compile("|".join(patterns), flags))


KINDS = (
    _kind(
        HEADING,
        (9, 0.97, 0.6),
        "fail|error|issues|went wrong|diff|short test summary",
        r"^\W*(?:FAILURES|ERRORS|Failures|Errors|Issues)\b\W{0,40}$",
        r"^\W*(?:Failed [Tt]ests|Failing [Tt]ests|Tests failed|Summary of (?:all )?[Ff]ail\w+)\b\W{0,40}$",
        r"^=+ short test summary info =+",
        r"^There (?:was|were) \d+ (?:failure|error)",
        r"^\s*[1-9]\d* failing\b",
        r"What went wrong:",
        r"^=+ ?(?:DIFF|FAIL|ERROR)",
    ),
    _kind(
        TEST,
        (10, 0.95, 0.6),
        "fail|not ok|___|) |● |✕|✖|✗|✘|× |❌|error!",
        r"^_{2,} .{1,200} _{2,}$",
        r"^ *(?:\d{1,4}\) |● |✕ |✖ |✗ |✘ |× |❌ )\s*\S",
        r"--- FAIL: ",
        r"^\W*FAIL(?:ED)?:? \S",
        r"^not ok \d",
        r"[\s.:](?:FAILED|FAIL)(?:!|\b)\W{0,3}(?:[(\[]|$)",
        r"<<< (?:FAILURE|ERROR)!",
        r"\S failed on line \d",
    ),
    _kind(
        EXCEPTION,
        (10, 0.93, 0.7),
        "traceback|panic|unhandled|uncaught|exception in|goroutine|crashed",
        r"Traceback \(most recent call",
        r"\bpanicked at\b|^panic:",
        r"[Uu]nhandled (?:promise )?(?:rejection|exception)",
        r"Uncaught ",
        r"Exception in thread",
        r"goroutine \d+ \[running",
        r"crashed\b",
    ),
    _kind(
        "error with its place",
        (10, 0.9, 0.7),
        "error|:[",
        r"[\w)\]>]:\d+(?:[:.,-]\d+)*:? *(?:\[|- )?(?:fatal |syntax )?[Ee][Rr][Rr][Oo][Rr]\b",
        r"[\])] *:? (?:fatal )?error\b",
        r"^\W*error(?:\[[\w:-]+\]| [A-Z]{1,5}\d+)",
        r"\.\w{1,5}:\[\d+,\d+\]",
    ),
    _kind(
        EXCEPTION,
        (9.5, 0.9, 0.75),
        "error|exception|failure|panic",
        r"^\W*(?:E  +|ERROR:? +|error:? +)?(?:[\w$-]{1,80}[.\\:]+){0,12}[A-Z][\w$]{0,80}(?:Error|Exception|Failure|Panic)\b(?:[:(\]]| -|$)",
    ),
    _kind(
        ERROR,
        (9, 0.9, 0.75),
        "error|fatal|panic|abort",
        r"^\W*+(?:[\w./-]{1,40}+: ){0,2}\W*+(?:fatal |internal |compile |syntax |parse )?(?:error|fatal|panic|abort(?:ed)?)\b ?\W",
        r"rake aborted",
        flags=re.I,
    ),
    _kind(
        "fatal",
        (9, 0.9, 0.8),
        "segmentation|core dumped|out of memory|overflow|bus error|assertion|no space",
        r"segmentation fault",
        r"core dumped",
        r"out of memory",
        r"stack overflow",
        r"bus error",
        r"assertion .{0,80}failed",
        r"no space left on device",
        flags=re.I,
    ),
    _kind(
        "failed build",
        (8, 0.92, 0.8),
        "build failed|failure:|failed to execute|[error]|npm err!|compilation|undefined reference|ld returned|linker|***",
        r"BUILD FAILED|[Bb]uild failed",
        r"FAILURE:",
        r"Failed to execute goal",
        r"^\[ERROR\]",
        r"npm ERR!",
        r"COMPILATION ERROR",
        r"[Cc]ompilation failed",
        r"undefined reference",
        r"ld returned",
        r"linker command failed",
        r"^make(?:\[\d+\])?: \*\*\*",
    ),
    _kind("warnings as errors", (9, 0.85, 0.94), "treated as errors|-werror", r"treated as errors", r"due to -Werror", r"with -Werror"),
    _kind(
        "assertion",
        (8, 0.9, 0.85),
        "assert|expected|actual|received|got|match|not equal",
        r"Failed asserting",
        r"Assertion",
        r"^\W*(?:[Ee]xpected|[Aa]ctual|[Rr]eceived|[Gg]ot)\b *:",
        r"[Ee]xpected .{0,120}\b(?:got|but|actual|received)\b",
        r"did not match|do(?:es)? not match|not equal",
    ),
    _kind(
        "missing",
        (7, 0.85, 0.75),
        "not found|no such|not in scope|is un|not defined|denied|unable|can't|cannot|could|does|found|is not",
        r"command not found",
        r"No such file or directory",
        r"\bnot found\b",
        r"not in scope",
        r"\bis (?:undefined|unbound|not defined)\b",
        r"[Pp]ermission denied|[Aa]ccess denied",
        r"[Uu]nable to ",
        r"[Cc]an(?:no|')t ",
        r"[Cc]ould(?: not|n't) ",
        r"[Dd]oes(?: not|n't) (?:exist|have)",
        r"^No \w+ found",
        r"is not (?:a|the|recognized|supported|assignable|defined)",
    ),
    _kind(
        "time",
        (7, 0.85, 0.8),
        "timed|no output|exceeded|terminated|killed|timeout",
        r"\btimed[ -]?out\b",
        r"No output has been received",
        r"exceeded the (?:maximum|time)",
        r"\bterminated\b",
        r"\bkilled\b",
        r"\btimeout (?:of|after|expired|exceeded|error|reached|while|waiting)",
        r"_timeout\b(?!\W*=)",
        r": timeout$",
        flags=re.I,
    ),
    _kind(
        "exit code",
        (7, 0.8, 0.88),
        "exit|non-zero|error |##[error]|failed with|marked build",
        r"exit(?:ed|s)?(?: with)?(?: code| status)?:? {1,2}[1-9]\d*\b",
        r"non-zero",
        r"\bError [1-9]\d*$",
        r"##\[error\]",
        r"exit status [1-9]",
        r"failed with (?:exit )?code",
        r"marked build as failure",
    ),
    _kind(
        "summary",
        (7, 0.85, 0.85),
        "fail|error|problem|offense|violation|issue|tests:|summary ",
        r"\b[1-9]\d* (?:\w+ )?(?:fail(?:ed|ures?|ing)?|errors?|problems?|offenses?|violations?|issues?)\b",
        r"\b(?:failures|errors|failed)\b: *[1-9]",
        r"^\s*(?:Tests:|Summary) ",
        flags=re.I,
    ),
    _kind(
        "place",
        (6, 0.85, 0.8),
        ":|(|line",
        r"^[^\s:()]{0,120}[\w/\\-]\.[A-Za-z]\w{0,7}[:(]\d{1,6}(?:[:,]\d{1,5})?\)?[: ] *\S",
        r"\bat line \d+",
        r"^ +\d+:\d+ +\S",
        r"^\W*on line \d+",
    ),
    _kind(
        "invalid",
        (6, 0.85, 0.8),
        "invalid|illegal|unexpected|unknown|undefined|unsupported|mismatch|conflict|violat|denied|refused|rejected|missing|duplicate",
        r"\b(?:invalid|illegal|unexpected|unknown|undefined|unsupported|mismatch|conflict\w*|violat\w+|denied|refused|rejected|missing|duplicate)\b",
        flags=re.I,
    ),
    _kind(
        ERROR,
        (5, 0.85, 0.8),
        "err|fail|exception|abort|panic|crash|critical|❌|✖|✗|✘",
        r"error|\bERR\b|\bfail(?:ed|ure|ures|s|ing)?\b|exception|\babort|\bpanic\b|\bcrash|\bcritical\b|❌|✖|✗|✘",
        flags=re.I,
    ),
    _kind("warning", (3, 0.85, 0.7), "warn", r"\bwarn(?:ing)?\b", flags=re.I),
)


# The kinds of lines that no pattern matches: words of other languages, and a form that is rare in the step.
FOREIGN = _kind("failure in another language", (8, 0.9, 0.8), "")
RARE = _kind("rare in this step", (3.5, 0.8, 0.8), "")
_END, _MIDDLES = 200, 3
_IN_THE_MIDDLE = ("error:", "error[", "exit code", "failed", "exception", "fatal", "panic")


class Signal(NamedTuple):
    """`at` is the position in the text at which the telling part begins."""

    weight: float
    kind: FailureSignal
    at: int = 0


def weigh(text: str) -> Signal | None:
    """The strongest signal of a cleaned line, or None; in a long one, its beginning, its end, and the text around failure words."""
    found = _weigh(text[:READ])
    further = find_further(text) if len(text) > READ else None
    return further if further and (found is None or further.weight > found.weight) else found


def find_further(text: str) -> Signal | None:
    """The strongest signal in a long line beyond its beginning."""
    signals = [signal._replace(at=at) for at in _further(text) if (signal := _weigh(text[at : at + READ]))]
    return max(signals, key=lambda signal: signal.weight, default=None)


def _further(text: str) -> list[int]:
    lower = text.lower()
    middles = [at for literal in _IN_THE_MIDDLE if (at := lower.find(literal, _END)) >= 0][:_MIDDLES]
    return [*(max(0, at - 40) for at in middles), max(0, len(text) - _END)]


def _weigh(text: str) -> Signal | None:
    lower = text.lower()
    for kind in KINDS:
        if any(needle in lower for needle in kind.needles) and kind.pattern.search(text):
            stronger = FOREIGN if kind.weight < FOREIGN.weight and says_failure(lower) else kind
            return Signal(stronger.weight * noise_factor(text), stronger)
    if says_failure(lower):
        return Signal(FOREIGN.weight * noise_factor(text), FOREIGN)
    return None
