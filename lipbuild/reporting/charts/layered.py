from __future__ import annotations

from collections.abc import Mapping, Sequence

_SWEEPS = 6


def layered(reads: Mapping[str, Sequence[str]]) -> tuple[list[list[str]], dict[tuple[str, str], list[str]]]:
    """A graph in rows: each node below all that it reads, few lines crossing (Sugiyama's method).

    Args:
        reads: For each node, in an order in which they can be computed, the nodes that it reads.

    Returns:
        The rows from the top, where a line that passes a row has a place of its own; and for each line the places
        that it passes.
    """
    rank: dict[str, int] = {}
    for name, sources in reads.items():
        rank[name] = 1 + max((rank[source] for source in sources), default=-1)
    rows: list[list[str]] = [[] for _ in range(1 + max(rank.values(), default=-1))]
    for name, row in rank.items():
        rows[row].append(name)
    passes: dict[tuple[str, str], list[str]] = {}
    above: dict[str, list[str]] = {name: [] for name in reads}
    below: dict[str, list[str]] = {name: [] for name in reads}
    for name, sources in reads.items():
        for source in dict.fromkeys(sources):
            places = [f"{source}→{name}@{row}" for row in range(rank[source] + 1, rank[name])]
            passes[source, name] = places
            for row, place in enumerate(places, rank[source] + 1):
                rows[row].append(place)
                above[place], below[place] = [], []
            for upper, lower in zip([source, *places], [*places, name]):
                above[lower].append(upper)
                below[upper].append(lower)
    for sweep in range(_SWEEPS):
        turn = rows[1:] if sweep % 2 == 0 else rows[-2::-1]
        near = above if sweep % 2 == 0 else below
        where = {name: i - len(row) / 2 for row in rows for i, name in enumerate(row)}
        for line in turn:
            line.sort(key=lambda n: _mean([where[m] for m in near[n]], where[n]))
            where |= {node: i - len(line) / 2 for i, node in enumerate(line)}
    return rows, passes


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
