"""What a data contract costs: seconds of a processor to read, to digest and to find all samples again, and its size.

python -m tests.benchmarks.time_contract
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from lipbuild.data.array_features import ArrayFeatures
from lipbuild.data.contract.contract import make_contract
from lipbuild.data.contract.hold import find
from lipbuild.data.contract.identities import identify
from lipbuild.data.contract.key import Key
from lipbuild.data.features import Features
from lipbuild.data.image_features import ImageFeatures
from lipbuild.data.parts import Parts

IMAGES = 20_000
ABOUT = {"inputs": {"rows": False, "columns": [], "unit": ""}, "labels": {"classes": []}}


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """A result and the seconds of a processor that it took."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def row(name: str, features: Features) -> None:
    """Print the costs of one data set."""
    count = len(features)
    found, digesting = timed(lambda: identify(features, [b"a"] * count, Key(b"0" * 32)))
    order = np.random.default_rng(0).permutation(count)
    contract = make_contract(ABOUT, found, Parts(order[: count // 2], None, order[count // 2 :]))
    _, finding = timed(lambda: find(contract, found.samples, str))
    print(
        f"{name:<36}{digesting:>12.2f}{finding:>10.2f}{len(contract.samples_file()) / 1e6:>8.2f}", flush=True
    )


def main() -> None:
    """The digits, images in memory and streamed, and a large table."""
    print(f"{'data':<36}{'read, digest':>12}{'find':>10}{'MB':>8}")
    row("digits", ArrayFeatures((load_digits().images / 16).astype(np.float32)[..., None]))
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (IMAGES, 64, 64, 3), dtype=np.uint8)
    row(f"{IMAGES:,} images of 64×64×3", ArrayFeatures(pixels, 255.0))
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{i:05}.png" for i in range(IMAGES)]
        for path, image in zip(files, pixels):
            Image.fromarray(image).save(path, compress_level=1)
        row("the same streamed from PNG files", ImageFeatures(files, (64, 64, 3), resize=False))
    row("a table of 1,000,000 × 50", ArrayFeatures(rng.random((1_000_000, 50), dtype=np.float32)))


if __name__ == "__main__":
    main()
