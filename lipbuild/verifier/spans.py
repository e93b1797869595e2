"""Constants that are stated from one node to another, past those of the nodes between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import SLACK, Array, U, norm
from lipbuild.verifier.forward import run
from lipbuild.verifier.function_kinds import MONOTONE
from lipbuild.verifier.kinds import KINDS
from lipbuild.verifier.model import Model
from lipbuild.verifier.nodes import Node
from lipbuild.verifier.proofs import norm_at_most
from lipbuild.verifier.slopes import Spans, changes_of_nodes
from lipbuild.verifier.statement import number

_MOST_INPUTS, _MOST_ENTRIES, _MOST_COLUMNS = 2**14, 2**24, 256
_GEOMETRY = ("strides", "padding", "dilation", "groups")


def span_at_most(
    model: Model,
    gains: Mapping[str, float],
    source: str,
    target: str,
    proof: Mapping[str, Any],
    others: Spans = (),
) -> bool:
    """Whether the constant from one node to another is proved to be at most the stated `upper`.

    Args:
        model: The model.
        gains: a proved constant of each node on one input.
        source: The one.
        target: The other.
        proof: What is stated of it.
        others: Spans that are proved, on which one by slopes may rest.

    Raises:
        RefusedError: If the rule is not known, or the nodes are not what it needs.
    """
    if source not in model.nodes or target not in model.nodes:
        raise RefusedError("spans", f"there is no node {source!r} or {target!r}")
    if proof.get("rule") == "explicit":
        return _explicit(model, gains, source, target, number(proof, "upper", target))
    if proof.get("rule") == "residual block":
        return _residual(model, source, target, proof)
    if proof.get("rule") == "slopes":
        return _slopes(model, gains, source, target, number(proof, "upper", target), others)
    raise RefusedError(target, f"{proof.get('rule')!r} is not a rule for a span")


def _slopes(
    model: Model, gains: Mapping[str, float], source: str, target: str, bound: float, others: Spans
) -> bool:
    """From the input to the output: one input after the other, by the greatest size of each output's slope in it."""
    shape = model.shapes[source]
    if (source, target) != (model.input.name, model.output) or len(shape) != 1 or shape[0] > _MOST_COLUMNS:
        raise RefusedError(
            target, f"slopes are those of the output in a vector of {_MOST_COLUMNS} inputs or fewer"
        )
    found = changes_of_nodes(model, gains, others, np.eye(shape[0]))[model.output]
    return bool(np.isfinite(found.greatest).all()) and norm_at_most(found.greatest[None], bound)


def _explicit(model: Model, gains: Mapping[str, float], source: str, target: str, bound: float) -> bool:
    """A part that is affine as a whole, by the images of the unit vectors, which are off by their radii."""
    needed, part = {target}, []
    for node in reversed(list(model.nodes.values())):
        if node.name in needed and node.name != source:
            if not KINDS[node.kind].affine or "factor_error" in node.options:
                raise RefusedError(
                    target, f"`{node.name}` is not affine with known weights, or does not read {source!r}"
                )
            part.append(node)
            needed.update(node.inputs)
    shape = model.shapes[source]
    count = math.prod(shape)
    if count > _MOST_INPUTS or count * math.prod(model.shapes[target]) > _MOST_ENTRIES or not part:
        raise RefusedError(target, f"a matrix of {count} inputs is too large to be checked")
    rows, radii = [], []
    for start in range(0, count, 64):
        units = np.eye(min(64, count - start), count, start)
        values, radius = run(model, gains, part[::-1], source, units.reshape(-1, *shape), linear=True)
        rows.append(values.reshape(len(values), -1))
        radii.append(radius)
    left = (bound - norm(np.concatenate(radii))) * (1.0 - 4.0 * U)
    return left >= 0.0 and norm_at_most(np.concatenate(rows)[None], left)


def _residual(model: Model, source: str, target: str, proof: Mapping[str, Any]) -> bool:
    """x − B σ(Wᵀx + b) with slopes of σ in [0, 1] and B = W R² + E for a positive diagonal R.

    The derivative is (I − W R S R Wᵀ) − (E R⁻¹) S (R Wᵀ) with S between 0 and I. With ρ = ‖W R‖ and ε = ‖E R⁻¹‖ it
    has at most the norm max(1, ρ² − 1) + ρ ε. If ρ² < 2, then for a unit vector x and t = ‖S R Wᵀx‖ the first part
    has at most the squared norm 1 − (2 − ρ²) t², the second at most ε t, and by Cauchy and Schwarz
    √(1 − (2 − ρ²) t²) + ε t <= √(1 + ε²/(2 − ρ²)). The two norms are stated, and are proved here.
    """
    into, back, sign = _block(model, source, target)
    w = into.arrays["kernel"]
    b = sign * (back.arrays["kernel"].T if back.kind == "dense" else back.arrays["kernel"])
    axes = tuple(range(w.ndim - 1))
    if w.shape != b.shape:
        raise RefusedError(target, "the two kernels of the block do not fit")
    with np.errstate(all="ignore"):
        roots = np.sqrt(np.sum(w * b, axis=axes) / np.sum(w * w, axis=axes))
    # What reads nothing is a constant; for what writes nothing any R will do.
    reads = np.any(w != 0.0, axis=axes)
    roots = np.where(np.any(b != 0.0, axis=axes), roots, 2.0**-100)[reads]
    w, b = w[..., reads], b[..., reads]
    if not (np.isfinite(roots).all() and (roots > 0.0).all()):
        return False
    through, wrong = w * roots, (b - w * (roots * roots)) / roots
    # A few roundings of each entry; a kernel of Frobenius norm ε has at most the norm ε √taps as a convolution.
    taps = math.sqrt(math.prod(w.shape[:-2]))
    off = 8.0 * U * taps * (norm(through) + norm(wrong)) * SLACK
    sizes = []
    for name, kernel in (("through", through), ("wrong", wrong)):
        stated = proof.get(name)
        if not isinstance(stated, Mapping):
            raise RefusedError(target, f"the norm `{name}` is missing")
        size = number(stated, "upper", target)
        if not _kernel_at_most(model, into, kernel, (size - off) * (1.0 - 4.0 * U), stated):
            return False
        sizes.append(Fraction(size))
    upper, (rho, epsilon) = Fraction(number(proof, "upper", target)), sizes
    if max(Fraction(1), rho**2 - 1) + rho * epsilon <= upper:
        return True
    return rho**2 < 2 and 1 + epsilon**2 / (2 - rho**2) <= upper**2


def _kernel_at_most(model: Model, into: Node, kernel: Array, bound: float, proof: Mapping[str, Any]) -> bool:
    """The operation into the hidden channels with another kernel."""
    if proof.get("rule") not in KINDS[into.kind].rules:
        raise RefusedError(into.name, f"{proof.get('rule')!r:.60} is not a rule for the norms of a block")
    if kernel.size == 0 or not np.any(kernel):
        return bound >= 0.0
    other = Node(into.name, into.kind, into.inputs, into.options, {"kernel": kernel})
    return bound >= 0.0 and KINDS[into.kind].at_most(other, model.read_by(into), bound, proof)


def _block(model: Model, source: str, target: str) -> tuple[Node, Node, float]:
    """What leads into the hidden channels and back, and the sign of B: a sum counts it the other way."""
    node = model.nodes[target]
    if node.kind in {"subtract", "add"} and len(node.inputs) == 2:
        orders = [node.inputs] if node.kind == "subtract" else [node.inputs, node.inputs[::-1]]
        for first, branch in orders:
            back = model.nodes[branch]
            if first != source or back.kind not in {"dense", "transposed_convolution"}:
                continue
            middle = model.nodes[back.inputs[0]]
            if middle.kind != "activation" or not _monotone(middle):
                continue
            into = model.nodes[middle.inputs[0]]
            kinds = (into.kind, back.kind)
            fits = kinds == ("dense", "dense") or (
                kinds == ("convolution", "transposed_convolution")
                and all(into.options[key] == back.options[key] for key in _GEOMETRY)
            )
            if fits and into.inputs == (source,):
                return into, back, 1.0 if node.kind == "subtract" else -1.0
    raise RefusedError(target, f"is not the end of a residual block that starts at {source!r}")


def _monotone(node: Node) -> bool:
    o = node.options
    if o["function"] == "leaky_relu":
        return bool(0.0 <= o.get("slope", 0.2) <= 1.0)
    return bool(o["function"] in MONOTONE and 0.0 <= o.get("alpha", 1.0) <= 1.0)
