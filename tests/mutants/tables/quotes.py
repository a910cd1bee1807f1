"""Sabotages of the evidence gate: what a quote must prove, and what may be offered as a suggestion."""

from tests.mutants.mutant import Mutant

_ANCHOR = ("tests/reviewers/test_anchoring.py",)
_MATCHES, _SUGGESTION = "reviewers/anchoring/anchor_matches.py", "reviewers/anchoring/suggestion.py"

MUTANTS = (
    Mutant("a finding has a quote", "reviewers/anchoring/anchor.py:anchor", "if not quotes:", "if quotes is None:", _ANCHOR),
    Mutant(
        "a body that only repeats its title is discarded",
        "reviewers/anchoring/anchor.py:anchor",
        "if _repeats_itself(claim):",
        "if False:",
        (*_ANCHOR, "tests/reviewers/test_broken_answers.py"),
    ),
    Mutant(
        "an unchanged file is not a valid place",
        "reviewers/anchoring/anchor.py:anchor",
        "if file is None:",
        "if file is None and not snapshot.files:",
        _ANCHOR,
    ),
    Mutant(
        "the end of an elided block stands at its indentation",
        "reviewers/anchoring/quote_elisions.py:_chain",
        "() if indent is None else places",
        "() if indent is None or indent else places",
        _ANCHOR,
    ),
    Mutant(
        "a whole line ends an elided block",
        "reviewers/anchoring/quote_elisions.py:_places",
        " and piece.whole == lines.ends_line(part.end)",
        "",
        _ANCHOR,
    ),
    Mutant("an unchanged line is context", "reviewers/anchoring/anchor.py:_placed", "context=not match.changed", "context=False", _ANCHOR),
    Mutant(
        "a suggestion replaces whole lines", "reviewers/anchoring/anchor.py:_placed", "match.whole and match.side", "match.side", _ANCHOR
    ),
    Mutant(
        "a suggestion stays on the new side",
        "reviewers/anchoring/anchor.py:_placed",
        " and match.side is Side.RIGHT else None",
        " else None",
        _ANCHOR,
    ),
    Mutant(
        "prose is not a suggestion",
        "reviewers/anchoring/anchor.py:_applies",
        " or is_prose(suggestion, lines, file.path):",
        ":",
        (*_ANCHOR, "tests/reviewers/test_evidence.py"),
    ),
    Mutant("a suggestion fits the head", "reviewers/anchoring/anchor.py:_applies", "if here == lines else None", "", _ANCHOR),
    Mutant(
        "an analyzer names an added line",
        "reviewers/anchoring/anchor.py:place_line",
        "diff is None or line not in diff.added()",
        "diff is None",
        (*_ANCHOR, "tests/reviewers/test_analyzers.py"),
    ),
    Mutant(
        "new code outside the diff is no context",
        "reviewers/anchoring/anchor.py:_is_unchanged",
        "file.status is FileStatus.ADDED or ",
        "",
        _ANCHOR,
    ),
    Mutant(
        "one edit is a misspelling, two make another word",
        "reviewers/anchoring/quote_search.py:find_misspelled",
        "score_cutoff=1) == 1",
        "score_cutoff=2) <= 2",
        _ANCHOR,
    ),
    Mutant(
        "a word in the files is not a misspelling",
        "reviewers/anchoring/quote_search.py:find_misspelled",
        " or word in vocabulary",
        "",
        _ANCHOR,
    ),
    Mutant(
        "digits are never misspelled",
        "reviewers/anchoring/quote_search.py:_spellable",
        " and not any(char.isdigit() for char in word)",
        "",
        _ANCHOR,
    ),
    Mutant(
        "a short word is not misspelled",
        "reviewers/anchoring/quote_search.py",
        "_SHORTEST_WORD, _MOST_TOKENS = 5, 400",
        "_SHORTEST_WORD, _MOST_TOKENS = 3, 400",
        _ANCHOR,
    ),
    Mutant(
        "a part is not cut off from its negation",
        "reviewers/anchoring/quote_search.py:_permitted",
        " and not follows_negation(lines.before(part.begin))",
        "",
        _ANCHOR,
    ),
    Mutant(
        "a part does not end in brackets that it opened",
        "reviewers/anchoring/quote_search.py:_permitted",
        "not in_brackets(lines.tokens[part.begin : part.end]) and ",
        "",
        _ANCHOR,
    ),
    Mutant("a part has a length", "reviewers/anchoring/quote_search.py:_permitted", "< SHORTEST_PART", "< 1", _ANCHOR),
    Mutant("a finding is about changed lines", _MATCHES, "_UNCHANGED = 0.1", "_UNCHANGED = 1.0", _ANCHOR),
    Mutant("of places nearly alike none is taken", _MATCHES, "_CLEAR = 1.0", "_CLEAR = 0.1", _ANCHOR),
    Mutant(
        "a short quote with a misspelling needs a line", f"{_MATCHES}:_is_believable", "size >= _SHORT or near", "True or near", _ANCHOR
    ),
    Mutant("a line number far away is none", f"{_MATCHES}:_is_believable", "match.distance(line) <= _NEAR", "True", _ANCHOR),
    Mutant(
        "deleted lines apart are no range",
        f"{_MATCHES}:_matches_in_run",
        "if match.end - match.start == fit.last - fit.first:",
        "if True:",
        _ANCHOR,
    ),
    Mutant(
        "a quoted diff deletes what the change deletes",
        f"{_MATCHES}:find_matches",
        " if all(tuple(code_tokens(text)) in deleted for text in quote.removed)]",
        "]",
        _ANCHOR,
    ),
    Mutant("no mask is written into a file", f"{_SUGGESTION}:fit_suggestion", "MASK in text or any", "any", _ANCHOR),
    Mutant("no masked line is replaced", f"{_SUGGESTION}:fit_suggestion", "MASK in line or show_hidden", "show_hidden", _ANCHOR),
    Mutant("a sketch holds no mask", f"{_SUGGESTION}:suggested_code", " or MASK in suggestion", "", _ANCHOR),
    Mutant("a sketch is bounded", f"{_SUGGESTION}:suggested_code", "[:_LONGEST]", "", _ANCHOR),
    Mutant(
        "a deleted line is named by what it was in",
        "reviewers/anchoring/anchor.py:_symbol",
        "file.head if match.side is Side.RIGHT else file.base",
        "file.head",
        _ANCHOR,
    ),
)
