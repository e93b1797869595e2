"""Sorting and axes of length 1, as converters write them to ONNX: read as what they compute, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipbuild.certifying.inference import forward
from lipbuild.exporting.statement import statement_of
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


def rowwise(path: Path, *between: tuple[str, list[str], list[str], dict[str, Any]], last: str = "m") -> Path:
    """A matrix on the last of the axes (2, 2), as Keras's `Dense` makes rows of all samples for it."""
    nodes: Any = [
        ("Reshape", ["input", "square"], ["x"], {}),
        ("Relu", ["x"], ["p"], {}),
        ("Shape", ["p"], ["sizes"], {}),
        ("Gather", ["sizes", "free"], ["lengths"], {"axis": 0}),
        ("Concat", ["lengths", "units"], ["back"], {"axis": 0}),
        ("Reshape", ["p", "rows"], ["r"], {}),
        ("MatMul", ["r", "kernel"], ["m"], {}),
        *between,
        ("Reshape", [last, "back"], ["y"], {}),
        ("Reshape", ["y", "flat"], ["logits"], {}),
    ]
    return written(
        path,
        nodes,
        square=np.array([-1, 2, 2]),
        rows=np.array([-1, 2]),
        free=np.array([0, 1]),
        units=np.array([3]),
        flat=np.array([-1, 6]),
        kernel=np.arange(6, dtype=np.float32).reshape(2, 3),
        b=np.array([1, -2, 3], np.float32),
        six=np.ones((6, 3), np.float32),
        last=np.array([1]),
    )


def test_rows_of_all_samples_are_those_of_a_matrix_on_the_last_axis(tmp_path: Path) -> None:
    x = np.maximum(X, 0.0).reshape(5, 2, 2) @ np.arange(6).reshape(2, 3)
    assert read(rowwise(tmp_path / "r.onnx")) == pytest.approx(x.reshape(5, 6))
    moved: Any = [("Add", ["m", "b"], ["s"], {}), ("Relu", ["s"], ["u"], {})]
    expected = np.maximum(x + np.array([1, -2, 3]), 0.0).reshape(5, 6)
    assert read(rowwise(tmp_path / "r.onnx", *moved, last="u")) == pytest.approx(expected)


@pytest.mark.parametrize(
    "node",
    [
        # Of several samples at once.
        ("ReduceSum", ["m", "last"], ["u"], {"keepdims": 1}),
        ("Softmax", ["m"], ["u"], {"axis": 0}),
        ("Add", ["m", "m"], ["u"], {}),
        ("Add", ["m", "six"], ["u"], {}),
        ("Transpose", ["m"], ["u"], {"perm": [1, 0]}),
        ("Concat", ["m", "m"], ["u"], {"axis": 0}),
    ],
)
def test_what_takes_rows_of_several_samples_together_is_refused(node: Any, tmp_path: Path) -> None:
    with pytest.raises((RefusedError, UnreadableError)):
        read(rowwise(tmp_path / "r.onnx", node, last="u"))


def test_the_length_of_a_constant_is_not_that_of_the_batch(tmp_path: Path) -> None:
    """Rows of three samples become those of two, where a runtime finds the last size by itself."""

    def reshaped(tensor: str) -> Path:
        nodes: Any = [
            ("Relu", ["input"], ["x"], {}),
            ("Shape", [tensor], ["sizes"], {}),
            ("Gather", ["sizes", "zero"], ["batch"], {"axis": 0}),
            ("Concat", ["batch", "rest"], ["shape"], {"axis": 0}),
            ("Reshape", ["x", "shape"], ["logits"], {}),
        ]
        two = {"zero": np.array([0]), "rest": np.array([-1, 2]), "two": np.zeros((2, 4), np.float32)}
        return written(tmp_path / "r.onnx", nodes, **two)

    assert read(reshaped("x")).shape == (5, 2, 2)
    with pytest.raises((RefusedError, UnreadableError)):
        read(reshaped("two"))


def constant_of(path: Path) -> float:
    found = statement_of(path, {"logits": ""})
    assert found.lipschitz is not None, found.reason
    return found.lipschitz


def test_functions_that_are_written_in_several_parts_have_the_constant_of_the_whole(tmp_path: Path) -> None:
    slopes = np.array([0.5, -1.0, 0.0, 1.0], np.float32)
    nodes: Any = [
        ("Relu", ["input"], ["p"], {}),
        ("Neg", ["input"], ["n"], {}),
        ("Relu", ["n"], ["q"], {}),
        ("Mul", ["q", "w"], ["s"], {}),
        ("Add", ["p", "s"], ["logits"], {}),
    ]
    path = written(tmp_path / "prelu.onnx", nodes, w=-slopes)
    assert (read(path) == np.where(X > 0, X, X * slopes)).all()
    assert constant_of(path) == pytest.approx(1.0)
    # Of another function than of −x the sum of both constants counts.
    nodes[1] = ("Identity", ["input"], ["n"], {})
    assert constant_of(written(tmp_path / "sum.onnx", nodes, w=-slopes)) > 1.5
    nodes = [
        ("Reshape", ["input", "image"], ["x"], {}),
        ("ReduceMean", ["x"], ["m"], {"axes": [1], "keepdims": 1}),
        ("Sub", ["x", "m"], ["c"], {}),
        ("Reshape", ["c", "flat"], ["logits"], {}),
    ]
    path = written(tmp_path / "center.onnx", nodes, image=np.array([-1, 2, 2]), flat=np.array([-1, 4]))
    image = X.reshape(5, 2, 2)
    assert read(path) == pytest.approx((image - image.mean(1, keepdims=True)).reshape(5, 4))
    assert constant_of(path) == pytest.approx(1.0)
