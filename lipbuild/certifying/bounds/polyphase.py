from __future__ import annotations

import numpy as np

from lipbuild.certifying.bounds.arrays import Array
from lipbuild.certifying.bounds.stencil import Stencil
from lipbuild.certifying.bounds.symbol import cells

Shift = tuple[int, ...]


def polyphase(stencil: Stencil) -> dict[Shift, Array]:
    """A strided convolution as one of stride 1 whose inputs are whole cells of the stride.

    Output j reads s·j + q = s·(j + ⌊q/s⌋) + (q mod s), the remainder being a place in the cell. Where nothing
    is dilated or strided a shift is a tap.

    Returns:
        For each shift in outputs that has taps the matrices of all groups, (groups, cells · inputs, outputs).
    """
    parts = cells(stencil)
    groups, inputs, outputs = stencil.taps.shape[0], stencil.taps.shape[-2], stencil.taps.shape[-1]
    blocks: dict[Shift, Array] = {}
    for i, members in enumerate(parts):
        for tap, shift in members:
            block = blocks.setdefault(shift, np.zeros((groups, len(parts) * inputs, outputs)))
            block[:, i * inputs : (i + 1) * inputs] = stencil.tap(tap)
    return blocks
