"""Inputs that are scaled one by one before anything else reads them, as the columns of a table are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipbuild.verifier.floats import SLACK, U32, U, gamma, norm
from lipbuild.verifier.model import Model

# The least normal number, below which one may be taken for 0.
_LEAST = {U32: 2.0**-126, U: 2.0**-1022}
# A difference, a product and a sum.
_ROUNDINGS = 3


@dataclass(frozen=True)
class ScaledInput:
    """A node y with y_i = F_i x_i + c_i, which is all that other nodes read of the input x.

    As it is computed, it is off by at most relative · ‖y‖ + offset: each of its numbers is off relative to its own
    size and that of c_i, whatever the sizes of the inputs are.

    Args:
        node: The last of the nodes that scale.
        before: These nodes and the input.
        relative: As above.
        offset: As above.
    """

    node: str
    before: frozenset[str]
    relative: float
    offset: float


def scaled_input(model: Model, name: str, unit: float = U32) -> ScaledInput | None:
    """That of a node; None where it is none.

    A step y = f · (x − m) + o, with x off by at most a|x| + b, is off by a(|y| + c) + |f| b from before, with
    c = |f m| + |o| and so |f x| <= |y| + c, and by γ((1 + a)(|y| + 2c) + |f| b) from computing it.

    Args:
        model: The model.
        name: The node.
        unit: The unit roundoff, that of float32 or float64.
    """
    chain: list[str] = []
    while name in model.nodes and model.nodes[name].kind == "scale":
        chain.insert(0, name)
        [name] = model.nodes[name].inputs
    before = frozenset({model.input.name, *chain})
    others = [node for node in model.nodes.values() if node.name not in before]
    if (
        name != model.input.name
        or not chain
        or any((before - {chain[-1]}) & set(node.inputs) for node in others)
    ):
        return None
    shape = model.shapes[name]
    fresh, least = gamma(_ROUNDINGS + 1, unit), _LEAST[unit]
    relative, offset = unit, np.full(shape, least)
    for step in chain:
        node = model.nodes[step]
        if node.options.get("factor_error") or node.has_subnormals:
            return None
        factor, mean, added = (
            np.broadcast_to(np.abs(node.arrays.get(key, np.array(0.0))), shape)
            for key in ("factor", "mean", "offset")
        )
        own = factor * mean + added
        lost = fresh * (1.0 + relative)
        # A difference that is taken for 0 is multiplied by the factor afterwards.
        tiny = 4.0 * (_ROUNDINGS + 1) * least * (1.0 + factor)
        offset = ((relative + 2.0 * lost) * own + (1.0 + fresh) * factor * offset + tiny) * SLACK
        relative = (relative + lost) * SLACK
    return ScaledInput(chain[-1], before - {chain[-1]}, relative, norm(offset) * SLACK)
