"""Computes the identity of a finding across runs: from its place and category, never from its wording."""

import hashlib
from collections.abc import Sequence

from reviewers.values.finding import Finding

SHORTEST = 4


def fingerprint(finding: Finding) -> str:
    """The hash of path, enclosing symbol, normalized quote and category."""
    quote = "\n".join(" ".join(line.split()) for line in finding.quote.strip().split("\n"))
    parts = (finding.location.path or "", finding.symbol, quote, finding.category.value)
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def distinct_fingerprints(findings: Sequence[Finding]) -> list[str]:
    """Fingerprints in the same order; of two equal ones, the later one (by wording) gets a different fingerprint."""
    prints = [fingerprint(finding) for finding in findings]
    seen: dict[str, int] = {}
    for index in sorted(range(len(findings)), key=lambda at: (findings[at].title, findings[at].body, findings[at].seat)):
        first = prints[index]
        seen[first] = seen.get(first, 0) + 1
        if seen[first] > 1:
            prints[index] = hashlib.sha256(f"{first}\0{seen[first]}".encode()).hexdigest()
    return prints


def short_ids(prints: Sequence[str]) -> list[str]:
    """The shortest prefixes of one length, at least four digits, that distinguish these fingerprints."""
    length = next(size for size in range(SHORTEST, 65) if len({each[:size] for each in prints}) == len(set(prints)))
    return [each[:length] for each in prints]
