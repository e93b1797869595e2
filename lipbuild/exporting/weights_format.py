from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.diagnostics.dump_json import dump_json
from lipbuild.exporting.format import Format
from lipbuild.exporting.served import Served
from lipbuild.reading.arrays import open_archive
from lipbuild.runtimes import weights
from lipbuild.runtimes.runtime import Predict


class WeightsFormat(Format):
    """A NumPy archive: each weight under Keras's name for it, and as JSON the `architecture` and the `metadata`."""

    name = "weights"
    suffix = ".npz"
    runtime = "Keras, from the archive's architecture and weights"

    def write(self, served: Served, path: Path) -> None:
        """One array a weight."""
        arrays: dict[str, Any] = {weight.path: np.asarray(weight) for weight in served.model.weights}
        arrays[weights.ARCHITECTURE] = np.array(served.model.to_json())
        np.savez(path, **arrays)

    def stamp(self, path: Path, metadata: Mapping[str, Any]) -> None:
        """Write the archive again, with one more array."""
        with open_archive(path) as archive:
            arrays: dict[str, Any] = {
                name: archive.array(name) for name in archive.names if name != weights.METADATA
            }
        arrays[weights.METADATA] = np.array(dump_json(metadata, indent=None))
        np.savez(path, **arrays)

    def metadata(self, path: Path) -> dict[str, Any]:
        """The array `metadata`."""
        return weights.metadata(path)

    def load(self, path: Path) -> Predict:
        """Build the architecture, and set the weights by their names."""
        return weights.load(path)

    def weights(self, path: Path) -> Sequence[NDArray[np.floating[Any]]]:
        """The arrays that are weights."""
        with open_archive(path) as archive:
            found: list[Any] = [
                archive.array(name)
                for name in archive.names
                if name not in (weights.ARCHITECTURE, weights.METADATA)
            ]
            return found
