"""A program's answers, held against the function that its arrays define in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.certifying.network import Network
from lipbuild.exporting.c_code.gate import Subject

# Every float32 number is a whole multiple of this, and every float64 number of its own.
_GRAINS = {np.dtype(np.float32): 149, np.dtype(np.float64): 1074}


def whole(values: Any, bits: int) -> np.ndarray:
    """Numbers times 2^bits, as whole numbers of any size."""
    flat = [Fraction(float(v)) * 2**bits for v in np.asarray(values).reshape(-1)]
    assert all(v.denominator == 1 for v in flat)
    return np.array([int(v) for v in flat], object).reshape(np.shape(values))


def exact_outputs(network: Network, x: np.ndarray) -> tuple[np.ndarray, int]:
    """The outputs of a network of dense layers and comparisons, as whole numbers over a power of two.

    Returns:
        The numerators, and the exponent.
    """
    bits = _GRAINS[x.dtype]
    scale, values = bits, whole(x, bits)
    for node in network.nodes[1:]:
        if node.kind == "dense":
            grain = _GRAINS[node.arrays["kernel"].dtype]
            values = values.dot(whole(node.arrays["kernel"], grain))
            scale += grain
            values = values + whole(node.arrays["bias"], grain) * 2 ** (scale - grain)
        elif node.kind == "scale":
            grain = _GRAINS[node.arrays["factor"].dtype]
            if "mean" in node.arrays:
                values = values - whole(node.arrays["mean"], grain) * 2 ** (scale - grain)
            values = values * whole(node.arrays["factor"], grain)
            scale += grain
            if "offset" in node.arrays:
                values = values + whole(node.arrays["offset"], grain) * 2 ** (scale - grain)
        elif node.kind == "group_sort":
            a, b = np.split(values, 2, axis=1)
            values = np.concatenate([np.maximum(a, b), np.minimum(a, b)], axis=1)
        elif node.parameters["function"] == "relu":
            values = np.maximum(values, 0)
        else:
            assert node.parameters["function"] == "abs"
            values = np.abs(values)
    return values, scale


def false_radii(subject: Subject, found: dict[str, np.ndarray], x: np.ndarray) -> list[str]:
    """Each answer that says more than is so: a radius above min (z_i − z_j)/(‖w_i − w_j‖ Λ), or another label.

    `x` is (samples, inputs), finite. Everything is compared in whole numbers; Λ is the proved constant of what is
    before the last layer.
    """
    network = subject.program.network
    z, scale = exact_outputs(network, x)
    rest = Fraction(subject.certified.head.rest)
    kernel = network.nodes[-1].arrays["kernel"]
    grain = _GRAINS[kernel.dtype]
    w = whole(kernel, grain)
    single = w.shape[1] == 1
    wrong = []
    for row in range(len(x)):
        radius, label = Fraction(float(found["radius"][row])), int(found["label"][row])
        if bool(found["certified"][row]) != (radius > 0):
            wrong.append(f"{row}: certified {found['certified'][row]} with the radius {float(radius)}")
        if radius == 0:
            continue
        if single:
            true = Fraction(abs(int(z[row, 0])), 2**scale)
            same = label == (1 if z[row, 0] > 0 else 0)
            if not same or radius * rest > true:
                wrong.append(f"{row}: {label} with {float(radius)}, and {float(true / rest)} is proved")
            continue
        for j in range(z.shape[1]):
            if j == label:
                continue
            gap = Fraction(int(z[row, label] - z[row, j]), 2**scale)
            square = Fraction(int(((w[:, label] - w[:, j]) ** 2).sum()), 4**grain)
            if gap <= 0 or radius**2 * rest**2 * square > gap**2:
                wrong.append(f"{row}: {label} with {float(radius)} against {j}")
    return wrong


def false_moves(subject: Subject, found: dict[str, np.ndarray], x: np.ndarray) -> list[str]:
    """Each interval that is narrower than what moves, and each class that is said to stay though it may not.

    `x` is (samples, inputs), finite. Everything is compared in whole numbers.
    """
    assert subject.moves is not None
    z, scale = exact_outputs(subject.program.network, x)
    wrong = []
    for row in range(len(x)):
        values = [Fraction(int(v), 2**scale) for v in z[row]]
        if subject.radius is not None:
            if not found["within_tolerance"][row]:
                continue
            label, pairs = int(found["label"][row]), subject.moves.pairs(subject.program.network)
            if len(values) == 1:
                stays = abs(values[0]) > Fraction(float(pairs[0, 0])) and label == (values[0] > 0)
            else:
                gaps = {j: values[label] - v for j, v in enumerate(values) if j != label}
                stays = all(gap > Fraction(float(pairs[label, j])) for j, gap in gaps.items())
            wrong += [] if stays else [f"{row}: {label} is said to stay"]
            continue
        for ends, (_, each) in subject.moves.intervals.items() if found["certified"][row] else ():
            for j, value in enumerate(values):
                most = Fraction(each[j % len(each)])
                low, high = (Fraction(float(found[f"{end}{ends}"][row, j])) for end in ("low", "high"))
                if low > value - most or high < value + most:
                    wrong.append(f"{row}: output {j} is said to stay in {float(low)}, {float(high)}")
    return wrong


def near_boundaries(subject: Subject, rng: np.random.Generator, count: int) -> np.ndarray:
    """Inputs of all sizes, most of them where two classes meet as nearly as the arithmetic can say."""
    dtype, size = subject.arithmetic.dtype, subject.program.inputs
    scales = 10.0 ** rng.choice([-30, -12, -3, -1, 0, 0, 1, 4, 9, 16], count)
    a = (rng.normal(size=(count, size)) * scales[:, None]).astype(dtype)
    b = (rng.normal(size=(count, size)) * scales[:, None]).astype(dtype)
    labels = subject.emulate(a)["label"]
    for _ in range(80 if dtype is np.float64 else 40):
        middle = (a * dtype(0.5) + b * dtype(0.5)).astype(dtype)
        same = (subject.emulate(middle)["label"] == labels)[:, None]
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    # Some steps back from the boundary, by a share that grows.
    back = 10.0 ** rng.uniform(np.log10(subject.arithmetic.unit) - 1, 0, (count, 1))
    away = (rng.normal(size=(count, size)) * scales[:, None] * back).astype(dtype)
    return np.where(rng.random((count, 1)) < 0.2, a, a + away).astype(dtype)
