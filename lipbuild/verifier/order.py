"""The order of a functional model's layers, by which Keras finds their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# One call of a layer: its name, and which of its calls.
Called = tuple[str, int]


def keras_order(reads: Mapping[Called, Sequence[Called]], outputs: Sequence[Called]) -> list[str]:
    """The layers that the outputs depend on, as Keras puts them in order when it builds a model.

    Keras stores the n-th layer of a class by its n, counted in this order and not in that of the file: by decreasing
    depth, which is the number of calls to an output on the longest way, and by when a search from the outputs meets
    them.

    Args:
        reads: What each call reads, in order.
        outputs: The calls whose results are the model's, in order.

    Returns:
        The names.
    """
    met: dict[str, int] = {}
    seen: set[Called] = set()
    finished: list[Called] = []
    for output in outputs:
        if output in seen:
            continue
        seen.add(output)
        met.setdefault(output[0], len(met))
        path = [(output, iter(reads[output]))]
        while path:
            call, rest = path[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                finished.append(call)
                path.pop()
            else:
                seen.add(following)
                met.setdefault(following[0], len(met))
                path.append((following, iter(reads[following])))
    depths: dict[Called, int] = {}
    deepest: dict[str, int] = {}
    for call in reversed(finished):
        depth = max(depths.get(call, 0), deepest.get(call[0], 0))
        depths[call] = deepest[call[0]] = depth
        for other in reads[call]:
            depths[other] = max(depth + 1, depths.get(other, 0))
    return sorted(met, key=lambda name: (-deepest[name], met[name]))
