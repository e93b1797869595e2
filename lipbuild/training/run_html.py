"""A training as a notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence

from lipbuild.diagnostics.html_table import html_table

_WIDTH, _HEIGHT = 120, 24


def run_html(path: str, history: Sequence[dict[str, float]]) -> str:
    """The folder of a run, and for each metric its first, best and last value and its course.

    Args:
        path: The folder.
        history: The metrics of each epoch.
    """
    names = [name for name in (history[0] if history else {}) if name != "epoch"]
    rows = []
    for name in names:
        values = [float(row[name]) for row in history]
        best = min(values) if "loss" in name or "error" in name else max(values)
        rows.append((name, f"{values[0]:.4f}", f"{best:.4f}", f"{values[-1]:.4f}", _course(values)))
    caption = f"{path}: {len(history)} epochs"
    return html_table(("metric", "first", "best", "last", "course"), rows, caption, words=1, markup=1)


def _course(values: Sequence[float]) -> str:
    """A line through the values, from the least at the bottom to the greatest at the top."""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    steps = max(len(values) - 1, 1)
    points = " ".join(
        f"{_WIDTH * i / steps:.1f},{_HEIGHT - 2 - (_HEIGHT - 4) * (value - low) / spread:.1f}"
        for i, value in enumerate(values)
    )
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="course">{line}</svg>'
