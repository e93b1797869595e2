from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice

from lipbuild.reporting.charts.drawing import Drawing, side_by_side
from lipbuild.reporting.charts.scale import linear, logarithmic, named, whole
from lipbuild.reporting.charts.scatter import END, START, scatter
from lipbuild.reporting.charts.series import Point, Series
from lipbuild.text.scalars import resolve

# So many charts fit one drawing.
_MOST = 12
_COLUMNS = 3
_GREY = 7
# Positive numbers that differ so much are read off a logarithmic axis.
_RATIO = 50.0


def sweep_chart(
    numbers: Sequence[int],
    values: Sequence[Sequence[float]],
    options: Sequence[Mapping[str, str]],
    objectives: Sequence[str],
    maximized: Sequence[bool],
    best: Sequence[int],
) -> Drawing | None:
    """A sweep: the objectives over the trials or against each other, and each over each key.

    Args:
        numbers: The numbers of the trials that are complete.
        values: Their objectives.
        options: Their values as YAML, by path.
        objectives: What the objectives are called.
        maximized: Whether more of each is better.
        best: The trials that no other one is better than.

    Returns:
        The drawing; None where no trial has numbers for all objectives.
    """
    shown = [i for i, reached in enumerate(values) if all(map(math.isfinite, reached))]
    if not shown:
        return None
    trials = [numbers[i] for i in shown]
    columns = list(zip(*(values[i] for i in shown)))
    charts = _charts(
        trials,
        columns,
        [options[i] for i in shown],
        objectives,
        maximized,
        [number in best for number in trials],
    )
    return side_by_side(list(islice(charts, _MOST)), _COLUMNS, f"{len(trials)} trials of a sweep")


def _charts(
    trials: Sequence[int],
    columns: Sequence[Sequence[float]],
    options: Sequence[Mapping[str, str]],
    objectives: Sequence[str],
    maximized: Sequence[bool],
    marked: Sequence[bool],
) -> Iterator[Drawing]:
    if len(objectives) == 1:
        yield _history(trials, columns[0], objectives[0], more=maximized[0])
    for i, j in combinations(range(len(objectives)), 2):
        yield _front(list(zip(columns[i], columns[j])), marked, objectives[i], objectives[j])
    keys = list(dict.fromkeys(key for tried in options for key in tried))
    for name, column in zip(objectives, columns):
        for key in keys:
            yield _slice([tried.get(key, "") for tried in options], column, marked, key, name)


def _history(numbers: Sequence[int], values: Sequence[float], name: str, *, more: bool) -> Drawing:
    """Each trial, and the best so far."""
    reached: list[float] = []
    for value in values:
        reached.append(value if not reached else (max if more else min)(reached[-1], value))
    groups = [
        Series("best so far", tuple(zip(map(float, numbers), reached)), 0, steps=True),
        Series("trial", tuple(zip(map(float, numbers), values)), _GREY, marks=True, joined=False),
    ]
    return scatter(
        groups, f"{name} of each trial", whole(min(numbers), max(numbers), START, END), "trial", name
    )


def _front(points: Sequence[Point], marked: Sequence[bool], x_name: str, y_name: str) -> Drawing:
    """One objective against another, the front joined up."""
    groups = _parted(points, marked, "Pareto front", joined=True)
    x = linear([a for a, _ in points], START, END)
    return scatter(groups, f"{y_name} against {x_name}", x, x_name, y_name)


def _slice(
    texts: Sequence[str], values: Sequence[float], marked: Sequence[bool], key: str, name: str
) -> Drawing:
    """An objective over a key: numbers on an axis, anything else side by side."""
    tried = [resolve(text) for text in texts]
    numbers = [float(v) for v in tried if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) < len(tried) or not all(map(math.isfinite, numbers)):
        names = list(dict.fromkeys(texts))
        x, numbers = named(names, START, END), [float(names.index(text)) for text in texts]
    elif min(numbers) > 0 and max(numbers) >= _RATIO * min(numbers):
        x = logarithmic(numbers, START, END)
    else:
        x = linear(numbers, START, END)
    groups = _parted(list(zip(numbers, values)), marked, "best")
    return scatter(groups, f"{name} over {key}", x, key, name)


def _parted(
    points: Sequence[Point], marked: Sequence[bool], name: str, *, joined: bool = False
) -> list[Series]:
    """Those that are not among the best, and the best above them."""
    others = tuple(point for point, mark in zip(points, marked) if not mark)
    best = tuple(sorted(point for point, mark in zip(points, marked) if mark))
    groups = [
        Series("trial", others, _GREY, marks=True, joined=False),
        Series(name, best, 1, marks=True, joined=joined),
    ]
    return [group for group in groups if group.points]
