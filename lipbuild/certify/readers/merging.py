"""Layers on several inputs."""

from __future__ import annotations

import numpy as np

from lipbuild.certify.bounds.balls import exponentials
from lipbuild.certify.network import Node
from lipbuild.certify.readers.arrays import axis_of, check_count, scaled
from lipbuild.certify.readers.layer_call import LayerCall, Reader


def merged(kind: str, inputs_needed: int | None = None) -> Reader:
    """An operation without parameters, on a given number of tensors, or on two and more."""

    def read(call: LayerCall) -> list[Node]:
        # A number in place of a tensor is no input.
        if len(call.inputs) < 2 if inputs_needed is None else len(call.inputs) != inputs_needed:
            raise call.refused(f"is a `{kind}` of {len(call.inputs)} tensors")
        return [call.node(kind)]

    return read


def concatenate(call: LayerCall) -> list[Node]:
    """`Concatenate`."""
    axis = axis_of(call, call.config["axis"])
    source = _sorted_halves(call, axis)
    if source is not None:
        return [call.node("group_sort", {"size": 2, "pairing": "halves"}, inputs=(source,))]
    return [call.node("concatenate", {"axis": axis})]


def _sorted_halves(call: LayerCall, axis: int) -> str | None:
    """The node whose two halves along the last axis are joined as maximum and minimum: `GroupSort2` in plain form."""
    if len(call.inputs) != 2 or axis != len(call.shape) - 1:
        return None
    larger, smaller = (call.before[name] for name in call.inputs)
    if (larger.kind, smaller.kind) != ("maximum", "minimum") or set(larger.inputs) != set(smaller.inputs):
        return None
    halves = [call.before[name] for name in larger.inputs]
    whole, half = ((None, None, None),) * axis, call.shape[-1]
    expected = [(*whole, (None, half, None)), (*whole, (half, None, None))]
    if (
        any(node.kind != "slice" for node in halves)
        or len(halves) != 2
        or halves[0].inputs != halves[1].inputs
    ):
        return None
    slices = [node.parameters["slices"] for node in halves]
    return halves[0].inputs[0] if slices in (expected, expected[::-1]) else None


def lip_residual(call: LayerCall) -> list[Node]:
    """`LipResidual`: k (α x + (1 − α) y) with α = 1/(1 + exp(−logit))."""
    check_count(call, True)
    logit = np.asarray(call.weights[0])
    if len(call.inputs) != 2 or logit.shape != () or not np.isfinite(logit):
        raise call.refused(f"mixes {len(call.inputs)} tensors by weights of shape {logit.shape}")
    # With e = exp(−|logit|) the shares are 1/(1 + e) and e/(1 + e).
    small = exponentials(-np.abs(logit.astype(np.float64)).reshape(1), 0.0, -700.0).middle[0]
    shares = (1.0 / (1.0 + small), small / (1.0 + small))
    if logit < 0:
        shares = shares[::-1]
    parts = [
        call.node(
            "scale",
            {"factor_error": 8 * 2.0**-53},
            {"factor": np.asarray(share)},
            suffix=suffix,
            inputs=(source,),
        )
        for share, suffix, source in zip(shares, ("first", "second"), call.inputs, strict=True)
    ]
    total = call.node("add", inputs=[part.name for part in parts])
    return scaled(call, [*parts, total], call.config["k_coef_lip"])


LAYERS: dict[str, Reader] = {
    "Add": merged("add"),
    "Subtract": merged("subtract", 2),
    "Average": merged("average"),
    "Maximum": merged("maximum"),
    "Minimum": merged("minimum"),
    "Concatenate": concatenate,
}
OWN_LAYERS: dict[str, Reader] = {"LipResidual": lip_residual}
