"""Commands of other bots, which posts must not trigger. To break one more, add its words to `_LINES` or its account to `_ACCOUNTS`."""

import re

BREAK = "\u200b"

# Commands at the start of a line, from the documentation of bors-ng, homu, Jenkins' pull request builders, Zuul and Prow.
_LINES = (
    r"bors[:,]?\s+\S|homu[:,]?\s+\S|r[+=]\w*\s*$|r\?\s",
    r"(?:ok|okay|ready) to test\b|add to (?:white|allow)list\b|(?:re-?)?test (?:this|it|all|again|ok)\b|run (?:all )?tests?\b",
    r"jenkins[:,]?\s+\S|hudson[:,]?\s+\S|(?:ci|travis|buildkite|circleci|teamcity)[:,]?\s+(?:re)?(?:test|run|build|try|start)\b",
    r"(?:please )?(?:retest|recheck|reverify|rebuild|rerun|retry|retrigger|rekick)"
    r"(?:\s(?:this|it|all|ci|tests?|builds?|please|failed|\W)|\s*+[.!]?\s*+$)",
    r"(?:lgtm|lgtm cancel|automerge|auto-merge|squash and merge|merge (?:this|it)(?: please)?)\s*+[.!]?\s*+$",
    r"(?:gate|check|build|test) (?:now|please)\b",
    r"!(?:merge|retest|test|build|deploy|approve|rebase|backport)\b",
)
_LINE = re.compile(rf"^\s{{0,40}}+(?:{'|'.join(_LINES)})", re.IGNORECASE)
_SLASH = re.compile(r"^(\s{0,400}+)/(?=[A-Za-z])")
_ACCOUNTS = (
    r"[a-z0-9][a-z0-9-]{0,40}?(?:bot|\[bot\]|-ci|-agent)|dependabot\w*|renovate|mergifyio|mergify|bors|homu|copilot|claude|codex|coderabbitai"
    r"|greptileai|cursor|sourcery-ai|pullrequest-reviewer|sweep-ai|devin-ai-integration|gemini-code-assist|qodo-merge|imgbot|allcontributors"
    r"|jenkins|azure-pipelines|googlebot|netlify|vercel|snyk|tabnine|amazon-q|jules|openhands|ellipsis-dev|cla-assistant|stale"
)
_ACCOUNT = re.compile(rf"@(?=(?:{_ACCOUNTS})(?![a-z0-9-]))", re.IGNORECASE)


def is_command(row: str) -> bool:
    """Whether a bot that reads the raw comment might act on this line."""
    return _SLASH.match(row) is not None or _LINE.match(row) is not None or _ACCOUNT.search(row) is not None


def break_line(row: str) -> str:
    """A line of prose with an invisible character in it, so that it is no command."""
    row = break_accounts(_SLASH.sub(rf"\1{BREAK}/", row))
    if _LINE.match(row) is None:
        return row
    first = len(row) - len(row.lstrip())
    return f"{row[: first + 1]}{BREAK}{row[first + 1 :]}"


def break_accounts(text: str) -> str:
    """The text without a live mention of a bot, also in code."""
    return _ACCOUNT.sub(f"@{BREAK}", text)


def indent_line(row: str) -> str:
    """A line of a code block that is no command: a word gets a leading space, a slash or an account is broken as in prose."""
    if _SLASH.match(row):
        return break_accounts(_SLASH.sub(rf"\1{BREAK}/", row))
    return f" {break_accounts(row)}" if is_command(row) else row
