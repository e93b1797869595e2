from __future__ import annotations

import math

import numpy as np

from lipbuild.certify.verify.call import Call
from lipbuild.certify.verify.kernel_layers import k_of
from lipbuild.certify.verify.options import float32


def ortho_rnn(call: Call) -> None:
    """h_t = GroupSort2(U h_{t−1} + s W x_t + b) for each step of a sequence, unrolled."""
    o = call.options
    units, use_bias = o.whole("units"), o.flag("use_bias")
    whole, backwards = o.flag("return_sequences"), o.flag("go_backwards")
    weights = call.arrays(True, True, use_bias)
    if len(call.shapes[0]) != 2:
        raise call.refuse(f"reads {call.shapes[0]}, and no sequence")
    steps, features = call.shapes[0]
    if weights[0].shape != (features, units) or weights[1].shape != (units, units):
        raise call.refuse("has kernels of other shapes")
    growth = 1.0 / (2.0 * math.sin(math.pi / (4 * steps + 2))) if whole else math.sqrt(steps)
    kernel = call.weights[0] * call.weights[0].dtype.type(float32(call.name, k_of(call) / growth))
    bias = {"bias": weights[2]} if use_bias else {}
    projected = call.add("dense", {}, {"kernel": kernel.astype(np.float64)} | bias)
    states: list[str] = []
    for i in range(steps)[:: -1 if backwards else 1]:
        call.add("slice", {"slices": ((i, i + 1, None),)}, part=f"cut_{i}", inputs=(projected,))
        now = call.add("reshape", {"shape": (units,)}, part=f"step_{i}")
        if states:
            carried = call.add("dense", {}, {"kernel": weights[1]}, part=f"recurrent_{i}", inputs=states[-1:])
            call.add("add", part=f"sum_{i}", inputs=(now, carried))
        states.append(call.add("group_sort", {"size": 2, "pairing": "halves"}, part=f"state_{i}"))
    if whole:
        rows = [
            call.add("reshape", {"shape": (1, units)}, part=f"row_{i}", inputs=(state,))
            for i, state in enumerate(states)
        ]
        call.add("concatenate", {"axis": 0}, part="sequence", inputs=rows)
