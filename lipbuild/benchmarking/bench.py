"""Everything that is measured of a config's network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from lipbuild.benchmarking.interleaved import Times, interleaved
from lipbuild.benchmarking.layer_steps import layer_steps
from lipbuild.benchmarking.peak_memory import peak_memory
from lipbuild.benchmarking.plain_twin import plain_twin
from lipbuild.benchmarking.random_batch import random_batch
from lipbuild.benchmarking.steps import inference, training_step
from lipbuild.building.model import build_model
from lipbuild.building.optimized import optimized_model
from lipbuild.building.plain import plain_model
from lipbuild.config.config import Config
from lipbuild.config.dump import dump_config
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.network.shapes import ShapeError
from lipbuild.outputs.shown import Shown
from lipbuild.rules.check import Accepted


@dataclass(frozen=True)
class Benchmark(Shown):
    """What lipbuild's network costs beside the plain one; each mapping has the keys `lipbuild` and `plain`.

    Attributes:
        batch_size: The number of samples of a step.
        device: What it ran on.
        training: Training steps.
        inference: Inference of the network as a SavedModel has it, and of the plain one.
        memory: The largest memory of a process that trains, in bytes: in all, and beyond what its imports left. None
            where it was not measured.
        layers: By node, the training steps of the layer alone. None where they were not measured.
    """

    batch_size: int
    device: str
    training: Mapping[str, Times]
    inference: Mapping[str, Times]
    memory: Mapping[str, tuple[int, int]] | None = None
    layers: Mapping[str, Mapping[str, Times]] | None = None

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild bench --format json` prints it; times in seconds, memory in bytes."""
        return {
            "batch_size": self.batch_size,
            "device": self.device,
            "training": _pair(self.training),
            "inference": _pair(self.inference),
            "memory": None
            if self.memory is None
            else {who: {"peak": m[0], "beyond_imports": m[1]} for who, m in self.memory.items()},
            "layers": None
            if self.layers is None
            else [{"name": name, "training": _pair(times)} for name, times in self.layers.items()],
        }


def _pair(times: Mapping[str, Times]) -> dict[str, Any]:
    middle, low, high = times["lipbuild"].ratio_to(times["plain"])
    ratio = {"median": middle, "lower_quartile": low, "upper_quartile": high}
    return {
        **{who: {"median": one.typical, "first": one.first} for who, one in times.items()},
        "ratio": ratio,
    }


def bench(
    checked: Accepted,
    *,
    batch_size: int | None = None,
    rounds: int = 25,
    memory: bool = True,
    layers: bool = False,
) -> Benchmark:
    """Measure a config's network beside the same network in plain Keras, on random data.

    Args:
        checked: The config, with a `train:` section, whose loss and optimizer are used.
        batch_size: The number of samples of a step; that of the config where left out.
        rounds: How often the two networks take turns.
        memory: Whether to measure memory too, in two more processes.
        layers: Whether to measure each layer by itself too.

    Raises:
        RefusedError: The config has errors, no `train:` section, or inputs of unknown size.
        UnusableError: The process that measures memory failed.
    """
    config, graph = checked.config, checked.graph
    if config.train is None:
        raise RefusedError(
            f"{checked.source.name}: a training step needs a loss", "add a section `train:` with a `loss:`"
        )
    section = config.train
    size = batch_size or section.batch_size
    try:
        x, y = random_batch(graph, section.loss, size)
    except ShapeError as error:
        raise RefusedError(
            f"{checked.source.name}: {error.message}", "say them by `--set model.input=[...]`"
        ) from error
    model, twin = build_model(graph), plain_twin(graph)
    steps = {
        "lipbuild": training_step(model, graph, section, (x, y)),
        "plain": training_step(twin, graph, section, (x, y)),
    }
    training = interleaved(steps, rounds)
    plain = plain_model(model, graph)
    # Where nothing is folded, a SavedModel holds the plain form.
    fast = optimized_model(model, graph, plain)
    served = fast.model if fast.folds else plain
    applied = {"lipbuild": inference(served, x), "plain": inference(twin, x)}
    inferring = interleaved(applied, rounds)
    alone = layer_steps(graph, section.optimizer, size, rounds) if layers else None
    needed = _memory(config, graph, size) if memory else None
    return Benchmark(size, _device(), training, inferring, needed, alone)


def _memory(config: Config, graph: Graph, batch_size: int) -> dict[str, tuple[int, int]] | None:
    text = dump_config(config, graph, [])
    found: dict[str, tuple[int, int]] = {}
    for network in ("lipbuild", "plain"):
        measured = peak_memory(text, network, batch_size)
        if measured is None:
            return None
        found[network] = measured
    return found


def _device() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    else:
        name = f"{os.cpu_count()} CPU cores"
    return (
        f"{name}, TensorFlow {tf.__version__}, Keras {keras.__version__}, {keras.config.dtype_policy().name}"
    )
