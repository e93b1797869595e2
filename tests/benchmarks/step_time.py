"""Processor time of a training step against the same network in plain Keras, beside the least that its products take.

    python -m tests.benchmarks.step_time [CASE …] [--batch 256] [--rounds 5] [--steps 8] [--first] [--inference]

A case is a network or a layer; `--list` names them. The plain twin has Dense and Conv2D of the same shapes and ReLU.
Both take turns within one process: a figure is the median over rounds of a round's mean step, the ratio the median of
the ratios within rounds, and `floor` the ratio of the multiply-adds: a forward product and two gradients of each layer,
and what the constraint or the parametrisation needs beside them. A large kernel is retracted once in up to eight
updates; the floor counts one in eight, the measurement what there was. With `--first` the first step is timed, with its
compilation; with `--inference` the plain form (`exported`) and that of a SavedModel, with sorting rotated into the
kernels (`served`). deel-lip's step of a network is shown where it can be imported.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from lipbuild import layers as own
from lipbuild.constraints.deferred_retraction import LONGEST, shows
from lipbuild.model import vanillaModel
from lipbuild.normalizers.tangent import WIDEST

Network = tuple[tuple[int, ...], list[Any]]

NETWORKS = ("mlp", "wide", "cnn")


def network(name: str, package: Any) -> Network:
    """The input's shape and the layers; of plain Keras where there is no package."""
    plain = package is None
    dense = keras.layers.Dense if plain else package.layers.SpectralDense
    activation = keras.layers.ReLU if plain else package.layers.GroupSort2
    units = {"mlp": (64, 32), "wide": (1024, 1024), "cnn": (256,)}[name]
    shape: tuple[int, ...] = (784,)
    found: list[Any] = []
    if name == "cnn":
        shape = (32, 32, 3)
        conv = keras.layers.Conv2D if plain else package.layers.SpectralConv2D
        for filters in (32, 64):
            found += [
                conv(filters, 3, padding="same"),
                activation(),
                conv(filters, 3, padding="same"),
                activation(),
            ]
            found.append(
                keras.layers.AveragePooling2D(2) if plain else package.layers.ScaledAveragePooling2D(2)
            )
        found.append(keras.layers.Flatten())
    for n in units:
        found += [dense(n), activation()]
    return shape, [*found, dense(10)]


def orthogonal_cnn(plain: bool) -> Network:
    """That of `configs/digits_ortho_cnn.yaml`."""
    conv = keras.layers.Conv2D if plain else own.OrthoConv2D
    dense = keras.layers.Dense if plain else own.SpectralDense
    activation = keras.layers.ReLU if plain else own.GroupSort2
    found: list[Any] = []
    for filters in (16, 32):
        # The same values in the same channels: the plain network too, so that the convolutions are of one size.
        found += [conv(filters, 3, padding="same"), activation(), own.InvertibleDownSampling(2)]
    return (8, 8, 1), [*found, keras.layers.Flatten(), dense(64), activation(), dense(10)]


def layer(
    shape: tuple[int, ...], plain: Callable[[], Any], ours: Callable[[], Any]
) -> Callable[[bool], Network]:
    """A layer behind a scale for each input, so that the gradient goes on through it."""
    return lambda is_plain: (shape, [_Scale(), (plain if is_plain else ours)()])


class _Scale(keras.layers.Layer):
    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        return x * self.scale


def dense(kind: str, n: int, m: int, **arguments: Any) -> Callable[[bool], Network]:
    """A dense layer from n to m, or a residual block with m hidden units."""
    block = kind in ("SLLDense", "CPLDense")
    name = "hidden_units" if block else "units"
    return layer((n,), lambda: keras.layers.Dense(m), lambda: getattr(own, kind)(**{name: m}, **arguments))


def convolution(channels: int) -> Callable[[bool], Network]:
    def plain() -> Any:
        return keras.layers.Conv2D(channels, 3, padding="same")

    return layer((16, 16, channels), plain, lambda: own.OrthoConv2D(channels, 3))


LAYERS: dict[str, Callable[[bool], Network]] = {
    **{f"OrthoConv2D-{n}": convolution(n) for n in (64, 128, 256, 512)},
    **{f"{kind}-512": dense(kind, 512, 512) for kind in ("AOLDense", "SLLDense", "CPLDense", "OrthoDense")},
    "SpectralDense-512": dense("SpectralDense", 512, 512),
    "OrthoDense-2048-512": dense("OrthoDense", 2048, 512),
    "OrthoDense-2048-512-rank-64": dense("OrthoDense", 2048, 512, rank=64),
    "OrthoDense-8192-2048": dense("OrthoDense", 8192, 2048),
}
BATCHES = {"orthogonal_cnn": 64, **{f"OrthoConv2D-{n}": 16384 // n for n in (64, 128, 256, 512)}}
CASES = (*NETWORKS, "orthogonal_cnn", *LAYERS)


# What is counted.


def multiply_adds(model: keras.Model, batch: int) -> float:
    """Those of the products of a training step, for a batch."""
    return sum(step + extra for step, extra in (_of_layer(one, batch) for one in model.layers))


def _of_layer(one: Any, batch: int) -> tuple[float, float]:
    """The products that the layer applies, with both gradients; and those that make or keep its kernel."""
    if isinstance(one, own.OrthoDense):
        size, rank = one.vectors.shape
        n, m = one.input_dim, one.units
        # Into the columns and back, twice; what of the reflection is not there yet; and the gradient of V.
        applied = batch * rank * (n + m + m + size + (size - m) + 2 * size)
        return applied, _kept(size, rank)
    if isinstance(one, (own.SLLDense, own.CPLDense)):
        n, hidden = one.weight.shape
        small = min(n, hidden)
        gram = 2.0 * n * hidden * (hidden if isinstance(one, own.SLLDense) else small)
        squarings = 0 if isinstance(one, own.SLLDense) else 2.0 * 4 * small**3
        return 6.0 * batch * n * hidden, gram + squarings
    if isinstance(one, own.AOLDense):
        n, m = one.weight.shape
        return 3.0 * batch * n * m, 2.0 * n * m * min(n, m)
    if isinstance(one, own.OrthoConv2D):
        return _convolved(one, batch), _composed(one)
    kernel = getattr(one, "kernel", None)
    if kernel is None:
        return 0.0, 0.0
    rows, columns = math.prod(kernel.shape[:-1]), kernel.shape[-1]
    applied = 3.0 * batch * rows * columns if len(kernel.shape) == 2 else _convolved(one, batch)
    if not hasattr(one, "k_coef_lip"):
        return applied, 0.0
    # A product over the batch is the shorter way to the gradient's projection where there are more rows.
    projected = 2.0 * rows * columns * min(rows, columns) if min(rows, columns) <= WIDEST else 0.0
    if len(kernel.shape) == 2 and rows >= max(columns, 256):
        projected = projected and rows * columns**2 + batch * columns**2
    return applied, projected + _kept(rows, columns, deferred=len(kernel.shape) == 2)


def _kept(rows: int, columns: int, *, deferred: bool = True) -> float:
    """The products of a retraction, for an update."""
    retraction = 2.0 * max(rows, columns) * min(rows, columns) ** 2
    return retraction / LONGEST if deferred and shows(rows, columns) else retraction


def _convolved(one: Any, batch: int) -> float:
    _, *size, filters = one.output.shape
    channels = one.input.shape[-1]
    return 3.0 * batch * math.prod(size) * math.prod(one.kernel_size) * channels * filters


def _composed(one: Any) -> float:
    """An orthogonal kernel of up to 3×3, put together: forward, and twice that for the gradients."""
    products = 0.0
    if one.bases is not None:
        count, _, half = one.bases.shape
        terms = 2**count
        # Each factor is applied to the terms of those before it, and the terms of a tap are added up.
        products += 2 * (terms - 1) * half * math.prod(one.patch.shape)
        products += math.prod(one.kernel_size) * terms * math.prod(one.patch.shape)
    # A retraction and the gradient's projection; that of the bases is no product of its own.
    retracted = sum(
        2.0 * math.prod(w.shape) * min(w.shape[1:]) for w in (one.bases, one.patch) if w is not None
    )
    return 3.0 * products + retracted + 2.0 * math.prod(one.patch.shape) * min(one.patch.shape[1:])


# What is measured.


def _step(found: Network, batch: int) -> tuple[keras.Model, Callable[[], float]]:
    shape, layers = found
    model = keras.Sequential([keras.Input(shape), *layers])
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(batch, *shape)), tf.float32)
    if model.output_shape[-1] == 10 and len(model.output_shape) == 2:
        y, loss = (
            tf.constant(rng.integers(10, size=batch)),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
    else:
        y, loss = tf.constant(rng.normal(size=(batch, *model.output_shape[1:])), tf.float32), "mse"
    model.compile("adam", loss)
    # Or the step would be traced twice.
    model.optimizer.build(model.trainable_variables)
    train = tf.function(model.train_step, autograph=False)
    return model, lambda: float(train((x, y))["loss"])


def _applied(model: keras.Model, batch: int) -> Callable[[], Any]:
    x = tf.constant(np.random.default_rng(0).random((batch, *model.input_shape[1:])), tf.float32)
    predict = tf.function(lambda t: model(t, training=False), autograph=False)
    return lambda: np.asarray(predict(x))


def _served(name: str) -> keras.Model:
    """The network as a SavedModel has it."""
    lipbuild = importlib.import_module("lipbuild")
    layers: list[Any] = []
    if name == "cnn":
        for filters in (32, 64):
            one = {"SpectralConv2D": {"filters": filters, "kernel_size": 3}}
            layers += [one, "GroupSort2", one, "GroupSort2", "ScaledAveragePooling2D"]
        layers.append("Flatten")
    for units in {"mlp": (64, 32), "wide": (1024, 1024), "cnn": (256,)}[name]:
        layers += [{"SpectralDense": {"units": units}}, "GroupSort2"]
    shape = [32, 32, 3] if name == "cnn" else [784]
    config = {"model": {"input": shape, "layers": [*layers, {"SpectralDense": {"units": 10}}]}}
    checked = lipbuild.load(config)
    model = lipbuild.build(checked)
    plain = importlib.import_module("lipbuild.building.plain").plain_model(model, checked.graph)
    optimized: Any = importlib.import_module("lipbuild.building.optimized")
    result: keras.Model = optimized.optimized_model(model, checked.graph, plain).model
    return result


def _deel_lip() -> Any:
    try:
        importlib.import_module("deel.lip.layers")
        return importlib.import_module("deel.lip")
    except ImportError:
        return None


def _measure(
    functions: dict[str, Callable[[], Any]], rounds: int, steps: int, floors: dict[str, float]
) -> None:
    times: dict[str, list[float]] = {name: [] for name in functions}
    start = time.process_time()
    functions["plain"]()
    # As many rounds of retractions as take a tenth of a second.
    steps *= math.ceil(0.1 / (steps * max(time.process_time() - start, 1e-4)))
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.process_time()
            for _ in range(steps):
                function()
            times[name].append((time.process_time() - start) / steps)
    plain = np.array(times["plain"])
    for name, values in times.items():
        ratio = float(np.median(np.array(values) / plain))
        floor = (
            f"  floor {floors[name]:5.2f}  ratio/floor {ratio / floors[name]:5.2f}" if name in floors else ""
        )
        print(f"  {name:10} {np.median(values) * 1e3:9.2f} ms  {ratio:6.2f} x plain{floor}", flush=True)


def _case(name: str, options: argparse.Namespace) -> None:
    batch = BATCHES.get(name, options.batch)
    if name in NETWORKS:
        packages = {"plain": None, "lipbuild": importlib.import_module("lipbuild"), "deel-lip": _deel_lip()}
        found = {n: network(name, p) for n, p in packages.items() if n != "deel-lip" or p is not None}
    else:
        make = orthogonal_cnn if name == "orthogonal_cnn" else LAYERS[name]
        found = {"plain": make(True), "lipbuild": make(False)}
    print(f"{name}, batch {batch}: training step", flush=True)
    steps, models, first = {}, {}, {}
    for package, one in found.items():
        start = time.process_time()
        models[package], steps[package] = _step(one, batch)
        steps[package]()
        first[package] = time.process_time() - start
        steps[package]()
    least = multiply_adds(models["lipbuild"], batch) / multiply_adds(models["plain"], batch)
    _measure(steps, options.rounds, options.steps, {"lipbuild": least})
    if options.first:
        print(f"  first step {first['lipbuild']:.1f} s, plain {first['plain']:.1f} s")
    if options.inference and name in NETWORKS:
        functions = {"plain": _applied(models["plain"], batch)}
        functions["exported"] = _applied(vanillaModel(models["lipbuild"]), batch)
        functions["served"] = _applied(_served(name), batch)
        for function in functions.values():
            function()
        print(f"{name}, batch {batch}: inference")
        _measure(functions, options.rounds, options.steps, {})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--inference", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list or any(name not in CASES for name in options.cases):
        parser.exit(0 if options.list else 2, "\n".join(CASES) + "\n")
    for name in options.cases or CASES:
        _case(name, options)


if __name__ == "__main__":
    main()
