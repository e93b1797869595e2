from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.images import SUFFIXES, ImageFolder, class_folders
from lipbuild.data.decode_image import ImageError, size_and_colours
from lipbuild.data.image_features import ImageFeatures
from lipbuild.data.parts_by import read_parts_by
from lipbuild.data.raw import RawData
from lipbuild.data.sources.image_unit import IMAGE_UNIT
from lipbuild.errors import RefusedError, UnusableError
from lipbuild.reading.file import read_bytes


def load_image_folder(spec: ImageFolder, folder: Path, seed: int) -> RawData:
    """The images of one part after another, class by class.

    Raises:
        UnusableError: A folder is missing.
        RefusedError: It has no classes or images, or a part has a class that the training has not.
    """
    parts = {name: _images(folder / path, name) for name, path in spec.files().items()}
    classes = [name for name, _ in parts["path"]]
    files: list[Path] = []
    names: list[str] = []
    labels: list[int] = []
    counts: dict[str, int] = {}
    for name in ("path", "validation", "test"):
        before = len(files)
        for class_name, images in parts.get(name, []):
            if class_name not in classes:
                raise RefusedError(
                    f"{folder / spec.files()[name]}: the class `{class_name}` is not in {folder / spec.path}",
                    f"the classes are {', '.join(classes)}",
                )
            files += images
            start = folder / spec.files()[name]
            names += [
                ("" if name == "path" else f"{name}: ") + str(image.relative_to(start)) for image in images
            ]
            labels += [classes.index(class_name)] * len(images)
        counts[name] = len(files) - before
    size = spec.size or _size(files[0])
    unit = IMAGE_UNIT
    if spec.size is not None:
        unit += f", of images resized to {size[0]}×{size[1]}"
    return RawData(
        ImageFeatures(files, (*size, spec.channels), resize=spec.size is not None),
        np.array(labels),
        test=counts["test"] if spec.test is not None else None,
        validation=counts["validation"] if spec.validation is not None else None,
        class_names=tuple(classes),
        unit=unit,
        names=tuple(names),
        parts_by=_parts_by(spec, folder / spec.path, files[: counts["path"]]),
    )


def _parts_by(spec: ImageFolder, folder: Path, files: list[Path]) -> NDArray[np.generic] | None:
    """What parts are drawn by: what a pattern finds in the paths of the images that they are drawn from."""
    if spec.parts_by is None:
        return None
    pattern = re.compile(spec.parts_by.name)
    texts = []
    for file in files:
        # Below the folder of the class: a group may have images of several classes.
        name = Path(*file.relative_to(folder).parts[1:]).as_posix()
        match = pattern.search(name)
        if match is None:
            raise RefusedError(
                f"{file}: `{pattern.pattern}` is not found in `{name}`",
                f"correct `data.split.{spec.parts_by.key}`, or rename the image",
            )
        texts.append(match.group(1 if pattern.groups else 0) or "")
    return read_parts_by(spec.parts_by, texts, lambda row: str(files[row]))


def _size(path: Path) -> tuple[int, int]:
    content = read_bytes(path, "remove it")
    try:
        return size_and_colours(content)[:2]
    except ImageError as error:
        raise RefusedError(f"{path}: {error}", "remove it") from None


def _images(path: Path, name: str) -> list[tuple[str, list[Path]]]:
    if not path.is_dir():
        raise UnusableError(f"{path}: there is no such folder", f"`data.source.image_folder.{name}` names it")
    found = class_folders(path)
    if not found:
        raise RefusedError(
            f"{path}: it has no folders", "put the images of each class into a folder of its own"
        )
    for class_name, images in found:
        if not class_name.isprintable():
            raise RefusedError(
                f"{path / class_name}: its name is that of a class, and cannot be shown",
                "rename it: letters of any script, in UTF-8",
            )
        if not images:
            raise RefusedError(
                f"{path / class_name}: it has no images ({', '.join(SUFFIXES)})",
                "remove the folder, or fill it",
            )
    return found
