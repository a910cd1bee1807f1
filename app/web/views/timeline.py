"""The timeline of a run's model calls, one row per model."""

from collections.abc import Sequence
from html import escape

from app.store.reviews.run_page import ModelCall
from app.web.views.svg import frame, shorten

_LANE, _CLASSES = 34, {"opinion": "c0", "critique": "c1", "synthesis": "c2", "counsel": "c0"}


def timeline(calls: Sequence[ModelCall], now: float) -> str:
    """The start and duration of each call; a running call extends to now. "" without calls."""
    if not calls:
        return ""
    first = min(call.began_at for call in calls)
    last = max(_end(call, now) for call in calls)
    scale = 100 / max(0.1, last - first)
    models = list(dict.fromkeys(call.model for call in calls))
    inside = []
    for n, model in enumerate(models):
        top = n * _LANE
        inside.append(f'<text class="ink small" x="0" y="{top + 12}">{escape(shorten(model, 60))}</text>')
        for call in (each for each in calls if each.model == model):
            kind = "lost" if call.fault else _CLASSES.get(call.purpose, "c3")
            left, width = (call.began_at - first) * scale, max(0.4, (_end(call, now) - call.began_at) * scale)
            told = f"{call.purpose}: {_end(call, now) - call.began_at:.1f} s{f', {call.fault}' if call.fault else ''}"
            open_ = " going" if call.ended_at is None else ""
            inside.append(
                f'<rect class="{kind}{open_}" x="{left:.1f}%" y="{top + 17}" width="{width:.1f}%" height="10" rx="2">'
                f"<title>{escape(told)}</title></rect>"
            )
    bottom = len(models) * _LANE + 14
    inside.append(f'<text class="ink small" x="0" y="{bottom}">0 s</text>')
    inside.append(f'<text class="ink small end" x="100%" y="{bottom}">{last - first:.1f} s</text>')
    told = "; ".join(f"{call.model} {call.purpose} {_end(call, now) - call.began_at:.1f} s" for call in calls[:12])
    return frame("When each model was called", told, bottom + 6, "".join(inside))


def _end(call: ModelCall, now: float) -> float:
    return max(call.began_at, now if call.ended_at is None else call.ended_at)
