"""`council eval` and `council simulate`: score the council's judgment on recorded reviews. No model is called."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.errors import UserError
from reviewers.council.learned_models import Learned, load, shipped_models
from reviewers.council.ranking import DEFAULT, RANKERS, Rules
from reviewers.evals.drawn_councils import TrainingPlan
from reviewers.evals.evaluation import Evaluation, evaluate
from reviewers.evals.judging import Judgement
from reviewers.evals.recorded import RecordedReview, read_rows
from reviewers.evals.simulation import Score, Setup
from reviewers.evals.simulation import simulate as run_simulation

Method = StrEnum("Method", {name: name for name in RANKERS})  # type: ignore[misc]
METHOD = Method(DEFAULT)
_BAR = 20

Data = Annotated[Path, typer.Option(help="recorded reviews: each line is one pull request scored by one judge")]
Seats = Annotated[int, typer.Option(min=2, max=20, help="members of a council")]
Draws = Annotated[int, typer.Option(min=1, max=200, help="councils drawn per pull request and judge")]
Weights = Annotated[Path | None, typer.Option(help="a file of learned weights; by default the weights that ship with Council")]
Ranker = Annotated[Method, typer.Option(help="the ranking method")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


def evals(
    data: Data,
    seats: Seats = 4,
    draws: Draws = 10,
    weights: Weights = None,
    ranker: Ranker = METHOD,
    as_json: AsJson = False,
) -> None:
    """Score merging and ranking on recorded reviews, in councils drawn from the recorded tools."""
    learned, rows = _learned(weights), _rows(data)
    figures = evaluate(rows, _judgement(learned, ranker), TrainingPlan(seats=(seats,), draws=draws))
    if as_json:
        _print_json({"fitted_on": learned.provenance.part, "judges": [figure.model_dump() for figure in figures]})
        return
    console = Console()
    console.print(_evaluations(figures))
    _say(console, _fitted(learned, rows))


def simulate(  # noqa: PLR0913, PLR0917 — one parameter per option
    data: Data,
    seats: Seats = 4,
    draws: Draws = 10,
    unsure: Annotated[float, typer.Option(min=0, max=1, help="share of votes that are unsure")] = 0.1,
    quoting: Annotated[float, typer.Option(min=0, max=1, help="share of correct votes whose evidence is valid")] = 1.0,
    fabricating: Annotated[float, typer.Option(min=0, max=1, help="share of wrong votes whose evidence appears valid")] = 1.0,
    unverified: Annotated[float, typer.Option(min=0, max=1, help="weight of a vote without evidence")] = Rules().unverified,
    seed: Annotated[int, typer.Option(help="the seed for draws and votes")] = 1,
    ranker: Ranker = METHOD,
    as_json: AsJson = False,
) -> None:
    """Show the value of the critique round for critics who are right at given rates, on recorded reviews."""
    learned, rows = shipped_models(), _rows(data)
    setup = Setup(seats, draws, seed, unsure, quoting, fabricating, ranker=ranker.value, unverified=unverified)
    scores = run_simulation(rows, _judgement(learned, ranker), setup)
    if as_json:
        votes = {"unsure": unsure, "quoting": quoting, "fabricating": fabricating, "unverified": unverified}
        _print_json({"seats": seats, "draws": draws, **votes, "seed": seed, "scores": [score.model_dump() for score in scores]})
        return
    console = Console()
    console.print(_simulated(scores))
    _say(console, _worth(scores))
    _say(console, f"Councils of {seats}, drawn {draws} times for each of {len(rows)} rows; {unsure:.0%} of votes are unsure.")
    _say(console, _fitted(learned, rows))


def _judgement(learned: Learned, ranker: Method) -> Judgement:
    # Without track records, because a new council has none.
    return Judgement(learned.pairs, learned.ranks, {}, ranker.value)


def _rows(path: Path) -> tuple[RecordedReview, ...]:
    try:
        with path.open(encoding="utf-8") as lines:
            return read_rows(lines)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"{path} does not contain recorded reviews: {error}") from error


def _learned(path: Path | None) -> Learned:
    if path is None:
        return shipped_models()
    try:
        return load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"{path} does not contain learned weights; `python -m benchmarks.fit` writes such a file") from error


def _print_json(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, style="dim", soft_wrap=True)


def _fitted(learned: Learned, rows: tuple[RecordedReview, ...]) -> str:
    part = learned.provenance.part
    known = sorted({row.repo for row in rows if row.repo in part})
    line = f"Weights were fitted on {learned.provenance.date} on {learned.provenance.pull_requests} pull requests: {part}."
    return f"{line} The figures for {', '.join(known)} are optimistic because the weights were fitted on them." if known else line


def _evaluations(figures: tuple[Evaluation, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("judge", "F1", "precision", "recall", "mean member", "posted"):
        table.add_column(name, justify="left" if name == "judge" else "right")
    table.add_column("best single")
    for figure in figures:
        numbers = (figure.f1, figure.precision, figure.recall, figure.mean_single_f1)
        better = "green" if figure.f1 > figure.mean_single_f1 else "red"
        table.add_row(
            figure.judge,
            Text(f"{numbers[0]:.3f}", style=better),
            *(f"{number:.3f}" for number in numbers[1:]),
            str(figure.posted),
            f"{figure.best_single} {figure.best_single_f1:.3f}",
        )
    return table


def _simulated(scores: tuple[Score, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("critics right", "F1", "gain", "precision", "recall", "posted"):
        table.add_column(name, justify="left" if name == "critics right" else "right")
    table.add_column("F1, 0 to 1")
    base = scores[0].f1
    for score in scores:
        gain = score.f1 - base
        style = "cyan" if score.accuracy is None else "green" if gain > 0 else "red"
        table.add_row(
            "no critique" if score.accuracy is None else f"{score.accuracy:.0%}",
            f"{score.f1:.3f}",
            "" if score.accuracy is None else f"{gain:+.3f}",
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.posted:.1f}",
            Text("█" * round(score.f1 * _BAR), style=style),
        )
    return table


def _worth(scores: tuple[Score, ...]) -> str:
    base = scores[0].f1
    paying = [score.accuracy for score in scores if score.accuracy is not None and score.f1 > base]
    if not paying:
        return "The critique round does not improve F1 at any of these rates."
    return f"The critique round improves F1 when critics are right at least {min(paying):.0%} of the time."
