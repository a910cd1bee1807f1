"""Charts as SVG text, styled by classes of the stylesheet, each with a title and a description for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_TOP, _BOTTOM = 18, 20


@dataclass(frozen=True)
class Bar:
    """A named amount with a note next to it."""

    name: str
    value: float
    note: str


@dataclass(frozen=True)
class Series:
    """A value per time step; all series of a chart have the same length."""

    name: str
    values: tuple[float, ...]


def frame(title: str, description: str, height: int, inside: str, role: str = "img") -> str:
    """A complete chart with a description. Its width is in per cent, so that text keeps its size on a phone."""
    return (
        f'<svg class="picture" width="100%" height="{height}" role="{role}" aria-label="{escape(f"{title}. {description}")}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{inside}</svg>"
    )


def bars(title: str, rows: Sequence[Bar], whole: float = 0.0) -> str:
    """Bars as shares of `whole`, or of the longest bar; "" without amounts."""
    if not rows:
        return ""
    most = whole or max(1e-9, *(row.value for row in rows))
    step, inside = 38, []
    for n, row in enumerate(rows):
        top, width = n * step, max(0.3, 100 * max(0.0, row.value) / most)
        rest = f'<rect class="rest" x="0" y="{top + 19}" width="100%" height="10" rx="2"/>' if whole else ""
        inside.append(
            f'<text class="ink" x="0" y="{top + 13}">{escape(shorten(row.name, 48))}</text>'
            f'<text class="ink end" x="100%" y="{top + 13}">{escape(row.note)}</text>'
            f'{rest}<rect class="c0" x="0" y="{top + 19}" width="{width:.1f}%" height="10" rx="2"/>'
        )
    return frame(title, "; ".join(f"{row.name}: {row.note}" for row in rows), len(rows) * step, "".join(inside))


def columns(title: str, steps: Sequence[str], series: Sequence[Series], links: Sequence[str] = ()) -> str:
    """Stacked bars per time step, with labels for the first, middle and last step; "" if all values are 0.

    `links` are the addresses of the steps.
    """
    totals = [sum(each.values[n] for each in series) for n in range(len(steps))]
    if not totals or max(totals) <= 0:
        return ""
    height, top = 180, nice_ceiling(max(totals))
    wide, tall = 100 / len(steps), height - _TOP - _BOTTOM
    inside = [_grid(height, top)]
    for n in range(len(steps)):
        base, stack = 0.0, []
        for k, each in enumerate(series):
            size = tall * each.values[n] / top
            if size > 0:
                left, above = n * wide + wide * 0.1, height - _BOTTOM - base - size
                stack.append(f'<rect class="c{k % 6}" x="{left:.2f}%" y="{above:.1f}" width="{wide * 0.8:.2f}%" height="{size:.1f}"/>')
            base += size
        if stack and links:
            told = ", ".join(f"{short_number(each.values[n])} {each.name}" for each in series)
            stack = [f'<a href="{escape(links[n])}" aria-label="{escape(f"{steps[n]}: {told}")}">', *stack, "</a>"]
        inside += stack
    for n in sorted({0, len(steps) // 2, len(steps) - 1}):
        place = "" if n == 0 else " end" if n == len(steps) - 1 else " middle"
        at = 0.0 if n == 0 else 100.0 if n == len(steps) - 1 else (n + 0.5) * wide
        inside.append(f'<text class="ink small{place}" x="{at:.1f}%" y="{height - 5}">{escape(steps[n])}</text>')
    told = ", ".join(f"{each.name} {short_number(sum(each.values))}" for each in series)
    peak = max(range(len(totals)), key=totals.__getitem__)
    return frame(
        title, f"{told}; most on {steps[peak]}: {short_number(totals[peak])}", height, "".join(inside), "group" if links else "img"
    )


def _grid(height: int, top: float) -> str:
    """Grid lines, each with its amount above its start."""
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = height - _BOTTOM - (height - _TOP - _BOTTOM) * share
        parts.append(f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>')
        if share:
            parts.append(f'<text class="ink small" x="0" y="{y - 4:.1f}">{short_number(top * share)}</text>')
    return "".join(parts)


def nice_ceiling(value: float) -> float:
    """The end of an axis: the next of 1, 2, 4, 5, 10, … times a power of ten."""
    size = 1.0
    while size * 10 <= value:
        size *= 10
    while size > value:
        size /= 10
    return next(size * step for step in (1, 2, 4, 5, 10, 20) if size * step >= value - 1e-12)


def short_number(value: float) -> str:
    """A number in its shortest readable form."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.1f}"


def shorten(text: str, most: int) -> str:
    """The text, cut to at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
