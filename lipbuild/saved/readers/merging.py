"""Layers on several inputs."""

from __future__ import annotations

from lipbuild.certifying.network import NetworkNode
from lipbuild.saved.readers.arrays import axis_of
from lipbuild.saved.readers.layer_call import LayerCall, Reader


def merged(kind: str, inputs_needed: int | None = None) -> Reader:
    """An operation without parameters, on a given number of tensors, or on two and more."""

    def read(call: LayerCall) -> list[NetworkNode]:
        # A number in place of a tensor is not an input.
        if len(call.inputs) < 2 if inputs_needed is None else len(call.inputs) != inputs_needed:
            raise call.refused(f"is a `{kind}` of {len(call.inputs)} tensors")
        return [call.node(kind)]

    return read


def concatenate(call: LayerCall) -> list[NetworkNode]:
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


LAYERS: dict[str, Reader] = {
    "Add": merged("add"),
    "Subtract": merged("subtract", 2),
    "Average": merged("average"),
    "Maximum": merged("maximum"),
    "Minimum": merged("minimum"),
    "Concatenate": concatenate,
}
