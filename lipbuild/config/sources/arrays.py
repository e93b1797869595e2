"""NumPy's files."""

from pathlib import Path

from pydantic import Field, model_validator

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.fields.misfit import redundant
from lipbuild.network.shapes import Shape
from lipbuild.reading.npy_header import read_npy_header
from lipbuild.reading.npz_header import array_header

_PIXELS = "Whether the inputs are pixels of one byte (`uint8`), which are then given in [0, 1]."


class Npz(SourceSpec):
    """A NumPy archive with the arrays `x` and `y`, or with `x_train`, `y_train`, `x_test` and `y_test`.

    The second is how Keras's own `mnist.npz` is laid out; `x_validation` and `y_validation` may stand beside it.
    """

    source_name = "npz"
    split_names = "array"

    path: str = Field(min_length=1, description="The file, from the folder of the config.")
    features: str = Field("x", min_length=1, description="The array of the inputs, samples first.")
    labels: str = Field("y", min_length=1, description="The array of the labels: numbers or one-hot rows.")
    weights: str | None = Field(
        None, min_length=1, description="The array of the samples' weights. Default: each counts 1."
    )
    pixels: bool = Field(False, description=_PIXELS)

    def in_unit_range(self) -> bool:
        """Whether they are pixels."""
        return self.pixels

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


class Npy(SourceSpec):
    """Two NumPy arrays, each in a file of its own: inputs and labels. With `stream` the inputs are mapped."""

    source_name = "npy"
    streams = True

    features: str = Field(min_length=1, description="The file of the inputs, samples first.")
    labels: str = Field(min_length=1, description="The file of the labels: numbers, text or one-hot rows.")
    weights: str | None = Field(
        None,
        min_length=1,
        description="The file of the training samples' weights. Default: each counts 1.",
    )
    test_features: str | None = Field(
        None, min_length=1, description="The inputs of the test. Default: a share is drawn."
    )
    test_labels: str | None = Field(None, min_length=1, description="The labels of the test.")
    validation_features: str | None = Field(
        None, min_length=1, description="The inputs that each epoch is measured on."
    )
    validation_labels: str | None = Field(None, min_length=1, description="Their labels.")
    pixels: bool = Field(False, description=_PIXELS)

    @model_validator(mode="after")
    def _pairs(self) -> "Npy":
        for part in ("test", "validation"):
            features, labels = f"{part}_features", f"{part}_labels"
            if (getattr(self, features) is None) != (getattr(self, labels) is None):
                given, missing = (features, labels) if getattr(self, labels) is None else (labels, features)
                message = f"`{features}` and `{labels}` belong together"
                raise redundant(message, given, help=f"add `{missing}: …`, or leave `{given}` out")
        return self

    def files(self) -> dict[str, str]:
        """The arrays."""
        return self._named(*(field for field in type(self).model_fields if field != "pixels"))

    def in_unit_range(self) -> bool:
        """Whether they are pixels."""
        return self.pixels

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape in the array's header; None where the file is not there."""
        header = read_npy_header(folder / self.features)
        return header.shape[1:] if header is not None and len(header.shape) > 1 else None

    def has_validation(self) -> bool:
        """Whether its files are named."""
        return self.validation_features is not None
