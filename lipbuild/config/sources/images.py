from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from lipbuild.config.sources.image_header import image_size
from lipbuild.config.sources.source_spec import SourceSpec
from lipbuild.network.shapes import Shape
from lipbuild.network.specs.common import Size, one_or_both

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")

# So many classes and images of each are looked at before anything is read.
_FEW_CLASSES, _FEW_IMAGES = 20, 3

_SIZE_SCHEMA = {"type": "integer", "minimum": 1}
_ImageSize = Annotated[
    tuple[Size, Size],
    BeforeValidator(lambda value: value if value is None else one_or_both(value)),
    WithJsonSchema(
        {"anyOf": [_SIZE_SCHEMA, {"type": "array", "items": _SIZE_SCHEMA, "minItems": 2, "maxItems": 2}]}
    ),
]


def _no_truth_value(value: object) -> object:
    # In Python True is 1.
    if isinstance(value, bool):
        raise ValueError("`channels` is 1 or 3, and this is a truth value")
    return value


_Channels = Annotated[Literal[1, 3], BeforeValidator(_no_truth_value)]


class ImageFolder(SourceSpec):
    """A folder with one folder of images a class, whose names are the classes'. Pixels are in [0, 1].

    Images are PNG, JPEG, BMP, GIF, TIFF or WebP.
    """

    source_name = "image_folder"
    split_names = "pattern"
    targets = "classes"
    streams = True
    needs_tensorflow = True

    path: str = Field(min_length=1, description="The folder, from the folder of the config.")
    test: str | None = Field(
        None, min_length=1, description="The folder of the test's images. Default: a share is drawn."
    )
    validation: str | None = Field(
        None, min_length=1, description="The folder of the images that each epoch is measured on."
    )
    size: _ImageSize | None = Field(
        None,
        description="Height and width that images are resized to as they are read: radii then speak of the resized "
        "image. Where left out all have one size.",
    )
    channels: _Channels = Field(3, description="1 for grey values, 3 for colours.")

    def files(self) -> dict[str, str]:
        """The folders."""
        return self._named("path", "test", "validation")

    def input_shape(self, folder: Path) -> Shape | None:
        """The size that is asked for, or that of the first image."""
        if self.size is not None:
            return (*self.size, self.channels)
        first = next((image for _, images in class_folders(folder / self.path) for image in images), None)
        size = image_size(first) if first is not None else None
        return (*size, self.channels) if size is not None else None

    def in_unit_range(self) -> bool:
        """True."""
        return True

    def has_validation(self) -> bool:
        """Whether its folder is named."""
        return self.validation is not None


def class_folders(path: Path) -> list[tuple[str, list[Path]]]:
    """The classes of a folder and their images, in alphabetical order; empty if it is not a folder.

    The images of a class may lie in folders of its folder, as Tiny-ImageNet's do. Hidden files and folders, and files
    that are not images by their ending, are left out.
    """
    if not path.is_dir():
        return []
    folders = sorted(item for item in path.iterdir() if item.is_dir() and not item.name.startswith("."))
    return [(folder.name, images_in(folder)) for folder in folders]


def some_images(path: Path) -> Iterator[Path]:
    """A few images of the first classes of a folder, in no order, without a list of all of them."""
    if not path.is_dir():
        return
    folders = sorted(item for item in path.iterdir() if item.is_dir() and not item.name.startswith("."))
    for folder in folders[:_FEW_CLASSES]:
        found = (image for image in folder.rglob("*") if _is_image(image, folder))
        yield from islice(found, _FEW_IMAGES)


def images_in(folder: Path) -> list[Path]:
    """The images of a folder and of the folders in it, in alphabetical order. Hidden files and folders are left out."""
    return sorted(image for image in folder.rglob("*") if _is_image(image, folder))


def _is_image(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in SUFFIXES and not hidden
