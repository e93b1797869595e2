"""Networks made of nodes, which no library has to be loaded for."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.certifying.composition import compose, prove
from lipbuild.certifying.network import Network, NetworkNode

Chain = list[tuple[str, dict[str, Any], dict[str, Any]]]


def node(
    name: str, kind: str, inputs: tuple[str, ...], parameters: Any = None, arrays: Any = None
) -> NetworkNode:
    made = {key: np.asarray(array, np.float32) for key, array in (arrays or {}).items()}
    return NetworkNode(name, kind, inputs, parameters or {}, made)


def dense(
    widths: tuple[int, ...],
    *,
    seed: int = 0,
    scale: float = 1.0,
    bias: float = 0.1,
    sort: str = "group_sort",
    columns: float | None = None,
) -> Network:
    """Dense layers with sorted pairs, |x| or a rectifier between them.

    With `columns` two scales of the inputs come first, as for the columns of a table, by up to so many powers of ten.
    """
    rng = np.random.default_rng(seed)
    nodes = [NetworkNode("input", "input", (), {"shape": (widths[0],)})]
    if columns is not None:
        factor = 10.0 ** rng.uniform(-columns, columns, widths[0])
        arrays = {"mean": rng.normal(size=widths[0]) / factor, "factor": factor}
        nodes.append(node("columns", "scale", ("input",), {}, arrays))
        arrays = {"factor": np.array(rng.choice([1.0, -0.3])), "offset": rng.normal(size=widths[0])}
        nodes.append(node("more", "scale", ("columns",), {}, arrays))
    for i, (n, m) in enumerate(pairwise(widths)):
        if i:
            parameters = {"size": 2, "pairing": "halves"} if sort == "group_sort" else {"function": sort}
            kind = sort if sort == "group_sort" else "activation"
            nodes.append(node(f"sort_{i}", kind, (nodes[-1].name,), parameters))
        kernel = scale * rng.normal(size=(n, m)) / np.sqrt(n)
        arrays = {"kernel": kernel, "bias": bias * rng.normal(size=m)}
        nodes.append(node(f"dense_{i}", "dense", (nodes[-1].name,), {}, arrays))
    return Network(tuple(nodes), nodes[-1].name)


def composed(network: Network) -> CertifiedNetwork:
    """A network with the constants of its operations alone: what lies between several of them takes long to bound."""
    gains = {name: bound.upper for name, bound in prove(network).items()}
    return CertifiedNetwork(network, gains, compose(network, gains))


def every_operation() -> Network:
    """Every operation that can be written in C, with its options: branches of one input that are joined."""
    rng = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    def convolution(kernel: np.ndarray, bias: bool = True, **options: Any) -> tuple[str, dict[str, Any], Any]:
        defaults = {"strides": 1, "padding": "valid", "dilation_rate": 1, "groups": 1}
        groups = options.get("groups", 1)
        outputs = kernel.shape[-2] if options.pop("transposed", False) else kernel.shape[-1]
        kind = "transposed_convolution" if outputs != kernel.shape[-1] or "out" in options else "convolution"
        options.pop("out", None)
        del groups
        arrays = {"kernel": kernel, **({"bias": random(outputs)} if bias else {})}
        return kind, defaults | options, arrays

    pool = {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"}
    same = {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}
    functions = (
        "relu relu6 abs hard_tanh leaky_relu soft_shrink softsign hard_sigmoid sparse_sigmoid sparse_plus"
    )
    images: list[Chain] = [
        [convolution(random(3, 2, 4, 5), padding="same", strides=2)],
        [convolution(random(2, 3, 4, 19), bias=False)],
        [convolution(random(2, 2, 2, 6), groups=2, dilation_rate=(2, 1), padding="same")],
        [convolution(random(3, 3, 1, 4), groups=4, padding="same")],
        [convolution(random(2, 2, 1, 8), groups=4)],
        [convolution(random(3, 3, 3, 4), strides=(2, 2), padding="same", transposed=True, out=3)],
        [convolution(random(2, 3, 5, 4), padding="valid", transposed=True, out=5, bias=False)],
        [("average_pooling", pool, {})],
        [("average_pooling", same, {})],
        [("max_pooling", pool, {})],
        [("max_pooling", same, {})],
        [("norm_pooling", {**pool, "epsilon": 2.0**-10}, {})],
        [("global_average_pooling", {"keepdims": False}, {})],
        [("global_max_pooling", {"keepdims": True}, {})],
        [("global_norm_pooling", {"keepdims": False, "epsilon": 0.0}, {})],
        [("scale", {}, {"factor": random(4), "mean": random(4), "offset": random(1)})],
        [("scale", {}, {"factor": random(1, 5, 1), "offset": random(6, 1, 4)})],
        [("scale", {}, {"factor": np.float32(-1.0)})],
        [("centering", {"axes": (0, 1)}, {})],
        [("centering", {"axes": (2,)}, {})],
        [("repeat", {"times": (2, 3)}, {})],
        [("permute", {"dims": (3, 1, 2)}, {})],
        [("slice", {"slices": ((1, None, 2), (None, -1, None))}, {})],
        [("zero_padding", {"padding": ((1, 0), (2, 1))}, {})],
        [("group_sort", {"size": 2, "pairing": "halves"}, {})],
        [("group_sort", {"size": 2, "pairing": "neighbours"}, {})],
        [("group_sort", {"size": 4, "pairing": "neighbours"}, {})],
        [("sort", {"axis": 0}, {})],
        [("max_min", {"axis": 1}, {})],
        [("p_relu", {}, {"slopes": random(1, 1, 4)})],
        [("dense", {}, {"kernel": random(4, 3), "bias": random(3)})],
        [("activation", {"function": "leaky_relu", "slope": 0.125, "maximum": 0.5}, {})],
        [("identity", {}, {}), ("activation", {"function": "linear"}, {})],
        *([("activation", {"function": function}, {})] for function in [*functions.split(), "hard_silu"]),
        [
            ("reshape", {"shape": (30, 4)}, {}),
            convolution(random(3, 4, 2), padding="causal", dilation_rate=2),
        ],
        [("reshape", {"shape": (3, 2, 5, 4)}, {}), convolution(random(2, 1, 3, 4, 2), padding="same")],
    ]
    nodes = [NetworkNode("input", "input", (), {"shape": (6, 5, 4)})]
    ends = []
    for i, chain in enumerate(images):
        before = "input"
        for j, (kind, parameters, arrays) in enumerate(chain):
            nodes.append(node(f"{kind}_{i}_{j}", kind, (before,), parameters, arrays))
            before = nodes[-1].name
        ends.append(before)
    merged = ("scale_15_0", "scale_16_0", "group_sort_24_0")
    for kind, inputs in {
        "add": merged,
        "subtract": merged[:2],
        "average": merged,
        "maximum": merged,
        "minimum": merged,
        "concatenate": merged,
    }.items():
        nodes.append(node(kind, kind, inputs, {"axis": 1} if kind == "concatenate" else {}))
        ends.append(kind)
    for name in ends:
        nodes.append(node(f"flat_{name}", "reshape", (name,), {"shape": (-1,)}))
    nodes.append(node("joined", "concatenate", tuple(f"flat_{name}" for name in ends), {"axis": -1}))
    return Network(tuple(nodes), "joined")
