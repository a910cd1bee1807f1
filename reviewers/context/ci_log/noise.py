"""Change here which lines contain the words of a failure but report none: passing tests, counts of zero, routine output, warnings."""

import re

READ = 300

PASSED, PRINTED, ROUTINE, WARNING = 0.15, 0.2, 0.35, 0.5

_COUNTED = "errors?|fail(?:ed|ures?)|problems|issues|offenses|warnings"
_NOTHING = re.compile(
    rf"\b(?:0|no|zero) (?:\w+ )?(?:{_COUNTED})\b" r"|(?:errors?|failures?|failed)\W{1,4}0\b(?!.*[1-9]\d* (?:error|fail))",
    re.I,
)
_OK = "PASS(?:ED)?|passed|ok|OK|SKIP(?:PED)?|XFAIL|xfail|xpass|yes|done|success(?:ful(?:ly)?)?"
_PASSED = re.compile(
    rf"\b(?:{_OK})\b *+(?:[\])] *+)?(?:\[ *\d+%\] *+)?(?:\(.{{0,20}}\))?$"
    r"|^\W*(?:ok|PASS|SKIP|XFAIL|XPASS|✓|√|✔|--- PASS|--- SKIP)\b|✓|√|✔"
)
# How installers, compilers and runners begin a line while all is well.
_OPENINGS = "|".join(
    (
        r"Get:\d|Hit|Ign|Fetched|Unpacking|Selecting|Preparing|Setting up|Processing triggers",
        r"Downloading|Downloaded|Compiling|Installing|Requirement already|Collecting|Using|Fetching|Cloning",
        r"CC|CXX|GEN|LD|AR|adding|inflating|creating|copying|[Cc]hecking|- Installing|Fresh|Building|Linking|Running",
        r"debconf:|npm WARN|travis_(?:fold|time)\S*$|\$ |\+ ?\w|DEBUG|INFO|\[INFO\]|\[?info\]?\b",
    )
)
_CODE = r"raise|except|if|elif|else|return|def|class|throw|catch|import|from|assert_|const|let|var|function|#|@|//"
_ROUTINE = re.compile(
    "|".join(
        (
            rf"^ *(?:{_OPENINGS})",
            # Source code that a stack trace quotes.
            rf"^ +(?:{_CODE})\W",
            r"^ +\w+ = ",
            r"^\[ *\d+[ /]",
            r"^\(?[\d.]+ ?s\) ",
            r"-Werror\b.* -",
            r"(?<![\w-])(?=\w*+--)[\w-]*(?:fail|error)",
            r"\|\| *(?:true|exit|:)",
            r"(?:errors?|exceptions?|failures?)\.\w{1,5}\W*$",
            r"continuing|ignor(?:ed|ing)|retrying|fail-fast|errexit|fail-?safe|failover|if-no-files-found",
            r"unable to initialize frontend|warnings? (?:generated|summary)",
        )
    )
)
# Output about the job itself: traced and echoed scripts, settings as JSON, YAML or environment, lists of files.
_PRINTED = re.compile(
    "|".join(
        (
            r"^\++ \S",
            r"^\s*(?:export|declare -\w+|set|unset|trap|alias|env|local|readonly) +\S",
            r"^\s*(?:if|elif|while|until|for|case)\b.{0,200}(?:\[ |\]\]|;;? ?(?:then|do)\b|\bin$)",
            r"^\s*(?:fi|done|esac|then|else|do)\b *;?$",
            r"\|\| *(?:echo|exit|true|return|die)\b|&& *echo\b",
            r'^\s*(?:echo|printf) ["\']',
            r'^\s*"(?!(?:error|message|reason|msg|detail)s?")[\w.$@/ -]{1,80}" ?: ',
            r"^[-bcdl][rwxsStT-]{9}[.+@]? ",
            r"^\s{0,20}[A-Z][A-Z0-9_]{1,60}=",
            r"^\s{0,20}-?-?[a-z][\w.-]{0,60}(?: ?[:=] ?|  +)"
            r"(?:\d+(?:\.\d+)?\w{0,2}|true|false|on|off|yes|no|null|none|abort|retry|never|always)$",
        )
    )
)
_PROGRESS = re.compile(
    r"\d+% \(\d+/\d+\)|\d+(?:\.\d+)? [kKMG]i?B(?:/s|\b)|^[\W\d]+$|Total time|Time elapsed|Finished at"
    r"|Temporarily overriding|^HEAD is now at|^ \* \[new "
)
_WARNING = re.compile(
    r"^\W*+(?:\S{1,120}+(?<=[:.]) )?(?:\S{1,119}[:.] ?)?"
    r"\[?(?:warn(?:ing)?|notice|deprecat\w+)\b|\[(?:warn(?:ing)?|info|notice|debug)\]|: warning\b|_WARNING",
    re.I,
)


def noise_factor(text: str) -> float:
    """The factor that remains of a line's weight, between 0 and 1; the text has at most `READ` characters."""
    if _PASSED.search(text) or _NOTHING.search(text):
        return PASSED
    if _PRINTED.search(text):
        return PRINTED
    if _ROUTINE.search(text):
        return ROUTINE
    return WARNING if _WARNING.search(text) else 1.0


def only_reports_success(text: str) -> bool:
    """Whether a line only says that something passed."""
    return bool(_PASSED.search(text[:READ]))


def routine(text: str) -> bool:
    """Whether every run has such a line, with other words: a download, a progress bar, a timing."""
    text = text[:READ]
    return bool(_PRINTED.search(text) or _ROUTINE.search(text) or _PROGRESS.search(text))
