from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lipbuild.config.config import Config
from lipbuild.config.sources.arrays import Npy, Npz
from lipbuild.config.sources.images import SUFFIXES, images_in
from lipbuild.config.sources.tables import TableSpec
from lipbuild.data.array_features import divided
from lipbuild.data.inputs.arrays import read_array
from lipbuild.data.inputs.images import describe_images, read_images
from lipbuild.data.inputs.inputs import Inputs
from lipbuild.data.inputs.tables import SUFFIXES as TABLES
from lipbuild.data.inputs.tables import read_table
from lipbuild.errors import UnusableError
from lipbuild.network.shapes import Shape


def read_inputs(
    paths: Sequence[Path], shape: Shape, config: Config, *, array: str | None = None, largest: float = 1.0
) -> Inputs:
    """The inputs in the files that a user names: one array, one table, or images and folders of them.

    A folder may have folders of images, as the training's has one a class.

    Pixels of one byte in an array are divided by 255 where those of the training were (`pixels` of its source). A table
    has the columns that the training's table has, its target aside, in any order.

    Args:
        paths: The files.
        shape: The shape of one input of the network.
        config: The config that the network was trained by.
        array: The array of a NumPy archive.
        largest: What a pixel of 255 of an image becomes.

    Raises:
        UnusableError: A file is missing, of another kind, or cannot be read.
        RefusedError: What is in it does not fit the network.
    """
    for path in paths:
        if not path.exists():
            raise UnusableError(f"{path}: there is no such file")
    source = config.data.source if config.data is not None else None
    if len(paths) == 1 and paths[0].suffix.lower() in {".npz", ".npy"}:
        given = read_array(paths[0], array).shaped(shape)
        as_pixels = isinstance(source, (Npz, Npy)) and source.pixels and given.values.dtype == np.uint8
        return Inputs(given.names, divided(given.values, np.float32(255.0))) if as_pixels else given
    if len(paths) == 1 and paths[0].suffix.lower() in TABLES:
        table = source if isinstance(source, TableSpec) else None
        return read_table(paths[0], table, config.folder).shaped(shape)
    images = [image for path in paths for image in image_files(path)]
    # Images that were resized for the training are resized here; those of one size have it here too.
    described = describe_images(source, shape)
    return read_images(images, shape, largest, resize=described is not None and described["resized"])


def image_files(path: Path) -> list[Path]:
    """The image that a path is, or those in the folder that it is.

    Raises:
        UnusableError: There is none.
    """
    if path.is_dir():
        found = images_in(path)
        if not found:
            raise UnusableError(f"{path}: there is no image in this folder")
        return found
    if path.suffix.lower() not in SUFFIXES:
        raise UnusableError(
            f"{path}: it is no .npz, .npy, .csv, .tsv or .parquet by itself, and no image",
            f"images end in {', '.join(SUFFIXES)}",
        )
    return [path]
