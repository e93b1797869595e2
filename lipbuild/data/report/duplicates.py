from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from lipbuild.data.report.data_report import Duplicates


def duplicates(
    names: Sequence[str],
    parts: Mapping[str, Sequence[bytes]],
    targets: Mapping[str, NDArray[np.generic]],
) -> tuple[Duplicates, ...]:
    """Equal samples within each part and between each two, where there are any.

    Args:
        names: The parts, in the order in which they are compared.
        parts: The digests of their samples.
        targets: Their labels.
    """
    found = []
    for first, second in combinations_with_replacement(names, 2):
        known: dict[bytes, object] = {}
        count = contradictory = 0
        if first != second:
            known = dict(zip(parts[first], targets[first].tolist()))
        for digest, target in zip(parts[second], targets[second].tolist()):
            if digest in known:
                count += 1
                contradictory += known[digest] != target
            elif first == second:
                known[digest] = target
        if count:
            found.append(Duplicates((first, second), count, contradictory))
    return tuple(found)
