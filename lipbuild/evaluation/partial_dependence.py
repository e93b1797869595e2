from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.certifying.inference import forward
from lipbuild.certifying.network import Network
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.evaluation.column_slope import ColumnSlope
from lipbuild.training.files import write_whole

Array = NDArray[np.float64]

# Values of a column, samples that are averaged, and what the network is asked of all columns together, about.
_POINTS, _SAMPLES, _EVALUATIONS = 41, 200, 500_000


@dataclass(frozen=True)
class PartialDependence:
    """The mean output over samples as a function of one column, which is set to the same value in all of them.

    If the column goes from the reference to v, each sample's output changes by (v − reference) times a number between
    the least and the greatest slope. So does the mean of the outputs.

    Attributes:
        columns: (columns,), their names.
        units: (columns,), the unit of each; empty where none is given.
        outputs: (outputs,), their names, with units.
        values: (columns, points), to what each column is set, in ascending order.
        means: (columns, points, outputs), the mean of each output over the samples.
        references: (columns,), the place of the value where the band begins: the one nearest to the median.
        least: (columns, outputs), the least slope of each output in each column, proved.
        greatest: (columns, outputs), the greatest one.
    """

    columns: NDArray[np.str_]
    units: NDArray[np.str_]
    outputs: NDArray[np.str_]
    values: Array
    means: Array
    references: NDArray[np.int64]
    least: Array
    greatest: Array

    def band(self, column: int, output: int) -> tuple[Array, Array]:
        """Between which two numbers the mean of an output is proved to lie at each value, (points,) each."""
        values, start = self.values[column], self.references[column]
        steps = values - values[start]
        ends = self.least[column, output] * steps, self.greatest[column, output] * steps
        mean = self.means[column, start, output]
        return mean + np.minimum(*ends), mean + np.maximum(*ends)

    def write(self, path: Path) -> None:
        """Write it as a NumPy archive."""

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, **vars(self))

        write_whole(path, write)


def partial_dependence(
    network: Network,
    columns: Sequence[InputColumn],
    slopes: Sequence[ColumnSlope],
    samples: NDArray[np.floating],
    outputs: Sequence[str],
) -> PartialDependence | None:
    """The mean outputs over samples for values of each column of numbers between its least and its greatest.

    Args:
        network: The network.
        columns: What each of its inputs is.
        slopes: What is proved of the columns.
        samples: (samples, columns), of which the first of many are averaged.
        outputs: The names of the outputs.

    Returns:
        None where no column has two values.
    """
    proved = {one.name: one for one in slopes if not one.is_text}
    places = [
        place
        for place, column in enumerate(columns)
        if column.name in proved
        and column.category is None
        and column.indicates is None
        and np.ptp(samples[:, place]) > 0.0
    ]
    if not places:
        return None
    x = np.asarray(samples[: max(1, min(_SAMPLES, _EVALUATIONS // (_POINTS * len(places))))], np.float64)
    values = np.stack(
        [
            np.linspace(samples[:, place].min(), samples[:, place].max(), _POINTS, dtype=np.float64)
            for place in places
        ]
    )
    means = np.empty((len(places), _POINTS, len(outputs)))
    for number, place in enumerate(places):
        changed = np.repeat(x[None], _POINTS, axis=0)
        changed[:, :, place] = values[number][:, None]
        found = forward(network, changed.reshape(-1, x.shape[1]))
        means[number] = found.reshape(_POINTS, len(x), -1).mean(axis=1)
    medians = np.array([np.median(samples[:, place]) for place in places])
    own = [proved[columns[place].name] for place in places]
    return PartialDependence(
        np.array([one.name for one in own]),
        np.array([one.unit or "" for one in own]),
        np.array(outputs),
        values,
        means,
        np.abs(values - medians[:, None]).argmin(axis=1),
        np.array([one.least for one in own]),
        np.array([one.greatest for one in own]),
    )
