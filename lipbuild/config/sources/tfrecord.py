from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Size

Encoding = Literal["image", "uint8", "float32", "int64"]
LabelEncoding = Literal["int64", "float32", "text"]


class TFRecord(SourceSpec):
    """TFRecord files of `tf.train.Example`s, with the keys and types that are declared here."""

    source_name: ClassVar[str] = "tfrecord"
    streams: ClassVar[bool] = True
    needs_tensorflow: ClassVar[bool] = True

    path: str = Field(min_length=1, description="The file, or a pattern such as `train-*.tfrecord`.")
    test: str | None = Field(
        None, min_length=1, description="The same for the test's records; a share is drawn where left out."
    )
    validation: str | None = Field(
        None, min_length=1, description="The same for the records that each epoch is measured on."
    )
    compression: Literal["GZIP", "ZLIB"] | None = Field(
        None,
        description="How the files are compressed. Compressed files are streamed through `data.cache` only.",
    )
    features: str = Field(min_length=1, description="The key of the inputs.")
    encoding: Encoding = Field(
        description="`image`: an encoded PNG, JPEG, BMP or GIF, whose pixels are given in [0, 1]; `uint8`: raw bytes, "
        "given as they are; `float32` or `int64`: lists of numbers."
    )
    shape: list[Size] = Field(min_length=1, max_length=5, description="The shape of one sample.")
    labels: str = Field(min_length=1, description="The key of the labels.")
    label_encoding: LabelEncoding = Field(
        "int64", description="The type of the labels; text is a class by name."
    )
    label_count: Annotated[int, Field(ge=1, le=100_000)] = Field(
        1, description="How many numbers a label has: one-hot rows, or several numbers to predict."
    )
    weights: str | None = Field(
        None,
        min_length=1,
        description="The key of the samples' weights (float32); each counts 1 where left out.",
    )

    def files(self) -> dict[str, str]:
        """The patterns."""
        return self._named("path", "test", "validation")

    def input_shape(self, folder: Path) -> Shape:
        """As it is declared."""
        return tuple(self.shape)

    def in_unit_range(self) -> bool:
        """Whether they are images."""
        return self.encoding == "image"

    def has_validation(self) -> bool:
        """Whether its records are named."""
        return self.validation is not None
