"""Sorting and axes of length 1, as converters write them to ONNX: read as what they compute, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipbuild.certifying.inference import forward
from lipbuild.guard.verified import as_network
from lipbuild.verifier.errors import RefusedError, UnreadableError
from lipbuild.verifier.exports.export import read_export

onnx = pytest.importorskip("onnx")

X = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


def written(
    path: Path, nodes: list[tuple[str, list[str], list[str], dict[str, Any]]], **constants: Any
) -> Path:
    """A file with an input of four numbers."""
    made = [
        onnx.helper.make_node(kind, inputs, outputs, **options) for kind, inputs, outputs, options in nodes
    ]
    real = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        made,
        "g",
        [onnx.helper.make_tensor_value_info("input", real, ["batch", 4])],
        [onnx.helper.make_tensor_value_info("logits", real, None)],
        [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    onnx.save(model, str(path))
    return path


def read(path: Path) -> np.ndarray:
    model = read_export(path, {"outputs": {"logits": ""}}).model
    return forward(as_network(model), X)


def sorting(path: Path, count: int = 4, result: str = "t", **options: int) -> Path:
    nodes: Any = [
        ("Neg", ["input"], ["n"], {}),
        ("TopK", ["n", "k"], ["t", "places"], {"sorted": 1, **options}),
        ("Neg", [result], ["logits"], {}),
    ]
    return written(path, nodes, k=np.array([count], np.int64))


def test_a_sort_is_read_as_one_and_a_part_of_it_is_refused(tmp_path: Path) -> None:
    assert (read(sorting(tmp_path / "sort.onnx")) == np.sort(X, axis=1)).all()
    for options in ({"count": 3}, {"largest": 0}, {"axis": 0}, {"result": "places"}):
        with pytest.raises((RefusedError, UnreadableError)):
            read(sorting(tmp_path / "other.onnx", **options))


def test_axes_of_length_one_come_and_go(tmp_path: Path) -> None:
    def moved(axis: int, back: list[int]) -> Path:
        nodes: Any = [
            ("Unsqueeze", ["input", "a"], ["u"], {}),
            ("Relu", ["u"], ["r"], {}),
            ("Squeeze", ["r", "b"], ["logits"], {}),
        ]
        return written(tmp_path / "moved.onnx", nodes, a=np.array([axis]), b=np.array(back))

    for axis, back in ((1, [1]), (-1, [2]), (2, [-1])):
        assert (read(moved(axis, back)) == np.maximum(X, 0.0)).all()
    for axis, back in ((1, [2]), (0, [0]), (1, [1, 1]), (1, [0])):
        with pytest.raises((RefusedError, UnreadableError)):
            read(moved(axis, back))
