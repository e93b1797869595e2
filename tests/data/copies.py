"""Small copies of the data sets that are downloaded, as they lie in the cache folder of Keras."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (30, 28, 28), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (30, 32, 32, 3), dtype=np.uint8)
LABELS = (np.arange(30) % 10).astype(np.uint8)


def write_mnist(folder: Path) -> None:
    np.savez(
        folder / "mnist.npz", x_train=GREY[:20], y_train=LABELS[:20], x_test=GREY[20:], y_test=LABELS[20:]
    )


def write_fashion(folder: Path) -> None:
    (folder / "fashion-mnist").mkdir()
    for part, chosen in (("train", slice(20)), ("t10k", slice(20, 30))):
        for kind, head, values in (("images-idx3", 16, GREY), ("labels-idx1", 8, LABELS)):
            content = bytes(head) + values[chosen].tobytes()
            (folder / "fashion-mnist" / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))


def write_cifar(folder: Path, name: str, files: dict[str, slice], keys: tuple[str, ...]) -> None:
    inner = folder / f"{name}-target" / name
    inner.mkdir(parents=True)
    for file, chosen in files.items():
        rows = COLOUR[chosen].transpose(0, 3, 1, 2).reshape(-1, 3072)
        content = {b"data": rows, **{key.encode(): LABELS[chosen].tolist() for key in keys}}
        (inner / file).write_bytes(pickle.dumps(content, protocol=4))


def write_cifar10(folder: Path) -> None:
    files = {f"data_batch_{i}": slice(4 * i - 4, 4 * i) for i in range(1, 6)}
    write_cifar(folder, "cifar-10-batches-py", {**files, "test_batch": slice(20, 30)}, ("labels",))


def write_cifar100(folder: Path) -> None:
    write_cifar(
        folder,
        "cifar-100-python",
        {"train": slice(20), "test": slice(20, 30)},
        ("fine_labels", "coarse_labels"),
    )


COPIES = {
    "mnist": (write_mnist, GREY[..., None]),
    "fashion_mnist": (write_fashion, GREY[..., None]),
    "cifar10": (write_cifar10, COLOUR),
    "cifar100": (write_cifar100, COLOUR),
}
