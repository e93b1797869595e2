"""Each layer with a kernel at 512 channels: trained for some steps, then evaluated, certified, exported and verified.

    python -m tests.benchmarks.nightly_sizes [LAYER …]

All by the command line, on random data. A line for each layer: its constant and the wall seconds of each command. The
exit status is 1 if a command failed or a constant is above what is promised.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WIDTH = 512
_IMAGES, _ROWS = "[8, 8, 64]", "[512]"
# The layers under test in YAML, and the shape of their input. What follows is pooled and read out.
LAYERS = {
    "OrthoConv2D": (_IMAGES, f"OrthoConv2D: {{filters: {WIDTH}, kernel_size: 3}}"),
    "OrthoConv2D-5x5-strided": (
        _IMAGES,
        f"OrthoConv2D: {{filters: {WIDTH}, kernel_size: 5, strides: 2}}",
    ),
    "OrthoConv2D-grouped": (_IMAGES, f"OrthoConv2D: {{filters: {WIDTH}, kernel_size: 3, groups: 4}}"),
    "OrthoConv2DTranspose": (
        _IMAGES,
        f"OrthoConv2DTranspose: {{filters: {WIDTH}, kernel_size: 2, strides: 2}}",
    ),
    "SpectralConv2D": (_IMAGES, f"SpectralConv2D: {{filters: {WIDTH}, kernel_size: 3}}"),
    "SpectralConv2D-operator": (
        _IMAGES,
        f"SpectralConv2D: {{filters: {WIDTH}, kernel_size: 3, norm: operator}}",
    ),
    "SpectralConv2DTranspose": (_IMAGES, f"SpectralConv2DTranspose: {{filters: {WIDTH}, kernel_size: 3}}"),
    "FrobeniusConv2D": (_IMAGES, f"FrobeniusConv2D: {{filters: {WIDTH}, kernel_size: 3}}"),
    "AOLConv2D": (_IMAGES, f"AOLConv2D: {{filters: {WIDTH}, kernel_size: 3}}"),
    "SLLConv2D": (_IMAGES, f"SLLConv2D: {{kernel_size: 3, hidden_filters: {WIDTH}}}"),
    "CPLConv2D": (_IMAGES, f"CPLConv2D: {{kernel_size: 3, hidden_filters: {WIDTH}}}"),
    "SpectralDense": (_ROWS, f"SpectralDense: {{units: {WIDTH}}}"),
    "OrthoDense": (_ROWS, f"OrthoDense: {{units: {WIDTH}}}"),
    "OrthoDense-2048": ("[2048]", f"OrthoDense: {{units: {WIDTH}}}"),
    "OrthoDense-8192": ("[8192]", "OrthoDense: {units: 2048}"),
    "AOLDense": (_ROWS, f"AOLDense: {{units: {WIDTH}}}"),
    "FrobeniusDense": (_ROWS, f"FrobeniusDense: {{units: {WIDTH}, disjoint_neurons: false}}"),
    "SLLDense": (_ROWS, f"SLLDense: {{hidden_units: {WIDTH}}}"),
    "CPLDense": (_ROWS, f"CPLDense: {{hidden_units: {WIDTH}}}"),
}

_CONFIG = """
name: wide
seed: 0
model:
  lipschitz: 1.0
  input: {shape}
  layers:
    - {layer}
    - GroupSort2
{pooling}    - SpectralDense: {{units: 4}}
data: {{source: {{npz: {{path: data.npz}}}}}}
train: {{loss: {{TauCategoricalCrossentropy: {{tau: 3}}}}, epochs: 1, batch_size: 16}}
certify: {{radii: [0.1]}}
export: {{formats: [keras]}}
"""


def _run(folder: Path, *arguments: str) -> tuple[str, float]:
    """The output of a command and its wall seconds.

    Raises:
        RuntimeError: It failed.
    """
    start = time.perf_counter()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", "lipbuild", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout + done.stderr, time.perf_counter() - start


def _line(name: str, folder: Path) -> tuple[str, bool]:
    shape, layer = LAYERS[name]
    images = shape == _IMAGES
    rng = np.random.default_rng(0)
    sizes = (64, *ast.literal_eval(shape))
    np.savez(folder / "data.npz", x=rng.random(sizes, dtype=np.float32), y=rng.integers(0, 4, 64))
    pooling = "    - ScaledGlobalAveragePooling2D\n" if images else ""
    (folder / "wide.yaml").write_text(_CONFIG.format(shape=shape, layer=layer, pooling=pooling))
    seconds = {}
    _, seconds["train"] = _run(folder, "train", "wide.yaml", "--run", "run")
    output, seconds["evaluate"] = _run(folder, "evaluate", "run")
    found = re.search(r"Lipschitz constant \(L2\) at most ([0-9.e+-]+[0-9])", output)
    constant = float(found[1]) if found else float("nan")
    _, seconds["export"] = _run(folder, "export", "run")
    _, seconds["certify"] = _run(folder, "certify", "run")
    _, seconds["verify"] = _run(folder, "verify", "run", "run/certificate.json")
    times = "  ".join(f"{verb} {taken:.0f}" for verb, taken in seconds.items())
    return f"{name:<26}{constant:.9f}  {times}", constant <= 1.0


def main() -> int:
    """Print a line a layer."""
    failed = False
    for name in sys.argv[1:] or LAYERS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                line, holds = _line(name, Path(folder))
            except RuntimeError as error:
                line, holds = f"{name:<26}{error}", False
        failed |= not holds
        print(line if holds else f"{line}  FAILED", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
