"""What each convolution and each pooling certifies on scikit-learn's digits, and what a training step of it costs.

    python tests/benchmarks/convolutions.py [--case CONVOLUTION-POOLING-TAU …] [--seeds 0 1 2 3 4] [--results FILE]
    python tests/benchmarks/convolutions.py --steps [--rounds 15]

The network is that of `configs/digits_cnn.yaml` with its data, epochs and learning rate; the two convolutions and the
pooling are replaced, and the temperature τ of the loss. Nothing is chosen by the test part, whose accuracy and mean
certified radius (0 where wrong) are printed for each seed, with the processor seconds of the training. With `--results`
each training is noted in a file of JSON lines, and those that are there already are not run again.

With `--steps` the training step of the network with each convolution is timed in turns, on the digits at their batch of
64 and with the convolutions of `step_time.py` (32 × 32 pixels, 32 to 64 channels) at 256; the ratio is to
SpectralConv2D as it is without arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import lipbuild

CONFIG = Path(__file__).parent.parent.parent / "configs" / "digits_cnn.yaml"
CONVOLUTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "kernel": ("SpectralConv2D", {}),
    "operator": ("SpectralConv2D", {"norm": "operator"}),
    "ortho": ("OrthoConv2D", {}),
}
POOLINGS = {"average": "ScaledAveragePooling2D", "invertible": "InvertibleDownSampling"}
TAUS = (10, 3)
CASES = [f"{c}-{p}-{tau}" for p in POOLINGS for tau in TAUS for c in CONVOLUTIONS]


def layer(name: str, filters: int) -> dict[str, dict[str, Any]]:
    """A 3 × 3 convolution of that name in `CONVOLUTIONS`."""
    kind, arguments = CONVOLUTIONS[name]
    return {kind: {"filters": filters, "kernel_size": 3, **arguments}}


def config(case: str, seed: int) -> Any:
    """The config of a case."""
    convolution, pooling, tau = case.split("-")
    replaced = {
        "model.layers[0]": layer(convolution, 16),
        "model.layers[2]": {POOLINGS[pooling]: {"pool_size": 2}},
        "model.layers[3]": layer(convolution, 32),
        "train.loss": {"TauCategoricalCrossentropy": {"tau": int(tau)}},
        "seed": seed,
    }
    return lipbuild.load(CONFIG, [f"{key}={json.dumps(value)}" for key, value in replaced.items()])


def measured(case: str, seed: int) -> dict[str, Any]:
    """The figures of one training."""
    checked = config(case, seed)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        run = lipbuild.train(checked, folder, quiet=True)
        seconds = time.process_time() - start
        evaluation = lipbuild.evaluate(run.folder.path, (0.25, 0.5), attack=False, plots=False)
    return {
        "case": case,
        "seed": seed,
        "accuracy": 100.0 * (evaluation.accuracy or 0.0),
        "radius": evaluation.average_radius,
        "certified": [100.0 * share for _, share in evaluation.certified],
        "seconds": seconds,
    }


def table(cases: list[str], seeds: list[int], results: Path | None) -> None:
    """Train what is not noted yet, and print one line a case."""
    lines = results.read_text().splitlines() if results is not None and results.exists() else []
    known = {(found["case"], found["seed"]): found for found in map(json.loads, lines)}
    print(
        f"{'case':<26}{'accuracy':>9}{'radius':>9}{'@.25':>7}{'@.5':>7}{'seconds':>9}  radius by seed {seeds}"
    )
    for case in cases:
        rows = []
        for seed in seeds:
            if (case, seed) not in known:
                known[case, seed] = measured(case, seed)
                if results is not None:
                    with results.open("a") as file:
                        file.write(json.dumps(known[case, seed]) + "\n")
            rows.append(known[case, seed])
        accuracy, radius, seconds = (
            statistics.mean(row[key] for row in rows) for key in ("accuracy", "radius", "seconds")
        )
        quarter, half = (statistics.mean(row["certified"][i] for row in rows) for i in range(2))
        each = " ".join(f"{row['radius']:.4f}" for row in rows)
        print(
            f"{case:<26}{accuracy:>9.2f}{radius:>9.4f}{quarter:>7.1f}{half:>7.1f}{seconds:>9.1f}  {each}",
            flush=True,
        )


def steps(rounds: int) -> None:
    """Print the ratios of the training steps."""
    from lipbuild.benchmarking.interleaved import interleaved

    large = {"input": [32, 32, 3]}
    digits = {"input": [8, 8, 1]}
    networks: dict[str, tuple[int, Callable[[str], dict[str, Any]]]] = {
        "digits, batch 64": (
            64,
            lambda c: {
                **digits,
                "layers": [layer(c, 16), "GroupSort2", POOL, layer(c, 32), "GroupSort2", *HEAD],
            },
        ),
        "32 × 32, batch 256": (
            256,
            lambda c: {
                **large,
                "layers": [
                    *(
                        part
                        for f in (32, 64)
                        for part in (layer(c, f), "GroupSort2", layer(c, f), "GroupSort2", POOL)
                    ),
                    *HEAD,
                ],
            },
        ),
    }
    for name, (batch, model) in networks.items():
        functions = {c: step({"model": model(c)}, batch) for c in CONVOLUTIONS}
        times = interleaved(functions, rounds)
        for convolution, found in times.items():
            ratio, low, high = found.ratio_to(times["kernel"])
            print(
                f"{name:<20}{convolution:<10}{1e3 * found.typical:>9.1f} ms {ratio:>6.2f} ×  "
                f"({low:.2f} to {high:.2f})  first step {found.first:.1f} s",
                flush=True,
            )


POOL = {"ScaledAveragePooling2D": {"pool_size": 2}}
HEAD = ["Flatten", {"SpectralDense": {"units": 64}}, "GroupSort2", {"SpectralDense": {"units": 10}}]


def step(config: dict[str, Any], batch: int) -> Callable[[], Any]:
    """A training step of a network on random data, as a function."""
    import keras
    import numpy as np
    import tensorflow as tf

    model = lipbuild.build(lipbuild.load(config))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.random((batch, *model.input_shape[1:])), tf.float32)
    y = tf.one_hot(rng.integers(0, 10, batch), 10)
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def once() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                keras.losses.categorical_crossentropy(y, model(x, training=True), from_logits=True)
            )
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return once


def main() -> None:
    """Print the table, or the steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", nargs="+", choices=CASES, default=CASES, metavar="CASE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--results", type=Path)
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    if options.steps:
        steps(options.rounds)
    else:
        table(options.case, options.seeds, options.results)


if __name__ == "__main__":
    main()
