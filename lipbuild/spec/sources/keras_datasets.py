"""The data sets that Keras downloads, or that lie in its cache folder."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from lipbuild.spec.shapes import Shape
from lipbuild.spec.sources.source_spec import SourceSpec, Targets


class KerasDataset(SourceSpec):
    """Images of one byte a value, given in [0, 1], with a test set of their own."""

    targets: ClassVar[Targets] = "classes"
    needs_tensorflow: ClassVar[bool] = True
    shape: ClassVar[Shape] = (28, 28, 1)

    folder: str | None = Field(
        None,
        min_length=1,
        description="A folder that holds a copy, from the folder of the config; where left out Keras's own "
        "(`~/.keras/datasets`), into which it is downloaded.",
    )

    def files(self) -> dict[str, str]:
        """The folder of the copy."""
        return self._named("folder")

    def input_shape(self, folder: Path) -> Shape:
        """What it always is."""
        return self.shape

    def class_count(self) -> int:
        """What it always is."""
        return 10

    def in_unit_range(self) -> bool:
        """True: pixels are divided by 255."""
        return True


class Mnist(KerasDataset):
    """70,000 handwritten digits of 28×28 grey values in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name: ClassVar[str] = "mnist"


class FashionMnist(KerasDataset):
    """70,000 pictures of clothes of 28×28 grey values in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name: ClassVar[str] = "fashion_mnist"


class Cifar10(KerasDataset):
    """60,000 colour pictures of 32×32 in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name: ClassVar[str] = "cifar10"
    shape: ClassVar[Shape] = (32, 32, 3)


class Cifar100(KerasDataset):
    """60,000 colour pictures of 32×32 in [0, 1], 10,000 of them for the test; 100 classes in 20 groups."""

    source_name: ClassVar[str] = "cifar100"
    shape: ClassVar[Shape] = (32, 32, 3)

    label_mode: Literal["fine", "coarse"] = Field("fine", description="The 100 classes, or the 20 groups.")

    def class_count(self) -> int:
        """100 or 20."""
        return 100 if self.label_mode == "fine" else 20
