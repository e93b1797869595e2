"""What `lipbuild bench` compares with, and what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import lipbuild
from lipbuild.benchmarking.bench import Benchmark
from lipbuild.benchmarking.interleaved import Times, interleaved
from lipbuild.benchmarking.peak_memory import peak_memory
from lipbuild.benchmarking.plain_twin import plain_twin
from lipbuild.benchmarking.random_batch import random_batch
from lipbuild.benchmarking.steps import training_step
from lipbuild.errors import RefusedError
from lipbuild.layers import LipschitzLayer
from lipbuild.outputs.json_text import json_text
from lipbuild.rules.check import check
from lipbuild.text.load import read
from lipbuild.text.text import SourceText
from tests.conftest import CONFIGS, ROOT, Cli
from tests.json_results import validated

SHIPPED = sorted([*CONFIGS.glob("*.yaml"), *(CONFIGS / "layers").glob("*.yaml")])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_plain_twin_has_the_shapes_and_no_constraint(path) -> None:
    graph = check(read(path)).graph
    twin = plain_twin(graph)
    assert twin.output_shape[1:] == graph.output_nodes[0].shape
    assert not [layer for layer in twin.layers if isinstance(layer, LipschitzLayer)]
    assert not [v for v in twin.trainable_variables if v.constraint is not None]
    assert twin(np.zeros((2, *graph.input_shape), "float32")).shape[1:] == graph.output_nodes[0].shape


def test_a_twin_of_dense_layers_has_the_same_weights() -> None:
    graph = check(read(CONFIGS / "digits_mlp.yaml")).graph
    twin = plain_twin(graph)
    assert twin.count_params() == graph.parameters
    assert [type(layer) for layer in twin.layers if layer.weights] == [keras.layers.Dense] * 3


@pytest.mark.parametrize("path", [CONFIGS / f"{name}.yaml" for name in ("moons_hkr", "regression")])
def test_a_step_takes_the_labels_of_every_task(path) -> None:
    checked = check(read(path))
    graph, section = checked.graph, checked.config.train
    step = training_step(plain_twin(graph), graph, section, random_batch(graph, section.loss, 8))
    before = float(step())
    for _ in range(20):
        after = float(step())
    assert after < before


def test_functions_take_turns() -> None:
    calls: list[str] = []
    times = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3)
    turns = re.sub(r"(.)\1+", r"\1", "".join(calls))
    assert turns == "ab" * 5  # the first calls, the calls that tell how many make a turn, and three rounds
    assert len(times["a"].seconds) == 3


def test_ratios_are_taken_within_rounds() -> None:
    quiet_then_busy = Times((1.0, 10.0, 1.0, 10.0), 0.0)
    twice_that = Times((2.0, 20.0, 2.0, 20.0), 0.0)
    assert twice_that.ratio_to(quiet_then_busy) == (2.0, 2.0, 2.0)
    assert twice_that.typical == 11.0


@pytest.fixture(scope="module")
def table(cli: Cli) -> str:
    """What the command prints of a small network."""
    done = cli("bench", CONFIGS / "digits_mlp.yaml", "--rounds", "2", "--layers", "--batch-size", "16")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_gets_the_same_figures() -> None:
    times = {"lipbuild": Times((1.0, 2.0, 4.0), 9.0), "plain": Times((1.0, 1.0, 1.0), 8.0)}
    memory = {"lipbuild": (300, 100), "plain": (250, 50)}
    found = Benchmark(8, "CPU", times, times, memory, {"dense": times}).as_json()
    value = validated("bench", json_text("bench", found))
    assert value["training"]["ratio"]["median"] == 2.0
    assert value["memory"]["plain"] == {"peak": 250, "beyond_imports": 50}
    assert value["layers"][0]["training"]["lipbuild"] == {"median": 2.0, "first": 9.0}


def test_the_table_names_each_layer(table: str) -> None:
    for row in (
        "training step",
        "first step",
        "inference, exported",
        "memory of a training",
        "spectral_dense_1",
    ):
        assert row in table
    assert "batches of 16 random samples" in table


@pytest.mark.nightly
def test_a_larger_network_needs_more_memory(table: str) -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells")
    text = (CONFIGS / "digits_mlp.yaml").read_text(encoding="utf-8")
    [small] = re.findall(r"of it beyond the imports +[\d,]+ MiB +([\d,]+) MiB", table)
    _, large = peak_memory(text, "plain", 100_000)
    assert large > int(small.replace(",", "")) * 2**20 + 100_000 * 64 * 4


def test_without_a_loss_there_is_no_step() -> None:
    text = "model: {input: [4], layers: [{SpectralDense: {units: 2}}]}\n"
    with pytest.raises(RefusedError, match="a training step needs a loss"):
        lipbuild.bench(check(SourceText("a.yaml", text)))


def test_sizes_have_to_be_known() -> None:
    text = """\
model:
  input: [null, null, 3]
  layers: [{SpectralConv2D: {filters: 2, kernel_size: 3}}, ScaledGlobalL2NormPooling2D]
train: {loss: {MulticlassHKR: {}}, epochs: 1}
"""
    checked = check(SourceText("a.yaml", text))
    with pytest.raises(RefusedError, match=r"a.yaml: the shape \?×\?×3 has sizes"):
        lipbuild.bench(checked)


@pytest.mark.nightly
def test_the_script_for_gpus_runs_in_its_small_form_on_a_cpu() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu", "--small", "--seconds", "900"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = re.findall(
        r"^(LipNeXt|BRONet), .* +[0-9.]+ +[0-9]+ +[0-9.]+ +[0-9.e-]+$", done.stdout, re.MULTILINE
    )
    assert len(figures) == 10
