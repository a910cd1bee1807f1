"""Sabotages of `reviewers/context/`: which parts of a change, its files and its logs a model sees."""

from tests.mutants.mutant import Mutant

_UNITS = ("tests/reviewers/test_units.py",)
_NOTEBOOKS = ("tests/reviewers/test_notebooks.py",)
_VIEW = ("tests/app/repositories/test_view.py",)
_CI_LOG = ("tests/reviewers/test_ci_log.py",)
_PACKING = ("tests/reviewers/test_packing.py",)

MUTANTS = (
    Mutant(
        "no nonexistent line is shown",
        "reviewers/context/surroundings.py:read_surroundings",
        '.removesuffix("\\n")',
        "",
        _UNITS,
    ),
    Mutant(
        "blank lines are no surroundings",
        "reviewers/context/surroundings.py:read_surroundings",
        "if any(lines[number - 1].strip() for number in numbers) else",
        "if numbers else",
        _UNITS,
    ),
    Mutant(
        "a local notebook is read as cells",
        "app/git/repository.py",
        "files=show_cells(mark_origins(",
        "files=(mark_origins(",
        ("tests/app/git/test_reading.py",),
    ),
    Mutant(
        "a notebook on GitHub is read as cells",
        "app/github/pull_request.py:_show",
        "return show_cells(files),",
        "return files,",
        ("tests/app/github/test_pull_request.py",),
    ),
    Mutant(
        "a download keeps its last bytes",
        "app/github/download_ends.py:DownloadEnds._drop",
        "view[size - self._tail : size]",
        "view[: self._tail]",
        ("tests/app/github/test_downloads.py",),
    ),
    Mutant(
        "a redirect to no address is no answer",
        "app/github/users.py:Users._send",
        "(httpx.HTTPError, httpx.InvalidURL)",
        "httpx.HTTPError",
        ("tests/app/test_host_answers.py",),
    ),
    Mutant(
        "a long line keeps both ends",
        "reviewers/context/ci_log/shortening.py:_without_middles",
        "is_inside[at - 1 : at + 2]",
        "is_inside[at : at + 1]",
        _CI_LOG,
    ),
    Mutant(
        "a log keeps its last lines",
        "reviewers/context/ci_log/shortening.py:shorten_log",
        "lines - MOST_LINES + HEAD_LINES",
        "lines - MOST_LINES",
        _CI_LOG,
    ),
    Mutant(
        "the lines of a log are bounded",
        "reviewers/context/ci_log/shortening.py:shorten_log",
        "lines <= MOST_LINES",
        "lines <= 100 * MOST_LINES",
        _CI_LOG,
    ),
    Mutant("a look shows cells", "app/repositories/view.py", "mask_keys(as_cells(path, text))", "mask_keys(text)", _VIEW),
    Mutant(
        "source stands on its own line",
        "reviewers/context/notebooks/showing.py:_shown",
        "line = notebook.lines[number - 1]",
        "line = notebook.lines[min(number, len(notebook.lines) - 1)]",
        _NOTEBOOKS,
    ),
    Mutant(
        "outputs are not shown",
        "reviewers/context/notebooks/showing.py:_parts",
        "if is_source and any(",
        "if any(",
        _NOTEBOOKS,
    ),
    Mutant("outputs are named", "reviewers/context/diff_chunks.py:_piece", "if file.cells:", "if not file.cells and False:", _NOTEBOOKS),
    Mutant(
        "a comma changes no cell",
        "reviewers/context/notebooks/showing.py:_realigned",
        "not is_change or not old or not new",
        "True or not old or not new",
        _NOTEBOOKS,
    ),
    Mutant(
        "no suggestion is applied to a notebook",
        "reviewers/anchoring/suggestion.py:apply_suggestion",
        "if is_notebook(",
        "if not is_notebook(",
        _NOTEBOOKS,
    ),
    Mutant(
        "a source line ends no line",
        "reviewers/context/notebooks/cell_lines.py:_Walk._line",
        '_BROKEN.sub("", "".join(self._sources))',
        '"".join(self._sources)',
        _NOTEBOOKS,
    ),
    Mutant(
        "code without a grammar has definitions",
        "reviewers/context/units.py:_read",
        "return _indented(text) if is_code_name(path) and",
        "return _indented(text) if not is_code_name(path) and",
        _UNITS,
    ),
    Mutant(
        "settings define nothing that code uses",
        "reviewers/context/languages.py:code_language_of",
        "GRAMMARS[language].is_code",
        "GRAMMARS[language]",
        _UNITS,
    ),
    Mutant(
        "a header ends where a body begins",
        "reviewers/context/unit_names.py:body_of",
        "child.type in _BODIES",
        "child.type in _NAMES",
        _UNITS,
    ),
    Mutant(
        "passing lines fill no budget",
        "reviewers/context/ci_log/noise.py:only_reports_success",
        "return bool(",
        "return False and bool(",
        _CI_LOG,
    ),
    Mutant(
        "the number of words makes a line rare",
        "reviewers/context/ci_log/rarity.py",
        'b"_-/.\\t\\r"',
        'b"_-/. \\t\\r"',
        _CI_LOG,
    ),
    Mutant(
        "lines below a heading are candidates",
        "reviewers/context/ci_log/candidates.py:candidates",
        "found.union(_below_headings(lines, found))",
        "found",
        _CI_LOG,
    ),
    Mutant(
        "the first announced failure is followed",
        "reviewers/context/ci_log/worth.py:Worth._spread",
        "if hit.line == self._under:",
        "if hit.line == -1:",
        _CI_LOG,
    ),
    Mutant(
        "a changed mode is shown with the diff",
        "reviewers/context/diff_chunks.py:_piece",
        "if file.mode_change:",
        "if file.mode_change and not file.patch:",
        _PACKING,
    ),
    Mutant(
        "a file with only a changed mode shows both modes",
        "reviewers/context/packing.py:_why_nothing",
        'f"mode {file.mode_change}" if file.mode_change else ',
        "",
        _PACKING,
    ),
)
