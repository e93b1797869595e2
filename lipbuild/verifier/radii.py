"""The head of a model, and what is stated of samples: radii, attacks and accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipbuild.verifier.digests import array_digest
from lipbuild.verifier.errors import RefusedError
from lipbuild.verifier.floats import SLACK, TINY, Array, at_most, gamma, norms
from lipbuild.verifier.forward import batches, run
from lipbuild.verifier.model import Model
from lipbuild.verifier.statement import number, numbers, rows_of, same

_SQRT2 = 1.4142135623730951  # a little more than √2


@dataclass(frozen=True, eq=False)
class Head:
    """z_i − z_j moves by at most distances[i, j] · rest · ‖Δx‖; a single output by rest · ‖Δx‖.

    Args:
        distances: (classes, classes).
        rest: What multiplies them.
    """

    distances: Array
    rest: float


def head_of(model: Model, stated: Mapping[str, Any], constants: Mapping[str, float]) -> Head:
    """The stated head, if it follows from the last layer and the stated constants.

    After a dense layer the distances are those of the columns of its kernel, and the rest is what precedes it; else
    they are √2, and the rest is the whole.

    Raises:
        RefusedError: If less is stated, or the output is no vector.
    """
    needed = least_head(model, constants)
    head = Head(numbers(stated, "distances", "head", needed.distances.shape), number(stated, "rest", "head"))
    if not at_most(needed.rest, head.rest):
        raise RefusedError(
            "head", f"states {head.rest:.17g} for the rest of the model, whose constant is larger"
        )
    within = at_most(needed.distances, head.distances)
    if not within.all():
        i, j = np.argwhere(~within)[0]
        raise RefusedError(
            "head", f"the columns {i} and {j} of the last kernel are further apart than is stated"
        )
    return head


def least_head(model: Model, constants: Mapping[str, float]) -> Head:
    """What a head must state at least.

    Args:
        model: The model.
        constants: A proved constant of each node with respect to the input.

    Raises:
        RefusedError: If the output is no vector.
    """
    source, classes = read_by_head(model), model.shapes[model.output][0]
    if classes == 1:
        distances = np.ones((1, 1))
    elif source != model.output:
        distances = _distances(model.nodes[model.output].arrays["kernel"])
    else:
        distances = _SQRT2 * (1.0 - np.eye(classes))
    return Head(distances, constants[source])


def read_by_head(model: Model) -> str:
    """The node that the last dense layer reads; of a model that ends otherwise, or of one output, its last node.

    Raises:
        RefusedError: If the output is no vector.
    """
    shape, last = model.shapes[model.output], model.nodes[model.output]
    if len(shape) != 1:
        raise RefusedError("head", f"the output has the shape {shape}; radii need a vector")
    return last.inputs[0] if shape[0] > 1 and last.kind == "dense" else last.name


def _distances(kernel: Array) -> Array:
    """‖w_i − w_j‖, exactly 0 for equal columns and rounded up by less than the room of a statement for others."""
    columns = kernel.T
    peak = float(np.max(np.abs(columns))) or 1.0
    rows = []
    for column in columns:
        differences = columns / peak - column / peak
        sums = np.sqrt(np.sum(differences * differences, axis=1)) * (1.0 + gamma(len(kernel) + 8) + 2.0**-48)
        # Dividing by the peak rounds each entry by u at most, relative to a number that is at most 1.
        rows.append(np.where(np.any(columns != column, axis=1), (sums + len(kernel) * 2.0**-52) * peak, 0.0))
    return np.array(rows)


def logits_of(model: Model, gains: Mapping[str, float], samples: Array) -> tuple[Array, Array]:
    """The logits of samples in float64, and how far each sample's may be from the exact ones."""
    nodes = list(model.nodes.values())
    results = [
        run(model, gains, nodes[1:], model.input.name, batch.astype(np.float64))
        if nodes[1:]
        else (batch.astype(np.float64), np.zeros(len(batch)))
        for batch in batches(model, samples)
    ]
    z, e = (np.concatenate(parts) for parts in zip(*results, strict=True))
    return z, e


def check_radii(
    model: Model,
    predicate: Mapping[str, Any],
    head: Head,
    constants: Mapping[str, float],
    served: float | None,
    samples: Array,
    logits: tuple[Array, Array],
) -> NDArray[np.int64]:
    """The predicted classes, −1 where logits are beyond float64, after a check that each stated radius is proved.

    With a margin m = z_i − z_j of logits that are off by e each, the class i cannot become j within
    (m − 2e) / (distance · rest). In float32 served logits may be off by another error each, which is at most the
    stated one for all inputs up to the stated norm.

    Of `guarded` the same is to be proved as of `real`: a guard bounds the error of float32 anew for each input that it
    is given, overflows among it, and computes in float64 or abstains where that bound does not decide.

    Args:
        model: The model.
        predicate: What is stated.
        head: Its head.
        constants: a proved constant of each node with respect to the data.
        served: The stated error of the semantics of float32, infinite where nothing is known; None for other semantics.
        samples: What the model reads.
        logits: What `logits_of` makes of it.

    Raises:
        RefusedError: Naming the first sample whose radius is not proved.
    """
    radii = numbers(predicate["samples"], "radii", "samples", (len(samples),))
    z, e = logits
    known = np.isfinite(z).all(axis=1) & np.isfinite(e)
    if served is not None:
        reach = norms(samples.astype(np.float64)) + radii * constants[model.input.name] * SLACK
        within = at_most(reach, number(predicate["inference"], "input_norm", "inference"))
        e = e + np.where(within, served, np.inf)
    off = 2.0 * e * SLACK
    if z.shape[1] == 1:
        classes = (z[:, 0] > 0.0).astype(np.int64)
        margins, apart = np.abs(z), np.full(z.shape, head.rest)
        off = off / 2.0
    else:
        classes = np.argmax(z, axis=1)
        margins = np.take_along_axis(z, classes[:, None], 1) - z
        apart = head.distances[classes] * head.rest
    # Each number is rounded once or twice, relative to itself, or underflows.
    needed = (radii[:, None] * apart + off[:, None]) * (1.0 + 2.0**-40) + TINY
    fine = at_most(needed, margins * (1.0 - 2.0**-40)) | (radii[:, None] == 0.0)
    if z.shape[1] > 1:
        np.put_along_axis(fine, classes[:, None], True, 1)
    if not fine.all():
        sample = int(np.argmin(fine.all(axis=1)))
        raise RefusedError(f"sample {sample}", f"its radius of {radii[sample]:.17g} is not proved")
    return np.where(known, classes, -1)


def check_attacks(predicate: Mapping[str, Any], radii: Array) -> None:
    """No stored attack lies inside the radius of its sample.

    Raises:
        RefusedError: If one does, or is one on no sample.
    """
    for attack in rows_of(predicate, "attacks"):
        index, distance = attack.get("sample"), number(attack, "distance", "attacks")
        sample = index if type(index) is int and 0 <= index < len(radii) else None
        if sample is None or not at_most(radii[sample], distance):
            raise RefusedError(
                "attacks", f"one at {distance:.17g} lies inside the radius of the sample {index!r:.60}"
            )


def check_accuracy(
    samples: Mapping[str, Any], classes: NDArray[np.int64], labels: NDArray[Any] | None
) -> None:
    """The accuracy is the share of samples whose class is their label.

    Args:
        samples: What is stated of them.
        classes: The predicted ones, −1 where none is known.
        labels: Those of the data, where any are stated.

    Raises:
        RefusedError: If it is another, or about other labels.
    """
    if labels is None or "labels" not in samples:
        if "accuracy" in samples:
            raise RefusedError("samples", "an accuracy is stated, and no labels")
        return
    if samples["labels"] != array_digest(labels):
        raise RefusedError("samples", "the accuracy is about other labels")
    if labels.shape not in {(len(classes),), (len(classes), 1)} or labels.dtype.kind not in "biuf":
        raise RefusedError("samples", f"labels of {labels.shape} are not one for each of the samples")
    if (classes < 0).any():
        raise RefusedError("samples", f"sample {int(np.argmin(classes))} counts, whose class is not known")
    accuracy = float(np.mean(classes == labels.ravel()))
    if not same(samples.get("accuracy"), accuracy):
        raise RefusedError(
            "samples", f"the accuracy is {accuracy:.6g}; {samples.get('accuracy')!r:.60} is stated"
        )
