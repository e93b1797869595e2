import json
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape


class Tfds(SourceSpec):
    """A data set of TensorFlow Datasets by its name. Needs the extra `tfds`. Pixels of one byte are in [0, 1]."""

    source_name: ClassVar[str] = "tfds"
    streams: ClassVar[bool] = True
    needs_tensorflow: ClassVar[bool] = True

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*(/[A-Za-z0-9_.-]+)?(:\d+\.\d+\.\d+)?$",
        description="The name, perhaps with a config and a version: `mnist`, `coil100:2.0.0`.",
    )
    folder: str | None = Field(
        None,
        min_length=1,
        description="A folder that holds prepared copies, from the folder of the config; where left out that of "
        "TensorFlow Datasets (`~/tensorflow_datasets`), into which it is downloaded.",
    )
    train: str = Field("train", min_length=1, description="The split to learn from.")
    test: str | None = Field(
        "test", min_length=1, description="The split for the test; a share is drawn where it is nothing."
    )
    validation: str | None = Field(
        None, min_length=1, description="The split that each epoch is measured on."
    )
    features: str | None = Field(
        None, min_length=1, description="The key of the inputs; that of the supervised form where left out."
    )
    labels: str | None = Field(
        None, min_length=1, description="The key of the labels; that of the supervised form where left out."
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
            stated: Any = json.loads(places[-1].read_text(encoding="utf-8"))["featuresDict"]["features"]
            image = stated[self.features or "image"]
            dimensions = image[next(key for key in ("image", "tensor") if key in image)]["shape"][
                "dimensions"
            ]
            shape = tuple(int(size) for size in dimensions)
        except (OSError, IndexError, KeyError, TypeError, ValueError, StopIteration):
            return None
        return shape if shape and min(shape) > 0 else None

    def has_validation(self) -> bool:
        """Whether its split is named."""
        return self.validation is not None
