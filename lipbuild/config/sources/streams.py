"""Data sets that are read as records."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.errors import UnusableError
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Size
from lipbuild.reading.json_file import read_json


class Tfds(SourceSpec):
    """A data set of TensorFlow Datasets by its name. Needs the extra `tfds`. Pixels of one byte are in [0, 1]."""

    source_name = "tfds"
    streams = True
    needs_tensorflow = True

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*(/[A-Za-z0-9_.-]+)?(:\d+\.\d+\.\d+)?$",
        description="The name, perhaps with a config and a version: `mnist`, `coil100:2.0.0`.",
    )
    folder: str | None = Field(
        None,
        min_length=1,
        description="A folder with prepared copies, relative to the config. Default: that of TensorFlow Datasets "
        "(`~/tensorflow_datasets`), into which it is downloaded.",
    )
    train: str = Field("train", min_length=1, description="The split to learn from.")
    test: str | None = Field(
        "test", min_length=1, description="The split for the test. If it is empty, a share is drawn."
    )
    validation: str | None = Field(
        None, min_length=1, description="The split that each epoch is measured on."
    )
    features: str | None = Field(
        None, min_length=1, description="The key of the inputs. Default: that of the supervised form."
    )
    labels: str | None = Field(
        None, min_length=1, description="The key of the labels. Default: that of the supervised form."
    )

    def files(self) -> dict[str, str]:
        """The folder of the copies."""
        return self._named("folder")

    def input_shape(self, folder: Path) -> Shape | None:
        """The shape that a prepared copy in `folder` states; None where there is none."""
        if self.folder is None:
            return None
        name, _, version = self.name.partition(":")
        places = sorted((folder / self.folder / name).glob(f"{version or '*'}/features.json"))
        try:
            stated: Any = read_json(places[-1])["featuresDict"]["features"]
            image = stated[self.features or "image"]
            dimensions = image[next(key for key in ("image", "tensor") if key in image)]["shape"][
                "dimensions"
            ]
            shape = tuple(int(size) for size in dimensions)
        except (UnusableError, OSError, IndexError, KeyError, TypeError, ValueError, StopIteration):
            return None
        return shape if shape and min(shape) > 0 else None

    def has_validation(self) -> bool:
        """Whether its split is named."""
        return self.validation is not None


Encoding = Literal["image", "uint8", "float32", "int64"]
LabelEncoding = Literal["int64", "float32", "text"]


class TFRecord(SourceSpec):
    """TFRecord files of `tf.train.Example`s, with the keys and types that are declared here."""

    source_name = "tfrecord"
    streams = True
    needs_tensorflow = True

    path: str = Field(min_length=1, description="The file, or a pattern such as `train-*.tfrecord`.")
    test: str | None = Field(
        None, min_length=1, description="The same for the test's records. Default: a share is drawn."
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
        description="The key of the samples' weights (float32). Default: each counts 1.",
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
