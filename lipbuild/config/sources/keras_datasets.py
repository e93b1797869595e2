"""The data sets that Keras downloads, or that lie in its cache folder."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.fields.misfit import misfit
from lipbuild.network.shapes import Shape


class KerasDataset(SourceSpec):
    """Images that Keras downloads, or that lie in its cache folder: given in [0, 1], with a test set of their own."""

    targets = "classes"
    needs_tensorflow = True
    shape: ClassVar[Shape] = (28, 28, 1)
    count: ClassVar[int] = 10

    folder: str | None = Field(
        None,
        min_length=1,
        description="A folder with a copy, relative to the config. Default: that of Keras (`~/.keras/datasets`), "
        "into which "
        "it is downloaded.",
    )

    classes: list[int] | None = Field(
        None,
        min_length=2,
        description="The numbers of the classes to keep, renumbered in this order. Default: all.",
    )

    @field_validator("classes")
    @classmethod
    def _are_classes(cls, classes: list[int] | None) -> list[int] | None:
        for index, number in enumerate(classes or ()):
            if classes is not None and number in classes[:index]:
                first = ("classes", classes.index(number))
                raise misfit(f"`classes` names {number} twice", ("classes", index), first)
            if not 0 <= number < cls.count:
                message = f"`classes` has {number}, and the classes are 0 to {cls.count - 1}"
                raise misfit(message, ("classes", index))
        return classes

    def files(self) -> dict[str, str]:
        """The folder of the copy."""
        return self._named("folder")

    def input_shape(self, folder: Path) -> Shape:
        """What it always is."""
        return self.shape

    def class_count(self) -> int:
        """All that there are, or those that are kept."""
        return len(self.classes) if self.classes is not None else self.count

    def in_unit_range(self) -> bool:
        """True: pixels are divided by 255."""
        return True


class Mnist(KerasDataset):
    """70,000 handwritten digits of 28×28 grey values in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name = "mnist"


class FashionMnist(KerasDataset):
    """70,000 pictures of clothes of 28×28 grey values in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name = "fashion_mnist"


class Cifar10(KerasDataset):
    """60,000 colour pictures of 32×32 in [0, 1], 10,000 of them for the test; 10 classes."""

    source_name = "cifar10"
    shape = (32, 32, 3)


class Cifar100(KerasDataset):
    """60,000 colour pictures of 32×32 in [0, 1], 10,000 of them for the test; 100 classes in 20 groups."""

    source_name = "cifar100"
    shape = (32, 32, 3)
    count = 100

    label_mode: Literal["fine", "coarse"] = Field("fine", description="The 100 classes, or the 20 groups.")

    @model_validator(mode="after")
    def _are_groups(self) -> "Cifar100":
        for index, number in enumerate(self.classes or ()):
            if self.label_mode == "coarse" and number >= 20:
                message = f"`classes` has {number}, and the groups are 0 to 19"
                raise misfit(message, ("classes", index), "label_mode")
        return self

    def class_count(self) -> int:
        """100 or 20, or those that are kept."""
        return 20 if self.classes is None and self.label_mode == "coarse" else super().class_count()
