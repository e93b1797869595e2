"""Inputs that are scaled one by one: the error of what float32 makes of them, and of what follows."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.building import Building
from lipbuild.verifier.exports.graph import Graph, Operation
from lipbuild.verifier.exports.within import Measured, Within, error_line
from lipbuild.verifier.floats import U32
from lipbuild.verifier.forward import served_error
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.scaled import scaled_input

FACTOR, OFFSET = np.float32([1e-4, 5.0, 0.3]), np.float32([-0.7, -3.0, -84.0])


def model(*, skipped: bool = False) -> Model:
    """Columns of very different sizes, scaled by a product and a sum, and a dense layer."""
    building = Building()
    building.add(Node("x", "input", (), {"shape": (3,)}))
    building.add(Node("product", "scale", ("x",), {}, {"factor": FACTOR.astype(np.float64)}))
    arrays = {"factor": np.array(1.0), "offset": OFFSET.astype(np.float64)}
    building.add(Node("sum", "scale", ("product",), {}, arrays))
    kernel = np.float32([[1.0, -0.5], [0.25, 2.0], [-1.5, 0.125]]).astype(np.float64)
    building.add(Node("dense", "dense", ("x" if skipped else "sum",), {}, {"kernel": kernel}))
    return building.model("dense")


def test_the_error_is_that_of_the_scaled_input_whatever_the_sizes_of_the_columns_are() -> None:
    known = model()
    scaled = scaled_input(known, "sum")
    assert scaled is not None
    assert scaled.before == {"x", "product"}
    assert scaled.relative < 12 * U32
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((500, 3)) * [1e4, 0.2, 15.0] + [6e3, 0.6, 280.0]).astype(np.float32)
    computed = x * FACTOR + OFFSET
    kernel = known.nodes["dense"].arrays["kernel"]
    results = computed @ kernel.astype(np.float32)
    gains = {"product": 5.0, "sum": 1.0, "dense": 2.5}
    for row, near, result in zip(x.tolist(), computed.tolist(), results.tolist()):
        exact = [
            Fraction(v) * Fraction(float(f)) + Fraction(float(o)) for v, f, o in zip(row, FACTOR, OFFSET)
        ]
        size = float(sum(v * v for v in exact)) ** 0.5
        off = float(sum((a - Fraction(b)) ** 2 for a, b in zip(exact, near))) ** 0.5
        assert off <= scaled.relative * size + scaled.offset
        output = [sum(v * Fraction(w) for v, w in zip(exact, column)) for column in kernel.T.tolist()]
        away = float(sum((a - Fraction(b)) ** 2 for a, b in zip(output, result))) ** 0.5
        assert away <= served_error(known, gains, size, U32, scaled)
    # At the means of the columns the bound by the norm of the input is many times as large.
    assert 50 * served_error(known, gains, 2.0, U32, scaled) < served_error(known, gains, 6e3, U32)


def test_what_is_not_all_that_is_read_of_the_input_is_no_scaled_input() -> None:
    assert scaled_input(model(), "dense") is None
    assert scaled_input(model(), "elsewhere") is None
    assert scaled_input(model(skipped=True), "sum") is None


def head(measured: str, *, layers: dict[str, str] | None = None) -> Graph:
    """A file whose results are computed of `s`, and whose norm is that of some tensor."""
    numbers = {"c": 1.0, "tiny": 1e-6, "limit": 8.0, "most": 1e30, "zero": 0.0}
    constants: dict[str, Any] = {name: np.array(value, np.float32) for name, value in numbers.items()}
    constants["w"] = np.ones((2, 1), np.float32)
    along = {"axes": [1], "keepdims": True}
    rows: list[tuple[str, tuple[str, ...], str, dict[str, Any]]] = [
        ("multiply", ("x", "c"), "s", {}),
        ("multiply", ("x", "tiny"), "s/0/0", {}),
        ("matmul", ("s", "w"), "values", {}),
        ("square", (measured,), "squares", {}),
        ("reduce", ("squares",), "sum", {"function": "sum", **along}),
        ("square_root", ("sum",), "norm", {}),
        ("less", ("norm", "limit"), "small", {}),
        ("activation", ("values",), "size", {"function": "abs"}),
        ("less", ("size", "most"), "finite", {}),
        ("and", ("small", "finite"), "within", {}),
        ("where", ("within", "norm", "zero"), "near", {}),
        ("where", ("within", "values", "zero"), "known", {}),
    ]
    operations = [Operation(kind, inputs, output, options) for kind, inputs, output, options in rows]
    return Graph("x", (2,), operations, constants, {"values": "values"}, {}, layers=layers)


def test_a_norm_is_of_the_node_that_makes_the_tensor_and_not_of_one_with_its_name() -> None:
    assert Within(head("s"), "values").conditions("within").node == "s"
    assert Within(head("x"), "values").conditions("within").node == ""
    assert Within(head("s/0/0"), "values").conditions("within").node is None
    assert "neither" in str(error_line(model(), {}, {}, Measured(8.0, 3, None)))
    # In a file of Keras the layers say which tensors are theirs.
    assert Within(head("s/0/0", layers={"s/0/0": "s"}), "values").conditions("within").node == "s"
    assert Within(head("s", layers={"s/0/0": "s"}), "values").conditions("within").node is None
