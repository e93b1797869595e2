"""The model in float64 with a radius for each sample: an L2 ball that holds the exact result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lipbuild.verifier.floats import SLACK, U32, Array, U, norms
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Loss, Node
from lipbuild.verifier.scaled import ScaledInput

# Numbers that the largest layer may have in one batch.
_BATCH = 2**22


def batches(model: Model, samples: Array) -> Iterator[Array]:
    """The samples in parts that fit into memory."""
    largest = max(math.prod(shape) for shape in model.shapes.values())
    step = max(1, _BATCH // (16 * largest))
    for start in range(0, len(samples), step):
        yield samples[start : start + step]


def run(
    model: Model,
    gains: Mapping[str, float],
    part: Sequence[Node],
    start: str,
    x: Array,
    *,
    linear: bool = False,
) -> tuple[Array, Array]:
    """The result of the last node of a part of the model, and how far each sample's may be from the exact one.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        part: Nodes in order, which read each other and `start`.
        start: The node whose values are given.
        x: These, exact.
        linear: Whether to leave out what affine nodes add.

    Returns:
        The values, and a radius for each sample; infinite where a value on the way is not finite.
    """
    values, radii = {start: x}, {start: np.zeros(len(x))}
    for node in part:
        kind = KINDS[node.kind]
        inputs = [values[name] for name in node.inputs]
        size = sum((norms(value) for value in inputs), np.zeros(len(x)))
        loss = kind.loss(node, model.read_by(node))
        if linear:
            loss = replace(loss, offset=0.0)
            values[node.name] = kind.linear(node, inputs)
        else:
            values[node.name] = kind.values(node, inputs)
        carried = kind.together([radii[name] for name in node.inputs])
        fresh = loss.fresh(size, math.prod(model.shapes[node.name]), U)
        radius = (gains.get(node.name, 1.0) * carried + fresh) * SLACK
        finite = np.isfinite(values[node.name]).reshape(len(x), -1).all(axis=1) & np.isfinite(radius)
        radii[node.name] = np.where(finite, radius, math.inf)
    return values[part[-1].name], radii[part[-1].name]


def served_error(
    model: Model,
    gains: Mapping[str, float],
    input_norm: float,
    unit: float,
    scaled: ScaledInput | None = None,
) -> float:
    """How far the served result may be from the exact one, for every input of at most the given norm.

    With R bounding the norm of what a node reads and e its error, the result has the norm L·R + ‖f(0)‖ and the error
    L·e + what computing it on inputs of norm R + e loses. What is given to float32 is rounded to it first, and numbers
    below its least normal one may be taken for 0.

    Args:
        model: The model.
        gains: A proved constant of each node on one input.
        input_norm: The norm; where inputs are scaled one by one, that of what this makes of them.
        unit: The unit roundoff of the arithmetic, 2^-24 or 2^-53; the former where inputs are scaled.
        scaled: How they are; None for a bound by the norm of the inputs themselves.

    Returns:
        The bound; infinite where the arithmetic that serves a node is not known, or where a value on the way, a partial
        sum in any order among it, may leave its range: what an infinity becomes may look like any number.
    """
    first, shape = model.input.name, model.shapes[model.input.name]
    rounded = unit * input_norm + math.prod(shape) * 2.0**-126 if unit == U32 else 0.0
    if scaled is not None:
        first, rounded = scaled.node, scaled.relative * input_norm + scaled.offset
    left_out = {first} if scaled is None else {first, *scaled.before}
    reach, error = {first: np.array([input_norm])}, {first: np.array([rounded * SLACK])}
    for node in model.nodes.values():
        if node.name in left_out:
            continue
        kind, outputs = KINDS[node.kind], math.prod(model.shapes[node.name])
        loss: Loss = kind.loss(node, model.read_by(node))
        if unit == U32 and node.has_subnormals:
            return math.inf
        reached, carried = ([table[name] for name in node.inputs] for table in (reach, error))
        fresh = loss.fresh(np.asarray(sum(reached) + sum(carried)), outputs, unit)
        gain = gains.get(node.name, 1.0)
        reach[node.name] = np.asarray((gain * kind.together(reached) + loss.offset) * SLACK)
        error[node.name] = np.asarray((gain * kind.together(carried) + fresh) * SLACK)
        if not np.isfinite(error[node.name]).all():
            return math.inf
    return float(error[model.output][0])
