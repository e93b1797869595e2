"""The model in float64 with a radius for each sample: an L2 ball that holds the exact result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lipbuild.certify.verify.floats import LEAST32, SLACK, U32, Array, U, norms
from lipbuild.certify.verify.kinds import KINDS
from lipbuild.certify.verify.model import Model
from lipbuild.certify.verify.nodes import Loss, Node

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
        model: the model.
        gains: a proved constant of each node on one input.
        part: nodes in order, which read each other and `start`.
        start: the node whose values are given.
        x: these, exact.
        linear: whether to leave out what affine nodes add.

    Returns:
        The values, and a radius for each sample.
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
        fresh = np.array([loss.fresh(float(s), math.prod(model.shapes[node.name]), U) for s in size])
        radii[node.name] = (gains.get(node.name, 1.0) * carried + fresh) * SLACK
    return values[part[-1].name], radii[part[-1].name]


def served_error(model: Model, gains: Mapping[str, float], input_norm: float, unit: float) -> float:
    """How far the served result may be from the exact one, for every input of at most the given norm.

    With R bounding the norm of what a node reads and e its error, the result has the norm L·R + ‖f(0)‖ and the error
    L·e + what computing it on inputs of norm R + e loses. In float32 inputs are rounded first, and what is below its
    least normal number may be taken for 0: of a node with such weights nothing is known.

    Returns:
        The bound; infinite where the arithmetic that serves a node is not known.
    """
    first, single = model.input.name, unit == U32
    given = (input_norm * U32 + math.prod(model.shapes[first]) * LEAST32) * SLACK if single else 0.0
    reach, error = {first: np.array(input_norm)}, {first: np.array(given)}
    for node in list(model.nodes.values())[1:]:
        kind, outputs = KINDS[node.kind], math.prod(model.shapes[node.name])
        loss: Loss = kind.loss(node, model.read_by(node))
        reached, carried = ([table[name] for name in node.inputs] for table in (reach, error))
        if single and any(_subnormal(value) for value in (*node.arrays.values(), *node.options.values())):
            loss = replace(loss, served=False)
        fresh = loss.fresh(float(sum(reached) + sum(carried)), outputs, unit)
        gain = gains.get(node.name, 1.0)
        reach[node.name] = (gain * kind.together(reached) + loss.offset) * SLACK
        error[node.name] = np.asarray((gain * kind.together(carried) + fresh) * SLACK)
    return float(error[model.output])


def _subnormal(value: Any) -> bool:
    """Whether a number is not 0 and below the least normal float32."""
    if not isinstance(value, (float, np.ndarray)):
        return False
    size = np.abs(value)
    return bool(np.any((size > 0.0) & (size < LEAST32)))
