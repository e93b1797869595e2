"""Data sets of `keras.datasets`: copies in its cache folder, or downloads.

Copies are read here and not by Keras, so that nothing but arrays is ever made of the pickles in them.
"""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipbuild.config.sources.keras_datasets import Cifar10, Cifar100, FashionMnist, KerasDataset, Mnist
from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.raw import RawData
from lipbuild.data.sources.array_pickle import load_array_pickle
from lipbuild.data.sources.image_unit import IMAGE_UNIT
from lipbuild.data.sources.network import require_way_to
from lipbuild.errors import UnusableError
from lipbuild.reading.arrays import open_archive
from lipbuild.reading.file import read_bytes
from lipbuild.reading.unpack import unpack

# More bytes than the images of any of these data sets have.
_LARGEST = 2**28
Pixels = NDArray[np.uint8]
# Inputs and labels of the training and of the test.
_Arrays = tuple[NDArray[np.generic], ...]

_CLOTHES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_CIFAR10 = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)


def load_mnist(spec: Mnist, folder: Path, seed: int) -> RawData:
    """The digits, from `mnist.npz`."""

    def read(cache: Path) -> _Arrays:
        with open_archive(_there(cache / "mnist.npz")) as archive:
            x, y, x_test, y_test = (archive.array(f"{a}_{p}") for p in ("train", "test") for a in ("x", "y"))
            return x, y, x_test, y_test

    return _load(spec, folder, "mnist", ["mnist.npz"], read)


def load_fashion_mnist(spec: FashionMnist, folder: Path, seed: int) -> RawData:
    """The clothes, from four files in `fashion-mnist`."""
    names = [
        f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
    ]

    def read(cache: Path) -> _Arrays:
        contents = [_unpacked(cache / "fashion-mnist" / name) for name in names]
        x, x_test = (np.frombuffer(content, np.uint8, offset=16) for content in contents[::2])
        y, y_test = (np.frombuffer(content, np.uint8, offset=8) for content in contents[1::2])
        return x.reshape(len(y), 28, 28), y, x_test.reshape(len(y_test), 28, 28), y_test

    files = [f"fashion-mnist/{name}" for name in names]
    return _load(spec, folder, "fashion_mnist", files, read, _CLOTHES)


def load_cifar10(spec: Cifar10, folder: Path, seed: int) -> RawData:
    """The pictures, from six files in `cifar-10-batches-py`."""
    place = "cifar-10-batches-py"
    train = [f"data_batch_{number}" for number in range(1, 6)]

    def read(cache: Path) -> _Arrays:
        parts = [_cifar(_cifar_folder(cache, place) / name, "labels") for name in train]
        x_test, y_test = _cifar(_cifar_folder(cache, place) / "test_batch", "labels")
        x, y = (np.concatenate(column) for column in zip(*parts))
        return x, y, x_test, y_test

    return _load(
        spec, folder, "cifar10", [f"{place}/{name}" for name in (*train, "test_batch")], read, _CIFAR10
    )


def load_cifar100(spec: Cifar100, folder: Path, seed: int) -> RawData:
    """The pictures, from two files in `cifar-100-python`."""
    place, key = "cifar-100-python", f"{spec.label_mode}_labels"

    def read(cache: Path) -> _Arrays:
        inner = _cifar_folder(cache, place)
        return (*_cifar(inner / "train", key), *_cifar(inner / "test", key))

    return _load(spec, folder, "cifar100", [f"{place}/train", f"{place}/test"], read)


def _load(
    spec: KerasDataset,
    folder: Path,
    name: str,
    files: list[str],
    read: Callable[[Path], _Arrays],
    class_names: tuple[str, ...] | None = None,
) -> RawData:
    cache = folder / spec.folder if spec.folder is not None else None
    try:
        x, y, x_test, y_test = read(cache) if cache is not None else _cached_or_downloaded(name, read)
        arrays = [np.asarray(part, np.uint8) for part in (x, x_test)]
        inputs = np.concatenate([part.reshape(len(part), *spec.shape) for part in arrays])
        labels = np.concatenate([np.ravel(y), np.ravel(y_test)]).astype(np.int64)
        tests = len(x_test)
        if spec.classes is not None:
            order = np.full(256, -1)
            order[spec.classes] = range(len(spec.classes))
            kept = order[labels] >= 0
            tests = int(kept[-tests:].sum())
            inputs, labels = inputs[kept], order[labels[kept]]
    except FileNotFoundError as error:
        raise UnusableError(
            f"{name}: there is no {error.filename}", f"a copy has {', '.join(files)} in this folder"
        ) from None
    except (OSError, ValueError, LookupError, TypeError, EOFError, zlib.error) as error:
        raise UnusableError(
            f"{name}: the copy in {cache or _keras_cache()} cannot be read: {error}"
        ) from None
    return RawData(
        ArrayFeatures(inputs, 255.0),
        labels,
        test=tests,
        class_names=_names(class_names, spec.classes),
        unit=IMAGE_UNIT,
    )


def _names(names: tuple[str, ...] | None, classes: list[int] | None) -> tuple[str, ...] | None:
    """The names of the classes that are kept; a digit's is its number."""
    if classes is None:
        return names
    return tuple(names[number] if names is not None else str(number) for number in classes)


def _cached_or_downloaded(name: str, read: Callable[[Path], _Arrays]) -> _Arrays:
    """A copy in Keras's cache folder, which Keras downloads where it is not there."""
    try:
        return read(_keras_cache())
    except FileNotFoundError as missing:
        place = missing.filename
    try:
        require_way_to("www.cs.toronto.edu" if name.startswith("cifar") else "storage.googleapis.com")
        import keras

        # Its progress does not belong to the output that a command was asked for.
        with contextlib.redirect_stdout(sys.stderr):
            (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
        if x.ndim == 4 and keras.config.image_data_format() == "channels_first":
            x, x_test = (images.transpose(0, 2, 3, 1) for images in (x, x_test))
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UnusableError(
            f"{name}: {place} is not there, and it cannot be downloaded: {reason}",
            f"put a copy into {_keras_cache()}, or name its folder with `folder:`",
        ) from None
    return x, y, x_test, y_test


def _keras_cache() -> Path:
    """Keras's folder for data sets."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def _there(path: Path) -> Path:
    """A file that is there: where it is not, Keras may download it.

    Raises:
        FileNotFoundError: It is not.
    """
    path.stat()
    return path


def _unpacked(path: Path) -> bytes:
    """The content of a file of one array, compressed by gzip: less than is unpacked of any other file.

    Raises:
        ValueError: It is damaged, or longer.
    """
    try:
        return unpack(read_bytes(_there(path)), _LARGEST, gzip=True)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def _cifar_folder(cache: Path, name: str) -> Path:
    """The folder of a CIFAR archive: inside another one where Keras unpacked it."""
    inner = cache / f"{name}-target" / name
    return inner if inner.is_dir() else cache / name


def _cifar(path: Path, key: str) -> tuple[Pixels, NDArray[np.generic]]:
    """One file of a CIFAR archive: rows of red, green and blue planes, and the labels."""
    content = load_array_pickle(_there(path))
    pixels = np.asarray(content["data"], np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return pixels, np.asarray(content[key])
