"""Puts a site of real parts through a storm: every part killed, a failover, a standby, wrong clocks, a wrong key, an upgrade, restores.

nginx, 2 web and 3 workers, PostgreSQL behind PgBouncer in transaction mode, Redis with TLS. The sandbox delivers once, as GitHub does;
Council asks for what did not arrive. `max_gap_s` is the longest time without a write on GitHub while a head waited for its review.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.sandbox.control.client import Control, PullState
from benchmarks import tenants
from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged, skipped
from benchmarks.checker import seen_from_afar, tally, zeros
from benchmarks.crowd import Crowd
from benchmarks.gaps import Span, longest_gap
from benchmarks.machine_claims import claims_per_s
from benchmarks.machine_rates import measure_rates
from benchmarks.machine_site import Site, site
from benchmarks.machine_storm import SMALL_STORM, STORM, Storm
from benchmarks.older_release import older_release
from benchmarks.options import Options, progress
from benchmarks.real_parts import find_missing

_SEAT = "gpt-5.5"
_MODEL_MS = 300
_SETTLE_SECONDS, _SETTLE_SMALL = 240.0, 60.0
_LONGEST_GAP, _LONGEST_GAP_SMALL = 120.0, 300.0


def run(options: Options) -> dict[str, object]:
    """The storm, then the rates on another site; with --rates the rates alone."""
    if missing := find_missing():
        return skipped(missing)
    measured, bars = ({}, []) if options.rates else _measure_storm(options)
    rates, more = measure_rates(options)
    return judged(options, measured | rates, [*bars, *more])


def _measure_storm(options: Options) -> tuple[dict[str, Any], list[Bar]]:
    blows = SMALL_STORM if options.small else STORM
    with older_release(wanted=not options.small) as old, site(f"openai/{_SEAT}", old.home, workers=2 if options.small else 3) as built:
        built.control.set_limits(primary_hour=1_000_000)
        built.control.program_model(_SEAT, findings=[], delay_ms=_MODEL_MS)
        crowd = Crowd(built.control)
        storm = Storm(built, crowd, options.seed, quick=options.small)
        if old.commit:
            storm.upgrade()
        for blow in blows:
            storm.strike(blow)
        progress(f"{built.kills} killed; settling")
        crowd.settle(_SETTLE_SMALL if options.small else _SETTLE_SECONDS)
        stuck = storm.wait_for_jobs()
        measured = _look(built, storm, crowd) | {"upgraded_from": old.commit or old.reason, "stuck": stuck}
        measured |= {"claims_per_s": claims_per_s(built.postgres.port, built.pgbouncer.port, options)}
    return measured, _bars(measured)


def _look(built: Site, storm: Storm, crowd: Crowd) -> dict[str, Any]:
    """GitHub's final state, its deliveries, and the jobs in the database."""
    control = built.control
    states = [control.pull(tenants.name(number), pull) for number, pull in crowd.pulls.items()]
    seen = [seen_from_afar(state) for state in states]
    deliveries = {delivery["guid"]: False for delivery in control.deliveries()}
    for each in control.deliveries():
        deliveries[each["guid"]] |= 200 <= each["status_code"] < 300
    built.note_dead()
    lost = [tenants.name(number) for number, each in zip(crowd.pulls, seen, strict=True) if not each.published]
    counted = {"deliveries": len(deliveries), "not_delivered": sum(not arrived for arrived in deliveries.values())}
    counted |= {"kills": built.kills, "restores": built.restores, "dead": len(built.dead)}
    gap = longest_gap(_waiting(states, storm.wanted_at.values()), _writes(control))
    return tally(seen) | counted | {"max_gap_s": round(gap, 1), "examples": lost[:5], "died_of": built.dead[:5]}


def _waiting(states: Iterable[PullState], wanted_at: Iterable[float]) -> list[Span]:
    """From each head's push to the end of its check run, by GitHub's clock."""
    spans = []
    for state, since in zip(states, wanted_at, strict=True):
        head = state.pull_request["head"]["sha"]
        ended = [_seconds(run["completed_at"]) for run in state.check_runs if run["head_sha"] == head and run["completed_at"]]
        spans.append(Span(since, max([since, *ended]) if ended else time.time()))
    return spans


def _writes(control: Control) -> list[float]:
    """The times of our writes to GitHub, by the wall clock."""
    offset = time.time() - time.monotonic()
    return [write["at"] + offset for write in control.writes() if write["applied"]]


def _seconds(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()


def _bars(measured: dict[str, Any]) -> list[Bar]:
    counts = (
        Count("deliveries", measured["deliveries"], 500, small=20),
        Count("kills", measured["kills"], 30, small=4),
        Count("restores", measured["restores"], 2, small=1),
    )
    return [
        *zeros(measured, counts, "stuck"),
        Bar("dead", measured["dead"], exactly(0), counts),
        Bar("max_gap_s", measured["max_gap_s"], at_most(_LONGEST_GAP, small=_LONGEST_GAP_SMALL), counts),
        Bar("claims_per_s", measured["claims_per_s"], at_least(20, small=2), counts),
    ]
