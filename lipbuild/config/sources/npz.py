from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lipbuild.config.sources.npz_header import array_header
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape


class Npz(SourceSpec):
    """A NumPy archive with the arrays `x` and `y`, or with `x_train`, `y_train`, `x_test` and `y_test`.

    The second is how Keras's own `mnist.npz` is laid out; `x_validation` and `y_validation` may stand beside it.
    """

    source_name: ClassVar[str] = "npz"

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    features: str = Field("x", min_length=1, description="The array of the inputs, samples first.")
    labels: str = Field("y", min_length=1, description="The array of the labels: numbers or one-hot rows.")
    weights: str | None = Field(
        None, min_length=1, description="The array of the samples' weights; each counts 1 where left out."
    )

    def files(self) -> dict[str, str]:
        """The archive."""
        return {"path": self.path}

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape in the array's header; None where the file or the array is not there."""
        for array in (self.features, f"{self.features}_train"):
            header = array_header(folder / self.path, array)
            if header is not None and len(header.shape) > 1:
                return header.shape[1:]
        return None
