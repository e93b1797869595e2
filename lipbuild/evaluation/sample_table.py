from __future__ import annotations

import csv
import io

import numpy as np

from lipbuild.evaluation.judged import Judged
from lipbuild.evaluation.sample_attack import SampleAttack

_HEADER = (
    *("sample", "label", "predicted", "margin", "radius", "radius_float32", "nearest_class"),
    *("attack_distance", "attack_class"),
)


def sample_table(judged: Judged, attack: SampleAttack | None) -> str:
    """One line a test sample as CSV; a cell is empty where there is nothing to say.

    `nearest_class` is the one with the smallest targeted radius. An attack's distance is infinite where none
    was found.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    attacks: dict[int, tuple[float, int]] = {}
    if attack is not None:
        rows = zip(attack.samples, attack.found.distances, attack.found.labels, judged.right[attack.samples])
        attacks = {int(i): (float(d), int(label)) for i, d, label, right in rows if right}
    predicted, margins = judged.logits.labels, judged.logits.margins
    nearest = np.argmin(judged.targeted, axis=1) if judged.targeted is not None else None
    for i in range(len(judged.targets)):
        distance, label = attacks.get(i, ("", ""))
        writer.writerow(
            [
                *(i, int(judged.targets[i]), int(predicted[i]), repr(float(margins[i]))),
                *("" if r is None else repr(float(r[i])) for r in (judged.radii, judged.radii32)),
                "" if nearest is None else int(nearest[i]),
                *(distance, "" if label == -1 else label),
            ]
        )
    return out.getvalue()
