"""The recurrent layer, as the network that it is when it is unrolled."""

from __future__ import annotations

import math

import numpy as np

from lipbuild.certify.network import Node
from lipbuild.certify.readers.arrays import check_count, float32_of
from lipbuild.certify.readers.layer_call import LayerCall, Reader


def _scale(call: LayerCall, steps: int) -> float:
    """s: what the kernel is multiplied by, k over the growth of `steps` steps."""
    whole = 1.0 / (2.0 * math.sin(math.pi / (4 * steps + 2)))
    growth = whole if call.config["return_sequences"] else math.sqrt(steps)
    return float32_of(call, float(call.config["k_coef_lip"]) / growth)


def orthogonal_rnn(call: LayerCall) -> list[Node]:
    """`OrthoRNN`: h_t = GroupSort2(U h_{t−1} + s W x_t + b), all steps one after the other."""
    use_bias, units = bool(call.config["use_bias"]), int(call.config["units"])
    check_count(call, True, True, use_bias)
    if len(call.shape) != 2:
        raise call.refused(f"reads {call.shape}, and no sequence")
    steps, features = call.shape
    kernel, recurrent = np.asarray(call.weights[0]), np.asarray(call.weights[1])
    if kernel.shape != (features, units) or recurrent.shape != (units, units):
        raise call.refused(f"has kernels of shapes {kernel.shape} and {recurrent.shape}")
    arrays = {"kernel": kernel * kernel.dtype.type(_scale(call, steps))}
    if use_bias:
        arrays["bias"] = np.asarray(call.weights[2])
    projected = call.node("dense", {}, arrays)
    nodes: list[Node] = [projected]
    states: list[str] = []
    for i in reversed(range(steps)) if call.config["go_backwards"] else range(steps):
        cut = call.node("slice", {"slices": ((i, i + 1, None),)}, suffix=f"cut_{i}", inputs=(projected.name,))
        step = call.node("reshape", {"shape": (units,)}, suffix=f"step_{i}", inputs=(cut.name,))
        nodes += [cut, step]
        if states:
            before = call.node(
                "dense", {}, {"kernel": recurrent}, suffix=f"recurrent_{i}", inputs=(states[-1],)
            )
            total = call.node("add", suffix=f"sum_{i}", inputs=(step.name, before.name))
            nodes += [before, total]
        sorting = {"size": 2, "pairing": "halves"}
        nodes.append(call.node("group_sort", sorting, suffix=f"state_{i}", inputs=(nodes[-1].name,)))
        states.append(nodes[-1].name)
    if not call.config["return_sequences"]:
        return nodes
    rows = [
        call.node("reshape", {"shape": (1, units)}, suffix=f"row_{i}", inputs=(state,))
        for i, state in enumerate(states)
    ]
    whole = call.node("concatenate", {"axis": 0}, suffix="sequence", inputs=[row.name for row in rows])
    return [*nodes, *rows, whole]


OWN_LAYERS: dict[str, Reader] = {"OrthoRNN": orthogonal_rnn}
