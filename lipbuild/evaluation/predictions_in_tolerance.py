from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.bounds.rounding import down, up
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.evaluation.predictions import Predictions


def with_tolerance(
    predictions: Predictions,
    certified: CertifiedNetwork,
    tolerances: Sequence[Tolerance],
    values: NDArray[np.generic],
) -> Predictions:
    """Predictions that also say what may become of them while columns stay within their tolerances.

    Args:
        predictions: The predictions.
        certified: The network with its constants.
        tolerances: By how much columns may be off.
        values: (samples, columns), the inputs.
    """
    bounds, logits = certified.within(tolerances), certified.logits(np.asarray(values, np.float64))
    rows = [dict(row) for row in predictions.rows]
    if predictions.task == "regression":
        reach = up(bounds.box + logits.error64[:, None])
        low, high = down(logits.values - reach), up(logits.values + reach)
        for j in range(logits.values.shape[1]):
            suffix = f"_{j}" if logits.values.shape[1] > 1 else ""
            for i, row in enumerate(rows):
                row[f"low_in_tolerance{suffix}"] = float(low[i, j])
                row[f"high_in_tolerance{suffix}"] = float(high[i, j])
    else:
        kept = bounds.keeps_class(logits)
        for i, row in enumerate(rows):
            # A guard that abstains says no class that could be kept.
            row["within_tolerance"] = bool(kept[i]) and not row["abstained"]
    return replace(predictions, rows=tuple(rows), tolerance={one.column: one.size for one in tolerances})
