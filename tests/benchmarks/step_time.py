"""Time of a training step and of inference against the same network in plain Keras, and deel-lip where it is installed.

    python tests/benchmarks/step_time.py [--network mlp|wide|cnn] [--batch 256] [--rounds 25] [--steps 8]

What is measured of lipbuild's inference is the plain Keras form (`exported`) and the form that a SavedModel holds, with
sorting rotated into the kernels (`served`). The networks take turns within one process; each figure is the median over
rounds of a round's mean step. The ratio is the median of the ratios within rounds, which a busy machine disturbs less
than the times. A wide kernel is retracted once in up to eight updates, so that a round has at least one of them.
"""

from __future__ import annotations

import argparse
import importlib
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf


def mlp(units: list[int], dense: Any, activation: Callable[[], Any]) -> keras.Model:
    layers: list[Any] = [keras.Input((784,))]
    for n in units[:-1]:
        layers += [dense(n), activation()]
    return keras.Sequential([*layers, dense(units[-1])])


def cnn(dense: Any, conv: Any, pool: Any, activation: Callable[[], Any]) -> keras.Model:
    layers: list[Any] = [keras.Input((32, 32, 3))]
    for filters in (32, 64):
        layers += [conv(filters, 3, padding="same"), activation()]
        layers += [conv(filters, 3, padding="same"), activation(), pool()]
    layers += [keras.layers.Flatten(), dense(256), activation(), dense(10)]
    return keras.Sequential(layers)


def build(network: str, package: Any) -> keras.Model:
    if package is None:
        parts = (
            keras.layers.Dense,
            keras.layers.Conv2D,
            lambda: keras.layers.AveragePooling2D(2),
            keras.layers.ReLU,
        )
    else:
        layers = package.layers
        parts = (
            layers.SpectralDense,
            layers.SpectralConv2D,
            layers.ScaledAveragePooling2D,
            layers.GroupSort2,
        )
    dense, conv, pool, activation = parts
    if network == "cnn":
        return cnn(dense, conv, pool, activation)
    return mlp([64, 32, 10] if network == "mlp" else [1024, 1024, 10], dense, activation)


def served(network: str) -> keras.Model:
    """The network as a SavedModel has it."""
    lipbuild = importlib.import_module("lipbuild")
    layers: list[Any] = []
    if network == "cnn":
        for filters in (32, 64):
            convolution = {"SpectralConv2D": {"filters": filters, "kernel_size": 3}}
            layers += [convolution, "GroupSort2", convolution, "GroupSort2", "ScaledAveragePooling2D"]
        layers.append("Flatten")
    for units in {"mlp": (64, 32), "wide": (1024, 1024), "cnn": (256,)}[network]:
        layers += [{"SpectralDense": {"units": units}}, "GroupSort2"]
    shape = [32, 32, 3] if network == "cnn" else [784]
    config = {"model": {"input": shape, "layers": [*layers, {"SpectralDense": {"units": 10}}]}}
    checked = lipbuild.load(config)
    model = lipbuild.build(checked)
    plain = importlib.import_module("lipbuild.building.plain").plain_model(model, checked.graph)
    optimized: Any = importlib.import_module("lipbuild.building.optimized")
    result: keras.Model = optimized.optimized_model(model, checked.graph, plain).model
    return result


def packages() -> dict[str, Any]:
    found: dict[str, Any] = {"plain": None}
    for name in ("lipbuild", "deel.lip"):
        try:
            importlib.import_module(f"{name}.layers")
            found[name] = importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed")
    return found


def applied(model: keras.Model, x: tf.Tensor) -> Callable[[], Any]:
    predict = tf.function(lambda t: model(t, training=False), autograph=False)
    return lambda: predict(x)


def measure(functions: dict[str, Callable[[], Any]], rounds: int, steps: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function()
        function()
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(steps):
                result = function()
            np.asarray(result)
            times[name].append((time.perf_counter() - start) / steps)
    plain = np.array(times["plain"])
    for name, values in times.items():
        ratio = np.median(np.array(values) / plain)
        print(f"  {name:10} {np.median(values) * 1e3:9.3f} ms  {ratio:5.2f} x plain")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", choices=["mlp", "wide", "cnn"], action="append")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    for network in options.network or ["mlp", "wide", "cnn"]:
        shape = (32, 32, 3) if network == "cnn" else (784,)
        rng = np.random.default_rng(0)
        x = tf.constant(rng.random((options.batch, *shape)), tf.float32)
        y = tf.constant(rng.integers(10, size=options.batch))
        steps: dict[str, Callable[[], Any]] = {}
        inference: dict[str, Callable[[], Any]] = {}
        for name, package in packages().items():
            model = build(network, package)
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            train = tf.function(model.train_step, autograph=False)
            steps[name] = lambda train=train, x=x, y=y: train((x, y))["loss"]
            exported = (
                model if package is None else importlib.import_module(f"{name}.model").vanillaModel(model)
            )
            inference["exported" if name == "lipbuild" else name] = applied(exported, x)
            if name == "lipbuild":
                inference["served"] = applied(served(network), x)
        print(f"{network}, batch {options.batch}: training step")
        measure(steps, options.rounds, options.steps)
        print(f"{network}, batch {options.batch}: inference")
        measure(inference, options.rounds, options.steps)


if __name__ == "__main__":
    main()
