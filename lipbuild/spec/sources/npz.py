import ast
import zipfile
from pathlib import Path
from typing import ClassVar

from lipbuild.spec.field import Field
from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.source_spec import SourceSpec


class Npz(SourceSpec):
    """A NumPy archive with the arrays `x` and `y`, or with `x_train`, `y_train`, `x_test` and `y_test`.

    The second is how Keras's own `mnist.npz` is laid out.
    """

    source_name: ClassVar[str] = "npz"

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    features: str = Field("x", min_length=1, description="The array of the inputs, samples first.")
    labels: str = Field("y", min_length=1, description="The array of the labels: numbers or one-hot rows.")

    def files(self) -> dict[str, str]:
        """The archive."""
        return {"path": self.path}

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape in the array's header; None where the file or the array is not there."""
        for array in (self.features, f"{self.features}_train"):
            shape = _shape_in(folder / self.path, array)
            if shape is not None and len(shape) > 1:
                return shape[1:]
        return None


def _shape_in(path: Path, array: str) -> tuple[int, ...] | None:
    """The shape of an array in an archive, read from its header alone: NumPy is not loaded for it."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(f"{array}.npy") as file:
            prefix = file.read(8)
            if prefix[:6] != b"\x93NUMPY":
                return None
            length = int.from_bytes(file.read(2 if prefix[6] == 1 else 4), "little")
            header = ast.literal_eval(file.read(min(length, 10_000)).decode("latin1"))
    except (OSError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile):
        return None
    shape = header.get("shape") if isinstance(header, dict) else None
    return shape if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape) else None
