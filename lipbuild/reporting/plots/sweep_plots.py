from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from lipbuild.errors import UnusableError
from lipbuild.text.scalars import resolve
from lipbuild.training.files import write_whole

_DOTS = 150
# So many panels fit one plot.
_MOST = 12
_COLUMNS = 3


def sweep_plots(
    path: Path,
    numbers: Sequence[int],
    values: Sequence[Sequence[float]],
    options: Sequence[Mapping[str, str]],
    objectives: Sequence[str],
    maximized: Sequence[bool],
    best: Sequence[int],
) -> None:
    """Draw a sweep: the objectives over the trials or against each other, and each over each key.

    Args:
        path: The file.
        numbers: The numbers of the trials that are complete.
        values: Their objectives.
        options: Their values as YAML, by path.
        objectives: What the objectives are called.
        maximized: Whether more of each is better.
        best: The trials that no other one is better than.

    Raises:
        UnusableError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UnusableError("matplotlib is not installed", "pip install 'lipbuild[plots]'") from None
    keys = list(dict.fromkeys(key for tried in options for key in tried))
    columns = list(zip(*values))
    marked = [number in best for number in numbers]
    panels: list[Callable[[Any], None]] = []
    if len(objectives) == 1:
        panels.append(
            partial(_history, numbers=numbers, values=columns[0], name=objectives[0], more=maximized[0])
        )
    for x, y in combinations(range(len(objectives)), 2):
        names = (objectives[x], objectives[y])
        panels.append(partial(_front, x=columns[x], y=columns[y], marked=marked, names=names))
    for name, column in zip(objectives, columns):
        for key in keys:
            texts = [tried.get(key, "") for tried in options]
            panels.append(partial(_slice, texts=texts, values=column, marked=marked, names=(key, name)))
    panels = panels[:_MOST]
    across = min(_COLUMNS, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.4 * across, 3.4 * down), layout="constrained")
    grid = list(figure.subplots(down, across, squeeze=False).flat)
    for axes, draw in zip(grid, panels):
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    write_whole(path, partial(figure.savefig, dpi=_DOTS))


def _history(axes: Any, numbers: Sequence[int], values: Sequence[float], name: str, *, more: bool) -> None:
    """Each trial, and the best so far."""
    reached: list[float] = []
    for value in values:
        reached.append(value if not reached else (max if more else min)(reached[-1], value))
    axes.plot(numbers, values, "o", markersize=4, label="trial")
    axes.step(numbers, reached, where="post", label="best so far")
    axes.set_xlabel("trial")
    axes.set_ylabel(name)
    axes.legend(frameon=False)


def _front(
    axes: Any, x: Sequence[float], y: Sequence[float], marked: Sequence[bool], names: tuple[str, str]
) -> None:
    """One objective against another, the front joined up."""
    axes.plot(*_chosen(x, y, marked, False), "o", color="0.6", markersize=4, label="trial")
    front = sorted(zip(*_chosen(x, y, marked, True)))
    axes.plot([a for a, _ in front], [b for _, b in front], "o-", markersize=5, label="Pareto front")
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.legend(frameon=False)


def _slice(
    axes: Any, texts: Sequence[str], values: Sequence[float], marked: Sequence[bool], names: tuple[str, str]
) -> None:
    """An objective over a key: numbers on an axis, anything else side by side."""
    tried: list[Any] = [resolve(text) for text in texts]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in tried):
        tried = [text if len(text) <= 24 else f"{text[:23]}…" for text in texts]
    elif min(tried) > 0 and max(tried) / min(tried) >= 50:
        axes.set_xscale("log")
    for which, color in ((False, "0.6"), (True, "C1")):
        axes.plot(*_chosen(tried, values, marked, which), "o", color=color, markersize=4)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])


def _chosen(
    x: Sequence[Any], y: Sequence[float], marked: Sequence[bool], which: bool
) -> tuple[list[Any], list[float]]:
    kept = [(a, b) for a, b, mark in zip(x, y, marked) if mark is which]
    return [a for a, _ in kept], [b for _, b in kept]
